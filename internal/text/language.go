// Package text reads words: it folds and cuts them, knows which carry a subject,
// cuts sentences, and guesses which of the languages of the box a text is in:
// English, French, Swahili or Kinyarwanda. It knows nothing of others and says
// so.
package text

import (
	"strings"
	"unicode"
)

// The languages that Language knows, as ISO 639-1 codes.
const (
	English     = "en"
	French      = "fr"
	Swahili     = "sw"
	Kinyarwanda = "rw"
)

// most is how many bytes of a text are looked at: more changes nothing.
const most = 4000

// questionWords is how many words a text has at most whose language may also be
// told by its stop words: a question is short, and full of them.
const questionWords = 40

// Language returns the ISO 639-1 code of the language of most of the text, or
// "" if it is too short to tell, or in none that is known. The frequent words and
// the looks of all words decide; for a question that they leave open, the stop
// words do.
func Language(text string) string {
	code, words := byAllWords(text)
	if code == "" && words <= questionWords {
		return byStopWords(text)
	}
	return code
}

// byAllWords weighs every word of the beginning of a text, and counts them.
func byAllWords(text string) (code string, words int) {
	if len(text) > most {
		text = text[:most]
	}
	var scores [len(languages)]float64
	var worded [len(languages)]bool // by more than single letters, which formulas have too
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), apart) {
		words++
		for i := range languages {
			weight := languages[i].weigh(word)
			scores[i] += weight
			worded[i] = worded[i] || weight > 0 && len(word) > 1
		}
	}
	best, second := 0, -1
	for i := range scores {
		switch {
		case scores[i] > scores[best]:
			best, second = i, best
		case i != best && (second < 0 || scores[i] > scores[second]):
			second = i
		}
	}
	if !worded[best] || scores[best] < 0.12*float64(words) || scores[best] < 1.1*scores[second]+0.4 {
		return "", words
	}
	return languages[best].code, words
}

// apart splits words. An apostrophe parts them too (l'eau, n'amazi), and what
// is before it counts as a word.
func apart(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
}

// speech is what gives a language away.
type speech struct {
	code   string
	words  map[string]float64 // frequent ones that carry no subject
	starts []string           // of longer words, such as the class prefixes of Bantu nouns
	parts  []string           // letters that stand together in no other of the languages
	ends   []string           // of longer words
}

// weigh says how much a word speaks for the language: 1 for one of its own
// small words, less for one that it shares, and for the look of others.
func (s *speech) weigh(word string) float64 {
	if w, ok := s.words[word]; ok {
		return w
	}
	for _, part := range s.parts {
		if strings.Contains(word, part) {
			return 0.5
		}
	}
	if len(word) >= 5 {
		for _, start := range s.starts {
			if strings.HasPrefix(word, start) {
				return 0.4
			}
		}
		for _, end := range s.ends {
			if strings.HasSuffix(word, end) {
				return 0.6
			}
		}
	}
	return 0
}

// count makes the word lists: a word that several languages have counts for
// each of them, but little.
func count() {
	shared := map[string]int{}
	lists := make([][]string, len(languages))
	for i := range languages {
		lists[i] = strings.Fields(smallWords[languages[i].code])
		for _, w := range lists[i] {
			shared[w]++
		}
	}
	for i := range languages {
		languages[i].words = make(map[string]float64, len(lists[i]))
		for _, w := range lists[i] {
			weight := 1.0
			if shared[w] > 1 {
				weight = 0.3
			} else if len(w) == 1 {
				weight = 0.5
			}
			languages[i].words[w] = weight
		}
	}
}

func init() { count() }

var languages = [4]speech{
	{code: English, parts: []string{"ght", "wh", "tch"}},
	{code: French, parts: []string{"ç", "è", "ê", "œ", "eux", "aux", "oir"}},
	{code: Swahili, starts: []string{"ana", "ina", "wana", "yana", "lina", "ali", "wali", "ili", "kuw", "mwa", "wak", "hut", "ame", "vya"},
		parts: []string{"dh", "mba", "tik"}, ends: []string{"ngapi", "lewa", "isha", "bana", "liwa"}},
	{code: Kinyarwanda, starts: []string{"umu", "aba", "imi", "ama", "iki", "ibi", "igi", "uru", "ubu", "uku", "ubw", "uby", "aka", "utu", "nt", "bya", "bar", "yar",
		"yav", "yit", "yat", "yag", "gih", "giher"},
		parts: []string{"cy", "bw", "ry", "jy", "shy", "nyw", "pf", "gw", "rw"}, ends: []string{"uhe", "ihe", "ahe", "ehe"}},
}

// smallWords are the most frequent words of each language that say nothing of
// the subject, with and without accents.
var smallWords = map[string]string{
	English: `a about after all also an and any are as at be because been before between but by can could
		did do does during each every few for from had has have he her his how i if in into is it its
		just like made make many may more most much must my no not now of on one only or other our out
		over same she should so some such than that the their them then there these they this those
		through to two under up use used very was we were what when where which while who whose why
		will with would you your`,
	French: `à a afin ainsi après au aussi autre autres aux avant avec beaucoup bien c ce cela celle celui ces
		cet cette chaque chez comme comment d dans de depuis des deux donc dont du elle elles en encore
		entre est et été être étaient était fait faire il ils j je jusqu l la le les leur leurs lors lui
		m mais même moins n ne non nos notre nous on ont ou où par parce pas pendant peu peut plus pour
		pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon ses si son sont
		sous sur t tous tout toute toutes très trois tu un une vers vos votre vous y
		apres etait etaient ete etre meme tres`,
	Swahili: `ambao ambayo ambapo au baada bado bali basi bila cha chini elfu gani hadi haya hapa hata hawa hili
		hilo hivi hivyo hiyo hizi hizo hii huu huo huyo huyu ikiwa ili ilikuwa ingawa ipi je juu kabla
		kabisa kama kati katika kila kitu kuhusu kuna kupitia kutoka kuwa kwa kwamba kwanza kwenye la
		lakini lake langu lini lipi maana mara mbali mbili mimi miaka moja mpaka mtu mwaka mwake mwenye
		mwingine na naye ndani ndio ndiyo ngapi ni nini nje nyingi nani pamoja pia sana aje ana ina una yana lina aitwa anaitwa sasa si sisi siku tu
		upi vile vya vyote wa wake wako wakati wao wapi watu wengi wengine wote ya yake yangu yao yeye
		yenye yote za zaidi zake zao zote`,
	Kinyarwanda: `aba abantu abo ahantu aho ako ari ariko aya ayo ba bagira bamwe bari barimo bose bo bitewe bo bose
		bugira buri burya bwa bwe bwo bya byo byose bye ca cya cyane cyangwa cyo cyose cye dore ese
		gihe guhera gukora gusa gute hafi hagati hamwe hari harimo he hejuru iby ibi ibyo icyo ifite
		igihe igikorwa iki imbere imwe inshuro inyuma iri ishobora iyi iyo izi izo kandi kera ki kimwe
		ko kora kose ku kubera kubona kuba kugeza kugira kugirango kuki kuko kumwe kuri kuva
		kwa kwe mbere mu munsi muri na naho nawe ndetse ngo ni nibyo nk nka no nta ntabwo nubwo nuko
		numa nyuma nyinshi rimwe rwa rwo rya ryo se si ta u ubu ubwo uko umuntu umwe undi uretse uri
		uwo uyu nde ninde ryari niryari ingahe kangahe bangahe ite iyihe uwuhe nihe yitwa witwa wa wari we yabaye yagize yari ye ya yo yose za ze zo zose zimwe`,
}
