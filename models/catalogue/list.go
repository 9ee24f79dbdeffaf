package catalogue

import "os"

// Listing is a weight file and how it stands on this machine.
type Listing struct {
	Weight
	State   State  `json:"state"`
	Path    string `json:"path,omitempty"`    // where it is, unless missing
	Partial int64  `json:"partial,omitempty"` // bytes of an interrupted download
}

// List tells how the given weight files stand in dir.
func List(dir string, want []Weight) []Listing {
	s := store{dir}
	out := make([]Listing, 0, len(want))
	for _, w := range want {
		l := Listing{Weight: w}
		if l.State, _ = s.check(w); l.State != Missing {
			l.Path = s.blob(w)
		}
		if info, err := os.Stat(s.part(w)); err == nil {
			l.Partial = info.Size()
		}
		for _, src := range w.Sources {
			for _, pkg := range src.Packages {
				if info, err := os.Stat(s.wheel(pkg)); err == nil {
					l.Partial += info.Size()
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// Present reports whether a weight file of the right length is in dir. Unlike
// Locate it does not look into it.
func Present(dir string, w Weight) bool {
	info, err := os.Stat(store{dir}.blob(w))
	return err == nil && info.Size() == w.Size
}
