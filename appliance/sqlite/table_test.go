package sqlite

import (
	"reflect"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestPiecesOfATableComeBackWithTheirCells(t *testing.T) {
	s := open(t)
	org := appliance.OrgID("default")
	src := addReady(t, s, org, "Census", "Tumba", "running text")
	pieces := must[[]appliance.Chunk](t)(s.TablePieces(t.Context(), org, whole, src.ID, 1))
	if len(pieces) != 1 || !reflect.DeepEqual(pieces[0].Table, &appliance.Table{Columns: []string{"Text"}, Rows: [][]string{{"Tumba"}}}) ||
		!reflect.DeepEqual(pieces[0].Marks, []appliance.Mark{{At: 1, Start: 2, End: 3.5}}) {
		t.Errorf("%+v", pieces)
	}
	for _, no := range []int{0, 2, -1} { // running text is no table 0
		if pieces := must[[]appliance.Chunk](t)(s.TablePieces(t.Context(), org, whole, src.ID, no)); len(pieces) != 0 {
			t.Errorf("table %d: %+v", no, pieces)
		}
	}
	hidden := appliance.Scope{All: true, Sources: []string{"another"}}
	if _, err := s.TablePieces(t.Context(), org, hidden, src.ID, 1); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
}
