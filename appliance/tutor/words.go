package tutor

import "github.com/bwenge-os/bwenge/internal/text"

// The languages that the tutor has sentences for.
const (
	english     = text.English
	french      = text.French
	swahili     = text.Swahili
	kinyarwanda = text.Kinyarwanda
)

// What is used of package text on every page here, where nearly every function
// has a text of its own.
var (
	fold       = text.Fold
	words      = text.Words
	terms      = text.Terms
	stem       = text.Stem
	stems      = text.Stems
	stopWord   = text.StopWord
	hasDigit   = text.HasDigit
	sentences  = text.Sentences
	languageOf = text.Language
	shorten    = text.Shorten
	set        = text.Set
)
