package main

import (
	"regexp"
	"strings"
	"unicode"
)

// Whisper was trained on subtitles. Where it hears no words it writes what
// subtitles hold besides words: descriptions of sounds, thanks for watching,
// credits; and sometimes it repeats itself until its memory is full.

// sounds are descriptions that are not words anyone said: [Music], (bleats),
// *sighs*, ♪.
var sounds = regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|【[^】]*】|[♪♫]+`)

// credits are written over noise and hardly ever said in a lesson. They are
// dropped wherever they are the whole segment and the model had any doubt.
var credits = regexp.MustCompile(`(?i)^(` + strings.Join([]string{
	`thank you( so much| very much)?( for watching( this video)?)?`,
	`thanks( so much| very much)?( for watching( this video)?)?`,
	`please (like and )?subscribe( to my channel)?`,
	`(sub)?titles? by .*`,
	`subs by .*`,
	`bye([ -]bye)*`,
	`you`,
	`sous[- ]?titr(es|age).*`,
	`merci( d'avoir regardé( cette vidéo)?)?`,
	`.*amara\.org.*`,
	`untertitel.*`,
	`subtítulos.*`,
	`legendas? .*`,
	`asante( sana)?`,
}, `|`) + `)$`)

const (
	// A segment that the model itself doubts, and that it wrote with little
	// confidence, is not speech: the rule and values of OpenAI's whisper.
	doubtful, unsure = 0.6, -1.0
	// Credits need less doubt to be dropped.
	creditDoubt, creditVoice = 0.2, 0.75
	// A segment has to lie on speech for at least this share of its length.
	minVoiced = 0.1
)

// tidy returns the words of a segment, or nothing if nobody said them. voiced
// is the share of the segment on which speech was detected; voice is the mean
// probability of speech there.
func tidy(d decoded, voiced, voice float64) string {
	text := strings.Join(strings.Fields(sounds.ReplaceAllString(d.text, " ")), " ")
	text = collapse(text)
	if !strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
		return ""
	}
	switch bare := strings.TrimRight(text, ".!… "); {
	case d.noSpeech > doubtful && d.confidence < unsure,
		voiced < minVoiced,
		credits.MatchString(bare) && (d.noSpeech > creditDoubt || voice < creditVoice):
		return ""
	}
	return text
}

// maxRepeats is how often the same words may follow each other: "no, no, no" is
// something people say.
const maxRepeats = 3

// collapse shortens runs of the same one to eight words to maxRepeats.
func collapse(text string) string {
	words := strings.Fields(text)
	keys := make([]string, len(words))
	for i, w := range words {
		keys[i] = strings.ToLower(strings.TrimFunc(w, unicode.IsPunct))
	}
	for n := 1; n <= 8; n++ {
		for i := 0; i+n*(maxRepeats+1) <= len(words); i++ {
			repeats := 1
			for same(keys[i:i+n], keys[i+repeats*n:]) {
				repeats++
			}
			if repeats > maxRepeats {
				from, to := i+n*maxRepeats, i+n*repeats
				words = append(words[:from], words[to:]...)
				keys = append(keys[:from], keys[to:]...)
			}
		}
	}
	return strings.Join(words, " ")
}

// same reports whether more begins with all of these.
func same(these, more []string) bool {
	if len(more) < len(these) {
		return false
	}
	for i, w := range these {
		if more[i] != w {
			return false
		}
	}
	return true
}
