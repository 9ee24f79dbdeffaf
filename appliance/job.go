package appliance

// Stage is the part of flow 1 that a job does next. Unlike Step, which people
// see, a stage is where a job goes on after a power cut.
type Stage string

const (
	StageRead  Stage = "read"  // the file into parts: sections, or a recording's windows
	StageChunk Stage = "chunk" // parts into chunks
	StageEmbed Stage = "embed" // chunks into vectors, then ready
)

// Job is the durable work on one source, as the worker that claimed it sees it.
type Job struct {
	Org    OrgID
	Source Source
	Stage  Stage
	// Lease is the claim itself: every write of a worker carries it and fails
	// with problem.Conflict once somebody else holds the job, or it was cancelled.
	Lease    string
	Turns    map[int]int // degrees clockwise by which pages are turned before they are read
	Attempts int         // tries that ended in an error which may pass
	Crashes  int         // tries on which an engine or a reader died
}

// Part is one durable piece of what was read: a page of its text (see
// [TextPage]), or a window of a recording. Only the ingester knows what is in
// Data.
type Part struct {
	Seq    int
	Key    string // names the page; no two of a source have the same
	Place  Place
	Doubts int // places in it that may be misread
	Data   []byte
}
