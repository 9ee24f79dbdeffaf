package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // decoder
	_ "image/jpeg" // decoder
	_ "image/png"  // decoder
	"io"
	"os"
	"runtime/debug"

	_ "golang.org/x/image/bmp" // decoder
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp" // decoder

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

const (
	// maxPixels and maxPixelBytes bound a picture before it is decoded; its
	// header says what it will become. The largest telephones make 50 to 64
	// million dots by default.
	maxPixels     = 64_000_000
	maxPixelBytes = 256 << 20
	// maxTIFFPages bounds the pages of a scan or a fax.
	maxTIFFPages = 500
)

// readImage reads the text in a picture; a TIFF may hold many pages.
func readImage(j *job) error {
	file := io.NewSectionReader(j.file, 0, j.size)
	pages := []io.ReadSeeker{file}
	if j.format == formatTIFF {
		var err error
		if pages, err = tiffPages(file); err != nil {
			return fault.Damaged(err)
		}
	}
	info := infoOf(j.format)
	info.Pages = len(pages)
	if err := j.out.info(info); err != nil {
		return err
	}
	if err := j.ocr.available(); errors.Is(err, errNoTesseract) {
		return fault.NoTool("tesseract", "Reading the text in pictures", err)
	} else if err != nil {
		return fault.ToolFailed("tesseract", err)
	}
	bad := 0
	for i, r := range pages {
		if err := j.out.working(i+1, len(pages)); err != nil {
			return err
		}
		j.ocr.number = i + 1
		found, err := j.readPicture(r)
		if err != nil && (len(pages) == 1 || errors.Is(err, errTextLimit)) {
			return err
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "extract: picture %d: %v\n", i+1, err)
		}
		if found.Text == "" {
			j.out.count("pictures_without_text", 1)
			bad++
			continue
		}
		j.out.count("pictures", 1)
		place := appliance.Place{}
		if len(pages) > 1 {
			place.Page = i + 1
		}
		if err := j.out.section(found.section(place)); err != nil {
			return err
		}
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(fault.NoticePagesUnreadable(bad, len(pages)))
	}
	return nil
}

func (j *job) readPicture(r io.ReadSeeker) (seen, error) {
	img, err := decodeGray(r)
	if err != nil {
		return seen{}, err
	}
	debug.FreeOSMemory() // the decoded colours, before tesseract takes its share
	return j.ocr.look(img)
}

// decodePicture decodes a picture from memory.
func decodePicture(data []byte) (*image.Gray, error) { return decodeGray(bytes.NewReader(data)) }

// decodeGray checks a picture's size, decodes it, and turns it into upright
// grey dots, at most ocrPixels of them.
func decodeGray(r io.ReadSeeker) (*image.Gray, error) {
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

// toGray makes grey dots on white, shrunk by whole steps to ocrPixels.
func toGray(img image.Image) *image.Gray {
	b := img.Bounds()
	step := 1
	for b.Dx()/step*(b.Dy()/step) > ocrPixels {
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

// tiffPages finds the pages of a TIFF: a chain of directories. Each comes as
// the whole file with another first directory.
func tiffPages(r *io.SectionReader) ([]io.ReadSeeker, error) {
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
