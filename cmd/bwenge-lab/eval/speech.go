package eval

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Recording is an entry of a speech manifest.
type Recording struct {
	File string `json:"file"`
	Lang string `json:"lang"`
	Ref  string `json:"ref"`
	Kind string `json:"kind"` // "speech" is scored, "no-speech" must give no words, others are left out
}

// Listen returns the words in a recording and its length in seconds.
type Listen func(ctx context.Context, file string) (text string, seconds float64, err error)

// SpeechReport is what the box hears. WER, by language, is the number of
// substituted, inserted and deleted words over the number of words of all the
// references together. The real-time factor is the time taken over the length
// of everything that was listened to.
type SpeechReport struct {
	WER                     map[string]float64 `json:"wer"`
	NoSpeechWordsPerMinute  float64            `json:"no_speech_words_per_minute"`
	RealTimeFactor          float64            `json:"real_time_factor"`
	Scored                  int                `json:"scored"`
	NoSpeechSecondsListened float64            `json:"no_speech_seconds"`
}

// Speech listens to every recording of kind speech and no-speech.
func Speech(ctx context.Context, recordings []Recording, listen Listen) (SpeechReport, error) {
	report := SpeechReport{WER: map[string]float64{}}
	errors, words := map[string]int{}, map[string]int{}
	var invented int
	var seconds float64
	var took time.Duration
	for _, r := range recordings {
		if r.Kind != "speech" && r.Kind != "no-speech" {
			continue
		}
		began := time.Now()
		text, length, err := listen(ctx, r.File)
		if err != nil {
			return SpeechReport{}, fmt.Errorf("%s: %w", r.File, err)
		}
		took += time.Since(began)
		seconds += length
		if r.Kind == "no-speech" {
			invented += len(SpokenWords(text, r.Lang))
			report.NoSpeechSecondsListened += length
			continue
		}
		ref := SpokenWords(r.Ref, r.Lang)
		errors[r.Lang] += distance(ref, SpokenWords(text, r.Lang))
		words[r.Lang] += len(ref)
		report.Scored++
	}
	for lang, n := range words {
		report.WER[lang] = share(errors[lang], n)
	}
	if report.NoSpeechSecondsListened > 0 {
		report.NoSpeechWordsPerMinute = round(float64(invented)*60/report.NoSpeechSecondsListened, 2)
	}
	if seconds > 0 {
		report.RealTimeFactor = round(took.Seconds()/seconds, 3)
	}
	report.NoSpeechSecondsListened = round(report.NoSpeechSecondsListened, 1)
	return report, nil
}

// spoken holds the written forms that one reads aloud as another word.
var spoken = map[string]map[string]string{
	"en": {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "ok": "okay",
		"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
		"8": "eight", "9": "nine", "10": "ten", "11": "eleven", "12": "twelve"},
	"fr": {"m": "monsieur", "mme": "madame", "dr": "docteur",
		"0": "zéro", "1": "un", "2": "deux", "3": "trois", "4": "quatre", "5": "cinq", "6": "six", "7": "sept",
		"8": "huit", "9": "neuf", "10": "dix", "11": "onze", "12": "douze"},
}

// SpokenWords puts a transcript into the form in which two are compared:
// NFKC, lower case, what stands in [brackets] or (parentheses) left out (a
// transcriber's notes such as "[Music]"), apostrophes within a word dropped,
// every other character that is no letter, mark or digit taken as a space, and
// titles and the numbers 0 to 12 spelled out in English and French.
func SpokenWords(text, lang string) []string {
	var b strings.Builder
	aside := 0
	for _, r := range strings.ToLower(norm.NFKC.String(text)) {
		switch {
		case r == '[' || r == '(':
			aside++
		case r == ']' || r == ')':
			aside = max(aside-1, 0)
			b.WriteRune(' ')
		case aside > 0, r == '\'', r == '’', r == 'ʼ':
		case isWordRune(r):
			b.WriteRune(r)
		default:
			b.WriteRune(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if s, ok := spoken[lang][w]; ok {
			words[i] = s
		}
	}
	return words
}

// distance is the least number of words to substitute, insert or delete to
// turn one list into the other.
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
