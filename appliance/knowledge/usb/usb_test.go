package usb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// library keeps what it is given by content: the same bytes are one source.
type library struct {
	mu     sync.Mutex
	titles map[string]string // by content
	fail   func(title string) error
	added  chan string
}

func newLibrary() *library {
	return &library{titles: map[string]string{}, added: make(chan string, 100)}
}

func (l *library) Add(_ context.Context, _ appliance.OrgID, n appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return appliance.Source{}, false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		if err := l.fail(n.Name); err != nil {
			return appliance.Source{}, false, err
		}
	}
	title, existed := l.titles[string(content)]
	if !existed {
		title = n.Name
		l.titles[string(content)] = title
	}
	l.added <- title
	return appliance.Source{Title: title}, existed, nil
}

func titles(_ *testing.T, l *library) (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, title := range l.titles {
		list = append(list, title)
	}
	slices.Sort(list)
	return list
}

// watcher returns one that has not begun to watch.
func watcher(l *library, root string) *Watcher {
	return &Watcher{Library: l, Org: "school", Root: root, Log: slog.New(slog.DiscardHandler), every: time.Millisecond}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Looking twice stands for the two seconds between two looks.
func TestFolderIsTakenIn(t *testing.T) {
	r := newLibrary()
	root := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.txt")
	put(t, outside, "secret")
	put(t, filepath.Join(root, "stick/lesson.PDF"), "one")
	put(t, filepath.Join(root, "stick/a/b/talk.mp3"), "two")
	put(t, filepath.Join(root, "stick/copy of lesson.pdf"), "one")
	put(t, filepath.Join(root, "stick/virus.exe"), "x")
	put(t, filepath.Join(root, "stick/empty.txt"), "")
	put(t, filepath.Join(root, "stick/.Trashes/old.pdf"), "x")
	put(t, filepath.Join(root, "stick/System Volume Information/x.txt"), "x")
	if err := os.Symlink(outside, filepath.Join(root, "stick/link.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(root, "stick/loop")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(root, "stick/pipe.txt"), 0o644); err != nil {
		t.Fatal(err)
	}

	f := watcher(r, root)
	f.setDefaults()
	if !f.look(t.Context()) || len(titles(t, r)) != 0 {
		t.Fatal("files were taken before they had settled")
	}
	if f.look(t.Context()) {
		t.Fatal("files that have not changed have not settled")
	}
	want := []string{"copy of lesson.pdf", "talk.mp3"} // the same bytes are one source
	if got := titles(t, r); !slices.Equal(got, want) {
		t.Fatal(got)
	}

	put(t, filepath.Join(root, "stick/growing.txt"), "so")
	f.look(t.Context())
	put(t, filepath.Join(root, "stick/growing.txt"), "so far")
	if !f.look(t.Context()) || len(titles(t, r)) != 2 {
		t.Fatal("a file was taken while it was written")
	}
	f.look(t.Context())
	if got := titles(t, r); len(got) != 3 {
		t.Fatal(got)
	}

	// Pulled and put in again: nothing new.
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	if f.look(t.Context()); len(f.known) != 0 {
		t.Fatal("a stick is remembered after it has gone")
	}
	put(t, filepath.Join(root, "stick/lesson.PDF"), "one")
	f.look(t.Context())
	f.look(t.Context())
	if got := titles(t, r); len(got) != 3 {
		t.Fatal(got)
	}
}

func TestWatchFolder(t *testing.T) {
	for name, notices := range map[string]func() (*fsnotify.Watcher, error){
		"with notices":       fsnotify.NewWatcher,
		"the kernel refuses": func() (*fsnotify.Watcher, error) { return nil, syscall.EMFILE },
	} {
		t.Run(name, func(t *testing.T) {
			l, root := newLibrary(), t.TempDir()
			f := watcher(l, root)
			f.notices = notices
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- f.Run(ctx) }()
			put(t, filepath.Join(root, "stick/lesson.pdf"), "one")
			if title := <-l.added; title != "lesson.pdf" {
				t.Fatal(title)
			}
			put(t, filepath.Join(root, "stick/later.pdf"), "two")
			if title := <-l.added; title != "later.pdf" {
				t.Fatal(title)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A file that found no room is taken once there is some; one that is broken is
// not read again and again.
func TestOnlyAFilesOwnFaultIsFinal(t *testing.T) {
	l, root := newLibrary(), t.TempDir()
	tries := map[string]int{}
	full := true
	l.fail = func(title string) error {
		tries[title]++
		switch {
		case title == "broken.pdf":
			return problem.New(problem.Unreadable, "file_empty", "", "", nil)
		case title == "odd.pdf":
			panic("a bug that a file brings out")
		case full:
			return fmt.Errorf("add: %w", problem.New(problem.NoSpace, "disk_full", "", "", errors.New("no space left on device")))
		}
		return nil
	}
	for _, title := range []string{"broken.pdf", "odd.pdf", "lesson.pdf"} {
		put(t, filepath.Join(root, title), title)
	}
	f := watcher(l, root)
	f.setDefaults()
	for range 3 { // the first only sees what is there
		f.look(t.Context())
	}
	if !f.full || tries["lesson.pdf"] != 2 || len(titles(t, l)) > 0 {
		t.Fatalf("with a full disk: again %v, tries %v", f.full, tries)
	}
	full = false
	f.look(t.Context())
	f.look(t.Context())
	if got := titles(t, l); !slices.Equal(got, []string{"lesson.pdf"}) || f.full {
		t.Fatalf("with room again: %v, again %v", got, f.full)
	}
	if tries["broken.pdf"] != 1 || tries["odd.pdf"] != 1 || tries["lesson.pdf"] != 3 {
		t.Fatalf("tries %v", tries)
	}
}
