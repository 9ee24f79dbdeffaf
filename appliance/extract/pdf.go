package extract

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/bwenge-os/bwenge/appliance"
)

const (
	// pdfMemory bounds the engine's own memory, in 64 kB WebAssembly pages.
	pdfMemory = 288 << 20 / (64 << 10)
	// A page with fewer letters than fewLetters is read as a picture if it
	// holds one; so is a page that is one picture with up to stampLetters on
	// it (a scanner program's mark, a page number).
	fewLetters   = 16
	stampLetters = 200
	// maxPages bounds a document; longer ones are mostly damaged counts.
	maxPages = 20_000
)

// pdfDoc is an open document in the engine.
type pdfDoc struct {
	engine pdfium.Pdfium
	doc    references.FPDF_DOCUMENT
	pages  int
	// repaired says that the file's end was missing, and perhaps more.
	repaired bool
}

// startPDFium compiles the engine or takes it from the cache. The engine is
// WebAssembly: it sees no files, no network and no memory but its own.
func startPDFium(cache string) (pdfium.Pdfium, error) {
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(pdfMemory)
	if cache != "" {
		if c, err := wazero.NewCompilationCacheWithDir(cache); err == nil {
			config = config.WithCompilationCache(c)
		} else { // slower, not worse
			fmt.Fprintln(os.Stderr, "extract: cache:", err)
		}
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context: context.Background(), MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), RuntimeConfig: config,
		Stdout: io.Discard, Stderr: os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	return pool.GetInstance(time.Minute)
}

func openPDF(j *job) (*pdfDoc, error) {
	engine, err := startPDFium(j.cache)
	if err != nil {
		return nil, err
	}
	whole, repaired := io.NewSectionReader(j.file, 0, j.size), (*io.SectionReader)(nil)
	opened, err := engine.OpenDocument(&requests.OpenDocument{FileReader: whole, FileReaderSize: j.size})
	if errors.Is(err, pdfiumerrors.ErrFormat) {
		if repaired = withTrailer(j.file, j.size); repaired != nil {
			opened, err = engine.OpenDocument(&requests.OpenDocument{FileReader: repaired, FileReaderSize: repaired.Size()})
		}
	}
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return nil, errPassword(err)
	case err != nil:
		return nil, errDamaged(err)
	}
	count, err := engine.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return nil, errDamaged(err)
	}
	if count.PageCount <= 0 {
		return nil, errDamaged(errors.New("pdf: no pages"))
	}
	return &pdfDoc{engine: engine, doc: opened.Document, pages: min(count.PageCount, maxPages), repaired: repaired != nil}, nil
}

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
	f := &pdfFlow{flow: flow{out: j.out}, body: d.bodySize()}
	edges := edgeFilter{emit: f.page}
	unreadable := 0
	for n := j.from; n <= d.pages && f.err == nil; n++ {
		if err := j.out.working(n, d.pages); err != nil {
			return err
		}
		p, err := d.read(j, n)
		if err != nil {
			if fatal := d.broken(err); fatal != nil {
				return fatal
			}
			fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", n, err)
		}
		if p.unreadable || err != nil {
			unreadable++
		}
		edges.add(p)
	}
	edges.end()
	if err := f.end(); err != nil {
		return err
	}
	if unreadable > 0 && (j.out.text > 0 || j.from > 1) && !j.ocr.missing {
		return j.out.notice(noticePagesUnreadable(unreadable, d.pages))
	}
	if d.repaired && j.out.text > 0 {
		return j.out.notice(noticePartlyRead())
	}
	return nil
}

// broken tells an engine that has trapped, and answers nothing sensible any
// more, from a page that it refuses. The parent starts anew behind this page.
func (d *pdfDoc) broken(err error) error {
	if _, again := d.engine.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc}); again != nil {
		panic(fmt.Sprintf("pdf engine trapped: %v, then %v", err, again))
	}
	return nil
}

// pdfPage is one page as lines, or as text that was read from its picture.
type pdfPage struct {
	number     int // 1-based
	height     float64
	lines      []textLine
	seen       string // by OCR; then lines is empty
	unreadable bool   // it shows something, but nothing could be read
}

// read reads one page, by OCR if it has no text to speak of.
func (d *pdfDoc) read(j *job, number int) (pdfPage, error) {
	p := pdfPage{number: number}
	loaded, err := d.engine.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.doc, Index: number - 1})
	if err != nil {
		return p, err
	}
	defer d.engine.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	size, err := d.engine.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.doc, Index: number - 1})
	if err != nil {
		return p, err
	}
	p.height = size.Height
	var textErr error
	p.lines, textErr = d.lines(page)
	letters, garbled := countLetters(p.lines)
	if letters >= stampLetters && !garbled {
		return p, nil
	}
	pictures, covered := d.pictures(page, size.Width*size.Height)
	scanned := letters < fewLetters && pictures > 0 ||
		letters < stampLetters && covered > 0.5 || garbled
	if !scanned {
		// A page of paths only may be drawn letters; an empty one is blank.
		if letters > 0 || textErr == nil && pictures == 0 && d.empty(page) {
			return p, textErr
		}
	}
	img, done, err := d.render(page, size.Width, size.Height)
	if err != nil {
		p.unreadable = letters == 0
		return p, nil
	}
	defer done()
	seen, err := j.ocr.page(img)
	if err != nil && !errors.Is(err, errNoTesseract) {
		fmt.Fprintf(os.Stderr, "extract: page %d: %v\n", number, err)
	}
	switch {
	case len(seen) > letters+letters/2 || garbled && seen != "":
		p.seen, p.lines = seen, nil
	case letters == 0:
		p.unreadable = !blank(img)
	}
	return p, nil
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

// render draws a page in grey at ocrDPI, or less if that would be too many
// dots. done frees the bitmap, which is the engine's memory.
func (d *pdfDoc) render(page requests.Page, width, height float64) (img *image.Gray, done func(), err error) {
	if width <= 0 || height <= 0 {
		return nil, nil, errors.New("pdf: page without size")
	}
	dpi := float64(ocrDPI)
	if dots := width * height * dpi * dpi / 72 / 72; dots > ocrPixels {
		dpi *= math.Sqrt(ocrPixels / dots)
	}
	if dpi < 20 { // a page of many metres
		return nil, nil, errors.New("pdf: page too large to draw")
	}
	r, err := d.engine.RenderPageInDPI(&requests.RenderPageInDPI{
		Page: page, DPI: int(dpi), ImageFormat: requests.RenderImageFormatGrayscale})
	if err != nil {
		return nil, nil, err
	}
	gray, ok := r.Result.RenderedImage.(*image.Gray)
	if !ok {
		r.Cleanup()
		return nil, nil, errors.New("pdf: not a grey bitmap")
	}
	return gray, r.Cleanup, nil
}

// pdfFlow turns pages into sections.
type pdfFlow struct {
	flow
	body float64 // font size of running text
}

func (f *pdfFlow) page(p pdfPage) {
	f.at(appliance.Place{Page: p.number})
	if p.seen != "" {
		f.para(p.seen)
	}
	for _, b := range blocksOf(p.lines, f.body) {
		if b.heading {
			f.heading(-f.snap(b.size), b.text)
			continue
		}
		f.para(b.text)
	}
	f.flush()
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
