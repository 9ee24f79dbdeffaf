package extract

import (
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// readHTML reads a saved web page.
func readHTML(j *job) error {
	in, err := j.decodedHTML()
	if err != nil {
		return err
	}
	f := &flow{out: j.out}
	h := &htmlWalk{flow: f}
	damage := h.walk(in)
	if err := f.end(); err != nil {
		return err
	}
	return damage
}

// decodedHTML returns the page as UTF-8: by its mark or its own declaration, or
// else by what its bytes are.
func (j *job) decodedHTML() (io.Reader, error) {
	head := make([]byte, 1024)
	n, _ := j.file.ReadAt(head, 0)
	whole := io.NewSectionReader(j.file, 0, j.size)
	if declared := declaredEncoding(head[:n]); declared != nil {
		return transform.NewReader(whole, declared.NewDecoder()), nil
	}
	return j.decoded()
}

// xmlEncoding is the declaration of a page that is XML.
var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// declaredEncoding is what a page's first kilobyte says of its encoding, nil if
// nothing.
func declaredEncoding(head []byte) encoding.Encoding {
	if m := xmlEncoding.FindSubmatch(head); m != nil {
		if e, _ := charset.Lookup(string(m[1])); e != nil {
			return e
		}
	}
	if e, _, certain := charset.DetermineEncoding(head, ""); certain {
		return e
	}
	return nil
}

// maxHTMLToken bounds one tag or text in memory.
const maxHTMLToken = 4 << 20

// htmlWalk turns a stream of tags into headings and paragraphs. It builds no
// tree: nesting costs nothing and tags need not match.
type htmlWalk struct {
	flow    *flow
	chapter string // a title that stands above already: the same heading again is dropped
	b       strings.Builder
	head    int // level of the open heading, 0 for none
	pre     int
	item    bool // the open block is a list item
	rows    []string
	cells   []string
	cell    *strings.Builder // of the open cell, nil outside
	table   int
}

// htmlSkipped hold no reading matter. Their text is passed over up to their end
// tag; elements of the same name do nest.
var htmlSkipped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Nav: true, atom.Noscript: true, atom.Template: true,
	atom.Svg: true, atom.Select: true, atom.Button: true, atom.Iframe: true, atom.Object: true,
	atom.Textarea: true, atom.Datalist: true, atom.Canvas: true, atom.Audio: true, atom.Video: true,
	atom.Rp: true, atom.Rt: true, atom.Dialog: true, atom.Title: true,
}

var htmlBlocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Main: true, atom.Header: true,
	atom.Footer: true, atom.Aside: true, atom.Blockquote: true, atom.Pre: true, atom.Ul: true, atom.Ol: true,
	atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Figure: true, atom.Figcaption: true, atom.Hr: true,
	atom.Address: true, atom.Form: true, atom.Fieldset: true, atom.Body: true, atom.Caption: true, atom.Details: true,
	atom.Summary: true, atom.Center: true,
}

func headingLevel(a atom.Atom) int {
	switch a {
	case atom.H1:
		return 1
	case atom.H2:
		return 2
	case atom.H3:
		return 3
	case atom.H4:
		return 4
	case atom.H5:
		return 5
	case atom.H6:
		return 6
	}
	return 0
}

func (h *htmlWalk) walk(r io.Reader) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxHTMLToken)
	var skip atom.Atom
	depth := 0
	for h.flow.err == nil {
		kind := z.Next()
		if kind == html.ErrorToken {
			h.endTable()
			h.endBlock()
			if z.Err() == io.EOF {
				return nil
			}
			return z.Err()
		}
		if kind == html.TextToken {
			if depth == 0 {
				h.text(string(z.Text()))
			}
			continue
		}
		if kind != html.StartTagToken && kind != html.EndTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, _ := z.TagName()
		tag := atom.Lookup(name)
		switch {
		case depth > 0:
			if tag == skip && kind == html.StartTagToken {
				depth++
			} else if tag == skip && kind == html.EndTagToken {
				depth--
			}
		case htmlSkipped[tag]:
			if kind == html.StartTagToken {
				skip, depth = tag, 1
			}
		default:
			h.tag(tag, kind != html.EndTagToken, kind == html.SelfClosingTagToken)
		}
	}
	return h.flow.err
}

func (h *htmlWalk) text(s string) {
	if h.pre > 0 {
		h.buf().WriteString(s)
		return
	}
	b := h.buf()
	if strings.TrimSpace(s) == "" {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		return
	}
	// Line ends in the source are only spaces.
	b.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(s))
	if b.Len() > maxSection {
		h.endBlock()
	}
}

func (h *htmlWalk) buf() *strings.Builder {
	if h.cell != nil {
		return h.cell
	}
	return &h.b
}

func (h *htmlWalk) tag(tag atom.Atom, open, selfClosing bool) {
	if level := headingLevel(tag); level > 0 {
		h.endBlock()
		h.head = 0
		if open {
			h.head = level
		}
		return
	}
	switch tag {
	case atom.Br:
		h.buf().WriteByte('\n')
	case atom.Sup:
		if open {
			h.sup()
		}
	case atom.Li:
		h.endBlock()
		h.item = open
	case atom.Table:
		if open {
			if h.table++; h.table == 1 {
				h.endBlock()
			}
		} else if h.table > 0 {
			if h.table--; h.table == 0 {
				h.endTable()
			}
		}
	case atom.Tr:
		h.endRow()
	case atom.Td, atom.Th:
		h.endCell()
		if open && h.table > 0 && !selfClosing {
			h.cell = &strings.Builder{}
		}
	default:
		if !htmlBlocks[tag] {
			return
		}
		if h.cell != nil {
			h.cell.WriteByte(' ')
			return
		}
		item := h.item
		h.endBlock()
		h.item = item && open && tag != atom.Ul && tag != atom.Ol // a paragraph within an item
		if tag == atom.Pre {
			if open {
				h.pre++
			} else {
				h.pre = max(h.pre-1, 0)
			}
		}
	}
}

// sup keeps powers apart from their base: 10 to the 5th is not 105.
func (h *htmlWalk) sup() {
	b := h.buf()
	s := b.String()
	if n := len(s); n > 0 && (s[n-1] >= '0' && s[n-1] <= '9' || s[n-1] == ')') {
		b.WriteByte('^')
	}
}

func (h *htmlWalk) endBlock() {
	if h.cell != nil {
		return
	}
	text := strings.TrimSpace(h.b.String())
	h.b.Reset()
	item, level := h.item, h.head
	h.item = false
	switch {
	case text == "":
		h.item = item
	case level > 0:
		if !strings.EqualFold(cleanLine(text), h.chapter) {
			h.flow.heading(float64(level)+htmlTop, text)
		}
	case item:
		h.flow.line("- " + text)
	default:
		h.flow.para(text)
	}
}

// htmlTop puts a page's own headings below that of the chapter it stands in.
const htmlTop = 1

func (h *htmlWalk) endCell() {
	if h.cell != nil {
		h.cells = append(h.cells, h.cell.String())
		h.cell = nil
	}
}

func (h *htmlWalk) endRow() {
	h.endCell()
	if row := joinCells(h.cells); row != "" {
		h.rows = append(h.rows, row)
	}
	h.cells = h.cells[:0]
	if len(h.rows) >= rowsPerSection {
		h.flow.para(strings.Join(h.rows, "\n"))
		h.rows = nil
	}
}

func (h *htmlWalk) endTable() {
	h.endRow()
	if len(h.rows) > 0 {
		h.flow.para(strings.Join(h.rows, "\n"))
		h.rows = nil
	}
}
