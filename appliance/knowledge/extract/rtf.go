package extract

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// maxRTFDepth bounds nested groups.
const maxRTFDepth = 512

// rtfSkipped are groups that hold no reading matter. Groups marked with \* are
// for programs that know them and are skipped, too.
var rtfSkipped = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true,
	"header": true, "headerl": true, "headerr": true, "headerf": true,
	"footer": true, "footerl": true, "footerr": true, "footerf": true,
	"listtable": true, "listoverridetable": true, "revtbl": true, "rsidtbl": true, "generator": true,
	"fldinst": true, "themedata": true, "xmlnstbl": true, "nonshppict": true, "datastore": true,
}

// rtfSymbols are control words that stand for characters.
var rtfSymbols = map[string]string{
	"tab": " ", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
	"emspace": " ", "enspace": " ", "qmspace": " ",
}

// rtfGroup is what braces save and restore.
type rtfGroup struct {
	skip bool
	uc   int // bytes that stand for a \u character in old programs
}

// rtf is the walk through a rich text file.
type rtf struct {
	in     *bufio.Reader
	flow   *flow
	decode *charmap.Charmap

	groups []rtfGroup
	now    rtfGroup
	ignore int // bytes after a \u that old programs would show
	high   rune

	para    strings.Builder
	cells   []string
	inTable bool
	level   int
}

// readRTF reads rich text: paragraphs, table rows, headings by outline level.
func readRTF(j *job) error {
	r := &rtf{
		in:     bufio.NewReader(io.NewSectionReader(j.file, 0, j.size)),
		flow:   &flow{out: j.out},
		decode: charmap.Windows1252,
		now:    rtfGroup{uc: 1},
	}
	damage := r.walk()
	r.endPara()
	if err := r.flow.end(); err != nil {
		return err
	}
	return damage
}

func (r *rtf) walk() error {
	for r.flow.err == nil {
		c, err := r.in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch c {
		case '{':
			if len(r.groups) >= maxRTFDepth {
				return errXMLDepth
			}
			r.groups = append(r.groups, r.now)
		case '}':
			if n := len(r.groups); n > 0 {
				r.now = r.groups[n-1]
				r.groups = r.groups[:n-1]
			}
		case '\\':
			if err := r.control(); err != nil && err != io.EOF {
				return err
			}
		case '\r', '\n':
		default:
			r.byte(c)
		}
	}
	return nil
}

// byte takes a character of the file's old encoding.
func (r *rtf) byte(c byte) {
	if r.ignore > 0 {
		r.ignore--
		return
	}
	r.rune(r.decode.DecodeByte(c))
}

func (r *rtf) rune(c rune) {
	if r.now.skip {
		return
	}
	r.para.WriteRune(c)
	if r.para.Len() > maxSection {
		r.endPara()
	}
}

func (r *rtf) control() error {
	c, err := r.in.ReadByte()
	if err != nil {
		return err
	}
	if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
		return r.symbol(c)
	}
	word := []byte{c}
	for len(word) < 32 {
		if c, err = r.in.ReadByte(); err != nil || c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			break
		}
		word = append(word, c)
	}
	var digits []byte
	for err == nil && len(digits) < 11 && (c >= '0' && c <= '9' || c == '-' && len(digits) == 0) {
		digits = append(digits, c)
		c, err = r.in.ReadByte()
	}
	if err == nil && c != ' ' {
		_ = r.in.UnreadByte()
	}
	number, numberErr := strconv.Atoi(string(digits))
	return r.word(string(word), number, numberErr == nil)
}

func (r *rtf) symbol(c byte) error {
	switch c {
	case '\'':
		var hex [2]byte
		if _, err := io.ReadFull(r.in, hex[:]); err != nil {
			return err
		}
		if v, err := strconv.ParseUint(string(hex[:]), 16, 8); err == nil {
			r.byte(byte(v))
		}
	case '*':
		r.now.skip = true
	case '~':
		r.rune(' ')
	case '_':
		r.rune('-')
	case '\r', '\n':
		r.endPara()
	case '{', '}', '\\':
		r.byte(c)
	}
	return nil
}

func (r *rtf) word(word string, number int, has bool) error {
	switch {
	case rtfSkipped[word]:
		r.now.skip = true
		return nil
	case word == "bin": // raw bytes follow
		if has && number > 0 {
			_, err := r.in.Discard(number)
			return err
		}
		return nil
	case word == "uc":
		if has && number >= 0 && number < 16 {
			r.now.uc = number
		}
		return nil
	case word == "u" && has:
		r.unicode(number)
		return nil
	case word == "ansicpg":
		if m, ok := codePages[number]; ok {
			r.decode = m
		}
		return nil
	case r.now.skip:
		return nil
	}
	if s, ok := rtfSymbols[word]; ok {
		r.para.WriteString(s)
		return nil
	}
	switch word {
	case "par", "page", "sect":
		r.endPara()
	case "pard":
		r.inTable, r.level = false, 0
	case "outlinelevel":
		r.level = number + 1
	case "intbl":
		r.inTable = true
	case "cell", "nestcell":
		r.cells = append(r.cells, r.para.String())
		r.para.Reset()
	case "row", "nestrow":
		r.flow.line(joinCells(r.cells))
		r.cells = nil
	}
	return nil
}

// unicode takes a \u character, a signed 16-bit unit of UTF-16.
func (r *rtf) unicode(number int) {
	c := rune(uint16(number))
	r.ignore = r.now.uc
	if utf16.IsSurrogate(c) {
		if r.high == 0 {
			r.high = c
			return
		}
		c, r.high = utf16.DecodeRune(r.high, c), 0
	}
	r.rune(c)
}

func (r *rtf) endPara() {
	if r.inTable && len(r.groups) > 0 {
		r.para.WriteByte(' ')
		return
	}
	text := strings.TrimSpace(r.para.String())
	r.para.Reset()
	if text == "" {
		return
	}
	if r.level > 0 && r.level < 10 && len(text) < 300 {
		r.flow.heading(float64(r.level), text)
		return
	}
	r.flow.para(text)
}

var codePages = map[int]*charmap.Charmap{
	437: charmap.CodePage437, 850: charmap.CodePage850, 1250: charmap.Windows1250, 1251: charmap.Windows1251,
	1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254, 1255: charmap.Windows1255,
	1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258, 10000: charmap.Macintosh,
}
