package convert

import (
	"math"
	"testing"
)

// The area under each of Slaney's triangles is 1 per Hz bandwidth, and the
// golden sum is that of the filters in the published ggml-base.bin.
func TestMelFilters(t *testing.T) {
	f := melFilters(80)
	if len(f) != 80*melBins {
		t.Fatalf("%d values", len(f))
	}
	g := newGolden()
	w := newGGMLWriter(g)
	w.floats(f)
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	g.want(t, "85818f156f7e189453901a515e4726d270d307f976e161cf9403e8caab405498")
	for m := range 80 {
		peak := 0
		for k := range melBins {
			if f[m*melBins+k] > f[m*melBins+peak] {
				peak = k
			}
		}
		if f[m*melBins+peak] <= 0 {
			t.Errorf("filter %d is empty", m)
		}
	}
}

func TestMelFrequenciesRise(t *testing.T) {
	hz := melFrequencies(82)
	if hz[0] != 0 || math.Abs(hz[81]-8000) > 1e-9 {
		t.Fatalf("from %g to %g Hz", hz[0], hz[81])
	}
	for i := 1; i < len(hz); i++ {
		if hz[i] <= hz[i-1] {
			t.Fatalf("frequency %d is not above the one before", i)
		}
	}
}
