package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
)

const (
	searchChunks = 20_000 // of a large school
	pupils       = 30
)

// measureSearch fills a box with made-up chunks and measures how soon sources
// show, alone and with a class asking, and how fast the exact vector search is.
func measureSearch(ctx context.Context, b *bench) ([]row, error) {
	x, remove, err := openTemporaryBox(ctx, b.cfg, box.NewEngines(b.cfg))
	if err != nil {
		return nil, err
	}
	defer remove()
	random := rand.New(rand.NewPCG(1, 2))
	if err := b.fill(ctx, x, random, searchChunks); err != nil {
		return nil, err
	}
	var rows []row
	err = x.While(ctx, func(ctx context.Context) error {
		c := box.NewClient(x.Socket)
		if _, err := timeSources(ctx, c, "Which lake is the deepest?"); err != nil { // loads the engines
			return err
		}
		var alone []float64
		for i := range 20 {
			t, err := timeSources(ctx, c, fmt.Sprintf("What grows beside lake number %d in the north?", i))
			if err != nil {
				return err
			}
			alone = append(alone, t)
		}
		together, err := timeClass(ctx, c)
		rows = append(rows,
			row{What: "sources shown, 20,000 chunks, box idle, p95", Value: 1000 * percentile(alone, 0.95), Unit: "ms", Target: 300, AtMost: true},
			row{What: "sources shown, 20,000 chunks, 30 pupils asking, p95", Value: 1000 * percentile(together, 0.95), Unit: "ms", Target: 1000, AtMost: true},
		)
		return err
	})
	if err != nil || b.chunks <= searchChunks {
		return rows, err
	}
	if err := b.fill(ctx, x, random, b.chunks-searchChunks); err != nil {
		return rows, err
	}
	var took []float64
	for range 30 {
		v := unitVector(random, x.Engines.Embedder.Dimensions())
		began := time.Now()
		if _, err := x.Store.SearchVector(ctx, appliance.DefaultOrg, appliance.Scope{All: true}, v, 10); err != nil {
			return rows, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	return append(rows, row{What: fmt.Sprintf("vector search, %d × %d, exact, p50", b.chunks, x.Engines.Embedder.Dimensions()),
		Value: 1000 * percentile(took, 0.5), Unit: "ms", Target: 20, AtMost: true}), nil
}

// timeSources is how long a question waits for its sources.
func timeSources(ctx context.Context, c *box.Client, question string) (float64, error) {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	began, took := time.Now(), math.NaN()
	err := follow(ctx, c, uuid.NewString(), question, func(e appliance.Event) {
		// Made-up passages seldom count as evidence; the verdict that nothing
		// answers the question takes the same search.
		if math.IsNaN(took) && (e.Type == appliance.EventSources || e.Type == appliance.EventDone) {
			took = time.Since(began).Seconds()
			leave() // what the model says of it is measured elsewhere
		}
	})
	if math.IsNaN(took) {
		return 0, errors.Join(errors.New("no sources came"), err)
	}
	return took, nil
}

// timeClass has a class ask at once, each pupil three times.
func timeClass(ctx context.Context, c *box.Client) ([]float64, error) {
	var (
		mu       sync.Mutex
		took     []float64
		failures []error
		class    sync.WaitGroup
	)
	for p := range pupils {
		class.Go(func() {
			for i := range 3 {
				t, err := timeSources(ctx, c, fmt.Sprintf("How deep is lake number %d of district %d?", i, p))
				mu.Lock()
				if err != nil {
					failures = append(failures, err)
				}
				took = append(took, t)
				mu.Unlock()
			}
		})
	}
	class.Wait()
	if len(failures) > 0 {
		return nil, failures[0]
	}
	return took, nil
}

// fill stores n chunks of made-up text with random vectors, as ingestion would.
func (b *bench) fill(ctx context.Context, x *labBox, random *rand.Rand, n int) error {
	fmt.Fprintf(b.progress, "storing %d chunks\n", n)
	const perSource = 2000
	for from := 0; from < n; from += perSource {
		chunks := make([]appliance.Chunk, min(perSource, n-from))
		for i := range chunks {
			chunks[i] = appliance.Chunk{
				Seq: i, Text: madeUpText(random), Language: "en", Tokens: 40,
				Vector: unitVector(random, x.Engines.Embedder.Dimensions()),
			}
		}
		if err := x.storeReady(ctx, "lakes "+uuid.NewString(), chunks); err != nil {
			return err
		}
	}
	return nil
}

// storeReady adds a source whose chunks and vectors are given.
func (x *labBox) storeReady(ctx context.Context, title string, chunks []appliance.Chunk) error {
	id := uuid.NewString()
	if _, _, err := x.Store.AddSource(ctx, appliance.DefaultOrg, appliance.Source{ID: id, Title: title, SHA256: id, Bytes: 1}, nil, appliance.Operator(appliance.DefaultOrg)); err != nil {
		return err
	}
	job, ok, err := x.Store.ClaimJob(ctx, "bench", time.Hour)
	if err != nil || !ok {
		return fmt.Errorf("the job of a source cannot be had: %v %w", ok, err)
	}
	for batch := range slices.Chunk(chunks, 200) {
		if err := x.Store.AddChunks(ctx, job, batch); err != nil {
			return err
		}
	}
	for {
		batch, _, err := x.Store.Unembedded(ctx, job, 200)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		for i := range batch {
			batch[i].Vector = chunks[batch[i].Seq].Vector
		}
		if err := x.Store.SaveVectors(ctx, job, x.Engines.Embedder.Name(), batch); err != nil {
			return err
		}
	}
	src := job.Source
	src.Chunks = len(chunks)
	return x.Store.FinishJob(ctx, job, src)
}

var lakeWords = strings.Fields("lake water deep shore fish net village boat island river stone reed bird north south metre rain season farmer market hill forest road school morning")

func madeUpText(random *rand.Rand) string {
	words := make([]string, 40)
	for i := range words {
		words[i] = lakeWords[random.IntN(len(lakeWords))]
	}
	return fmt.Sprintf("Lake number %d of district %d. %s.", random.IntN(1000), random.IntN(50), strings.Join(words, " "))
}

func unitVector(random *rand.Rand, n int) []float32 {
	v, sum := make([]float32, n), 0.0
	for i := range v {
		x := random.NormFloat64()
		v[i] = float32(x)
		sum += x * x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}
