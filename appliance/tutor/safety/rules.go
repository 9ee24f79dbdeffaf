// Package safety looks at what children write and at what a model answers, by
// code: lists of words for each language, which a teacher or translator can
// read and mend (words/*.txt). A lesson may be about hard things — wars, drugs,
// how life begins — so the rules look for a child who speaks of themselves, or
// asks for the means to do harm, and not for a word.
package safety

import (
	"bufio"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Category is what an exchange is about.
type Category string

const (
	SelfHarm Category = "self_harm"       // wants to die or hurts themselves
	Abuse    Category = "abuse"           // somebody hurts or touches her
	Contact  Category = "contact_details" // telephone numbers, addresses, meeting a stranger
	Violence Category = "violence"        // wants to hurt somebody; how weapons are made
	Sexual   Category = "sexual"          // unsuited for children; biology is not
	Drugs    Category = "drugs"           // how to get or make them; health lessons are not
)

// Finding is what a rule found. With severity 2 the pupil may need help.
type Finding struct {
	Category Category
	Severity int
	Language string // of the rule, whose words somebody has said; empty for a number or an address
}

//go:embed words/*.txt
var files embed.FS

var rules, replies = load(files)

// ruleset is the rules of a category, found by the first word of a match.
type ruleset struct {
	first    map[string][]*rule // by the first word
	squeezed map[string][]*rule // by the first word without its double letters
	stems    []stemmed          // whose first word is any with a beginning
}

type stemmed struct {
	beginning string
	rule      *rule
}

func (s *ruleset) add(r *rule) {
	for _, phrase := range r.parts[0] {
		short, _ := squeeze(phrase[0])
		if list := s.squeezed[short]; len(list) == 0 || list[len(list)-1] != r {
			s.squeezed[short] = append(list, r)
		}
		if stem, any := strings.CutSuffix(phrase[0], "*"); any {
			s.stems = append(s.stems, stemmed{stem, r})
		} else if list := s.first[phrase[0]]; len(list) == 0 || list[len(list)-1] != r {
			s.first[phrase[0]] = append(list, r)
		}
	}
}

// each calls visit with every rule that may match at a word, and the place.
func (s *ruleset) each(words []string, visit func(r *rule, at int)) {
	for i, w := range words {
		if short, ok := strings.CutPrefix(w, stretchedMark); ok {
			for _, r := range s.squeezed[short] {
				visit(r, i)
			}
			continue
		}
		for _, r := range s.first[w] {
			visit(r, i)
		}
		for _, x := range s.stems {
			if strings.HasPrefix(w, x.beginning) {
				visit(x.rule, i)
			}
		}
	}
}

// rule is one line of a file: groups of words that have to follow each other
// within reach; or an exception, which makes other rules look away.
type rule struct {
	finding   Finding
	answers   bool // applies to answers too
	exception bool
	parts     [][][]string // parts in order; each a choice of phrases; each a list of words
}

// reach is how many words may stand between the parts of a rule.
const reach = 4

// load reads the files of words. Lines are
//
//	# a remark
//	category severity      starts a section; "answers" after it: for answers too
//	two words ... third*   words in order, up to four between the parts; * is any ending
//	(kill|hurt) myself     a choice
//	my (own )life          with a space at its end: or nothing
//	! kill bacteria        an exception of the section: where it stands, the section's rules do not see these words
//	> text                 the reply to a pupil, on one line
func load(files fs.FS) (all map[Category]*ruleset, replies map[string]map[Category]string) {
	all, replies = map[Category]*ruleset{}, map[string]map[Category]string{}
	names, err := fs.Glob(files, "words/*.txt")
	if err != nil || len(names) == 0 {
		panic("safety: no words")
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		language := strings.TrimSuffix(strings.TrimPrefix(name, "words/"), ".txt")
		replies[language] = map[Category]string{}
		if err := parse(string(text), language, all, replies[language]); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // the files are part of the program, and tested
		}
	}
	return all, replies
}

func parse(text, language string, all map[Category]*ruleset, replies map[Category]string) error {
	var section rule
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if head, ok := strings.CutPrefix(line, "["); ok {
			var severity int
			fields := strings.Fields(strings.TrimSuffix(head, "]"))
			if len(fields) < 2 || len(fields) > 3 {
				return fmt.Errorf("line %d: a section is [category severity]", n)
			}
			if _, err := fmt.Sscan(fields[1], &severity); err != nil || severity < 1 || severity > 2 {
				return fmt.Errorf("line %d: severity is 1 or 2", n)
			}
			section = rule{finding: Finding{Category(fields[0]), severity, language}, answers: len(fields) == 3 && fields[2] == "answers"}
			continue
		}
		category := section.finding.Category
		if category == "" {
			return fmt.Errorf("line %d stands in no section", n)
		}
		if reply, ok := strings.CutPrefix(line, ">"); ok {
			replies[category] = strings.TrimSpace(reply)
			continue
		}
		r := section
		line, r.exception = strings.CutPrefix(line, "!")
		for part := range strings.SplitSeq(line, "...") {
			var choice [][]string
			for _, option := range options(strings.TrimSpace(part)) {
				words := strings.Fields(option)
				if len(words) == 0 {
					return fmt.Errorf("line %d: an empty part", n)
				}
				choice = append(choice, words)
			}
			r.parts = append(r.parts, choice)
		}
		if all[category] == nil {
			all[category] = &ruleset{first: map[string][]*rule{}, squeezed: map[string][]*rule{}}
		}
		all[category].add(&r)
	}
	return lines.Err()
}

var choices = regexp.MustCompile(`\(([^()]*)\)`)

// options spells out the choices of a part.
func options(part string) []string {
	at := choices.FindStringSubmatchIndex(part)
	if at == nil {
		return []string{part}
	}
	var all []string
	choice := part[at[2]:at[3]]
	if strings.HasSuffix(choice, " ") {
		choice += "|"
	}
	for word := range strings.SplitSeq(choice, "|") {
		all = append(all, options(part[:at[0]]+word+part[at[1]:])...)
	}
	return all
}

// order is the order in which findings count: whoever may need help comes first.
var order = []Category{SelfHarm, Abuse, Violence, Sexual, Drugs, Contact}

// Question looks at what a child wrote.
func Question(text string) (Finding, bool) {
	if f, found := find(text, false); found {
		return f, true
	}
	if contacts.MatchString(text) {
		return Finding{Category: Contact, Severity: 1}, true
	}
	return Finding{}, false
}

// Answer looks at what a model wrote. Telephone numbers and addresses that
// stand in one of the allowed texts, the school's own passages, are no finding.
func Answer(text string, allowed ...string) (Finding, bool) {
	for _, contact := range contacts.FindAllString(text, -1) {
		known := false
		for _, a := range allowed {
			known = known || strings.Contains(digits(a), local(digits(contact)))
		}
		if !known {
			return Finding{Category: Contact, Severity: 1}, true
		}
	}
	return find(text, true)
}

// contacts are e-mail addresses, and numbers as people write telephone numbers.
var contacts = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+|\+\d[\d ().-]{6,18}\d|\b0[67]\d{2}[ .-]?\d{3}[ .-]?\d{3}\b`)

// local is a telephone number without what stands before it abroad: its last
// nine digits.
func local(number string) string {
	if strings.HasPrefix(number, "+") && len(number) > 9 {
		return number[len(number)-9:]
	}
	return number
}

func digits(text string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "").Replace(text))
}

func find(text string, answer bool) (Finding, bool) {
	plain := fold(text)
	readings := [][]string{split(plain)}
	if disguised := split(undisguise(plain)); strings.Join(disguised, " ") != strings.Join(readings[0], " ") {
		readings = append(readings, disguised)
	}
	for _, category := range order {
		for _, words := range readings {
			if f, found := rules[category].find(words, answer); found {
				return f, true
			}
		}
	}
	return Finding{}, false
}

func (s *ruleset) find(words []string, answer bool) (f Finding, found bool) {
	seen := words
	s.each(words, func(r *rule, at int) {
		if r.exception {
			seen = r.blank(words, seen, at)
		}
	})
	s.each(seen, func(r *rule, at int) {
		if !found && !r.exception && (!answer || r.answers) && r.end(seen, at) >= 0 {
			f, found = r.finding, true
		}
	})
	return f, found
}

// fold lower-cases text and takes the accents and apostrophes off.
func fold(text string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, c), unicode.Is(unicode.Cf, c):
		case c == '\'' || c == '’':
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(c))
		}
	}
	return b.String()
}

func split(plain string) []string {
	return strings.FieldsFunc(plain, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "@", "a", "$", "s", "!", "i")

// undisguise reads k1lll and k.i.l.l as kill: digits that stand for letters, a
// letter repeated more than twice, single letters with something between.
func undisguise(plain string) string {
	var b strings.Builder
	for _, word := range strings.Fields(plain) {
		if strings.IndexFunc(word, unicode.IsLetter) >= 0 {
			word = leet.Replace(word)
		}
		letters := strings.FieldsFunc(word, func(c rune) bool { return !unicode.IsLetter(c) })
		spelled := len(letters) > 2
		for _, l := range letters {
			spelled = spelled && len(l) == 1
		}
		if spelled {
			word = strings.Join(letters, "")
		}
		if short, stretched := squeeze(word); stretched {
			word = stretchedMark + short
		}
		b.WriteString(word + " ")
	}
	return b.String()
}

// stretchedMark begins a word that was stretched (kiiillll) and has lost all its
// double letters, so that it is compared with words that have lost theirs.
const stretchedMark = "ǃ" // a letter, by Unicode, of no language here

// squeeze makes one letter of every run, and reports whether there was a run of
// three or more.
func squeeze(word string) (short string, stretched bool) {
	var b strings.Builder
	var last rune
	times := 0
	for _, c := range word {
		if times++; c != last {
			last, times = c, 1
			b.WriteRune(c)
		}
		stretched = stretched || times > 2
	}
	return b.String(), stretched
}

// end returns where a match that begins at i ends, -1 if there is none.
func (r *rule) end(words []string, i int) int {
	from, to := i, i
	for n, choice := range r.parts {
		end := -1
		for at := from; at <= to && end < 0; at++ {
			for _, phrase := range choice {
				if holds(words, at, phrase) {
					end = at + len(phrase)
					break
				}
			}
		}
		if end < 0 {
			return -1
		}
		from, to = end, end+reach
		if n == len(r.parts)-1 {
			return end
		}
	}
	return -1
}

func holds(words []string, at int, phrase []string) bool {
	if at+len(phrase) > len(words) {
		return false
	}
	for i, p := range phrase {
		if short, ok := strings.CutPrefix(words[at+i], stretchedMark); ok {
			if p, _ := squeeze(p); p != short && !(strings.HasSuffix(p, "*") && strings.HasPrefix(short, p[:len(p)-1])) {
				return false
			}
			continue
		}
		if stem, any := strings.CutSuffix(p, "*"); words[at+i] != p && !(any && strings.HasPrefix(words[at+i], stem)) {
			return false
		}
	}
	return true
}

// blank hides the words of an exception that begins at a place.
func (r *rule) blank(words, seen []string, at int) []string {
	end := r.end(words, at)
	if end < 0 {
		return seen
	}
	if &seen[0] == &words[0] {
		seen = append([]string{}, words...)
	}
	for j := at; j < end; j++ {
		seen[j] = ""
	}
	return seen
}

// Reply is the kind fixed answer to a finding, in English where the language is
// not known.
func Reply(c Category, language string) string {
	if text := replies[language][c]; text != "" {
		return text
	}
	return replies["en"][c]
}
