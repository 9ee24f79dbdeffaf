package extract

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// wav makes a second of a tone for each of seconds, with the given sizes in its
// header.
func wav(seconds, rate int, riffSize, dataSize uint32) []byte {
	samples := seconds * rate
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, riffSize)
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, dataSize)
	for i := range samples {
		_ = binary.Write(&b, binary.LittleEndian, int16(8000*math.Sin(float64(i)*2*math.Pi*440/float64(rate))))
	}
	return b.Bytes()
}

func decode(t *testing.T, src string) (seconds float64, pcm []byte, notices []appliance.Notice, err error) {
	t.Helper()
	dir := t.TempDir()
	dst := filepath.Join(dir, "out.pcm")
	seconds, notices, err = DecodeAudio(context.Background(), src, dst, nil)
	entries, _ := os.ReadDir(dir)
	if err != nil {
		if len(entries) > 0 {
			t.Errorf("left behind: %v", entries)
		}
		return seconds, nil, notices, err
	}
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	pcm, readErr := os.ReadFile(dst)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return seconds, pcm, notices, nil
}

func TestDecodeAudio(t *testing.T) {
	needs(t, "ffmpeg")
	n := uint32(3 * 8000 * 2)
	for name, data := range map[string][]byte{
		"sound":            wav(3, 8000, n+36, n),
		"sizes zero":       wav(3, 8000, 0, 0),
		"sizes too small":  wav(3, 8000, 100, 64),
		"sizes too large":  wav(3, 8000, 1<<31, 1<<31),
		"cut in a sample":  append(wav(3, 8000, n+36, n), 7),
		"sizes of all one": wav(3, 8000, math.MaxUint32, math.MaxUint32),
	} {
		t.Run(name, func(t *testing.T) {
			seconds, pcm, _, err := decode(t, write(t, data))
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(seconds-3) > 0.05 || math.Abs(float64(len(pcm))-3*bytesPerSecond) > 0.05*bytesPerSecond {
				t.Errorf("%.2f s, %d bytes", seconds, len(pcm))
			}
		})
	}
}

func TestDecodeAudioProblems(t *testing.T) {
	needs(t, "ffmpeg")
	broken := wav(1, 8000, 36, 0)
	copy(broken[16:], "ffff") // a header longer than the file
	for name, test := range map[string]struct {
		data   []byte
		code   problem.Code
		reason string
	}{
		"broken header": {broken[:44], problem.Unreadable, "damaged"},
		"too short":     {wav(1, 8000, 0, 0)[:44+200], problem.Unreadable, "too_short"},
		"not a sound":   {[]byte("hello there"), problem.Unsupported, "unsupported_type"},
		"empty":         {nil, problem.Unreadable, "file_empty"},
		"half an MP4":   {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x10\x00mdat"), problem.Unreadable, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := decode(t, write(t, test.data))
			wantProblem(t, found{err: err}, test.code, test.reason)
		})
	}
}

// ffmpegFile makes a recording with ffmpeg.
func ffmpegFile(t *testing.T, name string, args ...string) string {
	t.Helper()
	needs(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), name)
	args = append(append([]string{"-nostdin", "-v", "error", "-y"}, args...), path)
	if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	return path
}

func TestRecordings(t *testing.T) {
	tone := []string{"-f", "lavfi", "-i", "sine=frequency=300:duration=2"}
	film := append([]string{"-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2"}, tone...)
	for _, test := range []struct {
		name string
		args []string
		kind appliance.Kind
	}{
		{"a.wav", tone, appliance.KindAudio}, {"a.mp3", tone, appliance.KindAudio}, {"a.m4a", tone, appliance.KindAudio},
		{"a.ogg", tone, appliance.KindAudio}, {"a.flac", tone, appliance.KindAudio}, {"a.aac", tone, appliance.KindAudio},
		{"a.opus", tone, appliance.KindAudio}, {"sound.mkv", tone, appliance.KindAudio},
		{"v.mp4", film, appliance.KindVideo}, {"v.mov", film, appliance.KindVideo}, {"v.avi", film, appliance.KindVideo},
		{"v.mkv", film, appliance.KindVideo}, {"v.webm", film, appliance.KindVideo},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := ffmpegFile(t, test.name, test.args...)
			f := readPath(t, path)
			if f.err != nil || f.Kind != test.kind || len(f.sections) > 0 || math.Abs(f.Duration-2) > 0.3 {
				t.Errorf("read: %+v, %v", f.Info, f.err)
			}
			seconds, _, notices, err := decode(t, path)
			if err != nil || math.Abs(seconds-2) > 0.2 || len(notices) > 0 {
				t.Errorf("decoded %.2f s, %v, %v", seconds, notices, err)
			}
		})
	}
}

func TestSilentFilm(t *testing.T) {
	path := ffmpegFile(t, "v.mp4", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2")
	wantProblem(t, readPath(t, path), problem.Unreadable, "no_sound")
	_, _, _, err := decode(t, path)
	wantProblem(t, found{err: err}, problem.Unreadable, "no_sound")
	if p := problem.Of(err); p.Message != "This video has no sound." {
		t.Errorf("message %q", p.Message)
	}
}

func TestCutRecordingIsReadAsFarAsItGoes(t *testing.T) {
	path := ffmpegFile(t, "a.ogg", "-f", "lavfi", "-i", "sine=frequency=300:duration=20")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seconds, _, _, err := decode(t, write(t, data[:len(data)/2]))
	if err != nil || seconds < 5 || seconds > 15 {
		t.Errorf("%.2f s, %v", seconds, err)
	}
}

func TestDecodeAudioStops(t *testing.T) {
	needs(t, "ffmpeg")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dst := filepath.Join(t.TempDir(), "x")
	if _, _, err := DecodeAudio(ctx, write(t, wav(1, 8000, 0, 0)), dst, nil); err == nil || ctx.Err() != context.Cause(ctx) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dst + ".part"); err == nil {
		t.Error("the part file is left")
	}
}

func encode(t *testing.T, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImages(t *testing.T) {
	needs(t, "tesseract")
	const words = "The moon goes round the earth."
	img := scanned(t, words)
	clear := image.NewNRGBA(img.Rect) // black on nothing
	for i, v := range img.Pix {
		clear.Pix[4*i+3] = 255 - v
	}
	shades := make(color.Palette, 256)
	for i := range shades {
		shades[i] = color.Gray{uint8(i)}
	}
	paletted := &image.Paletted{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect, Palette: shades}
	for name, data := range map[string][]byte{
		"jpeg":        jpegOf(t, img),
		"png":         encode(t, func(b *bytes.Buffer) error { return png.Encode(b, img) }),
		"transparent": encode(t, func(b *bytes.Buffer) error { return png.Encode(b, clear) }),
		"gif":         encode(t, func(b *bytes.Buffer) error { return gif.Encode(b, paletted, nil) }),
		"bmp":         encode(t, func(b *bytes.Buffer) error { return bmp.Encode(b, paletted) }),
		"tiff":        encode(t, func(b *bytes.Buffer) error { return tiff.Encode(b, img, &tiff.Options{Compression: tiff.Deflate}) }),
		"sideways":    sideways(t, img),
	} {
		t.Run(name, func(t *testing.T) { wantText(t, readBytes(t, data), words) })
	}
}

// sideways is a photo that was taken with the camera turned, and says so.
func sideways(t *testing.T, img *image.Gray) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	turned := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			turned.Pix[(w-1-x)*turned.Stride+y] = img.Pix[y*img.Stride+x]
		}
	}
	data := jpegOf(t, turned)
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(data[:2:2], segment...), data[2:]...)
}

func TestImageProblems(t *testing.T) {
	needs(t, "tesseract")
	flood := func(w, h uint32) []byte {
		b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00\x00\x00\x00\x00")
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
		return b
	}
	blankPage := image.NewGray(image.Rect(0, 0, 500, 500))
	whole := jpegOf(t, scanned(t, "x"))
	for name, test := range map[string]struct {
		data   []byte
		code   problem.Code
		reason string
	}{
		"pixel flood": {flood(60_000, 60_000), problem.TooLarge, "image_too_large"},
		"thin flood":  {flood(1<<31-1, 1), problem.TooLarge, "image_too_large"},
		"no dots":     {flood(0, 10), problem.Unreadable, "damaged"},
		"truncated":   {whole[:300], problem.Unreadable, "damaged"},
		"blank":       {encode(t, func(b *bytes.Buffer) error { return png.Encode(b, blankPage) }), problem.Unreadable, "no_text"},
		"looping tiff": {[]byte("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"), problem.Unreadable,
			"damaged"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, readBytes(t, test.data), test.code, test.reason) })
	}
}

func TestTIFFOfManyPages(t *testing.T) {
	needs(t, "tesseract")
	// Two files behind each other: the offsets of the second are moved.
	one := encode(t, func(b *bytes.Buffer) error { return tiff.Encode(b, scanned(t, "Page the first"), nil) })
	two := encode(t, func(b *bytes.Buffer) error { return tiff.Encode(b, scanned(t, "Page the second"), nil) })
	base := uint32(len(one))
	le := binary.LittleEndian
	dir := le.Uint32(two[4:])
	for i := range int(le.Uint16(two[dir:])) {
		entry := two[int(dir)+2+12*i:]
		size := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8}[le.Uint16(entry[2:])] * le.Uint32(entry[4:])
		if tag := le.Uint16(entry); size > 4 || tag == 273 { // 273 is where the dots are
			le.PutUint32(entry[8:], le.Uint32(entry[8:])+base)
		}
	}
	first := le.Uint32(one[4:])
	le.PutUint32(one[int(first)+2+12*int(le.Uint16(one[first:])):], dir+base)
	f := readBytes(t, append(one, two...))
	wantText(t, f, "Page the first", "Page the second")
	if f.Pages != 2 || f.section(t, "second").Place.Page != 2 {
		t.Errorf("%d pages, %+v", f.Pages, f.sections)
	}
}

func crc(p []byte) uint32 {
	c := ^uint32(0)
	for _, b := range p {
		c ^= uint32(b)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}
