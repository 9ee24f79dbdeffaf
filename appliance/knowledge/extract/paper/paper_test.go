package paper

import (
	"bytes"
	"image"
	"testing"
)

func TestExifOrientations(t *testing.T) {
	// A page of which no two corners are alike, as each camera stores it.
	page := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(page.Pix, []byte{1, 2, 3, 4, 5, 6})
	stored := map[int][]byte{
		1: {1, 2, 3, 4, 5, 6}, 2: {3, 2, 1, 6, 5, 4}, 3: {6, 5, 4, 3, 2, 1}, 4: {4, 5, 6, 1, 2, 3},
		5: {1, 4, 2, 5, 3, 6}, 6: {3, 6, 2, 5, 1, 4}, 7: {6, 3, 5, 2, 4, 1}, 8: {4, 1, 5, 2, 6, 3},
	}
	for orientation, dots := range stored {
		img := &image.Gray{Pix: dots, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
		if orientation >= 5 {
			img = &image.Gray{Pix: dots, Stride: 2, Rect: image.Rect(0, 0, 2, 3)}
		}
		if got := upright(img, orientation); !bytes.Equal(got.Pix, page.Pix) || got.Rect != page.Rect {
			t.Errorf("orientation %d gives %v of %v", orientation, got.Pix, got.Rect)
		}
	}
}

func TestWideTableIsNotParted(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 1600, 1000))
	for i := range img.Pix {
		img.Pix[i] = 250
	}
	for row := range 12 { // two columns of short cells
		for _, x := range []int{150, 950} {
			for y := range 22 {
				for dx := range 90 + 13*(row%3) {
					if dx%9 < 5 {
						img.Pix[(80+70*row+y)*img.Stride+x+dx] = 20
					}
				}
			}
		}
	}
	if _, _, ok := Facing(img); ok {
		t.Error("a table was taken for an open book")
	}
}
