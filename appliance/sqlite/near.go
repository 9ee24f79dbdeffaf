package sqlite

import (
	"slices"

	"github.com/bwenge-os/bwenge/appliance"
)

// nearPercent is from how much of the same words on sources are shown to be
// near each other, and nearMost how many.
const (
	nearPercent = 80
	nearMost    = 3
)

// addNear says on sources which others that a scope shows have nearly the same
// words. A sketch is a row of numbers of which as many are equal as words are.
func addNear(t *tx, org appliance.OrgID, scope appliance.Scope, list []appliance.Source) error {
	if !slices.ContainsFunc(list, func(src appliance.Source) bool { return len(src.Sketch) > 0 }) {
		return nil
	}
	type known struct {
		appliance.Near
		sketch []byte
	}
	seen, args := visible(scope)
	all, err := all(t, func(row scanner) (k known, err error) { return k, row.Scan(&k.ID, &k.Title, &k.sketch) },
		`SELECT id, title, sketch FROM source WHERE org_id = ? AND deleted_at IS NULL AND replaces IS NULL AND status = 'ready'
			AND sketch IS NOT NULL AND `+seen, append([]any{org}, args...)...)
	if err != nil {
		return err
	}
	for i := range list {
		for _, k := range all {
			if k.ID == list[i].ID {
				continue
			}
			if k.Percent = alike(list[i].Sketch, k.sketch); k.Percent >= nearPercent {
				list[i].Near = append(list[i].Near, k.Near)
			}
		}
		slices.SortStableFunc(list[i].Near, func(a, b appliance.Near) int { return b.Percent - a.Percent })
		list[i].Near = list[i].Near[:min(len(list[i].Near), nearMost)]
	}
	return nil
}

// alike is how many of the numbers of two sketches are equal, in percent.
func alike(a, b []byte) int {
	if len(a) == 0 || len(a) != len(b) {
		return 0
	}
	same := 0
	for i := 0; i+4 <= len(a); i += 4 {
		if string(a[i:i+4]) == string(b[i:i+4]) {
			same++
		}
	}
	return same * 100 / (len(a) / 4)
}
