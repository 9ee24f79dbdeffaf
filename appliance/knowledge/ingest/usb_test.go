package ingest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/bwenge-os/bwenge/appliance"
)

func titles(t *testing.T, r *rig) (list []string) {
	t.Helper()
	page, err := r.store.Sources(t.Context(), org, whole, appliance.SourceFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range page.Items {
		list = append(list, src.Title)
	}
	slices.Sort(list)
	return list
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
	r := newRig(t)
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

	notify, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	f := &folder{in: r.Ingester, org: org, root: root, notify: notify, known: map[string]*found{}}
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
	r := newRig(t)
	root := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	changes := r.Watch(ctx, org)
	go func() { ended <- r.WatchFolder(ctx, org, root) }()
	put(t, filepath.Join(root, "stick/lesson.pdf"), "one")
	if src := <-changes; src.Title != "lesson.pdf" {
		t.Fatal(src.Title)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
