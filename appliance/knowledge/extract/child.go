package extract

import (
	"bytes"
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

// Main is the child: it reads one file and says what it finds on stdout as
// lines of JSON. args are "[flags] FILE", where FILE "-" means that stdin is
// the file (and not a pipe). It returns the exit status: 0 when it has said all
// there is to say, be it a problem; 2 for wrong arguments. The host program
// calls it from a hidden subcommand, see [Reader.Command].
func Main(args []string, stdin *os.File, stdout io.Writer) int {
	flags := flag.NewFlagSet("extract", flag.ContinueOnError)
	cpu := flags.Duration("cpu", 0, "processor time")
	text := flags.Int64("text", Limits{}.orDefault().Text, "bytes of text")
	files := flags.Int64("files", Limits{}.orDefault().Files, "bytes of a written file")
	memory := flags.Int64("memory", Limits{}.orDefault().Memory, "bytes of memory")
	cache := flags.String("cache", "", "directory of the compiled PDF engine")
	kept := flags.String("kept", "", "directory of text that was read in pictures")
	from := flags.Int("from", 1, "first page")
	skip := map[int]bool{}
	flags.Func("skip", "a page not to be read", func(s string) error {
		page, err := strconv.Atoi(s)
		skip[page] = true
		return err
	})
	archive := flags.String("archive", "", "what is wanted of an archive, as JSON: its file is asked for through descriptors 3 and 4")
	size := flags.Int64("size", 0, "bytes of the archive")
	raw := flags.Bool("rows", false, "a workbook's rows as they stand, empty ones too")
	turns := flags.String("turns", "", "pages and the degrees to turn them by, such as 1:90,4:180")
	compile := flags.Bool("compile", false, "only compile the PDF engine into the cache")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 && !*compile {
		fmt.Fprintln(os.Stderr, "usage: extract [flags] FILE")
		return 2
	}
	if err := confine(*cpu, *files); err != nil {
		fmt.Fprintln(os.Stderr, "extract: limits:", err)
		return 2
	}
	// The collector works harder near the limit, where the parent kills.
	debug.SetMemoryLimit(*memory / 2)

	if *compile {
		if _, err := startEngine(&job{cache: *cache, file: bytes.NewReader(nil)}); err != nil {
			fmt.Fprintln(os.Stderr, "extract: compile:", err)
			return 1
		}
		return 0
	}

	out := newSink(stdout, *text)
	err := func() error {
		if *archive != "" {
			j := &job{size: *size, out: out, from: *from, ocr: &ocr.Reader{}}
			if err := json.Unmarshal([]byte(*archive), &j.zim); err != nil {
				return err
			}
			j.file = remoteFile{asks: os.NewFile(3, "asks"), answers: os.NewFile(4, "answers")}
			return j.run()
		}
		file := stdin
		if flags.Arg(0) != "-" {
			var err error
			if file, err = os.Open(flags.Arg(0)); err != nil {
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
		j := &job{file: file, disk: file, size: st.Size(), out: out, cache: *cache, from: *from, skip: skip, ocr: &ocr.Reader{Kept: *kept, Turned: readTurns(*turns)}, raw: *raw}
		return j.run()
	}()
	if err != nil {
		cause := err // the log sees it; the problem does not show it
		if e, ok := errors.AsType[*problem.Error](err); ok {
			cause = e.Err
		}
		if cause != nil {
			fmt.Fprintln(os.Stderr, cause)
		}
		problem := problem.Of(err)
		err = out.say(message{Problem: &problem})
	} else if err = out.sayCounts(); err == nil {
		err = out.say(message{End: true})
	}
	if err != nil { // the parent has gone
		return 1
	}
	return 0
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
		info, err := probe(ctx, j.disk, j.size)
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
