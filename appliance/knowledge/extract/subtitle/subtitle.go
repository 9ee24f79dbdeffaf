// Package subtitle makes whole sentences, with the seconds in which they are spoken, of the
// captions of films and recordings: SRT, WebVTT and SBV.
package subtitle

import (
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
)

// Sentence is what is said from one second to another.
type Sentence struct {
	Start, End float64
	Text       string
}

// cue is what stands on the screen from one moment to another.
type cue struct {
	start, end float64
	lines      []string
	speaker    string
}

const (
	// maxSilence ends a sentence that has no full stop.
	maxSilence = 3.0
	// maxSpoken bounds a sentence where nobody wrote full stops.
	maxSpoken = 300
	// maxCueLines bounds what stands on the screen at once.
	maxCueLines = 50
)

// Reader is the walk through a file of subtitles.
type Reader struct {
	say     func(Sentence)
	now     *cue     // nil before the first timing
	after   []string // lines behind a blank one: more of the cue, or the name of the next
	blank   bool
	skipped bool // a note or a style sheet, up to the next blank line
	shown   cue  // the cue before, as it was on the screen

	text    strings.Builder // the sentence that is being gathered
	open    Sentence        // when it is said
	speaker string
	said    string // the speaker who was named last
}

const timestamp = `(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,:]\d{1,6})?)`

var (
	cueTiming = regexp.MustCompile(`^` + timestamp + `[ \t]*(?:-{1,3}>|,)[ \t]*` + timestamp + `(?:[ \t].*)?$`)
	cueStart  = regexp.MustCompile(`^` + timestamp)
	cueNumber = regexp.MustCompile(`^\d{1,9}$`)
	cueVoice  = regexp.MustCompile(`<v(?:\.[^ \t>]*)?[ \t]+([^>]{1,100})>`)
	cueTag    = regexp.MustCompile(`<[^<>]{0,200}>|\{\\[^{}]{0,200}\}`)
	vttBlock  = regexp.MustCompile(`^(NOTE|STYLE|REGION)([ \t].*)?$`)
)

// Detect finds a timing among the first lines.
func Detect(text string) bool {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "WEBVTT") && strings.Contains(text, "-->") {
		return true
	}
	seen := 0
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			continue
		case cueTiming.MatchString(line):
			return true
		case seen == 2:
			return false
		}
		seen++
	}
	return false
}

// New gives the sentences to say, in their order.
func New(say func(Sentence)) *Reader { return &Reader{say: say} }

// End gives the last of them.
func (c *Reader) End() {
	c.endCue()
	c.endSentence()
}

// Line takes the next line of the file, without the spaces around it.
func (c *Reader) Line(line string) {
	m := cueTiming.FindStringSubmatch(line)
	switch {
	case m != nil:
		c.nextCue(m)
	case strings.Contains(line, "-->"): // one that cannot be read, or not its end
		c.nextCue(cueStart.FindStringSubmatch(line))
	case line == "":
		c.blank, c.skipped = true, false
	case c.skipped:
	case c.blank && vttBlock.MatchString(line):
		c.skipped = true
	case c.now == nil: // the head of the file
	case c.blank && len(c.now.lines) > 0:
		if len(c.after) < maxCueLines {
			c.after = append(c.after, line)
		}
	case len(c.now.lines) < maxCueLines:
		c.now.lines = append(c.now.lines, line)
	}
}

// nextCue ends the open cue and begins the one of a timing: what was found of
// its start and its end. Without a start it begins where the last one ended.
func (c *Reader) nextCue(timing []string) {
	if c.now != nil {
		if n := len(c.after); n > 0 {
			c.now.lines = append(c.now.lines, c.after[:n-1]...)
			c.after = c.after[:0] // the last line is the name of the cue
		} else if n := len(c.now.lines); n > 0 && !c.blank && cueNumber.MatchString(c.now.lines[n-1]) {
			c.now.lines = c.now.lines[:n-1]
		}
	}
	c.endCue()
	c.blank, c.after = false, nil
	c.now = &cue{start: c.shown.end, end: c.shown.end}
	if len(timing) > 3 {
		c.now.start = seconds(timing[1:4])
	}
	if len(timing) > 6 {
		c.now.end = seconds(timing[4:7])
	}
	if c.now.end <= c.now.start {
		c.now.end = c.now.start + 1
	}
}

func seconds(parts []string) float64 {
	hours, _ := strconv.Atoi(parts[0])
	minutes, _ := strconv.Atoi(parts[1])
	s, _ := strconv.ParseFloat(strings.NewReplacer(",", ".", ":", ".").Replace(parts[2]), 64)
	return float64(hours)*3600 + float64(minutes)*60 + s
}

// endCue takes the words of the open cue that were not on the screen before.
func (c *Reader) endCue() {
	now := c.now
	c.now = nil
	if now == nil {
		return
	}
	now.lines = append(now.lines, c.after...)
	c.after = nil
	var lines []string
	for _, line := range now.lines {
		if m := cueVoice.FindStringSubmatch(line); m != nil {
			now.speaker = clean.Line(html.UnescapeString(m[1]))
		}
		line = clean.Line(html.UnescapeString(cueTag.ReplaceAllString(line, "")))
		if strings.Trim(line, "♪♫ ") != "" {
			lines = append(lines, line)
		}
	}
	now.lines = lines
	fresh := lines
	if now.start <= c.shown.end+0.1 {
		fresh = unshown(c.shown.lines, lines)
	}
	if len(lines) > 0 {
		c.shown = *now
	}
	if len(fresh) > 0 {
		c.speak(strings.Join(fresh, " "), now)
	} else if c.text.Len() > 0 {
		c.open.End = max(c.open.End, now.end)
	}
}

// unshown returns what of a cue was not on the screen just before: captions that
// a machine made roll up line by line, or grow word by word.
func unshown(before, now []string) []string {
	for k := min(len(before), len(now)); k > 0; k-- {
		if slices.Equal(before[len(before)-k:], now[:k]) {
			return now[k:]
		}
	}
	if len(before) == 0 || len(now) == 0 {
		return now
	}
	old, words := strings.Fields(strings.Join(before, " ")), strings.Fields(strings.Join(now, " "))
	if len(words) >= len(old) && slices.Equal(old, words[:len(old)]) { // it grew
		return []string{strings.Join(words[len(old):], " ")}
	}
	const sure = 3 // words that are no chance
	for k := min(len(old), len(words)); k >= sure; k-- {
		if slices.Equal(old[len(old)-k:], words[:k]) {
			return []string{strings.Join(words[k:], " ")}
		}
	}
	return now
}

// speak adds words to the open sentence, and ends it where they do.
func (c *Reader) speak(words string, from *cue) {
	if strings.TrimSpace(words) == "" {
		return
	}
	if c.text.Len() > 0 && (from.speaker != "" && from.speaker != c.speaker || from.start > c.open.End+maxSilence ||
		from.start < c.open.Start) {
		c.endSentence()
	}
	if from.speaker != "" {
		c.speaker = from.speaker
	}
	all := float64(max(len(words), 1))
	at := from.start
	for words != "" {
		first, rest, ends := firstSentence(words)
		until := from.start + (from.end-from.start)*(1-float64(len(rest))/all)
		if c.text.Len() == 0 {
			c.open.Start = at
			if c.speaker != c.said {
				c.said = c.speaker
				c.text.WriteString(c.speaker + ": ")
			}
		} else {
			c.text.WriteByte(' ')
		}
		c.text.WriteString(first)
		c.open.End = until
		if ends || c.text.Len() > maxSpoken {
			c.endSentence()
		}
		words, at = rest, until
	}
}

func (c *Reader) endSentence() {
	if c.text.Len() > 0 {
		c.say(Sentence{math.Round(c.open.Start*1000) / 1000, math.Round(c.open.End*1000) / 1000, c.text.String()})
	}
	c.text.Reset()
	c.open = Sentence{}
}

// firstSentence cuts words behind their first full stop.
func firstSentence(words string) (sentence, rest string, ends bool) {
	for i := 0; i < len(words); {
		r, n := utf8.DecodeRuneInString(words[i:])
		i += n
		if !strings.ContainsRune(".?!…؟", r) {
			continue
		}
		for i < len(words) { // what belongs to it
			r, n := utf8.DecodeRuneInString(words[i:])
			if !strings.ContainsRune(".?!…؟\"'”’»)]", r) {
				break
			}
			i += n
		}
		rest := strings.TrimLeft(words[i:], " \u00a0")
		next, _ := utf8.DecodeRuneInString(rest)
		switch {
		case rest == "":
			return words, "", true
		case len(rest) == len(words)-i || unicode.IsLower(next) || shortWord(words[:i]):
			// within a number or a name, or behind an abbreviation
		default:
			return words[:i], rest, true
		}
	}
	return words, "", false
}

// shortWord reports whether text ends in an abbreviation such as "Dr.".
func shortWord(text string) bool {
	word := strings.TrimSuffix(text[strings.LastIndexByte(text, ' ')+1:], ".")
	first, _ := utf8.DecodeRuneInString(word)
	return len(word) < len(text) && len(word) <= 3 && unicode.IsUpper(first) && word != strings.ToUpper(word) || len(word) == 1
}
