package pdf

import (
	"bytes"
	"errors"
	"image"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
)

const (
	// A page with fewer letters than fewLetters is read as a picture if it
	// holds one; so is a page that is one picture with up to
	// paper.StampLetters on it.
	fewLetters = 16
	// maxPages bounds a document; longer ones are mostly damaged counts.
	maxPages = 20_000
)

// Page is one page as lines, and whether it shows something that is not in
// them.
type Page struct {
	Number     int // 1-based
	Lines      []Line
	Unreadable bool // it shows something that could not even be drawn
}

// Letters counts a page's letters, and says whether most of its characters have
// no meaning: such fonts must be read by their looks.
func (p *Page) Letters() (count int, garbled bool) {
	unmapped := 0
	for _, l := range p.Lines {
		count += l.letters
		unmapped += l.unmapped
	}
	return count, unmapped > fewLetters && unmapped > count/2
}

// Blocks joins a page's lines into paragraphs, headings and tables; body is the
// size of the document's running text, or 0.
func (p *Page) Blocks(body float64) []Block { return blocksOf(p.Lines, body) }

// Learn takes a page's words into account where later ones are divided.
func (d *Document) Learn(p *Page) {
	for _, l := range p.Lines {
		d.Words.Add(l.text)
	}
}

// Page reads a page's lines. Where they are not all that the page says, or
// always, it returns the page's looks, too.
func (d *Document) Page(number int, always bool) (p Page, looks *image.Gray, err error) {
	p.Number = number
	index := number - 1
	loaded, err := d.engine.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: index})
	if err != nil {
		return p, nil, err
	}
	defer d.engine.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	var textErr error
	p.Lines, textErr = d.lines(page)
	letters, garbled := p.Letters()
	if letters >= paper.StampLetters && !garbled && !always {
		return p, nil, nil
	}
	size, err := d.engine.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.doc, Index: index})
	if err != nil {
		return p, nil, err
	}
	pictures, covered := d.pictures(page, size.Width*size.Height)
	scanned := letters < fewLetters && pictures > 0 || covered > 0.5 || garbled
	if !scanned && !always && (letters > 0 || textErr == nil && d.empty(page)) {
		return p, nil, textErr // a page of paths only may be drawn letters; an empty one is blank
	}
	looks, err = d.render(page, size.Width, size.Height)
	if err != nil && letters == 0 {
		p.Unreadable = true
		return p, nil, err
	}
	return p, looks, nil
}

// empty reports whether nothing at all is drawn on a page.
func (d *Document) empty(page requests.Page) bool {
	n, err := d.engine.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	return err == nil && n.Count == 0
}

// pictures counts the page's pictures, forms included, and the largest part of
// the page that one of them covers.
func (d *Document) pictures(page requests.Page, area float64) (count int, covered float64) {
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

// render draws a page in grey at paper.DPI, or less if that would be too many
// dots.
func (d *Document) render(page requests.Page, width, height float64) (*image.Gray, error) {
	if width <= 0 || height <= 0 {
		return nil, errors.New("pdf: page without size")
	}
	dpi := float64(paper.DPI)
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
