package extract

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/pdf"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// job is one file in the child.
type job struct {
	file     io.ReaderAt
	disk     *os.File // the same, for the programs that read recordings
	size     int64
	format   format
	out      *sink
	cache    string       // directory of the compiled PDF engine; empty for none
	from     int          // first page to read, 1-based: a restart after a bad page
	skip     map[int]bool // bad pages
	ocr      *ocr.Reader
	pictures int // embedded ones looked at so far
	within   int // how many files this one stands in
	zim      zimQuery
	raw      bool // a workbook's rows as they stand
}

// orders are the child's arguments.
type orders struct {
	cpu                 time.Duration
	text, files, memory int64
	cache, kept         string
	from                int
	skip                map[int]bool
	archive             string // what is wanted of one, as JSON; empty for a document
	size                int64  // of the archive
	raw, compile        bool
	turns, file         string
}

// ordersOf reads arguments.
func ordersOf(args []string) (*orders, error) {
	o := &orders{skip: map[int]bool{}}
	usual := Limits{}.orDefault()
	flags := flag.NewFlagSet("extract", flag.ContinueOnError)
	flags.DurationVar(&o.cpu, "cpu", 0, "processor time")
	flags.Int64Var(&o.text, "text", usual.Text, "bytes of text")
	flags.Int64Var(&o.files, "files", usual.Files, "bytes of a written file")
	flags.Int64Var(&o.memory, "memory", usual.Memory, "bytes of memory")
	flags.StringVar(&o.cache, "cache", "", "directory of the compiled PDF engine")
	flags.StringVar(&o.kept, "kept", "", "directory of text that was read in pictures")
	flags.IntVar(&o.from, "from", 1, "first page")
	flags.Func("skip", "a page not to be read", func(s string) error {
		page, err := strconv.Atoi(s)
		o.skip[page] = true
		return err
	})
	flags.StringVar(&o.archive, "archive", "", "what is wanted of an archive, as JSON: its file is asked for through descriptors 3 and 4")
	flags.Int64Var(&o.size, "size", 0, "bytes of the archive")
	flags.BoolVar(&o.raw, "rows", false, "a workbook's rows as they stand, empty ones too")
	flags.StringVar(&o.turns, "turns", "", "pages and the degrees to turn them by, such as 1:90,4:180")
	flags.BoolVar(&o.compile, "compile", false, "only compile the PDF engine into the cache")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 && !o.compile {
		return nil, errors.New("one file")
	}
	o.file = flags.Arg(0)
	return o, nil
}

// Main is the child: it reads one file and says what it finds on stdout as
// lines of JSON. args are "[flags] FILE", where FILE "-" means that stdin is
// the file (and not a pipe). It returns the exit status: 0 when it has said all
// there is to say, be it a problem; 2 for wrong arguments. The host program
// calls it from a hidden subcommand, see [Reader.Command].
func Main(args []string, stdin *os.File, stdout io.Writer) int {
	o, err := ordersOf(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "usage: extract [flags] FILE")
		return 2
	}
	if err := confine(o.cpu, o.files); err != nil {
		fmt.Fprintln(os.Stderr, "extract: limits:", err)
		return 2
	}
	// The collector works harder near the limit, where the parent kills.
	debug.SetMemoryLimit(o.memory / 2)

	if o.compile {
		if err := pdf.Compile(o.cache); err != nil {
			fmt.Fprintln(os.Stderr, "extract: compile:", err)
			return 1
		}
		return 0
	}
	out := newSink(stdout, o.text)
	if o.archive != "" {
		err = o.readArchive(out)
	} else {
		err = o.readFile(stdin, out)
	}
	if out.end(err) != nil { // the parent has gone
		return 1
	}
	return 0
}

func (o *orders) readArchive(out *sink) error {
	j := &job{size: o.size, out: out, from: o.from, ocr: &ocr.Reader{}}
	if err := json.Unmarshal([]byte(o.archive), &j.zim); err != nil {
		return err
	}
	j.file = remoteFile{asks: os.NewFile(3, "asks"), answers: os.NewFile(4, "answers")}
	return j.run()
}

func (o *orders) readFile(stdin *os.File, out *sink) error {
	file := stdin
	if o.file != "-" {
		var err error
		if file, err = os.Open(o.file); err != nil {
			return err
		}
		defer file.Close()
	}
	st, err := file.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fault.Unsupported("inode/special")
	}
	j := &job{file: file, disk: file, size: st.Size(), out: out, cache: o.cache, from: o.from, skip: o.skip, raw: o.raw,
		ocr: &ocr.Reader{Kept: o.kept, Turned: readTurns(o.turns)}}
	return j.run()
}

// run reads the file and turns every error into one that a teacher understands.
func (j *job) run() error {
	var err error
	if j.format, err = detect(j.file, j.size); err != nil {
		return err
	}
	t := formats[j.format]
	if t.demuxer != "" {
		ctx, cancel := context.WithTimeout(context.Background(), probeTime)
		defer cancel()
		info, err := recording{j.disk, j.format}.probe(ctx)
		if err != nil {
			return err
		}
		return j.out.info(info)
	}
	if t.kind != appliance.KindPDF && t.kind != appliance.KindImage {
		// These readers do not run programs, and this says early what the
		// file is; the others say it with their number of pages.
		if err := j.out.info(infoOf(j.format)); err != nil {
			return err
		}
	}
	err = t.read(j)
	switch {
	case errors.Is(err, errTextLimit):
		err = j.out.notice(fault.NoticeTextTruncated(j.out.limit))
	case parts.IsLimit(err):
		return fault.TooComplex(err)
	case err != nil && problem.CodeOf(err) != problem.Internal:
		return err
	case err != nil && j.out.text == 0:
		return fault.Damaged(err)
	case err != nil:
		fmt.Fprintln(os.Stderr, "extract: partly read:", err)
		err = j.out.notice(fault.NoticePartlyRead())
	}
	if err == nil && j.out.text == 0 && j.from <= 1 && len(j.skip) == 0 && !j.zim.Survey {
		if j.ocr.Missing {
			return fault.NoTool("tesseract", "Reading pictures and scanned pages", nil)
		}
		return fault.NoText()
	}
	if err == nil && j.ocr.Missing {
		err = j.out.notice(fault.NoticePicturesSkipped())
	}
	return err
}

// confine puts limits on this process that it cannot lift again. The rest is the
// parent's (see package proc).
func confine(cpu time.Duration, files int64) error {
	limits := map[int]uint64{
		syscall.RLIMIT_CORE:   0,
		syscall.RLIMIT_FSIZE:  uint64(files),
		syscall.RLIMIT_NOFILE: 128,
	}
	if cpu > 0 {
		limits[syscall.RLIMIT_CPU] = uint64(cpu/time.Second) + 1
	}
	for what, most := range limits {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(what, &now); err != nil {
			return err
		}
		most = min(most, now.Max)
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}
