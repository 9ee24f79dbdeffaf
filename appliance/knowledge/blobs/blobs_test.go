package blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

const org = appliance.OrgID("school")

// flipped is a key that turns every bit over.
type flipped struct{}

func (flipped) Writer(w io.Writer) (io.WriteCloser, error) { return flipping{w}, nil }

func (flipped) Reader(r io.ReaderAt, size int64) (*io.SectionReader, error) {
	plain, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	return io.NewSectionReader(bytes.NewReader(flip(plain)), 0, size), err
}

type flipping struct{ w io.Writer }

func (f flipping) Write(p []byte) (int, error) { return f.w.Write(flip(p)) }
func (flipping) Close() error                  { return nil }

func flip(p []byte) []byte {
	p = bytes.Clone(p)
	for i := range p {
		p[i] = ^p[i]
	}
	return p
}

func open(t *testing.T) *Folder {
	t.Helper()
	f, err := Open(t.TempDir(), func(context.Context, appliance.OrgID) (Key, error) { return flipped{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sweep removes what nothing refers to; no source has any file.
func sweep(t *testing.T, f *Folder) {
	t.Helper()
	if err := f.Sweep(f.Drop, func(string) (bool, error) { return false, nil }); err != nil {
		t.Error(err)
	}
}

// The sweep that runs as the box starts must leave an upload alone that has
// arrived and is not an original yet.
func TestSweepLeavesAnUploadBetweenReceivingAndKeeping(t *testing.T) {
	f := open(t)
	u, err := f.Receive(t.Context(), org, strings.NewReader("a lesson"), 8)
	if err != nil {
		t.Fatal(err)
	}
	sweep(t, f)
	if err := u.Keep(); err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(t.Context(), org, u.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, err := io.ReadAll(r); err != nil || string(text) != "a lesson" {
		t.Errorf("%q, %v", text, err)
	}
}

// The same with many uploads under a sweep that never rests.
func TestUploadsSurviveASweepThatNeverRests(t *testing.T) {
	f := open(t)
	stop := make(chan struct{})
	var sweeping sync.WaitGroup
	sweeping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				// Originals are kept: only uploads and scratch are swept here.
				if err := f.Sweep(func(appliance.OrgID, string) error { return nil },
					func(string) (bool, error) { return false, nil }); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Error(err)
				}
			}
		}
	})
	var uploads sync.WaitGroup
	for i := range 8 {
		uploads.Go(func() {
			for j := range 10 {
				u, err := f.Receive(t.Context(), org, strings.NewReader(fmt.Sprint("lesson ", i, j)), -1)
				if err == nil {
					err = u.Keep()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	uploads.Wait()
	close(stop)
	sweeping.Wait()
}

func TestADroppedUploadLeavesNothing(t *testing.T) {
	f := open(t)
	u, err := f.Receive(t.Context(), org, strings.NewReader("a lesson"), 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(u.Drop(), u.Drop()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(f.dir, "uploads")); err != nil || len(left) > 0 || len(f.live) > 0 {
		t.Errorf("left %v, %v, %v", left, f.live, err)
	}
	if err := u.Keep(); err == nil {
		t.Error("a dropped upload was kept")
	}
}

func TestReserve(t *testing.T) {
	if got := reserve(1 << 40); got != 1<<40/20 {
		t.Error("a large disk keeps", got)
	}
	if got := reserve(64 << 30); got != 64<<30/20 {
		t.Error("a 64 GB disk keeps", got)
	}
	if got := reserve(4 << 30); got != 4<<30/10 {
		t.Error("a tiny disk keeps", got)
	}
}
