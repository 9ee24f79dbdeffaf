package ingest

import (
	"context"
	"iter"
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
	Tiny    int // a page or slide with less is joined to the next (20)
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
}

// maxHeading is how much of a heading, in bytes, is embedded with its chunks.
const maxHeading = 120

// passageText is what the embedding model sees of a chunk: its innermost
// headings and its text.
func passageText(c appliance.Chunk) string {
	heading := c.Heading
	for len(heading) > maxHeading {
		_, inner, ok := strings.Cut(heading, " › ")
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

	waiting []sentence        // not measured yet
	open    []sentence        // the chunk that is being filled
	again   int               // how many of them the chunk before has too
	tokens  int               // of them all
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
		for u := range sentences(s) {
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
		counts, err := c.count(ctx, texts)
		if err != nil {
			return err
		}
		// A sentence that is longer than a chunk is cut between words, and its
		// pieces are measured anew.
		var measured []sentence
		again := false
		for i, u := range c.waiting {
			if u.tokens = counts[i]; u.tokens > c.Target && utf8.RuneCountInString(u.text) > 1 {
				measured, again = append(measured, u.cut(c.Target)...), true
			} else {
				measured = append(measured, u)
			}
		}
		if c.waiting = measured; again {
			continue
		}
		for _, u := range c.waiting {
			c.add(u)
		}
		c.waiting = c.waiting[:0]
	}
	return c.send(ctx, 1)
}

// add puts a sentence into the open chunk, or ends that and begins another.
func (c *chunker) add(u sentence) {
	if len(c.open) > 0 {
		last := c.open[len(c.open)-1]
		fresh := 0
		for _, v := range c.open[c.again:] {
			fresh += v.tokens
		}
		hard := c.tokens+u.tokens > c.limit()
		switch {
		case !u.follows(last) && (fresh >= c.Tiny || hard):
			c.end(false)
		case c.tokens+u.tokens > c.Target && (last.ends || hard):
			c.end(u.follows(last))
		}
	}
	c.open = append(c.open, u)
	c.tokens += u.tokens
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
		d := &c.ready[n-1]
		d.Text += fresh[0].before + join(fresh)
		d.Tokens += tokens
		d.Place.End = max(d.Place.End, fresh[len(fresh)-1].place.End)
	} else {
		first := home(c.open)
		d := appliance.Chunk{Text: join(c.open), Heading: first.heading, Place: first.place, Tokens: c.tokens}
		d.Place.End = c.open[len(c.open)-1].place.End
		c.ready = append(c.ready, d)
	}
	var kept []sentence
	if goesOn {
		kept = tail(c.open, c.Overlap)
	}
	c.open, c.again, c.tokens, c.goesOn = append([]sentence(nil), kept...), len(kept), 0, goesOn
	for _, u := range kept {
		c.tokens += u.tokens
	}
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
			if a, b := halve(x.Text); x.Tokens > c.most && b != "" {
				y := x
				x.Text, y.Text, again = a, b, true
				fitting = append(fitting, x, y)
			} else {
				fitting = append(fitting, x)
			}
		}
		if chunks = fitting; !again {
			return chunks, nil
		}
	}
}
