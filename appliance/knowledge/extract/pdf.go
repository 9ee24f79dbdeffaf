package extract

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"slices"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/ocr"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
)

const (
	// A page with fewer letters than fewLetters is read as a picture if it
	// holds one; so is a page that is one picture with up to stampLetters on
	// it (a scanner program's mark, a page number).
	fewLetters   = 16
	stampLetters = 200
	// maxPages bounds a document; longer ones are mostly damaged counts.
	maxPages = 20_000
)

// readPDF reads page by page. A page in the engine is a few megabytes at most;
// only a few pages' lines are held, to find what repeats at their edges.
func readPDF(j *job) error {
	d, err := openPDF(j)
	if err != nil {
		return err
	}
	info := infoOf(formatPDF)
	info.Pages = d.pages
	if err := j.out.info(info); err != nil {
		return err
	}
	f := &pdfFlow{flow: flow{out: j.out}, body: d.bodySize(), words: d.words}
	edges := edgeFilter{emit: f.page}
	unreadable := 0
	for n := j.from; n <= d.pages && f.err == nil; n++ {
		if err := j.out.working(n, d.pages); err != nil {
			return err
		}
		if j.skip[n] {
			edges.add(pdfPage{number: n})
			continue
		}
		p, err := d.read(j, n)
		if err != nil {
			fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", n, err)
			if !d.alive() {
				if err := d.restart(); err != nil {
					return err
				}
			}
		}
		if p.unreadable || err != nil {
			unreadable++
		}
		for _, l := range p.lines {
			d.words.Add(l.text)
		}
		edges.add(p)
	}
	edges.end()
	f.endTable()
	if err := f.end(); err != nil {
		return err
	}
	if unreadable > 0 && (j.out.text > 0 || j.from > 1) && !j.ocr.Missing {
		return j.out.notice(fault.NoticePagesUnreadable(unreadable, d.pages))
	}
	if d.repaired && j.out.text > 0 {
		return j.out.notice(fault.NoticePartlyRead())
	}
	return nil
}

// pdfPage is one page as lines, or as text that was read from its picture.
type pdfPage struct {
	number     int // 1-based
	lines      []textLine
	seen       ocr.Found // by OCR; then lines is empty
	unreadable bool      // it shows something, but nothing could be read
}

// read reads one page, by OCR if it has no text to speak of.
func (d *pdfDoc) read(j *job, number int) (pdfPage, error) {
	p := pdfPage{number: number}
	_, told := j.ocr.Turned[number]
	picture, err := d.text(&p, told)
	if err != nil || picture == nil {
		return p, err
	}
	if d.memory.size > engineRestart {
		if err := d.restart(); err != nil {
			return p, err
		}
	}
	j.ocr.Page = number
	found, err := j.ocr.Look(picture)
	if err != nil && !errors.Is(err, ocr.ErrNoTesseract) {
		fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", number, err)
	}
	letters, garbled := countLetters(p.lines)
	switch {
	case told && found.Text != "", len(found.Text) > letters+letters/2 || garbled && found.Text != "":
		p.seen, p.lines = found, nil
	case letters == 0:
		p.unreadable = !paper.Blank(picture)
	}
	return p, nil
}

// text fills in a page's lines. Where they are not all that the page says, or
// always, it returns the page's looks, too.
func (d *pdfDoc) text(p *pdfPage, always bool) (*image.Gray, error) {
	index := p.number - 1
	loaded, err := d.engine.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: index})
	if err != nil {
		return nil, err
	}
	defer d.engine.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	var textErr error
	p.lines, textErr = d.lines(page)
	letters, garbled := countLetters(p.lines)
	if letters >= stampLetters && !garbled && !always {
		return nil, nil
	}
	size, err := d.engine.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.doc, Index: index})
	if err != nil {
		return nil, err
	}
	pictures, covered := d.pictures(page, size.Width*size.Height)
	scanned := letters < fewLetters && pictures > 0 || covered > 0.5 || garbled
	if !scanned && !always && (letters > 0 || textErr == nil && d.empty(page)) {
		return nil, textErr // a page of paths only may be drawn letters; an empty one is blank
	}
	picture, err := d.render(page, size.Width, size.Height)
	if err != nil && letters == 0 {
		p.unreadable = true
		return nil, err
	}
	return picture, nil
}

// empty reports whether nothing at all is drawn on a page.
func (d *pdfDoc) empty(page requests.Page) bool {
	n, err := d.engine.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	return err == nil && n.Count == 0
}

// pictures counts the page's pictures, forms included, and the largest part of
// the page that one of them covers.
func (d *pdfDoc) pictures(page requests.Page, area float64) (count int, covered float64) {
	n, err := d.engine.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return 0, 0
	}
	for i := range min(n.Count, 500) {
		obj, err := d.engine.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			continue
		}
		kind, err := d.engine.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: obj.PageObject})
		if err != nil || kind.Type != enums.FPDF_PAGEOBJ_IMAGE && kind.Type != enums.FPDF_PAGEOBJ_FORM {
			continue
		}
		count++
		box, err := d.engine.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: obj.PageObject})
		if err == nil && area > 0 {
			w, h := float64(box.Right-box.Left), float64(box.Top-box.Bottom)
			covered = max(covered, w*h/area)
		}
	}
	return count, covered
}

// render draws a page in grey at ocr.DPI, or less if that would be too many
// dots.
func (d *pdfDoc) render(page requests.Page, width, height float64) (*image.Gray, error) {
	if width <= 0 || height <= 0 {
		return nil, errors.New("pdf: page without size")
	}
	dpi := float64(ocr.DPI)
	if dots := width * height * dpi * dpi / 72 / 72; dots > paper.MaxDots {
		dpi *= math.Sqrt(paper.MaxDots / dots)
	}
	if dpi < 20 { // a page of many metres
		return nil, errors.New("pdf: page too large to draw")
	}
	r, err := d.engine.RenderPageInDPI(&requests.RenderPageInDPI{
		Page: page, DPI: int(dpi), ImageFormat: requests.RenderImageFormatGrayscale})
	if err != nil {
		return nil, err
	}
	defer r.Cleanup()
	drawn, ok := r.Result.RenderedImage.(*image.Gray)
	if !ok {
		return nil, errors.New("pdf: not a grey bitmap")
	}
	own := *drawn // the dots are in the engine's memory
	own.Pix = bytes.Clone(drawn.Pix)
	return &own, nil
}

// pdfFlow turns pages into sections.
type pdfFlow struct {
	flow
	body  float64          // font size of running text
	words letters.Wordbook // of the pages so far, and of some from all over the document
	table *grid            // that ended the page, and may go on
	last  *pdfTable
	head  []cell // the first row of the open table
}

func (f *pdfFlow) page(p pdfPage) {
	f.at(appliance.Place{Page: p.number})
	f.out.given = p.number - 1
	if p.seen.Text != "" {
		f.endTable()
		f.out.count("scanned_pages", 1)
		f.doubt(p.seen.Doubt())
		f.para(p.seen.Text)
	}
	blocks := blocksOf(p.lines, f.body)
	for i, b := range blocks {
		if b.table != nil {
			f.rows(b.table, i == 0)
			continue
		}
		f.endTable()
		b.text = f.words.Mend(b.text)
		if b.heading {
			f.heading(-f.snap(b.size), b.text)
			continue
		}
		f.para(b.text)
		if b.unread {
			f.doubt("symbols")
		}
	}
	f.flush()
}

// rows takes a table. The first block of a page may go on with the table that
// ended the page before, whose columns it has, unless it names other ones.
func (f *pdfFlow) rows(t *pdfTable, first bool) {
	rows := t.rows
	again := f.last != nil && sameTexts(rows[0], f.head) // the names of the columns, once more
	switch {
	case first && t.continues(f.last) && again:
		rows = rows[1:]
	case first && t.continues(f.last) && !namesOverNumbers(rows):
	default:
		f.endTable()
		f.table, f.head = f.openTable(""), rows[0]
	}
	for _, row := range rows {
		for _, c := range row {
			f.table.cell(f.words.Mend(c.text), 1, 1, false)
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
func namesOverNumbers(rows [][]cell) bool {
	texts := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range row {
			texts[i] = append(texts[i], c.text)
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

func sameTexts(a, b []cell) bool {
	return slices.EqualFunc(a, b, func(x, y cell) bool { return x.text == y.text })
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
