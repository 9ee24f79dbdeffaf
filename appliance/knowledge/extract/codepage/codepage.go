// Package codepage finds out how a text file's bytes become characters.
package codepage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf16text "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Encoding is how a text file's bytes become characters.
type Encoding int

const (
	encUTF8 Encoding = iota
	encUTF16LE
	encUTF16BE
	encWindows1252 // the fallback of everything without Unicode; it never fails
	encMacRoman
	encDOS850
	encWindows1256 // Arabic
	encWindows1251 // Cyrillic
)

// byteCharmaps are the encodings of one byte a character.
var byteCharmaps = map[Encoding]*charmap.Charmap{
	encWindows1252: charmap.Windows1252, encMacRoman: charmap.Macintosh, encDOS850: charmap.CodePage850,
	encWindows1256: charmap.Windows1256, encWindows1251: charmap.Windows1251,
}

// textStats counts what tells text from data and one encoding from another.
type textStats struct {
	bytes, controls int64
	multi, invalid  int64           // UTF-8 sequences, and bytes that are none
	parity          [2][256]int64   // how often each byte stands at even and odd places
	ascii           int64           // letters among them
	high            [256]int64      // bytes from 0x80
	windows         []byteInContext // some of them
	last            [2]byte
	partial         []byte
}

// byteInContext is a byte from 0x80 between its neighbours.
type byteInContext [3]byte

// maxWindows is how many bytes are looked at in their context.
const maxWindows = 4096

func (t *textStats) add(p []byte) {
	for i, c := range p {
		t.parity[(t.bytes+int64(i))&1][c]++
		switch {
		case c != 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b || c == 0x7f:
			t.controls++
		case c >= 0x80:
			t.high[c]++
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			t.ascii++
		}
		if t.last[1] >= 0x80 && len(t.windows) < maxWindows {
			t.windows = append(t.windows, byteInContext{t.last[0], t.last[1], c})
		}
		t.last = [2]byte{t.last[1], c}
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

// end says that no more comes: a character that is cut off is none.
func (t *textStats) end() {
	t.invalid += int64(len(t.partial))
	if t.last[1] >= 0x80 && len(t.windows) < maxWindows {
		t.windows = append(t.windows, byteInContext{t.last[0], t.last[1], ' '})
	}
	t.partial = nil
}

// encoding decides, or says that this is no text: more than one byte in fifty
// is a control character, or there are zeros that are not UTF-16's.
func (t *textStats) encoding() (Encoding, error) {
	even, odd := t.parity[0][0], t.parity[1][0]
	switch {
	case t.bytes == 0:
		return encUTF8, nil
	case odd > t.bytes/100 && even <= odd/10 && oneScript(t.parity[1]):
		return encUTF16LE, nil
	case even > t.bytes/100 && odd <= even/10 && oneScript(t.parity[0]):
		return encUTF16BE, nil
	case (t.controls+even+odd)*50 > t.bytes:
		return 0, errors.New("text: control characters")
	case t.invalid == 0 || t.multi > 10*t.invalid: // a few bad bytes do not change what the rest is
		return encUTF8, nil
	}
	c, _ := t.oneByte()
	return c, nil
}

// oneScript reports whether the upper halves of UTF-16 units are those of text:
// nearly all of Latin, of one other script and of punctuation.
func oneScript(upper [256]int64) bool {
	var all, most, latin int64
	for c, n := range upper {
		all += n
		switch c {
		case 0x00, 0x01, 0x02, 0x20:
			latin += n
		default:
			most = max(most, n)
		}
	}
	return (latin+most)*100 >= all*95
}

// oneByte tells the encodings of one byte a character apart by what letters they
// make of the text. sure is false if none of them makes sense of it.
func (t *textStats) oneByte() (c Encoding, sure bool) {
	var letters, upper, high int64
	for b, n := range t.high {
		high += n
		if b >= 0xc0 {
			letters += n
		}
		if b >= 0xc0 && b < 0xe0 {
			upper += n
		}
	}
	if letters > t.ascii { // words of other letters than Latin
		if upper*4 > letters { // Arabic's letters stand in both halves
			return encWindows1256, true
		}
		return encWindows1251, true
	}
	c = encWindows1252
	best := sense(c, t.windows)
	for _, other := range []Encoding{encMacRoman, encDOS850} {
		if s := sense(other, t.windows); s > best {
			c, best = other, s
		}
	}
	return c, best >= 0
}

const (
	commonLetters = "éèàêçôîùûâëïüœöäñßáíóúãõ"
	commonMarks   = "’‘“”–—…«»•°€£½²³×÷µ§©®™ºª¿¡·\u00a0"
)

// sense is how well an encoding makes words of the bytes that it reads.
func sense(c Encoding, windows []byteInContext) (score int) {
	m := byteCharmaps[c]
	for _, w := range windows {
		before, r, after := m.DecodeByte(w[0]), m.DecodeByte(w[1]), m.DecodeByte(w[2])
		within := unicode.IsLetter(before) && unicode.IsLetter(after)
		switch {
		case r == utf8.RuneError || unicode.IsControl(r):
			score -= 4
		case strings.ContainsRune(commonLetters, r):
			score += 2
		case unicode.IsUpper(r) && strings.ContainsRune(commonLetters, unicode.ToLower(r)) && !unicode.IsLower(before):
			score++
		case r == '’':
			score += 2
		case strings.ContainsRune(commonMarks, r) && !within:
			score++
		default: // a letter or sign that no word has there
			score -= 2
		}
	}
	return score
}

// Sniff looks at all of a text: a first accented letter may stand far
// in. sure is false if the text makes little sense however it is read.
func Sniff(r io.ReaderAt, size int64) (c Encoding, sure bool, err error) {
	var mark [4]byte
	n, _ := r.ReadAt(mark[:], 0)
	if c, ok := byteOrderMark(mark[:n]); ok {
		return c, true, nil
	}
	var stats textStats
	buf := make([]byte, 64<<10)
	in := io.NewSectionReader(r, 0, size)
	for {
		n, err := in.Read(buf)
		stats.add(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, false, err
		}
	}
	stats.end()
	if c, err = stats.encoding(); err != nil || byteCharmaps[c] == nil {
		return c, true, err
	}
	_, sure = stats.oneByte()
	return c, sure, nil
}

func byteOrderMark(p []byte) (Encoding, bool) {
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

// Reader turns bytes into UTF-8 without a byte order mark.
func (c Encoding) Reader(r io.Reader) io.Reader {
	switch c {
	case encUTF16LE:
		return transform.NewReader(r, utf16text.UTF16(utf16text.LittleEndian, utf16text.UseBOM).NewDecoder())
	case encUTF16BE:
		return transform.NewReader(r, utf16text.UTF16(utf16text.BigEndian, utf16text.UseBOM).NewDecoder())
	case encUTF8:
		return transform.NewReader(r, utf16text.UTF8BOM.NewDecoder())
	}
	return transform.NewReader(r, byteCharmaps[c].NewDecoder())
}

// Of judges a piece of text; all says that nothing follows it.
func Of(piece []byte, all bool) (Encoding, error) {
	var stats textStats
	stats.add(piece)
	if all {
		stats.end()
	}
	return stats.encoding()
}

// IsText judges a file's start.
func IsText(head []byte) bool {
	if _, ok := byteOrderMark(head); ok {
		return true
	}
	_, err := Of(head, false)
	return err == nil
}

// Decode turns a file's start into UTF-8 for the sniffers.
func Decode(head []byte) string {
	c, ok := byteOrderMark(head)
	if !ok {
		c, _ = Of(head, false)
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
	case encUTF8:
	default:
		if text, err := byteCharmaps[c].NewDecoder().Bytes(head); err == nil {
			return string(text)
		}
	}
	return string(bytes.TrimPrefix(head, []byte{0xef, 0xbb, 0xbf}))
}
