package keys

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func box(t *testing.T) *Box {
	t.Helper()
	b, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheKeyStays(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open(dir)
	if err != nil || !bytes.Equal(first.MAC("x", []byte("a")), second.MAC("x", []byte("a"))) {
		t.Error("another key after reopening", err)
	}
	path := filepath.Join(dir, fileName)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a key that others can read is accepted")
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a damaged key is accepted")
	}
}

func TestMACsAreApart(t *testing.T) {
	b := box(t)
	seen := map[string]bool{}
	for _, mac := range [][]byte{
		b.MAC("a", []byte("x"), []byte("y")), b.MAC("a", []byte("xy")), b.MAC("a", []byte("x"), []byte("y"), nil),
		b.MAC("b", []byte("xy")), box(t).MAC("a", []byte("xy")),
	} {
		if seen[string(mac)] {
			t.Error("two MACs are the same")
		}
		seen[string(mac)] = true
	}
}

func TestFields(t *testing.T) {
	b := box(t)
	wrapped := b.NewDataKey("a")
	key, err := b.DataKey("a", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal([]byte("secret"), "message.text")
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("not sealed")
	}
	if plain, err := key.Open(sealed, "message.text"); err != nil || string(plain) != "secret" {
		t.Error(plain, err)
	}
	if _, err := key.Open(sealed, "user.email"); err == nil {
		t.Error("opens in another column")
	}
	if _, err := b.DataKey("b", wrapped); err == nil {
		t.Error("another organization's key opens")
	}
	if _, err := box(t).DataKey("a", wrapped); err == nil {
		t.Error("another box's key opens")
	}
}

func TestFiles(t *testing.T) {
	b := box(t)
	key, _ := b.DataKey("a", b.NewDataKey("a"))
	for _, n := range []int{0, 1, 65535, 65536, 65537, 300_000} {
		plain := make([]byte, n)
		_, _ = rand.Read(plain)
		var file bytes.Buffer
		w, err := key.Writer(&file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := key.Reader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(n, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(n, len(got), err)
		}
		if n < 70_000 {
			continue
		}
		part := make([]byte, 1000)
		if _, err := r.ReadAt(part, 130_000); err != nil || !bytes.Equal(part, plain[130_000:131_000]) {
			t.Error("a part differs", err)
		}
		damaged := bytes.Clone(file.Bytes())
		damaged[100_000] ^= 1
		if r, err := key.Reader(bytes.NewReader(damaged), int64(len(damaged))); err == nil {
			if _, err := io.ReadAll(r); err == nil {
				t.Error("damage goes unnoticed")
			}
		}
		cut := file.Bytes()[:headerSize+65536+32]
		if r, err := key.Reader(bytes.NewReader(cut), int64(len(cut))); err == nil {
			if _, err := io.ReadAll(r); err == nil {
				t.Error("a cut file goes unnoticed")
			}
		}
	}
	if _, err := key.Reader(bytes.NewReader([]byte("%PDF-1.7 and so on, longer than the header of a sealed file")), 60); err != ErrNotSealed {
		t.Error(err)
	}
}
