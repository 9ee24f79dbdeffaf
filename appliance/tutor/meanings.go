package tutor

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/bwenge-os/bwenge/models"
)

// meanings keeps the vectors of sentences that were compared with a question:
// a class asks about the same pages. They depend on nothing but the text.
type meanings struct {
	mu    sync.Mutex
	kept  map[[sha256.Size]byte][]float32
	order [][sha256.Size]byte // oldest first
}

// meaningsKept bounds them: at 1.6 kB each, 8 MB.
const meaningsKept = 5000

func newMeanings() *meanings { return &meanings{kept: map[[sha256.Size]byte][]float32{}} }

// of returns the vectors of texts, and has those made that are not kept.
func (m *meanings) of(ctx context.Context, emb models.Embedder, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	var missing []string
	var at []int
	m.mu.Lock()
	for i, t := range texts {
		if vectors[i] = m.kept[sha256.Sum256([]byte(t))]; vectors[i] == nil {
			missing, at = append(missing, t), append(at, i)
		}
	}
	m.mu.Unlock()
	if len(missing) == 0 {
		return vectors, nil
	}
	made, err := emb.EmbedPassages(ctx, missing)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, v := range made {
		vectors[at[i]] = v
		key := sha256.Sum256([]byte(missing[i]))
		if m.kept[key] == nil {
			m.order = append(m.order, key)
		}
		m.kept[key] = v
	}
	for len(m.order) > meaningsKept {
		delete(m.kept, m.order[0])
		m.order = m.order[1:]
	}
	return vectors, nil
}
