package lists

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// question is a question as this package reads it.
type question struct {
	asked    string
	language string
	wanted   bool            // several things
	n        int             // so many; 0 if it does not say
	orMore   bool            // or more: "at least three", "give two examples"
	ordered  bool            // in their order
	howTo    bool            // asks how something is done, without a word for steps
	concepts map[string]bool // what they are: signs, steps
	noun     string          // the word for it
	quality  map[string]bool
	words    map[string]bool // stems of all of its words
	head     string          // stem of the noun for what it wants, if it is no concept: planets
	topic    []string        // terms that say what the list is about
	weights  text.Weights
}

// Asks reports whether a question in a language ("" if unknown) wants several
// things, how many if it says so (0 if not), and whether their order matters. A
// question how something is done wants its steps.
func Asks(asked, language string) (wanted bool, n int, ordered bool) {
	q := ask(asked)
	if !q.wanted {
		return false, 0, false
	}
	return true, q.n, q.ordered
}

// Forms of questions, in folded words parted by single spaces.
var (
	// oneOf asks for one of several, for their number, or for something else.
	oneOf = phrases(
		`how (many|much|often|long|far|big|old)`, `combien`, `(ngapi|wangapi|vingapi|mangapi|mingapi)`, `(zingahe|angahe|bingahe|bangahe|ingahe|kangahe)`, `number of`, `nombre d`,
		`which (one )?of`, `one of`, `l un des`, `l une des`, `mojawapo`, `kimwe mu`, `rimwe mu`, `imwe mu`,
		`differ(s|ed|ence|ences|ent from)?`, `compared?( to| with)?`, `difference`, `differences`, `comparer?`, `tofauti`, `itandukaniro`, `bitandukan\pL*`,
		`what (does|do you|is) \pL+ mean`, `meaning of`, `define`, `definition`, `definis(sez)?`,
		`(comes?|came|is|happens|what|which \pL+) (next )?(after|before) (the )?(step|stage|\pL+ation)`,
	)
	// singled is such a word where it picks one of the list.
	singled = phrases(
		`(the|this|which|what|is|was) (very )?(first|second|third|fourth|fifth|sixth|last|next|final|1st|2nd|3rd|\d+th) (step|stage|phase|part|thing|kind|type|rule|law|sign|reason|way|one|of|\pL+ (step|stage|rule|law))`,
		`(first|second|third|fourth|fifth|last) (step|stage|phase|part|rule|law|sign|reason|way)`, `(step|stage|rule|law|part|number|point) (number )?(\d+|one|two|three|four|five|six)`,
		`(first|last|next) (two|three|four|five|\d+)`,
		`(premiere?|deuxieme|troisieme|quatrieme|cinquieme|derniere?|seconde?) (etape|stade|geste|partie|regle|loi|signe|raison|phase|chose)`, `(etape|stade|geste|regle) (numero )?\d+`, `(etape|stade|geste) (suivante?|precedente?)`,
		`(hatua|sehemu|kanuni|dalili|njia|sababu) ya (kwanza|pili|tatu|nne|tano|mwisho)`, `hatua (namba )?\d+`,
		`(intambwe|icyiciro|igice|ikimenyetso|itegeko|ikintu|impamvu) (ya|cya|rya|wa) (mbere|kabiri|gatatu|kane|gatanu|nyuma)`, `intambwe \d+`,
	)
	inOrder = phrases(
		`in (the |their |its )?(right |correct |proper )?(order|sequence)`, `step by step`, `from (the )?(first|start|beginning)( \pL+)? to (the )?(last|end|finish)`, `from start to finish`,
		`first (then |and )?(next|then) (and |then )?(last|finally)`, `one after (the other|another)`, `starting (from|with)`, `beginning with`,
		`dans (l |le bon )ordre`, `par ordre`, `etape par etape`, `du (debut|premiere?) (a|au|jusqu) (la )?(fin|derniere?)`, `de la premiere a la derniere`, `l un apres l autre`, `en commencant par`,
		`kwa (mpangilio|mfuatano|utaratibu)`, `hatua kwa hatua`, `kuanzia mwanzo`, `(kutoka|toka|kuanzia) (ya |cha |wa )?(kwanza|mwanzo) (hadi|mpaka) (ya |cha |wa )?mwisho`,
		`uko \pL*kurikiran\pL*`, `\pL{1,3}kurikiran[ay]\pL*`, `intambwe ku yindi`, `guhera (ku|kuri|mu)`, `uhereye (ku|kuri)`,
	)
	// paths are told as what comes after what.
	path = phrases(
		`(way|path|route|journey|trip) (of|that|which|taken|followed|the|a|\pL+ takes|through|does)`, `(chemin|trajet|parcours|voyage) (d|de|du|des|que|suivi)`, `njia ya chakula`, `safari ya`, `inzira y[ao]?`, `urugendo rw[ao]?`,
	)
	several = phrases(
		`what (are|were) (the|all|some|its|their|our|these|those|kepler s|newton s|\pL+ s)`, `(what|which) are (the )?\pL+ (of|for|to|in)`, `which (are|were) (the)?`, `who (are|were) the`, `(what|which) (are|were) they`,
		`quels`, `quelles`, `lesquels`, `lesquelles`, `qui sont`,
		`ni (zipi|yapi|wepi|vipi|mipi|ipi mi\pL+)`, `(zipi|yapi|wepi) (ni|za|ya|zinazo|\pL+)`, `(zipi|yapi|wepi|vipi)$`,
		`(ibihe|izihe|ayahe|abahe)`, `iyihe mi\pL+`, `ni bande`,
		`(list|lists|enumerate)`, `citez?`, `enumerez?`, `orodhesha`, `rondora`,
	)
	// told asks for what follows to be said, at the beginning of a clause or behind
	// "can you".
	told = phrases(
		`(name|names|list|give|mention|enumerate|state|write|tell|say|describe|explain|outline|identify)`,
		`(citez?|nommez?|donnez?|enumerez?|indiquez?|dis|dites|explique|expliquez|decris|decrivez)`,
		`(dites|donne)`, `(taja|tajeni|orodhesha|toa|andika|eleza|elezea|nitajie)`, `(vuga|tanga|rondora|andika|sobanura|erekana|mbwira)`,
	)
	howTo = phrases(
		`how (do|can|should|must|could|would|did) (i|you|we|one|they|people|someone|farmers|pupils) \pL+`, `how to \pL+`, `how (is|are) (a |an |the )?\pL+( \pL+)? (made|done|prepared|used|built|planted|washed|cleaned|measured)`,
		`comment (faire|faut il|on|doit on|peut on|puis je|dois je|fait on|\pL+ t on|\pL+ on)`, `comment (preparer|semer|planter|utiliser|fabriquer|laver|soigner|construire|installer|mesurer|cultiver|se \pL+|\pL+er|\pL+ir|\pL+re)`,
		`(jinsi|namna) ya ku\pL+`, `(nitafanyaje|tunafanyaje|ninawezaje|tunawezaje|unawezaje|nifanyeje|tufanyeje)`,
		`(ni gute|gute) (wa|na|twa|ba|tu|n|u|ha)\pL*`, `uko (ba|wa|tu)\pL+`, `(nakora nte|nabigenza nte|twakora dute|wakora ute|nigute)`,
	)
	knows    = phrases(`how (do|can|did) (we|you|they|i|people) (know|call|say|see|feel|explain|spell|pronounce|write|define|differ|tell)`)
	why      = phrases(`why`, `pourquoi`, `kwa nini`, `kwanini`, `mbona`, `kuki`)
	yesNo    = regexp.MustCompile(`^(is|are|was|were|do|does|did|can|could|will|would|has|have|est ce que|est ce|ese|je kuna|kuna) `)
	andNamed = phrases(`(name|list|give|mention) (them|all)`, `(which|what) are they`, `lesquels`, `lesquelles`, `citez? les`, `(zitaje|vitaje|yataje|uzitaje|ni zipi)`, `(uzivuge|ubivuge|ni izihe|ni ibihe)`)
	orMore   = phrases(`at least`, `any`, `some`, `au moins`, `angalau`, `walau`, `nibura`, `examples?`, `exemples?`, `mifano`, `ingero`)
)

func phrases(list ...string) *regexp.Regexp {
	for i, p := range list {
		if !strings.HasSuffix(p, "$") {
			p += `\b`
		}
		list[i] = p
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(list, "|") + `)`)
}

// polite words stand before such a word.
var polite = text.Set(`please pls you to and then also now me just kindly vous veuillez peux tu et puis tafadhali naomba na kandi nyamuneka unaweza must should`)

// tells reports whether a question orders something to be named.
func tells(asked string) bool {
	for clause := range strings.FieldsFuncSeq(asked, func(r rune) bool { return strings.ContainsRune(".?!;:,\n", r) }) {
		words := text.Words(clause)
		for i, w := range words {
			if told.MatchString(w) {
				return true
			}
			if !polite[w] && !(i == 0 && (w == "can" || w == "could" || w == "pouvez")) {
				break
			}
		}
	}
	return false
}

// ask reads what a question wants.
func ask(asked string) question {
	q := question{concepts: map[string]bool{}, quality: map[string]bool{}, words: map[string]bool{}}
	words := text.Words(asked)
	if len(words) == 0 || len(words) > 80 {
		return q
	}
	said := strings.Join(words, " ")
	q.ordered = inOrder.MatchString(said)
	bare := inOrder.ReplaceAllString(said, "") // "from the first to the last" picks none
	order := tells(asked)
	plural := false
	for i, w := range words {
		q.words[text.Stem(w)] = true
		if len(concepts[w]) > 0 && (q.noun == "" || concepts[q.noun][0] == "thing" || plurals[w] && !plurals[q.noun]) {
			q.noun = w
		}
		for _, c := range qualities[w] {
			q.quality[c] = true
		}
		plural = plural || plurals[w] && !(w == "causes" && i > 0 && interrogative[words[i-1]])
		if n := number(w); n > 0 && q.n == 0 && !labelledNumber(words, i) && !measured(words, i) {
			q.n = n
			q.orMore = !(i > 0 && definite[words[i-1]]) && (order || orMore.MatchString(said)) || orMore.MatchString(strings.Join(words[max(0, i-2):i], " "))
		}
	}
	for _, c := range concepts[q.noun] {
		q.concepts[c] = true
	}
	sequence := q.concepts["step"] || q.concepts["stage"]
	if sequence { // which of them is a matter of taste
		q.concepts["step"], q.concepts["stage"] = true, true
	}
	listed := several.MatchString(bare) || andNamed.MatchString(said)
	switch {
	case singled.MatchString(bare), oneOf.MatchString(bare) && !andNamed.MatchString(said), yesNo.MatchString(said) && !order:
		return q
	case strings.HasPrefix(said, "who ") && !several.MatchString(said), whichOne.MatchString(said), oneThing(words):
		return q
	case why.MatchString(said) && !(plural && (q.n > 0 || order || listed)):
		return q
	case listed && !forWhat.MatchString(said):
		q.wanted = q.n > 0 || plural || !bareDefinition.MatchString(said)
	case order && (q.n > 0 || plural || sequence || namesMany(words)):
		q.wanted = true
	case q.n > 0 && (plural || len(q.concepts) > 0 || asksNumber(words)):
		q.wanted = true
	case path.MatchString(said) && (order || q.ordered):
		q.wanted, q.ordered = true, true
	case q.ordered && (plural || sequence):
		q.wanted = true
	case whichMany(words):
		q.wanted = true
	case howTo.MatchString(said) && !knows.MatchString(said):
		q.wanted, q.howTo = true, true
	case plural && sequence && !strings.HasPrefix(said, "what is"):
		q.wanted = true
	}
	q.ordered = q.wanted && (q.ordered || sequence || q.howTo || path.MatchString(said) && order)
	return q
}

var (
	interrogative = text.Set(`what which who whatever`)
	definite      = text.Set(`the these those all his her its their our which what s les ces ses leurs quels quelles`)
	whichOne      = regexp.MustCompile(`\bwhich one\b`)
	forWhat       = regexp.MustCompile(`\b(for|about|like|made of|good for|called)$`)
	// bareDefinition asks what a thing is, in the plural: "What are villi?"
	bareDefinition = regexp.MustCompile(`^(what|who) are (\pL+)$`)
	units          = text.Set(`m cm mm km g kg l ml s n j w v c percent pour francs rwf frw minutes hours days weeks months years metres meters litres liters grams
		kilometres kilometers seconds degrees times heures jours semaines mois ans fois dakika saa siku wiki miezi miaka mara iminota amasaha iminsi ibyumweru amezi imyaka incuro`)
)

// measured reports a number that is an amount.
func measured(words []string, i int) bool {
	return i+1 < len(words) && (units[words[i+1]] || text.HasDigit(words[i+1])) || i > 0 && text.HasDigit(words[i]) && units[words[i-1]]
}

// labelledNumber reports a number that names one of many: unit 5.
func labelledNumber(words []string, i int) bool {
	return i > 0 && labels[words[i-1]] && text.HasDigit(words[i])
}

// asksNumber: "which six machines", "what three things".
func asksNumber(words []string) bool {
	for i, w := range words {
		if number(w) > 0 && i > 0 && definite[words[i-1]] && (i < 2 || words[i-1] == "which" || words[i-1] == "what" || slices.ContainsFunc(words[:i], func(w string) bool { return interrogative[w] })) {
			return true
		}
	}
	return false
}

// oneThing: "Which term means …", "What unit is …".
func oneThing(words []string) bool {
	return len(words) > 2 && (words[0] == "which" || words[0] == "what") && number(words[1]) == 0 && !many(words[1]) && !auxiliary[words[1]] &&
		len(concepts[words[1]]) == 0 && singular[words[2]]
}

var singular = text.Set(`is was does has means names describes says shows comes goes`)

// namesMany: "Name the planets", "cite les saisons", "taja mikoa".
func namesMany(words []string) bool {
	for i, w := range words {
		if !told.MatchString(w) {
			continue
		}
		rest := words[i+1 : min(len(words), i+6)]
		for j, r := range rest {
			switch {
			case j == 0 && (r == "les" || r == "des"):
				return true
			case r == "of" || r == "that" || r == "who" || r == "which" || r == "in" || r == "how" || r == "what" || r == "why":
				return false
			case many(r) || j == 0 && bantuMany(r, w):
				return true
			}
		}
	}
	return false
}

// whichMany: "which foods give energy", "what materials do we need".
func whichMany(words []string) bool {
	for i, w := range words {
		if w != "which" && w != "what" {
			continue
		}
		for n, r := range words[i+1 : min(len(words), i+4)] {
			if auxiliary[r] {
				break
			}
			verbal := n > 0 && !(i+n+2 < len(words) && (auxiliary[words[i+n+2]] || pronounVerb[words[i+n+2]])) // "which enzyme works on"
			if many(r) && r != "causes" && !verbal {
				return i+2 < len(words) // "what helps": a verb
			}
			if w == "what" && !plurals[r] && len(concepts[r]) == 0 {
				break
			}
		}
	}
	return false
}

var auxiliary = text.Set(`is are was were do does did has have had can could will would should must may of in the a an happens happened causes makes helps gives means comes goes`)

var pronounVerb = text.Set(`i you we they people plants animals give need contain belong cause make help live grow`)

// many reports an English plural.
func many(word string) bool {
	if plurals[word] {
		return true
	}
	return len(word) > 4 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") && !strings.HasSuffix(word, "is") && !auxiliary[word]
}

// bantuMany reports a noun behind taja or vuga whose class is a plural.
func bantuMany(word, verb string) bool {
	var prefixes []string
	switch verb {
	case "taja", "tajeni", "toa", "andika":
		prefixes = []string{"vi", "vy", "mi", "wa", "ma"}
	case "vuga", "tanga":
		prefixes = []string{"ibi", "iby", "imi", "aba", "ama", "inzi"}
	}
	return len(word) > 4 && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(word, p) })
}

// read reads a question with its terms.
func read(asked, language string, terms []string, w text.Weights) question {
	q := ask(asked)
	q.asked, q.language, q.weights = asked, language, w
	main := text.Words(aboutWhat(asked))
	for _, t := range terms {
		if !slices.Contains(main, t) && slices.Contains(text.Words(asked), t) {
			continue
		}
		if !asking[t] && t != q.noun && !(len(concepts[t]) > 0 && slices.Equal(concepts[t], concepts[q.noun])) && number(t) == 0 && !text.StopWord(language, t) && !(len(t) == 1) {
			q.topic = append(q.topic, t)
			if q.head == "" && many(t) {
				q.head = text.Stem(t)
			}
		}
	}
	return q
}

// subordinate begins what only adds to a question: when, if, starting from.
var subordinate = regexp.MustCompile(`(?i)[ ,](?:when|if|while|whenever|so that|because|starting (?:from|with)|beginning with|from (?:the )?(?:first|start|beginning)|quand|lorsque|si|pour que|en commençant|du début|wakati|iwapo|kama|ili|kuanzia|igihe|iyo|kugira ngo|uhereye|guhera) `)

// aboutWhat is the part of a question that says what the list is about, the
// whole if that leaves no word of it.
func aboutWhat(asked string) string {
	i := subordinate.FindStringIndex(asked)
	if i == nil {
		return asked
	}
	for _, w := range text.Words(asked[:i[0]]) {
		if !asking[w] && len(concepts[w]) == 0 && number(w) == 0 && !anyStopWord(w) && len(w) > 2 {
			return asked[:i[0]]
		}
	}
	return asked
}

func anyStopWord(w string) bool {
	return text.StopWord(text.English, w) || text.StopWord(text.French, w) || text.StopWord(text.Swahili, w) || text.StopWord(text.Kinyarwanda, w)
}
