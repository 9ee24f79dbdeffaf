package tutor

import "github.com/bwenge-os/bwenge/appliance"

// Evidence is what a search says about whether the material holds an answer.
// docs/evaluation.md has the figures behind the constants.
type Evidence struct {
	Cosine     float64 `json:"cosine"`     // of the passage nearest to the question
	Background float64 `json:"background"` // cosine that passages beside the point reach on this question
	Coverage   float64 `json:"coverage"`   // share of the question's term weight that the best passage holds
	Foreign    bool    `json:"foreign"`    // question and best passage are in different languages
	Score      float64 `json:"score"`      // log odds that the material holds the answer, more or less
	Answerable bool    `json:"answerable"`
}

// The background is the mean cosine of the passages ranked 20 to 50, nearer the
// top where there are few, mixed with what it is on average: as many
// observations of backgroundMean as backgroundWeight says, so that a box with
// one small file judges soberly too.
const (
	backgroundMean   = 0.77
	backgroundWeight = 8
)

// A logistic regression. Each term is one reason to believe that the answer is
// there: a passage close in meaning, closer than the rest, and holding the
// question's words. A question in another language than the material's reaches
// less of each; the last term makes up for it.
const (
	perCosine   = 23.7
	perGap      = 47.8
	perCoverage = 3.54
	forForeign  = 2.4
	intercept   = -23.38
)

// weigh judges the passages found; near are the nearest chunks by cosine.
func (f found) weigh(near []appliance.Hit) Evidence {
	if len(f.passages) == 0 {
		return Evidence{}
	}
	best := f.passages[0]
	e := Evidence{
		Background: background(near, f.chunks),
		Coverage:   coverage(f.asked, stems(best.Heading+"\n"+best.Text), f.weights),
	}
	if len(near) > 0 {
		e.Cosine = near[0].Score
	}
	spoken := languageOf(best.Text)
	e.Foreign = f.language != "" && spoken != "" && f.language != spoken
	e.Score = intercept + perCosine*e.Cosine + perGap*(e.Cosine-e.Background) + perCoverage*e.Coverage
	if e.Foreign {
		e.Score += forForeign
	}
	e.Answerable = e.Score > 0
	return e
}

func background(near []appliance.Hit, chunks int) float64 {
	from := min(20, (chunks+7)/8, len(near))
	to := min(50, (chunks+2)/3, len(near))
	sum := backgroundMean * backgroundWeight
	for _, h := range near[from:max(from, to)] {
		sum += h.Score
	}
	return sum / float64(backgroundWeight+max(from, to)-from)
}
