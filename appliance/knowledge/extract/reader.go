package extract

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
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

	limits := r.Limits.orDefault()
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Wall, errTooSlow(errors.New("wall clock")))
	defer cancel()
	run := &reading{reader: r, limits: limits, onInfo: onInfo, onSection: onSection}
	var lost int // pages that brought the child down
	for from := 1; ; {
		err := run.child(ctx, path, workDir, from)
		if err == nil {
			break
		}
		crash, ok := errors.AsType[*crashError](err)
		if !ok {
			return run.result, err
		}
		// A PDF goes on behind the page that was too much.
		bad := run.page
		if run.result.Kind != appliance.KindPDF || bad < from || lost == maxRestarts {
			return run.result, crash.problem
		}
		lost++
		from = bad + 1
		if from > run.result.Pages {
			break
		}
	}
	if lost > 0 {
		if run.result.Bytes == 0 {
			return run.result, errReaderFailed(errors.New("every readable page was empty"))
		}
		run.result.Notices = mergeUnreadable(run.result.Notices, lost, run.result.Pages)
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
	return append(kept, noticePagesUnreadable(total, of))
}

// crashError is a child that ended without a last word.
type crashError struct{ problem error }

func (e *crashError) Error() string { return e.problem.Error() }
func (e *crashError) Unwrap() error { return e.problem }

// reading is one file on its way through one or more children.
type reading struct {
	reader    *Reader
	limits    Limits
	onInfo    func(Info)
	onSection func(appliance.Section, Progress) error
	result    Result
	page      int            // begun last
	ended     bool           // the child has said its last word
	problem   *problem.Error // which was this
}

// child runs one child over the file from a page on.
func (run *reading) child(ctx context.Context, path, workDir string, from int) error {
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
	workDir, err = filepath.Abs(workDir)
	if err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	argv, err := run.argv(st.Size(), workDir, from)
	if err != nil {
		return err
	}
	l := run.limits

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := &process{argv: argv, stdin: file, stdout: in, dir: workDir, memory: l.Memory, patience: l.Silence, netns: true}
	exited := make(chan error, 1)
	go func() {
		err := p.run(ctx, func(int) { in.Close() }) // the child has its own copy
		in.Close()                                  // it may never have started
		exited <- err
	}()
	run.ended = false
	listenErr := run.listen(out, &p.silence)
	if listenErr != nil || run.ended {
		// Nothing more is expected: a child that lingers is stopped.
		cancel(nil)
	}
	exitErr := <-exited
	run.result.PeakRSS = max(run.result.PeakRSS, p.peak)
	run.result.CPU += cpuTime(p.usage)
	switch {
	case run.problem != nil:
		if said := p.stderr.String(); said != "" {
			run.problem.Err = errors.New(said)
		}
		return run.problem
	case listenErr != nil && !errors.Is(listenErr, errBadPeer):
		return listenErr
	case listenErr == nil && run.ended:
		return nil
	case p.outgrew:
		return &crashError{errMemory(withTail(exitErr, &p.stderr))}
	case p.stalled:
		return &crashError{errTooSlow(withTail(exitErr, &p.stderr))}
	}
	if cause := context.Cause(ctx); cause != nil && listenErr == nil {
		if problem, ok := errors.AsType[*problem.Error](cause); ok {
			return &crashError{problem}
		}
		return cause
	}
	return run.crash(exitErr, listenErr, p)
}

func (run *reading) argv(size int64, workDir string, from int) ([]string, error) {
	l := run.limits
	argv := append(slices.Clone(run.reader.Command),
		"-cpu", l.cpuFor(size).String(),
		"-text", strconv.FormatInt(max(l.Text-run.result.Bytes, 1), 10),
		"-files", strconv.FormatInt(l.Files, 10),
		"-memory", strconv.FormatInt(l.Memory, 10),
		"-kept", filepath.Join(workDir, keptDir),
		"-from", strconv.Itoa(from))
	if run.reader.CacheDir != "" {
		cache, err := filepath.Abs(run.reader.CacheDir) // the child works elsewhere
		if err != nil {
			return nil, err
		}
		argv = append(argv, "-cache", cache)
	}
	return append(argv, "-"), nil // its standard input
}

// crash says why a child ended without a last word.
func (run *reading) crash(exitErr, listenErr error, p *process) error {
	exit, ok := errors.AsType[*exec.ExitError](exitErr)
	if !ok && exitErr != nil { // it never ran: our fault
		return fmt.Errorf("extract: start the reader: %w", exitErr)
	}
	cause := withTail(errors.Join(exitErr, listenErr), &p.stderr)
	if listenErr == nil && ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		// Not ours: the kernel's, for the processor time or when memory is short.
		if cpuTime(p.usage) >= run.limits.cpuFor(0) {
			return &crashError{errTooSlow(cause)}
		}
		return &crashError{errMemory(cause)}
	}
	return &crashError{errReaderFailed(cause)}
}

func withTail(err error, t *tail) error {
	if s := t.String(); s != "" {
		return fmt.Errorf("%w: %s", err, s)
	}
	return err
}

func cpuTime(u *syscall.Rusage) time.Duration {
	if u == nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// listen takes in what the child says. Nothing of it is trusted: lines,
// sections and their sum are bounded here, too. The time that our own callbacks
// take is not the child's silence.
func (run *reading) listen(out *os.File, silence *silence) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		silence.pause()
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
		silence.heard()
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", errBadPeer, err)
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
		run.page = int(m.Working.Done)
	case m.Notice != nil:
		if len(run.result.Notices) < 20 {
			run.result.Notices = append(run.result.Notices, *m.Notice)
		}
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
