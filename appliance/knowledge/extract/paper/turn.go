package paper

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
)

// upright shows a picture as its EXIF orientation says: 1 as it is, 3, 6 and 8
// turned, 2, 4, 5 and 7 mirrored, too (front cameras, and programs that flip).
func upright(img *image.Gray, orientation int) *image.Gray {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewGray(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x, v := range img.Pix[y*img.Stride:][:w] {
			var at int
			switch orientation {
			case 2:
				at = y*out.Stride + w - 1 - x
			case 3:
				at = (h-1-y)*out.Stride + w - 1 - x
			case 4:
				at = (h-1-y)*out.Stride + x
			case 5:
				at = x*out.Stride + y
			case 6:
				at = x*out.Stride + h - 1 - y
			case 7:
				at = (w-1-x)*out.Stride + h - 1 - y
			case 8:
				at = (w-1-x)*out.Stride + y
			}
			out.Pix[at] = v
		}
	}
	return out
}

// Quarter turns a picture clockwise by so many quarters.
func Quarter(img *image.Gray, turns int) *image.Gray {
	return upright(img, [4]int{1, 6, 3, 8}[turns&3])
}

// exifOrientation reads how a camera was held from a JPEG's header; 1 is
// upright and the answer for everything else.
func exifOrientation(r io.Reader) int {
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(r, head)
	head = head[:n]
	if !bytes.HasPrefix(head, []byte{0xff, 0xd8}) {
		return 1
	}
	for at := 2; at+4 <= len(head) && head[at] == 0xff && head[at+1] != 0xda; {
		size := int(binary.BigEndian.Uint16(head[at+2:]))
		body := head[min(at+4, len(head)):min(at+2+max(size, 2), len(head))]
		if tiffData, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && head[at+1] == 0xe1 {
			return tiffOrientation(tiffData)
		}
		at += 2 + max(size, 2)
	}
	return 1
}

func tiffOrientation(p []byte) int {
	if len(p) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if p[0] == 'M' {
		order = binary.BigEndian
	}
	dir := int64(order.Uint32(p[4:]))
	if dir+2 > int64(len(p)) {
		return 1
	}
	for i := range int64(order.Uint16(p[dir:])) {
		entry := dir + 2 + 12*i
		if entry+12 > int64(len(p)) {
			break
		}
		if order.Uint16(p[entry:]) == 0x0112 {
			return int(order.Uint16(p[entry+8:]))
		}
	}
	return 1
}
