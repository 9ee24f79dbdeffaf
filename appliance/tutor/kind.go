package tutor

import (
	"regexp"
	"strings"
)

// kind is what a question wants, which decides how it is answered.
type kind string

const (
	wantsFact     kind = "fact"     // one thing: a name, a word, a place
	wantsPerson   kind = "person"   // who
	wantsNumber   kind = "number"   // how many, how much, in which year
	wantsReason   kind = "reason"   // why, how come
	wantsWay      kind = "way"      // how something happens or is done
	wantsMeaning  kind = "meaning"  // what something is
	wantsContrast kind = "contrast" // how two things differ
	wantsVerdict  kind = "verdict"  // yes or no, mostly with a claim of the pupil's own
	wantsSummary  kind = "summary"  // of a unit, a chapter, a text
	wantsPractice kind = "practice" // to be asked
	wantsHelp     kind = "help"     // "help me with my homework": no question yet
	wantsAgain    kind = "again"    // the answer before, in other words
	wantsLanguage kind = "language" // the answer before, in another language
)

// order is from the rare and sure kinds to the common ones: the first decides that a
// folded question has a form of, in any language.
var order = []kind{wantsLanguage, wantsAgain, wantsPractice, wantsSummary, wantsHelp, wantsContrast, wantsReason,
	wantsNumber, wantsPerson, wantsFact, wantsMeaning, wantsVerdict, wantsWay}

// forms are how questions show what they want, a table a language.
var forms = map[string]map[kind][]string{
	english: {
		wantsLanguage: {
			`^(?:(?:can|could) you |please |now )*(?:say|tell|repeat|translate|write|explain|give)\b.{0,30} (?:in(?:to)?) (?:french|english|kiswahili|swahili|kinyarwanda)\b`,
		},
		wantsAgain: {
			`\b(?:explain|say|tell|put|describe)\b(?: me)?(?: that| it| this)?(?: again)?,?(?: to me)?(?: again)?,? ?(?:in )?(?:another way|a different way|other words|simpler words|simpler|easier|more simply|once more|again)\b`,
			`^(?:sorry,? )?i (?:still )?(?:do not|don'?t|didn'?t|did not) (?:understand|get it|get that)(?: (?:it|that|this))?(?:[ .,!?]*$|[.,!?] )`,
		},
		wantsPractice: {
			`^(?:can you |could you |please |pls )*(?:ask|give|test|quiz|write|make)\b(?: me)?.{0,20}\b(?:question|quiz|exercise|test)s?\b`,
			`\b(?:quiz|test) me\b`,
		},
		wantsSummary: {`\bsummar(?:y|ise|ize|ies|ising|izing)\b`, `\bsum up\b`, `\bmain (?:points|ideas)\b`},
		wantsHelp: {
			`^(?:please |hey |hi |hello |bonjour |can you |could you |i need |i want )*(?:some )?(?:help|assist)(?: me)?(?: please)?(?: (?:with|in|on|for) (?:my |the |some )?(?:\w+ )?(?:homework|home work|exercise|exercises|assignment|school work|studies|lesson|test|exam|maths?|science|english|french))*(?: please)?[ .!?]*$`,
			`^what can (?:you|i) (?:do|ask)(?: you)?[ .!?]*$`,
		},
		wantsContrast: {
			`\bdifferen(?:ces?|tiate)\b`,
			`\bdifferent(?: from|,|\?| *$)`,
			`\b(?:how|what) (?:is|are|makes)\b.*\bdifferent\b`,
			`\bdiffer\b`,
			`\bdistinguish\b`,
			`\bcompare[ds]?\b`,
			`\bcomparison\b`,
			`\bversus\b`,
			`\bvs\b`,
			`\bunlike\b.*\?`,
			`\bhow (?:is|are) .* (?:similar|alike)\b`,
			`\bsame (?:as|thing)\b`,
			`\bthe same ?[?]`,
		},
		wantsReason: {
			`\bwhy\b`,
			`\bhow come\b`,
			`\bfor what reason\b`,
			`\bwhat (?:is|are|was|were) the (?:reason|cause)s?\b`,
			`\bwhat (?:causes|caused|makes|made)\b`,
		},
		wantsNumber: {
			`\bhow (?:many|much|long|far|old|deep|high|tall|wide|heavy|big|large|fast|often|hot|cold|dry|thick|strong)\b`,
			`\b(?:what|which) (?:number|percentage|percent|year|years|date|speed|temperature|distance|age|height|depth|length|width|weight|mass|price|cost|amount)\b`,
			`\bat (?:how many|what|which) (?:degrees|temperature|age)\b`,
			`\bin (?:what|which) years?\b`,
		},
		wantsPerson: {`\bwho\b`, `\bwhom\b`, `\bwhose\b`},
		wantsFact: {
			`\bwhat (?:is|are|do|does) .*(?:called|named)\b`,
			`\bwhat do (?:you|we|they|people) call\b`,
			`\bhow (?:is|are) (?:it|this|that|they|these) called\b`,
		},
		wantsMeaning: {
			`^(?:please )?(?:explain|define|describe)\b`,
			`\bwhat (?:is|are|'s) (?:a |an |the )?[\w -]{2,40}(?:\?|$|,| in (?:simple|easy|your)| say it| simply)`,
			`^what (?:does|do) .* mean\b`,
			`\bmeaning of\b`,
			`\bdefinition\b`,
		},
		wantsVerdict: {
			`,? (?:right|correct|yes|true|or not|is(?: it|n'?t it|n'?t that so)|isn'?t that (?:so|true|right)|doesn'?t it|don'?t (?:they|we|you)|aren'?t they|can'?t it|no) ?\?*$`,
			`^(?:is|are|was|were|do|does|did|can|could|will|would|should|must|has|have) (?:it |there )?\w+.*`,
			`\btrue or false\b`,
			`^is it true\b`,
		},
		wantsWay: {`\bhow\b`},
	},
	french: {
		wantsLanguage: {
			`^(?:peux-tu |pouvez-vous |peux tu |dis|dites|traduis|repete)\b.{0,40}\ben (?:anglais|francais|swahili|kinyarwanda)\b`,
		},
		wantsAgain: {
			`^(?:je ne comprends pas|j'ai pas compris|je n'ai pas compris)(?:[ .,!?]*$|[.,!?] )`,
			`\b(?:explique(?:r|z)?(?:-moi)?(?: encore| autrement| plus simplement| d'une autre facon)|autrement s'il te plait)`,
		},
		wantsPractice: {`\bpose[- ](?:moi)?.{0,15}question`, `\bdonne[- ]moi (?:un|une|des) (?:exercice|question|quiz)`},
		wantsSummary: {
			`\b(?:resume|resumer|resumez)\b.{0,30}\b(?:unite|chapitre|lecon|texte|cours|document|de|du)\b`,
			`\b(?:fais|fait|faites|donne|ecris|un|le)\b.{0,12}\bresume\b`,
			`\bpoints essentiels\b`,
		},
		wantsHelp: {
			`^(?:peux-tu |pouvez-vous )?(?:m'aider|aide[- ]moi|j'ai besoin d'aide)(?: (?:avec|pour|a faire) (?:mes|mon|le|les) (?:devoirs?|exercices?|lecon))?[ .!?]*$`,
		},
		wantsContrast: {`\bdistingue`, `\bcompare[rz]?\b`, `\bdifferent[es]* (?:de|du|des|entre)\b`},
		wantsReason:   {`\bpourquoi\b`, `\bpour quelle raison\b`, `\ba cause de quoi\b`},
		wantsNumber: {
			`\bcombien\b`,
			`\ba quelle (?:temperature|vitesse|distance|hauteur|profondeur|heure)\b`,
			`\b(?:quel|quelle) (?:age|annee|pourcentage|nombre|est la (?:temperature|vitesse|longueur|hauteur|profondeur|masse))\b`,
			`\ben quelle annee\b`,
		},
		wantsPerson:  {`\bqui (?:est|a|etait|sont|fut)\b`, `^qui\b`},
		wantsFact:    {`\bcomment (?:s')?appelle`, `\bcomment (?:on )?appelle`},
		wantsMeaning: {`\bc'?est quoi\b`, `\bqu'?est[- ]ce que?\b`, `\bque veut dire\b`, `\bque signifie\b`, `\bdefini[st]`},
		wantsVerdict: {`n'?est[- ]ce pas`, `, (?:non|oui|d'accord|pas vrai) ?\?*$`, `^est[- ]ce que\b`, `\bvrai ou faux\b`},
		wantsWay:     {`\bcomment\b`},
	},
	swahili: {
		wantsLanguage: {`^(?:sema|eleza|tafsiri)\b.{0,30}kwa (?:kiingereza|kifaransa|kiswahili|kinyarwanda)\b`},
		wantsAgain:    {`\b(?:sielewi|sijaelewa|eleza tena|nieleze tena|kwa njia nyingine)\b`},
		wantsPractice: {`\b(?:niulize|nipe) (?:swali|maswali|zoezi)`},
		wantsSummary:  {`\bmuhtasari\b`, `\bfupisha\b`},
		wantsHelp: {
			`^(?:naomba |tafadhali )?(?:nisaidie|msaada|unisaidie)(?: (?:na|kwa|katika) (?:kazi yangu|kazi ya nyumbani|masomo))?(?: ya nyumbani)?[ .!?]*$`,
		},
		wantsContrast: {`\btofauti\b`, `\blinganisha\b`},
		wantsReason:   {`\b(?:kwa nini|kwanini|mbona)\b`},
		wantsNumber:   {`\b(?:ngapi|mangapi|wangapi|mingapi|vingapi|kiasi gani|mwaka gani|umri gani)\b`},
		wantsPerson:   {`\b(?:nani|akina nani)\b`},
		wantsMeaning:  {`\bni nini\b`, `\bmaana ya\b`},
		wantsVerdict:  {`\bsi(?:vyo|yo)\b ?\?*$`, `, (?:sivyo|au sio|kweli) ?\?*$`, `^je,? .*\?`},
		wantsWay:      {`\b(?:jinsi|vipi|namna gani|kwa njia gani)\b`},
	},
	kinyarwanda: {
		wantsLanguage: {`^(?:bivuge|vuga|sobanura|hindura)\b.{0,30}mu (?:cyongereza|gifaransa|giswahili|kinyarwanda)\b`},
		wantsAgain:    {`\b(?:sinumva|simbyumva|sinabyumvise|sobanura ukundi|nsobanurira ukundi|ongera unsobanurire)\b`},
		wantsPractice: {`\b(?:mbaza|mpa) (?:ikibazo|ibibazo|umwitozo)`},
		wantsSummary:  {`\bincamake\b`},
		wantsHelp:     {`^(?:mfasha|nfasha|ndashaka ubufasha)(?: .{0,30}(?:umukoro|imikoro|isomo))?[ .!?]*$`},
		wantsContrast: {`\bitandukaniro\b`, `\bbitandukaniye`, `\bgereranya\b`, `\bbinyuranye`},
		wantsReason:   {`\bkuki\b`, `\bni iyihe mpamvu\b`, `\bkubera iki\b`},
		wantsNumber:   {`\b(?:bangahe|zingahe|kangahe|angahe|ingahe|bingahe|ryari|wuhe mwaka|uwuhe mwaka)\b`},
		wantsPerson:   {`\b(?:nde|bande|ninde|nibande)\b`},
		wantsMeaning:  {`\bni iki\b`, `\bbivuga iki\b`, `\bbisobanura iki\b`, `\bsobanura\b`},
		wantsVerdict:  {`\bsi ?byo\b ?\?*$`, `, (?:sibyo|si byo|ni byo|koko) ?\?*$`, `\bese\b`},
		wantsWay:      {`\b(?:gute|ute)\b`},
	},
}

// formOf are the forms of a kind in all languages.
var formOf = func() map[kind]*regexp.Regexp {
	table := map[kind]*regexp.Regexp{}
	for _, k := range order {
		var all []string
		for _, language := range []string{english, french, swahili, kinyarwanda} {
			all = append(all, forms[language][k]...)
		}
		table[k] = regexp.MustCompile(strings.Join(all, "|"))
	}
	return table
}()

// kindOf is what a question wants.
func kindOf(question string) kind {
	q := strings.TrimSpace(fold(strings.ReplaceAll(question, "’", "'")))
	for _, k := range order {
		if formOf[k].MatchString(q) {
			return k
		}
	}
	return wantsFact
}

// partsOf cuts a question that asks for several things into what each asks.
func partsOf(question string) []string {
	var parts []string
	for _, s := range sentences(question) {
		for n := 1; n < 4; n++ { // the words between stay out, the question word begins the next
			at := conjoined.FindStringSubmatchIndex(s)
			if at == nil {
				break
			}
			parts = append(parts, s[:at[0]])
			s = s[at[2]:]
		}
		parts = append(parts, s)
	}
	var whole []string
	for _, p := range parts {
		if p = strings.Trim(p, " ,;.?!"); p != "" {
			whole = append(whole, p)
		}
	}
	return whole
}

// conjoined stands where a second question begins within a sentence.
var conjoined = regexp.MustCompile(`(?i),? (?:and|et|na|kandi) (?:also )?((?:at |in )?(?:how|what|when|where|which|who|why)\b|(?:comment|combien|quand|quel|quelle|pourquoi|qui)\b)`)
