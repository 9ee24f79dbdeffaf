package cells

import (
	"strings"
	"testing"
)

func bookOf(cells map[string]any) *Book {
	b := NewBook()
	for name, v := range cells {
		sheet, ref, found := strings.Cut(name, "!")
		if !found {
			sheet, ref = "marks", name
		}
		p := &parser{s: ref}
		at, _ := p.corner()
		at.Sheet = sheet
		switch v := v.(type) {
		case float64:
			b.add(at, cell{value: Value{kind: 'n', n: v}})
		case int:
			b.add(at, cell{value: Value{kind: 'n', n: float64(v)}})
		case string:
			if formula, ok := strings.CutPrefix(v, "="); ok {
				b.add(at, cell{formula: formula})
			} else {
				b.add(at, cell{value: Value{kind: 's', s: v}})
			}
		}
	}
	return b
}

func TestFormulasAreComputed(t *testing.T) {
	cells := map[string]any{"A1": 12, "A2": 15.5, "A3": "absent", "A4": 20, "B1": "=A1*2", "B2": "=B1+1", "C1": "=C2", "C2": "=C1",
		"other sheet!A1": 7, "fees!B2": 100, "D1": "=1/0"}
	for formula, want := range map[string]string{
		"SUM(A1:A4)": "47.5", "AVERAGE(A1:A4)": "15.8333333333333", "ROUND(AVERAGE(A1:A4),1)": "15.8", "MIN(A1:A4)": "12", "MAX($A$1:A4,30)": "30",
		"COUNT(A1:A4)": "3", "COUNTA(A1:A9)": "4", `COUNTIF(A1:A4,">=15")`: "2", `COUNTIF(A1:A4,"absent")`: "1", "SUM(A:A)": "47.5",
		`IF(A1>=10,"pass","fail")`: "pass", `IF(AND(A1>13,A2>1),1,0)`: "0", "B2": "25", "-A1+2^3*2": "4", "(A1+A2)/2": "13.75", "50%*A4": "10",
		"'other sheet'!A1+Fees!B2": "107", `"Total: "&A1`: "Total: 12", "D1": "#DIV/0!", "IFERROR(D1,0)": "0", "A3+1": "#VALUE!", "ROUND(1234,-2)": "1200",
		"SQRT(A1+4)": "4", "MOD(7,3)": "1", "1.5E2": "150", "TRUE": "TRUE", "SUM(A1;A2)": "27.5", "SUM()": "0",
		// Not computed, and told.
		"VLOOKUP(A1,A1:B4,2)": "!", "NOW()": "!", "C1": "!", "Rate*2": "!", "SUM(A1:A4": "!", `"open`: "!", "A1:A4": "!", "": "!",
	} {
		b := bookOf(cells)
		b.add(Place{"marks", 99, 9}, cell{formula: formula})
		if formula == "" {
			b.cells[Place{"marks", 99, 9}].formula = " "
		}
		v, err := b.value(Place{"marks", 99, 9}, 0)
		got := v.text()
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", formula, got, want)
		}
	}
}

func TestFormulasHaveLimits(t *testing.T) {
	for name, formula := range map[string]string{
		"brackets": strings.Repeat("(", 4000) + "1" + strings.Repeat(")", 4000), "signs": strings.Repeat("-", 8000) + "1",
		"whole sheets": "SUM(" + strings.Repeat("A1:XFD1048576,", 500) + "1)",
	} {
		b := bookOf(map[string]any{"A1": 1, "XFD1": 1, "A1048576": 1})
		b.add(Place{"marks", 5, 5}, cell{formula: formula})
		if _, err := b.value(Place{"marks", 5, 5}, 0); err == nil {
			t.Errorf("%s: computed", name)
		}
	}
	b := NewBook() // a chain that is as long as the sheet
	for row := range 5000 {
		b.add(Place{"", row, 0}, cell{formula: "A" + general(float64(row+2)) + "+1"})
	}
	if _, err := b.value(Place{}, 0); err == nil {
		t.Error("a chain of 5,000 formulas from its end: computed")
	}
}

func FuzzFormula(f *testing.F) {
	f.Add(`IF(SUM('a b'!A1:$B2;3%)>=1.5E3,"x"&A:A,-B1^2)`)
	f.Fuzz(func(t *testing.T, formula string) {
		b := bookOf(map[string]any{"A1": 1, "B1": "x", "B2": "=A1"})
		b.add(Place{"marks", 5, 5}, cell{formula: formula})
		_, _ = b.value(Place{"marks", 5, 5}, 0)
	})
}
