package extract

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

const odfNS = `xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="tb" xmlns:draw="d" xmlns:presentation="p" xmlns:xlink="x" xmlns:svg="v" xmlns:chart="c" xmlns:math="m"`

// makeODF wraps automatic styles and a body.
func makeODF(t testing.TB, form format, styles, body string, more ...part) []byte {
	t.Helper()
	return makeZip(t, append([]part{{"mimetype", formats[form].mediaType}, {"content.xml", xmlHead + `<office:document-content ` + odfNS +
		`><office:automatic-styles>` + styles + `</office:automatic-styles><office:body>` + body + `</office:body></office:document-content>`}}, more...)...)
}

func textStyle(name, properties string) string {
	return `<style:style style:name="` + name + `" style:family="text"><style:text-properties ` + properties + `/></style:style>`
}

func numbered(level int, attrs string) string {
	return fmt.Sprintf(`<text:list-level-style-number text:level="%d" %s><style:text-properties/></text:list-level-style-number>`, level, attrs)
}

func items(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(`<text:list-item><text:p>` + text + `</text:p></text:list-item>`)
	}
	return b.String()
}

func TestODFPowers(t *testing.T) {
	styles := textStyle("Up", `style:text-position="super 58%"`) + textStyle("Hi", `style:text-position="33% 66%"`) +
		textStyle("Lo", `style:text-position="sub 58%"`) + textStyle("Gone", `text:display="none"`) +
		`<style:style style:name="UpBold" style:family="text" style:parent-style-name="Up"/>` +
		`<text:list-style style:name="L"><text:list-level-style-bullet text:level="1"><style:text-properties style:text-position="0% 100%"/></text:list-level-style-bullet></text:list-style>`
	f := readBytes(t, makeODF(t, formatODT, styles, `<office:text><text:p>10<text:span text:style-name="Up">-9</text:span> m, 5 m<text:span text:style-name="UpBold">2</text:span>, `+
		`CO<text:span text:style-name="Lo">2</text:span>, 2<text:span text:style-name="Hi">n<text:span>+1</text:span></text:span><text:span text:style-name="Gone">secret</text:span>.</text:p></office:text>`))
	wantWhole(t, f, "10⁻⁹ m, 5 m², CO₂, 2ⁿ⁺¹.")
	if f.Counts["hidden"] != 1 {
		t.Errorf("counts %v", f.Counts)
	}
}

func TestODFLists(t *testing.T) {
	styles := `<text:list-style style:name="N">` + numbered(1, `style:num-format="1" style:num-suffix="."`) + numbered(2, `style:num-format="a" style:num-suffix=")"`) + `</text:list-style>` +
		`<text:list-style style:name="S">` + numbered(1, `style:num-format="I" style:num-prefix="(" style:num-suffix=")" text:start-value="3"`) + `</text:list-style>` +
		`<text:list-style style:name="D">` + numbered(1, `style:num-format="1"`) + numbered(2, `style:num-format="1" text:display-levels="2"`) + `</text:list-style>` +
		`<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>` +
		`<style:style style:name="Steps" style:family="paragraph" style:list-style-name="S"/><style:style style:name="P1" style:family="paragraph" style:parent-style-name="Steps"/>`
	for body, want := range map[string]string{
		`<text:p>To mend:</text:p><text:list text:style-name="N">` + items("find") + `<text:list-item><text:p>rub</text:p><text:p>well</text:p><text:list>` + items("left", "right") + `</text:list></text:list-item>` + items("glue") + `</text:list>` +
			`<text:p>Rest.</text:p><text:list text:style-name="N" text:continue-numbering="true">` + items("pump") + `</text:list><text:list text:style-name="N">` + items("again") + `</text:list>`: "To mend:\n1. find\n2. rub\nwell\na) left\nb) right\n3. glue\n\nRest.\n4. pump\n1. again",
		`<text:list text:style-name="S">` + items("x", "y") + `<text:list-item text:start-value="9"><text:p>z</text:p></text:list-item></text:list>`:                                         "(III) x\n(IV) y\n(IX) z",
		`<text:list text:style-name="D">` + items("a") + `<text:list-item><text:p>b</text:p><text:list>` + items("c", "d") + `</text:list></text:list-item></text:list>`:                     "1. a\n2. b\n2.1 c\n2.2 d",
		`<text:list text:style-name="B">` + items("dot") + `</text:list>`:                                                                                                                    "- dot",
		`<text:list><text:list-item><text:p text:style-name="P1">by style</text:p></text:list-item></text:list>`:                                                                             "(III) by style",
		`<text:list xml:id="q" text:style-name="N">` + items("one") + `</text:list><text:p>x</text:p><text:list text:style-name="N" text:continue-list="q">` + items("two") + `</text:list>`: "1. one\n\nx\n2. two",
		`<text:list text:style-name="N"><text:list-header><text:p>Heard:</text:p></text:list-header>` + items("one") + `</text:list>`:                                                        "Heard:\n1. one",
	} {
		got := strings.TrimSpace(readBytes(t, makeODF(t, formatODT, styles, `<office:text>`+body+`</office:text>`)).text())
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestODFHeadings(t *testing.T) {
	outline := part{"styles.xml", `<office:document-styles ` + odfNS + `><office:styles><text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/>` +
		`<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2" style:num-suffix="."/></text:outline-style>` +
		`<style:style style:name="Title" style:family="paragraph"/></office:styles></office:document-styles>`}
	f := readBytes(t, makeODF(t, formatODT, "", `<office:text><text:p text:style-name="Title">Soils</text:p><text:h text:outline-level="1">Clay</text:h><text:p>heavy</text:p>`+
		`<text:h text:outline-level="2">Pots</text:h><text:p>baked</text:p><text:h text:outline-level="1">Sand</text:h><text:h text:outline-level="2">Glass</text:h><text:p>clear</text:p>`+
		`<text:h text:outline-level="1" text:is-list-header="true">Notes</text:h><text:p>last</text:p></office:text>`, outline))
	for text, heading := range map[string]string{"heavy": "Soils › 1 Clay", "baked": "Soils › 1 Clay › 1.1 Pots", "clear": "Soils › 2 Sand › 2.1 Glass", "last": "Soils › Notes"} {
		if got := f.section(t, text).Heading; got != heading {
			t.Errorf("%q below %q, want %q", text, got, heading)
		}
	}
}

func TestODFTables(t *testing.T) {
	cell := func(text, attrs string) string {
		return `<table:table-cell ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`
	}
	f := readBytes(t, makeODF(t, formatODT, `<style:style style:name="P5" style:family="paragraph" style:parent-style-name="Table"/>`, `<office:text><text:p text:style-name="P5">Table 1: Lessons</text:p><table:table>`+
		`<table:table-header-rows><table:table-row>`+cell("Day", "")+cell("Hours", `table:number-columns-spanned="2"`)+`<table:covered-table-cell/></table:table-row></table:table-header-rows>`+
		`<table:table-row>`+cell("Monday", `table:number-rows-spanned="2"`)+cell("8:00", "")+cell("Maths", "")+`</table:table-row>`+
		`<table:table-row><table:covered-table-cell/>`+cell("free", `table:number-columns-repeated="2"`)+`</table:table-row>`+
		`<table:table-row table:number-rows-repeated="2">`+`<table:table-cell table:number-columns-repeated="2"/>`+cell("late", "")+`</table:table-row></table:table></office:text>`))
	want := appliance.Table{Caption: "Table 1: Lessons", Columns: []string{"Day", "Hours", "Hours"},
		Rows: [][]string{{"Monday", "8:00", "Maths"}, {"Monday", "free", "free"}, {"", "", "late"}, {"", "", "late"}}, Repeats: [][]int{nil, {0}, nil, nil}}
	if got := f.tables(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v", got)
	}
}

func TestODFThingsWithin(t *testing.T) {
	object := func(n string) string {
		return `<draw:frame><draw:object xlink:href="./` + n + `"/><draw:image xlink:href="./ObjectReplacements/` + n + `"/></draw:frame>`
	}
	chart := `<office:document-content ` + odfNS + `><office:body><office:chart><chart:chart><chart:title><text:p>Harvest in bags</text:p></chart:title><chart:plot-area><chart:axis><chart:title><text:p>Year</text:p></chart:title></chart:axis></chart:plot-area>` +
		`<table:table table:name="local-table"><table:table-header-rows><table:table-row><table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>Maize</text:p></table:table-cell></table:table-row></table:table-header-rows>` +
		`<table:table-row><table:table-cell><text:p>2022</text:p></table:table-cell><table:table-cell office:value="37"><text:p>37</text:p></table:table-cell></table:table-row>` +
		`<table:table-row><table:table-cell><text:p>2023</text:p></table:table-cell><table:table-cell><text:p>52</text:p></table:table-cell></table:table-row></table:table></chart:chart></office:chart></office:body></office:document-content>`
	formula := `<math xmlns="m"><semantics><mrow><mi>E</mi><mo>=</mo><msup><mi>c</mi><mn>2</mn></msup></mrow><annotation encoding="StarMath 5.0">E = c^2</annotation></semantics></math>`
	f := readBytes(t, makeODF(t, formatODT, "", `<office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>deleted words</text:p></text:deletion></text:changed-region></text:tracked-changes>`+
		`<text:p>Before<text:note><text:note-citation>2</text:note-citation><text:note-body><text:p>The note.</text:p></text:note-body></text:note> <text:change text:change-id="x"/>and `+object("Object 1")+` holds.`+
		`<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame><office:annotation><text:p>a remark</text:p></office:annotation></text:p><text:p>`+object("Object 2")+`</text:p>`+
		`<text:p><draw:frame><draw:image xlink:href="a.png"/><svg:title>x.png</svg:title><svg:desc>A goat on a hill</svg:desc></draw:frame><draw:frame><draw:image xlink:href="b.png"/></draw:frame>`+object("Object 9")+`</text:p>`+
		`<text:section text:display="none"><text:p>hidden part</text:p></text:section></office:text>`,
		part{"Object 1/content.xml", formula}, part{"Object 2/content.xml", chart}))
	wantText(t, f, "Before[2] and E = c² holds.\n\n[2] The note.\n\nIn a box.", "[picture: A goat on a hill]")
	if got := f.tables(); len(got) != 1 || got[0].Caption != "Harvest in bags" || !slices.Equal(got[0].Columns, []string{"", "Maize"}) || !slices.Equal(got[0].Rows[1], []string{"2023", "52"}) {
		t.Errorf("tables %+v", got)
	}
	for _, no := range []string{"deleted", "remark", "hidden part", "StarMath"} {
		if strings.Contains(f.text(), no) {
			t.Errorf("text contains %q", no)
		}
	}
	want := map[string]int{"footnotes": 1, "formulas": 1, "charts": 1, "tables": 1, "comments": 1, "hidden": 1, "pictures": 2, "pictures_without_text": 1, "embedded_lost": 1}
	if !reflect.DeepEqual(f.Counts, want) {
		t.Errorf("counts %v", f.Counts)
	}
	if tex := f.section(t, "Before").TeX; !slices.Equal(tex, []string{"E=c^{2}"}) {
		t.Errorf("TeX %q", tex)
	}
}

func TestODPSlides(t *testing.T) {
	frame := func(class, inner string) string {
		return `<draw:frame presentation:class="` + class + `"><draw:text-box>` + inner + `</draw:text-box></draw:frame>`
	}
	f := readBytes(t, makeODF(t, formatODP, `<text:list-style style:name="N">`+numbered(1, `style:num-format="1" style:num-suffix="."`)+`</text:list-style>`, `<office:presentation>`+
		`<draw:page>`+frame("title", `<text:p>Havn</text:p>`)+frame("outline", `<text:list text:style-name="N">`+items("port", "fish")+`</text:list>`)+
		`<draw:custom-shape><text:p>An arrow</text:p></draw:custom-shape><presentation:notes><draw:page-thumbnail/>`+frame("notes", `<text:p>Speak slowly.</text:p>`)+`</presentation:notes></draw:page>`+
		`<draw:page>`+frame("title", `<text:p>Pyrus</text:p>`)+frame("outline", `<text:p>hills</text:p>`)+`</draw:page></office:presentation>`))
	if s := f.section(t, "port"); s.Heading != "Havn" || s.Place.Slide != 1 || !strings.Contains(s.Text, "1. port\n2. fish") || !strings.Contains(s.Text, "An arrow") || !strings.Contains(s.Text, "Speak slowly.") {
		t.Errorf("%+v", s)
	}
	if s := f.section(t, "hills"); s.Heading != "Pyrus" || s.Place.Slide != 2 {
		t.Errorf("%+v", s)
	}
}

func TestHostileODF(t *testing.T) {
	var rows strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&rows, `<table:table-row><table:table-cell><text:p>name %d</text:p></table:table-cell><table:table-cell><text:p>%d</text:p></table:table-cell></table:table-row>`, i*7919, i*i)
	}
	long := rows.String()
	points := `<office:c ` + odfNS + `><office:chart><table:table>` + strings.Repeat(`<table:table-row><table:table-cell><text:p>9</text:p></table:table-cell></table:table-row>`, 300_000) + `</table:table></office:chart></office:c>`
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"lists":     {makeODF(t, formatODT, "", strings.Repeat(`<text:list><text:list-item>`, 100)+`<text:p>deep</text:p>`), "deep"},
		"rows":      {makeODF(t, formatODT, "", `<table:table>`+long+`</table:table><text:p>end</text:p>`), "end"},
		"repeats":   {makeODF(t, formatODT, "", `<table:table><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="1000000"><text:p>r</text:p></table:table-cell></table:table-row></table:table><text:p>end</text:p>`), "r"},
		"nested":    {makeODF(t, formatODT, "", `<table:table><table:table-row><table:table-cell><table:table>`+long+`</table:table></table:table-cell></table:table-row></table:table><text:p>end</text:p>`), "end"},
		"footnotes": {makeODF(t, formatODT, "", `<text:p>`+strings.Repeat(`x<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p></text:note-body></text:note>`, 10_000)+`</text:p><text:p>end</text:p>`), "end"},
		"itself":    {makeODF(t, formatODT, "", `<text:p>a<draw:frame><draw:object xlink:href="."/></draw:frame></text:p><text:p>end</text:p>`), "end"},
		"points":    {makeODF(t, formatODT, "", `<draw:frame><draw:object xlink:href="O"/></draw:frame><text:p>end</text:p>`, part{"O/content.xml", points}), "end"},
		"numbers":   {makeODF(t, formatODT, `<text:list-style style:name="N">`+numbered(1, `style:num-format="I" text:start-value="999999999"`)+`</text:list-style><style:style style:name="A" style:family="text" style:parent-style-name="A"/>`, `<text:list text:style-name="N"><text:list-item text:start-value="-5"><text:p><text:span text:style-name="A">end</text:span></text:p></text:list-item></text:list>`), "end"},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, test.data)
			wantText(t, f)
			if !strings.Contains(f.text(), test.want) {
				t.Errorf("text lacks %q: %.300s", test.want, f.text())
			}
			if f.PeakRSS > costs*250<<20 {
				t.Errorf("the child took %d MB", f.PeakRSS>>20)
			}
		})
	}
}
