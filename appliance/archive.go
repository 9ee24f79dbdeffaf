package appliance

// Archive is what a ZIM file (an offline encyclopedia) says of itself. A teacher
// reads it before anything is taken in.
type Archive struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Language    string `json:"language,omitempty" doc:"As the archive says it, mostly ISO 639-3"`
	Creator     string `json:"creator,omitempty"`
	Publisher   string `json:"publisher,omitempty"`
	License     string `json:"license,omitempty"`
	Date        string `json:"date,omitempty"`

	Entries   int `json:"entries" doc:"Everything that has an address in it"`
	Articles  int `json:"articles"`
	Redirects int `json:"redirects" doc:"Other names of articles"`
	Pictures  int `json:"pictures"`
	Media     int `json:"media" doc:"Sound and video, which are not taken in"`
	Others    int `json:"others" doc:"Styles, scripts, indexes and parts of pages"`
	Broken    int `json:"broken,omitempty" doc:"Entries that cannot be read"`

	Categories    []string `json:"categories,omitempty" doc:"By which a part can be chosen; the first of them"`
	CategoryCount int      `json:"category_count,omitempty"`
}

// ArchiveSample is what reading a few of the articles that a selection matches
// was like.
type ArchiveSample struct {
	Selected int     `json:"selected"` // articles that the selection matches
	Articles int     `json:"articles"` // that were read
	Sections int     `json:"sections"` // in them
	Text     int64   `json:"text"`     // bytes in them
	Seconds  float64 `json:"seconds"`  // that it took
}

// ArchiveSelection says which articles of an archive are taken in. The zero
// value takes all.
type ArchiveSelection struct {
	Categories []string `json:"categories,omitempty" maxItems:"50" doc:"Articles that one of these lists, and those of the categories below it"`
	Prefixes   []string `json:"prefixes,omitempty" maxItems:"50" doc:"Articles whose title begins with one of these"`
	First      int      `json:"first,omitempty" minimum:"0" doc:"Of those, only so many; 0 for all"`
}

// ArchiveEstimate is what a selection will cost.
type ArchiveEstimate struct {
	Articles      int     `json:"articles"`
	Passages      int     `json:"passages" doc:"A guess, from a sample of the articles"`
	DiskBytes     int64   `json:"disk_bytes" doc:"What their text, words and vectors will take"`
	FreeBytes     int64   `json:"free_bytes" doc:"What the box has left for them"`
	Fits          bool    `json:"fits"`
	TextSeconds   float64 `json:"text_seconds" doc:"Until everything can be found by its words"`
	VectorSeconds float64 `json:"vector_seconds" doc:"Until everything can be found by its meaning as well, while nobody asks"`
}

// ArchiveState is an archive of the material: what it is and what was chosen.
type ArchiveState struct {
	Archive
	Whole     ArchiveEstimate   `json:"whole" doc:"What taking all of it in would cost"`
	Selection *ArchiveSelection `json:"selection,omitempty" doc:"Absent until somebody has chosen"`
	Chosen    int               `json:"chosen,omitempty" doc:"Articles that the selection matched"`
	Done      int               `json:"done,omitempty" doc:"Of those, how many are in"`
}
