package voice

import (
	"strings"
	"time"
)

// Viseme is the shape of a mouth, by the names of the Oculus set that most
// models of heads have, and when it begins: milliseconds from the start of the
// sound.
type Viseme struct {
	At    int
	Shape string
}

// shapes gives the first letter of a sound, in the International Phonetic
// Alphabet, its shape. What is not here keeps the mouth as it was.
var shapes = map[rune]string{
	'p': "PP", 'b': "PP", 'm': "PP", 'ɓ': "PP",
	'f': "FF", 'v': "FF", 'β': "FF", 'ʋ': "FF", 'ɸ': "FF",
	'θ': "TH", 'ð': "TH",
	't': "DD", 'd': "DD", 'ɗ': "DD", 'ʈ': "DD", 'ɖ': "DD", 'ɾ': "DD",
	'k': "kk", 'g': "kk", 'ɡ': "kk", 'ɠ': "kk", 'q': "kk", 'x': "kk", 'ɣ': "kk", 'h': "kk", 'ʔ': "kk", 'ŋ': "kk", 'c': "kk", 'ɟ': "kk",
	'ʃ': "CH", 'ʒ': "CH", 'ʄ': "CH", 'ɕ': "CH", 'ʑ': "CH", 'ʧ': "CH", 'ʤ': "CH",
	's': "SS", 'z': "SS",
	'n': "nn", 'l': "nn", 'ɲ': "nn", 'ɫ': "nn", 'ʎ': "nn",
	'r': "RR", 'ɹ': "RR", 'ʁ': "RR", 'ʀ': "RR", 'ɻ': "RR",
	'a': "aa", 'ɑ': "aa", 'ɐ': "aa", 'æ': "aa", 'ʌ': "aa", 'ə': "aa",
	'e': "E", 'ɛ': "E", 'ɜ': "E", 'ø': "E", 'œ': "E", 'ɚ': "E",
	'i': "I", 'ɪ': "I", 'j': "I", 'y': "I", 'ɨ': "I", 'ɥ': "I", 'ᵻ': "I",
	'o': "O", 'ɔ': "O", 'ɒ': "O",
	'u': "U", 'ʊ': "U", 'w': "U", 'ɯ': "U",
}

// visemes turns sounds into shapes; the same one twice is one.
func visemes(sounds []sound, duration time.Duration) []Viseme {
	list := []Viseme{{Shape: "sil"}}
	add := func(at int, shape string) {
		last := &list[len(list)-1]
		switch {
		case shape == last.Shape:
		case at <= last.At:
			last.Shape = shape
		default:
			list = append(list, Viseme{At: at, Shape: shape})
		}
	}
	for _, s := range sounds {
		shape := "sil"
		if strings.HasPrefix(s.IPA, "(") {
			continue // espeak-ng goes over to another language: no sound
		}
		for _, c := range s.IPA {
			if v, ok := shapes[c]; ok {
				shape = v
				break
			}
		}
		add(s.At, shape)
	}
	add(int(duration.Milliseconds()), "sil")
	return list
}
