package ingest

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/bwenge-os/bwenge/appliance"
)

// sentence is the smallest piece that a chunk is made of: a sentence, an item of
// a list, a row of a table, a spoken sentence, or a piece of something too long.
type sentence struct {
	text    string
	before  string // what joins it to the one before: a space or a line break
	ends    bool   // a chunk may end after it
	heading string
	place   appliance.Place
	tokens  int
	block   int      // the same for the sentences of one list and its introduction, 0 outside
	lead    string   // what introduces it: it stands above it in each chunk that begins with it
	row     []string // set for a row of a table
	repeats []int    // its columns that repeat a merged cell
	of      *tableHead
}

// tableHead is what the rows of one table share.
type tableHead struct {
	no      int // of the source's tables, from 1
	caption string
	columns []string
}

// follows reports whether a sentence stands on the same page, slide or sheet
// and under the same heading as the one before.
func (u sentence) follows(last sentence) bool {
	return u.heading == last.heading && u.place.Page == last.place.Page && u.unit() == last.unit()
}

// unit is what no chunk reaches beyond: a slide, a sheet or an article.
func (u sentence) unit() appliance.Place {
	return appliance.Place{Slide: u.place.Slide, Sheet: u.place.Sheet, Article: u.place.Article}
}

func join(list []sentence) string {
	var b strings.Builder
	for i, u := range list {
		if i > 0 {
			b.WriteString(u.before)
		}
		b.WriteString(u.text)
	}
	return b.String()
}

// cutter cuts sections, one after the other.
type cutter struct {
	blocks int
	table  *tableHead
	tables int
}

// sentences cuts a section.
func (c *cutter) sentences(s appliance.Section) iter.Seq[sentence] {
	if s.Table != nil {
		return c.rows(s)
	}
	spoken := s.Place.End > 0
	return func(yield func(sentence) bool) {
		for i, paragraph := range strings.Split(s.Text, "\n\n") {
			lines := strings.Split(paragraph, "\n")
			if spoken || wrapped(lines) {
				lines = []string{strings.Join(lines, " ")}
			}
			items := firstItem(lines)
			lead, block := "", 0
			if items < len(lines) {
				c.blocks++
				block = c.blocks
				if lead = strings.Join(lines[:items], " "); len(lead) > maxLead {
					lead = lastSentence(lead, maxLead)
				}
			}
			for j, line := range lines {
				first := true
				for text := range withMarks(cutSentences(line)) {
					u := sentence{text: text, before: " ", ends: true, heading: s.Heading, place: s.Place, block: block}
					if j >= items {
						u.lead = lead
					}
					if spoken {
						// A segment is a breath, not a sentence.
						u.ends = endsSentence(text)
					} else if first {
						u.before = "\n"
						if j == 0 && i > 0 {
							u.before = "\n\n"
						}
					}
					first = false
					if !yield(u) {
						return
					}
				}
			}
		}
	}
}

// rows cuts a table into its rows.
func (c *cutter) rows(s appliance.Section) iter.Seq[sentence] {
	if s.Table.Part == 0 || c.table == nil || !slices.Equal(c.table.columns, s.Table.Columns) {
		c.tables++
		c.table = &tableHead{c.tables, s.Table.Caption, s.Table.Columns}
	}
	head := c.table
	return func(yield func(sentence) bool) {
		u := sentence{before: "\n", ends: true, heading: s.Heading, place: s.Place, of: head, lead: head.lead()}
		if len(s.Table.Rows) == 0 && s.Table.Part == 0 {
			u.text, u.lead, u.of = strings.Join(s.Table.Lines(), "\n"), "", nil
			yield(u)
			return
		}
		for i, row := range s.Table.Rows {
			u.row, u.text, u.repeats = row, head.line(row), nil
			if i < len(s.Table.Repeats) {
				u.repeats = s.Table.Repeats[i]
			}
			if u.text != "" && !yield(u) {
				return
			}
		}
	}
}

// lead is what stands above the rows of each piece of a table.
func (h *tableHead) lead() string {
	t := appliance.Table{Caption: h.caption}
	if !h.wide() {
		t.Columns = h.columns
	}
	return strings.Join(t.Lines(), "\n")
}

// wide reports whether the names of the columns are too much to stand above
// every few rows: each cell then says its column itself.
func (h *tableHead) wide() bool { return len(strings.Join(h.columns, " | ")) > maxLead }

func (h *tableHead) line(row []string) string {
	if !h.wide() {
		return appliance.RowText(row)
	}
	var cells []string
	for i, cell := range row {
		switch {
		case cell == "":
		case i < len(h.columns) && h.columns[i] != "":
			cells = append(cells, h.columns[i]+": "+cell)
		default:
			cells = append(cells, cell)
		}
	}
	return strings.Join(cells, "; ")
}

// maxLead bounds, in bytes, what is repeated above the pieces of a list or table.
const maxLead = 300

// itemMark is what stands before an item of a list.
var itemMark = regexp.MustCompile(`^([-–•*▪◦‣·✓✔➢]|\(?(\d{1,3}(\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,6})[.)])\s+\S`)

// loneMark is the number of an item without the item: Unicode ends a sentence
// behind "1."
var loneMark = regexp.MustCompile(`^\(?(\d{1,3}(\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,6})[.)]$`)

// withMarks joins the number of an item to its first sentence.
func withMarks(pieces iter.Seq[string]) iter.Seq[string] {
	return func(yield func(string) bool) {
		mark := ""
		for text := range pieces {
			if mark == "" && loneMark.MatchString(text) {
				mark = text
				continue
			}
			if mark != "" {
				text, mark = mark+" "+text, ""
			}
			if !yield(text) {
				return
			}
		}
		if mark != "" {
			yield(mark)
		}
	}
}

// firstItem returns the index of the line with which the items of a list begin,
// len(lines) if they are none: the lines from there on begin with a mark, nearly
// all of them.
func firstItem(lines []string) int {
	for from := 0; from < len(lines) && from < 3; from++ {
		if !itemMark.MatchString(lines[from]) {
			continue
		}
		marked := 0
		for _, line := range lines[from:] {
			if itemMark.MatchString(line) {
				marked++
			}
		}
		if marked >= 2 && 3*marked >= 2*len(lines[from:]) {
			return from
		}
		break
	}
	return len(lines)
}

// lastSentence is as much of a text's end as fits, from the beginning of a
// sentence if that is possible.
func lastSentence(text string, most int) string {
	last := ""
	for s := range cutSentences(text) {
		last = s
	}
	for len(last) > most {
		_, last, _ = strings.Cut(last[len(last)-most:], " ")
	}
	return last
}

// wrapped tells a paragraph whose lines were broken to fit a width from a list
// or a table, whose lines mean something.
func wrapped(lines []string) bool {
	if len(lines) < 2 {
		return false
	}
	long := 0
	for _, line := range lines[:len(lines)-1] {
		if strings.ContainsAny(line, "\t|") {
			return false
		}
		if n := utf8.RuneCountInString(line); n >= 45 && n <= 120 && !endsSentence(line) {
			long++
		}
	}
	return 2*long > len(lines)-1
}

func endsSentence(text string) bool {
	text = strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"'”’»)]`, r) })
	r, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?…。！？", r)
}

// lineMost is how much of one line is looked at for sentences at once: a file
// may be a single line of a hundred megabytes.
const lineMost = 32 << 10

// cutSentences cuts a line at the ends of its sentences, as Unicode defines
// them (UAX #29).
func cutSentences(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line != "" {
			piece := line
			if len(piece) > lineMost {
				piece = line[:wordEnd(line, lineMost)]
			}
			line = line[len(piece):]
			state := -1
			for piece != "" {
				var text string
				text, piece, state = uniseg.FirstSentenceInString(piece, state)
				if text = strings.TrimSpace(text); text != "" && !yield(text) {
					return
				}
			}
		}
	}
}

// wordEnd is the end of the last word that ends within most bytes, or if there
// is no such word, of the letter that stands there.
func wordEnd(text string, most int) int {
	if len(text) <= most {
		return len(text)
	}
	if i := strings.LastIndexFunc(text[:most], unicode.IsSpace); i > 0 {
		return i
	}
	for most < len(text) && !utf8.RuneStart(text[most]) {
		most++
	}
	return most
}

// cut divides a sentence that is longer than target tokens between its words,
// into pieces that are safely shorter, as far as its average tells.
func (u sentence) cut(target int) []sentence {
	most := max(len(u.text)*target*4/(5*max(u.tokens, 1)), utf8.UTFMax)
	var pieces []sentence
	for rest := u.text; rest != ""; {
		i := wordEnd(rest, most)
		p := u
		if p.text, rest = strings.TrimSpace(rest[:i]), strings.TrimSpace(rest[i:]); p.text == "" {
			continue
		}
		if len(pieces) > 0 {
			p.before = " "
			p.row, p.repeats = nil, nil // it counts once
		}
		p.ends = u.ends && rest == ""
		pieces = append(pieces, p)
	}
	return pieces
}
