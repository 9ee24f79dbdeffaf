package sqlite

// #cgo CFLAGS: -O2
// #include "scan.h"
import "C"

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/bwenge-os/bwenge/appliance"
)

// vectorIndex holds the vectors of what can be searched in memory, a byte a number, so
// that a search over 100,000 chunks takes milliseconds: reading them from the
// file alone takes longer. The few best by these rounded numbers are then
// compared exactly. It is a cache: each search first takes over what has become
// ready or was deleted since the last one.
type vectorIndex struct {
	changed atomic.Int64 // counts changes to the set of ready sources
	most    int          // chunks of one organization; with more, vec0 is asked

	mu   sync.RWMutex
	orgs map[appliance.OrgID]*indexedOrg
}

type indexedOrg struct {
	as      int64 // value of changed that it reflects
	sources map[string][]*indexedSource
}

// indexedSource holds vectors of a source, and is immutable once it is loaded.
// One that became ready before it had all its vectors has several, one after the
// other.
type indexedSource struct {
	id    string
	last  int // seq of the last of them
	ids   []int64
	rows  []int8    // dimensions for each id
	scale []float32 // what a row's numbers are multiplied with
}

// vectorsMost is how many chunks of one organization are held at most: 64 MB.
const vectorsMost = 64 << 20 / dimensions

// roundingError bounds the error of a cosine of two rounded vectors. Rounding
// to a byte leaves 0.0007 of standard deviation at 384 dimensions; this is six
// of them.
const roundingError = 0.004

// search returns the k nearest chunks of ready sources with their exact
// cosines. It reports false if the organization has too many chunks for memory.
func (n *vectorIndex) search(t *tx, org appliance.OrgID, scope appliance.Scope, vector []float32, k int) ([]appliance.Hit, bool, error) {
	sources, ok, err := n.current(t, org)
	if err != nil || !ok {
		return nil, ok, err
	}
	if sources, err = seenBy(t, org, scope, sources); err != nil {
		return nil, true, err
	}
	total := 0
	for _, src := range sources {
		total += len(src.ids)
	}
	query, scale := round(vector)
	for most := max(4*k, k+64); ; most *= 4 {
		best := nearest(sources, query, scale, most)
		hits, err := exact(t, org, scope, vector, best)
		if err != nil {
			return nil, true, err
		}
		slices.SortFunc(hits, func(a, b appliance.Hit) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ChunkID, b.ChunkID))
		})
		hits = hits[:min(k, len(hits))]
		// Whatever was left out is at most as near as the last of best, give or
		// take the rounding.
		if most >= total || len(hits) == k && hits[k-1].Score >= best[len(best)-1].Score+roundingError {
			return hits, true, nil
		}
	}
}

// seenBy narrows sources to those that a scope shows.
func seenBy(t *tx, org appliance.OrgID, scope appliance.Scope, sources []*indexedSource) ([]*indexedSource, error) {
	if scope.All && scope.Sources == nil {
		return sources, nil
	}
	seen, args := visible(scope)
	ids, err := all(t, column[string], `SELECT id FROM source WHERE org_id = ? AND `+seen, append([]any{org}, args...)...)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	return slices.DeleteFunc(sources, func(src *indexedSource) bool { return !known[src.id] }), nil
}

// current brings an organization up to date with a transaction's snapshot.
func (n *vectorIndex) current(t *tx, org appliance.OrgID) ([]*indexedSource, bool, error) {
	changed := n.changed.Load()
	n.mu.RLock()
	if o := n.orgs[org]; o != nil && o.as == changed {
		defer n.mu.RUnlock()
		return o.list(), true, nil
	}
	n.mu.RUnlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.orgs == nil {
		n.orgs = map[appliance.OrgID]*indexedOrg{}
	}
	o := n.orgs[org]
	if o == nil {
		o = &indexedOrg{as: -1, sources: map[string][]*indexedSource{}}
		n.orgs[org] = o
	}
	if o.as < changed {
		if ok, err := o.update(t, org, n.most); err != nil || !ok {
			return nil, ok, err
		}
		o.as = changed
	}
	return o.list(), true, nil
}

func (o *indexedOrg) list() []*indexedSource {
	list := make([]*indexedSource, 0, len(o.sources))
	for _, blocks := range o.sources {
		list = append(list, blocks...)
	}
	return list
}

// update loads the sources that have become ready and the vectors that they got
// since, and drops those that went.
func (o *indexedOrg) update(t *tx, org appliance.OrgID, most int) (ok bool, err error) {
	type row struct {
		key, id string
		vectors int
	}
	// A source that was embedded anew has another time of readiness.
	rows, err := all(t, func(r scanner) (x row, err error) { return x, r.Scan(&x.id, &x.key, &x.vectors) },
		`SELECT id, id || ready_at, vectors FROM source WHERE org_id = ? AND status = 'ready' AND deleted_at IS NULL`, org)
	if err != nil {
		return false, err
	}
	total := 0
	for _, x := range rows {
		total += x.vectors
	}
	if total > most {
		clear(o.sources)
		return false, nil
	}
	kept := make(map[string][]*indexedSource, len(rows))
	for _, x := range rows {
		blocks := o.sources[x.key]
		loaded, after := 0, -1
		for _, b := range blocks {
			loaded, after = loaded+len(b.ids), b.last
		}
		if loaded > x.vectors { // they were taken away
			blocks, loaded, after = nil, 0, -1
		}
		if more := x.vectors - loaded; more > 0 {
			block, err := loadVectors(t, org, x.id, after, more)
			if err != nil {
				return false, err
			}
			blocks = append(slices.Clone(blocks), block)
		}
		kept[x.key] = blocks
	}
	o.sources = kept
	return true, nil
}

// loadVectors loads the vectors of a source's chunks behind a seq. They are made
// in order.
func loadVectors(t *tx, org appliance.OrgID, sourceID string, after, most int) (*indexedSource, error) {
	src := &indexedSource{id: sourceID, ids: make([]int64, 0, most), rows: make([]int8, 0, most*dimensions), scale: make([]float32, 0, most)}
	rows, err := t.Query(`SELECT id, seq, vector FROM chunk WHERE source_id = ? AND org_id = ? AND seq > ? AND vector IS NOT NULL
		ORDER BY seq LIMIT ?`, sourceID, org, after, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var (
		id   int64
		blob []byte
	)
	for rows.Next() {
		if err := rows.Scan(&id, &src.last, &blob); err != nil {
			return nil, err
		}
		row, scale := round(decodeVector(blob))
		src.ids, src.rows, src.scale = append(src.ids, id), append(src.rows, row...), append(src.scale, scale)
	}
	return src, rows.Err()
}

// round spreads a vector's numbers over a byte each.
func round(v []float32) (row []int8, scale float32) {
	var most float32
	for _, x := range v {
		most = max(most, x, -x)
	}
	row = make([]int8, dimensions)
	if most == 0 {
		return row, 0
	}
	for i, x := range v[:min(len(v), dimensions)] {
		x *= 127 / most
		if x < 0 {
			row[i] = int8(x - 0.5)
		} else {
			row[i] = int8(x + 0.5)
		}
	}
	return row, most / 127
}

// nearest returns the most best rows by their rounded numbers, best first.
func nearest(sources []*indexedSource, query []int8, scale float32, most int) hitHeap {
	best := make(hitHeap, 0, most)
	var dots []int32
	for _, src := range sources {
		n := len(src.ids)
		if n == 0 {
			continue
		}
		if n > len(dots) {
			dots = make([]int32, n)
		}
		C.scan((*C.int8_t)(unsafe.Pointer(&src.rows[0])), C.int64_t(n),
			(*C.int8_t)(unsafe.Pointer(&query[0])), (*C.int32_t)(unsafe.Pointer(&dots[0])))
		for i, dot := range dots[:n] {
			score := float64(float32(dot) * src.scale[i] * scale)
			if len(best) < most {
				heap.Push(&best, appliance.Hit{ChunkID: src.ids[i], Score: score})
			} else if score > best[0].Score {
				best[0] = appliance.Hit{ChunkID: src.ids[i], Score: score}
				heap.Fix(&best, 0)
			}
		}
	}
	slices.SortFunc(best, func(a, b appliance.Hit) int { return cmp.Compare(b.Score, a.Score) })
	return best
}

// exact computes the cosines of chunks from their own vectors. The rows are
// checked again: they belong to the organization and to a ready source. A CROSS
// JOIN keeps its order.
func exact(t *tx, org appliance.OrgID, scope appliance.Scope, vector []float32, hits []appliance.Hit) ([]appliance.Hit, error) {
	ids := make([]int64, len(hits))
	for i, h := range hits {
		ids[i] = h.ChunkID
	}
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	seen, args := visible(scope)
	return all(t, func(row scanner) (h appliance.Hit, err error) {
		var blob []byte
		if err := row.Scan(&h.ChunkID, &blob); err != nil {
			return h, err
		}
		var dot, norm, norm2 float64
		for i, x := range decodeVector(blob) {
			dot += float64(x) * float64(vector[i])
			norm += float64(x) * float64(x)
			norm2 += float64(vector[i]) * float64(vector[i])
		}
		h.Score = dot / math.Sqrt(norm*norm2)
		return h, nil
	}, `SELECT chunk.id, chunk.vector FROM json_each(?) AS wanted CROSS JOIN chunk ON chunk.id = wanted.value
		CROSS JOIN source ON source.id = chunk.source_id
		WHERE chunk.org_id = ? AND source.org_id = ? AND source.status = 'ready' AND source.deleted_at IS NULL
		AND length(chunk.vector) = ? AND `+seen+notWrong, append([]any{string(wanted), org, org, 4 * dimensions}, args...)...)
}

func decodeVector(blob []byte) []float32 {
	v := make([]float32, len(blob)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	return v
}

// hitHeap keeps the worst hit at its top.
type hitHeap []appliance.Hit

func (h hitHeap) Len() int           { return len(h) }
func (h hitHeap) Less(i, j int) bool { return h[i].Score < h[j].Score }
func (h hitHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *hitHeap) Push(x any)        { *h = append(*h, x.(appliance.Hit)) }
func (h *hitHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
