package extract

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func rtfFile(t *testing.T, body string) found {
	t.Helper()
	f := readBytes(t, []byte(`{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arial;}{\f3\fnil\fcharset2 Symbol;}{\f4\fcharset204 Times{\*\falt x};}{\f5\fnil\fcharset2 Wingdings;}}`+
		`{\stylesheet{\s0 Normal;}{\s1\sbasedon0\b heading 1;}{\s2 heading 2;}{\s7\outlinelevel2 Petit titre;}{\*\cs10 Default;}}`+body+`}`))
	if f.err != nil {
		t.Fatal(f.err)
	}
	return f
}

func TestRTFPowers(t *testing.T) {
	for body, want := range map[string]string{
		`10{\super 8} m, 10\super -5\nosupersub  kg, CO{\sub 2}\par`:   "10⁸ m, 10⁻⁵ kg, CO₂",
		`5 m{\up6 2}, x\dn4 1\dn0 , 7 dm\up6\fs16 3\plain .\par`:       "5 m², x₁, 7 dm³.",
		`2{\super{\b n}+1} is\par`:                                     "2ⁿ⁺¹ is",
		`R = 5 {\f3 W}, {\f3\'b3} 3 {\f3\u-3999 ?}m {\f5\'fc}\par`:     "R = 5 Ω, ≥ 3 αm ✓",
		`{\f4\'cc\'e8\'f0} seen {\v not this}{\deleted nor this}.\par`: "Мир seen .",
	} {
		wantWhole(t, rtfFile(t, body), want)
	}
}

func TestRTFLists(t *testing.T) {
	wantWhole(t, rtfFile(t, `To mend:\par{\listtext\pard\plain 1.\tab}\ls1 find\par{\listtext\pard\plain 2.\tab}\ls1 rub\par{\listtext a)\tab}\ilvl1 well\par\pard Rest.\par`),
		"To mend:\n1. find\n2. rub\na) well\n\nRest.")
	wantWhole(t, rtfFile(t, `{\pntext\pard\plain\f3\'b7\tab}{\*\pn\pnlvlblt{\pntxtb\'b7}}one\par{\pntext\f3\'b7\tab}two\par{\pntext iv.\tab}four\par`), "- one\n- two\niv. four")
}

func TestRTFHeadings(t *testing.T) {
	f := rtfFile(t, `\pard\s1 Animals\par\pard clever\par\pard\s2{\listtext 1.1\tab}Goat\par\pard two\par\pard\s7 Kid\par\pard small\par\pard\outlinelevel1 Cow\par\pard nine\par`)
	for text, heading := range map[string]string{"clever": "Animals", "two": "Animals › 1.1 Goat", "small": "Animals › 1.1 Goat › Kid", "nine": "Animals › Cow"} {
		if got := f.section(t, text).Heading; got != heading {
			t.Errorf("%q below %q, want %q", text, got, heading)
		}
	}
}

func TestRTFTables(t *testing.T) {
	f := rtfFile(t, `Plan\par\trowd\trhdr\cellx1000\cellx3000\pard\intbl Day\cell Lessons\cell\row`+
		`\trowd\clvmgf\cellx1000\cellx2000\cellx3010\pard\intbl Monday\cell 8:00\cell Maths\par and sums\cell\row`+
		`\trowd\clvmrg\cellx1000\cellx2000\cellx3010\pard\intbl\cell 9:00\cell CO{\sub 2}\cell\row`+
		`\trowd\cellx1000\clmgf\cellx2000\clmrg\cellx3010\pard\intbl Tuesday\cell free\cell\cell\row\pard End.\par`)
	want := appliance.Table{Columns: []string{"Day", "Lessons", "Lessons"},
		Rows: [][]string{{"Monday", "8:00", "Maths and sums"}, {"Monday", "9:00", "CO₂"}, {"Tuesday", "free", "free"}}}
	if got := f.tables(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v", got)
	}
	if len(f.sections) != 3 || f.sections[2].Text != "End." {
		t.Errorf("%+v", f.sections)
	}
}

func TestRTFThingsWithin(t *testing.T) {
	f := rtfFile(t, `Rain{\super\chftn}{\footnote\pard{\super\chftn} The {\i note}.\par} falls.{\shp{\*\shpinst\shpleft1{\sp{\sn a}{\sv 1}}{\shptxt In a box.\par}}{\shprslt old}}\par`+
		`{\object\objemb{\*\objclass Equation.3}{\*\objdata 0105}{\result{\pict\wmetafile8 00ff}}} is it {\object{\*\objclass Excel.Sheet.8}{\*\objdata 01}}.\par`+
		`{\*\shppict{\pict\pngblip 8950}}{\nonshppict{\pict 00}}last{\*\annotation remark}\par`)
	wantText(t, f, "Rain[1] falls.\n\n[1] The note.\n\nIn a box.\n\n[formula that could not be read] is it .", "last")
	want := map[string]int{"footnotes": 1, "formulas_lost": 1, "embedded_lost": 1, "pictures": 1, "pictures_without_text": 1, "comments": 1}
	if !reflect.DeepEqual(f.Counts, want) {
		t.Errorf("counts %v", f.Counts)
	}
	if strings.Contains(f.text(), "old") || strings.Contains(f.text(), "remark") || strings.Contains(f.text(), "00ff") {
		t.Errorf("text %s", f.text())
	}
}

func TestHostileRTF(t *testing.T) {
	var rows strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&rows, `\trowd\cellx1000\cellx2000\intbl name %d\cell %d\cell\row`, i, i*3)
	}
	for name, test := range map[string]struct{ body, want string }{
		"rows":      {rows.String() + `\pard end\par`, "name 49999 | 149997"},
		"edges":     {strings.Repeat(`\trowd`+strings.Repeat(`\cellx9`, 3000)+strings.Repeat(`\cell`, 3000)+`\row`, 20) + `\pard end\par`, "end"},
		"edges far": {`\trowd\cellx-5\cellx2147483647\intbl a\cell b\cell c\cell\row\pard end\par`, "end"},
		"notes":     {strings.Repeat(`x{\footnote note}`, 10_000) + `\par end\par`, "end"},
		"note deep": {strings.Repeat(`{\footnote x`, 400), "x"},
		"marker":    {`{\listtext ` + strings.Repeat("9", 100_000) + `}end\par`, "end"},
		"super":     {`{\super ` + strings.Repeat("word ", 50_000) + `}end\par`, "end"},
		"cell":      {`\trowd\cellx9\intbl ` + strings.Repeat("word ", 50_000) + `\cell\row\pard end\par`, "end"},
		"unended":   {`\trowd\cellx1000\intbl half\cell rest`, "half"},
	} {
		t.Run(name, func(t *testing.T) {
			f := rtfFile(t, test.body)
			wantText(t, f)
			if !strings.Contains(f.text(), test.want) {
				t.Errorf("text lacks %q: %.300s", test.want, f.text())
			}
			if f.PeakRSS > costs*200<<20 {
				t.Errorf("the child took %d MB", f.PeakRSS>>20)
			}
		})
	}
}
