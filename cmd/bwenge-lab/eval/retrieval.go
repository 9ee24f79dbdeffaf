package eval

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// Question is a line of a retrieval set: Gold is the name, without extension,
// of the file that holds the answer.
type Question struct {
	Question string `json:"question"`
	Gold     string `json:"gold"`
}

// Search returns the k best passages for a question, best first.
type Search func(ctx context.Context, question string, k int) ([]appliance.Passage, error)

// RetrievalReport compares the two parts of the search and what the box makes
// of them.
type RetrievalReport struct {
	N      int    `json:"n"`
	BM25   Recall `json:"bm25"`
	Vector Recall `json:"vector"`
	Hybrid Recall `json:"hybrid"`
}

// Recall is how often a passage of the gold file is among the first k, the
// mean of 1/rank within the first ten, and the time a search took.
type Recall struct {
	At1  float64 `json:"recall_at_1"`
	At5  float64 `json:"recall_at_5"`
	At10 float64 `json:"recall_at_10"`
	MRR  float64 `json:"mrr"`
	P50  float64 `json:"p50_ms"`
	P95  float64 `json:"p95_ms"`
}

// Retrieval asks every question of the three searches.
func Retrieval(ctx context.Context, questions []Question, bm25, vector, hybrid Search) (RetrievalReport, error) {
	report := RetrievalReport{N: len(questions)}
	for _, part := range []struct {
		search Search
		recall *Recall
	}{{bm25, &report.BM25}, {vector, &report.Vector}, {hybrid, &report.Hybrid}} {
		recall, err := measure(ctx, questions, part.search)
		if err != nil {
			return RetrievalReport{}, err
		}
		*part.recall = recall
	}
	return report, nil
}

func measure(ctx context.Context, questions []Question, search Search) (Recall, error) {
	const deepest = 10
	var at1, at5, at10 int
	var mrr float64
	var took []time.Duration
	for i, q := range questions {
		began := time.Now()
		passages, err := search(ctx, q.Question, deepest)
		if err != nil {
			return Recall{}, fmt.Errorf("question %d: %w", i+1, err)
		}
		took = append(took, time.Since(began))
		rank := rankOf(q.Gold, passages)
		if rank == 0 || rank > deepest {
			continue
		}
		at10++
		mrr += 1 / float64(rank)
		if rank <= 5 {
			at5++
		}
		if rank == 1 {
			at1++
		}
	}
	n := len(questions)
	return Recall{At1: share(at1, n), At5: share(at5, n), At10: share(at10, n), MRR: share(mrr, n),
		P50: percentile(took, 0.5), P95: percentile(took, 0.95)}, nil
}

// rankOf returns the 1-based place of the first passage of the gold file, 0 if
// there is none.
func rankOf(gold string, passages []appliance.Passage) int {
	for i, p := range passages {
		if sameFile(gold, p.SourceTitle) {
			return i + 1
		}
	}
	return 0
}

// sameFile compares a gold name with a source's title, with or without its
// extension.
func sameFile(gold, title string) bool {
	return title == gold || strings.TrimSuffix(title, path.Ext(title)) == gold
}
