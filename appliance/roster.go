package appliance

import (
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Import is one loading of a roster, which can be undone.
type Import struct {
	ID        string     `json:"id"`
	By        UserRef    `json:"by"`
	Added     int        `json:"added" doc:"Pupils made"`
	Joined    int        `json:"joined" doc:"Pupils who existed and joined a class"`
	CreatedAt time.Time  `json:"created_at"`
	UndoneAt  *time.Time `json:"undone_at,omitempty"`
}

// ImportRequest is a roster: a pasted text or files, for one class, a new one,
// or the classes that it names.
type ImportRequest struct {
	Text       string       `json:"text,omitempty" maxLength:"1000000" doc:"Names, one on each line, or a table from a spreadsheet"`
	Files      []ImportFile `json:"files,omitempty" maxItems:"10" doc:"CSV, or OneRoster CSV, also as a ZIP"`
	ClassID    ClassID      `json:"class_id,omitempty"`
	NewClass   string       `json:"new_class,omitempty" maxLength:"200" doc:"Name of a class to make"`
	SkipErrors bool         `json:"skip_errors,omitempty" doc:"Leave out lines with problems"`
}

// ImportFile is one file of a roster.
type ImportFile struct {
	Name    string `json:"name" maxLength:"300"`
	Content []byte `json:"content" doc:"Base64"`
}

// ImportPreview says what an import would do.
type ImportPreview struct {
	Rows   []ImportRow `json:"rows"`
	Add    int         `json:"add"`
	Join   int         `json:"join"`
	Same   int         `json:"same"`
	Errors int         `json:"errors"`
}

// ImportRow is one line of a roster.
type ImportRow struct {
	Line       int              `json:"line"`
	File       string           `json:"file,omitempty"`
	Name       string           `json:"name"`
	Class      string           `json:"class,omitempty"`
	ExternalID string           `json:"external_id,omitempty"`
	Action     string           `json:"action,omitempty" enum:"add,join,same"`
	Problem    *problem.Problem `json:"problem,omitempty"`
}

// RosterChange is what an import does, all or nothing.
type RosterChange struct {
	By       UserID
	Add      []NewUser // a class without an id is one of Classes, by its name
	Joins    map[UserID][]ClassRef
	Classes  []Class  // to be made
	Teachers []UserID // of these
}
