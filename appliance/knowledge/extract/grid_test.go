package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// sectionsOf runs fill on a flow and returns the sections that come out.
func sectionsOf(t *testing.T, fill func(*flow)) []appliance.Section {
	t.Helper()
	var out bytes.Buffer
	s := newSink(&out, 20<<20)
	f := &flow{out: s}
	fill(f)
	if err := f.end(); err != nil {
		t.Fatal(err)
	}
	if err := s.w.Flush(); err != nil {
		t.Fatal(err)
	}
	var sections []appliance.Section
	for dec := json.NewDecoder(&out); dec.More(); {
		var m message
		if err := dec.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if m.Section != nil {
			sections = append(sections, m.Section.Section)
		}
	}
	return sections
}

func TestMergedCellsStandOnEveryRow(t *testing.T) {
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("Timetable")
		for _, c := range []string{"Day", "Hour", "Subject"} {
			g.cell(c, 1, 1, false)
		}
		g.endRow()
		g.cell("Monday", 1, 2, false)
		g.cell("8:00", 1, 1, false)
		g.cell("Maths", 1, 1, false)
		g.endRow()
		g.cell("9:00", 1, 1, false)
		g.cell("Biology", 1, 1, false)
		g.endRow()
		g.cell("Tuesday", 1, 1, false)
		g.cell("Games", 2, 1, false)
		g.endRow()
		g.close()
	})
	if len(sections) != 1 {
		t.Fatalf("%d sections", len(sections))
	}
	if got := fmt.Sprint(sections[0].Table.Repeats); got != "[[] [0] [2]]" {
		t.Errorf("repeated cells %s", got)
	}
	want := "Timetable\nDay | Hour | Subject\nMonday | 8:00 | Maths\nMonday | 9:00 | Biology\nTuesday | Games | Games"
	if sections[0].Text != want {
		t.Errorf("got\n%s\nwant\n%s", sections[0].Text, want)
	}
}

func TestLongTableKeepsItsColumns(t *testing.T) {
	const rows = 50_000
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		for _, c := range []string{"Sector", "People", "Schools"} {
			g.cell(c, 1, 1, false)
		}
		g.endRow()
		for i := range rows {
			g.cell(fmt.Sprintf("Sector %d", i), 1, 1, false)
			g.cell(fmt.Sprint(i*7), 1, 1, false)
			g.cell(fmt.Sprint(i%20), 1, 1, false)
			g.endRow()
		}
		g.close()
	})
	n := 0
	for i, s := range sections {
		if s.Table == nil || !slices.Equal(s.Table.Columns, []string{"Sector", "People", "Schools"}) || s.Table.Part != i {
			t.Fatalf("part %d: %+v", i, s.Table)
		}
		if len(s.Text) > maxSection {
			t.Fatalf("part %d has %d bytes", i, len(s.Text))
		}
		n += len(s.Table.Rows)
	}
	if n != rows {
		t.Errorf("%d rows of %d", n, rows)
	}
}

func TestHeaderRowsAreFound(t *testing.T) {
	for _, test := range []struct {
		name   string
		rows   [][]string
		header []string
	}{
		{"numbers below", [][]string{{"Crop", "Bags"}, {"Maize", "40"}}, []string{"Crop", "Bags"}},
		{"years", [][]string{{"", "2022", "2023"}, {"Maize", "40", "50"}}, []string{"", "2022", "2023"}},
		{"words only", [][]string{{"Country", "Capital", "River"}, {"Kenya", "Nairobi", "Tana"}}, []string{"Country", "Capital", "River"}},
		{"numbers everywhere", [][]string{{"1", "2", "3"}, {"4", "5", "6"}}, nil},
		{"a form", [][]string{{"Name", "Ada"}, {"Place", "Kigali"}}, nil},
	} {
		sections := sectionsOf(t, func(f *flow) {
			g := f.openTable("")
			for _, row := range test.rows {
				for _, c := range row {
					g.cell(c, 1, 1, false)
				}
				g.endRow()
			}
			g.close()
		})
		if len(sections) != 1 || sections[0].Table == nil || !slices.Equal(sections[0].Table.Columns, test.header) {
			t.Errorf("%s: %+v", test.name, sections)
		}
	}
}

func TestSeveralHeaderRowsBecomeOne(t *testing.T) {
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		g.cell("Pupil", 1, 2, true)
		g.cell("Marks", 2, 1, true)
		g.endRow()
		g.cell("Term 1", 1, 1, true)
		g.cell("Term 2", 1, 1, true)
		g.endRow()
		for _, c := range []string{"Ada", "12", "15"} {
			g.cell(c, 1, 1, false)
		}
		g.endRow()
		g.close()
	})
	if got := sections[0].Table.Columns; !slices.Equal(got, []string{"Pupil", "Marks / Term 1", "Marks / Term 2"}) {
		t.Errorf("columns %q", got)
	}
}

func TestProseInATableStaysProse(t *testing.T) {
	long := strings.Repeat("A sentence of a letter that was laid out in a table. ", 20)
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		g.cell(long, 1, 1, false)
		g.cell("Side note", 1, 1, false)
		g.endRow()
		g.close()
	})
	if len(sections) != 1 || sections[0].Table != nil || !strings.Contains(sections[0].Text, "Side note") {
		t.Errorf("%+v", sections)
	}
}

func TestHugeSpansAreBounded(t *testing.T) {
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		for range 3 {
			g.cell("x", 1_000_000, 1_000_000, false)
			g.endRow()
			g.cell("y", 1, 1, false)
			g.endRow()
		}
		g.close()
	})
	for _, s := range sections {
		if len(s.Text) > maxSection {
			t.Errorf("a section of %d bytes", len(s.Text))
		}
	}
}

func TestScripts(t *testing.T) {
	for _, test := range []struct{ base, text, up, down string }{
		{"10", "8", "⁸", "₈"},
		{"10", "−3", "⁻³", "₋₃"},
		{"m", "2", "²", "₂"},
		{"x", "n+1", "ⁿ⁺¹", "ₙ₊₁"},
		{"e", "θ", "^θ", "_θ"},
		{"a", "b/c", "^(b/c)", "_(b/c)"},
		{"1", "st", "st", "ₛₜ"},
		{"x", "", "", ""},
	} {
		if got := letters.Superscript(test.base, test.text); got != test.up {
			t.Errorf("%s^%s = %q, want %q", test.base, test.text, got, test.up)
		}
		if got := letters.Subscript(test.base, test.text); got != test.down {
			t.Errorf("%s_%s = %q, want %q", test.base, test.text, got, test.down)
		}
	}
}

func TestRowsThatAreTooLongGoOutAsText(t *testing.T) {
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		for range 900 {
			g.cell(strings.Repeat("word ", 100), 1, 1, false)
		}
		g.endRow()
		g.close()
	})
	text := 0
	for _, s := range sections {
		text += strings.Count(s.Text, "word")
	}
	if text != 90_000 {
		t.Errorf("%d words of 90,000", text)
	}
}

func TestOneWideRowDoesNotSwellTheOthers(t *testing.T) {
	sections := sectionsOf(t, func(f *flow) {
		g := f.openTable("")
		for i := range 3000 {
			for range 2 + i%1000/999*900 {
				g.cell("x", 1, 1, false)
			}
			g.endRow()
		}
		g.close()
	})
	for _, s := range sections {
		cells := 0
		for _, row := range s.Table.Rows {
			cells += len(row)
		}
		if cells > 2*partCells {
			t.Fatalf("a section of %d cells", cells)
		}
	}
}
