package appliance

import "github.com/bwenge-os/bwenge/internal/text"

// Evidence is what a search says about whether the material holds an answer.
// docs/evaluation.md has the figures behind it.
type Evidence struct {
	Cosine     float64 `json:"cosine"`     // of the passage nearest to the question
	Background float64 `json:"background"` // cosine that passages beside the point reach on this question
	Coverage   float64 `json:"coverage"`   // share of the question's term weight that the best passage holds
	Foreign    bool    `json:"foreign"`    // question and best passage are in different languages
	Score      float64 `json:"score"`      // above 0: the material holds an answer; log odds, more or less
	Answerable bool    `json:"answerable"`
}

// Finding is what a search brought back, with what later steps need of it.
type Finding struct {
	Query    string       // the question as it was searched
	Language string       // of the question, empty if unknown
	Terms    []string     // its content words
	Weights  text.Weights // of its words in this material
	Chunks   int          // in all of the material
	Passages []Passage    // best first
	Evidence Evidence
	Vector   []float32 // of the query, nil without an embedding model
	Near     []Hit     // the nearest chunks by cosine
}

// Found is what a search would bring, and why, as a teacher sees it.
type Found struct {
	Query      string   `json:"query" doc:"The question as it was searched, with its spelling mended"`
	Language   string   `json:"language,omitempty" doc:"Of the question, empty if unknown"`
	Answerable bool     `json:"answerable" doc:"Whether the tutor would answer from these"`
	Score      float64  `json:"score" doc:"Above 0: answerable"`
	Hits       []Reason `json:"hits" doc:"Best first"`
}

// Reason is a passage with what spoke for it.
type Reason struct {
	Passage
	Meaning float64  `json:"meaning" doc:"Cosine of question and passage, 0 if it was not among the nearest"`
	Words   float64  `json:"words" doc:"Share of the question's weight that its words hold"`
	Matched []string `json:"matched" doc:"Words of the question that stand in it"`
}
