package extract

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/pdf"
)

// readPDF reads page by page. A page in the engine is a few megabytes at most;
// only a few pages' lines are held, to find what repeats at their edges.
func readPDF(j *job) error {
	d, err := pdf.Open(j.file, j.size, j.cache)
	if err != nil {
		return err
	}
	info := infoOf(formatPDF)
	info.Pages = d.Pages
	if err := j.out.info(info); err != nil {
		return err
	}
	f := &pdfFlow{flow: flow{out: j.out}, body: d.BodySize(), words: d.Words, seen: map[int]ocr.Found{}}
	edges := pdf.EdgeFilter{Emit: f.page}
	unreadable := 0
	for n := j.from; n <= d.Pages && f.err == nil; n++ {
		if err := j.out.working(n, d.Pages); err != nil {
			return err
		}
		if j.skip[n] {
			edges.Add(pdf.Page{Number: n})
			continue
		}
		p, err := f.read(j, d, n)
		if err != nil {
			fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", n, err)
			if !d.Alive() {
				if err := d.Restart(); err != nil {
					return err
				}
			}
		}
		if p.Unreadable || err != nil {
			unreadable++
		}
		d.Learn(&p)
		edges.Add(p)
	}
	edges.End()
	f.endTable()
	if err := f.end(); err != nil {
		return err
	}
	if unreadable > 0 && (j.out.text > 0 || j.from > 1) && !j.ocr.Missing {
		return j.out.notice(fault.NoticePagesUnreadable(unreadable, d.Pages))
	}
	if d.Repaired && j.out.text > 0 {
		return j.out.notice(fault.NoticePartlyRead())
	}
	return nil
}

// read reads one page, by OCR if it has no text to speak of.
func (f *pdfFlow) read(j *job, d *pdf.Document, number int) (p pdf.Page, err error) {
	_, told := j.ocr.Turned[number]
	p, picture, err := d.Page(number, told)
	if err != nil || picture == nil {
		return p, err
	}
	if err := d.Shrink(); err != nil {
		return p, err
	}
	j.ocr.Page = number
	found, err := j.ocr.Look(picture)
	if err != nil && !errors.Is(err, ocr.ErrNoTesseract) {
		fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", number, err)
	}
	letters, garbled := p.Letters()
	switch {
	case told && found.Text != "", len(found.Text) > letters+letters/2 || garbled && found.Text != "":
		f.seen[number], p.Lines = found, nil
	case letters == 0:
		p.Unreadable = !paper.Blank(picture)
	}
	return p, nil
}

// pdfFlow turns pages into sections.
type pdfFlow struct {
	flow
	body  float64          // font size of running text
	words letters.Wordbook // of the pages so far, and of some from all over the document
	table *grid            // that ended the page, and may go on
	last  *pdf.Table
	head  []pdf.Cell        // the first row of the open table
	seen  map[int]ocr.Found // by the pages whose text was read in their pictures
}

func (f *pdfFlow) page(p pdf.Page) {
	f.at(appliance.Place{Page: p.Number})
	f.out.given = p.Number - 1
	if seen, ok := f.seen[p.Number]; ok {
		delete(f.seen, p.Number)
		f.endTable()
		f.out.count("scanned_pages", 1)
		f.doubt(seen.Doubt())
		f.para(seen.Text)
	}
	for i, b := range p.Blocks(f.body) {
		if b.Table != nil {
			f.rows(b.Table, i == 0)
			continue
		}
		f.endTable()
		b.Text = f.words.Mend(b.Text)
		if b.Heading {
			f.heading(-f.snap(b.Size), b.Text)
			continue
		}
		f.para(b.Text)
		if b.Unread {
			f.doubt("symbols")
		}
	}
	f.flush()
}

// rows takes a table. The first block of a page may go on with the table that
// ended the page before, whose columns it has, unless it names other ones.
func (f *pdfFlow) rows(t *pdf.Table, first bool) {
	rows := t.Rows
	again := f.last != nil && sameTexts(rows[0], f.head) // the names of the columns, once more
	switch {
	case first && t.Continues(f.last) && again:
		rows = rows[1:]
	case first && t.Continues(f.last) && !namesOverNumbers(rows):
	default:
		f.endTable()
		f.table, f.head = f.openTable(""), rows[0]
	}
	for _, row := range rows {
		for _, c := range row {
			f.table.cell(f.words.Mend(c.Text), 1, 1, false)
		}
		f.table.endRow()
	}
	f.last = t
	f.table.send() // these stand on this page
}

func (f *pdfFlow) endTable() {
	if f.table != nil {
		f.table.close()
	}
	f.table, f.last = nil, nil
}

// namesOverNumbers reports whether the first row surely names the columns: all
// below it in one of them are numbers. Of words only, it may be any row.
func namesOverNumbers(rows [][]pdf.Cell) bool {
	texts := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range row {
			texts[i] = append(texts[i], c.Text)
		}
	}
	if !firstRowNames(texts) {
		return false
	}
	for i := range texts[0] {
		if !slices.ContainsFunc(texts[1:], func(row []string) bool { return i >= len(row) || !isNumber(row[i]) }) {
			return true
		}
	}
	return false
}

func sameTexts(a, b []pdf.Cell) bool {
	return slices.EqualFunc(a, b, func(x, y pdf.Cell) bool { return x.Text == y.Text })
}

// snap takes sizes that differ by less than a tenth for the same: fonts of one
// size have boxes of different heights.
func (f *pdfFlow) snap(size float64) float64 {
	for _, h := range f.headings {
		if open := -h.level; size > 0.9*open && size < 1.1*open {
			return open
		}
	}
	return size
}
