package ingest

import (
	"fmt"
	"strings"
	"testing"
)

func sketchOf(text string) []byte {
	s := newSketch()
	s.add(text)
	return s.bytes()
}

func alike(a, b []byte) float64 {
	same := 0
	for i := 0; i < len(a); i += 4 {
		if string(a[i:i+4]) == string(b[i:i+4]) {
			same++
		}
	}
	return float64(same) / float64(len(a)/4)
}

func TestSketch(t *testing.T) {
	var first, second strings.Builder
	for i := range 600 {
		word := fmt.Sprintf("word%d ", i*i)
		first.WriteString(word)
		if i%100 == 50 {
			word = "other "
		}
		second.WriteString(strings.ToUpper(word))
	}
	a := sketchOf(first.String())
	if got := alike(a, sketchOf(second.String())); got < 0.8 || got == 1 {
		t.Errorf("six words of 600 are others: %.2f", got)
	}
	if got := alike(a, sketchOf(book(3))); got > 0.1 {
		t.Errorf("another text: %.2f", got)
	}
	if sketchOf("too short a text to tell") != nil {
		t.Error("a short text has a sketch")
	}
}
