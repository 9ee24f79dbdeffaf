package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words that are written short, with a full stop that ends no sentence.
var (
	// before anything
	abbreviations = Set(`e.g i.e cf vs approx ca env viz resp incl excl c.-a-d p.ex ex k.m k.v urug al av`)
	// before a name
	titles = Set(`mr mrs ms dr dkt prof st ste mt ft rev hon gen col capt lt sgt maj mgr mme mlle mm bw bi mh mwl sr pr`)
	// before a number or a letter that counts
	counted = Set(`fig figs no nos nr vol pp ch chap eq sec sect art tab par ex app tel min max
		jan feb febr mar apr aug sept oct nov dec janv fevr avr juil p c n s q v pg uk na namb`)
	// behind a list, and behind a name: this may be the end of a sentence
	closing    = Set(`etc n.k nk n.k.w`)
	businesses = Set(`inc co ltd jr bros dept`)
	// what stands before the number of a part: "Step 2. Fill it."
	numbered = Set(`step stage part question exercise example activity task lesson unit chapter section figure table rule point note day week
		etape exercice exemple activite lecon unite chapitre tableau regle jour partie article
		hatua swali zoezi mfano somo sura sehemu kanuni siku jedwali intambwe ikibazo urugero isomo igice umutwe ingingo umunsi`)
	// after "5 p.m."
	dates = Set(`monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
		september october november december`)
)

// Sentences cuts text into sentences, in order, without surrounding space. It
// cuts after . ! ? … (and their wide forms) when space and something that can
// begin a sentence follow, and at blank lines and line ends that close a list
// item or heading. The number of an item stays with the item.
func Sentences(text string) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	for rest := text; rest != ""; {
		line := rest[:lineEnd(rest)]
		rest = rest[len(line):]
		start, last := 0, 0
		for i := 0; i < len(line); {
			r, size := utf8.DecodeRuneInString(line[i:])
			i += size
			if !strings.ContainsRune(".!?…。！？", r) {
				continue
			}
			stop := i - size
			end := i
			for end < len(line) {
				c, n := utf8.DecodeRuneInString(line[end:])
				if !strings.ContainsRune(`.!?…"'”’»)]`, c) {
					break
				}
				end += n
			}
			// Citations written behind the stop belong to the sentence, and so does
			// a French closing quotation mark.
			if m := after.FindString(line[end:]); m != "" {
				end += len(m)
			}
			i = end
			if !begins(line[end:]) && !(letterItem.MatchString(line[start:]) && letterItem.MatchString(line[end:])) {
				continue
			}
			if r == '.' && !strings.HasPrefix(line[stop+1:], "..") {
				if n := listNumber(line[start:stop], last); n > 0 {
					last = n
					continue
				}
				if abbreviated(line[start:stop], line[end:]) {
					continue
				}
			} else if (r == '.' || r == '…') && goesOn(line[start:stop], line[end:]) {
				continue
			}
			add(line[start:end])
			start = end
		}
		add(line[start:])
	}
	return out
}

// lineEnd is the length of the first line of a text. The number of an item that
// stands alone on its line belongs to the line below.
func lineEnd(text string) int {
	n := strings.IndexByte(text, '\n') + 1
	if n == 0 {
		return len(text)
	}
	if loneMark.MatchString(strings.TrimSpace(text[:n])) {
		if m := strings.IndexByte(text[n:], '\n') + 1; m > 0 {
			return n + m
		}
		return len(text)
	}
	return n
}

var (
	after = regexp.MustCompile(`^(?:(?:[\s\x{a0}\x{202f}]*\[\d{1,2}\])+|[ \x{a0}\x{202f}]»)`)
	// loneMark is what stands before an item of a list, and nothing else.
	loneMark = regexp.MustCompile(`^[-–•*▪◦‣·✓✔➢]?\s*\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,6})[.)]$`)
	// marks are such marks, with the last full stop cut off.
	marks = regexp.MustCompile(`^\s*[-–•*▪◦‣·✓✔➢]?\s*(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,6})[.)]\s*)*\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,6})$`)
	// runIn is a number that may count an item in the middle of a line.
	runIn = regexp.MustCompile(`(?:^|([:;,–—(])\s*|\s)(\d{1,2})$`)
	// letterItem is an item that a small letter or number stands before.
	letterItem = regexp.MustCompile(`^\s*\(?(?:[a-z]|[ivx]{1,6})[.)]\s`)
	// labelled is a number behind a word, which together may be a label.
	labelled = regexp.MustCompile(`^\s*(\pL+)\s+(?:\d{1,3}(?:\.\d{1,3})*|[A-Z]|[IVX]{1,5})$`)
)

// mark is how long the marks of items are at most, in bytes.
const mark = 40

// listNumber reports what a line's text ends in if that is the mark of an item,
// and whose stop therefore ends no sentence: its number, 1 for a letter, or 0 if
// it is none. last is the number of the item before, on the same line.
func listNumber(text string, last int) int {
	n := 0
	var m []string
	if endsInDigit(text) {
		m = runIn.FindStringSubmatch(text[max(0, len(text)-mark):])
	}
	if m != nil {
		for _, d := range m[2] {
			n = 10*n + int(d-'0')
		}
	}
	if len(text) <= mark {
		l := labelled.FindStringSubmatch(text)
		if marks.MatchString(text) || l != nil && numbered[Fold(l[1])] {
			return max(n, 1)
		}
	}
	if m != nil && (m[1] != "" && (n == 1 || n == last+1) || last > 0 && n == last+1) {
		return max(n, 1)
	}
	return 0
}

// begins reports whether rest is the end of a line or space and then something
// other than a small letter.
func begins(rest string) bool {
	trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
	if trimmed == "" {
		return true
	}
	if len(trimmed) == len(rest) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(trimmed)
	return !unicode.IsLower(r)
}

// goesOn reports whether an ellipsis between two texts leaves something out of a
// sentence: "2, 4, … 20".
func goesOn(before, rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(rest, unicode.IsSpace))
	before = strings.TrimRightFunc(before, unicode.IsSpace)
	return unicode.IsDigit(r) || strings.HasSuffix(before, ",") || strings.HasSuffix(before, ";")
}

// dotted are letters with full stops between them: U.S.A, J.-C, Ph.D.
var dotted = regexp.MustCompile(`^(?:\pL\pL?\.-?)+\pL$`)

// abbreviated reports whether before ends in an abbreviation or an initial,
// which what follows goes on from.
func abbreviated(before, rest string) bool {
	at := strings.LastIndexFunc(before, unicode.IsSpace) + 1
	written := strings.TrimLeft(before[at:], `("'«“[`)
	if i := strings.LastIndexAny(written, `'’`); i >= 0 { // l'av. J.-C.
		_, size := utf8.DecodeRuneInString(written[i:])
		written = written[i+size:]
	}
	rest = strings.TrimLeft(strings.TrimLeftFunc(rest, unicode.IsSpace), `("'«“[`)
	if rest == "" {
		return false
	}
	word, follows := Fold(written), firstWord(rest)
	first, _ := utf8.DecodeRuneInString(written)
	next, _ := utf8.DecodeRuneInString(rest)
	named := unicode.IsUpper(next) && (!anyStopWord(follows) || initial.MatchString(rest))
	switch {
	case word == "a.m" || word == "p.m":
		return !unicode.IsUpper(next) || dates[follows]
	case word == "m" && unicode.IsUpper(first) && !endsInDigit(before[:at]): // Monsieur
		return unicode.IsUpper(next)
	case counted[word] && (unicode.IsDigit(next) || counter.MatchString(rest)):
		return true
	case abbreviations[word]:
		return true
	case titles[word]:
		return named
	case closing[word]:
		return !unicode.IsUpper(next)
	case businesses[word]:
		return !unicode.IsUpper(next) || named
	case len(written) == utf8.RuneLen(first) && unicode.IsUpper(first):
		return named && !lettered[lastWord(before[:at])]
	case dotted.MatchString(written):
		return !unicode.IsUpper(next) || named
	}
	return false
}

var initial = regexp.MustCompile(`^\p{Lu}\.`)

// counter is a letter or Roman number that counts chapters and pictures.
var counter = regexp.MustCompile(`^(?:[A-Z]|[IVX]{1,6})\b`)

// lettered are things that a letter names: "vitamin C. Oranges hold it."
var lettered = Set(`vitamin vitamins vitamine vitamines vitamini hepatitis hepatite class classe group groupe type point points plan
	option part figure season saison line side angle letter grade influenza blood and et na au to is in est ni`)

func firstWord(text string) string {
	if words := Words(text[:min(len(text), 40)]); len(words) > 0 {
		return words[0]
	}
	return ""
}

func lastWord(text string) string {
	if fields := strings.Fields(text[max(0, len(text)-40):]); len(fields) > 0 {
		return Fold(fields[len(fields)-1])
	}
	return ""
}

func endsInDigit(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(text, unicode.IsSpace))
	return unicode.IsDigit(r)
}

// anyStopWord reports whether a folded word carries no subject in one of the
// languages: no name begins so.
func anyStopWord(word string) bool {
	for _, words := range stopwords {
		if words[word] {
			return true
		}
	}
	return false
}
