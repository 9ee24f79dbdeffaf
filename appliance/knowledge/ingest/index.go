package ingest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// embedAtOnce is how many chunks are embedded in one turn on the processor: a
// second's work on two slow cores.
const embedAtOnce = 8

// chunk is the second stage: parts into chunks. The chunks that are there
// already are passed over; the last of them proves that they are the same.
func (w *work) chunk(ctx context.Context) error {
	if err := w.show(ctx, appliance.StepIndexing, w.before(), -1); err != nil {
		return err
	}
	last, resumed, err := w.store.LastChunk(ctx, w.job)
	if err != nil {
		return err
	}
	languages := map[string]int{}
	stored := 0
	c := &chunker{Chunking: w.cfg.Chunking, most: w.cfg.Embedder.MaxTokens(), count: w.cfg.Embedder.CountTokens}
	c.emit = func(chunks []appliance.Chunk) error {
		fresh := chunks[:0]
		for _, x := range chunks {
			if w.src.ToldLanguage != "" {
				x.Language = w.src.ToldLanguage
			}
			languages[x.Language] += x.Tokens
			stored++
			switch {
			case !resumed || x.Seq > last.Seq:
				fresh = append(fresh, x)
			case x.Seq == last.Seq && x.Text != last.Text:
				return errors.Join(errChanged, w.store.ClearChunks(ctx, w.job))
			}
		}
		return w.store.AddChunks(ctx, w.job, fresh)
	}
	done, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	words := newSketch()
	if err := c.chunkAll(ctx, func(yield func(appliance.Section, error) bool) {
		for s, err := range w.sections(ctx) {
			words.add(s.Text)
			if !yield(s, err) {
				return
			}
		}
	}); err != nil {
		return err
	}
	w.src.Sketch = words.bytes()
	silent := w.src.Duration > 0
	if stored == 0 && !silent {
		return problem.New(problem.Unreadable, "no_text", "No text could be found in this file.",
			"If it holds scanned pages or photos, make them again with more light and at 300 dpi.", nil)
	}
	if w.src.Language = w.src.ToldLanguage; w.src.Language == "" {
		w.src.Language = mostOf(languages)
	}
	return w.next(ctx, appliance.StageEmbed)
}

// sections visits everything that the first stage stored, as teachers have
// mended and ordered it. What was said comes sentence by sentence.
func (w *work) sections(ctx context.Context) iter.Seq2[appliance.Section, error] {
	return func(yield func(appliance.Section, error) bool) {
		said := spoken{yield: func(s appliance.Section) bool { return yield(s, nil) }}
		order, err := w.store.PartOrder(ctx, w.job)
		for some := range slices.Chunk(order, 8) {
			var parts []appliance.Part
			if err == nil {
				parts, err = w.store.Mended(ctx, w.job, some)
			}
			for _, stored := range parts {
				var p part
				if p, err = decodePart(stored); err != nil {
					break
				}
				for _, s := range p.Sections {
					more := false
					if p.To > 0 { // a window of a recording
						more = said.add(s)
					} else {
						more = yield(s, nil)
					}
					if !more {
						return
					}
				}
			}
		}
		if err != nil {
			yield(appliance.Section{}, err)
			return
		}
		said.flush()
	}
}

// mostOf is the language of most of the text.
func mostOf(languages map[string]int) (most string) {
	for l, n := range languages {
		if n > languages[most] || n == languages[most] && l < most {
			most = l
		}
	}
	return most
}

// before is where the bar stands when the reading is over.
func (w *work) before() float64 {
	if w.src.Kind == appliance.KindAudio || w.src.Kind == appliance.KindVideo {
		return readRecording
	}
	return readDocument
}

// embed is the last stage: a vector for every chunk, and then the source is
// ready.
func (w *work) embed(ctx context.Context) error {
	if err := w.store.AdoptVectors(ctx, w.job, w.cfg.Embedder.Name()); err != nil {
		return err
	}
	total := 0
	for {
		chunks, left, err := w.store.Unembedded(ctx, w.job, embedAtOnce)
		if err != nil {
			return err
		}
		if left == 0 {
			break
		}
		if total == 0 {
			total = left
		}
		done := w.before() + (1-w.before())*(1-float64(left)/float64(total))
		if w.src.Status == appliance.StatusReady {
			if err := w.makeWay(ctx); err != nil {
				return err
			}
			w.src.Vectors = w.src.Chunks - left
			done = float64(w.src.Vectors) / float64(w.src.Chunks)
		}
		if err := w.show(ctx, appliance.StepIndexing, done, w.pace.embedding(float64(left))); err != nil {
			return err
		}
		if err := w.embedSome(ctx, chunks); err != nil {
			return err
		}
	}
	return w.finish(ctx)
}

// finish makes the source ready. One that was made of a newer file leaves the
// old one's file behind.
func (w *work) finish(ctx context.Context) error {
	var old appliance.Source
	if w.src.Replaces != "" {
		var err error
		if old, err = w.store.Source(ctx, w.job.Org, whole, w.src.Replaces); err != nil {
			return err
		}
	}
	if err := w.store.FinishJob(ctx, w.job, w.src); err != nil {
		return err
	}
	if w.src.Replaces != "" && old.SHA256 != w.src.SHA256 {
		if err := w.dropFile(context.WithoutCancel(ctx), w.job.Org, old.SHA256); err != nil {
			w.cfg.Log.Warn("could not remove the file of an older version", "source", old.ID, "error", err)
		}
	}
	return nil
}

func (w *work) embedSome(ctx context.Context, chunks []appliance.Chunk) error {
	done, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	texts := make([]string, len(chunks))
	for i, c := range chunks {
		texts[i] = passageText(c)
	}
	vectors, err := w.cfg.Embedder.EmbedPassages(ctx, texts)
	if err != nil {
		return err
	}
	for i := range chunks {
		chunks[i].Vector = vectors[i]
	}
	if err := w.store.SaveVectors(ctx, w.job, w.cfg.Embedder.Name(), chunks); err != nil {
		return err
	}
	w.moved = true
	w.pace.measured(&w.pace.perChunk, time.Since(began).Seconds(), float64(len(chunks)))
	return nil
}
