package parts

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

func zipped(f *testing.F, names ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte("<x/>"))
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, "[Content_Types].xml", "_rels/.rels", "word/document.xml"))
	f.Add(zipped(f, "mimetype", "../x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Open(bytes.NewReader(data), int64(len(data)), MaxParts)
		if err != nil {
			return
		}
		budget := a.Left
		var total int64
		for name := range a.entries {
			if strings.HasPrefix(name, "/") || strings.HasPrefix(name, "../") || strings.Contains(name, "/../") {
				t.Fatalf("name %q", name)
			}
			rc, err := a.Open(name)
			if err != nil {
				continue
			}
			n, _ := io.Copy(io.Discard, rc)
			total += n
		}
		if total > budget {
			t.Fatalf("inflated %d bytes, allowed %d", total, budget)
		}
	})
}
