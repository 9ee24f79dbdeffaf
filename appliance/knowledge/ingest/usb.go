package ingest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
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
	// Bounds on one look at a folder; a stick with more is not a teacher's.
	maxDepth = 8
	maxFiles = 5000
)

// readable are the endings of names that are worth a try; what a file really is
// shows when it is read. Anything else on a stick is left alone.
var readable = func() map[string]bool {
	m := map[string]bool{}
	for _, ext := range strings.Fields(`pdf doc docx odt rtf ppt pptx odp xlsx ods csv epub html htm xhtml md txt
		png jpg jpeg tif tiff webp mp3 m4a ogg oga opus flac aac wav mp4 m4v mov avi mkv webm`) {
		m["."+ext] = true
	}
	return m
}()

// WatchFolder adds every readable file below root, and those that appear there
// later, such as on a USB stick that is mounted below it, until ctx ends. Root
// need not exist yet. Files stay where they are; links are not followed.
func (in *Ingester) WatchFolder(ctx context.Context, org appliance.OrgID, root string) error {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer notify.Close()
	f := &folder{in: in, org: org, root: root, notify: notify, known: map[string]*found{}}
	look := time.NewTimer(0)
	defer look.Stop()
	mounts := time.NewTicker(mountsEvery)
	defer mounts.Stop()
	table := mountTable()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-notify.Events:
			look.Reset(settle)
		case err := <-notify.Errors:
			in.cfg.Log.Warn("watching a folder", "folder", root, "error", err)
			look.Reset(settle) // events were lost: look at everything
		case <-mounts.C:
			if now := mountTable(); now != table {
				table = now
				look.Reset(settle)
			}
		case <-look.C:
			if f.look(ctx) {
				look.Reset(settle)
			}
		}
	}
}

func mountTable() string {
	text, _ := os.ReadFile("/proc/self/mountinfo") // without it only notices count
	return string(text)
}

// folder is what is known of a watched folder.
type folder struct {
	in     *Ingester
	org    appliance.OrgID
	root   string
	notify *fsnotify.Watcher
	known  map[string]*found // by path below root
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
func (f *folder) look(ctx context.Context) (again bool) {
	root, err := os.OpenRoot(f.root)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.in.cfg.Log.Warn("cannot look into a folder", "folder", f.root, "error", err)
		}
		// Its parent tells when it appears, if it exists itself.
		_ = f.notify.Add(path.Dir(f.root))
		clear(f.known)
		return false
	}
	defer root.Close()
	for _, x := range f.known {
		x.seen = false
	}
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
			_ = f.notify.Add(path.Join(f.root, name)) // without it the next look finds what is new
			return nil
		case !d.Type().IsRegular() || !readable[strings.ToLower(path.Ext(name))]:
			return nil
		}
		if files++; files > maxFiles {
			f.in.cfg.Log.Warn("too many files; the rest is left out", "folder", f.root, "most", maxFiles)
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

// take adds one file. It reports whether the file is done with: added, or not
// worth another try.
func (f *folder) take(ctx context.Context, root *os.Root, name string) bool {
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
	src, existed, err := f.in.Add(ctx, f.org, appliance.NewFile{Name: path.Base(name), By: appliance.Operator(f.org)}, file, info.Size())
	switch {
	case err == nil:
		f.in.cfg.Log.Info("file taken from a folder", "folder", f.root, "source", src.ID, "existed", existed)
		return true
	case ctx.Err() != nil:
		return false
	}
	f.in.cfg.Log.Warn("could not take a file", "folder", f.root, "error", err)
	// What was pulled out in the middle comes again with the stick.
	return problem.CodeOf(err) != problem.Cancelled
}
