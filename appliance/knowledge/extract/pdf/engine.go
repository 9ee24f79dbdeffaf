package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
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

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

const (
	// engineMemory bounds the engine's own memory, in bytes. A colour scan of
	// an A4 page at 600 dpi takes 250 MB.
	engineMemory = 288 << 20
	// engineRestart is from which size on the engine is started anew before
	// tesseract runs: its memory never shrinks.
	engineRestart = 96 << 20
)

// Document is an open document in the engine, which is PDFium as WebAssembly: it
// sees no files, no network and no memory but its own.
type Document struct {
	pool     pdfium.Pool
	memory   *linearMemory
	engine   pdfium.Pdfium
	file     *io.SectionReader
	doc      references.FPDF_DOCUMENT
	Pages    int
	Repaired bool                     // the file's end was missing, and perhaps more
	rotation enums.FPDF_PAGE_ROTATION // of the page that is being read
	Words    letters.Wordbook
}

// startEngine starts the engine, which is compiled, or taken from the cache.
func startEngine(file io.ReaderAt, size int64, cache string) (*Document, error) {
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(engineMemory / (64 << 10))
	if cache != "" {
		if c, err := wazero.NewCompilationCacheWithDir(cache); err == nil {
			config = config.WithCompilationCache(c)
		} else { // slower, not worse
			fmt.Fprintln(os.Stderr, "extract: cache:", err)
		}
	}
	d := &Document{Words: letters.Wordbook{}, memory: &linearMemory{}, file: io.NewSectionReader(file, 0, size)}
	ctx := experimental.WithMemoryAllocator(context.Background(), d.memory)
	var err error
	d.pool, err = webassembly.Init(webassembly.Config{
		Context: ctx, MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), RuntimeConfig: config,
		Stdout: io.Discard, Stderr: os.Stderr,
	})
	return d, err
}

// Compile compiles the engine into a directory.
func Compile(cache string) error {
	_, err := startEngine(bytes.NewReader(nil), 0, cache)
	return err
}

// Open starts the engine and opens the document. cache is a directory with the
// compiled engine, or empty for none.
func Open(file io.ReaderAt, size int64, cache string) (*Document, error) {
	d, err := startEngine(file, size, cache)
	if err != nil {
		return nil, err
	}
	err = d.open()
	if errors.Is(err, pdfiumerrors.ErrFormat) {
		if repaired := withTrailer(file, size); repaired != nil {
			d.file, d.Repaired = repaired, true
			err = d.Restart()
		}
	}
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return nil, fault.Password(err)
	case err != nil:
		return nil, fault.Damaged(err)
	}
	count, err := d.engine.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil {
		return nil, fault.Damaged(err)
	}
	if count.PageCount <= 0 {
		return nil, fault.Damaged(errors.New("pdf: no pages"))
	}
	d.Pages = min(count.PageCount, maxPages)
	return d, nil
}

// open takes an engine and opens the document in it.
func (d *Document) open() error {
	var err error
	if d.engine, err = d.pool.GetInstance(time.Minute); err != nil {
		return err
	}
	opened, err := d.engine.OpenDocument(&requests.OpenDocument{FileReader: d.file, FileReaderSize: d.file.Size()})
	if err != nil {
		return err
	}
	d.doc = opened.Document
	return nil
}

// Restart gives the engine's memory back and opens the document in a new one.
func (d *Document) Restart() error {
	_ = d.engine.Close() // one that has trapped cannot say goodbye
	return d.open()
}

// Shrink restarts an engine that has grown large, before another program needs
// memory.
func (d *Document) Shrink() error {
	if d.memory.size <= engineRestart {
		return nil
	}
	return d.Restart()
}

// Alive tells an engine that only refused a page from one that has trapped and
// answers nothing any more.
func (d *Document) Alive() bool {
	n, err := d.engine.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	return err == nil && n.PageCount > 0
}

// linearMemory is the engine's memory: reserved at once, taken from the system
// as it is touched, given back when the engine ends. In Go's heap it would be
// copied to grow, and would count twice meanwhile.
type linearMemory struct {
	all  []byte
	size uint64
}

// Allocate reserves the memory of another engine.
func (m *linearMemory) Allocate(_, most uint64) experimental.LinearMemory {
	all, err := syscall.Mmap(-1, 0, int(min(most, engineMemory)),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		panic(fmt.Sprintf("pdf: reserve memory: %v", err)) // the child ends, as it does when memory is out
	}
	m.all, m.size = all, 0
	return m
}

// Reallocate grows the memory in place; nil where it may not.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.all)) {
		return nil
	}
	m.size = size
	return m.all[:size]
}

// Free gives the memory back.
func (m *linearMemory) Free() {
	_ = syscall.Munmap(m.all)
	m.all, m.size = nil, 0
}
