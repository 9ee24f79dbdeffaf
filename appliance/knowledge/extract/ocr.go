package extract

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bwenge-os/bwenge/internal/proc"
)

const (
	// ocrCPU bounds one page: a dense A4 page at
	// 300 dpi in three languages takes about ten of a slow one. ocrTime is
	// the end of all waiting on a busy box.
	ocrCPU       = time.Minute
	ocrTime      = 15 * time.Minute
	ocrAddresses = 1 << 30
	// ocrDPI is what tesseract's models are trained for.
	ocrDPI = 300
	// ocrPixels bounds a page's bitmap: A4 at 300 dpi has 8.7 million.
	ocrPixels = 16_000_000
	// Words that tesseract is less sure of than this (of 100) are marks that
	// only look like letters, and a page whose words are on average below
	// ocrPageConfidence is a picture.
	ocrWordConfidence = 30
	ocrPageConfidence = 55
)

// ocrLanguages are those of the schools, if their data are installed.
// (tesseract has none for Kinyarwanda; its letters are the others'.)
var ocrLanguages = []string{"eng", "fra", "swa"}

// ocr reads text in bitmaps by tesseract, which is looked for on first use.
type ocr struct {
	// kept is a directory for what was read, by the bitmap's hash: reading a
	// scanned book again after a power cut costs one page. Empty for none.
	kept    string
	missing bool // tesseract was needed and is not installed
	looked  bool
	path    string
	langs   string
}

// available looks tesseract up.
func (o *ocr) available() bool {
	if o.looked {
		return !o.missing
	}
	o.looked = true
	o.missing = true
	path, err := exec.LookPath("tesseract")
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), ocrTime)
	defer cancel()
	var list bytes.Buffer
	if err := tesseract(ctx, path, nil, &list, "--list-langs"); err != nil {
		return false
	}
	installed := strings.Fields(list.String())
	var langs []string
	for _, l := range ocrLanguages {
		if slices.Contains(installed, l) {
			langs = append(langs, l)
		}
	}
	o.path, o.langs = path, strings.Join(langs, "+")
	o.missing = len(langs) == 0
	return !o.missing
}

// errNoTesseract is returned where text in pictures cannot be read at all.
var errNoTesseract = errors.New("ocr: tesseract is not installed")

// page reads one bitmap. No text, or only guesses, gives "". tesseract sees
// nothing but the grey dots: every picture format is decoded here.
func (o *ocr) page(img *image.Gray) (string, error) {
	if !o.available() {
		return "", errNoTesseract
	}
	if blank(img) {
		return "", nil
	}
	memo := o.memo(img)
	if memo != "" {
		if text, err := os.ReadFile(memo); err == nil {
			return string(text), nil
		}
	}
	text, err := o.run(img)
	if err != nil || memo == "" {
		return text, err
	}
	return text, keep(memo, text)
}

// memo is the file for a bitmap's text, "" if nothing is kept.
func (o *ocr) memo(img *image.Gray) string {
	if o.kept == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %v\n", o.langs, img.Rect)
	h.Write(img.Pix)
	return filepath.Join(o.kept, hex.EncodeToString(h.Sum(nil)[:16])+".txt")
}

// keep writes a file that is whole or not there.
func keep(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// run lets tesseract read a bitmap.
func (o *ocr) run(img *image.Gray) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ocrTime)
	defer cancel()
	var out bytes.Buffer
	err := tesseract(ctx, o.path, pgm(img), proc.Limit(&out, 4<<20), "stdin", "stdout",
		"-l", o.langs, "--psm", "3", "--dpi", strconv.Itoa(ocrDPI), "tsv")
	if err != nil {
		return "", err
	}
	return parseTSV(&out), nil
}

// tesseract runs it with nothing to write to.
func tesseract(ctx context.Context, path string, in io.Reader, out io.Writer, args ...string) error {
	said := proc.NewTail(10, 400)
	child, err := proc.Start(ctx, proc.Command{Path: path, Args: args, Stdin: in, Stdout: out, Stderr: said,
		Env: []string{"OMP_THREAD_LIMIT=1"}, Priority: proc.Low, Limits: proc.Limits{CPU: ocrCPU, AddressSpace: ocrAddresses, Files: 64},
		Sandbox: &proc.Sandbox{User: proc.Reader}})
	if err == nil {
		err = child.Wait()
	}
	if err != nil {
		return fmt.Errorf("ocr: %w", said.Explain(err))
	}
	return nil
}

// pgm is the bitmap in the simplest format there is.
func pgm(img *image.Gray) io.Reader {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	parts := []io.Reader{strings.NewReader(fmt.Sprintf("P5\n%d %d\n255\n", w, h))}
	if img.Stride == w {
		return io.MultiReader(parts[0], bytes.NewReader(img.Pix[:w*h]))
	}
	for y := range h {
		parts = append(parts, bytes.NewReader(img.Pix[y*img.Stride:][:w]))
	}
	return io.MultiReader(parts...)
}

// blank reports whether a bitmap holds nothing: fewer than one dot in ten
// thousand differs from its most common shade.
func blank(img *image.Gray) bool {
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

// parseTSV makes paragraphs of tesseract's table, in which each word knows its
// block, paragraph and line.
func parseTSV(r io.Reader) string {
	var lines []ocrLine
	var here string
	rows := bufio.NewScanner(r)
	for rows.Scan() {
		f := strings.Split(rows.Text(), "\t")
		if len(f) != 12 || f[0] != "5" { // level 5 is a word
			continue
		}
		confidence, err := strconv.ParseFloat(f[10], 64)
		word := strings.TrimSpace(f[11])
		if err != nil || word == "" {
			continue
		}
		para := f[2] + "/" + f[3]
		if line := para + "/" + f[4]; line != here || len(lines) == 0 {
			here = line
			lines = append(lines, ocrLine{para: para})
		}
		lines[len(lines)-1].add(word, confidence)
	}
	return joinOCR(lines)
}

type ocrLine struct {
	para    string
	words   []string
	letters int
	sum     float64 // confidence × letters
}

func (l *ocrLine) add(word string, confidence float64) {
	n := 0
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	if confidence < ocrWordConfidence || n == 0 && confidence < ocrPageConfidence {
		return
	}
	l.words = append(l.words, word)
	l.letters += n
	l.sum += confidence * float64(n)
}

func joinOCR(lines []ocrLine) string {
	var letters int
	var sum float64
	for _, l := range lines {
		letters += l.letters
		sum += l.sum
	}
	if letters < 3 || sum/float64(letters) < ocrPageConfidence {
		return ""
	}
	var b strings.Builder
	para := ""
	for _, l := range lines {
		if l.letters == 0 {
			continue
		}
		text := strings.Join(l.words, " ")
		switch {
		case b.Len() == 0:
			b.WriteString(text)
		case l.para != para:
			b.WriteString("\n\n")
			b.WriteString(text)
		default:
			joined := joinLines(b.String(), text)
			b.Reset()
			b.WriteString(joined)
		}
		para = l.para
	}
	return b.String()
}

// joinLines puts the second line of a paragraph behind the first. A word
// divided at the line's end becomes one again.
func joinLines(first, second string) string {
	if stem, ok := strings.CutSuffix(first, "-"); ok && endsInLetter(stem) && startsLower(second) {
		return stem + second
	}
	return first + " " + second
}

func endsInLetter(s string) bool {
	r := []rune(s[max(0, len(s)-4):])
	return len(r) > 0 && unicode.IsLetter(r[len(r)-1])
}

func startsLower(s string) bool {
	for _, r := range s {
		return unicode.IsLower(r)
	}
	return false
}
