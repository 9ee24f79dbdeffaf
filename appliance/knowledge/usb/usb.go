// Package usb takes in the material on USB sticks: every readable file below a
// folder where sticks appear.
package usb

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	// settle is how long a folder must have been quiet before it is looked
	// through, and how long a file must have stayed the same before it is taken:
	// it may still be on its way there.
	settle = 2 * time.Second
	// mountsEvery is how often the table of mounts is looked at. Mounting over
	// a folder that exists gives no notice.
	mountsEvery = 3 * time.Second
	// pollEvery is how many of those ticks stand between two looks at a folder
	// of which there are no notices.
	pollEvery = 3
	// roomEvery is how often a file is tried again that found no room.
	roomEvery = time.Minute
	// Bounds on one look at a folder; a stick with more is not a teacher's.
	maxDepth = 8
	maxFiles = 5000
)

// readable are the endings of names that are worth a try; what a file really is
// shows when it is read. Anything else on a stick is left alone.
var readable = func() map[string]bool {
	m := map[string]bool{}
	for _, ext := range strings.Fields(`pdf doc docx odt rtf ppt pptx odp xlsx ods csv epub html htm xhtml mht mhtml eml srt vtt md txt
		png jpg jpeg tif tiff webp mp3 m4a ogg oga opus flac aac wav mp4 m4v mov avi mkv webm zim`) {
		m["."+ext] = true
	}
	return m
}()

// Library takes files in; *ingest.Ingester is the real one.
type Library interface {
	Add(ctx context.Context, org appliance.OrgID, n appliance.NewFile, r io.Reader, size int64) (src appliance.Source, existed bool, err error)
}

// Watcher adds every readable file below Root, and those that appear there
// later, such as on a stick that is mounted below it. Root need not exist yet.
// Files stay where they are; links are not followed.
type Watcher struct {
	Library Library
	Org     appliance.OrgID
	Root    string
	Log     *slog.Logger

	// notices and every are what a test changes: how changes are noticed, and how
	// often to look without notices.
	notices func() (*fsnotify.Watcher, error)
	every   time.Duration

	notify *fsnotify.Watcher // nil where the kernel gives no notices
	known  map[string]*found // by path below Root
	full   bool              // the last look met a disk without room
}

// Run watches until ctx ends. Where the kernel gives no notices (it has run out
// of them, or never had any) it looks every few seconds instead.
func (f *Watcher) Run(ctx context.Context) error {
	f.setDefaults()
	var events chan fsnotify.Event
	var lost chan error
	notify, err := f.notices()
	if err != nil {
		f.Log.Warn("no notices of changes in a folder: looking every few seconds instead", "folder", f.Root, "error", err)
	} else {
		defer notify.Close()
		f.notify, events, lost = notify, notify.Events, notify.Errors
	}
	look := time.NewTimer(0)
	defer look.Stop()
	poll := time.NewTicker(f.every)
	defer poll.Stop()
	table := mountTable()
	looked := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-events:
			if !ok { // no more notices
				events, lost = nil, nil
				continue
			}
			look.Reset(settle)
		case err, ok := <-lost:
			if !ok {
				events, lost = nil, nil
				continue
			}
			f.Log.Warn("watching a folder", "folder", f.Root, "error", err)
			look.Reset(settle) // events were lost: look at everything
		case <-poll.C:
			now := mountTable()
			if now != table || f.notify == nil && time.Since(looked) >= pollEvery*f.every || f.full && time.Since(looked) >= roomEvery {
				table, looked = now, time.Now()
				look.Reset(min(settle, f.every))
			}
		case <-look.C:
			again := f.look(ctx)
			if looked = time.Now(); again {
				look.Reset(min(settle, f.every))
			}
		}
	}
}

func (f *Watcher) setDefaults() {
	f.known = map[string]*found{}
	if f.Log == nil {
		f.Log = slog.Default()
	}
	if f.notices == nil {
		f.notices = fsnotify.NewWatcher
	}
	if f.every == 0 {
		f.every = mountsEvery
	}
}

// watch asks for notices of a folder. Without them the next look finds what is
// new, so where the kernel has no more to give, looking takes over.
func (f *Watcher) watch(folder string) {
	if f.notify == nil {
		return
	}
	if err := f.notify.Add(folder); errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		f.Log.Warn("no more notices of changes: looking every few seconds instead", "folder", folder, "error", err)
		_ = f.notify.Close() // nothing was written to it
		f.notify = nil
	}
}

func mountTable() string {
	text, _ := os.ReadFile("/proc/self/mountinfo") // without it only notices count
	return string(text)
}

// found is a file as it was seen last.
type found struct {
	size     int64
	modified time.Time
	taken    bool
	seen     bool // in this look
}

// look goes through the folder once. It reports whether a file has yet to
// settle.
func (f *Watcher) look(ctx context.Context) (again bool) {
	root, err := os.OpenRoot(f.Root)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.Log.Warn("cannot look into a folder", "folder", f.Root, "error", err)
		}
		// Its parent tells when it appears, if it exists itself.
		f.watch(path.Dir(f.Root))
		clear(f.known)
		return false
	}
	defer root.Close()
	for _, x := range f.known {
		x.seen = false
	}
	f.full = false
	files := 0
	_ = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // the stick was pulled, or a folder is not for us
			return fs.SkipDir
		case name != "." && hidden(d.Name()), d.IsDir() && strings.Count(name, "/") >= maxDepth:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			f.watch(path.Join(f.Root, name))
			return nil
		case !d.Type().IsRegular() || !readable[strings.ToLower(path.Ext(name))]:
			return nil
		}
		if files++; files > maxFiles {
			f.Log.Warn("too many files; the rest is left out", "folder", f.Root, "most", maxFiles)
			return fs.SkipAll
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		x := f.known[name]
		if x == nil || x.size != info.Size() || !x.modified.Equal(info.ModTime()) {
			f.known[name] = &found{size: info.Size(), modified: info.ModTime(), seen: true}
			again = true
			return nil
		}
		if x.seen = true; !x.taken {
			x.taken = f.take(ctx, root, name)
		}
		return nil
	})
	for name, x := range f.known {
		if !x.seen {
			delete(f.known, name)
		}
	}
	return again
}

// hidden are files that no teacher put there.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "$") || strings.HasPrefix(name, "~$") || name == "System Volume Information"
}

// folderOf is the folder that a file lies in, below the root; the stick's own
// name is not part of it.
func folderOf(name string) string {
	_, inside, _ := strings.Cut(path.Dir(name), "/")
	return inside
}

// take adds one file. It reports whether the file is done with: added, or such
// that another try would end the same.
func (f *Watcher) take(ctx context.Context, root *os.Root, name string) (done bool) {
	defer func() {
		if p := recover(); p != nil { // one file must not end the box, nor be tried for ever
			f.Log.Error("taking a file panicked", "folder", f.Root, "panic", p, "stack", string(debug.Stack()))
			done = true
		}
	}()
	// A name can have become a link or a pipe since it was listed.
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true
	}
	src, existed, err := f.Library.Add(ctx, f.Org, appliance.NewFile{Name: path.Base(name), Folder: folderOf(name), By: appliance.Operator(f.Org)}, file, info.Size())
	if err == nil {
		f.Log.Info("file taken from a folder", "folder", f.Root, "source", src.ID, "existed", existed)
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	f.Log.Warn("could not take a file", "folder", f.Root, "error", err)
	switch problem.CodeOf(err) {
	case problem.Unreadable, problem.Unsupported, problem.Invalid, problem.TooLarge:
		return true // the file's own fault
	case problem.Cancelled:
		return false // pulled out in the middle: it comes again with the stick
	}
	// A full disk or an engine that is down passes.
	f.full = true
	return false
}
