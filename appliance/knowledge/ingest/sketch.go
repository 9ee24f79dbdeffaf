package ingest

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/bits"
	"strings"
	"unicode"
)

// A sketch (MinHash) tells how much of the words of two sources is the same
// without comparing them: of each of sketchSize ways of numbering runs of
// sketchRun words it keeps the smallest number, and two texts have the same one
// as often as they have runs in common.
const (
	sketchSize = 128
	sketchRun  = 4
	// sketchLeast is how many runs a text needs to be told from chance.
	sketchLeast = 40
)

type sketch struct {
	least [sketchSize]uint32
	runs  int
	last  []string // words that the next run begins with
}

func newSketch() *sketch {
	s := &sketch{}
	for i := range s.least {
		s.least[i] = math.MaxUint32
	}
	return s
}

func (s *sketch) add(text string) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		if s.last = append(s.last, word); len(s.last) < sketchRun {
			continue
		}
		h := fnv.New64a()
		for _, w := range s.last {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		s.runs++
		sum := h.Sum64()
		for i := range s.least {
			s.least[i] = min(s.least[i], numbered(sum, uint64(i)))
		}
		s.last = s.last[1:]
	}
}

// numbered is the number that one of the ways of numbering gives to a run.
func numbered(sum, way uint64) uint32 {
	high, low := bits.Mul64(sum^(way*0x9e3779b97f4a7c15+0x632be59bd9b4e019), 0xd6e8feb86659fd93)
	return uint32((high ^ low) >> 16)
}

// bytes is the sketch as it is stored; nil for too short a text.
func (s *sketch) bytes() []byte {
	if s.runs < sketchLeast {
		return nil
	}
	b := make([]byte, 0, 4*sketchSize)
	for _, n := range s.least {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}
