package tutor

import "github.com/bwenge-os/bwenge/appliance"

// Evidence is what a search says about whether the material holds an answer.
type Evidence struct {
	Cosine     float64 `json:"cosine"`     // of the nearest passage
	Background float64 `json:"background"` // mean cosine of ranks 20 to 50: what unrelated passages reach
	Coverage   float64 `json:"coverage"`   // share of the question's term weight that the best passage holds
	Answerable bool    `json:"answerable"`
}

// weigh judges what was found.
func (f found) weigh(near []appliance.Hit) Evidence {
	var e Evidence
	if len(f.passages) == 0 {
		return e
	}
	if len(near) > 0 {
		e.Cosine = near[0].Score
	}
	e.Coverage = coverage(f.asked, stems(f.passages[0].Text), f.weights)
	e.Answerable = true
	return e
}
