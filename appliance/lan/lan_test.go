package lan

import (
	"context"
	"strings"
	"testing"
)

// The name that a box had is the one that it has again, until another is found
// or chosen.
func TestNameIsKept(t *testing.T) {
	w := newWorld(t)
	r := w.box("bwenge", "2 1 192.168.4.1/24").responder
	r.number = 2
	r.probe(r.links[2], w.now)
	var kept []string
	a := New(Config{Name: "bwenge", Kept: "bwenge-2", Keep: func(name string) { kept = append(kept, name) }})
	if got := a.Host(); got != "bwenge-2.local" {
		t.Error("before it is found:", got)
	}
	a.note(r)
	w.run(settledAfter)
	a.note(r)
	if s := a.Status(); s.Name != "bwenge-2" || s.Wanted != "bwenge" || len(s.Links) != 1 || len(kept) != 0 {
		t.Errorf("%+v, kept %q", s, kept)
	}
	w.hear(w.boxes[0], 2, "192.168.4.2:5353", claim(t, "bwenge-2.local. 120 IN A 192.168.4.2"))
	w.hear(w.boxes[0], 2, "192.168.4.2:5353", claim(t, "bwenge-2.local. 120 IN A 192.168.4.2"))
	a.note(r)
	w.run(settledAfter)
	a.note(r)
	a.note(r)
	if got := a.Host(); got != "bwenge-3.local" || len(kept) != 1 || kept[0] != "bwenge-3" {
		t.Errorf("%s, kept %q", got, kept)
	}
	if got := New(Config{Name: "lycee", Kept: "bwenge-2"}).Host(); got != "lycee.local" {
		t.Error("another name was chosen:", got)
	}
}

func TestNameThatNoneCanBe(t *testing.T) {
	a := New(Config{Name: "École Kibeho"})
	a.Run(context.Background(), 8080, testServices)
	if s := a.Status(); s.Name != "" || !strings.Contains(s.Error, "letters from a to z") {
		t.Errorf("%+v", s)
	}
}
