// Package paper makes pictures of paper ready to be read: it decodes them within limits,
// turns them upright, lifts shadows, makes slanted lines level, and parts open books.
package paper

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	_ "image/gif"  // decoder
	_ "image/jpeg" // decoder
	_ "image/png"  // decoder
	"io"

	_ "golang.org/x/image/bmp" // decoder
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp" // decoder

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

const (
	// DPI is what pictures of pages are drawn at, and what tesseract's models are
	// trained for.
	DPI = 300
	// StampLetters may stand on a page that is a picture all the same: a scanner
	// program's mark, a page number.
	StampLetters = 200
	// MaxDots bounds a page's bitmap: A4 at 300 dpi has 8.7 million.
	MaxDots = 16_000_000
	// maxPixels and maxPixelBytes bound a picture before it is decoded; its
	// header says what it will become. The largest telephones make 50 to 64
	// million dots by default.
	maxPixels     = 64_000_000
	maxPixelBytes = 256 << 20
	// maxTIFFPages bounds the pages of a scan or a fax.
	maxTIFFPages = 500
)

// Decode checks a picture's size, decodes it, and turns it into upright
// grey dots, at most MaxDots of them.
func Decode(r io.ReadSeeker) (*image.Gray, error) {
	config, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, fault.Damaged(err)
	}
	dots := int64(config.Width) * int64(config.Height)
	if config.Width <= 0 || config.Height <= 0 {
		return nil, fault.Damaged(errors.New("image: no dots"))
	}
	if config.Width > 1<<16 || config.Height > 1<<16 || dots > maxPixels || dots*bytesPerDot(config.ColorModel) > maxPixelBytes {
		return nil, fault.ImageTooLarge(config.Width, config.Height)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(r)
	if err != nil {
		return nil, fault.Damaged(err)
	}
	gray := toGray(img)
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return upright(gray, exifOrientation(r)), nil
}

func bytesPerDot(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.YCbCrModel:
		return 3
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// toGray makes grey dots on white, shrunk by whole steps to MaxDots.
func toGray(img image.Image) *image.Gray {
	b := img.Bounds()
	step := 1
	for b.Dx()/step*(b.Dy()/step) > MaxDots {
		step++
	}
	w, h := max(b.Dx()/step, 1), max(b.Dy()/step, 1)
	out := image.NewGray(image.Rect(0, 0, w, h))
	at := grayAt(img)
	for y := range h {
		row := out.Pix[y*out.Stride:][:w]
		for x := range row {
			sum := 0
			for dy := range step {
				for dx := range step {
					sum += int(at(min(b.Min.X+x*step+dx, b.Max.X-1), min(b.Min.Y+y*step+dy, b.Max.Y-1)))
				}
			}
			row[x] = byte(sum / (step * step))
		}
	}
	return out
}

// grayAt returns a function for the brightness of a dot, 0 to 255; what is
// transparent shows white paper.
func grayAt(img image.Image) func(x, y int) uint8 {
	switch img := img.(type) {
	case *image.Gray:
		return func(x, y int) uint8 { return img.Pix[img.PixOffset(x, y)] }
	case *image.YCbCr:
		return func(x, y int) uint8 { return img.Y[img.YOffset(x, y)] }
	}
	return func(x, y int) uint8 {
		r, g, b, a := img.At(x, y).RGBA()
		luma := (19595*r + 38470*g + 7471*b) >> 16 // of ITU-R BT.601, as image/color does it
		return uint8((luma + 0xffff - a) >> 8)
	}
}

// Pages finds the pages of a TIFF: a chain of directories. Each comes as
// the whole file with another first directory.
func Pages(r *io.SectionReader) ([]io.ReadSeeker, error) {
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	var pages []io.ReadSeeker
	seen := map[uint32]bool{}
	dir := order.Uint32(head[4:])
	for dir != 0 && !seen[dir] && len(pages) < maxTIFFPages {
		seen[dir] = true
		var two [2]byte
		if _, err := r.ReadAt(two[:], int64(dir)); err != nil {
			break
		}
		patched := head
		order.PutUint32(patched[4:], dir)
		pages = append(pages, io.NewSectionReader(&patchedReader{r, patched}, 0, r.Size()))
		var next [4]byte
		if _, err := r.ReadAt(next[:], int64(dir)+2+12*int64(order.Uint16(two[:]))); err != nil {
			break
		}
		dir = order.Uint32(next[:])
	}
	if len(pages) == 0 {
		return nil, tiff.FormatError("no directory")
	}
	return pages, nil
}

// patchedReader shows other first bytes.
type patchedReader struct {
	r    io.ReaderAt
	head [8]byte
}

func (p *patchedReader) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.r.ReadAt(b, off)
	if off < int64(len(p.head)) {
		copy(b[:n], p.head[off:])
	}
	return n, err
}
