package parts

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	maxDepth = 256
	// maxNodes leaves room for a sheet of two million cells.
	maxNodes = 20_000_000
	// maxRun bounds the bytes between two "<": one text, one tag's
	// attributes. The decoder holds that much at once.
	maxRun = 1 << 20
)

var (
	ErrDepth = errors.New("xml: nested too deeply")
	errNodes = errors.New("xml: too many nodes")
	errRun   = errors.New("xml: a single text or tag is too long")
)

// Reader walks a part of an office file with limits. Names are matched by
// their local part: writers choose their own prefixes, and the few words that
// two vocabularies share mean the same to us. Entities are never expanded: the
// decoder knows only the five of XML, reads no DTD and opens nothing; an
// unknown one stays as it is written.
type Reader struct {
	dec   *xml.Decoder
	Depth int
	nodes int
}

// NewReader walks XML in the encoding that it says, or that its first bytes tell.
func NewReader(r io.Reader) *Reader {
	// BOMOverride turns UTF-16 with a byte order mark into UTF-8.
	r = transform.NewReader(r, unicode.BOMOverride(transform.Nop))
	d := xml.NewDecoder(&runGuard{r: r})
	d.Strict = false
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // turned already
		}
		return charset.NewReaderLabel(label, in)
	}
	return &Reader{dec: d}
}

// Next returns a start, end or text token; io.EOF at the end.
func (x *Reader) Next() (xml.Token, error) {
	for {
		t, err := x.dec.Token()
		if err != nil {
			return nil, err
		}
		if x.nodes++; x.nodes > maxNodes {
			return nil, errNodes
		}
		switch t.(type) {
		case xml.StartElement:
			if x.Depth++; x.Depth > maxDepth {
				return nil, ErrDepth
			}
			return t, nil
		case xml.EndElement:
			x.Depth--
			return t, nil
		case xml.CharData:
			return t, nil
		}
	}
}

// Skip passes over the rest of the element whose start was read last. Unlike
// the decoder's own it counts, so that nothing deep or long hides in it.
func (x *Reader) Skip() error {
	for until := x.Depth - 1; x.Depth > until; {
		if _, err := x.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Text gathers the character data up to the end of the element whose start was
// read last.
func (x *Reader) Text() (string, error) {
	var b strings.Builder
	for until := x.Depth - 1; x.Depth > until; {
		t, err := x.Next()
		if err != nil {
			return b.String(), err
		}
		if data, ok := t.(xml.CharData); ok {
			b.Write(data)
		}
	}
	return b.String(), nil
}

// each calls f for every start element of a part until f or the part ends.
func (x *Reader) each(f func(xml.StartElement) error) error {
	for {
		t, err := x.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := t.(xml.StartElement); ok {
			if err := f(start); err != nil {
				return err
			}
		}
	}
}

// Attr returns an attribute by its local name.
func Attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// AttrNS returns an attribute whose namespace ends in suffix, for the few
// elements with both id and r:id.
func AttrNS(e xml.StartElement, suffix, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && strings.HasSuffix(a.Name.Space, suffix) {
			return a.Value
		}
	}
	return ""
}

// IsLimit reports whether an error comes from a limit rather than from damage.
func IsLimit(err error) bool {
	return errors.Is(err, ErrInflated) || errors.Is(err, ErrDepth) ||
		errors.Is(err, errNodes) || errors.Is(err, errRun)
}

// runGuard fails when more than maxRun bytes pass without a "<".
type runGuard struct {
	r   io.Reader
	run int
}

func (g *runGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	first := bytes.IndexByte(p[:n], '<')
	if first < 0 {
		first = n
	}
	if g.run += first; g.run > maxRun {
		return 0, errRun
	}
	if first < n {
		g.run = n - bytes.LastIndexByte(p[:n], '<')
	}
	return n, err
}
