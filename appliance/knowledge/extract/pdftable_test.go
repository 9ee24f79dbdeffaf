package extract

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// pdfRows writes cells at the places of their columns, from y downwards.
func pdfRows(y int, columns []int, rows ...[]string) string {
	page := ""
	for i, row := range rows {
		for j, text := range row {
			if text != "" {
				page += pdfText(11, columns[j], y-18*i, text)
			}
		}
	}
	return page
}

func pdfTablesOf(f found) (tables []appliance.Table) {
	for _, s := range f.sections {
		if s.Table != nil {
			tables = append(tables, *s.Table)
		}
	}
	return tables
}

func TestPDFTables(t *testing.T) {
	for name, test := range map[string]struct {
		columns []int
		rows    [][]string
		want    appliance.Table
	}{
		"numbers": {[]int{60, 220, 400}, [][]string{
			{"Crop", "Sown in", "Harvest (kg)"}, {"Beans", "March", "420"}, {"Maize", "September", "1,310"}, {"Sorghum", "October", "77"},
		}, appliance.Table{Columns: []string{"Crop", "Sown in", "Harvest (kg)"},
			Rows: [][]string{{"Beans", "March", "420"}, {"Maize", "September", "1,310"}, {"Sorghum", "October", "77"}}}},
		"an empty cell, a cell of two lines": {[]int{60, 200, 380}, [][]string{
			{"Day", "Lesson", "Room"}, {"Monday", "Biology of plants", "4"}, {"", "and fungi", ""}, {"Tuesday", "", "7"}, {"Friday", "Music", "2"},
		}, appliance.Table{Columns: []string{"Day", "Lesson", "Room"},
			Rows: [][]string{{"Monday", "Biology of plants and fungi", "4"}, {"Tuesday", "", "7"}, {"Friday", "Music", "2"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			page := pdfText(11, 60, 760, "The table shows what the school has.") + pdfRows(700, test.columns, test.rows...) +
				pdfText(11, 60, 500, "Below it the text goes on.")
			f := readBytes(t, makePDF(t, []string{page}, nil, image.Point{}))
			wantText(t, f, "The table shows what the school has.", "Below it the text goes on.")
			tables := pdfTablesOf(f)
			if len(tables) != 1 || !slices.Equal(tables[0].Columns, test.want.Columns) ||
				!slices.EqualFunc(tables[0].Rows, test.want.Rows, slices.Equal[[]string]) {
				t.Errorf("%+v\n%s", tables, f.text())
			}
			if f.Counts["tables"] != 1 {
				t.Errorf("counts %v", f.Counts)
			}
		})
	}
}

func TestPDFTableOverPages(t *testing.T) {
	columns := []int{60, 250, 420}
	head := []string{"Village", "Wells", "Pupils"}
	rows := func(from, to int) (list [][]string) {
		for i := from; i < to; i++ {
			list = append(list, []string{fmt.Sprint("Hill number ", i), fmt.Sprint(i % 5), fmt.Sprint(100 + 7*i)})
		}
		return list
	}
	for name, second := range map[string][][]string{
		"names once": rows(10, 14), "names again": append([][]string{head}, rows(10, 14)...),
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, makePDF(t, []string{
				pdfText(11, 60, 760, "All villages of the district.") + pdfRows(600, columns, append([][]string{head}, rows(0, 10)...)...),
				pdfRows(760, columns, second...) + pdfText(11, 60, 600, "This was the table."),
			}, nil, image.Point{}))
			wantText(t, f, "This was the table.")
			tables := pdfTablesOf(f)
			if len(tables) != 2 || f.Counts["tables"] != 1 {
				t.Fatalf("%+v, counts %v", tables, f.Counts)
			}
			last := tables[1]
			if !slices.Equal(last.Columns, head) || last.Part != 1 || len(last.Rows) != 4 || last.Rows[0][0] != "Hill number 10" {
				t.Errorf("%+v", last)
			}
			if s := f.section(t, "Hill number 12"); s.Place.Page != 2 {
				t.Errorf("page %d", s.Place.Page)
			}
		})
	}
}

// A table of the same columns at the top of a page is one of its own if it names
// them otherwise.
func TestPDFTableBelowAnother(t *testing.T) {
	columns := []int{60, 250, 420}
	first := pdfText(11, 60, 760, "All villages of the district.") + pdfRows(700, columns, []string{"Village", "Wells", "Pupils"},
		[]string{"Gahini", "3", "107"}, []string{"Kabare", "1", "212"}, []string{"Mwiri", "2", "98"})
	for name, test := range map[string]struct {
		second [][]string
		tables int
	}{
		"other names": {[][]string{{"Crop", "Fields", "Harvest"}, {"Beans", "12", "420"}, {"Maize", "7", "310"}}, 2},
		"no names":    {[][]string{{"Ndego", "absent", "absent"}, {"Rukara", "unknown", "310"}, {"Murama", "2", "77"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, makePDF(t, []string{first, pdfRows(760, columns, test.second...) + pdfText(11, 60, 600, "This was the table.")}, nil, image.Point{}))
			tables := pdfTablesOf(f)
			if f.Counts["tables"] != test.tables || len(tables) != 2 {
				t.Fatalf("%+v, counts %v", tables, f.Counts)
			}
			want := test.second[0]
			if test.tables == 1 {
				want = []string{"Village", "Wells", "Pupils"}
			}
			if !slices.Equal(tables[1].Columns, want) {
				t.Errorf("%+v", tables[1])
			}
		})
	}
}

func TestWhatIsNoPDFTable(t *testing.T) {
	var contents, columns string
	for i := range 6 {
		y := 700 - 16*i
		contents += pdfText(11, 60, y, fmt.Sprintf("Chapter %d . . . . . . . . . . . . . . . . . . %d", i+1, 4*i+3))
		columns += pdfText(9, 40, y, "One column of running text that fills all of its width with words of all kinds") +
			pdfText(9, 420, y, "and the other one in which the same is done with other words, line by line")
	}
	list := pdfRows(700, []int{60, 120}, []string{"1.", "Boil the water."}, []string{"2.", "Add the leaves."}, []string{"3.", "Wait."})
	for name, page := range map[string]string{"contents": contents, "columns of text": columns, "a list": list} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, makePDF(t, []string{page}, nil, image.Point{}))
			if tables := pdfTablesOf(f); len(tables) > 0 || strings.TrimSpace(f.text()) == "" {
				t.Errorf("%+v\n%s", tables, f.text())
			}
		})
	}
}
