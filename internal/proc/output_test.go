package proc

import (
	"fmt"
	"strings"
	"testing"
)

func TestTailKeepsTheLastLines(t *testing.T) {
	tail := NewTail(3, 10)
	if got := tail.String(); got != "(none)" {
		t.Errorf("got %q of nothing", got)
	}
	// Lines arrive in pieces, long ones, and as the last one an unfinished one.
	for _, piece := range []string{"one\ntw", "o\n\nthree\nfour", "teen is long\n", strings.Repeat("x", 100), "y"} {
		if n, err := fmt.Fprint(tail, piece); err != nil || n != len(piece) {
			t.Fatalf("wrote %d of %d, %v", n, len(piece), err)
		}
	}
	if got, want := tail.String(), "two | three | fourteen i | xxxxxxxxxx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := tail.Written(); got != 133 {
		t.Errorf("%d bytes written, want 133", got)
	}
}

func TestLimitDropsTheRest(t *testing.T) {
	var b strings.Builder
	w := Limit(&b, 5)
	for _, piece := range []string{"abc", "defg", "h"} {
		if n, err := fmt.Fprint(w, piece); err != nil || n != len(piece) {
			t.Fatalf("wrote %d of %d, %v", n, len(piece), err)
		}
	}
	if b.String() != "abcde" {
		t.Errorf("kept %q", b.String())
	}
}
