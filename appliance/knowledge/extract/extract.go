// Package extract turns a file into text: documents, slides, sheets, books,
// web pages and pictures into sections that know their page, and recordings
// into the 16 kHz samples that speech recognition wants.
//
// Files come from anywhere, so nothing of theirs is parsed in the server.
// [Reader] starts the program again as a child (see [Main]) with limits on its
// time, memory, files and output, in a sandbox (see package proc), and treats
// what the child says as hostile. Inside the child every format has
// its own limits on bytes inflated, nodes, depth and pixels. ffmpeg, ffprobe
// and tesseract are children in sandboxes of their own.
//
// Each format has its file here, named after it ([Main] finds it in the table of
// formats), and writes what it reads to a flow, which sends sections. What needs
// nothing of that stands in rooms of its own below: parts (archives of XML), pdf,
// zimfile, cells, mathtext, subtitle, paper and ocr (pictures), codepage, letters
// and clean (text), and fault, what a teacher is told.
package extract

import (
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// Info says what a file is, from its content.
type Info struct {
	Kind      appliance.Kind `json:"kind"`
	MediaType string         `json:"media_type"`
	// Pages counts pages, slides, sheets or chapters. 0 where the format has
	// none (plain text) or does not say (a DOCX that was never laid out).
	Pages int `json:"pages,omitempty"`
	// Duration is in seconds; 0 for everything but recordings.
	Duration float64 `json:"duration,omitempty"`
}

// Recording reports whether the file's words have to be heard: [Reader.Read]
// gives no sections of it, [DecodeAudio] its samples.
func (i Info) Recording() bool {
	return i.Kind == appliance.KindAudio || i.Kind == appliance.KindVideo
}

// Progress is how far a reader has come: pages (slides, sheets, chapters) or,
// in formats without pages, bytes. Of is 0 when the end is not known.
type Progress struct {
	Done int64 `json:"done"`
	Of   int64 `json:"of,omitempty"`
}

// Result is what was read of a file.
type Result struct {
	Info
	Sections int
	Bytes    int64 // of text, over all sections
	Notices  []appliance.Notice
	// Counts says what was found besides running text ("tables", "charts",
	// "formulas", "pictures_without_text") and what could not be read
	// ("formulas_lost").
	Counts  map[string]int
	PeakRSS int64         // bytes of the child and its programs together, sampled
	CPU     time.Duration // of the child and the programs it started
}

// Limits bound what one file may cost. The zero value of a field means its
// default.
type Limits struct {
	// Memory is the most that the child and the programs it starts may hold
	// together, in bytes (512 MB).
	Memory int64
	// AddressSpace is the most that each of them may map, in bytes (2.5 GB: the
	// runtime of Go and the PDF engine reserve much and touch little).
	AddressSpace uint64
	// Text is the most text taken from one file, in bytes (20 MB, about
	// seven thousand pages). What is beyond is left out with a notice.
	Text int64
	// Files is the most that one file written by a child may hold, in bytes
	// (200 MB).
	Files int64
	// CPU bounds the child's processor time for a small file (60 s). Larger
	// files get a second more for every 10 kB, which is a third of a scanned
	// page at its smallest.
	CPU time.Duration
	// Silence is how much processor time the child and its programs may use
	// without a sign of life (90 s). There is one at each page.
	Silence time.Duration
	// Wall bounds the whole (12 h: a scanned book on a slow and busy machine).
	Wall time.Duration
}

func (l Limits) orDefault() Limits {
	if l.Memory == 0 {
		l.Memory = 512 << 20
	}
	if l.AddressSpace == 0 {
		l.AddressSpace = 5 << 29
	}
	if l.Text == 0 {
		l.Text = 20 << 20
	}
	if l.Files == 0 {
		l.Files = 200 << 20
	}
	if l.CPU == 0 {
		l.CPU = time.Minute
	}
	if l.Silence == 0 {
		l.Silence = 90 * time.Second
	}
	if l.Wall == 0 {
		l.Wall = 12 * time.Hour
	}
	return l
}

// cpuFor is the processor time that a file of this size may take.
func (l Limits) cpuFor(size int64) time.Duration {
	return min(l.CPU+time.Duration(size/10_000)*time.Second, l.Wall)
}

// maxThreads is how many threads all programs of the readers' user may have
// together: the kernel counts them by user, so that one reader's are every
// reader's. A Go program that gets no thread crashes; a busy machine has a dozen
// of twenty each.
const maxThreads = 700

// ofChild are the limits of the child that reads a file of this size. It has set
// itself the same before it looks at the file, but for a second.
func (l Limits) ofChild(size int64) proc.Limits {
	return proc.Limits{
		Memory: l.Memory, Silence: l.Silence, CPU: l.cpuFor(size) + 2*time.Second, AddressSpace: l.AddressSpace,
		FileSize: uint64(l.Files), Files: 128, Processes: maxThreads,
	}
}
