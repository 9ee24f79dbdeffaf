package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/letters"
)

// run makes a run of Word: properties, then text.
func run(props, text string) string {
	return `<w:r><w:rPr>` + props + `</w:rPr><w:t xml:space="preserve">` + text + `</w:t></w:r>`
}

func wpRuns(runs ...string) string { return `<w:p>` + strings.Join(runs, "") + `</w:p>` }

const (
	raisedRun  = `<w:vertAlign w:val="superscript"/>`
	loweredRun = `<w:vertAlign w:val="subscript"/>`
)

// styled is a document with styles and lists of its own.
func styled(t *testing.T, body, styles, numbering string, more ...part) []byte {
	t.Helper()
	links := []string{"r1", "styles", "styles.xml", "r2", "numbering", "numbering.xml", "r3", "footnotes", "footnotes.xml",
		"r4", "endnotes", "endnotes.xml", "r5", "chart", "charts/c.xml", "r6", "diagramData", "diagrams/d.xml",
		"r7", "aFChunk", "chunk.html", "r8", "package", "sheet.xlsx"}
	return makeDOCX(t, body, append([]part{
		{"word/_rels/document.xml.rels", rels(links...)},
		{"word/styles.xml", xmlHead + `<w:styles xmlns:w="w">` + styles + `</w:styles>`},
		{"word/numbering.xml", xmlHead + `<w:numbering xmlns:w="w">` + numbering + `</w:numbering>`},
	}, more...)...)
}

func TestDOCXPowers(t *testing.T) {
	styles := `<w:style w:type="character" w:styleId="Hoch"><w:name w:val="Raised"/><w:rPr>` + raisedRun + `</w:rPr></w:style>` +
		`<w:style w:type="character" w:styleId="Kind"><w:basedOn w:val="Hoch"/></w:style>`
	for name, test := range map[string]struct{ body, want string }{
		"raised":         {wpRuns(run("", "3 × 10"), run(raisedRun, "8"), run("", " m/s")), "3 × 10⁸ m/s"},
		"in two runs":    {wpRuns(run("", "10"), run(raisedRun, "-"), run(raisedRun, "10"), run("", " kg")), "10⁻¹⁰ kg"},
		"lowered":        {wpRuns(run("", "CO"), run(loweredRun, "2"), run("", " and H"), run(loweredRun, "2"), run("", "O")), "CO₂ and H₂O"},
		"by style":       {wpRuns(run("", "x"), run(`<w:rStyle w:val="Kind"/>`, "n"), run("", "+1")), "xⁿ+1"},
		"by position":    {wpRuns(run("", "4800 m"), run(`<w:position w:val="8"/>`, "2")), "4800 m²"},
		"no letters":     {wpRuns(run("", "x"), run(raisedRun, "a/b")), "x^(a/b)"},
		"ordinal":        {wpRuns(run("", "the 1"), run(raisedRun, "st"), run("", " day")), "the 1st day"},
		"lost mark":      {wpRuns(run("", "about 3 × 10"), run("", "8"), run("", " metres")), "3 × 10⁸ metres"},
		"lost unit":      {wpRuns(run("", "area of 48 m"), run("", "2"), run("", ".")), "48 m²."},
		"a product":      {wpRuns(run("", "3 × 10"), run("", "8"), run("", " = 324")), "3 × 108 = 324"},
		"not a power":    {wpRuns(run("", "room 10"), run("", "8"), run("", " is open")), "room 108 is open"},
		"small sentence": {wpRuns(run(raisedRun, "A whole sentence that only looks small on the page.")), "A whole sentence that only looks small on the page."},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, readBytes(t, styled(t, test.body, styles, "")), test.want) })
	}
}

func TestDOCXFootnotes(t *testing.T) {
	mark := func(kind string, id int) string {
		return fmt.Sprintf(`<w:r><w:rPr>%s</w:rPr><w:%sReference w:id="%d"/></w:r>`, raisedRun, kind, id)
	}
	notes := part{"word/footnotes.xml", `<w:footnotes xmlns:w="w"><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>` +
		`<w:footnote w:id="7">` + wp("Counted in 2019.") + `</w:footnote><w:footnote w:id="9">` + wp("By hand.") + `</w:footnote></w:footnotes>`}
	ends := part{"word/endnotes.xml", `<w:endnotes xmlns:w="w"><w:endnote w:id="2">` + wp("See the map.") + `</w:endnote></w:endnotes>`}
	body := wp("The lake", "H1") + wpRuns(run("", "It has 14 islands"), mark("footnote", 7), run("", " and"), mark("endnote", 2), run("", " 3 ports"), mark("footnote", 9), run("", ".")) +
		wp("The river", "H1") + wp("It is long.")
	f := readBytes(t, styled(t, body, `<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>`, "", notes, ends))
	wantText(t, f, "It has 14 islands [1] and [i] 3 ports [2].", "[1] Counted in 2019.", "[2] By hand.", "[i] See the map.")
	if s := f.section(t, "Counted in 2019"); s.Heading != "The lake" || strings.Count(f.text(), "Counted in 2019") != 1 {
		t.Errorf("the note stands under %q:\n%s", s.Heading, f.text())
	}
	if f.Counts["footnotes"] != 3 {
		t.Errorf("counts %v", f.Counts)
	}
}

// lvl is a level of a list.
func lvl(level int, format, text string, more ...string) string {
	return fmt.Sprintf(`<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/>%s</w:lvl>`,
		level, format, text, strings.Join(more, ""))
}

func listed(num, level int, text string) string {
	return fmt.Sprintf(`<w:p><w:pPr><w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr></w:pPr><w:r><w:t>%s</w:t></w:r></w:p>`, level, num, text)
}

func TestDOCXLists(t *testing.T) {
	numbering := `<w:abstractNum w:abstractNumId="0">` + lvl(0, "decimal", "%1.") + lvl(1, "lowerLetter", "%2)") + lvl(2, "lowerRoman", "(%3)") + `</w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="1">` + lvl(0, "decimal", "%1", `<w:pStyle w:val="H1"/>`) + lvl(1, "decimal", "%1.%2", `<w:pStyle w:val="H2"/>`) + `</w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="2">` + lvl(0, "bullet", "\uf0b7", `<w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr>`) + `</w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="3">` + lvl(0, "upperRoman", "Step %1:") + `</w:abstractNum>` +
		`<w:abstractNum w:abstractNumId="4"><w:numStyleLink w:val="MyList"/></w:abstractNum>` +
		`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>` +
		`<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>` +
		`<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num>` +
		`<w:num w:numId="5"><w:abstractNumId w:val="3"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>` +
		`<w:num w:numId="6"><w:abstractNumId w:val="4"/></w:num>`
	styles := `<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Mine"><w:basedOn w:val="H2"/></w:style>` +
		`<w:style w:type="numbering" w:styleId="MyList"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Exercise"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Harder"><w:basedOn w:val="Exercise"/></w:style>`
	t.Run("nested and restarted", func(t *testing.T) {
		f := readBytes(t, styled(t, wp("To make soap:")+listed(1, 0, "Weigh")+listed(1, 1, "oil")+listed(1, 1, "lye")+listed(1, 2, "pure")+
			listed(1, 0, "Stir")+listed(1, 1, "slowly")+wp("Then:")+listed(2, 0, "Pour")+listed(1, 0, "Wait"), styles, numbering))
		wantText(t, f, "To make soap:\n1. Weigh\na) oil\nb) lye\n(i) pure\n2. Stir\na) slowly\n\nThen:\n1. Pour\n2. Wait")
	})
	t.Run("headings", func(t *testing.T) {
		f := readBytes(t, styled(t, wp("Cells", "H1")+wp("Walls", "H2")+wp("Plants have them.")+wp("Cores", "Mine")+wp("They are round.")+
			wp("Plants", "H1")+wp("Roots", "H2")+wp("They drink."), styles, numbering))
		for text, heading := range map[string]string{"Plants have": "1 Cells › 1.1 Walls", "They are": "1 Cells › 1.2 Cores", "They drink": "2 Plants › 2.1 Roots"} {
			if h := f.section(t, text).Heading; h != heading {
				t.Errorf("heading of %q is %q, want %q", text, h, heading)
			}
		}
	})
	t.Run("by style, roman from four, bullets", func(t *testing.T) {
		none := `<w:p><w:pPr><w:pStyle w:val="Exercise"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>no number</w:t></w:r></w:p>`
		f := readBytes(t, styled(t, wp("add", "Exercise")+none+wp("divide", "Harder")+listed(5, 0, "mix")+listed(5, 0, "bake")+listed(6, 0, "eat")+listed(4, 0, "apples"), styles, numbering))
		wantText(t, f, "1. add\n\nno number\n2. divide\nStep IV: mix\nStep V: bake\nStep VI: eat\n- apples")
	})
}

func TestListNumbers(t *testing.T) {
	for _, test := range []struct {
		format string
		n      int
		want   string
	}{{"decimal", 12, "12"}, {"lowerLetter", 28, "bb"}, {"upperLetter", 3, "C"}, {"lowerRoman", 4, "iv"}, {"upperRoman", 1999, "MCMXCIX"},
		{"decimalZero", 7, "07"}, {"ordinal", 3, "3rd"}, {"ordinal", 12, "12th"}, {"none", 3, ""}, {"somethingNew", 5, "5"}, {"lowerLetter", 30_000, strings.Repeat("v", 20)}} {
		if got := formatNumber(test.format, test.n); got != test.want {
			t.Errorf("%s of %d is %q, want %q", test.format, test.n, got, test.want)
		}
	}
}

func tc(props, text string) string {
	return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + wp(text) + `</w:tc>`
}

func tr(cells ...string) string { return `<w:tr>` + strings.Join(cells, "") + `</w:tr>` }

func tableOf(t *testing.T, f found, s string) appliance.Table {
	t.Helper()
	sec := f.section(t, s)
	if sec.Table == nil {
		t.Fatalf("%q does not stand in a table: %q", s, sec.Text)
	}
	return *sec.Table
}

func TestDOCXTables(t *testing.T) {
	t.Run("merged down and across", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Table 3: Lessons of the week")+`<w:tbl>`+
			`<w:tr><w:trPr><w:tblHeader/></w:trPr>`+tc("", "Day")+tc("", "Hour")+tc("", "Lesson")+`</w:tr>`+
			tr(tc(`<w:vMerge w:val="restart"/>`, "Monday"), tc("", "8:00"), tc("", "Maths"))+
			tr(tc(`<w:vMerge/>`, ""), tc("", "9:00"), tc("", "Biology"))+
			tr(tc("", "Friday"), tc(`<w:gridSpan w:val="2"/>`, "Games"))+
			`<w:tr><w:trPr><w:del/></w:trPr>`+tc("", "gone")+`</w:tr></w:tbl>`+wp("After it.")))
		table := tableOf(t, f, "Biology")
		if table.Caption != "Table 3: Lessons of the week" || !slices.Equal(table.Columns, []string{"Day", "Hour", "Lesson"}) ||
			!slices.Equal(table.Rows[1], []string{"Monday", "9:00", "Biology"}) || !slices.Equal(table.Rows[2], []string{"Friday", "Games", "Games"}) || len(table.Rows) != 3 {
			t.Errorf("%+v", table)
		}
	})
	t.Run("caption below, cells left out, nested", func(t *testing.T) {
		inner := `<w:tc><w:tbl>` + tr(tc("", "in")+tc("", "side")) + `</w:tbl><w:p/></w:tc>`
		f := readBytes(t, makeDOCX(t, `<w:tbl>`+tr(tc("", "Crop"), tc("", "Bags"), tc("", "Note"))+tr(tc("", "Maize"), tc("", "41"), inner)+
			`<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>`+tc("", "12")+tc("", "late")+`</w:tr></w:tbl>`+wp("Tableau 2 : Récolte")+wp("The rest.")))
		table := tableOf(t, f, "Maize")
		if table.Caption != "Tableau 2 : Récolte" || !slices.Equal(table.Rows[0], []string{"Maize", "41", "in | side"}) || !slices.Equal(table.Rows[1], []string{"", "12", "late"}) {
			t.Errorf("%+v", table)
		}
		if strings.Count(f.text(), "Récolte") != 1 {
			t.Errorf("the caption is said twice:\n%s", f.text())
		}
	})
	t.Run("old merges, captions of two tables", func(t *testing.T) {
		one := `<w:tbl>` + tr(tc(`<w:hMerge w:val="restart"/>`, "both"), tc(`<w:hMerge/>`, ""), tc("", "x")) + tr(tc("", "1"), tc("", "2"), tc("", "3")) + `</w:tbl>`
		f := readBytes(t, makeDOCX(t, wp("Table 1: first")+one+wp("Table 2: second")+strings.ReplaceAll(one, "both", "two")))
		if a, b := tableOf(t, f, "both"), tableOf(t, f, "two"); a.Caption != "Table 1: first" || b.Caption != "Table 2: second" || len(a.Rows[0]) != 3 {
			t.Errorf("%+v %+v", a, b)
		}
	})
	t.Run("pages", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("before")+`<w:tbl>`+tr(tc("", "A"), tc("", "B"), tc("", "C"))+
			tr(`<w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>one</w:t></w:r></w:p></w:tc>`, tc("", "2"), tc("", "3"))+`</w:tbl>`+wp("behind")))
		if p := f.section(t, "one").Place.Page; p != 1 {
			t.Errorf("the table stands on page %d", p)
		}
		if p := f.section(t, "behind").Place.Page; p != 2 {
			t.Errorf("what follows stands on page %d", p)
		}
	})
}

func TestDOCXSymbols(t *testing.T) {
	f := readBytes(t, makeDOCX(t, `<w:p><w:r><w:t>5 </w:t><w:sym w:font="Symbol" w:char="F06D"/><w:t>F </w:t><w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p>`+
		wpRuns(run("", "47 "), run(`<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>`, "\uf057"), run("", " "), run(`<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>`, "b"))+
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>SYMBOL 179 \f "Symbol" \s 12</w:instrText><w:fldChar w:fldCharType="end"/><w:t> 31</w:t></w:r></w:p>`))
	wantText(t, f, "5 μF ✓", "47 Ω β", "≥ 31")
	if s := f.section(t, "47"); s.Doubt != "" {
		t.Errorf("doubt %q", s.Doubt)
	}
	f = readBytes(t, makeDOCX(t, `<w:p><w:r><w:t>R = 5 </w:t><w:sym w:font="School Signs" w:char="F0E1"/></w:r></w:p>`))
	if s := f.section(t, "R = 5 "+letters.UnreadSign); s.Doubt != "symbols" {
		t.Errorf("doubt %q", s.Doubt)
	}
}

func TestDOCXAcceptsChanges(t *testing.T) {
	deletedMark := `<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>The sun </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del></w:p>`
	f := readBytes(t, makeDOCX(t, deletedMark+`<w:p><w:ins><w:r><w:t>rises</w:t></w:r></w:ins><w:moveFrom><w:r><w:t> moved</w:t></w:r></w:moveFrom><w:r><w:t> in the east.</w:t></w:r></w:p>`+
		`<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val="Titre1"/></w:pPr></w:pPrChange></w:pPr><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>`+
		`<w:r><w:t>seen</w:t></w:r><w:r><w:commentReference w:id="0"/></w:r><w:r><w:t xml:space="preserve"> e</w:t><w:softHyphen/><w:t>-mail co</w:t><w:noBreakHyphen/><w:t>op</w:t></w:r></w:p>`,
		part{"word/_rels/document.xml.rels", rels("r1", "styles", "styles.xml")}, part{"word/styles.xml", testStyles}))
	wantText(t, f, "The sun rises in the east.", "seen e-mail co-op")
	if text := f.text(); strings.Contains(text, "never") || strings.Contains(text, "moved") || strings.Contains(text, "hidden") {
		t.Errorf("too much:\n%s", text)
	}
	if f.Counts["hidden"] != 1 || f.Counts["comments"] != 1 {
		t.Errorf("counts %v", f.Counts)
	}
}

func TestDOCXFields(t *testing.T) {
	field := func(code, result string) string {
		return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>` + code + `</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` +
			run("", result) + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
	}
	nested := `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>` + field("MERGEFIELD x", "inner") +
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r>` + run("", "outer") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
	f := readBytes(t, makeDOCX(t, wpRuns(run("", "see page "), field("PAGEREF _x", "12"))+wpRuns(nested)+wpRuns(field(`TOC \o "1-3"`, "Contents … 7"))+
		`<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>`+wp("Also contents")+`</w:sdtContent></w:sdt>`+
		`<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>`+wp("A content control")+`</w:sdtContent></w:sdt>`+
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>EQ \f(a;b)</w:instrText><w:fldChar w:fldCharType="end"/></w:r></w:p>`+
		`<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>`+wp("1")+wp("2")+wp("3")+wp("the end is not swallowed")))
	wantText(t, f, "see page 12", "outer", "A content control", lostFormula, "the end is not swallowed")
	if text := f.text(); strings.Contains(text, "inner") || strings.Contains(text, "ontents …") || strings.Contains(text, "Also contents") {
		t.Errorf("too much:\n%s", text)
	}
}

func TestDOCXThingsInTheText(t *testing.T) {
	box := `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx xmlns:wps="s"><w:txbxContent>` + wp("In a box.") +
		`</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox xmlns:v="v"><w:txbxContent>` + wp("In a box.") + `</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>` +
		`<w:r><w:t>Beside it.</w:t></w:r></w:p>`
	picture := func(descr string) string {
		return `<w:p><w:r><w:drawing><wp:docPr xmlns:wp="wp" id="1" name="Picture 1" descr="` + descr + `"/><a:blip xmlns:a="a"/></w:drawing></w:r></w:p>`
	}
	f := readBytes(t, makeDOCX(t, wp("The heart", "Titre1")+box+picture("The four chambers of the heart")+picture("IMG_2041.jpg")+
		`<w:p><w:r><w:t>Ohm wrote </w:t></w:r><w:r><w:object><o:OLEObject xmlns:o="o" ProgID="Equation.DSMT4"/></w:object></w:r></w:p>`,
		part{"word/_rels/document.xml.rels", rels("r1", "styles", "styles.xml")}, part{"word/styles.xml", testStyles}))
	wantText(t, f, "Beside it.\n\nIn a box.", "[picture: The four chambers of the heart]", "Ohm wrote "+lostFormula)
	if s := f.section(t, "In a box"); s.Heading != "The heart" || strings.Count(f.text(), "In a box") != 1 {
		t.Errorf("%q in\n%s", s.Heading, f.text())
	}
	if strings.Contains(f.text(), "IMG_2041") || f.Counts["pictures"] != 2 || f.Counts["pictures_without_text"] != 1 || f.Counts["formulas_lost"] != 1 {
		t.Errorf("%v\n%s", f.Counts, f.text())
	}
}

func TestDOCXFormulas(t *testing.T) {
	f := readBytes(t, makeDOCX(t, `<w:p><w:r><w:t>Speed is </w:t></w:r><m:oMath><m:r><m:t>v=</m:t></m:r><m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:e><m:r><m:t>2gh</m:t></m:r></m:e></m:rad></m:oMath><w:r><w:t>.</w:t></w:r></w:p>`))
	s := f.section(t, "Speed is v=√(2gh).")
	if len(s.TeX) != 1 || s.TeX[0] != `v=\sqrt{2gh}` || f.Counts["formulas"] != 1 {
		t.Errorf("%+v %v", s, f.Counts)
	}
	f = readBytes(t, makeDOCX(t, wp("Text before.")+`<w:tbl>`+tr(tc("", "Law"), tc("", "Formula"), tc("", "Unit"))+
		tr(tc("", "Ohm"), `<w:tc><w:p><m:oMathPara><m:oMath><m:r><m:t>U=RI</m:t></m:r></m:oMath></m:oMathPara></w:p></w:tc>`, tc("", "V"))+`</w:tbl>`))
	if s := f.section(t, "Ohm"); s.Table == nil || len(s.TeX) != 1 || s.Table.Rows[0][1] != "U=RI" {
		t.Errorf("%+v", s)
	}
}

func TestDOCXTitleStandsAboveItsChapters(t *testing.T) {
	f := readBytes(t, styled(t, wp("First aid", "T")+wp("Burns", "H1")+wp("Cool it."), `<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>`+
		`<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>`, ""))
	if h := f.section(t, "Cool it").Heading; h != "First aid › Burns" {
		t.Errorf("heading %q", h)
	}
}
