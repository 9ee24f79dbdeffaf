package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

func TestDocument(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.add("../a/Biology\x00 \u202efdp.exe", book(3))
	if src.Title != "Biology fdp.exe" || src.Status != appliance.StatusQueued {
		t.Fatalf("%+v", src)
	}
	src = r.until(src.ID, appliance.StatusReady)
	if src.Pages != 3 || src.Language != "en" || src.Kind != appliance.KindPDF || len(src.Notices) != 1 || src.Progress != 1 || src.SecondsLeft != nil {
		t.Fatalf("%+v", src)
	}
	chunks := r.chunks(src.ID)
	if len(chunks) != src.Chunks || len(chunks) < 6 {
		t.Fatalf("%d chunks, the source says %d", len(chunks), src.Chunks)
	}
	hits, err := r.store.SearchVector(t.Context(), org, whole, vectorOf(chunks[4].Text), 1)
	if err != nil || len(hits) != 1 || hits[0].ChunkID != chunks[4].ID {
		t.Fatal(hits, err)
	}
	f, _, err := r.Open(t.Context(), org, whole, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if content, err := io.ReadAll(f); err != nil || string(content) != book(3) {
		t.Fatal("the original is not what was added", err)
	}

	again, existed, err := r.Add(t.Context(), org, appliance.NewFile{Name: "other name.pdf"}, strings.NewReader(book(3)), -1)
	if err != nil || !existed || again.ID != src.ID {
		t.Fatal(again, existed, err)
	}
	if names := append(r.left("uploads"), r.left("work")...); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
	if err := r.Delete(t.Context(), org, src.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(t.Context(), org, src.ID); problem.CodeOf(err) != problem.NotFound {
		t.Fatal("deleted twice:", err)
	}
	if names := r.left("files"); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
}

func TestRecording(t *testing.T) {
	r := newRig(t)
	r.read.kind = appliance.KindAudio
	for i := range 9 {
		at := time.Duration(i) * time.Second
		r.hear.Segments = append(r.hear.Segments, models.Segment{Start: at, End: at + 900*time.Millisecond,
			Text: fmt.Sprintf(" Les plantes ont besoin de lumière et d'eau, dit le professeur pour la leçon %d.", i)})
	}
	r.hear.Language = "fr"
	r.start()
	src := r.until(r.add("leçon.mp3", strings.Repeat("x", 95)).ID, appliance.StatusReady)
	if src.Duration != 9.5 || src.Language != "fr" {
		t.Fatalf("%+v", src)
	}
	asked := r.hear.Asked()
	if len(asked) != 5 { // 2 s each; the last half second joins no other
		t.Fatalf("%d windows: %+v", len(asked), asked)
	}
	if asked[0].Language != "" || asked[2].Language != "fr" {
		t.Fatalf("the language was not kept: %+v", asked)
	}
	text := ""
	for i, c := range r.chunks(src.ID) {
		if c.Place.End <= c.Place.Start && i > 0 || c.Language != "fr" {
			t.Fatalf("chunk %+v", c)
		}
		text += c.Text
	}
	for i := range 9 {
		if n := strings.Count(text, fmt.Sprintf("leçon %d.", i)); n < 1 || n > 2 {
			t.Errorf("segment %d is there %d times", i, n)
		}
	}
}

func TestNothingToIndex(t *testing.T) {
	r := newRig(t)
	r.start()
	src := r.until(r.add("blank.pdf", "\f\f").ID, appliance.StatusFailed)
	if src.Problem == nil || src.Problem.Reason != "no_text" {
		t.Fatalf("%+v", src.Problem)
	}
	r2 := newRig(t)
	r2.read.kind = appliance.KindVideo
	r2.start()
	src = r2.until(r2.add("silence.mp4", strings.Repeat("x", 50)).ID, appliance.StatusReady)
	if src.Chunks != 0 || len(src.Notices) != 1 || src.Notices[0].Code != "no_speech" {
		t.Fatalf("%+v", src)
	}
	if r2.stop(t.Context(), src.ID); len(r2.left("work")) > 0 { // stop waits for the worker's last move
		t.Fatal("left behind:", r2.left("work"))
	}
	if _, _, err := r.Add(t.Context(), org, appliance.NewFile{Name: "nothing"}, strings.NewReader(""), 0); problem.CodeOf(err) != problem.Unreadable {
		t.Fatal(err)
	}
}

// failing gives some bytes and then an error.
type failing struct{ left int }

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

func TestSenderGone(t *testing.T) {
	r := newRig(t)
	if _, _, err := r.Add(t.Context(), org, appliance.NewFile{Name: "a"}, &failing{100_000}, 200_000); problem.CodeOf(err) != problem.Cancelled {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.Add(ctx, org, appliance.NewFile{Name: "a"}, strings.NewReader("abc"), 3); err == nil {
		t.Fatal("added for somebody who had gone")
	}
	if names := append(r.left("uploads"), r.left("files")...); len(names) > 0 {
		t.Fatal("left behind:", names)
	}
}

func TestNoRoom(t *testing.T) {
	r := newRig(t)
	src, _, err := r.Add(t.Context(), org, appliance.NewFile{Name: "huge"}, &failing{0}, math.MaxInt64)
	if problem.CodeOf(err) != problem.NoSpace || problem.Of(err).Params["need_bytes"] == nil {
		t.Fatal(src, err)
	}
}

func TestSweep(t *testing.T) {
	r := newRig(t)
	r.start()
	kept := r.until(r.add("kept", book(1)).ID, appliance.StatusReady)
	orphan := strings.Repeat("ab", 32)
	for _, path := range []string{"uploads/x.part", "files/default/ab/" + orphan, "work/gone/samples"} {
		path = filepath.Join(r.dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := append(append(r.left("uploads"), r.left("work")...), r.left("files")...); len(names) != 1 || names[0] != kept.SHA256 {
		t.Fatal(names)
	}
	sum := sha256.Sum256([]byte(book(1)))
	if kept.SHA256 != hex.EncodeToString(sum[:]) {
		t.Fatal("wrong sha256")
	}
}

func TestCleanTitle(t *testing.T) {
	for name, want := range map[string]string{
		"lesson.pdf":                       "lesson.pdf",
		"../../etc/passwd":                 "passwd",
		`C:\Users\me\Leçon 1.docx`:         "Leçon 1.docx",
		"a\x00b\nc\u202e.pdf":              "ab c.pdf",
		"":                                 "file",
		"..":                               "file",
		"/":                                "file",
		"\xff\xfe.txt":                     "txt",
		strings.Repeat("é", 150) + ".epub": strings.Repeat("é", 96) + "…" + ".epub",
	} {
		if got := cleanTitle(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func FuzzCleanTitle(f *testing.F) {
	f.Add("a/b\\c\u202e.pdf")
	f.Fuzz(func(t *testing.T, name string) {
		title := cleanTitle(name)
		if title == "" || len(title) > maxTitle || strings.ContainsAny(title, "/\\\n\x00") || cleanTitle(title) != title {
			t.Fatalf("%q became %q", name, title)
		}
	})
}

// No byte of an original lies plain on the disk once it has been read; it comes
// back whole, and from any place.
func TestOriginalsAreSealed(t *testing.T) {
	r := newRig(t)
	r.start()
	content := strings.Repeat("a canary in a coal mine. ", 10_000)
	src := r.until(r.add("mine", content).ID, appliance.StatusReady)
	for _, folder := range []string{"files", "uploads", "work"} {
		err := filepath.WalkDir(filepath.Join(r.dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if stored, err := os.ReadFile(path); err != nil || strings.Contains(string(stored), "canary") {
				t.Errorf("%s is plain, %v", path, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	f, _, err := r.Open(t.Context(), org, whole, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || string(got) != content {
		t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
	}
	part := make([]byte, 100)
	if _, err := f.Seek(150_000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(f, part); err != nil || string(part) != content[150_000:150_100] {
		t.Errorf("%q %v", part, err)
	}
}
