package retrieval

import (
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// scale is a logistic regression: each term is one reason to believe that the
// answer is there. A passage is close in meaning to the question, closer than
// the rest, and holds its words.
type scale struct{ perCosine, perGap, perCoverage, intercept float64 }

func (s scale) of(e appliance.Evidence) float64 {
	return s.intercept + s.perCosine*e.Cosine + s.perGap*(e.Cosine-e.Background) + s.perCoverage*e.Coverage
}

// calibration is what cosines mean, which differs from one embedding model to
// the next. docs/evaluation.md says how the figures were fitted.
type calibration struct {
	// words is how much a passage that holds every word of the question gains
	// over one that holds none, as a difference of cosines.
	words float64
	// native judges evidence in the question's own language. Across languages
	// how close texts come depends on the two languages more than on the
	// subject, so foreign looks only at the distance to the rest.
	native, foreign scale
	// The background is the mean cosine of the passages ranked 20 to 50, nearer
	// the top where there are few, mixed with what it is on average: as many
	// observations of mean as weight says, so that a box with one small file
	// judges soberly too.
	mean, weight float64
}

var (
	calibrations = map[string]calibration{
		"multilingual-e5-small": {
			words:   0.12,
			native:  scale{perCosine: 66.8, perGap: 21.9, perCoverage: 6.19, intercept: -59.11},
			foreign: scale{perGap: 80.3, perCoverage: 2.77, intercept: -3.64},
			mean:    0.77, weight: 8,
		},
	}
	// byWords judges without cosines: by a third of the question's weight. It
	// serves when the embedding model is down, and models without a calibration.
	byWords      = scale{perCoverage: 10, intercept: -3.5}
	uncalibrated = calibration{words: 0.5, native: byWords, foreign: byWords}
)

func calibrationOf(model string) calibration {
	if c, ok := calibrations[model]; ok {
		return c
	}
	return uncalibrated
}

// weigh judges the passages found. Without nearest chunks, because there was no
// embedding model to ask, it goes by words alone, and so it does for a passage
// whose vector is yet to be made.
func weigh(f appliance.Finding, c calibration) appliance.Evidence {
	if len(f.Passages) == 0 {
		return appliance.Evidence{}
	}
	best := f.Passages[0]
	spoken := text.Language(best.Text)
	e := appliance.Evidence{
		Coverage: f.Weights.Coverage(text.Subjects(f.Terms), text.Stems(best.Heading+"\n"+best.Text)),
		Foreign:  f.Language != "" && spoken != "" && f.Language != spoken,
	}
	judge := c.native
	if e.Foreign {
		judge = c.foreign
	}
	if len(f.Near) == 0 || best.NoVector { // the nearest says nothing of the best
		judge = byWords
	} else {
		e.Cosine, e.Background = nearest(f), c.background(f.Near, f.Chunks)
	}
	e.Score = judge.of(e)
	e.Answerable = e.Score > 0 && (e.Foreign || e.Score >= doubtful || e.Coverage >= plain)
	if e.Score > -1 && e.Coverage >= plain && len(f.Passages) > 1 && best.Score-f.Passages[1].Score >= standout {
		e.Answerable = true
	}
	return e
}

// standout is by how much a passage that holds most of the question's words may be
// ahead of all others, so that it needs no more: a name that is told of in one place.
const standout = 0.05

// nearest is the best cosine of the passages found: what is near but no passage, a
// page of titles, speaks for nothing.
func nearest(f appliance.Finding) float64 {
	for _, h := range f.Near { // nearest first
		if slices.ContainsFunc(f.Passages, func(p appliance.Passage) bool { return p.ID == h.ChunkID }) {
			return h.Score
		}
	}
	return f.Near[0].Score
}

// Between sure and not there, a passage in the question's own language has to hold
// its words: a question about what the material lacks ("the price of a net") comes
// as close in meaning as one that uses other words (docs/evaluation.md).
const doubtful, plain = 2.0, 0.6

func (c calibration) background(near []appliance.Hit, chunks int) float64 {
	from := min(20, (chunks+7)/8, len(near))
	to := max(from, min(50, (chunks+2)/3, len(near)))
	sum, n := c.mean*c.weight, c.weight
	for _, h := range near[from:to] {
		sum += h.Score
		n++
	}
	if n == 0 {
		return near[len(near)-1].Score
	}
	return sum / n
}
