package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// textEncoding is how a text file's bytes become characters.
type textEncoding int

const (
	encUTF8 textEncoding = iota
	encUTF16LE
	encUTF16BE
	encWindows1252 // the fallback of everything without Unicode; it never fails
)

// textStats counts what tells text from data and one encoding from another.
type textStats struct {
	bytes, controls, zeroEven, zeroOdd int64
	multi, invalid                     int64 // UTF-8 sequences, and bytes that are none
	partial                            []byte
}

func (t *textStats) add(p []byte) {
	for i, c := range p {
		switch {
		case c == 0 && (t.bytes+int64(i))%2 == 0:
			t.zeroEven++
		case c == 0:
			t.zeroOdd++
		case c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b || c == 0x7f:
			t.controls++
		}
	}
	t.bytes += int64(len(p))
	rest := p
	if len(t.partial) > 0 {
		rest = append(t.partial, p...)
		t.partial = nil
	}
	for len(rest) > 0 {
		if rest[0] < utf8.RuneSelf {
			rest = rest[1:]
			continue
		}
		if !utf8.FullRune(rest) {
			t.partial = bytes.Clone(rest)
			return
		}
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			t.invalid++
		} else {
			t.multi++
		}
		rest = rest[n:]
	}
}

// encoding decides, or says that this is no text: more than one byte in fifty
// is a control character, or there are zeros that are not UTF-16's.
func (t *textStats) encoding() (textEncoding, error) {
	zeros := t.zeroEven + t.zeroOdd
	switch {
	case t.bytes == 0:
		return encUTF8, nil
	case t.zeroOdd > t.bytes/5 && t.zeroEven < t.bytes/50:
		return encUTF16LE, nil
	case t.zeroEven > t.bytes/5 && t.zeroOdd < t.bytes/50:
		return encUTF16BE, nil
	case (t.controls+zeros)*50 > t.bytes:
		return 0, errors.New("text: control characters")
	case t.invalid == 0 || t.multi > 10*t.invalid: // a few bad bytes do not change what the rest is
		return encUTF8, nil
	}
	return encWindows1252, nil
}

// sniffEncoding looks at all of a text: a first accented letter may stand far in.
func sniffEncoding(r io.ReaderAt, size int64) (textEncoding, error) {
	var mark [4]byte
	n, _ := r.ReadAt(mark[:], 0)
	if c, ok := byteOrderMark(mark[:n]); ok {
		return c, nil
	}
	var stats textStats
	buf := make([]byte, 64<<10)
	in := io.NewSectionReader(r, 0, size)
	for {
		n, err := in.Read(buf)
		stats.add(buf[:n])
		if err == io.EOF {
			return stats.encoding()
		}
		if err != nil {
			return 0, err
		}
	}
}

func byteOrderMark(p []byte) (textEncoding, bool) {
	switch {
	case bytes.HasPrefix(p, []byte{0xef, 0xbb, 0xbf}):
		return encUTF8, true
	case bytes.HasPrefix(p, []byte{0xff, 0xfe}):
		return encUTF16LE, true
	case bytes.HasPrefix(p, []byte{0xfe, 0xff}):
		return encUTF16BE, true
	}
	return 0, false
}

// reader turns bytes into UTF-8 without a byte order mark.
func (c textEncoding) reader(r io.Reader) io.Reader {
	switch c {
	case encUTF16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case encUTF16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case encWindows1252:
		return transform.NewReader(r, charmap.Windows1252.NewDecoder())
	}
	return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
}

// looksLikeText judges a file's start.
func looksLikeText(head []byte) bool {
	if _, ok := byteOrderMark(head); ok {
		return true
	}
	var stats textStats
	stats.add(head)
	_, err := stats.encoding()
	return err == nil
}

// decodeHead turns a file's start into UTF-8 for the sniffers.
func decodeHead(head []byte) string {
	c, ok := byteOrderMark(head)
	if !ok {
		var stats textStats
		stats.add(head)
		c, _ = stats.encoding()
	}
	switch c {
	case encUTF16LE, encUTF16BE:
		var order binary.ByteOrder = binary.LittleEndian
		if c == encUTF16BE {
			order = binary.BigEndian
		}
		units := make([]uint16, len(head)/2)
		for i := range units {
			units[i] = order.Uint16(head[2*i:])
		}
		return string(utf16.Decode(units))
	}
	return string(bytes.TrimPrefix(head, []byte{0xef, 0xbb, 0xbf}))
}
