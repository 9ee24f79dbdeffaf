package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// Actors stand in for a child that misbehaves.
const (
	actorArg  = "extract-actor"
	parentArg = "extract-parent"
)

func act(role string) {
	say := func(m message) {
		line, _ := json.Marshal(m)
		fmt.Println(string(line))
	}
	section := func(text string) message {
		return message{Section: &sectionMessage{Section: appliance.Section{Text: text}}}
	}
	switch role {
	case "environment":
		say(message{Info: &Info{Kind: appliance.KindText}})
		say(section(strings.Join(os.Environ(), "\n")))
		say(message{End: true})
	case "nice":
		_ = confine(time.Minute, 1<<20)
		p := 20
		for tries := 0; p == 20 && tries < 1000; tries++ { // a busy machine lowers it late
			time.Sleep(time.Millisecond)
			p, _ = syscall.Getpriority(syscall.PRIO_PROCESS, 0) // of this thread, whichever it is
		}
		say(section(fmt.Sprintf("nice %d", 20-p)))
		err := os.WriteFile(filepath.Join(os.Getenv("TMPDIR"), "big"), make([]byte, 2<<20), 0o600)
		say(section(fmt.Sprintf("write failed %v", err != nil)))
		os.Remove(filepath.Join(os.Getenv("TMPDIR"), "big"))
		say(message{End: true})
	case "compiler":
		if err := os.WriteFile(filepath.Join(os.Args[len(os.Args)-1], "engine"), []byte("x"), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "silent":
		_ = os.WriteFile(filepath.Join(os.Getenv("TMPDIR"), "pid"), []byte(strconv.Itoa(os.Getpid())), 0o600)
		select {}
	case "hungry":
		var held [][]byte
		for {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			held = append(held, b)
			_ = held
		}
	case "busy": // at work without a word
		_ = os.WriteFile(filepath.Join(os.Getenv("TMPDIR"), "pid"), []byte(strconv.Itoa(os.Getpid())), 0o600)
		spin()
	case "spinning":
		_ = confine(time.Second, 1<<20)
		spin()
	case "hostile": // tries what its arguments say, up to the box's own
		args := os.Args[3:]
		proc.Try(args[:slices.Index(args, "-cpu")], func(t proc.Trial) {
			text, _ := json.Marshal(t)
			say(section(string(text)))
		})
		say(message{End: true})
	case "crash":
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(134)
	case "garbage":
		fmt.Println("%!d(BADJSON)")
	case "long line":
		fmt.Println(`{"section":{"text":"` + strings.Repeat("x", 2*maxLine) + `"}}`)
	case "too much":
		for range 100 {
			say(section(strings.Repeat("x ", maxSection/2)))
		}
		say(message{End: true})
	case "after the end":
		say(message{End: true})
		say(section("more"))
	case "no end":
		say(section("half"))
	case "bad page": // brings the child down on page 3 of 4, when it holds page 2 back
		from, given := 0, 0
		skips := map[string]bool{}
		for i, a := range os.Args {
			switch a {
			case "-from":
				from, _ = strconv.Atoi(os.Args[i+1])
			case "-skip":
				skips[os.Args[i+1]] = true
			}
		}
		say(message{Info: &Info{Kind: appliance.KindPDF, Pages: 4}})
		for page := from; page <= 4; page++ {
			say(message{Working: &Progress{Done: int64(page), Of: 4}, Given: given})
			if page == 3 && !skips["3"] {
				os.Exit(2)
			}
			if page > from {
				say(section(fmt.Sprintf("page %d", page-1)))
				given = page - 1
			}
		}
		say(section("page 4"))
		n := fault.NoticePagesUnreadable(1, 4)
		say(message{Notice: &n})
		say(message{End: true})
	}
}

func actor(role string, args ...string) *Reader {
	return &Reader{Command: append([]string{os.Args[0], actorArg, role}, args...)}
}

func TestMisbehavingChild(t *testing.T) {
	file := write(t, []byte("text"))
	for _, test := range []struct {
		role   string
		limits Limits
		code   problem.Code
		reason string
	}{
		{"crash", Limits{}, problem.Unreadable, "reader_failed"},
		{"garbage", Limits{}, problem.Unreadable, "reader_failed"},
		{"long line", Limits{}, problem.Unreadable, "reader_failed"},
		{"too much", Limits{Text: 10 * maxSection}, problem.Unreadable, "reader_failed"},
		{"after the end", Limits{}, problem.Unreadable, "reader_failed"},
		{"no end", Limits{}, problem.Unreadable, "reader_failed"},
		{"hungry", Limits{Memory: 128 << 20}, problem.Unreadable, "too_much_memory"},
		{"spinning", Limits{CPU: time.Second}, problem.Timeout, "too_slow"},
	} {
		t.Run(test.role, func(t *testing.T) {
			r := actor(test.role)
			r.Limits = test.limits
			wantProblem(t, readWith(t, r, file), test.code, test.reason)
		})
	}
}

func TestCrashKeepsLastWords(t *testing.T) {
	f := readWith(t, actor("crash"), write(t, []byte("text")))
	if f.err == nil || !strings.Contains(f.err.Error(), "the last words") {
		t.Errorf("error %v lacks the child's stderr", f.err)
	}
	if p := problem.Of(f.err); strings.Contains(p.Message+p.Hint, "last words") {
		t.Errorf("the teacher is shown stderr: %+v", p)
	}
}

func TestProblemHasItsCauseForTheLog(t *testing.T) {
	f := readBytes(t, []byte("PK\x03\x04 and nothing more"))
	wantProblem(t, f, problem.Unreadable, "damaged")
	if !strings.Contains(f.err.Error(), "zip") {
		t.Errorf("error %v does not say what is wrong with the archive", f.err)
	}
}

func TestSilentChildIsStopped(t *testing.T) {
	work := t.TempDir()
	r := actor("busy")
	r.Limits.Silence = 200 * time.Millisecond
	_, err := r.Read(context.Background(), write(t, []byte("text")), work, nil, nil)
	if p := problem.Of(err); p.Reason != "too_slow" {
		t.Fatalf("error %v, want too_slow", err)
	}
	wantGone(t, filepath.Join(work, keptDir, "pid"))
}

func TestCancel(t *testing.T) {
	work := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		waitFor(t, func() bool { _, err := os.Stat(filepath.Join(work, keptDir, "pid")); return err == nil })
		cancel()
	}()
	_, err := actor("silent").Read(ctx, write(t, []byte("text")), work, nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	wantGone(t, filepath.Join(work, keptDir, "pid"))
}

// parent is a box in the middle of reading.
func parent(file, work string) {
	_, err := actor("silent").Read(context.Background(), file, work, nil, nil)
	fmt.Fprintln(os.Stderr, err)
}

func TestKilledBoxLeavesNoOrphan(t *testing.T) {
	work := t.TempDir()
	box := exec.Command(os.Args[0], parentArg, write(t, []byte("text")), work)
	if err := box.Start(); err != nil {
		t.Fatal(err)
	}
	pidFile := filepath.Join(work, keptDir, "pid")
	waitFor(t, func() bool { p, _ := os.ReadFile(pidFile); return len(p) > 0 })
	if err := box.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = box.Wait()
	wantGone(t, pidFile)
}

// wantGone waits for the end of the process whose id stands in a file.
func wantGone(t *testing.T, pidFile string) {
	t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return strings.Contains(string(stat), ") Z ") // dead; its new parent has not looked yet
	})
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("it did not happen")
			return
		}
	}
}

func TestChildSeesNoSecrets(t *testing.T) {
	t.Setenv("BWENGE_SECRET", "hunter2")
	f := readWith(t, actor("environment"), write(t, []byte("text")))
	if f.err != nil {
		t.Fatal(f.err)
	}
	allowed := map[string]bool{"LANG": true, "OMP_THREAD_LIMIT": true, "MALLOC_ARENA_MAX": true, "TMPDIR": true, "PATH": true,
		"TESSDATA_PREFIX": true, "LD_LIBRARY_PATH": true, "PWD": true}
	for line := range strings.Lines(f.text()) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !allowed[name] {
			t.Errorf("the child sees %s", name)
		}
	}
}

func TestConfine(t *testing.T) {
	t.Setenv("BWENGE_PRIORITY", "")
	f := readWith(t, actor("nice"), write(t, []byte("text")))
	wantText(t, f, "nice 19", "write failed true")
}

func TestBadPageIsLeftOut(t *testing.T) {
	f := readWith(t, actor("bad page"), write(t, []byte("text")))
	if f.err != nil {
		t.Fatal(f.err)
	}
	if got, want := f.text(), "page 1\n\npage 2\n\npage 3\n\npage 4\n\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	n := f.notice("pages_unreadable")
	if n == nil || n.Message != "2 of 4 pages could not be read." {
		t.Errorf("notices %+v", f.Notices)
	}
}

func TestSectionErrorEndsReading(t *testing.T) {
	full := errors.New("disk full")
	_, err := testReader().Read(context.Background(), write(t, []byte("one\n\ntwo")), t.TempDir(), nil,
		func(appliance.Section, Progress) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("error %v, want the callback's", err)
	}
}

func TestSpecialFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, readPath(t, fifo), problem.Unsupported, "unsupported_type")
	wantProblem(t, readPath(t, dir), problem.Unsupported, "unsupported_type")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/etc/passwd", link); err != nil {
		t.Fatal(err)
	}
	if f := readPath(t, link); f.err == nil {
		t.Error("a link was followed")
	}
}

func TestInfoComesFirst(t *testing.T) {
	var seen []string
	_, err := testReader().Read(context.Background(), write(t, []byte("a text")), t.TempDir(),
		func(i Info) { seen = append(seen, string(i.Kind)+" "+i.MediaType) },
		func(s appliance.Section, _ Progress) error { seen = append(seen, s.Text); return nil })
	if err != nil || len(seen) != 2 || seen[0] != "text text/plain" || seen[1] != "a text" {
		t.Errorf("saw %q, %v", seen, err)
	}
}

// spin takes processor time until the process is killed.
func spin() {
	for n := 0; ; n++ {
		_ = n
	}
}
