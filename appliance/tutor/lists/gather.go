package lists

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// form is how a list is written. The first are the most certain ones.
type form int

const (
	marked      form = iota // a line an item, each with a mark
	runIn                   // marks within a line
	lines                   // a line an item below a colon, without marks
	labelled                // paragraphs that begin with a name: "Erosion. …"
	headings                // the headings below one
	column                  // of a table
	enumeration             // within a sentence
	sequence                // told in prose: first, then, at last
	slide                   // lines below nothing but a heading
)

// item is one of a list, and the texts that it stands in.
type item struct {
	text string
	from []int
}

// candidate is a list that was found.
type candidate struct {
	form     form
	lead     string // for display
	subject  string // what introduces it
	heading  string // path
	intro    string // of an enumeration: its sentence before the list
	weak     bool   // of an enumeration: only a preposition introduces it
	near     string // the sentences beside it
	around   string // the text that it stands in
	language string
	source   map[string]bool // stems of all that was found of its source
	items    []item
	ordered  bool
	head     bool // of a column: it is called what the question asks for
	stated   int  // how many items what introduces it speaks of, 0 if it does not say
	at       int  // the text that search found best
	score    float64
}

func (c *candidate) list() List {
	l := List{Lead: c.lead, Ordered: c.ordered}
	seen := map[int]bool{}
	for _, i := range c.items {
		l.Items = append(l.Items, whole(i.text))
		for _, from := range i.from {
			if !seen[from] {
				seen[from] = true
				l.From = append(l.From, from)
			}
		}
	}
	return l
}

// whole is an item for display: a long one ends with its first sentence.
func whole(item string) string {
	if utf8.RuneCountInString(item) <= maxItem {
		return item
	}
	return text.Sentences(item)[0]
}

// line is a line of the material, put together again where it was cut.
type line struct {
	text    string
	heading string
	gap     bool // something stands between it and the line above
	from    []int
}

// gather finds all lists in texts.
func gather(q question, texts []Text) []*candidate {
	var all []*candidate
	for _, run := range runs(texts) {
		if texts[run[0]].Table {
			all = append(all, columns(q, texts, run)...)
			continue
		}
		read := joined(texts, run)
		for first, i := 0, 1; i <= len(read); i++ {
			if i < len(read) && read[i].heading == read[first].heading {
				continue
			}
			part := read[first:i]
			first = i
			all = append(all, markedLists(part)...)
			all = append(all, unmarkedLists(part)...)
			all = append(all, prose(q, part)...)
		}
		all = append(all, subheadings(read)...)
	}
	sources := map[string]map[string]bool{}
	written := map[string]string{}
	for _, x := range texts {
		written[x.Source] += x.Heading + "\n" + x.Text + "\n"
		if sources[x.Source] == nil {
			sources[x.Source] = map[string]bool{}
		}
		maps.Copy(sources[x.Source], stemsOf(x.Heading+"\n"+x.Text))
	}
	for _, c := range all {
		c.at = len(texts)
		for _, i := range c.items {
			for _, from := range i.from {
				c.at = min(c.at, from)
			}
		}
		var around strings.Builder
		for _, from := range c.list().From {
			around.WriteString(texts[from].Text)
			around.WriteByte('\n')
		}
		c.around = around.String()
		c.source = sources[texts[c.at].Source]
		if c.language = text.Language(c.around); c.language == "" {
			c.language = text.Language(written[texts[c.at].Source])
		}
		c.stated = stated(q, c.subject)
		if c.stated == 0 {
			c.stated = stated(q, innermost(c.heading))
		}
	}
	return all
}

// runs are the texts that follow each other in a source, by index.
func runs(texts []Text) [][]int {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := strings.Compare(texts[a].Source, texts[b].Source); c != 0 {
			return c
		}
		return texts[a].Seq - texts[b].Seq
	})
	var all [][]int
	for n, i := range order {
		if n > 0 {
			last := order[n-1]
			switch same := texts[last].Source == texts[i].Source; {
			case same && texts[last].Seq == texts[i].Seq:
				order[n] = last // the same again
				continue
			case same && texts[last].Seq+1 == texts[i].Seq && texts[last].Table == texts[i].Table &&
				(!texts[i].Table || texts[last].Heading == texts[i].Heading && header(texts[last].Text) == header(texts[i].Text)):
				all[len(all)-1] = append(all[len(all)-1], i)
				continue
			}
		}
		all = append(all, []int{i})
	}
	return all
}

// header is the first row of a table.
func header(s string) string {
	for l := range strings.SplitSeq(s, "\n") {
		if strings.Contains(l, " | ") {
			return l
		}
	}
	return ""
}

// joined are the lines of texts that follow each other. Neighbours repeat the
// sentence or two at which they were cut, and what introduces a list.
func joined(texts []Text, run []int) []line {
	var read []line
	said := map[string]bool{} // in the text before
	for n, i := range run {
		now := map[string]bool{}
		fresh := n == 0
		for paragraph := range strings.SplitSeq(texts[i].Text, "\n\n") {
			for l, raw := range strings.Split(paragraph, "\n") {
				sentences := text.Sentences(raw)
				for s, sentence := range sentences {
					now[sentence] = true
					if !fresh && said[sentence] {
						continue
					}
					begins := s == 0
					if !begins && !fresh && len(read) > 0 { // it goes on where the text before ended
						last := &read[len(read)-1]
						last.text += " " + sentence
						last.from = appendNew(last.from, i)
						fresh = true
						continue
					}
					fresh = true
					if last := len(read) - 1; last >= 0 && (!begins || loneMark.MatchString(read[last].text)) {
						read[last].text += " " + sentence
						read[last].from = appendNew(read[last].from, i)
						continue
					}
					gap := l == 0 && begins || len(read) == 0 || read[len(read)-1].heading != texts[i].Heading
					read = append(read, line{text: sentence, heading: texts[i].Heading, gap: gap, from: []int{i}})
				}
			}
		}
		said = now
	}
	return read
}

func appendNew(list []int, n int) []int {
	if slices.Contains(list, n) {
		return list
	}
	return append(slices.Clip(list), n)
}

const bullets = `-–•*▪◦‣·✓✔➢`

var (
	loneMark  = regexp.MustCompile(`^[` + bullets + `]?\s*\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,6})[.)]$`)
	markForm  = regexp.MustCompile(`^(?:([` + bullets + `])|\(?(\d{1,2}(?:\.\d{1,2})*|[A-Za-z]|[ivxIVX]{1,6})[.)])\s+`)
	labelForm = regexp.MustCompile(`^(?i:step|stage|etape|étape|hatua|intambwe|icyiciro)\s+(\d{1,2})\s*[.:)–-]\s*`)
)

// mark is what stands before an item.
type mark struct {
	kind rune // n, a, i, s (a step), o (2.1) or the bullet; 0 for none
	n    int
}

// markOf is the mark of a line, and the line without it.
func markOf(s string) (mark, string) {
	if m := labelForm.FindStringSubmatch(s); m != nil {
		return mark{'s', atoi(m[1])}, s[len(m[0]):]
	}
	m := markForm.FindStringSubmatch(s)
	if m == nil {
		return mark{}, s
	}
	rest := s[len(m[0]):]
	switch {
	case m[1] != "":
		r, _ := utf8.DecodeRuneInString(m[1])
		if inner, after := markOf(rest); inner.kind == 'n' { // "• 2. Fill it."
			return inner, after
		}
		return mark{r, 0}, rest
	case strings.Contains(m[2], "."):
		return mark{'o', atoi(m[2][strings.LastIndex(m[2], ".")+1:])}, rest
	case m[2][0] >= '0' && m[2][0] <= '9':
		return mark{'n', atoi(m[2])}, rest
	}
	small := strings.ToLower(m[2])
	if n, ok := roman[small]; ok && (len(small) > 1 || small == "i" || small == "v" || small == "x") {
		return mark{'i', n}, rest
	}
	if len(small) == 1 {
		return mark{'a', int(small[0]-'a') + 1}, rest
	}
	return mark{}, s
}

var roman = map[string]int{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12}

func atoi(digits string) int {
	n := 0
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

// follows reports whether a mark goes on after another of the same list.
func (m mark) follows(last mark) bool {
	if last.kind == 'a' && m.kind == 'i' && last.n == 8 && m.n == 1 { // h, i
		return true
	}
	if m.kind != last.kind {
		return false
	}
	return m.n == 0 || m.n == last.n+1
}

// inside is how many lines an item may go on for, and its inner list.
const inside = 12

// markedLists are the lists whose items have marks. Of lists within lists it
// takes the outer one. What does not begin with its first item is no list.
func markedLists(part []line) []*candidate {
	var all []*candidate
	for i := 0; i < len(part); {
		first, rest := markOf(part[i].text)
		if first.kind == 0 || first.n > 1 {
			if c := runInList(part, i); c != nil {
				all = append(all, c)
			}
			i++
			continue
		}
		c := &candidate{form: marked, heading: part[i].heading, ordered: first.n > 0 && first.kind != 'a', items: []item{{rest, part[i].from}}}
		last, torn := first, false
		j := i + 1
		for j < len(part) {
			m, rest := markOf(part[j].text)
			if m.follows(last) {
				if m.kind == 'i' && last.kind == 'a' {
					m = mark{'a', 9}
				}
				c.items = append(c.items, item{rest, part[j].from})
				last = m
				j++
				continue
			}
			if m.kind == last.kind && m.n > 1 {
				torn = m.n > last.n+1
				break
			}
			if m.kind == 0 && last.n == 0 && part[j].gap {
				break
			}
			k := j + 1 // the lines of this item
			for k < len(part) && k-j < inside {
				if m, _ := markOf(part[k].text); m.follows(last) || m.kind == last.kind {
					break
				}
				k++
			}
			goesOn := false
			if k < len(part) && k-j < inside {
				m, _ := markOf(part[k].text)
				goesOn = m.follows(last) && (m.n > 0 || !slices.ContainsFunc(part[j:k+1], func(l line) bool { return l.gap }))
			}
			if !goesOn {
				break
			}
			for _, l := range part[j:k] {
				if m, _ := markOf(l.text); m.kind != 0 {
					break
				}
				it := &c.items[len(c.items)-1]
				it.text += " " + l.text
				for _, from := range l.from {
					it.from = appendNew(it.from, from)
				}
			}
			j = k
		}
		if len(c.items) > 1 && len(c.items) <= maxItems && !torn {
			c.introduce(part, i)
			all = append(all, c)
		} else if c := runInList(part, i); c != nil {
			all = append(all, c)
		}
		i = max(j, i+1)
	}
	return all
}

// introduce finds what stands above the items of a list.
func (c *candidate) introduce(part []line, first int) {
	title := innermost(c.heading)
	if first > 0 {
		above := part[first-1]
		if m, _ := markOf(above.text); m.kind == 0 {
			sentences := text.Sentences(above.text)
			if last := sentences[len(sentences)-1]; strings.HasSuffix(last, ":") || !part[first].gap {
				c.subject = last
				if pronoun(last) && len(sentences) > 1 {
					c.subject = sentences[len(sentences)-2] + " " + last
				}
				c.lead = last
				if !strings.HasSuffix(last, ":") && title != "" {
					c.lead = title
				}
				return
			}
		}
	}
	c.lead, c.subject = title, title
}

// innermost is the last heading of a path.
func innermost(heading string) string {
	if i := strings.LastIndex(heading, appliance.HeadingSeparator); i >= 0 {
		heading = heading[i+len(appliance.HeadingSeparator):]
	}
	return strings.TrimSpace(heading)
}

var inLine = regexp.MustCompile(`(?:^|[:;,.!?)(—–])\s*\(?(\d{1,2}|[a-h]|[ivx]{1,4})[.)]\s+`)

// runInList is a list within a line: "Do this: 1. Fill it. 2. Close it."
func runInList(part []line, at int) *candidate {
	s := part[at].text
	var starts, ends []int // of the items' marks
	var last mark
	for _, m := range inLine.FindAllStringSubmatchIndex(s, maxItems*2) {
		now, _ := markOf(s[m[2]:m[3]] + ". x")
		if len(starts) == 0 && now.n == 1 || len(starts) > 0 && now.follows(last) {
			begin := m[2]
			if begin > 0 && s[begin-1] == '(' {
				begin--
			}
			starts, ends, last = append(starts, begin), append(ends, m[1]), now
		}
	}
	if len(starts) < 2 {
		return nil
	}
	c := &candidate{form: runIn, heading: part[at].heading, ordered: last.kind != 'a'}
	single := true
	for i := range starts {
		to := len(s)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		body := strings.TrimSpace(s[ends[i]:to])
		sentences := text.Sentences(body)
		if len(sentences) == 0 {
			return nil
		}
		if i+1 < len(starts) {
			single = single && len(sentences) == 1
			body = trimItem(body)
		} else if single { // what follows the list is not part of its last item
			body = sentences[0]
		}
		c.items = append(c.items, item{body, part[at].from})
	}
	sentences := text.Sentences(s[:starts[0]])
	if len(sentences) == 0 {
		c.introduce(part, at)
		return c
	}
	c.lead = sentences[len(sentences)-1]
	c.subject = c.lead
	if pronoun(c.lead) && len(sentences) > 1 {
		c.subject = sentences[len(sentences)-2] + " " + c.lead
	}
	return c
}

// trimItem takes off what joins an item to the next.
func trimItem(s string) string {
	s = strings.TrimSpace(s)
	for _, joint := range []string{" and", " et", " na", " or", " ou"} {
		if t, ok := strings.CutSuffix(s, joint); ok {
			s = t
		}
	}
	return strings.TrimSpace(strings.TrimRight(s, ",; "))
}

var label = regexp.MustCompile(`^(\pL[\pL'’-]*(?: [\pL'’-]+){0,3})(?:[.:]| [–—:-]) +\S`)

// unmarkedLists are lists whose items are lines or paragraphs without marks:
// below a sentence that ends in a colon, below a heading of a slide, or each with
// a name before it.
func unmarkedLists(part []line) []*candidate {
	var all []*candidate
	for i := 0; i < len(part); i++ {
		sentences := text.Sentences(part[i].text)
		last := sentences[len(sentences)-1]
		if m, _ := markOf(part[i].text); m.kind == 0 && strings.HasSuffix(last, ":") {
			c := &candidate{form: lines, heading: part[i].heading, lead: last, subject: last}
			if pronoun(last) && len(sentences) > 1 {
				c.subject = sentences[len(sentences)-2] + " " + last
			}
			c.items = plainLines(part[i+1:])
			if len(c.items) > 1 {
				all = append(all, c)
			}
		}
	}
	if len(part) == 0 {
		return all
	}
	title := innermost(part[0].heading)
	if items := plainLines(part); len(items) == len(part) && len(items) > 1 && title != "" {
		all = append(all, &candidate{form: slide, heading: part[0].heading, lead: title, subject: title, items: items})
	}
	for i := 0; i < len(part); {
		j := i
		for j < len(part) && label.MatchString(part[j].text) {
			j++
		}
		if j-i > 1 && j-i <= maxItems {
			c := &candidate{form: labelled, heading: part[i].heading}
			for _, l := range part[i:j] {
				c.items = append(c.items, item{l.text, l.from})
			}
			c.introduce(part, i)
			all = append(all, c)
		}
		i = max(j, i+1)
	}
	return all
}

// plainLines are the lines that may be items without marks: one after the other,
// and none too long.
func plainLines(part []line) []item {
	var items []item
	for i, l := range part {
		m, _ := markOf(l.text)
		if m.kind != 0 || i > 0 && l.gap || len(items) == maxItems || utf8.RuneCountInString(l.text) > maxItem || strings.HasSuffix(l.text, ":") {
			break
		}
		items = append(items, item{l.text, l.from})
	}
	return items
}

// subheadings are the headings right below another, where each has its text.
func subheadings(read []line) []*candidate {
	var all []*candidate
	at := map[string]*candidate{}
	last := ""
	for _, l := range read {
		if l.heading == last {
			continue
		}
		last = l.heading
		i := strings.LastIndex(l.heading, appliance.HeadingSeparator)
		if i < 0 {
			continue
		}
		parent, title := l.heading[:i], innermost(l.heading)
		c := at[parent]
		if c == nil {
			c = &candidate{form: headings, heading: parent, lead: innermost(parent), subject: innermost(parent)}
			at[parent] = c
			all = append(all, c)
		}
		if !slices.ContainsFunc(c.items, func(i item) bool { return i.text == title }) {
			c.items = append(c.items, item{title, l.from})
		}
	}
	return slices.DeleteFunc(all, func(c *candidate) bool { return len(c.items) < 2 || len(c.items) > maxItems })
}

// selecting asks for some of the rows of a table.
var selecting = regexp.MustCompile(`\b(?:most|least|more|less|fewer|\pL+est|than|over|under|above|below|between|after|before|only|without|plus|moins|entre|après|avant|sans|zaidi|chini|kuliko|kurusha|munsi|hejuru)\b`)

// columns are the columns of a table that may be asked for.
func columns(q question, texts []Text, run []int) []*candidate {
	if selecting.MatchString(strings.ToLower(q.asked)) {
		return nil // only some of the rows
	}
	var head []string
	var above []string
	rows := map[int][]item{} // by column
	for n, i := range run {
		head = nil
		for l := range strings.SplitSeq(texts[i].Text, "\n") {
			if !strings.Contains(l, " | ") {
				if n == 0 && head == nil && strings.TrimSpace(l) != "" { // what introduces it
					above = append(above, l)
				}
				continue
			}
			cells := strings.Split(l, " | ")
			if head == nil {
				head = cells
				continue
			}
			for c, cell := range cells {
				if c < len(head) && strings.TrimSpace(cell) != "" && !slices.ContainsFunc(rows[c], func(i item) bool { return i.text == cell }) {
					rows[c] = append(rows[c], item{strings.TrimSpace(cell), []int{i}})
				}
			}
		}
	}
	if len(head) < 2 {
		return nil
	}
	// A question about some of the rows is not for whole columns.
	about := stemsOf(strings.Join(append(slices.Clone(above), strings.Join(head, " "), texts[run[0]].Heading), " "))
	for _, items := range rows {
		for _, i := range items {
			cell := text.Stems(i.text)
			if slices.ContainsFunc(q.topic, func(t string) bool { return cell[text.Stem(t)] && !about[text.Stem(t)] }) {
				return nil
			}
			if slices.ContainsFunc(text.Words(i.text), func(w string) bool { return ordinals[w] && q.words[text.Stem(w)] }) {
				return nil
			}
		}
	}
	var all []*candidate
	for c, name := range head {
		named := false
		for _, w := range text.Words(name) {
			for _, k := range concepts[w] {
				named = named || q.concepts[k]
			}
			named = named || !text.StopWord(q.language, w) && slices.ContainsFunc(q.topic, func(t string) bool { return text.Stem(t) == text.Stem(w) })
		}
		if !named && c > 0 || len(rows[c]) < 2 || len(rows[c]) > maxItems || slices.ContainsFunc(rows[c], func(i item) bool { return text.HasDigit(i.text) }) {
			continue
		}
		subject := name
		if len(above) > 0 {
			subject = strings.Join(above, " ") + " " + name
		}
		lead := name
		if title := innermost(texts[run[0]].Heading); title != "" {
			lead = title
		}
		head := len(q.topic) > 0 && stemsOf(name)[text.Stem(q.topic[0])]
		all = append(all, &candidate{form: column, head: head, heading: texts[run[0]].Heading, lead: lead, subject: subject, items: rows[c]})
	}
	return all
}
