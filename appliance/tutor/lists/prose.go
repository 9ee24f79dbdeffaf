package lists

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// prose are the lists that stand within sentences, and those that sentences
// tell.
func prose(q question, part []line) []*candidate {
	var all []*candidate
	var before string // the sentence before
	var told []item   // of the paragraphs, for a sequence
	for _, l := range part {
		if m, rest := markOf(l.text); m.kind != 0 {
			told = nil
			before = ""
			if m.n == 0 && enumerated.MatchString(rest) { // an item may hold a list
				l.text = rest
			} else {
				continue
			}
		}
		sentences := text.Sentences(l.text)
		for i, s := range sentences {
			if intro, names, ok := enumerate(s, q.n); ok {
				c := &candidate{form: enumeration, heading: l.heading, subject: intro, intro: intro,
					weak: !strings.HasSuffix(intro, ":") && !strong.MatchString(lastWords(intro))}
				c.lead = strings.TrimRight(intro, " ,:")
				if pronoun(intro) {
					c.subject = before + " " + intro
					if title := innermost(l.heading); title != "" && len(text.Words(intro)) < 5 {
						c.lead = title
					}
				}
				if c.near = before; i+1 < len(sentences) {
					c.near += " " + sentences[i+1]
				}
				for _, n := range names {
					c.items = append(c.items, item{n, l.from})
				}
				all = append(all, c)
			}
			if clauses := inTurn(s); len(clauses) > 2 {
				c := &candidate{form: sequence, heading: l.heading, lead: innermost(l.heading), subject: s, ordered: true}
				for _, n := range clauses {
					c.items = append(c.items, item{n, l.from})
				}
				all = append(all, c)
			}
			told = append(told, item{s, l.from})
			before = s
		}
	}
	return append(all, sequences(q, part, told)...)
}

var enumerated = regexp.MustCompile(`, .* (?:and|or|et|ou|na|hamwe na|no) `)

// Words that stand between a list in a sentence and what introduces it. The
// strong ones do nothing else.
var (
	strong = regexp.MustCompile(`(?i)[ ](?:are called|are|is|were|was|includes?|namely|called|consists? of|is made of|are made of|made up of|comprises?|sont|comprend|comprennent|contient|s'appellent|se compose de|ni pamoja na|ni|ndio|ndizo|yaani|zinaitwa|harimo|birimo|bigizwe na|igizwe na|bigizwe n'|ari|bita)[ ]`)
	weak   = regexp.MustCompile(`(?i)[ ](?:by|into|of|contains?|has|have|needs?|through|from|with|as|par|en|a|ont|de|dans|kwa|ina|zina|kuwa|kama|na|mu|nka)[ ]`)
	// open introduces examples: there are more.
	open = regexp.MustCompile(`(?i)[ ,(](?:such as|including|like|for example|e\.g\.|for instance|comme|par exemple|tels? que|telles? que|kama vile|kama|mfano|nka|urugero|zikiwemo|birimo nka)[ ,]`)
	// joint is the word before the last of a list.
	joint = regexp.MustCompile(`(?i)(?:^|[ ])(?:and|or|et|ou|na|au|as well as|ainsi que|hamwe na|ndetse na|no|pamoja na)[ ]|(?:^|[ ])n['’]`)
	// aside begins what is no item: a clause.
	aside = text.Set(`how what why to as he she it they we you i which who whom that so because but while when where if then this these there
		il elle ils elles on nous vous qui que dont car mais quand si alors ce cela ambayo ambao ambazo lakini kwa kwamba ariko kuko iyo`)
)

// longest is how many words an item of a list within a sentence has at most.
const longest = 9

// enumerate takes a sentence that lists things apart: what introduces them, and
// the things.
func enumerate(s string, wanted int) (intro string, names []string, ok bool) {
	s = strings.TrimRight(strings.TrimSpace(s), ".!;… ")
	if len(s) > 1000 || open.MatchString(s) && !strings.Contains(s, ":") {
		return "", nil, false
	}
	if i := colon(s); i >= 0 {
		list, joined := split(s[i+1:], longest+5)
		if len(list) > 2 || len(list) == 2 && joined {
			return s[:i+1], list, true
		}
		return "", nil, false
	}
	if i := strings.Index(s, "—"); i > 0 { // "on three factors—the mass, …"
		before, after := s[:i], s[i+len("—"):]
		if list, joined := split(after, longest+5); joined && statedAnywhere(before) == len(list) {
			return before, list, true
		}
	}
	parts := commas(s)
	for i, p := range parts[1:] {
		if words := text.Words(p); len(words) == 0 || aside[words[0]] {
			parts = parts[:i+1]
			break
		}
	}
	for len(parts) > 1 && !joint.MatchString(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) < 2 {
		if wanted != 2 {
			return "", nil, false
		}
		m := strong.FindAllStringIndex(s, -1) // "The two parts are the bow and the string."
		if m == nil {
			return "", nil, false
		}
		at := m[len(m)-1][1]
		list, joined := split(s[at:], 5)
		return s[:at], list, joined && len(list) == 2
	}
	// "the six machines, the lever, the pulley and the screw"
	if n := statedAnywhere(parts[0]); n > 2 {
		list, joined := split(strings.Join(parts[1:], ", "), longest)
		if joined && len(list) == n {
			return parts[0], list, true
		}
	}
	for _, trigger := range []*regexp.Regexp{strong, weak} {
		found := trigger.FindAllStringIndex(" "+parts[0], -1)
		if found == nil {
			continue
		}
		at := max(found[len(found)-1][1]-1, 0)
		most := longest
		if trigger == weak {
			most = 5
		}
		list, joined := split(strings.Join(append([]string{parts[0][at:]}, parts[1:]...), ", "), most)
		if joined && len(list) > 2 {
			return parts[0][:at], list, true
		}
	}
	return "", nil, false
}

// colon is where a list may begin after a colon, -1 if nowhere.
func colon(s string) int {
	i := strings.Index(s, ":")
	if i < 0 || i+1 >= len(s) || s[i+1] != ' ' && !strings.HasPrefix(s[i+1:], "\u00a0") {
		return -1
	}
	return i
}

// commas cuts at the commas that stand outside of brackets and numbers.
func commas(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		case ',', ';':
			if depth == 0 && i+1 < len(s) && s[i+1] == ' ' {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

// split is a list of things with commas between them, and a word before the
// last; nil if they are no things. joined says whether that word is there.
func split(s string, most int) (list []string, joined bool) {
	parts := commas(s)
	last := parts[len(parts)-1]
	if m := joint.FindStringIndex(last); m != nil {
		joined = true
		left, right := strings.TrimSpace(last[:m[0]]), strings.TrimSpace(last[m[1]:])
		parts = parts[:len(parts)-1]
		if left != "" {
			parts = append(parts, left)
		}
		parts = append(parts, right)
	}
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" && len(list) > 0 {
			continue
		}
		words := text.Words(p)
		if len(words) == 0 || len(words) > most || aside[words[0]] {
			return nil, false
		}
		list = append(list, p)
	}
	if len(list) > maxItems {
		return nil, false
	}
	return list, joined
}

// turn parts the clauses of one sentence that tells what comes after what.
var turn = regexp.MustCompile(`(?i)(?:[,;]| and| et| na| kandi) (?:and |et |na )?(?:then|next|after that|finally|lastly|puis|ensuite|enfin|finalement|kisha|halafu|baadaye|hatimaye|mwishowe|hanyuma|nyuma yaho|amaherezo)[ ,]`)

func inTurn(s string) []string {
	var clauses []string
	start := 0
	for _, m := range turn.FindAllStringIndex(s, maxItems) {
		clauses = append(clauses, trimItem(s[start:m[0]]))
		start = m[0]
		for start < m[1] && strings.ContainsRune(",; ", rune(s[start])) {
			start++
		}
	}
	if start == 0 || len(clauses) < 2 {
		return nil
	}
	clauses = append(clauses, strings.TrimRight(strings.TrimSpace(s[start:]), "."))
	for i := range clauses {
		if m := joint.FindStringIndex(clauses[i]); m != nil && m[0] == 0 {
			clauses[i] = clauses[i][m[1]:]
		}
	}
	return clauses
}

// Words near the beginning of a sentence that say where it stands in a sequence.
var (
	firsts = regexp.MustCompile(`(?i)\b(?:first(?:ly)?|first of all|at first|to begin with|begins? (?:with|by|when)|starts? (?:with|by|when|in)|d'abord|premièrement|en premier lieu|commence par|kwanza|kwanza kabisa|awali|mwanzoni|mbere na mbere|bwa mbere|icya mbere|ubwa mbere)\b`)
	nexts  = regexp.MustCompile(`(?i)^\W*(?:\pL+ )?(?:second(?:ly)?|third(?:ly)?|fourth(?:ly)?|then|next|after that|afterwards|later|puis|ensuite|après cela|deuxièmement|troisièmement|quatrièmement|kisha|halafu|baadaye|baada ya hapo|pili|tatu|nne|hanyuma|nyuma yaho|nyuma y'ibyo|icya kabiri|icya gatatu|icya kane|ubwa kabiri|ubwa gatatu)\b`)
	lasts  = regexp.MustCompile(`(?i)^\W*(?:and )?(?:finally|last(?:ly)?|last of all|at last|in the end|enfin|finalement|pour finir|en dernier lieu|hatimaye|mwishowe|mwisho|amaherezo|icya nyuma|ubwa nyuma)\b`)
)

// furthest is how many sentences may stand between two steps that are told.
const furthest = 4

// sequences are the steps that sentences tell: first, next, last. What is said
// in between belongs to the step before, unless the steps are as many as asked.
func sequences(q question, part []line, told []item) []*candidate {
	var all []*candidate
	for i := 0; i < len(told); i++ {
		if m := firsts.FindStringIndex(told[i].text); m == nil || m[0] > 60 {
			continue
		}
		steps := []int{i}
		ended := false
		for j := i + 1; j < len(told) && !ended && j-steps[len(steps)-1] <= furthest && len(steps) < maxItems; j++ {
			switch {
			case lasts.MatchString(told[j].text):
				steps, ended = append(steps, j), true
			case nexts.MatchString(told[j].text):
				steps = append(steps, j)
			}
		}
		if len(steps) < 3 {
			continue
		}
		c := &candidate{form: sequence, heading: part[0].heading, lead: innermost(part[0].heading), ordered: true}
		if i > 0 {
			c.subject = told[i-1].text + " "
		}
		for n, at := range steps {
			it := item{told[at].text, slices.Clone(told[at].from)}
			if q.n != len(steps) && n+1 < len(steps) {
				for _, more := range told[at+1 : steps[n+1]] {
					it.text += " " + more.text
					for _, from := range more.from {
						it.from = appendNew(it.from, from)
					}
				}
			}
			c.items = append(c.items, it)
			c.subject += told[at].text + " "
		}
		all = append(all, c)
		i = steps[len(steps)-1]
	}
	return all
}

var pronouns = text.Set(`they these it this those that he she we ils elles ce ces il elle on cela hizi hivi haya hii ni izi ibi aya iyi`)

// pronoun reports whether a sentence speaks of what the one before names.
func pronoun(s string) bool {
	words := text.Words(s[:min(len(s), 80)])
	if len(words) == 0 {
		return true
	}
	return pronouns[words[0]] || len(words) > 1 && (words[0] == "in" || words[0] == "for") && pronouns[words[1]]
}

// lastWords is the end of what introduces a list, where its verb stands.
func lastWords(s string) string {
	words := strings.Fields(s)
	return " " + strings.Join(words[max(0, len(words)-3):], " ") + " "
}
