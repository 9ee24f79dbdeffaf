// Package sums works out problems of arithmetic by code: the rule comes from the
// material, the numbers from the question, and every step is shown.
//
// A model that reckons in its head is wrong often and sounds right always. Code
// reckons exactly, but it understands little. So it answers only where a rule of
// the material leaves one thing unknown, every quantity of the question has one
// place in that rule, and the dimensions agree: metres by seconds are no area. A
// number left over, two rules that disagree, a word that changes the problem
// ("each", "twice"), and the question is somebody else's.
package sums

// Text is a piece of material: its heading path and its text; the rows of tables
// are lines of cells separated by " | ".
type Text struct{ Heading, Text string }

// Solution is a problem worked out.
type Solution struct {
	Answer string   // one sentence with the result and its unit, in the question's language
	Steps  []string // the rule, the numbers put in, the result
	From   int      // index of the Text that the rule stands in; -1 if it needs none
	Rule   string   // the sentence or formula of the material that was used, as it stands there
}

// maxQuestion and maxTexts bound the work for one question, in bytes.
const (
	maxQuestion = 4000
	maxTexts    = 200_000
)

// Asks reports whether a question is a worked problem: it gives numbers and asks
// for another.
func Asks(question, language string) bool {
	if len(question) > maxQuestion {
		return false
	}
	if _, ok := arithmetic(question, language); ok {
		return true
	}
	q, ok := read(question, language)
	return ok && q.wanted() && len(q.given) > 0
}

// Solve works a question out by a rule that stands in the texts. It reports false
// when there is none, or it does not fit, or two of them disagree.
func Solve(question, language string, texts []Text) (Solution, bool) {
	if len(question) > maxQuestion {
		return Solution{}, false
	}
	if s, ok := arithmetic(question, language); ok {
		return s, true
	}
	q, ok := read(question, language)
	if !ok || q.ask < 0 || len(q.given) == 0 {
		return Solution{}, false
	}
	q.texts = texts
	var found []worked
	size := 0
	for i, t := range texts {
		if size += len(t.Text); size > maxTexts {
			break
		}
		for _, try := range []func(*problem, Text) []worked{percentages, means, proportions, formulas} {
			for _, w := range try(q, t) {
				w.From = i
				found = append(found, w)
			}
		}
	}
	if len(found) == 0 {
		return Solution{}, false
	}
	for _, w := range found[1:] {
		if w.value.Cmp(found[0].value) != 0 || w.target != found[0].target {
			return Solution{}, false
		}
	}
	return found[0].Solution, true
}
