package catalogue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// model makes a file that passes the header check, and its catalogue entry.
func model(name string, size int) ([]byte, Weight) {
	p := []byte("GGUF")
	for _, v := range []any{uint32(3), uint64(0), uint64(1), uint64(20), []byte("general.architecture"), uint32(8), uint64(4), []byte("bert")} {
		p, _ = binary.Append(p, binary.LittleEndian, v)
	}
	for i := len(p); i < size; i++ {
		p = append(p, byte(i*i>>3)+name[0])
	}
	return p, weightOf(name, p)
}

func weightOf(name string, p []byte) Weight {
	sum := sha256.Sum256(p)
	return Weight{Name: "Model " + name, Kind: KindChat, File: name, Size: int64(len(p)), SHA256: hex.EncodeToString(sum[:]),
		Sources: []Source{{Kind: sourceMirror}}}
}

// puller is a Puller on a fresh folder that keeps what it was told.
func puller(t *testing.T) (*Puller, *[]string) {
	var mu sync.Mutex
	var notes []string
	p := &Puller{Dir: filepath.Join(t.TempDir(), "models"), NoHub: true}
	p.Report = func(pr Progress) {
		mu.Lock()
		defer mu.Unlock()
		if pr.Stage == StageNote {
			notes = append(notes, pr.Note)
		}
	}
	p.init()
	p.backoff = time.Nanosecond
	return p, &notes
}

func write(t *testing.T, dir, name string, p []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, p, 0o644); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, p *Puller, w Weight, want []byte) {
	t.Helper()
	f, err := Locate(p.Dir, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{f.Path, filepath.Join(p.Dir, w.File)} {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s has %d bytes that are not the file's (%v)", path, len(got), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(p.Dir, "partial", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func wantReason(t *testing.T, err error, reason string, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Reason != reason {
		t.Fatalf("error %v, want reason %s", err, reason)
	}
	if e.Hint == "" || !strings.HasSuffix(e.Message, ".") {
		t.Errorf("message %q, hint %q", e.Message, e.Hint)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not name %q", err, word)
		}
	}
}

func TestPullFromDirectory(t *testing.T) {
	p, _ := puller(t)
	p.Mirror = t.TempDir()
	byName, a := model("a.gguf", 300_000)
	bySum, b := model("b.gguf", 1000)
	write(t, p.Mirror, a.File, byName)
	write(t, p.Dir, "partial/convert-123/model", byName) // of a pull that was killed
	write(t, filepath.Join(p.Mirror, "sha256"), b.SHA256, bySum)
	if err := p.Pull(t.Context(), []Weight{a, b}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, p, a, byName)
	wantFile(t, p, b, bySum)

	// The second time nothing is needed of the mirror.
	p.Mirror = filepath.Join(p.Mirror, "gone")
	if err := p.Pull(t.Context(), []Weight{a, b}); err != nil {
		t.Error(err)
	}
}

func TestPullRefusesWrongBytes(t *testing.T) {
	p, notes := puller(t)
	p.Mirror = t.TempDir()
	data, w := model("a.gguf", 5000)
	data[4000] ^= 1
	write(t, p.Mirror, w.File, data)
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "a.gguf", "other bytes")
	if _, err := Locate(p.Dir, w); err == nil {
		t.Error("the wrong file was taken")
	}
	if len(*notes) == 0 {
		t.Error("nobody was told")
	}
	write(t, p.Mirror, w.File, data[:100])
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_unreachable", "100 bytes instead of 5000")
}

// What an earlier pull left may be rubbish; the source is not blamed for it.
func TestPullStartsAgainOnWrongPart(t *testing.T) {
	for name, part := range map[string][]byte{
		"wrong start": bytes.Repeat([]byte("x"), 1000),
		"whole wrong": bytes.Repeat([]byte("x"), 3000),
		"too long":    bytes.Repeat([]byte("x"), 4000),
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := puller(t)
			p.Mirror = t.TempDir()
			data, w := model("a.gguf", 3000)
			write(t, p.Mirror, w.File, data)
			write(t, p.Dir, "partial/"+w.SHA256+".part", part)
			if err := p.Pull(t.Context(), []Weight{w}); err != nil {
				t.Fatal(err)
			}
			wantFile(t, p, w, data)
		})
	}
}

func TestDamageIsFoundAndRepaired(t *testing.T) {
	p, _ := puller(t)
	p.Mirror = t.TempDir()
	data, w := model("a.gguf", 50_000)
	other, intact := model("b.gguf", 1000)
	write(t, p.Mirror, w.File, data)
	write(t, p.Mirror, intact.File, other)
	both := []Weight{w, intact}
	if err := p.Pull(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	path := store{p.Dir}.blob(w)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// Bit rot: the file's time stays, so only reading it again shows it.
	rotten := bytes.Clone(data)
	rotten[40_000] ^= 0x10
	write(t, filepath.Dir(path), filepath.Base(path), rotten)
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	found, err := p.Verify(t.Context(), both, false)
	if err != nil {
		t.Fatal(err)
	}
	if found[0].State != Damaged || found[0].Weight.File != w.File || found[0].Err == nil || found[1].State != Ready {
		t.Fatalf("found %+v", found)
	}
	_, err = Locate(p.Dir, w)
	wantReason(t, err, "weights_damaged", "a.gguf")
	found, err = p.Verify(t.Context(), both, true)
	if err != nil || found[0].State != Ready || found[1].State != Ready {
		t.Fatalf("found %+v, %v", found, err)
	}
	wantFile(t, p, w, data)
}

// Other damage shows without being asked for, and a pull repairs it.
func TestPullReplacesDamagedFile(t *testing.T) {
	data, w := model("a.gguf", 9000)
	flipped := bytes.Clone(data)
	flipped[8000] ^= 1
	for name, content := range map[string][]byte{"cut short": data[:5000], "empty": nil, "changed": flipped} {
		t.Run(name, func(t *testing.T) {
			p, notes := puller(t)
			p.Mirror = t.TempDir()
			write(t, p.Mirror, w.File, data)
			if err := p.Pull(t.Context(), []Weight{w}); err != nil {
				t.Fatal(err)
			}
			path := store{p.Dir}.blob(w)
			write(t, filepath.Dir(path), filepath.Base(path), content)
			if err := os.Chtimes(path, time.Time{}, time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
			if l := List(p.Dir, []Weight{w}); l[0].State != Damaged {
				t.Errorf("listed as %s", l[0].State)
			}
			if err := p.Pull(t.Context(), []Weight{w}); err != nil {
				t.Fatal(err)
			}
			wantFile(t, p, w, data)
			if len(*notes) != 1 || !strings.Contains((*notes)[0], "a.gguf is damaged") {
				t.Errorf("notes %q", *notes)
			}
		})
	}
}

func TestMissingIsNamed(t *testing.T) {
	_, w := model("a.gguf", 1000)
	_, err := Locate(t.TempDir(), w)
	wantReason(t, err, "weights_missing", "a.gguf", "Model a.gguf")
	_, err = Resolve(t.TempDir(), TierStandard)
	wantReason(t, err, "weights_missing", "4 of", "ggml-base.bin")
	if e, _ := errors.AsType[*problem.Error](err); !strings.Contains(e.Hint, "bwenge models pull") {
		t.Errorf("hint %q", e.Hint)
	}
	_, err = Resolve(t.TempDir(), "huge")
	wantReason(t, err, "unknown_tier", "huge")
}

func TestImport(t *testing.T) {
	p, _ := puller(t)
	stick := t.TempDir()
	data, w := model("a.gguf", 7000)
	_, absent := model("b.gguf", 6000)
	write(t, stick, "somewhere/deep/Kopie von a (1).bin", data)
	write(t, stick, "somewhere/like-a.bin", bytes.Repeat([]byte("x"), 7000))
	write(t, stick, "lesson.pdf", []byte("%PDF"))
	found, err := p.Import(t.Context(), stick, []Weight{w, absent})
	if err != nil || len(found) != 1 || found[0].File != "a.gguf" {
		t.Fatalf("found %v, %v", found, err)
	}
	wantFile(t, p, w, data)
	// Again: it is known to be there already.
	if found, err = p.Import(t.Context(), stick, []Weight{w}); err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	_, err = p.Import(t.Context(), stick, []Weight{absent})
	wantReason(t, err, "import_nothing", stick)
	_, err = p.Import(t.Context(), filepath.Join(stick, "none"), []Weight{w})
	wantReason(t, err, "import_unreadable", "none")
}

func TestImportSaysWhatIsDamaged(t *testing.T) {
	p, _ := puller(t)
	stick := t.TempDir()
	data, w := model("a.gguf", 7000)
	data[6999] ^= 1
	write(t, stick, "a.gguf", data)
	_, err := p.Import(t.Context(), stick, []Weight{w})
	wantReason(t, err, "import_nothing", "a.gguf", "damaged")
}

func TestSpaceIsCheckedFirst(t *testing.T) {
	p, _ := puller(t)
	p.Mirror = t.TempDir()
	_, w := model("a.gguf", 1000)
	w.Size = 1 << 60
	err := p.Pull(t.Context(), []Weight{w})
	wantReason(t, err, "weights_no_space", "GB of free space", p.Dir)
	if problem.CodeOf(err) != problem.NoSpace {
		t.Errorf("code %s", problem.CodeOf(err))
	}
}

// A second pull waits for the first, then finds its work done.
func TestPullsDoNotCollide(t *testing.T) {
	p, _ := puller(t)
	p.Mirror = t.TempDir()
	data, w := model("a.gguf", 1000)
	write(t, p.Mirror, w.File, data)
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := os.Create(filepath.Join(p.Dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(first.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	waited := false
	p.Report = func(pr Progress) {
		if pr.Stage == StageNote && strings.Contains(pr.Note, "another bwenge") {
			waited = true
			first.Close()
		}
	}
	if err := p.Pull(t.Context(), []Weight{w}); err != nil || !waited {
		t.Fatalf("waited %t, %v", waited, err)
	}
	wantFile(t, p, w, data)

	again, err := os.Open(filepath.Join(p.Dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := unix.Flock(int(again.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.Report = func(Progress) { cancel() }
	if err := p.Pull(ctx, []Weight{w}); !errors.Is(err, context.Canceled) {
		t.Errorf("a pull that waits cannot be stopped: %v", err)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), "file", nil)
	p := &Puller{Dir: filepath.Join(file, "models")}
	_, w := model("a.gguf", 1000)
	wantReason(t, p.Pull(t.Context(), []Weight{w}), "weights_folder", "models")
}
