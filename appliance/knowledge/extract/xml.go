package extract

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
	maxXMLDepth = 256
	// maxXMLNodes leaves room for a sheet of two million cells.
	maxXMLNodes = 20_000_000
	// maxXMLRun bounds the bytes between two "<": one text, one tag's
	// attributes. The decoder holds that much at once.
	maxXMLRun = 1 << 20
)

var (
	errXMLDepth = errors.New("xml: nested too deeply")
	errXMLNodes = errors.New("xml: too many nodes")
	errXMLRun   = errors.New("xml: a single text or tag is too long")
)

// xmlReader walks a part of an office file with limits. Names are matched by
// their local part: writers choose their own prefixes, and the few words that
// two vocabularies share mean the same to us. Entities are never expanded: the
// decoder knows only the five of XML, reads no DTD and opens nothing; an
// unknown one stays as it is written.
type xmlReader struct {
	dec   *xml.Decoder
	depth int
	nodes int
}

func newXML(r io.Reader) *xmlReader {
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
	return &xmlReader{dec: d}
}

// next returns a start, end or text token; io.EOF at the end.
func (x *xmlReader) next() (xml.Token, error) {
	for {
		t, err := x.dec.Token()
		if err != nil {
			return nil, err
		}
		if x.nodes++; x.nodes > maxXMLNodes {
			return nil, errXMLNodes
		}
		switch t.(type) {
		case xml.StartElement:
			if x.depth++; x.depth > maxXMLDepth {
				return nil, errXMLDepth
			}
			return t, nil
		case xml.EndElement:
			x.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		}
	}
}

// skip passes over the rest of the element whose start was read last. Unlike
// the decoder's own it counts, so that nothing deep or long hides in it.
func (x *xmlReader) skip() error {
	for until := x.depth - 1; x.depth > until; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// text gathers the character data up to the end of the element whose start was
// read last.
func (x *xmlReader) text() (string, error) {
	var b strings.Builder
	for until := x.depth - 1; x.depth > until; {
		t, err := x.next()
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
func (x *xmlReader) each(f func(xml.StartElement) error) error {
	for {
		t, err := x.next()
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

// attr returns an attribute by its local name.
func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// attrNS returns an attribute whose namespace ends in suffix, for the few
// elements with both id and r:id.
func attrNS(e xml.StartElement, suffix, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && strings.HasSuffix(a.Name.Space, suffix) {
			return a.Value
		}
	}
	return ""
}

// isLimit reports whether an error comes from a limit rather than from damage.
func isLimit(err error) bool {
	return errors.Is(err, errInflated) || errors.Is(err, errXMLDepth) ||
		errors.Is(err, errXMLNodes) || errors.Is(err, errXMLRun)
}

// runGuard fails when more than maxXMLRun bytes pass without a "<".
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
	if g.run += first; g.run > maxXMLRun {
		return 0, errXMLRun
	}
	if first < n {
		g.run = n - bytes.LastIndexByte(p[:n], '<')
	}
	return n, err
}
