package appliance

// TextPage is a page of a source's text as it was read: a page, a slide, a
// sheet, a minute, or, where a format has none of these, a stretch of it.
type TextPage struct {
	Number   int       `json:"number" doc:"1-based, as it was read"`
	Position int       `json:"position,omitempty" doc:"1-based, in the order of the pages; only in a list"`
	Key      string    `json:"-"` // names the page; the same each time that the source is read
	Place    Place     `json:"place"`
	Doubts   int       `json:"doubts,omitempty" doc:"Places that may be misread"`
	Mended   bool      `json:"mended,omitempty" doc:"A teacher has changed its text"`
	Moved    bool      `json:"moved,omitempty" doc:"A teacher has changed its place among the pages"`
	Turn     *int      `json:"turn,omitempty" doc:"Degrees clockwise that a teacher has turned it by; absent if the box judges for itself"`
	Sections []Section `json:"sections,omitempty" doc:"Only where one page is asked for"`
}

// TextFilter narrows a list of pages.
type TextFilter struct {
	From     int  // position in the order of the pages, from 0
	Limit    int  // 1 to 100
	Doubtful bool // only pages with places that may be misread
}

// PageChange is what a teacher does to one page of a source.
type PageChange struct {
	Number int // of the page
	// One of these is set.
	Text *PageText // its text
	Turn *int      // degrees clockwise to turn it by before it is read again
	Move int       // places to move it by, down if positive
	Undo bool      // back to what was read
}

// PageText is a page's text in the form in which it is stored.
type PageText struct{ Data []byte }
