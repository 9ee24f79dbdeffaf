package appliance

import "strings"

// Place is where in a source a passage stands. Zero fields are unknown.
type Place struct {
	Page    int     `json:"page,omitempty" doc:"1-based page of a document or book chapter number"`
	Slide   int     `json:"slide,omitempty" doc:"1-based slide"`
	Sheet   string  `json:"sheet,omitempty" doc:"Name of a spreadsheet's sheet"`
	Article string  `json:"article,omitempty" doc:"Title of an encyclopedia's article"`
	Start   float64 `json:"start,omitempty" doc:"Seconds from the start of a recording"`
	End     float64 `json:"end,omitempty" doc:"Seconds; 0 if the source is not a recording"`
}

// Section is a stretch of a source's text as its reader found it: a page, a
// slide, a chapter, a heading's paragraphs, a table or a spoken sentence.
// Paragraphs within Text are separated by a blank line; the items of a list are
// lines of one paragraph, which begins with the sentence that introduces them.
type Section struct {
	Text    string   `json:"text"`
	Heading string   `json:"heading,omitempty" doc:"Headings above it, outermost first, joined by ' › '"`
	Place   Place    `json:"place"`
	Table   *Table   `json:"table,omitempty" doc:"Set if the section is a table, or a stretch of a long one; Text says the same in lines"`
	TeX     []string `json:"tex,omitempty" doc:"Its formulas as TeX, in order"`
	Doubt   string   `json:"doubt,omitempty" doc:"Why it may have been misread: ocr, symbols, formula, columns"`
}

// HeadingSeparator stands between the headings of a path.
const HeadingSeparator = " › "

// Table is a table of a source, or a stretch of a long one.
type Table struct {
	Caption string     `json:"caption,omitempty"`
	Columns []string   `json:"columns,omitempty" doc:"Names of the columns; absent if the table has no header row"`
	Rows    [][]string `json:"rows" doc:"A merged cell's value stands in every row and column that it covers"`
	Repeats [][]int    `json:"repeats,omitempty" doc:"By row: the columns whose value only repeats a merged cell"`
	Part    int        `json:"part,omitempty" doc:"0-based; the parts of a long table follow each other and have the same columns"`
}

// Lines returns the table as text: its caption, its columns, and a line for
// each row, cells separated by " | ".
func (t Table) Lines() []string {
	lines := make([]string, 0, len(t.Rows)+2)
	if t.Caption != "" {
		lines = append(lines, t.Caption)
	}
	if len(t.Columns) > 0 {
		lines = append(lines, RowText(t.Columns))
	}
	for _, row := range t.Rows {
		lines = append(lines, RowText(row))
	}
	return lines
}

// RowText writes the cells of a row as a line: empty cells at the end are left
// out.
func RowText(cells []string) string {
	last := len(cells)
	for last > 0 && cells[last-1] == "" {
		last--
	}
	return strings.Join(cells[:last], " | ")
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
	Table    *Table    `json:"table,omitempty" doc:"The rows, if the passage is a piece of a table"`
	Wrong    *Wrong    `json:"wrong,omitempty" doc:"Set if a teacher has marked it as wrong"`
	TableNo  int       `json:"-"` // which of the source's tables, from 1; 0 if none
	Marks    []Mark    `json:"-"` // when its sentences are spoken
	Tokens   int       `json:"-"` // by the embedding model's tokenizer
	Vector   []float32 `json:"-"` // unit length
}

// Mark says when a sentence of a recording's chunk is spoken.
type Mark struct {
	At         int     `json:"at"` // its first byte in the chunk's text
	Start, End float64 // seconds
}

// Passage is a chunk that retrieval found, with the source it stands in.
type Passage struct {
	Chunk
	SourceTitle string  `json:"source_title"`
	SourceKind  Kind    `json:"source_kind"`
	MediaType   string  `json:"media_type,omitempty"`
	Score       float64 `json:"score" doc:"0 to 1, higher is better; comparable only within one answer"`
	NoVector    bool    `json:"-"` // its vector is yet to be made: only its words were compared
}

// Hit is a chunk that one part of a search found. Scores of different parts do
// not compare.
type Hit struct {
	ChunkID int64
	Score   float64
}
