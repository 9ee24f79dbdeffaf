package text

import (
	"regexp"
	"strings"
)

// stopwords are the words of each language that carry no subject: articles,
// pronouns, prepositions, forms of to be and to have, question words. They
// also tell the languages of questions apart. They are folded, as in Words.
var stopwords = map[string]map[string]bool{
	English: Set(`a about after all also an and any are as at be because been before but by called can could
		did do does for from had has have he her him his how i if in into is it its just many me mean means
		more most much my name no not of on one only or other our out she should so some such term than that
		the their them then there these they this those to under up was we were what when where which while
		who whom whose why will with would you your`),
	French: Set(`a ai as au aux avec c ce ces cet cette combien comme comment d dans de des dit donc du elle
		elles en est et etait etaient etant ete etre eu fait fut furent il ils j je l la laquelle le les
		lequel lesquels leur leurs lors lui m ma mais me meme mes mon n ne nom nos notre nous on ont ou par
		pas peut plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son
		sont sur t ta te tes ton tu un une vos votre vous y`),
	Swahili: Set(`aitwa aje aliitwa alikuwa anaitwa  alikua ambalo ambao ambaye ambayo ana au baada bado cha gani hadi hii hilo hiyo
		huitwa huu huyo hizo ili ilikuwa ilikua ina inaitwa ipi ipo je jina kabla kama kati katika kiasi kila
		kuhusu kuna kutoka kuwa kwa kwamba kwenye la lake langu lini lipi mara mbona moja mwaka na nani nchini ndani
		ndio ndiye ngapi ni nini pia sana si tu upi vipi vya wa wake walikuwa wangapi wangu wao wapi wewe ya
		yake yao yangu yenye yipi yupi za zake`),
	Kinyarwanda: Set(`aba abo ari ariko ariya aya ayahe ba bande bangahe bari buri bwa bwo by bya byo cy cya cyangwa
		cyane e ese gute hafi hehe ibihe icyo iki imwe ingahe ite iyihe iyo izihe kandi kangahe ki ko ku kubera kugeza kuki
		kuri kuva ku mu muri n na nande nde ngahe ngo ni nibande nihe ninde niyihe nk nka nta ntabwo nyuma rwa ry ryari
		rya se ubuhe ubwo uko umwe uwa uwahe uwo uwuhe uyu uyuhe w wa wabaye wari y ya yabaye yande yari yo z za zingahe`),
}

// Set makes a set of the words of a list.
func Set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// affixes of words that the lists above cannot hold, because Swahili and
// Kinyarwanda build a new word for each use: question endings, noun classes and
// past tenses.
var (
	endings = map[string][]string{
		Swahili:     {"aje", "gani", "ngapi"},
		Kinyarwanda: {"uhe", "ihe", "ehe", "ahe", "ande", "iye", "eye", "aye", "oye", "ije"},
	}
	beginnings = map[string][]string{
		Kinyarwanda: {"umu", "igi", "iki", "uru", "urw", "ubu", "ibi", "icy"},
	}
)

// StopWord reports whether a folded word carries no subject in a language.
func StopWord(language, word string) bool { return stopwords[language][word] }

// byStopWords guesses the language of a question by its stop words and affixes;
// it is empty where none decides.
func byStopWords(text string) string {
	score := map[string]int{}
	count := func(lang string, yes bool) {
		if yes {
			score[lang]++
		}
	}
	for _, w := range elisions.FindAllStringSubmatch(Fold(text), -1) {
		count(French, stopwords[French][w[1]])
		count(Kinyarwanda, stopwords[Kinyarwanda][w[1]])
	}
	for _, w := range Words(text) {
		if len(w) < 2 {
			continue // the variables of a formula as often as words
		}
		for lang, known := range stopwords {
			count(lang, known[w] || len(w) > 4 && affixed(w, lang))
		}
	}
	best, second := "", 0
	for _, lang := range []string{English, French, Swahili, Kinyarwanda} {
		switch {
		case score[lang] > score[best]:
			best, second = lang, score[best]
		case score[lang] > second:
			second = score[lang]
		}
	}
	if score[best] == second {
		return ""
	}
	return best
}

// elisions are the single letters before an apostrophe: l'eau, n'ubwo, y'u.
var elisions = regexp.MustCompile(`\b(\pL)['’]`)

func affixed(word, lang string) bool {
	for _, e := range endings[lang] {
		if strings.HasSuffix(word, e) {
			return true
		}
	}
	for _, b := range beginnings[lang] {
		if strings.HasPrefix(word, b) {
			return true
		}
	}
	return false
}
