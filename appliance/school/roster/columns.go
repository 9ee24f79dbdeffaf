package roster

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// meanings are what a column can hold, by its folded name, in the languages of
// the box and in the words of the programs that schools export lists from. "id2"
// and "id3" are identifiers where there is no better one; "none" is a column
// that is known and not needed.
var meanings = func() map[string]string {
	all := map[string]string{}
	for meaning, names := range map[string]string{
		"name": "name|names|full name|fullname|student|students|student name|student names|students name|students names|pupil|pupils|pupil name|pupil names|pupils name|pupils names|" +
			"learner|learners|learner name|learner names|learners name|learners names|name of pupil|name of the pupil|name of student|name of the student|name of learner|name of the learner|" +
			"display name|displayname|names of pupils|names of students|names of learners|" +
			"nom complet|nom et prenom|nom et prenoms|noms et prenoms|noms et prenom|nom & prenom|prenom et nom|noms|eleve|eleves|nom de l'eleve|noms des eleves|nom des eleves|apprenant|nom de l'apprenant|" +
			"amazina|amazina yose|amazina yombi|izina|izina ryose|umunyeshuri|abanyeshuri|amazina y'umunyeshuri|amazina y'abanyeshuri|izina ry'umunyeshuri|" +
			"jina|majina|jina kamili|majina kamili|jina la mwanafunzi|majina ya wanafunzi|mwanafunzi|wanafunzi",
		"first": "first name|first names|firstname|given name|given names|givenname|forename|forenames|other name|other names|christian name|prenom|prenoms|" +
			"jina la kwanza|izina rya mbere|irindi zina|andi mazina|izina bwite|izina rya gikristo|majina mengine",
		"last": "last name|last names|lastname|surname|family name|familyname|nom|nom de famille|noms de famille|jina la ukoo|jina la familia|jina la mwisho|izina ry'umuryango|izina ry'ubukonde",
		"class": "class|classes|class name|grade|form|stream|year group|homeroom|cohort|group|section|classe|groupe|niveau|ishuri|icyiciro|icyumba|darasa|madarasa|kidato|mkondo|" +
			"enrolled in|learner enrollment|learner enrolment|profile field class",
		"id": "id|identifier|student id|pupil id|learner id|student code|pupil code|learner code|code|sdms|sdms code|sdms id|code sdms|sdms number|student sdms code|ministry code|ministry number|" +
			"registration number|registration no|reg no|reg number|admission number|admission no|adm no|admission|index number|index no|idnumber|id number|external id|upi|emis|nemis|emis number|" +
			"matricule|numero matricule|n matricule|no matricule|numero d'identification|identifiant|code eleve|code de l'eleve|code ministeriel|" +
			"kode|kode y'umunyeshuri|nomero y'umunyeshuri|nimero y'umunyeshuri|inomero y'umunyeshuri|kode ya sdms|namba|namba ya usajili|namba ya mwanafunzi|nambari ya usajili|nambari ya mwanafunzi|kitambulisho",
		"id2":  "uuid|database id|sourcedid",
		"id3":  "username|user name|login|nom d'utilisateur",
		"role": "role|roles|user type|usertype|user role|person type|position|function|statut|fonction|profil|uruhare|inshingano|umwanya|jukumu|wadhifa|cheo|type of user",
		"none": "no|n|nr|number|#|s/n|sn|sno|numero|nimero|na|sex|gender|sexe|genre|igitsina|jinsia|jinsi|email|e-mail|mail|password|birth year|date of birth|birth date|dob|age|phone|telephone|" +
			"assigned to|coach assignment|mot de passe|date de naissance|annee de naissance|imyaka|itariki y'amavuko|umri|tarehe ya kuzaliwa|simu|remarks|observation|observations|signature|suspended|auth|lang|city|country",
		"price": "price|unit price|cost|amount|quantity|qty|total price|subtotal|item|items|product|products|prix|prix unitaire|montant|quantite|article|articles|produit|cout|" +
			"igiciro|ibiciro|umubare w'ibintu|bei|kiasi|bidhaa|gharama",
	} {
		for _, name := range strings.Split(names, "|") {
			all[name] = meaning
		}
	}
	return all
}()

// others are words that make a column with names one of somebody else.
var others = regexp.MustCompile(`\b(parents?|guardians?|father|mother|tutors?|teachers?|coach|contact|emergency|school|pere|mere|tuteur|enseignants?|professeur|titulaire|ecole|ababyeyi|umubyeyi|se|nyina|umwarimu|mzazi|wazazi|mlezi|baba|mama|mwalimu|shule|village|district|sector|file|subject)\b`)

// about are words that hint at a meaning in a longer heading.
var about = hints([][2]string{
	{"surname", "last"}, {"family name", "last"}, {"last name", "last"}, {"first name", "first"}, {"given name", "first"}, {"prenom", "first"},
	{"sdms", "id"}, {"matricule", "id"}, {"registration", "id"}, {"identifier", "id"}, {"class", "class"}, {"darasa", "class"}, {"grade", "class"}, {"user type", "role"}, {"role", "role"},
	{"name", "name"}, {"nom", "name"}, {"amazina", "name"}, {"izina", "name"}, {"jina", "name"}, {"eleve", "name"}, {"pupil", "name"}, {"student", "name"}, {"learner", "name"},
})

type hint struct {
	word    *regexp.Regexp
	meaning string
}

func hints(words [][2]string) []hint {
	list := make([]hint, len(words))
	for i, w := range words {
		list[i] = hint{regexp.MustCompile(`\b` + w[0] + `s?\b`), w[1]}
	}
	return list
}

var (
	bracketed  = regexp.MustCompile(`^(.*?)\s*[(\[]([^)\]]*)[)\]]\s*$`)
	spaces     = regexp.MustCompile(`\s+`)
	counted    = regexp.MustCompile(`^(cohort|group|class|classe|role)\s?[1-9]$`)
	possessive = regexp.MustCompile(`(['’]s|s['’])( |$)`)
)

// foldHeading makes the names of columns comparable.
func foldHeading(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case r >= 0x300 && r <= 0x36f || r == '\ufeff':
		case r == '_':
			b.WriteByte(' ')
		case r == '’' || r == '‘' || r == 'ʼ':
			b.WriteByte('\'')
		default:
			b.WriteRune(r)
		}
	}
	folded := possessive.ReplaceAllString(b.String(), "s$2")
	folded = strings.TrimRight(spaces.ReplaceAllString(strings.TrimSpace(folded), " "), ".:*° ")
	return strings.TrimSuffix(strings.TrimSuffix(folded, " o"), "°")
}

// meaningOf says what the name of a column says of it, and whether that is sure.
func meaningOf(title string) (meaning string, sure bool) {
	folded := foldHeading(title)
	if folded == "" || len(folded) > 60 {
		return "", false
	}
	forms := []string{folded}
	if m := bracketed.FindStringSubmatch(folded); m != nil {
		forms = append(forms, m[2], m[1])
	}
	for _, form := range forms {
		form = strings.TrimRight(strings.TrimSpace(form), ".:")
		if counted.MatchString(form) {
			form = strings.TrimRight(form, " 123456789")
		}
		if m, ok := meanings[form]; ok {
			return m, form != "ishuri" && form != "code" && form != "section" && form != "position"
		}
	}
	if others.MatchString(folded) {
		return "none", true
	}
	for _, a := range about {
		if a.word.MatchString(folded) {
			return a.meaning, false
		}
	}
	return "", false
}

// column is what is known of one.
type column struct {
	title, meaning string
	sure           bool
}

// headingsOf reads a row as names of columns and says how many it knows.
func headingsOf(row []string) (columns []column, known int) {
	columns = make([]column, len(row))
	for i, title := range row {
		m, sure := meaningOf(title)
		columns[i] = column{strings.TrimSpace(title), m, sure}
		if m != "" && sure {
			known++
		}
	}
	return columns, known
}

// namesAgain reports whether a row may name columns: two of its cells are known
// names to the letter. Looking closer at every row of a long list takes too long.
func namesAgain(row []string) bool {
	hits := 0
	for _, text := range row {
		if len(text) > 80 {
			continue
		}
		if _, ok := meanings[foldHeading(text)]; ok {
			if hits++; hits > 1 {
				return true
			}
		}
	}
	return false
}

// has reports whether some column has the meaning, and whether that is sure.
func has(columns []column, meaning string) (yes, sure bool) {
	for _, c := range columns {
		if c.meaning == meaning {
			yes, sure = true, sure || c.sure
		}
	}
	return yes, sure
}

// findHeader looks for the row that names the columns: titles may stand above.
func findHeader(rows [][]string) (at int, columns []column) {
	at = -1
	best := 0
	for i, row := range rows[:min(len(rows), 40)] {
		filled := 0
		for _, text := range row {
			if strings.TrimSpace(text) != "" {
				filled++
			}
		}
		c, known := headingsOf(row)
		name, sureName := has(c, "name")
		last, sureLast := has(c, "last")
		first, sureFirst := has(c, "first")
		if !name && !last && !first || filled > 1 && known == 0 || filled == 1 && !sureName && !sureLast {
			continue
		}
		score := 2 * known
		if sureName || sureLast || sureFirst {
			score += 3
		}
		if known*2 < filled { // words of a sentence, or pupils named like columns
			score -= 2
		}
		if score > best {
			best, at, columns = score, i, c
		}
	}
	return at, columns
}

// settle decides between columns that claim the same.
func settle(columns []column) []column {
	columns = slices.Clone(columns)
	_, first := find(columns, "first")
	_, last := find(columns, "last")
	_, name := find(columns, "name")
	if last && !first && !name { // "Nom" alone is all of it
		for i := range columns {
			if columns[i].meaning == "last" {
				columns[i].meaning = "name"
			}
		}
	}
	if name && first && !last { // "Name" beside "First name"
		for i := range columns {
			if columns[i].meaning == "name" {
				columns[i].meaning = "last"
				break
			}
		}
	}
	// One column holds each, the first that surely does; classes may be in many.
	for _, meaning := range []string{"name", "first", "last", "role", "id", "id2", "id3"} {
		best := -1
		for i, c := range columns {
			if c.meaning == meaning && (best < 0 || c.sure && !columns[best].sure) {
				best = i
			}
		}
		for i := range columns {
			if columns[i].meaning == meaning && i != best {
				columns[i].meaning = "none"
			}
		}
	}
	if _, first := find(columns, "first"); first {
		if _, last := find(columns, "last"); last {
			for i := range columns {
				if columns[i].meaning == "name" {
					columns[i].meaning = "none"
				}
			}
		}
	}
	return columns
}

func find(columns []column, meaning string) (int, bool) {
	i := slices.IndexFunc(columns, func(c column) bool { return c.meaning == meaning })
	return i, i >= 0
}

// sureOfNames reports whether it is clear where the names stand.
func sureOfNames(columns []column) bool {
	for _, c := range columns {
		if !c.sure && (c.meaning == "name" || c.meaning == "first" || c.meaning == "last" || c.meaning == "role") {
			return false
		}
	}
	_, name := find(columns, "name")
	_, first := find(columns, "first")
	_, last := find(columns, "last")
	return name || first && last
}

// guess looks for the names in a table that does not name its columns. It is
// sure if only one column can be meant.
func guess(rows [][]string) (columns []column, sure bool) {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	columns = make([]column, width)
	type sum struct{ filled, names, words, numbers, letters int }
	sums := make([]sum, width)
	for _, row := range rows {
		for i, text := range row {
			text = strings.TrimSpace(text)
			if text == "" {
				continue
			}
			s := &sums[i]
			s.filled++
			s.letters += strings.Count(strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) {
					return 'x'
				}
				return -1
			}, text), "x")
			if looksLikeName(text) {
				s.names++
				if strings.Contains(text, " ") {
					s.words++
				}
			}
			if strings.IndexFunc(text, unicode.IsLetter) < 0 {
				s.numbers++
			}
		}
	}
	best, rivals, amounts := 0, 0, false
	for i, s := range sums {
		if s.letters > sums[best].letters {
			best = i
		}
		if s.filled > 0 && s.names*10 >= s.filled*8 && s.letters > 3*s.filled {
			rivals++
		}
		if s.numbers*2 > s.filled && s.filled > 0 && !counts(rows, i) {
			amounts = true
		}
	}
	if width > 0 {
		columns[best].meaning = "name"
	}
	s := sums
	sure = width == 1 || width > 1 && rivals == 1 && !amounts && s[best].words*10 >= s[best].filled*8
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].sure = sure && columns[i].meaning != ""
	}
	return columns, sure
}

// onlyCounts reports whether a column holds nothing but 1, 2, 3…, from 1 again
// for another class perhaps: such numbers tell no pupil from those of other
// lists, whatever the column is called.
func onlyCounts(rows [][]string, i int) bool {
	last, ups, all := 0, 0, 0
	for _, row := range rows {
		text := strings.TrimRight(field(row, i), ".)")
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if all++; all == 1 && n != 1 {
			return false
		}
		if err == nil && (n == last+1 || n == 1) {
			ups++
		}
		last = n
	}
	return all > 1 && ups*10 >= all*8
}

// counts reports whether a column numbers the rows.
func counts(rows [][]string, i int) bool {
	last, ups, all := 0, 0, 0
	for _, row := range rows {
		if i >= len(row) || strings.TrimSpace(row[i]) == "" {
			continue
		}
		n := 0
		for _, r := range row[i] {
			if r >= '0' && r <= '9' && n < 1_000_000 {
				n = n*10 + int(r-'0')
			}
		}
		if all++; n == last+1 {
			ups++
		}
		last = n
	}
	return ups*10 >= all*8
}
