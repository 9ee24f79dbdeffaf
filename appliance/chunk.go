package appliance

// Place is where in a source a passage stands. Zero fields are unknown.
type Place struct {
	Page  int     `json:"page,omitempty" doc:"1-based page of a document or book chapter number"`
	Slide int     `json:"slide,omitempty" doc:"1-based slide"`
	Sheet string  `json:"sheet,omitempty" doc:"Name of a spreadsheet's sheet"`
	Start float64 `json:"start,omitempty" doc:"Seconds from the start of a recording"`
	End   float64 `json:"end,omitempty" doc:"Seconds; 0 if the source is not a recording"`
}

// Section is a stretch of a source's text as its reader found it: a page, a
// slide, a chapter, a heading's paragraphs or a spoken segment. Paragraphs
// within Text are separated by a blank line.
type Section struct {
	Text    string `json:"text"`
	Heading string `json:"heading,omitempty" doc:"Headings above it, outermost first, joined by ' › '"`
	Place   Place  `json:"place"`
}

// Chunk is a passage of a source, small enough for the embedding model.
type Chunk struct {
	ID       int64     `json:"id"`
	SourceID string    `json:"source_id"`
	Seq      int       `json:"seq" doc:"0-based position within the source"`
	Text     string    `json:"text"`
	Heading  string    `json:"heading,omitempty"`
	Place    Place     `json:"place"`
	Language string    `json:"language,omitempty"`
	Tokens   int       `json:"-"` // by the embedding model's tokenizer
	Vector   []float32 `json:"-"` // unit length
}

// Passage is a chunk that retrieval found, with the source it stands in.
type Passage struct {
	Chunk
	SourceTitle string  `json:"source_title"`
	SourceKind  Kind    `json:"source_kind"`
	MediaType   string  `json:"media_type,omitempty"`
	Score       float64 `json:"score" doc:"0 to 1, higher is better; comparable only within one answer"`
}

// Hit is a chunk that one part of a search found. Scores of different parts do
// not compare.
type Hit struct {
	ChunkID int64
	Score   float64
}
