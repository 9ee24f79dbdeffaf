package sqlite

import "github.com/bwenge-os/bwenge/internal/text"

// fold makes text comparable for a search by hand; SQL knows it as fold().
var fold = text.Fold
