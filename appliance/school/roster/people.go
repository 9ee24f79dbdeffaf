package roster

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pupils and staff are what columns of roles say, folded.
var (
	pupils = words("learner|student|pupil|eleve|apprenant|etudiant|umunyeshuri|mwanafunzi|learners|students|pupils|child|enfant|umwana|mtoto")
	staff  = words("teacher|coach|class coach|facility coach|classe coach|admin|administrator|superuser|super admin|parent|guardian|tutor|staff|principal|head|headteacher|head teacher|" +
		"headmaster|headmistress|director|manager|editingteacher|non-editing teacher|noneditingteacher|secretary|librarian|aide|proctor|relative|dos|bursar|" +
		"enseignant|enseignante|professeur|prof|instituteur|institutrice|maitre|maitresse|titulaire|directeur|directrice|administrateur|administratrice|tuteur|personnel|secretaire|" +
		"umwarimu|umwalimu|mwarimu|umuyobozi|umubyeyi|umurezi|umukozi|mwalimu|mkuu|mkuu wa shule|mzazi|mlezi|msimamizi|mfanyakazi|mkurugenzi")
	staffs = words("teachers|staff|parents|coaches|enseignants|professeurs|personnel|abarimu|abarezi|ababyeyi|abakozi|walimu|wazazi|wafanyakazi")
	sums   = regexp.MustCompile(`^(grand |sub)?(total|totaux|sum|effectif|effectifs|igiteranyo|jumla|average|moyenne|impuzandengo|wastani|summary)\b`)
	adult  = regexp.MustCompile(`^(mr|mrs|ms|miss|mme|mlle|dr|prof|sr|fr|rev|tr|teacher|coach|headteacher|principal|director|umwarimu|mwarimu|mwalimu|madame|monsieur|sir|madam|bwana|bi|mwl)\b\.? `)
	// Lines below a list.
	notes = regexp.MustCompile(`^(signature|signed|done at|date|fait a|prepared by|prepare par|class teacher|titulaire|approved|bikorewe|umukono|sahihi|note|nb|source|page)\b`)
)

func words(list string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Split(list, "|") {
		all[w] = true
	}
	return all
}

// roleOf reads a cell of a column of roles: "pupil", "staff", "" or "?" for what
// is not known. Somebody who is staff too is staff.
func roleOf(text string) string {
	role := ""
	for _, one := range strings.FieldsFunc(foldHeading(text), func(r rune) bool { return strings.ContainsRune(",;/|+&", r) }) {
		switch one = strings.TrimSpace(one); {
		case one == "":
		case staff[one]:
			return "staff"
		case pupils[one]:
			if role == "" {
				role = "pupil"
			}
		default:
			// "Class teacher", "P5 coach"
			for _, word := range strings.Fields(one) {
				if staff[word] {
					return "staff"
				}
			}
			role = "?"
		}
	}
	return role
}

// sentences are small words that names do not have.
var sentences = words("the|is|are|was|were|and|of|to|with|from|that|this|in|on|for|it|have|has|est|sont|dans|avec|pour|une|les|des|sur|que|qui|et|kandi|ariko|kuri|mu|ku|ni|cyangwa|katika|kwa|ambayo|na|ya|wa|hii")

// looksLikeName reports whether a text can be somebody's name.
func looksLikeName(text string) bool {
	text = strings.TrimSpace(text)
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 7 || utf8.RuneCountInString(text) > 70 || strings.ContainsAny(text, "!?;:\"=<>%$€/\\@#") {
		return false
	}
	letters, digits := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	if letters < 2 || digits > letters {
		return false
	}
	last := fields[len(fields)-1]
	if strings.HasSuffix(last, ".") && utf8.RuneCountInString(last) > 4 { // the end of a sentence; initials and "Jr." are short
		return false
	}
	small := 0
	for _, f := range fields {
		if sentences[f] {
			small++
		}
	}
	return small == 0
}

// SameName reports whether two names may be of one person: most words of the
// shorter one are in the other, in any order, with a wrong letter or as an
// initial perhaps.
func SameName(a, b string) bool {
	short, long := nameWords(a), nameWords(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	alike := 0
	for _, word := range short {
		at := slices.IndexFunc(long, func(other string) bool { return sameWord(word, other) })
		if at >= 0 {
			alike++
			long = slices.Delete(long, at, at+1)
		}
	}
	return alike*2 > len(short) || strings.EqualFold(a, b)
}

func nameWords(name string) []string {
	return strings.FieldsFunc(foldHeading(name), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
}

func sameWord(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 1 {
		return x[0] == y[0]
	}
	if len(x) < 4 {
		return a == b
	}
	for len(x) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return len(y) < 2 // one letter is other, or too many
}
