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

// kinds are the forms by which a folded question shows what it wants: the first
// that fits decides. The order is from the rare and sure to the common.
var kinds = []struct {
	kind kind
	form *regexp.Regexp
}{
	{wantsLanguage, regexp.MustCompile(`^(?:(?:can|could) you |please |now )*(?:say|tell|repeat|translate|write|explain|give)\b.{0,30} (?:in(?:to)?) (?:french|english|kiswahili|swahili|kinyarwanda)\b|^(?:peux-tu |pouvez-vous |peux tu |dis|dites|traduis|repete)\b.{0,40}\ben (?:anglais|francais|swahili|kinyarwanda)\b|^(?:sema|eleza|tafsiri)\b.{0,30}kwa (?:kiingereza|kifaransa|kiswahili|kinyarwanda)\b|^(?:bivuge|vuga|sobanura|hindura)\b.{0,30}mu (?:cyongereza|gifaransa|giswahili|kinyarwanda)\b`)},
	{wantsAgain, regexp.MustCompile(`\b(?:explain|say|tell|put|describe)\b(?: me)?(?: that| it| this)?(?: again)?,?(?: to me)?(?: again)?,? ?(?:in )?(?:another way|a different way|other words|simpler words|simpler|easier|more simply|once more|again)\b|^(?:sorry,? )?i (?:still )?(?:do not|don'?t|didn'?t|did not) (?:understand|get it|get that)(?: (?:it|that|this))?(?:[ .,!?]*$|[.,!?] )|^(?:je ne comprends pas|j'ai pas compris|je n'ai pas compris)(?:[ .,!?]*$|[.,!?] )|\b(?:explique(?:r|z)?(?:-moi)?(?: encore| autrement| plus simplement| d'une autre facon)|autrement s'il te plait)|\b(?:sielewi|sijaelewa|eleza tena|nieleze tena|kwa njia nyingine)\b|\b(?:sinumva|simbyumva|sinabyumvise|sobanura ukundi|nsobanurira ukundi|ongera unsobanurire)\b`)},
	{wantsPractice, regexp.MustCompile(`^(?:can you |could you |please |pls )*(?:ask|give|test|quiz|write|make)\b(?: me)?.{0,20}\b(?:question|quiz|exercise|test)s?\b|\b(?:quiz|test) me\b|\bpose[- ](?:moi)?.{0,15}question|\bdonne[- ]moi (?:un|une|des) (?:exercice|question|quiz)|\b(?:niulize|nipe) (?:swali|maswali|zoezi)|\b(?:mbaza|mpa) (?:ikibazo|ibibazo|umwitozo)`)},
	{wantsSummary, regexp.MustCompile(`\bsummar(?:y|ise|ize|ies|ising|izing)\b|\bsum up\b|\bmain (?:points|ideas)\b|\b(?:resume|resumer|resumez)\b.{0,30}\b(?:unite|chapitre|lecon|texte|cours|document|de|du)\b|\b(?:fais|fait|faites|donne|ecris|un|le)\b.{0,12}\bresume\b|\bpoints essentiels\b|\bmuhtasari\b|\bfupisha\b|\bincamake\b`)},
	{wantsHelp, regexp.MustCompile(`^(?:please |hey |hi |hello |bonjour |can you |could you |i need |i want )*(?:some )?(?:help|assist)(?: me)?(?: please)?(?: (?:with|in|on|for) (?:my |the |some )?(?:\w+ )?(?:homework|home work|exercise|exercises|assignment|school work|studies|lesson|test|exam|maths?|science|english|french))*(?: please)?[ .!?]*$|^(?:peux-tu |pouvez-vous )?(?:m'aider|aide[- ]moi|j'ai besoin d'aide)(?: (?:avec|pour|a faire) (?:mes|mon|le|les) (?:devoirs?|exercices?|lecon))?[ .!?]*$|^(?:naomba |tafadhali )?(?:nisaidie|msaada|unisaidie)(?: (?:na|kwa|katika) (?:kazi yangu|kazi ya nyumbani|masomo))?(?: ya nyumbani)?[ .!?]*$|^(?:mfasha|nfasha|ndashaka ubufasha)(?: .{0,30}(?:umukoro|imikoro|isomo))?[ .!?]*$|^what can (?:you|i) (?:do|ask)(?: you)?[ .!?]*$`)},
	{wantsContrast, regexp.MustCompile(`\bdifferen(?:ces?|tiate)\b|\bdifferent(?: from|,|\?| *$)|\b(?:how|what) (?:is|are|makes)\b.*\bdifferent\b|\bdiffer\b|\bdistinguish\b|\bcompare[ds]?\b|\bcomparison\b|\bversus\b|\bvs\b|\bunlike\b.*\?|\bhow (?:is|are) .* (?:similar|alike)\b|\bsame (?:as|thing)\b|\bthe same ?[?]|\bdistingue|\bcompare[rz]?\b|\bdifferent[es]* (?:de|du|des|entre)\b|\btofauti\b|\blinganisha\b|\bitandukaniro\b|\bbitandukaniye|\bgereranya\b|\bbinyuranye`)},
	{wantsReason, regexp.MustCompile(`\bwhy\b|\bhow come\b|\bfor what reason\b|\bwhat (?:is|are|was|were) the (?:reason|cause)s?\b|\bwhat (?:causes|caused|makes|made)\b|\bpourquoi\b|\bpour quelle raison\b|\ba cause de quoi\b|\b(?:kwa nini|kwanini|mbona)\b|\bkuki\b|\bni iyihe mpamvu\b|\bkubera iki\b`)},
	{wantsNumber, regexp.MustCompile(`\bhow (?:many|much|long|far|old|deep|high|tall|wide|heavy|big|large|fast|often|hot|cold|dry|thick|strong)\b|\b(?:what|which) (?:number|percentage|percent|year|years|date|speed|temperature|distance|age|height|depth|length|width|weight|mass|price|cost|amount)\b|\bat (?:how many|what|which) (?:degrees|temperature|age)\b|\bin (?:what|which) years?\b|\bcombien\b|\ba quelle (?:temperature|vitesse|distance|hauteur|profondeur|heure)\b|\b(?:quel|quelle) (?:age|annee|pourcentage|nombre|est la (?:temperature|vitesse|longueur|hauteur|profondeur|masse))\b|\ben quelle annee\b|\b(?:ngapi|mangapi|wangapi|mingapi|vingapi|kiasi gani|mwaka gani|umri gani)\b|\b(?:bangahe|zingahe|kangahe|angahe|ingahe|bingahe|ryari|wuhe mwaka|uwuhe mwaka)\b`)},
	{wantsPerson, regexp.MustCompile(`\bwho\b|\bwhom\b|\bwhose\b|\bqui (?:est|a|etait|sont|fut)\b|^qui\b|\b(?:nani|akina nani)\b|\b(?:nde|bande|ninde|nibande)\b`)},
	{wantsFact, regexp.MustCompile(`\bwhat (?:is|are|do|does) .*(?:called|named)\b|\bwhat do (?:you|we|they|people) call\b|\bhow (?:is|are) (?:it|this|that|they|these) called\b|\bcomment (?:s')?appelle|\bcomment (?:on )?appelle`)},
	{wantsMeaning, regexp.MustCompile(`^(?:please )?(?:explain|define|describe)\b|\bwhat (?:is|are|'s) (?:a |an |the )?[\w -]{2,40}(?:\?|$|,| in (?:simple|easy|your)| say it| simply)|^what (?:does|do) .* mean\b|\bmeaning of\b|\bdefinition\b|\bc'?est quoi\b|\bqu'?est[- ]ce que?\b|\bque veut dire\b|\bque signifie\b|\bdefini[st]|\bni nini\b|\bmaana ya\b|\bni iki\b|\bbivuga iki\b|\bbisobanura iki\b|\bsobanura\b`)},
	{wantsVerdict, regexp.MustCompile(`,? (?:right|correct|yes|true|or not|is(?: it|n'?t it|n'?t that so)|isn'?t that (?:so|true|right)|doesn'?t it|don'?t (?:they|we|you)|aren'?t they|can'?t it|no) ?\?*$|^(?:is|are|was|were|do|does|did|can|could|will|would|should|must|has|have) (?:it |there )?\w+.*|n'?est[- ]ce pas|, (?:non|oui|d'accord|pas vrai) ?\?*$|^est[- ]ce que\b|\bvrai ou faux\b|\btrue or false\b|^is it true\b|\bsi(?:vyo|yo)\b ?\?*$|, (?:sivyo|au sio|kweli) ?\?*$|^je,? .*\?|\bsi ?byo\b ?\?*$|, (?:sibyo|si byo|ni byo|koko) ?\?*$|\bese\b`)},
	{wantsWay, regexp.MustCompile(`\bhow\b|\bcomment\b|\b(?:jinsi|vipi|namna gani|kwa njia gani)\b|\b(?:gute|ute)\b`)},
}

// kindOf is what a question wants.
func kindOf(question string) kind {
	q := strings.TrimSpace(fold(strings.ReplaceAll(question, "’", "'")))
	for _, k := range kinds {
		if k.form.MatchString(q) {
			return k.kind
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
