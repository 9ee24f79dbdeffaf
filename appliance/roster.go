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
	Text  string       `json:"text,omitempty" maxLength:"1000000" doc:"Names, one on each line, or a table from a spreadsheet"`
	Files []ImportFile `json:"files,omitempty" maxItems:"10" doc:"XLSX, ODS or CSV, or OneRoster CSV, also as a ZIP"`
	// Tables say what the columns are, where the box is not sure.
	Tables     []ImportTable `json:"tables,omitempty" maxItems:"50" doc:"What the columns of tables are, as the preview proposes them or corrected"`
	Pupils     []ImportLine  `json:"pupils,omitempty" maxItems:"5000" doc:"Doubtful lines that are pupils; the others are left out"`
	ClassID    ClassID       `json:"class_id,omitempty"`
	NewClass   string        `json:"new_class,omitempty" maxLength:"200" doc:"Name of a class to make"`
	SkipErrors bool          `json:"skip_errors,omitempty" doc:"Leave out lines with problems"`
}

// ImportFile is one file of a roster.
type ImportFile struct {
	Name    string `json:"name" maxLength:"300"`
	Content []byte `json:"content" doc:"Base64"`
}

// ImportPreview says what an import would do.
type ImportPreview struct {
	Rows    []ImportRow   `json:"rows"`
	Tables  []ImportTable `json:"tables,omitempty" doc:"What the box takes the columns for"`
	Add     int           `json:"add" doc:"New pupils"`
	Join    int           `json:"join" doc:"Pupils who are there and join a class"`
	Same    int           `json:"same" doc:"Pupils who are there already"`
	Changed int           `json:"changed" doc:"Of those who are there: known under another name, which they keep"`
	Left    int           `json:"left" doc:"Lines that are no pupils: staff, sums, headings"`
	Ask     int           `json:"ask" doc:"Doubtful lines, left out unless the request names them as pupils"`
	Errors  int           `json:"errors"`
	Unsure  bool          `json:"unsure,omitempty" doc:"Somebody has to say what the columns are before the list can be loaded"`
}

// ImportTable says what the columns of one table of a roster are.
type ImportTable struct {
	File    string         `json:"file,omitempty" maxLength:"300"`
	Sheet   string         `json:"sheet,omitempty" maxLength:"300"`
	Header  int            `json:"header,omitempty" minimum:"0" doc:"1-based row that names the columns; 0 if none does"`
	Columns []ImportColumn `json:"columns" maxItems:"100"`
	Skip    bool           `json:"skip,omitempty" doc:"There are no pupils in it"`
	Sure    bool           `json:"sure,omitempty" doc:"The box is sure, or somebody has said so"`
	Sample  [][]string     `json:"sample,omitempty" doc:"Its first rows, in a preview"`
}

// ImportColumn is what one column holds.
type ImportColumn struct {
	Title   string `json:"title,omitempty"`
	Meaning string `json:"meaning" enum:"name,first,last,class,id,role,none"`
	Sure    bool   `json:"sure,omitempty"`
}

// ImportLine is a line of a roster.
type ImportLine struct {
	File  string `json:"file,omitempty" maxLength:"300"`
	Sheet string `json:"sheet,omitempty" maxLength:"300"`
	Line  int    `json:"line"`
}

// ImportRow is one line of a roster.
type ImportRow struct {
	Line       int              `json:"line"`
	File       string           `json:"file,omitempty"`
	Sheet      string           `json:"sheet,omitempty"`
	Name       string           `json:"name"`
	Class      string           `json:"class,omitempty"`
	ExternalID string           `json:"external_id,omitempty"`
	KnownAs    string           `json:"known_as,omitempty" doc:"The name that the box has for this identifier, if it is another"`
	Action     string           `json:"action,omitempty" enum:"add,join,same,left,ask"`
	Why        *problem.Problem `json:"why,omitempty" doc:"Of a line that is left out, or asked about"`
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
