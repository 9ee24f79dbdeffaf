package appliance

import (
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Status is where a source stands on its way to being usable.
type Status string

const (
	StatusQueued     Status = "queued"
	StatusProcessing Status = "processing"
	StatusReady      Status = "ready"
	StatusFailed     Status = "failed"
	StatusCancelled  Status = "cancelled"
	// StatusChoosing waits for somebody to say which part of an archive is
	// taken in.
	StatusChoosing Status = "choosing"
)

// Ended reports whether the box has finished with a source of this status.
func (s Status) Ended() bool {
	return s == StatusReady || s == StatusFailed || s == StatusCancelled
}

// Step is what the box is doing with a source that is being processed.
type Step string

const (
	StepReading      Step = "reading"      // text out of a document
	StepTranscribing Step = "transcribing" // words out of a recording
	StepIndexing     Step = "indexing"     // chunks into vectors
)

// Kind is the family of a source, from its content and not its name.
type Kind string

const (
	KindPDF   Kind = "pdf"
	KindDoc   Kind = "document" // DOCX, ODT, RTF
	KindDeck  Kind = "slides"   // PPTX, ODP
	KindSheet Kind = "sheet"    // XLSX, ODS, CSV
	KindBook  Kind = "book"     // EPUB
	KindPage  Kind = "page"     // HTML
	KindText  Kind = "text"     // text, Markdown
	KindImage Kind = "image"
	KindAudio Kind = "audio"
	KindVideo Kind = "video"
	// KindArchive is a ZIM file: an offline encyclopedia or dictionary.
	KindArchive Kind = "archive"
)

// Source is a piece of teachers' material.
type Source struct {
	ID           string `json:"id"`
	Title        string `json:"title" doc:"The file's name, made safe to show"`
	Kind         Kind   `json:"kind,omitempty" doc:"Empty until the content has been looked at"`
	MediaType    string `json:"media_type,omitempty"`
	Bytes        int64  `json:"bytes"`
	SHA256       string `json:"sha256"`
	Language     string `json:"language,omitempty" doc:"ISO 639-1 code of most of its text, empty if unknown"`
	ToldLanguage string `json:"told_language,omitempty" doc:"The language that a teacher said it is in; empty to go by its text"`
	Subject      string `json:"subject,omitempty"`
	Grade        string `json:"grade,omitempty"`
	Folder       string `json:"folder,omitempty" doc:"Where it lay, or was put: names joined by '/'"`

	Status      Status           `json:"status"`
	Step        Step             `json:"step,omitempty" doc:"What the box is doing with it; an archive that is ready may still be worked on"`
	Progress    float64          `json:"progress" doc:"0 to 1"`
	SecondsLeft *float64         `json:"seconds_left,omitempty" doc:"A realistic guess; absent when there is none"`
	Problem     *problem.Problem `json:"problem,omitempty" doc:"Why it failed, and what to do"`
	Notices     []Notice         `json:"notices,omitempty" doc:"What was left out of a source that is ready"`

	Contents  map[string]int `json:"contents,omitempty" doc:"What was read besides running text, and what was not: tables, charts, formulas_lost and so on; doubts are places that may be misread"`
	Update    *Update        `json:"update,omitempty" doc:"Set while it is made anew; until that is done it answers as it was"`
	Near      []Near         `json:"near,omitempty" doc:"Other sources with nearly the same words"`
	DeletedAt *time.Time     `json:"deleted_at,omitempty"`
	KeptUntil *time.Time     `json:"kept_until,omitempty" doc:"Until when a deleted one can be brought back"`

	Pages     int        `json:"pages,omitempty" doc:"Pages, slides or sheets"`
	Duration  float64    `json:"duration,omitempty" doc:"Seconds of a recording"`
	Chunks    int        `json:"chunks"`
	Vectors   int        `json:"vectors" doc:"How many of the chunks are found by their meaning: in a large archive that is ready, the rest comes in the background"`
	Classes   []ClassRef `json:"classes,omitempty" doc:"Whom it is for; the whole school if absent"`
	CreatedAt time.Time  `json:"created_at"`
	ReadyAt   *time.Time `json:"ready_at,omitempty"`
	CreatedBy UserID     `json:"-"`
	Replaces  string     `json:"-"` // whose place it takes once it is ready; nobody sees it
	Sketch    []byte     `json:"-"` // of its words, see package ingest
	MayChange bool       `json:"may_change" doc:"Whether whoever asks may share, retry and delete it"`
}

// Update is the work on a source that is made anew: read again, mended, or
// replaced by a newer file.
type Update struct {
	ID          string           `json:"-"` // the source that takes its place
	SHA256      string           `json:"-"` // of its file
	NewFile     bool             `json:"new_file" doc:"Another file takes its place"`
	Status      Status           `json:"status"`
	Step        Step             `json:"step,omitempty"`
	Progress    float64          `json:"progress" doc:"0 to 1"`
	SecondsLeft *float64         `json:"seconds_left,omitempty"`
	Problem     *problem.Problem `json:"problem,omitempty" doc:"Why it failed; the source is as it was"`
}

// Near is a source that has nearly the same words as another one.
type Near struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Percent int    `json:"percent" doc:"About how much of the words is the same"`
}

// Notice says what could not be read of a source that is otherwise fine, such
// as {"pages_unreadable", "3 of 40 pages could not be read", {"count": 3, "of": 40}}.
// Code and Params let a screen say it in the reader's language.
type Notice struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Params  map[string]any `json:"params,omitempty"`
}

// SourceFilter narrows a list of sources.
type SourceFilter struct {
	Search   string // words in the title, any case
	Status   Status // empty for all
	Kind     Kind
	Language string
	Subject  string
	Grade    string
	Folder   string  // and what lies in it
	Class    ClassID // what is for this class
	Sort     SourceSort
	Deleted  bool   // those that can still be brought back, and no others
	Cursor   string // from a page's Next
	Limit    int    // 1 to 100
}

// SourceSort is the order of a list of sources.
type SourceSort string

const (
	SortNewest  SourceSort = "newest"
	SortOldest  SourceSort = "oldest"
	SortName    SourceSort = "name"
	SortLargest SourceSort = "largest"
)

// SourceLabels are the subjects, grades and folders in use.
type SourceLabels struct {
	Subjects []string `json:"subjects"`
	Grades   []string `json:"grades"`
	Folders  []string `json:"folders"`
}

// SameName says what to do with a file that has the name of another one, which
// the same people may change.
type SameName string

const (
	SameNameKeep    SameName = "keep"    // both
	SameNameReplace SameName = "replace" // the new one takes the old one's place
	SameNameAsk     SameName = "ask"     // refuse it, with the id of the old one
)

// ManyChange is what is done to many sources at once.
type ManyChange struct {
	Change  SourceChange
	Classes *[]ClassID // whom they are for; none for the whole school
	Delete  bool
}

// KeptDeleted is how long a deleted source can be brought back.
const KeptDeleted = 24 * time.Hour

// SourceChange is what is set of a source; what is nil stays.
type SourceChange struct {
	Title    *string
	Language *string // empty to go by its text again
	Subject  *string
	Grade    *string
	Folder   *string
}

// NewFile is a file on its way into the material.
type NewFile struct {
	Name           string
	Subject, Grade string
	Folder         string    // names joined by "/"
	SameName       SameName  // empty to keep both
	Classes        []ClassID // none for the whole school
	By             Principal // whose it is
}
