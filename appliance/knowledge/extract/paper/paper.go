package paper

import (
	"image"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// What is done to a photo of paper before it is read: shadows are lifted, slanted
// lines made level, and two pages beside each other parted.

const (
	// A shade is a tile's paper; tiles are a fortieth of the picture.
	shadeTiles = 40
	// shadeUneven is how much darker (of 255) paper in the shadow is than in
	// the light for it to be worth lifting, and shadeDarkest is what cannot be
	// paper.
	shadeUneven, shadeDarkest = 50, 48
)

// Lift evens out the light: each dot is measured against the paper around it.
// One threshold for the whole page would take a shadow for ink. A page in even
// light comes back as it is.
func Lift(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	size := max(w, h) / shadeTiles
	if size < 8 {
		return img
	}
	cols, rows := (w+size-1)/size, (h+size-1)/size
	paper := make([]uint8, cols*rows)
	lightest, shaded := uint8(0), 0
	for ty := range rows {
		for tx := range cols {
			paper[ty*cols+tx] = tileShade(img, tx*size, ty*size, size)
			lightest = max(lightest, paper[ty*cols+tx])
		}
	}
	for _, p := range paper {
		if p >= shadeDarkest && int(lightest)-int(p) >= shadeUneven {
			shaded++
		}
	}
	if shaded*20 < len(paper) { // a stain, a stamp or the edge of the table
		return img
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		fy := max(0, (float64(y)+0.5)/float64(size)-0.5)
		y0 := min(int(fy), rows-1)
		y1, ty := min(y0+1, rows-1), fy-float64(y0)
		for x, v := range img.Pix[y*img.Stride:][:w] {
			fx := max(0, (float64(x)+0.5)/float64(size)-0.5)
			x0 := min(int(fx), cols-1)
			x1, tx := min(x0+1, cols-1), fx-float64(x0)
			top := float64(paper[y0*cols+x0])*(1-tx) + float64(paper[y0*cols+x1])*tx
			bottom := float64(paper[y1*cols+x0])*(1-tx) + float64(paper[y1*cols+x1])*tx
			shade := max(top*(1-ty)+bottom*ty, shadeDarkest)
			out.Pix[y*out.Stride+x] = uint8(min(255, float64(v)*250/shade))
		}
	}
	return out
}

// tileShade is how light the paper of a tile is: nine dots of ten are darker.
func tileShade(img *image.Gray, x0, y0, size int) uint8 {
	var shades [256]int
	n := 0
	x1 := min(x0+size, img.Rect.Dx())
	for y := y0; y < min(y0+size, img.Rect.Dy()); y++ {
		for _, v := range img.Pix[y*img.Stride:][x0:x1] {
			shades[v]++
			n++
		}
	}
	seen := 0
	for v := 255; v > 0; v-- {
		if seen += shades[v]; seen*10 >= n {
			return uint8(v)
		}
	}
	return 0
}

// dot is a place where ink is, in a small copy of a picture.
type dot struct{ x, y int }

// inkWide is how wide the small copy is, at most.
const inkWide = 900

// inkOf finds the ink: dots that are darker than what is around them. It returns
// the size of the small copy and how many dots of the picture one of it is.
func inkOf(img *image.Gray) (dots []dot, w, h, step int) {
	step = max(1, (max(img.Rect.Dx(), img.Rect.Dy())+inkWide-1)/inkWide)
	w, h = img.Rect.Dx()/step, img.Rect.Dy()/step
	if w == 0 || h == 0 {
		return nil, 0, 0, step
	}
	small := make([]int, w*h)
	sums := make([]int, (w+1)*(h+1)) // of all dots above and to the left
	for y := range h {
		row := 0
		for x := range w {
			// The darkest of a few: thin strokes must not fade.
			v := 255
			for dy := range step {
				for dx := 0; dx < step; dx++ {
					v = min(v, int(img.Pix[(y*step+dy)*img.Stride+x*step+dx]))
				}
			}
			small[y*w+x] = v
			row += v
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + row
		}
	}
	reach := max(8, w/40)
	for y := range h {
		for x := range w {
			x0, x1, y0, y1 := max(0, x-reach), min(w, x+reach+1), max(0, y-reach), min(h, y+reach+1)
			sum := sums[y1*(w+1)+x1] - sums[y0*(w+1)+x1] - sums[y1*(w+1)+x0] + sums[y0*(w+1)+x0]
			mean := sum / ((x1 - x0) * (y1 - y0))
			if small[y*w+x] < mean-mean/6-8 {
				dots = append(dots, dot{x, y})
			}
		}
	}
	return dots, w, h, step
}

const (
	// mostSlant is the steepest slant that is looked for, leastSlant the
	// smallest that is worth a correction, in degrees.
	mostSlant, leastSlant = 14.0, 0.6
	// fewInk is how many dots of ink tell nothing about lines.
	fewInk = 200
)

// slant is by how many degrees lines of text fall to the right; 0 where none is
// clear. Along the lines' own direction, rows of ink and of paper take turns.
func slant(dots []dot, h int) float64 {
	if len(dots) < fewInk {
		return 0
	}
	if most := 40_000; len(dots) > most {
		some := make([]dot, 0, most)
		for i := range most {
			some = append(some, dots[i*len(dots)/most])
		}
		dots = some
	}
	bins := make([]int, 3*h+4*inkWide)
	contrast := func(degrees float64) float64 {
		clear(bins)
		fall := math.Tan(degrees * math.Pi / 180)
		for _, d := range dots {
			bins[int(float64(d.y)-float64(d.x)*fall)+h+inkWide]++
		}
		var sum float64
		for i := 1; i < len(bins); i++ {
			d := float64(bins[i] - bins[i-1])
			sum += d * d
		}
		return sum
	}
	level := contrast(0)
	best, most := 0.0, level
	try := func(degrees float64) {
		if c := contrast(degrees); c > most {
			best, most = degrees, c
		}
	}
	for d := -mostSlant; d <= mostSlant; d += 0.5 {
		try(d)
	}
	for around, d := best, -0.4; d <= 0.4; d += 0.1 {
		try(around + d)
	}
	if math.Abs(best) < leastSlant || most < 1.3*level {
		return 0
	}
	return best
}

// Turned turns a picture so that lines which fall by so many degrees are level.
// What comes into it from outside is paper.
func Turned(img *image.Gray, degrees float64) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	ow, oh := w*cos+h*math.Abs(sin), h*cos+w*math.Abs(sin)
	if ow*oh > MaxDots*5/4 {
		return img
	}
	out := image.NewGray(image.Rect(0, 0, int(ow), int(oh)))
	for y := range out.Rect.Dy() {
		row := out.Pix[y*out.Stride:][:out.Rect.Dx()]
		v := float64(y) - oh/2
		for x := range row {
			u := float64(x) - ow/2
			sx, sy := u*cos-v*sin+w/2, u*sin+v*cos+h/2
			x0, y0 := int(math.Floor(sx)), int(math.Floor(sy))
			if x0 < 0 || y0 < 0 || x0+1 >= img.Rect.Dx() || y0+1 >= img.Rect.Dy() {
				row[x] = 255
				continue
			}
			tx, ty := sx-float64(x0), sy-float64(y0)
			p := img.Pix[y0*img.Stride+x0:]
			top := float64(p[0])*(1-tx) + float64(p[1])*tx
			p = p[img.Stride:]
			row[x] = uint8(top*(1-ty) + (float64(p[0])*(1-tx)+float64(p[1])*tx)*ty)
		}
	}
	return out
}

// Level makes slanted lines of text level.
func Level(img *image.Gray) *image.Gray {
	dots, _, h, _ := inkOf(img)
	if s := slant(dots, h); s != 0 {
		return Turned(img, s)
	}
	return img
}

// Facing parts a photo of an open book into its two pages: it is wider than
// high, an upright strip near its middle holds no ink but a shadow or the fold's
// line, and on both sides stand lines that fill their page. The cells of a table
// do not.
func Facing(img *image.Gray) (left, right *image.Gray, ok bool) {
	if img.Rect.Dx()*20 < img.Rect.Dy()*23 {
		return nil, nil, false
	}
	dots, w, h, step := inkOf(img)
	if len(dots) < 2*fewInk {
		return nil, nil, false
	}
	// A column's ink is counted by the rows that it is in: the fold itself may
	// be a dark line from top to bottom.
	columns := make([]int, w)
	for _, d := range dots {
		columns[d.x]++
	}
	middle, wide := 0, 0
	for x := w * 38 / 100; x < w*62/100; x++ {
		n := 0
		for x+n < w*65/100 && (columns[x+n] <= h/150 || columns[x+n] > h*6/10) {
			n++
		}
		if n > wide {
			middle, wide = x+n/2, n
		}
		x += n
	}
	if wide < max(6, w/50) || !filled(dots, 0, middle, h) || !filled(dots, middle, w, h) {
		return nil, nil, false
	}
	at := middle * step
	return crop(img, 0, at), crop(img, at, img.Rect.Dx()), true
}

// filled reports whether most rows of ink within some columns run over most of
// the width that ink takes there: lines of text do.
func filled(dots []dot, from, to, h int) bool {
	first, last := make([]int, h), make([]int, h)
	count := make([]int, h)
	var xs []int
	for _, d := range dots {
		if d.x < from || d.x >= to {
			continue
		}
		xs = append(xs, d.x)
		if count[d.y] == 0 || d.x < first[d.y] {
			first[d.y] = d.x
		}
		if count[d.y] == 0 || d.x > last[d.y] {
			last[d.y] = d.x
		}
		count[d.y]++
	}
	if len(xs) < fewInk {
		return false
	}
	slices.Sort(xs)
	wide := xs[len(xs)*98/100] - xs[len(xs)*2/100]
	rows, long := 0, 0
	for y := range h {
		// A row through the middle of letters has ink in a fifth of its dots.
		if count[y]*6 < wide/2 {
			continue
		}
		rows++
		if last[y]-first[y] > wide*6/10 {
			long++
		}
	}
	return wide > (to-from)/3 && rows > h/40 && long*2 > rows
}

// Shrink makes a small copy of at most so many dots.
func Shrink(img *image.Gray, dots int) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w*h <= dots {
		return img
	}
	by := math.Sqrt(float64(dots) / float64(w*h))
	out := image.NewGray(image.Rect(0, 0, int(float64(w)*by), int(float64(h)*by)))
	draw.BiLinear.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out
}

func crop(img *image.Gray, from, to int) *image.Gray {
	return img.SubImage(image.Rect(from, 0, to, img.Rect.Dy())).(*image.Gray)
}

// Blank reports whether a bitmap holds nothing: fewer than one dot in ten
// thousand differs from its most common shade.
func Blank(img *image.Gray) bool {
	var shades [16]int
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for _, v := range img.Pix[y*img.Stride:][:w] {
			shades[v>>4]++
		}
	}
	top, most := 0, 0
	for i, n := range shades {
		if n > most {
			top, most = i, n
		}
	}
	near := most
	if top > 0 {
		near += shades[top-1]
	}
	if top < 15 {
		near += shades[top+1]
	}
	return w*h-near < max(w*h/10_000, 1)
}
