package extract

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
	"github.com/bwenge-os/bwenge/internal/problem"
)

var (
	gardenPage = []string{
		"The garden of the school", "",
		"Dig the bed in the first week of September, when the", "soil is soft after the rain. Mix two baskets of dry",
		"leaves into every square metre. Plant the beans as", "deep as your thumb is long, and water them slowly", "each evening until they are as tall as a pencil.",
	}
	weatherPage = []string{
		"How clouds are made", "",
		"Warm air over the lake takes water with it. As it", "climbs the hills it cools, and the water becomes a",
		"mist of small drops. When many drops join they are", "heavy, and then it rains over the tea fields above", "the village.",
	}
)

// printed draws a page of text on as much paper as it needs.
func printed(t testing.TB, lines []string) *image.Gray {
	return scanned(t, lines...).SubImage(image.Rect(0, 120, 1450, 120+200+60*len(lines))).(*image.Gray)
}

// copied is a bitmap without the margin of what it was cut from.
func copied(img *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()))
	for y := range out.Rect.Dy() {
		copy(out.Pix[y*out.Stride:][:out.Rect.Dx()], img.Pix[y*img.Stride:])
	}
	return out
}

// shaded darkens a photo towards its lower right corner, as a hand does.
func shaded(img *image.Gray) *image.Gray {
	out := copied(img)
	w, h := out.Rect.Dx(), out.Rect.Dy()
	for y := range h {
		for x := range w {
			light := 1 - 0.72*math.Pow(float64(x)/float64(w)*float64(y)/float64(h), 0.7)
			out.Pix[y*out.Stride+x] = uint8(float64(out.Pix[y*out.Stride+x]) * light)
		}
	}
	return out
}

// book is a photo of two pages, with a shadow in the fold.
func book(left, right *image.Gray) *image.Gray {
	w, h := left.Rect.Dx()+right.Rect.Dx(), max(left.Rect.Dy(), right.Rect.Dy())
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = 250
	}
	for y := range left.Rect.Dy() {
		copy(out.Pix[y*out.Stride:], left.Pix[y*left.Stride:][:left.Rect.Dx()])
	}
	for y := range right.Rect.Dy() {
		copy(out.Pix[y*out.Stride+left.Rect.Dx():], right.Pix[y*right.Stride:][:right.Rect.Dx()])
	}
	for y := range h {
		for x := -40; x <= 40; x++ {
			at := y*out.Stride + left.Rect.Dx() + x
			out.Pix[at] = uint8(float64(out.Pix[at]) * (0.5 + math.Abs(float64(x))/80))
		}
	}
	return out
}

func pngOf(t *testing.T, img image.Image) []byte {
	return encode(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

func TestPicturesAreReadWhicheverWayTheyLie(t *testing.T) {
	needs(t, "tesseract")
	garden, weather := copied(printed(t, gardenPage)), copied(printed(t, weatherPage))
	for i, pictures := range []map[string]*image.Gray{
		{"on its right side": paper.Quarter(garden, 1), "on its head": paper.Quarter(garden, 2), "slanted": paper.Turned(garden, 8), "in shadow": shaded(garden)},
		{"on its left side": paper.Quarter(weather, 3), "slanted back": paper.Turned(weather, -5), "in shadow, on its head": paper.Quarter(shaded(weather), 2)},
	} {
		lines := [][]string{gardenPage, weatherPage}[i]
		for name, img := range pictures {
			t.Run(fmt.Sprint(lines[0], ", ", name), func(t *testing.T) {
				f := readBytes(t, jpegOf(t, img))
				wantText(t, f)
				got := strings.Join(strings.Fields(f.text()), " ")
				if want := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); got != want {
					t.Errorf("read %q", got)
				}
				if f.sections[0].Doubt != "" || f.Counts["pictures"] != 1 {
					t.Errorf("doubt %q, counts %v", f.sections[0].Doubt, f.Counts)
				}
			})
		}
	}
}

func TestOpenBookIsReadPageByPage(t *testing.T) {
	needs(t, "tesseract")
	left, right := copied(printed(t, gardenPage)), copied(printed(t, weatherPage))
	for name, img := range map[string]*image.Gray{
		"slanted":  paper.Turned(book(left, right), 3),
		"sideways": paper.Quarter(book(left, right), 1),
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, jpegOf(t, img))
			wantText(t, f)
			got := strings.Join(strings.Fields(f.text()), " ")
			if want := strings.Join(strings.Fields(strings.Join(append(gardenPage, weatherPage...), " ")), " "); got != want {
				t.Errorf("read %q", got)
			}
		})
	}
}

func TestScannedPDFPagesLieSideways(t *testing.T) {
	needs(t, "tesseract")
	for turns, lines := range map[int][]string{1: gardenPage, 2: weatherPage} {
		img := paper.Quarter(scanned(t, lines...), turns)
		f := readBytes(t, makePDF(t, []string{showPicture}, jpegOf(t, img), img.Rect.Size()))
		wantText(t, f, lines[0], lines[2])
		if f.Counts["scanned_pages"] != 1 || f.sections[0].Place.Page != 1 {
			t.Errorf("%+v, counts %v", f.sections, f.Counts)
		}
	}
	// The page says itself that it is shown turned.
	img := paper.Quarter(scanned(t, gardenPage...), 3)
	data := makePDF(t, []string{showPicture}, jpegOf(t, img), img.Rect.Size())
	data = bytes.Replace(data, []byte("/MediaBox"), []byte("/Rotate 90 /MediaBox"), 1)
	wantText(t, readBytes(t, data), gardenPage[0], gardenPage[2])
}

func TestPhotoWithoutTextSaysSo(t *testing.T) {
	needs(t, "tesseract")
	for seed := range uint64(2) {
		wantProblem(t, readBytes(t, jpegOf(t, fur(seed))), problem.Unreadable, "no_text")
	}
}

// fur is a picture of short dark strokes in all directions, and of two eyes.
func fur(seed uint64) *image.Gray {
	r := rand.New(rand.NewPCG(seed, 1))
	img := image.NewGray(image.Rect(0, 0, 1200, 900))
	for i := range img.Pix {
		img.Pix[i] = uint8(150 + r.IntN(40))
	}
	for range 6000 {
		x, y, a := r.Float64()*1180+10, r.Float64()*880+10, r.NormFloat64()*0.5+1
		for n := range 10 + r.IntN(25) {
			px, py := int(x+float64(n)*math.Cos(a)), int(y+float64(n)*math.Sin(a))
			if image.Pt(px, py).In(img.Rect) {
				img.Pix[py*img.Stride+px] = uint8(40 + r.IntN(60))
			}
		}
	}
	for _, eye := range []image.Point{{450, 400}, {750, 410}} {
		for y := -60; y <= 60; y++ {
			for x := -60; x <= 60; x++ {
				if d := x*x + y*y; d < 3600 {
					img.Pix[(eye.Y+y)*img.Stride+eye.X+x] = uint8(20 + d/20)
				}
			}
		}
	}
	return img
}

func TestPoorScanIsDoubted(t *testing.T) {
	needs(t, "tesseract")
	r := rand.New(rand.NewPCG(1, 2))
	img := scanned(t, gardenPage...)
	small := paper.Shrink(img, img.Rect.Dx()*img.Rect.Dy()/16) // 50 dpi
	for i := range small.Pix {
		small.Pix[i] = uint8(min(255, max(0, int(small.Pix[i])+int(r.NormFloat64()*22))))
	}
	f := readBytes(t, pngOf(t, small))
	if f.err == nil && f.sections[0].Doubt != "ocr" {
		t.Errorf("%q is not doubted", f.text())
	}
}
