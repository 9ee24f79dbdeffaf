package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// deck makes a presentation of slides; each may have parts of its own, linked
// from it.
func deck(t *testing.T, slides []string, links []string, more ...part) []byte {
	t.Helper()
	list := ""
	var toSlides []string
	parts := more
	for i, s := range slides {
		name := fmt.Sprintf("slides/slide%d.xml", i+1)
		list += fmt.Sprintf(`<p:sldId id="%d" r:id="s%d"/>`, 256+i, i)
		toSlides = append(toSlides, fmt.Sprintf("s%d", i), "slide", name)
		parts = append(parts, part{"ppt/" + name, xmlHead + `<p:sld ` + strings.Repeat(`show="0" `, strings.Count(s, leftOut)) + `xmlns:p="p" xmlns:a="a" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<p:cSld><p:spTree>` + s + `</p:spTree></p:cSld></p:sld>`},
			part{"ppt/slides/_rels/" + fmt.Sprintf("slide%d.xml.rels", i+1), rels(links...)})
	}
	return makeZip(t, append([]part{
		{"_rels/.rels", rels("r1", "officeDocument", "ppt/presentation.xml")},
		{"ppt/presentation.xml", `<p:presentation xmlns:p="p" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><p:sldIdLst>` + list + `</p:sldIdLst></p:presentation>`},
		{"ppt/_rels/presentation.xml.rels", rels(toSlides...)}}, parts...)...)
}

// leftOut marks a slide of a test that is left out of the show.
const leftOut = "<!--leftOut-->"

func shape(holder string, paras ...string) string {
	ph := ""
	if holder != "" {
		ph = `<p:nvPr><p:ph type="` + holder + `"/></p:nvPr>`
	}
	return `<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/>` + ph + `</p:nvSpPr><p:txBody><a:lstStyle/>` + strings.Join(paras, "") + `</p:txBody></p:sp>`
}

func ap(text string) string { return `<a:p><a:r><a:t>` + text + `</a:t></a:r></a:p>` }

func apr(rPr, text string) string {
	return `<a:r><a:rPr` + rPr + `</a:rPr><a:t>` + text + `</a:t></a:r>`
}

func auto(kind, more, text string, level int) string {
	return fmt.Sprintf(`<a:p><a:pPr lvl="%d"><a:buAutoNum type="%s"%s/></a:pPr><a:r><a:t>%s</a:t></a:r></a:p>`, level, kind, more, text)
}

func TestPPTXPowersAndSymbols(t *testing.T) {
	f := readBytes(t, deck(t, []string{shape("title", ap("Light")) + shape("body",
		`<a:p>`+apr(`>`, "3 × 10")+apr(` baseline="30000">`, "8")+apr(`>`, " m/s, CO")+apr(` baseline="-25000">`, "2")+`</a:p>`,
		`<a:p>`+apr(`>`, "47 ")+apr(`><a:sym typeface="Symbol"/>`, "\uf057")+apr(`>`, " ")+apr(`><a:latin typeface="Wingdings"/>`, "ü")+`</a:p>`,
		`<a:p>`+apr(`>`, "Area ")+`<mc:AlternateContent><mc:Choice><a14:m><m:oMath><m:r><m:t>A=π</m:t></m:r><m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m></mc:Choice><mc:Fallback><a:r><a:t>picture</a:t></a:r></mc:Fallback></mc:AlternateContent></a:p>`)}, nil))
	wantText(t, f, "3 × 10⁸ m/s, CO₂", "47 Ω ✓", "Area A=πr²")
	if s := f.section(t, "Area"); s.Heading != "Light" || len(s.TeX) != 1 || strings.Contains(s.Text, "picture") {
		t.Errorf("%+v", s)
	}
}

func TestPPTXLists(t *testing.T) {
	f := readBytes(t, deck(t, []string{shape("body", ap("To make soap:"), auto("arabicPeriod", "", "Weigh", 0), auto("alphaLcParenR", "", "oil", 1), auto("alphaLcParenR", "", "lye", 1),
		auto("arabicPeriod", "", "Stir", 0), auto("alphaLcParenR", "", "slowly", 1), ap("Later"), auto("arabicPeriod", "", "Wait", 0), auto("romanUcPeriod", ` startAt="4"`, "Cut", 0),
		`<a:p><a:pPr><a:buFont typeface="Wingdings"/><a:buChar char="ü"/></a:pPr><a:r><a:t>done</a:t></a:r></a:p>`, `<a:p><a:pPr><a:buChar char="•"/></a:pPr><a:r><a:t>clean</a:t></a:r></a:p>`) +
		`<p:sp><p:txBody><a:lstStyle><a:lvl1pPr><a:buAutoNum type="arabicParenBoth"/></a:lvl1pPr></a:lstStyle>` + ap("one") + ap("two") + `</p:txBody></p:sp>`}, nil))
	wantText(t, f, "To make soap:\n1. Weigh\na) oil\nb) lye\n2. Stir\na) slowly\nLater\n1. Wait\nIV. Cut\n✓ done\n- clean", "(1) one\n(2) two")
}

func TestPPTXTables(t *testing.T) {
	cell := func(attrs, text string) string {
		return `<a:tc` + attrs + `><a:txBody>` + ap(text) + `</a:txBody></a:tc>`
	}
	table := `<p:graphicFrame><a:tbl><a:tblPr firstRow="1"/><a:tr>` + cell("", "Week") + cell("", "Task") + cell("", "Group") + `</a:tr>` +
		`<a:tr>` + cell(` rowSpan="2"`, "One") + cell("", "Fetch") + cell("", "Lions") + `</a:tr>` +
		`<a:tr>` + cell(` vMerge="1"`, "") + cell("", "Sweep") + cell("", "Zebras") + `</a:tr>` +
		`<a:tr>` + cell("", "Two") + cell(` gridSpan="2"`, "Rest") + cell(` hMerge="1"`, "") + `</a:tr></a:tbl></p:graphicFrame>`
	f := readBytes(t, deck(t, []string{shape("title", ap("Duties")) + `<p:grpSp>` + table + `</p:grpSp>` + shape("", ap("below"))}, nil))
	got := tableOf(t, f, "Sweep")
	if !slices.Equal(got.Columns, []string{"Week", "Task", "Group"}) || !slices.Equal(got.Rows[1], []string{"One", "Sweep", "Zebras"}) || !slices.Equal(got.Rows[2], []string{"Two", "Rest", "Rest"}) {
		t.Errorf("%+v", got)
	}
	if s := f.section(t, "Sweep"); s.Heading != "Duties" || s.Place.Slide != 1 {
		t.Errorf("%+v", s)
	}
}

func TestPPTXSlidesKeepApart(t *testing.T) {
	f := readBytes(t, deck(t, []string{
		shape("body", ap("Berlint")) + shape("ctrTitle", ap("Capital"), ap("of Ostania")),
		shape("title", ap("Capital of Westalis")) + shape("body", ap("Ostmark")),
		leftOut + shape("title", ap("Only a title")),
	}, nil))
	if f.Counts["hidden_slides"] != 1 {
		t.Errorf("%v", f.Counts)
	}
	for text, want := range map[string]string{"Berlint": "Capital of Ostania", "Ostmark": "Capital of Westalis"} {
		if s := f.section(t, text); s.Heading != want {
			t.Errorf("%q stands under %q", text, s.Heading)
		}
	}
	if s := f.section(t, "Only a title"); s.Place.Slide != 3 {
		t.Errorf("%+v", s)
	}
}

func TestPPTXWhatIsNotShownIsTold(t *testing.T) {
	data := deck(t, []string{shape("body", ap("Shown")) + `<p:pic><p:nvPicPr><p:cNvPr id="4" name="p" descr="A map of the lake"/></p:nvPicPr></p:pic>` +
		`<p:pic><p:nvPicPr><p:cNvPr id="4" name="p" descr="image7.png"/></p:nvPicPr></p:pic>` +
		`<p:sp><p:nvSpPr><p:cNvPr id="9" name="q" hidden="1"/></p:nvSpPr><p:txBody>` + ap("Secret") + `</p:txBody></p:sp>` +
		`<p:graphicFrame><p:oleObj progId="Equation.3" r:id="none"/></p:graphicFrame><p:graphicFrame><p:oleObj progId="Excel.Sheet.8" r:id="none"/></p:graphicFrame>`},
		[]string{"c", "comments", "../comments/c.xml"}, part{"ppt/comments/c.xml", `<p:cmLst xmlns:p="p"><p:cm/><p:cm/></p:cmLst>`})
	f := readBytes(t, data)
	wantText(t, f, "Shown", "[picture: A map of the lake]", lostFormula)
	if strings.Contains(f.text(), "Secret") || strings.Contains(f.text(), "image7") {
		t.Errorf("too much:\n%s", f.text())
	}
	for what, n := range map[string]int{"pictures": 2, "pictures_without_text": 1, "hidden": 1, "formulas_lost": 1, "embedded_lost": 1, "comments": 2} {
		if f.Counts[what] != n {
			t.Errorf("%d %s, want %d", f.Counts[what], what, n)
		}
	}
}

// chartPart is a chart with one or more series.
func chartPart(kind, series string, more ...string) string {
	return xmlHead + `<c:chartSpace xmlns:c="c" xmlns:a="a"><c:chart><c:title><c:tx><c:rich>` + ap("Bags a year") + `</c:rich></c:tx></c:title><c:plotArea><c:` + kind + `>` +
		series + `</c:` + kind + `>` + strings.Join(more, "") + `</c:plotArea></c:chart></c:chartSpace>`
}

func chartValues(tag, format string, values ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<c:%s><c:numRef><c:numCache><c:formatCode>%s</c:formatCode><c:ptCount val="%d"/>`, tag, format, len(values))
	for i, v := range values {
		if v != "" {
			fmt.Fprintf(&b, `<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, i, v)
		}
	}
	fmt.Fprintf(&b, `</c:numCache></c:numRef></c:%s>`, tag)
	return b.String()
}

func chartSeriesOf(name, rest string) string {
	return `<c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>` + name + `</c:v></c:pt></c:strCache></c:strRef></c:tx>` + rest + `</c:ser>`
}

func strCat(values ...string) string {
	return strings.NewReplacer("numRef", "strRef", "numCache", "strCache").Replace(chartValues("cat", "", values...))
}

const chartFrame = `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="3" name="Chart 2"/></p:nvGraphicFramePr><a:graphic><a:graphicData><c:chart xmlns:c="c" r:id="k"/></a:graphicData></a:graphic></p:graphicFrame>`

func TestCharts(t *testing.T) {
	levels := `<c:cat><c:multiLvlStrRef><c:multiLvlStrCache><c:lvl><c:pt idx="0"><c:v>Term 1</c:v></c:pt><c:pt idx="1"><c:v>Term 2</c:v></c:pt><c:pt idx="2"><c:v>Term 1</c:v></c:pt></c:lvl>` +
		`<c:lvl><c:pt idx="0"><c:v>2023</c:v></c:pt><c:pt idx="2"><c:v>2024</c:v></c:pt></c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>`
	axis := `<c:valAx><c:title><c:tx><c:rich>` + ap("kilograms") + `</c:rich></c:tx></c:title></c:valAx><c:catAx><c:title><c:tx><c:rich>` + ap("Year") + `</c:rich></c:tx></c:title></c:catAx>`
	for name, test := range map[string]struct{ chart, want string }{
		"bars": {chartPart("barChart", chartSeriesOf("Maize", strCat("2022", "2023")+chartValues("val", "General", "22", "41.000000000000001"))+
			chartSeriesOf("Beans", strCat("2022", "2023")+chartValues("val", "General", "", "12")), axis),
			"Bags a year (kilograms)\nYear | Maize | Beans\n2022 | 22\n2023 | 41 | 12"},
		"a pie of shares": {chartPart("pieChart", chartSeriesOf("Share", strCat("Cows", "Goats")+chartValues("val", "0%", "0.85", "0.15"))),
			"Bags a year\n | Share\nCows | 85%\nGoats | 15%"},
		"points": {chartPart("scatterChart", chartSeriesOf("Height", chartValues("xVal", "", "1", "2")+chartValues("yVal", "", "10", "14.5"))),
			"Bags a year\nx | Height\n1 | 10\n2 | 14.5"},
		"points of their own": {chartPart("scatterChart", chartSeriesOf("A", chartValues("xVal", "", "1")+chartValues("yVal", "", "10"))+
			chartSeriesOf("B", chartValues("xVal", "", "3")+chartValues("yVal", "", "30"))), "Bags a year\n | x | y\nA | 1 | 10\nB | 3 | 30"},
		"several levels": {chartPart("lineChart", chartSeriesOf("Marks", levels+chartValues("val", "", "10", "12", "11"))),
			"Bags a year\n |  | Marks\n2023 | Term 1 | 10\n2023 | Term 2 | 12\n2024 | Term 1 | 11"},
		"dates": {chartPart("areaChart", chartSeriesOf("Rain", chartValues("cat", "dd/mm/yyyy", "45292")+chartValues("val", "0.0", "7.5"))), "Bags a year\n | Rain\n2024-01-01 | 7.5"},
		"newer kinds": {`<cx:chartSpace xmlns:cx="cx" xmlns:a="a"><cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl><cx:pt idx="0">Rent</cx:pt><cx:pt idx="1">Food</cx:pt></cx:lvl></cx:strDim>` +
			`<cx:numDim type="val"><cx:lvl formatCode="General"><cx:pt idx="0">30</cx:pt><cx:pt idx="1">50</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData>` +
			`<cx:chart><cx:title><cx:tx><cx:txData><cx:v>Budget</cx:v></cx:txData></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion><cx:series><cx:tx><cx:txData><cx:v>RWF</cx:v></cx:txData></cx:tx><cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart></cx:chartSpace>`,
			"Budget\n | RWF\nRent | 30\nFood | 50"},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, deck(t, []string{shape("title", ap("Harvest")) + chartFrame}, []string{"k", "chart", "../charts/c.xml"}, part{"ppt/charts/c.xml", test.chart}))
			wantText(t, f)
			if len(f.sections) != 1 || f.sections[0].Text != test.want || f.sections[0].Heading != "Harvest" || f.Counts["charts"] != 1 || f.Counts["tables"] != 0 {
				t.Errorf("got\n%s\nwant\n%s\n%v %+v", f.text(), test.want, f.Counts, f.sections)
			}
		})
	}
	t.Run("in Word", func(t *testing.T) {
		f := readBytes(t, styled(t, wp("Harvest:")+`<w:p><w:r><w:drawing><c:chart xmlns:c="c" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="r5"/></w:drawing></w:r></w:p>`+wp("It was dry."), "", "",
			part{"word/charts/c.xml", chartPart("barChart", chartSeriesOf("Maize", strCat("2022", "2023")+chartValues("val", "", "22", "41")))}))
		if len(f.sections) != 3 || f.sections[1].Text != "Bags a year\n | Maize\n2022 | 22\n2023 | 41" {
			t.Errorf("%+v", f.sections)
		}
	})
	t.Run("without values", func(t *testing.T) {
		f := readBytes(t, deck(t, []string{shape("title", ap("Harvest")) + chartFrame}, []string{"k", "chart", "../charts/c.xml"}, part{"ppt/charts/c.xml", chartPart("barChart", "")}))
		if wantText(t, f, "Bags a year"); f.Counts["charts_lost"] != 1 {
			t.Errorf("%v", f.Counts)
		}
	})
	t.Run("a million points", func(t *testing.T) {
		values := make([]string, 1_000_000)
		for i := range values {
			values[i] = "7"
		}
		f := readBytes(t, deck(t, []string{shape("title", ap("Long")) + chartFrame}, []string{"k", "chart", "../charts/c.xml"}, part{"ppt/charts/c.xml", chartPart("lineChart", chartSeriesOf("A", chartValues("val", "", values...)))}))
		wantText(t, f, "2000 | 7")
		if f.Counts["charts_cut"] != 1 || f.Bytes > 100_000 || f.PeakRSS > costs*200<<20 {
			t.Errorf("%v, %d bytes of text, %d MB", f.Counts, f.Bytes, f.PeakRSS>>20)
		}
	})
}

func TestDiagrams(t *testing.T) {
	point := func(id, text, kind string) string {
		return `<dgm:pt modelId="` + id + `" type="` + kind + `"><dgm:t>` + ap(text) + `</dgm:t></dgm:pt>`
	}
	link := func(from, to string, order int) string {
		return fmt.Sprintf(`<dgm:cxn srcId="%s" destId="%s" srcOrd="%d"/>`, from, to, order)
	}
	data := func(layout, points, links string) string {
		return `<dgm:dataModel xmlns:dgm="d" xmlns:a="a"><dgm:ptLst><dgm:pt modelId="0" type="doc"><dgm:prSet loTypeId="` + layout + `"/></dgm:pt>` + points + `</dgm:ptLst><dgm:cxnLst>` + links + `</dgm:cxnLst></dgm:dataModel>`
	}
	frame := func(id string) string {
		return `<p:graphicFrame><a:graphicData><dgm:relIds xmlns:dgm="d" r:dm="` + id + `"/></a:graphicData></p:graphicFrame>`
	}
	read := func(t *testing.T, slide string, diagrams ...string) found {
		links, parts := []string{}, []part{}
		for i, d := range diagrams {
			links = append(links, fmt.Sprintf("d%d", i), "diagramData", fmt.Sprintf("../diagrams/%d.xml", i))
			parts = append(parts, part{fmt.Sprintf("ppt/diagrams/%d.xml", i), d})
		}
		f := readBytes(t, deck(t, []string{slide}, links, parts...))
		wantText(t, f)
		return f
	}
	t.Run("two in their place", func(t *testing.T) {
		f := read(t, frame("d1")+shape("body", ap("between"))+frame("d0"), data("", point("1", "Seed", "")+point("2", "Bean", ""), ""),
			data("layout/cycle2", point("1", "Egg", "node")+point("9", "", "sibTrans")+point("2", "Hen", "node"), link("0", "2", 1)+link("0", "1", 0)))
		if f.text() != "1. Egg\n2. Hen\n\nbetween\n\n- Seed\n- Bean\n\n" || f.Counts["diagrams"] != 2 {
			t.Errorf("%v\n%s", f.Counts, f.text())
		}
	})
	t.Run("nested", func(t *testing.T) {
		f := read(t, frame("d0"), data("hierarchy", point("1", "Animals", "")+point("2", "Birds", "")+point("3", "hen", "")+point("4", "duck", "")+point("5", "Fish", ""),
			link("0", "1", 0)+link("1", "2", 0)+link("1", "5", 1)+link("2", "4", 1)+link("2", "3", 0)))
		if f.text() != "- Animals\n• Birds: hen; duck\n• Fish\n\n" {
			t.Errorf("%q", f.text())
		}
	})
	t.Run("a loop, and nothing", func(t *testing.T) {
		f := read(t, shape("body", ap("text"))+frame("d0")+frame("d1"), data("", point("1", "A", "")+point("2", "B", ""), link("0", "1", 0)+link("1", "2", 0)+link("2", "1", 0)), data("", "", ""))
		if !strings.Contains(f.text(), "- A\n• B") || f.Counts["diagrams_lost"] != 1 {
			t.Errorf("%v %q", f.Counts, f.text())
		}
	})
	t.Run("a line of 5,000", func(t *testing.T) {
		var points, links strings.Builder
		for i := 1; i <= 5000; i++ {
			points.WriteString(point(fmt.Sprint(i), fmt.Sprint("p", i), ""))
			links.WriteString(link(fmt.Sprint(i-1), fmt.Sprint(i), 0))
		}
		if f := read(t, frame("d0"), data("", points.String(), links.String())); f.Counts["diagrams_cut"] != 1 || !strings.Contains(f.text(), "p2000") {
			t.Errorf("%v", f.Counts)
		}
	})
}
