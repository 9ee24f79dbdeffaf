package ingest

import (
	"context"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/text"
)

// Chunking says how long chunks are, in tokens of the embedding model. Zero
// fields have defaults.
type Chunking struct {
	Target  int // a chunk ends at the first sentence end before this (180)
	Overlap int // of its last sentences, one or two are repeated if they fit this (45)
	Tiny    int // a page with less is joined to the next (20)
	Scrap   int // text under a heading with less is joined to what follows, each under its heading (8)
}

func (c *Chunking) setDefaults() {
	if c.Target == 0 {
		c.Target = 180
	}
	if c.Overlap == 0 {
		c.Overlap = c.Target / 4
	}
	if c.Tiny == 0 {
		c.Tiny = 20
	}
	if c.Scrap == 0 {
		c.Scrap = 8
	}
}

// maxHeading is how much of a heading, in bytes, is embedded with its chunks.
const maxHeading = 120

// passageText is what the embedding model sees of a chunk: its innermost
// headings and its text.
func passageText(c appliance.Chunk) string {
	heading := c.Heading
	for len(heading) > maxHeading {
		_, inner, ok := strings.Cut(heading, appliance.HeadingSeparator)
		if !ok {
			heading = strings.ToValidUTF8(heading[:maxHeading], "")
			break
		}
		heading = inner
	}
	if heading == "" || strings.HasPrefix(c.Text, heading) {
		return c.Text
	}
	return heading + "\n" + c.Text
}

// counter measures texts; it is the embedder's CountTokens.
type counter func(ctx context.Context, texts []string) ([]int, error)

// chunker cuts sections into chunks. The same sections give the same chunks.
type chunker struct {
	Chunking
	most  int // tokens of a passage that one vector can hold
	count counter
	emit  func([]appliance.Chunk) error

	cutter  cutter
	leads   map[string]int    // tokens of what introduces a list or a table
	waiting []sentence        // not measured yet
	open    []sentence        // the chunk that is being filled
	again   int               // how many of them the chunk before has too
	tokens  int               // of them all, and of what introduces the first
	goesOn  bool              // it stands where the chunk before stands
	ready   []appliance.Chunk // ended, not emitted yet; the last may still grow
	seq     int
}

// measureAtOnce is how many sentences are measured in one request.
const measureAtOnce = 256

// chunkAll cuts all sections and emits the chunks in order, some at a time.
func (c *chunker) chunkAll(ctx context.Context, sections iter.Seq2[appliance.Section, error]) error {
	for s, err := range sections {
		if err != nil {
			return err
		}
		for u := range c.cutter.sentences(s) {
			c.waiting = append(c.waiting, u)
			if len(c.waiting) >= measureAtOnce {
				if err := c.measure(ctx); err != nil {
					return err
				}
			}
		}
	}
	if err := c.measure(ctx); err != nil {
		return err
	}
	c.end(false)
	return c.send(ctx, 0)
}

// measure counts the waiting sentences and fills chunks with them.
func (c *chunker) measure(ctx context.Context) error {
	for len(c.waiting) > 0 {
		texts := make([]string, len(c.waiting))
		for i, u := range c.waiting {
			texts[i] = u.text
		}
		var leads []string
		for _, u := range c.waiting {
			if _, known := c.leads[u.lead]; !known && u.lead != "" && !slices.Contains(leads, u.lead) {
				leads = append(leads, u.lead)
			}
		}
		counts, err := c.count(ctx, append(texts, leads...))
		if err != nil {
			return err
		}
		if len(c.leads) > 1000 || c.leads == nil {
			kept := c.leads
			c.leads = map[string]int{}
			for _, u := range c.waiting {
				if n, ok := kept[u.lead]; ok {
					c.leads[u.lead] = n
				}
			}
		}
		for i, lead := range leads {
			c.leads[lead] = counts[len(texts)+i]
		}
		// A sentence that is longer than a chunk is cut between words, and its
		// pieces are measured anew. A row is cut only if no vector can hold it.
		var measured []sentence
		again := false
		for i, u := range c.waiting {
			longest := c.Target
			if u.row != nil {
				longest = max(c.limit()-c.leads[u.lead], c.Target)
			}
			if u.tokens = counts[i]; u.tokens > longest && utf8.RuneCountInString(u.text) > 1 {
				measured, again = append(measured, u.cut(c.Target)...), true
			} else {
				measured = append(measured, u)
			}
		}
		if c.waiting = measured; again {
			continue
		}
		for i, u := range c.waiting {
			c.add(u, c.waiting[i+1:])
		}
		c.waiting = c.waiting[:0]
	}
	return c.send(ctx, 1)
}

// add puts a sentence into the open chunk, or ends that and begins another.
// next are the sentences behind it, as far as they are known.
func (c *chunker) add(u sentence, next []sentence) {
	if len(c.open) > 0 {
		last := c.open[len(c.open)-1]
		fresh := 0
		for _, v := range c.open[c.again:] {
			fresh += v.tokens
		}
		hard := c.tokens+u.tokens > c.limit()
		scrap := fresh < c.Tiny && !hard
		switch {
		case u.unit() != last.unit():
			c.end(false)
		case u.heading != last.heading && (fresh >= c.Scrap || hard):
			c.end(false)
		case u.of != last.of && (last.of != nil || !scrap):
			c.end(false)
		case !u.follows(last) && !scrap && u.heading == last.heading:
			c.end(false)
		case u.block != 0 && u.block != last.block && c.splits(u, next) && !scrap:
			c.end(false)
		case c.tokens+u.tokens > c.Target && (last.ends || hard):
			c.end(u.follows(last))
		}
	}
	if c.introduces(u) {
		c.tokens += c.leads[u.lead]
	}
	c.open = append(c.open, u)
	c.tokens += u.tokens
}

// splits reports whether a list that begins with u would be torn for no need: it
// fits a chunk of its own and not the open one, or its introduction would stay
// behind alone.
func (c *chunker) splits(u sentence, next []sentence) bool {
	all, start := u.tokens, u.tokens
	begun := u.lead != ""
	for _, v := range next {
		if v.block != u.block {
			break
		}
		all += v.tokens
		if !begun {
			start += v.tokens
			begun = v.lead != ""
		}
	}
	return c.tokens+start > c.Target || c.tokens+all > c.Target && all <= c.limit()
}

// introduces reports whether u needs its introduction above it: it begins the
// chunk, or the chunk's rows.
func (c *chunker) introduces(u sentence) bool {
	if u.lead == "" {
		return false
	}
	return len(c.open) == 0 || u.of != nil && c.open[len(c.open)-1].of != u.of
}

// limit is how far a chunk may go to reach the end of a sentence.
func (c *chunker) limit() int {
	return min(c.Target*3/2, c.most-maxHeading/2)
}

// end closes the open chunk. If the text goes on, the next chunk begins with
// the last sentences of this one.
func (c *chunker) end(goesOn bool) {
	fresh := c.open[c.again:]
	if len(fresh) == 0 {
		c.open, c.again, c.tokens, c.goesOn = nil, 0, 0, false
		return
	}
	tokens := 0
	for _, u := range fresh {
		tokens += u.tokens
	}
	if n := len(c.ready); c.goesOn && tokens < c.Tiny && c.ready[n-1].Tokens+tokens <= c.limit() {
		// Too little to stand alone: it goes to the chunk before.
		grow(&c.ready[n-1], fresh)
		c.ready[n-1].Tokens += tokens
	} else {
		d := compose(c.open)
		d.Tokens = c.tokens
		c.ready = append(c.ready, d)
	}
	var kept []sentence
	if last := c.open[len(c.open)-1]; goesOn && last.of == nil && last.lead == "" {
		kept = tail(c.open, c.Overlap)
	}
	c.open, c.again, c.tokens, c.goesOn = append([]sentence(nil), kept...), len(kept), 0, goesOn
	for _, u := range kept {
		c.tokens += u.tokens
	}
}

// grow adds sentences to a chunk that ends just before them.
func grow(d *appliance.Chunk, list []sentence) {
	at := len(d.Text) + len(list[0].before)
	d.Text += list[0].before + join(list)
	for i, u := range list {
		if i > 0 {
			at += len(u.before)
		}
		if u.place.End > 0 {
			d.Marks = append(d.Marks, appliance.Mark{At: at, Start: u.place.Start, End: u.place.End})
		}
		at += len(u.text)
		if u.row != nil && d.Table != nil {
			addRow(d.Table, u)
		}
	}
	d.Place.End = max(d.Place.End, list[len(list)-1].place.End)
}

// compose makes a chunk of sentences. Where they stand under several headings,
// the chunk has what those share, and each of them keeps its own in the text.
func compose(list []sentence) appliance.Chunk {
	first := home(list)
	d := appliance.Chunk{Heading: first.heading, Place: first.place}
	d.Place.End = list[len(list)-1].place.End
	for _, u := range list {
		d.Heading = sharedHeading(d.Heading, u.heading)
	}
	var b strings.Builder
	for i, u := range list {
		own := ""
		if u.heading != d.Heading && (i == 0 || u.heading != list[i-1].heading) {
			own = strings.TrimPrefix(strings.TrimPrefix(u.heading, d.Heading), appliance.HeadingSeparator)
		}
		switch {
		case i == 0:
		case own != "":
			b.WriteString("\n\n")
		case u.of != list[i-1].of:
			b.WriteString("\n\n")
		default:
			b.WriteString(u.before)
		}
		if own != "" && !strings.HasPrefix(u.text, own) {
			b.WriteString(own + "\n")
		}
		if u.lead != "" && (i == 0 || u.of != nil && list[i-1].of != u.of) {
			b.WriteString(u.lead + "\n")
		}
		if u.place.End > 0 {
			d.Marks = append(d.Marks, appliance.Mark{At: b.Len(), Start: u.place.Start, End: u.place.End})
		}
		b.WriteString(u.text)
		if u.row != nil {
			if d.Table == nil {
				d.TableNo = u.of.no
				d.Table = &appliance.Table{Caption: u.of.caption, Columns: u.of.columns}
			}
			addRow(d.Table, u)
		}
	}
	d.Text = b.String()
	return d
}

// addRow adds a row to a piece of a table.
func addRow(t *appliance.Table, u sentence) {
	t.Rows = append(t.Rows, u.row)
	if u.repeats != nil || t.Repeats != nil {
		for len(t.Repeats) < len(t.Rows)-1 {
			t.Repeats = append(t.Repeats, nil)
		}
		t.Repeats = append(t.Repeats, u.repeats)
	}
}

// sharedHeading is the path that two headings share.
func sharedHeading(a, b string) string {
	if a == b {
		return a
	}
	as, bs := strings.Split(a, appliance.HeadingSeparator), strings.Split(b, appliance.HeadingSeparator)
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return strings.Join(as[:n], appliance.HeadingSeparator)
}

// home is the first sentence of where most of a chunk stands: it may begin with
// a page that holds but a word.
func home(list []sentence) sentence {
	best, most := 0, 0
	for from, tokens, i := 0, 0, 0; i < len(list); i++ {
		if i > 0 && !list[i].follows(list[i-1]) {
			from, tokens = i, 0
		}
		if tokens += list[i].tokens; tokens > most {
			best, most = from, tokens
		}
	}
	return list[best]
}

// tail is the last one or two sentences, if they are whole and fit.
func tail(list []sentence, tokens int) []sentence {
	from := len(list)
	for n := 0; n < 2 && from > 0; n++ {
		u := list[from-1]
		whole := from == 1 || list[from-2].ends
		if u.tokens > tokens || !whole || !u.ends {
			break
		}
		tokens -= u.tokens
		from--
	}
	if from == 0 {
		return nil // all of it would only repeat the chunk
	}
	return list[from:]
}

// send measures ended chunks as they will be embedded and emits all but the
// last keep.
func (c *chunker) send(ctx context.Context, keep int) error {
	if len(c.ready) <= keep {
		return nil
	}
	out := append([]appliance.Chunk(nil), c.ready[:len(c.ready)-keep]...)
	c.ready = append(c.ready[:0], c.ready[len(out):]...)
	out, err := c.fit(ctx, out)
	if err != nil {
		return err
	}
	for i := range out {
		out[i].Seq = c.seq
		out[i].Language = text.Language(out[i].Text)
		c.seq++
	}
	return c.emit(out)
}

// fit halves chunks that turn out too long for one vector: tokens of sentences
// do not quite add up, and headings vary.
func (c *chunker) fit(ctx context.Context, chunks []appliance.Chunk) ([]appliance.Chunk, error) {
	for {
		texts := make([]string, len(chunks))
		for i, x := range chunks {
			texts[i] = passageText(x)
		}
		counts, err := c.count(ctx, texts)
		if err != nil {
			return nil, err
		}
		var fitting []appliance.Chunk
		again := false
		for i, x := range chunks {
			x.Tokens = counts[i]
			if a, b := halve(x); x.Tokens > c.most && b.Text != "" {
				fitting, again = append(fitting, a, b), true
			} else {
				fitting = append(fitting, x)
			}
		}
		if chunks = fitting; !again {
			return chunks, nil
		}
	}
}

// halve divides a chunk between two words near its middle, or between two rows.
func halve(x appliance.Chunk) (a, b appliance.Chunk) {
	a, b = x, x
	a.Marks, b.Marks = nil, nil
	if t := x.Table; t != nil && len(t.Rows) > 1 {
		head := &tableHead{caption: t.Caption, columns: t.Columns}
		lines := func(rows [][]string) string {
			var b strings.Builder
			for _, row := range rows {
				b.WriteString("\n" + head.line(row))
			}
			return b.String()
		}
		if above, ok := strings.CutSuffix(x.Text, lines(t.Rows)); ok {
			first, second := *t, *t
			first.Rows, second.Rows = t.Rows[:len(t.Rows)/2], t.Rows[len(t.Rows)/2:]
			if n := len(first.Rows); len(t.Repeats) == len(t.Rows) {
				first.Repeats, second.Repeats = t.Repeats[:n], t.Repeats[n:]
			}
			a.Table, b.Table = &first, &second
			a.Text = above + lines(first.Rows)
			b.Text = strings.TrimSpace(head.lead() + lines(second.Rows))
			return a, b
		}
	}
	i := wordEnd(x.Text, (len(x.Text)+1)/2)
	a.Text, b.Text = strings.TrimSpace(x.Text[:i]), strings.TrimSpace(x.Text[i:])
	b.Table, b.TableNo = nil, 0
	for _, m := range x.Marks {
		if m.At < i {
			a.Marks = append(a.Marks, m)
		} else {
			m.At = max(m.At-(len(x.Text)-len(b.Text)), 0)
			b.Marks = append(b.Marks, m)
		}
	}
	return a, b
}
