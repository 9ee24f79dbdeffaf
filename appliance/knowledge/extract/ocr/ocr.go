// Package ocr reads the text in pictures of pages, however they lie, with tesseract.
package ocr

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/paper"
	"github.com/bwenge-os/bwenge/internal/proc"
)

const (
	// maxCPU bounds one page: a dense A4 page at 300 dpi in three languages
	// takes about ten seconds of a slow one. maxTime is the end of all waiting
	// on a busy box.
	maxCPU       = time.Minute
	maxTime      = 15 * time.Minute
	maxAddresses = 1 << 30
	// Words that tesseract is less sure of than this (of 100) are marks that
	// only look like letters, and a page whose words are on average below
	// pageConfidence is a picture. A few words must be clearer: leaves and
	// fur look like letters here and there.
	wordConfidence, pageConfidence = 30, 60
	fewLetters, fewConfidence      = 24, 75
	// A page that is read as surely as sure lies the right way up. Text on
	// its side or its head is rarely above 65.
	sure = 80
	// What is read less surely than doubtful is marked for the teacher.
	doubtful = 76
	// osdPixels is how large a picture is shown for the question how it lies,
	// and osdConfidence from when on the answer is believed alone.
	osdPixels, osdConfidence = 3_000_000, 2.0
)

// languages are those of the schools, if their data are installed.
// (tesseract has none for Kinyarwanda; its letters are the others'.)
var languages = []string{"eng", "fra", "swa"}

// Reader reads text in bitmaps by tesseract, which is looked for on first use.
type Reader struct {
	// Kept is a directory for what was read, by the bitmap's hash: reading a
	// scanned book again after a power cut costs one page. Empty for none.
	Kept    string
	Turned  map[int]int // degrees that somebody has said, by page
	Page    int         // of the page that is looked at
	Missing bool        // tesseract was needed and is not installed

	path  string // of tesseract, once it has been looked up
	langs string
	osd   bool // it can tell how a page lies
	turns int  // quarters by which the page before had to be turned
}

// Found is what was read in a picture.
type Found struct {
	Text string  `json:"text"`
	Sure float64 `json:"sure"` // 0 to 100, on average over its letters

	weight float64 // how much speaks for it being text
}

// Doubt is "ocr" where a teacher should compare the text with the original.
func (s Found) Doubt() string {
	if s.Text != "" && s.Sure < doubtful {
		return "ocr"
	}
	return ""
}

// Section is what was read, at its place.
func (s Found) Section(place appliance.Place) appliance.Section {
	return appliance.Section{Text: s.Text, Place: place, Doubt: s.Doubt()}
}

// Available looks tesseract up: ErrNoTesseract says that it is not installed,
// another error that it did not run this time.
func (o *Reader) Available() error {
	if o.Missing {
		return ErrNoTesseract
	}
	if o.path != "" {
		return nil
	}
	path, err := exec.LookPath("tesseract")
	if err != nil {
		o.Missing = true
		return ErrNoTesseract
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	var list bytes.Buffer
	if err := tesseract(ctx, path, nil, &list, "--list-langs"); err != nil {
		return err
	}
	installed := strings.Fields(list.String())
	var langs []string
	for _, l := range languages {
		if slices.Contains(installed, l) {
			langs = append(langs, l)
		}
	}
	if len(langs) == 0 {
		o.Missing = true
		return ErrNoTesseract
	}
	o.path, o.langs = path, strings.Join(langs, "+")
	o.osd = slices.Contains(installed, "osd")
	return nil
}

// ErrNoTesseract is returned where text in pictures cannot be read at all.
var ErrNoTesseract = errors.New("ocr: tesseract is not installed")

// Text is look for those who only want the text.
func (o *Reader) Text(img *image.Gray) (string, error) {
	found, err := o.Look(img)
	return found.Text, err
}

// Look reads one bitmap, however it lies. No text, or only guesses, gives "".
// tesseract sees nothing but the grey dots: every picture format is decoded here.
func (o *Reader) Look(img *image.Gray) (Found, error) {
	if err := o.Available(); err != nil {
		return Found{}, err
	}
	if paper.Blank(img) {
		return Found{}, nil
	}
	if degrees, ok := o.Turned[o.Page]; ok {
		return o.paper(paper.Quarter(paper.Lift(img), degrees/90))
	}
	memo := o.memo(img)
	if memo != "" {
		var found Found
		if data, err := os.ReadFile(memo); err == nil && json.Unmarshal(data, &found) == nil {
			return found, nil
		}
	}
	found, err := o.anyWayUp(paper.Lift(img))
	if err != nil || memo == "" {
		return found, err
	}
	data, err := json.Marshal(found)
	if err != nil {
		return found, err
	}
	return found, keep(memo, data)
}

// memo is the file for a bitmap's text, "" if nothing is kept.
func (o *Reader) memo(img *image.Gray) string {
	if o.Kept == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %v\n", o.langs, img.Rect)
	h.Write(img.Pix)
	return filepath.Join(o.Kept, hex.EncodeToString(h.Sum(nil)[:16])+".json")
}

// keep writes a file that is whole or not there.
func keep(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// anyWayUp reads a page as it lies, or as the page before it lay. Only where that
// gives no clear text it asks how the page lies, and reads it again.
func (o *Reader) anyWayUp(img *image.Gray) (Found, error) {
	tried := o.turns
	best, err := o.paper(paper.Quarter(img, tried))
	if err != nil || best.Sure >= sure && best.weight >= fewLetters {
		return best, err
	}
	turns, confidence := o.lies(img)
	if confidence < osdConfidence && best.weight > 40*fewLetters {
		return best, nil // much text, only hard to read: three more tries take too long
	}
	if confidence < osdConfidence {
		// Of a picture with few letters, or none, each way is tried on a small copy.
		small, most := paper.Shrink(img, osdPixels), best.weight
		turns = tried
		for n := range 4 {
			if n == tried {
				continue
			}
			found, err := o.paper(paper.Quarter(small, n))
			if err != nil {
				return best, err
			}
			if found.weight > 1.2*most {
				most, turns = found.weight, n
			}
		}
	}
	if turns == tried {
		return best, nil
	}
	found, err := o.paper(paper.Quarter(img, turns))
	if err == nil && found.weight > 1.2*best.weight {
		best, o.turns = found, turns
	}
	return best, err
}

// lies asks by how many quarters a page has to be turned to stand upright. A
// small copy of it is enough.
func (o *Reader) lies(img *image.Gray) (turns int, confidence float64) {
	if !o.osd {
		return o.turns, 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	var out bytes.Buffer
	err := tesseract(ctx, o.path, pgm(paper.Shrink(img, osdPixels)), proc.Limit(&out, 64<<10), "stdin", "stdout",
		"--psm", "0", "--dpi", strconv.Itoa(paper.DPI), "-c", "min_characters_to_try=20")
	if err != nil { // too few letters to tell
		return o.turns, 0
	}
	turns = o.turns
	for line := range strings.Lines(out.String()) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch n, err := strconv.ParseFloat(value, 64); {
		case err != nil:
		case key == "Rotate":
			turns = int(n) / 90 & 3
		case key == "Orientation confidence":
			confidence = n
		}
	}
	return turns, confidence
}

// paper reads a photo of a page that stands upright, or of an open book.
func (o *Reader) paper(img *image.Gray) (Found, error) {
	img = paper.Level(img)
	left, right, ok := paper.Facing(img)
	if !ok {
		return o.run(img)
	}
	first, err := o.run(paper.Level(left))
	if err != nil {
		return Found{}, err
	}
	second, err := o.run(paper.Level(right))
	if err != nil {
		return Found{}, err
	}
	return first.and(second), nil
}

// and puts the text of the right page behind that of the left one.
func (s Found) and(t Found) Found {
	if s.Text == "" || t.Text == "" {
		if s.Text == "" {
			return t
		}
		return s
	}
	a, b := float64(len(s.Text)), float64(len(t.Text))
	return Found{Text: s.Text + "\n\n" + t.Text, Sure: (s.Sure*a + t.Sure*b) / (a + b), weight: s.weight + t.weight}
}

// run lets tesseract read a bitmap.
func (o *Reader) run(img *image.Gray) (Found, error) {
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	var out bytes.Buffer
	err := tesseract(ctx, o.path, pgm(img), proc.Limit(&out, 4<<20), "stdin", "stdout",
		"-l", o.langs, "--psm", "3", "--dpi", strconv.Itoa(paper.DPI), "tsv")
	if err != nil {
		return Found{}, err
	}
	return parseTSV(&out), nil
}

// tesseract runs it with nothing to write to.
func tesseract(ctx context.Context, path string, in io.Reader, out io.Writer, args ...string) error {
	said := proc.NewTail(10, 400)
	child, err := proc.Start(ctx, proc.Command{Path: path, Args: args, Stdin: in, Stdout: out, Stderr: said,
		Env: []string{"OMP_THREAD_LIMIT=1"}, Limits: proc.Limits{CPU: maxCPU, AddressSpace: maxAddresses, Files: 64},
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

// parseTSV makes paragraphs of tesseract's table, in which each word knows its
// block, paragraph and line.
func parseTSV(r io.Reader) Found {
	var lines []wordLine
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
			lines = append(lines, wordLine{para: para})
		}
		lines[len(lines)-1].add(word, confidence)
	}
	return join(lines)
}

type wordLine struct {
	para    string
	words   []string
	letters int
	sum     float64 // confidence × letters
	guessed int     // letters of words that were left out
	clear   bool    // one of its words is surely one
}

func (l *wordLine) add(word string, confidence float64) {
	n := 0
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	if confidence < wordConfidence || n == 0 && confidence < pageConfidence {
		l.guessed += n
		return
	}
	l.words = append(l.words, word)
	l.letters += n
	l.sum += confidence * float64(n)
	l.clear = l.clear || n >= 3 && confidence >= fewConfidence
}

// join puts lines together, or says that they are no text.
func join(lines []wordLine) Found {
	var found Found
	var letters, guessed int
	var sum float64
	clear := false
	for _, l := range lines {
		letters += l.letters
		guessed += l.guessed
		sum += l.sum
		clear = clear || l.clear
	}
	if letters < 3 {
		return Found{}
	}
	found.Sure = sum / float64(letters)
	found.weight = float64(letters) * max(found.Sure-45, 0) / 50
	if !clear || found.Sure < pageConfidence || guessed > 2*letters ||
		letters < fewLetters && found.Sure < fewConfidence {
		found.weight /= 4 // marks, and text that lies the wrong way
		return found
	}
	found.Text = textOf(lines)
	return found
}

func textOf(lines []wordLine) string {
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
			joined := letters.JoinLines(b.String(), text)
			b.Reset()
			b.WriteString(joined)
		}
		para = l.para
	}
	words := letters.Wordbook{}
	words.Add(b.String())
	return words.Mend(b.String())
}
