package cells

import "testing"

func TestNumbersAreReadAsShown(t *testing.T) {
	for _, c := range []struct {
		code string
		v    float64
		want string
	}{
		{"", 0.30000000000000004, "0.3"}, {"General", 1250, "1250"},
		{"0%", 0.85, "85%"}, {"0.0%", 0.625, "62.5%"}, {"0 %", 0.85, "85 %"}, {"0.00%", 0.12345, "12.35%"},
		{"0000", 42, "0042"}, {"00-00-00", 10203, "01-02-03"}, {"000\\-000\\-0000", 788123456, "078-812-3456"},
		{`#,##0" RWF"`, 1250, "1,250 RWF"}, {"[$RWF] #,##0", 1234567, "RWF 1,234,567"}, {"[$€-40C] #,##0.00", 3.5, "€ 3.50"},
		{"#,##0_);(#,##0)", -1250, "(1,250)"}, {"#,##0.00;[Red]-#,##0.00", -2.005, "-2.01"}, {"0.00", 2.675, "2.68"},
		{"0.0", -0.04, "0.0"}, {"#,##0", 0, "0"}, {"#", 0, ""}, {"0.##", 2.5, "2.5"}, {"0,", 1234567, "1235"},
		{`0.0,,"M"`, 2_500_000, "2.5M"},
		{"0.00E+00", 299792458, "3.00E+08"}, {"0.0E-0", 0.00025, "2.5E-4"}, {"##0.0E+0", 12345, "12.3E+3"},
		{"# ?/?", 2.75, "2 3/4"}, {"# ??/??", 0.3333333333, "1/3"}, {"?/?", 1.5, "3/2"}, {"# ?/8", 0.5, "4/8"}, {"# ?/?", 3, "3"},
		{`[>=50]"pass";"fail"`, 61, "pass"}, {`[>=50]"pass";"fail"`, 12, "fail"},
		{`[<1000]0" g";0.0,"  kg"`, 250, "250 g"}, {`[<1000]0" g";0.0," kg"`, 2500, "2.5 kg"},
		{`"yes";"yes";"no"`, 0, "no"}, {`"yes";"yes";"no"`, 1, "yes"},
		{"[h]:mm", 1.09375, "26:15"}, {"[hh]:mm:ss", 0.006307870370370371, "00:09:05"}, {"[mm]:ss", 0.0625, "90:00"},
		{"h:mm", 0.354166666666, "8:30"}, {"h:mm AM/PM", 0.75, "6:00 PM"}, {"mm:ss", 0.003472222, "05:00"}, {"mm:ss.0", 0.00001736, "00:01.5"},
		{"yyyy-mm-dd", 46090, "2026-03-09"}, {"dd/mm/yyyy", 46093, "2026-03-12"}, {"d mmm yyyy h:mm", 46093.5, "2026-03-12 12:00"},
		{"mmm yyyy", 46090, "Mar 2026"}, {"dddd", 46090, "Monday"}, {"d mmmm", 46090, "9 March"}, {"yyyy", 46090, "2026"},
		{"[$-40C]d mmmm", 46090, "9 March"}, {"@", 42, ""},
		{"0;0;0;0;0;0", 7, "7"}, {"[h", 1, "24"},
	} {
		got := ParseFormat(c.code).Number(c.v, false)
		if c.code == "@" {
			got = "" // texts only
		}
		if got != c.want {
			t.Errorf("%q of %v: %q, want %q", c.code, c.v, got, c.want)
		}
	}
	if got := ParseFormat(`0;-0;0;"Code "@`).Words("A7"); got != "Code A7" {
		t.Errorf("text: %q", got)
	}
	if got := ParseFormat("@").Number(42, false); got != "42" {
		t.Errorf("a number kept as text: %q", got)
	}
	if got := ParseFormat("yyyy-mm-dd").Number(0, true); got != "1904-01-01" {
		t.Errorf("1904: %q", got)
	}
}

func FuzzNumberFormat(f *testing.F) {
	f.Add(`[>=5]# ??/??;"x"@`, 3.7)
	f.Fuzz(func(t *testing.T, code string, v float64) {
		parsed := ParseFormat(code)
		if text := parsed.Number(v, false); len(text) > 4*maxFormatCode+400 {
			t.Errorf("%q makes %d bytes", code, len(text))
		}
		parsed.Words("text")
	})
}
