// Package cards draws what a school prints: sign-in cards for a class with
// names, QR codes and pictures. The pictures' shapes stand here once and become
// both the SVG that tablets show and the print.
package cards

import (
	"fmt"
	"slices"
	"strings"

	"rsc.io/qr"
)

// shape is one filled form on a field of 100 × 100: a circle (r > 0), an ellipse
// (r and ry), or a polygon (points, x and y in turn).
type shape struct {
	colour string // RRGGBB
	x, y   float64
	r, ry  float64
	points []float64
}

func circle(colour string, x, y, r float64) shape {
	return shape{colour: colour, x: x, y: y, r: r, ry: r}
}
func oval(colour string, x, y, rx, ry float64) shape {
	return shape{colour: colour, x: x, y: y, r: rx, ry: ry}
}
func polygon(colour string, points ...float64) shape { return shape{colour: colour, points: points} }

// picture is one of the sixteen. They differ in outline, not in colour alone.
type picture struct {
	id     string
	shapes []shape
}

var pictures = []picture{
	{"sun", append(rays(), circle("F2A900", 50, 50, 24))},
	{"moon", []shape{circle("5B6BB5", 50, 50, 38), circle("FFFFFF", 66, 42, 32)}},
	{"star", []shape{polygon("C9302C", 50, 6, 61, 38, 95, 38, 68, 58, 78, 91, 50, 71, 22, 91, 32, 58, 5, 38, 39, 38)}},
	{"tree", []shape{polygon("7A4A21", 43, 60, 57, 60, 60, 95, 40, 95), circle("2E7D32", 50, 32, 26), circle("2E7D32", 29, 48, 19), circle("2E7D32", 71, 48, 19)}},
	{"fish", []shape{oval("0277BD", 44, 50, 36, 21), polygon("0277BD", 72, 50, 96, 28, 96, 72), circle("FFFFFF", 26, 44, 6), circle("111111", 25, 44, 3)}},
	{"bird", []shape{oval("6A1B9A", 50, 58, 28, 20), circle("6A1B9A", 74, 36, 14), polygon("F2A900", 86, 32, 99, 38, 86, 43), polygon("6A1B9A", 28, 52, 4, 34, 10, 62),
		polygon("4A148C", 36, 54, 62, 52, 40, 78), polygon("F2A900", 44, 76, 48, 76, 48, 95, 44, 95), polygon("F2A900", 56, 76, 60, 76, 60, 95, 56, 95), circle("FFFFFF", 77, 33, 4), circle("111111", 78, 33, 2)}},
	{"house", []shape{polygon("B71C1C", 50, 8, 96, 48, 4, 48), polygon("D7B98E", 16, 48, 84, 48, 84, 94, 16, 94), polygon("5D3A1A", 42, 62, 58, 62, 58, 94, 42, 94), polygon("4FA3D1", 23, 58, 36, 58, 36, 71, 23, 71), polygon("4FA3D1", 64, 58, 77, 58, 77, 71, 64, 71)}},
	{"cow", []shape{polygon("4E342E", 20, 32, 4, 4, 32, 22), polygon("4E342E", 80, 32, 96, 4, 68, 22), oval("8D6E63", 14, 42, 13, 8), oval("8D6E63", 86, 42, 13, 8), oval("8D6E63", 50, 46, 29, 34),
		oval("F3C6B4", 50, 76, 23, 18), circle("4E342E", 42, 76, 4), circle("4E342E", 58, 76, 4), circle("FFFFFF", 38, 42, 7), circle("FFFFFF", 62, 42, 7), circle("111111", 38, 43, 4), circle("111111", 62, 43, 4)}},
	{"drum", []shape{polygon("A0522D", 10, 26, 90, 26, 72, 88, 28, 88), oval("A0522D", 50, 88, 22, 8), oval("F5DEB3", 50, 26, 40, 15), polygon("F5DEB3", 14, 40, 24, 40, 40, 84, 36, 84), polygon("F5DEB3", 86, 40, 76, 40, 60, 84, 64, 84), polygon("F5DEB3", 46, 42, 54, 42, 52, 88, 48, 88)}},
	{"cup", []shape{circle("00838F", 76, 52, 20), circle("FFFFFF", 76, 52, 11), polygon("00838F", 14, 24, 76, 24, 68, 90, 22, 90), oval("4DD0E1", 45, 24, 31, 9)}},
	{"ball", []shape{circle("111111", 50, 50, 42), circle("FFFFFF", 50, 50, 39), polygon("111111", 50, 32, 67, 44, 61, 64, 39, 64, 33, 44), polygon("111111", 44, 12, 56, 12, 60, 20, 50, 26, 40, 20),
		polygon("111111", 86, 38, 88, 50, 80, 54, 74, 44, 79, 36), polygon("111111", 14, 38, 12, 50, 20, 54, 26, 44, 21, 36), polygon("111111", 70, 84, 62, 88, 58, 78, 66, 70, 76, 76), polygon("111111", 30, 84, 38, 88, 42, 78, 34, 70, 24, 76)}},
	{"flower", []shape{polygon("2E7D32", 47, 54, 53, 54, 53, 97, 47, 97), oval("2E7D32", 66, 82, 14, 6), circle("EC407A", 50, 18, 14), circle("EC407A", 69, 32, 14), circle("EC407A", 62, 54, 14), circle("EC407A", 38, 54, 14), circle("EC407A", 31, 32, 14), circle("FDD835", 50, 38, 13)}},
	{"boat", []shape{polygon("6D4C41", 6, 66, 94, 66, 78, 90, 22, 90), polygon("4E342E", 48, 8, 52, 8, 52, 66, 48, 66), polygon("EF6C00", 55, 12, 88, 60, 55, 60), polygon("FFB74D", 45, 20, 45, 60, 16, 60)}},
	{"banana", []shape{polygon("F9A825", 20, 8, 30, 6, 34, 26, 44, 46, 60, 60, 90, 70, 92, 78, 68, 84, 44, 78, 26, 58, 18, 34), polygon("6D4C41", 18, 10, 20, 2, 28, 1, 30, 7), polygon("6D4C41", 90, 70, 97, 72, 97, 79, 92, 78)}},
	{"key", []shape{circle("455A64", 26, 50, 22), circle("FFFFFF", 26, 50, 11), polygon("455A64", 44, 44, 96, 44, 96, 56, 44, 56), polygon("455A64", 68, 56, 76, 56, 76, 74, 68, 74), polygon("455A64", 84, 56, 92, 56, 92, 80, 84, 80)}},
	{"umbrella", []shape{circle("AD1457", 50, 48, 42), polygon("FFFFFF", 4, 49, 96, 49, 96, 92, 4, 92), circle("FFFFFF", 22, 52, 14), circle("FFFFFF", 50, 52, 14), circle("FFFFFF", 78, 52, 14), polygon("37474F", 48, 44, 52, 44, 52, 86, 48, 86), circle("37474F", 59, 86, 11), circle("FFFFFF", 59, 86, 7), polygon("FFFFFF", 46, 70, 75, 70, 75, 85, 52, 85, 52, 80, 46, 80), polygon("37474F", 48, 44, 52, 44, 52, 86, 48, 86)}},
}

// rays are the eight of the sun.
func rays() []shape {
	const c = "F2A900"
	return []shape{
		polygon(c, 46, 22, 54, 22, 50, 2), polygon(c, 46, 78, 54, 78, 50, 98), polygon(c, 22, 46, 22, 54, 2, 50), polygon(c, 78, 46, 78, 54, 98, 50),
		polygon(c, 27, 33, 33, 27, 16, 16), polygon(c, 73, 33, 67, 27, 84, 16), polygon(c, 27, 67, 33, 73, 16, 84), polygon(c, 73, 67, 67, 73, 84, 84),
	}
}

// Pictures are the ids of all pictures, in the order in which they are shown.
func Pictures() []string {
	ids := make([]string, len(pictures))
	for i, p := range pictures {
		ids[i] = p.id
	}
	return ids
}

func find(id string) *picture {
	i := slices.IndexFunc(pictures, func(p picture) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return &pictures[i]
}

// SVG draws a picture, nil for an unknown id.
func SVG(id string) []byte {
	p := find(id)
	if p == nil {
		return nil
	}
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">`)
	for _, s := range p.shapes {
		if s.points == nil {
			fmt.Fprintf(&b, `<ellipse cx="%g" cy="%g" rx="%g" ry="%g" fill="#%s"/>`, s.x, s.y, s.r, s.ry, s.colour)
			continue
		}
		b.WriteString(`<polygon points="`)
		for i := 0; i < len(s.points); i += 2 {
			fmt.Fprintf(&b, "%g,%g ", s.points[i], s.points[i+1])
		}
		fmt.Fprintf(&b, `" fill="#%s"/>`, s.colour)
	}
	b.WriteString(`</svg>`)
	return []byte(b.String())
}

// QR draws a text as a QR code in SVG, with the quiet zone of four modules that
// the standard asks for.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	n := code.Size + 8
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path d="`, n, n, n, n)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}
