package extract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// Reader reads files in children. It holds no state between files and may be
// used from many goroutines.
type Reader struct {
	// Command is the argv that ends in [Main], such as {"/usr/bin/bwenge",
	// "extract"}; flags and the file follow.
	Command []string
	// CacheDir keeps the compiled PDF engine between runs (21 MB; making it
	// takes some seconds). Empty compiles it each time.
	CacheDir string
	Limits   Limits
}

// keptDir is the folder in a work directory for what was read in pictures.
const keptDir = "ocr"

// maxRestarts is how many pages of one PDF may bring the child down before the
// rest is given up.
const maxRestarts = 3

// errBadPeer is the cause when the child says what it should not.
var errBadPeer = errors.New("extract: malformed output")

// Read reads the file at path. onInfo is called once or twice (the second time
// the number of pages is known) before the first section, onSection for each
// section in order, both on one goroutine; an error from onSection ends the
// reading and is returned as it is. The child works in workDir, which must
// exist. What it leaves there (the text of scanned pages) saves time when the
// same file is read again, and may be swept.
//
// Recordings give their Info and no section. When a file fails after some
// sections, those sections are not to be kept. Errors are [problem.Error]s
// that a teacher understands, or ctx's.
func (r *Reader) Read(ctx context.Context, path, workDir string, onInfo func(Info),
	onSection func(appliance.Section, Progress) error) (Result, error) {
	return r.ReadTurned(ctx, path, workDir, nil, onInfo, onSection)
}

// ReadTurned reads pictures and scanned pages turned by so many degrees
// clockwise, by their number from 1, as somebody has said who looked at them.
// How others lie it judges for itself.
func (r *Reader) ReadTurned(ctx context.Context, path, workDir string, turns map[int]int, onInfo func(Info),
	onSection func(appliance.Section, Progress) error) (Result, error) {

	limits := r.Limits.orDefault()
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Wall, fault.TooSlow(errors.New("wall clock")))
	defer cancel()
	run := &reading{reader: r, limits: limits, turns: turns, onInfo: onInfo, onSection: onSection}
	var lost []int // pages that brought the child down
	for from := 1; ; from = run.given + 1 {
		run.page = 0
		err := run.child(ctx, path, workDir, from, lost)
		if err == nil {
			break
		}
		crash, ok := errors.AsType[*crashError](err)
		if !ok {
			return run.result, err
		}
		// The pages of a PDF that have not been given are read once more, but
		// for the one that was too much.
		if run.result.Kind != appliance.KindPDF || run.page < from || len(lost) == maxRestarts {
			return run.result, crash.problem
		}
		slog.Info("a page brought the reader down", "page", run.page, "error", crash.cause())
		lost = append(lost, run.page)
	}
	if len(lost) > 0 {
		if run.result.Bytes == 0 {
			return run.result, fault.ReaderFailed(errors.New("every readable page was empty"))
		}
		run.result.Notices = mergeUnreadable(run.result.Notices, len(lost), run.result.Pages)
	}
	return run.result, nil
}

// mergeUnreadable adds pages that crashed the reader to those it could not read.
func mergeUnreadable(notices []appliance.Notice, lost, of int) []appliance.Notice {
	total := lost
	kept := notices[:0]
	for _, n := range notices {
		if count, ok := n.Params["count"].(float64); ok && n.Code == "pages_unreadable" {
			total += int(count)
			continue
		}
		kept = append(kept, n)
	}
	return append(kept, fault.NoticePagesUnreadable(total, of))
}

// crashError is a child that ended without a last word.
type crashError struct{ problem error }

func (e *crashError) Error() string { return e.problem.Error() }
func (e *crashError) Unwrap() error { return e.problem }

// cause is what the log is told.
func (e *crashError) cause() error {
	if p, ok := errors.AsType[*problem.Error](e.problem); ok && p.Err != nil {
		return p.Err
	}
	return e.problem
}

// reading is one file on its way through one or more children.
type reading struct {
	reader    *Reader
	limits    Limits
	turns     map[int]int
	onInfo    func(Info)
	onSection func(appliance.Section, Progress) error
	result    Result
	page      int // begun last
	given     int // up to this page, all that they hold has been said
	archived  *archiveMessage
	rows      bool           // of workbooks as they stand
	ended     bool           // the child has said its last word
	problem   *problem.Error // which was this
}

// child runs one child over the file from a page on, without the lost ones.
func (run *reading) child(ctx context.Context, path, workDir string, from int, lost []int) error {
	// Not following links and not waiting for a FIFO's writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return err
	}
	// It may write into a folder of its own alone: what else stands in the work
	// directory is read by others, who trust it.
	own, err := filepath.Abs(filepath.Join(workDir, keptDir))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(own, 0o700); err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	if err := run.reader.compile(ctx, file); err != nil {
		slog.Warn("the PDF engine is compiled for each document", "error", err)
	}
	argv, err := run.argv(st.Size(), from, lost)
	if err != nil {
		in.Close()
		return err
	}
	said := proc.NewTail(40, 400)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run.ended = false
	child, err := proc.Start(ctx, proc.Command{
		Path: argv[0], Args: argv[1:], Dir: own, Stdin: file, Reopens: true, Stdout: in, Stderr: said,
		Priority: proc.Low, Limits: run.limits.ofChild(st.Size()), Sandbox: run.reader.sandbox(),
	})
	in.Close() // the child has its own copy
	if err != nil {
		return fmt.Errorf("extract: start the reader: %w", err)
	}
	return run.end(ctx, cancel, child, said, run.listen(out, child))
}

// end waits for a child that has been listened to and says how that ended.
func (run *reading) end(ctx context.Context, cancel context.CancelCauseFunc, child *proc.Child, said *proc.Tail, listenErr error) error {
	if listenErr != nil || run.ended {
		// Nothing more is expected: a child that lingers is stopped.
		cancel(nil)
	}
	exitErr := child.Wait()
	run.result.PeakRSS = max(run.result.PeakRSS, child.Peak)
	run.result.CPU += child.CPU
	switch {
	case run.problem != nil:
		if said.Written() > 0 {
			run.problem.Err = errors.New(said.String())
		}
		return run.problem
	case listenErr != nil && !errors.Is(listenErr, errBadPeer):
		return listenErr
	case listenErr == nil && run.ended:
		return nil
	case child.Outgrew:
		return &crashError{fault.Memory(said.Explain(exitErr))}
	case child.Stalled:
		return &crashError{fault.TooSlow(said.Explain(exitErr))}
	}
	if cause := context.Cause(ctx); cause != nil && listenErr == nil {
		if problem, ok := errors.AsType[*problem.Error](cause); ok {
			return &crashError{problem}
		}
		return cause
	}
	return run.crash(said.Explain(errors.Join(exitErr, listenErr)), exitErr, listenErr, child.CPU)
}

// engineDir is where the compiled PDF engine lies, "" if it is not kept. The
// user who compiled it is the one who can read it.
func (r *Reader) engineDir() (string, error) {
	if r.CacheDir == "" {
		return "", nil
	}
	return filepath.Abs(filepath.Join(r.CacheDir, "pdf-engine-"+strconv.Itoa(proc.Reader.ID())))
}

// compilePatience is for a busy box: a quiet one needs some seconds.
const compilePatience = 5 * time.Minute

// compiled holds an engine for each engineDir.
var compiled sync.Map

// engine says whether the compiled PDF engine is there.
type engine struct {
	mu   sync.Mutex
	done bool
}

// compile has a child of its own compile the PDF engine, if file is a PDF and
// the engine is not there yet. The children that read documents may not write
// what others run.
func (r *Reader) compile(ctx context.Context, file *os.File) error {
	head := make([]byte, 1024)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) || !bytes.Contains(head[:n], []byte("%PDF-")) {
		return nil // what is wrong with it, the child will say
	}
	dir, err := r.engineDir()
	if err != nil || dir == "" {
		return err
	}
	found, _ := compiled.LoadOrStore(dir, new(engine))
	e := found.(*engine)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done {
		return nil
	}
	// It is for all documents to come: that this one is cancelled does not end it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), compilePatience)
	defer cancel()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	said, limits := proc.NewTail(40, 400), r.Limits.orDefault()
	child, err := proc.Start(ctx, proc.Command{
		Path: r.Command[0], Args: append(slices.Clone(r.Command[1:]), "-compile", "-cache", dir), Stderr: said,
		Limits: proc.Limits{Memory: limits.Memory, AddressSpace: limits.AddressSpace, Processes: maxThreads}, Priority: proc.Low,
		Sandbox: &proc.Sandbox{User: proc.Reader, Write: []string{dir}},
	})
	if err != nil {
		return err
	}
	if err := child.Wait(); err != nil {
		return said.Explain(err)
	}
	e.done = true
	return nil
}

// sandbox is what the child may: run itself, tesseract and ffprobe, and read the
// compiled PDF engine, which other documents' children run.
func (r *Reader) sandbox() *proc.Sandbox {
	s := &proc.Sandbox{User: proc.Reader}
	if dir, err := r.engineDir(); err == nil && dir != "" {
		s.Read = append(s.Read, dir)
	}
	for _, name := range []string{"tesseract", "ffprobe"} {
		if path, err := exec.LookPath(name); err == nil {
			s.Run = append(s.Run, path)
		}
	}
	return s
}

func (run *reading) argv(size int64, from int, lost []int) ([]string, error) {
	l := run.limits
	argv := append(slices.Clone(run.reader.Command),
		"-cpu", l.cpuFor(size).String(),
		"-text", strconv.FormatInt(max(l.Text-run.result.Bytes, 1), 10),
		"-files", strconv.FormatInt(l.Files, 10),
		"-memory", strconv.FormatInt(l.Memory, 10),
		"-kept", ".",
		"-from", strconv.Itoa(from))
	for _, page := range lost {
		argv = append(argv, "-skip", strconv.Itoa(page))
	}
	if len(run.turns) > 0 {
		argv = append(argv, "-turns", writeTurns(run.turns))
	}
	if run.rows {
		argv = append(argv, "-rows")
	}
	if dir, err := run.reader.engineDir(); err != nil {
		return nil, err
	} else if dir != "" {
		argv = append(argv, "-cache", dir)
	}
	return append(argv, "-"), nil // its standard input
}

// crash says why a child ended without a last word.
func (run *reading) crash(cause, exitErr, listenErr error, cpu time.Duration) error {
	exit, ok := errors.AsType[*exec.ExitError](exitErr)
	if listenErr == nil && ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		// Not ours: the kernel's, for the processor time or when memory is short.
		if cpu >= run.limits.cpuFor(0) {
			return &crashError{fault.TooSlow(cause)}
		}
		return &crashError{fault.Memory(cause)}
	}
	return &crashError{fault.ReaderFailed(cause)}
}

// listen takes in what the child says. Nothing of it is trusted: lines,
// sections and their sum are bounded here, too. The time that our own callbacks
// take is not the child's silence.
func (run *reading) listen(out *os.File, child *proc.Child) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		child.Pause()
		if run.ended {
			return errBadPeer
		}
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("%w: %w", errBadPeer, err)
		}
		if err := run.take(m); err != nil {
			return err
		}
		child.Heard()
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", errBadPeer, err)
	}
	return nil
}

// maxCounts bounds the kinds of things that a child may count.
const maxCounts = 40

// count adds what a child has counted.
func (r *Result) count(found map[string]int) error {
	if r.Counts == nil {
		r.Counts = map[string]int{}
	}
	for what, n := range found {
		if len(what) > 40 || n < 0 || len(r.Counts) >= maxCounts && r.Counts[what] == 0 {
			return errBadPeer
		}
		r.Counts[what] += n
	}
	return nil
}

func (run *reading) take(m message) error {
	switch {
	case m.Info != nil:
		run.result.Info = *m.Info
		if run.onInfo != nil && run.result.Sections == 0 {
			run.onInfo(*m.Info)
		}
	case m.Working != nil:
		run.page, run.given = int(m.Working.Done), max(run.given, m.Given)
	case m.Notice != nil:
		if len(run.result.Notices) < 20 {
			run.result.Notices = append(run.result.Notices, *m.Notice)
		}
	case m.Archive != nil:
		if !m.Archive.sane() {
			return errBadPeer
		}
		run.archived = m.Archive
	case m.Counts != nil:
		return run.result.count(m.Counts)
	case m.Section != nil:
		run.result.Sections++
		run.result.Bytes += int64(len(m.Section.Text))
		if run.result.Bytes > run.limits.Text+maxSection {
			return errBadPeer
		}
		return run.onSection(m.Section.Section, m.Section.Progress)
	case m.Problem != nil:
		run.problem = &problem.Error{Problem: *m.Problem}
		return run.problem
	case m.End:
		run.ended = true
	}
	return nil
}
