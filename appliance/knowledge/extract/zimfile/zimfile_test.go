package zimfile

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

func TestLinksMeanEntries(t *testing.T) {
	for _, c := range []struct {
		modern     bool
		page, href string
		want       string
	}{
		{true, "Lake_Ondera", "Bando", "Bando"},
		{true, "Rivers/Nile", "../Lakes/Ondera?x=1#fishing", "Lakes/Ondera"},
		{true, "Lake", "Caf%C3%A9", "Café"},
		{true, "Lake", "../../../../etc/passwd", "etc/passwd"}, // a name, which no entry has
		{true, "Lake", "#top", ""},
		{true, "Lake", "https://example.org/Bando", ""},
		{true, "Lake", "%zz", ""},
		{false, "Lake", "../A/Bando", "Bando"},
		{false, "Lake", "Category:Life", "Category:Life"},
	} {
		z := &File{modern: c.modern}
		if got := z.Linked(Entry{Path: c.page}, c.href); got != c.want {
			t.Errorf("%q in %q (modern %v) means %q, want %q", c.href, c.page, c.modern, got, c.want)
		}
	}
}

func TestCacheReadsWhatTheFileHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 3*CacheBlock+1234)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	c := NewCache(bytes.NewReader(data), int64(len(data)))
	for range 200 {
		from := random.IntN(len(data))
		p := make([]byte, random.IntN(2*CacheBlock))
		n, err := c.ReadAt(p, int64(from))
		want := data[from:min(from+len(p), len(data))]
		if !bytes.Equal(p[:n], want) || (err == io.EOF) != (len(want) < len(p)) {
			t.Fatalf("%d bytes from %d: %d, %v", len(p), from, n, err)
		}
	}
	if _, err := c.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a place before the file")
	}
}
