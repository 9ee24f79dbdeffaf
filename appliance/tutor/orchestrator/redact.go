package orchestrator

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/models"
)

// redactor takes out of a prompt what could say who asks or of whom, before it
// is sent elsewhere: names of the school's people, e-mail addresses and
// telephone numbers. In what people wrote, a part of a name is enough; in the
// school's material, where kings and lakes have the same names as pupils, two
// parts of one person's must stand together.
type redactor struct {
	of map[string][]int // part of a name, folded → whose, ascending
}

const hidden = "[name]"

// shortest is the length of a part that is hidden alone: a shorter one could be
// any word.
const shortest = 3

func newRedactor(names []string) *redactor {
	r := &redactor{of: map[string][]int{}}
	for i, name := range names {
		for _, w := range words(name) {
			if mine := r.of[w.folded]; len(mine) == 0 || mine[len(mine)-1] != i {
				r.of[w.folded] = append(mine, i)
			}
		}
	}
	return r
}

// clean returns the prompt as it may leave the box. asker is the name of the one
// who asks.
func (r *redactor) clean(p models.Prompt, asker string) models.Prompt {
	var own []string
	for _, w := range words(asker) {
		own = append(own, w.folded)
	}
	turns := make([]models.Turn, len(p.Turns))
	for i, t := range p.Turns {
		turns[i] = t
		before, after, quoted := t.Content, "", false
		if p.Material != "" {
			before, after, quoted = strings.Cut(t.Content, p.Material)
		}
		turns[i].Content = r.hide(contacts(before), own, true)
		if quoted {
			turns[i].Content += r.hide(contacts(p.Material), nil, false) + r.hide(contacts(after), own, true)
		}
	}
	p.Turns, p.Material = turns, ""
	return p
}

// hide replaces names. With single, one part of a name is enough, and any part
// of the asker's own.
func (r *redactor) hide(text string, own []string, single bool) string {
	list := words(text)
	var out strings.Builder
	done := 0
	for i := 0; i < len(list); {
		n := r.together(text, list[i:])
		if n < 2 && !(single && (r.alone(text, list, i) || len([]rune(list[i].folded)) >= shortest && slices.Contains(own, list[i].folded))) {
			i++
			continue
		}
		n = max(n, 1)
		out.WriteString(text[done:list[i].from])
		out.WriteString(hidden)
		done = list[i+n-1].to
		i += n
	}
	out.WriteString(text[done:])
	return out.String()
}

// together is how many of the first words are parts of one person's name, in any
// order, with hardly anything between them.
func (r *redactor) together(text string, list []word) (n int) {
	var who []int
	for n < len(list) {
		if n > 0 && strings.Trim(text[list[n-1].to:list[n].from], " \t\n\u00a0.,-_'’") != "" {
			break
		}
		whose := r.of[list[n].folded]
		if n > 0 {
			whose = common(who, whose)
		}
		if len(whose) == 0 {
			break
		}
		who = whose
		n++
	}
	return n
}

// common are the numbers in both of two ascending lists.
func common(a, b []int) (both []int) {
	for _, x := range a {
		if _, found := slices.BinarySearch(b, x); found {
			both = append(both, x)
		}
	}
	return both
}

// alone reports whether a word is hidden by itself: it is a part of somebody's
// name, and does not name a place or a ruler. One that is also an ordinary word
// counts only if it is written like a name.
func (r *redactor) alone(text string, list []word, i int) bool {
	w := list[i]
	if len(r.of[w.folded]) == 0 || len([]rune(w.folded)) < shortest {
		return false
	}
	if i > 0 && titles[list[i-1].folded] && strings.TrimSpace(text[list[i-1].to:w.from]) == "" {
		return false
	}
	if !ordinary[w.folded] {
		return true
	}
	first := i == 0 || strings.ContainsAny(text[list[i-1].to:w.from], ".!?:\n")
	return !first && unicode.IsUpper([]rune(text[w.from:w.to])[0])
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	// titles stand before names of places and of people in history.
	titles = set(`lake lac ziwa ikiyaga river riviere mto umugezi mount mountain mont mlima umusozi volcano volcan
		king queen roi reine mfalme malkia umwami umwamikazi saint pope pape president emperor empereur`)
	// ordinary are words that are also given to people as names.
	ordinary = set(`grace hope faith joy peace rose patience innocent divine angel prince princess blessing gift happy lucky sunny
		christian may june april august will mark bill art sky star moon pearl ruby ivy lily iris olive dawn summer
		clement constant noel pascal newton kelvin victor victoria albert edward marine fleur aime desire fidele parfait juste
		amani furaha neema rehema baraka imani tumaini upendo zawadi amina
		amahoro mahoro urukundo ibyishimo imana ineza ishimwe umutoni umwiza`)
)

type word struct {
	from, to int
	folded   string
}

// words are the runs of letters of a text: a hyphen or an apostrophe ends one.
func words(text string) (list []word) {
	from := -1
	end := func(to int) {
		if from >= 0 {
			list = append(list, word{from, to, fold(text[from:to])})
			from = -1
		}
	}
	for i, c := range text {
		switch {
		case unicode.IsLetter(c) || from >= 0 && unicode.Is(unicode.Mn, c):
			if from < 0 {
				from = i
			}
		default:
			end(i)
		}
	}
	end(len(text))
	return list
}

// fold takes case and accents off.
func fold(text string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, norm.NFKD.String(text)))
}

var (
	address = regexp.MustCompile(`[\pL\pN._%+-]+\s?(?:[@＠]|[\[({]\s?(?:@|at|arobase)\s?[\])}])\s?[\pL\pN-]+(?:\s?(?:\.|[\[({]\s?(?:\.|dot|point)\s?[\])}])\s?[\pL\pN-]+)+`)
	// handle is somebody's name in a service.
	handle = regexp.MustCompile(`(^|[^\pL\pN@])@[\pL_][\pL\pN_.]{2,}`)
	// digits are seven or more with what people put between them.
	digits = regexp.MustCompile(`\(?\+?\(?\d(?:[ \x{a0}\x{202f}\x{2009}().\-–—/_·]{0,3}\d){6,60}`)
	// date begins with one, behind which an hour or another number may stand.
	date = regexp.MustCompile(`^(?:(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2})(?:\s|$)`)
	// identity is the number of a Rwandan identity card.
	identity = regexp.MustCompile(`^[123](?:19|20)\d{2}[78]\d{10}$`)
	// mobile begins a Rwandan mobile number whose 0 was left out.
	mobile = regexp.MustCompile(`^7[2389]\d{7}$`)
	// abroad begins a number with the code of one of our countries.
	abroad = regexp.MustCompile(`^(?:250|243|254|255|256|257)\d{9}$`)
)

func contacts(text string) string {
	text = address.ReplaceAllString(text, "[address]")
	text = handle.ReplaceAllString(text, "${1}[address]")
	return digits.ReplaceAllStringFunc(text, numbers)
}

// numbers hides the telephone numbers in a run of digits and what is between
// them, which may be several side by side.
func numbers(run string) string {
	var out strings.Builder
	for run != "" {
		end := len(run)
		for end > 0 && !telephone(run[:end]) {
			end = strings.LastIndexFunc(run[:end], unicode.IsSpace)
		}
		if end > 0 {
			out.WriteString("[number]")
			run = run[end:]
			continue
		}
		next := strings.IndexFunc(run, unicode.IsSpace)
		if next < 0 {
			next = len(run)
		} else {
			next += len(run[next:]) - len(strings.TrimLeftFunc(run[next:], unicode.IsSpace))
		}
		out.WriteString(run[:next])
		run = run[next:]
	}
	return out.String()
}

// telephone tells numbers by which somebody is reached from those of a lesson:
// years, dates, sums, decimals and binary ones.
func telephone(found string) bool {
	only := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, found)
	n := len(only)
	switch {
	case identity.MatchString(only):
		return true
	case n < 7 || n > 15 || date.MatchString(found):
		return false
	case strings.ContainsRune(found, '+'):
		return true
	case strings.Trim(only, "01") == "":
		return false
	case strings.HasPrefix(only, "00") && n >= 10:
		return true
	case strings.HasPrefix(strings.TrimLeft(found, "("), only[:2]) && only[0] == '0':
		return n >= 8 && n <= 11
	case mobile.MatchString(only) || abroad.MatchString(only):
		return true
	}
	return n >= 9 && strings.ContainsAny(found, "-–—()/_") // more digits than a date or two years
}
