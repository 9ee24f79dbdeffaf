package extract

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// webPage reads the body of a web page.
func webPage(t *testing.T, body string) found {
	t.Helper()
	f := readBytes(t, []byte("<!doctype html><html><head><meta charset=utf-8></head><body>"+body+"</body></html>"))
	if f.err != nil {
		t.Fatal(f.err)
	}
	return f
}

func (f found) tables() (tables []appliance.Table) {
	for _, s := range f.sections {
		if s.Table != nil {
			tables = append(tables, *s.Table)
		}
	}
	return tables
}

func wantWhole(t *testing.T, f found, want string) {
	t.Helper()
	if got := strings.TrimSpace(f.text()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHTMLPowersAndIndices(t *testing.T) {
	for body, want := range map[string]string{
		`<p>3 × 10<sup>8</sup> m/s, 2.5·10<sup>−10</sup> kg, 5 m<sup>2</sup>`:                                                                                "3 × 10⁸ m/s, 2.5·10⁻¹⁰ kg, 5 m²",
		`<p>CO<sub>2</sub> and H<sub>2</sub>SO<sub>4</sub>, v<sub>max</sub>`:                                                                                 "CO₂ and H₂SO₄, vₘₐₓ",
		`<p>(a+b)<sup>n+1</sup>, 2<sup>xy/3</sup>, the 1<sup>st</sup>, XIX<sup>e</sup> siècle`:                                                               "(a+b)ⁿ⁺¹, 2^(xy/3), the 1st, XIXe siècle",
		`<p>10<span style="vertical-align: super; font-size:60%"><span>12</span></span> cells`:                                                               "10¹² cells",
		`<style>.c5{font-size:9pt;vertical-align:super} span.lo, b.x{vertical-align:sub}</style><p>10<span class="c1 c5">6</span> H<span class=lo>2</span>O`: "10⁶ H₂O",
		`<p>rain<sup><a href="#fn1">1</a></sup> falls<a href="x.html#n2"><sup>2</sup></a> on<sup id="cite_ref-3" class="reference"><a href="#cite_note-3"><span>[</span>3<span>]</span></a></sup> hills<a epub:type="noteref" href="#n4">4</a>.`: "rain[1] falls[2] on[3] hills[4].",
		`<ol><li id="n1">The note. <a href="#r1">↩</a></ol>`: "1. The note.",
		`<table><tr><th>Body</th><th>Mass</th></tr><tr><td>Moon</td><td>7 × 10<sup>22</sup> kg</td></tr><tr><td>Sun</td><td>2 × 10<sup>30</sup> kg</td></tr></table>`: "Body | Mass\nMoon | 7 × 10²² kg\nSun | 2 × 10³⁰ kg",
		`<h2>Area in m<sup>2</sup></h2>`:                                 "Area in m²",
		`<p>Old: <del>12</del><ins>15</ins> pupils <b>2<sup>3</b></sup>`: "Old: 15 pupils 2³",
	} {
		wantWhole(t, webPage(t, body), want)
	}
}

func TestHTMLLists(t *testing.T) {
	for body, want := range map[string]string{
		`<p>To make soap:</p><ol><li>Mix.<li>Stir.<ol type=a><li>slowly<li>for an hour</ol><li>Pour.</ol><p>Rest.</p><ol start=4><li>Cut.</ol>`: "To make soap:\n1. Mix.\n2. Stir.\na. slowly\nb. for an hour\n3. Pour.\n\nRest.\n4. Cut.",
		`<ol reversed><li>three<li>two<li>one</ol>`:                                                                                               "3. three\n2. two\n1. one",
		`<ol reversed start=10><li>ten<li>nine<li value=5>five<li>four</ol>`:                                                                      "10. ten\n9. nine\n5. five\n4. four",
		`<ol style="list-style-type: upper-roman"><li>x<li>y<li><p>z</p><p>more of z</p></ol>`:                                                    "I. x\nII. y\nIII. z\nmore of z",
		`<style>ol.al{list-style:lower-alpha outside} ul.n{list-style-type:none}</style><ol class=al start=3><li>c</ol><ul class=n><li>bare</ul>`: "c. c\nbare",
		`<ul><li>one<ul><li>one a</ul>after<li>two</ul>`:                                                                                          "- one\n- one a\nafter\n- two",
		`<dl><dt>Erosion<dd>Loss of soil.<dt>Silt<dt>Mud<dd>Fine soil.<dd>Wet soil.<dt>Alone</dl>`:                                                "Erosion: Loss of soil.\nSilt, Mud: Fine soil.\nSilt, Mud: Wet soil.\n\nAlone",
		`<details><summary>Why?</summary>Because.</details><figure><img src=a.png alt="A cow"><figcaption>Our cow</figcaption></figure>`:          "Why?\n\nBecause.\n\n[picture: A cow]\n\nOur cow",
	} {
		wantWhole(t, webPage(t, body), want)
	}
}

func TestHTMLTables(t *testing.T) {
	f := webPage(t, `<h1>Plan</h1><p>Here:</p><table><caption>Timetable of <b>P6</b></caption>
<thead><tr><td rowspan=2>Day<td colspan=2>Lessons<tr><td>Morning<td>Afternoon</thead>
<tbody><tr><td rowspan=2>Monday<td>Maths<td>Games<tr><td colspan=2>Biology<tr><td>Tuesday<td><ul><li>Art<li>Music</ul><td rowspan=0>Free</table><p>End.`)
	want := appliance.Table{Caption: "Timetable of P6", Columns: []string{"Day", "Lessons / Morning", "Lessons / Afternoon"},
		Rows: [][]string{{"Monday", "Maths", "Games"}, {"Monday", "Biology", "Biology"}, {"Tuesday", "- Art - Music", "Free"}}, Repeats: [][]int{nil, {0, 2}, nil}}
	if got := f.tables(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v", got)
	}
	if len(f.sections) != 3 || f.sections[1].Heading != "Plan" || f.sections[2].Text != "End." || f.Counts["tables"] != 1 {
		t.Errorf("sections %+v, counts %v", f.sections, f.Counts)
	}

	f = webPage(t, `<table><tr><td>a</td><td>b</td><td><table><tr><td>x<td>y</table></td></tr><tr><td>1<td>2<td>3</tr></table>`)
	if got := f.tables(); len(got) != 1 || got[0].Rows[0][2] != "x | y" && got[0].Columns[2] != "x | y" {
		t.Errorf("nested: %+v", got)
	}
}

func TestTablesThatLayOutAPage(t *testing.T) {
	f := webPage(t, `<table><tr><td>Menu</td><td><h2>Goats</h2><p>They climb.</p><table><tr><th>Age<th>Milk<tr><td>1<td>2<tr><td>3<td>4</table><h2>Sheep</h2>They graze.</td></tr></table>`)
	wantText(t, f, "They climb.", "They graze.")
	if h := f.section(t, "graze").Heading; h != "Sheep" {
		t.Errorf("heading %q", h)
	}
	if got := f.tables(); len(got) != 1 || !slices.Equal(got[0].Columns, []string{"Age", "Milk"}) {
		t.Errorf("tables %+v", got)
	}
	// A newsletter: nothing but tables within tables.
	f = webPage(t, strings.Repeat(`<table><tr><td>`, 12)+`<p>Dear parents,</p><p>school begins on Monday.</p>`+strings.Repeat(`</td></tr></table>`, 12))
	wantWhole(t, f, "Dear parents,\n\nschool begins on Monday.")
}

func TestHTMLHeadings(t *testing.T) {
	f := webPage(t, `<header><h1>Farm</h1></header><h2>Rooster</h2><p>four</p><h2>Cow</h2><p>nine</p><h3>Calf</h3>small
<div role=heading aria-level=2><div>Goat</div></div><p>two</p><h2>Cat</h2><p>mice</p>`)
	for text, heading := range map[string]string{"four": "Farm › Rooster", "nine": "Farm › Cow", "small": "Farm › Cow › Calf",
		"two": "Farm › Goat", "mice": "Farm › Cat"} {
		if got := f.section(t, text).Heading; got != heading {
			t.Errorf("%q below %q, want %q", text, got, heading)
		}
	}
}

func TestHTMLFormulas(t *testing.T) {
	f := webPage(t, `<p>So <math><mi>v</mi><mo>=</mo><msqrt><mrow><mn>2</mn><mi>g</mi><mi>h</mi></mrow></msqrt></math> holds.</p>
<p>Mean: <m:math xmlns:m="x"><m:mfrac><m:mrow><m:mi>a</m:mi><m:mo>+</m:mo><m:mi>b</m:mi></m:mrow><m:mn>2</m:mn></m:mfrac></m:math>.</p>
<p>Area: <span style="display:none" class="mwe-math-mathml-inline"><math alttext="{\displaystyle \pi r^{2}}"><semantics><mrow><mi>π</mi><msup><mi>r</mi><mn>2</mn></msup></mrow><annotation encoding="application/x-tex">{\displaystyle \pi r^{2}}</annotation></semantics></math></span><img src="x.svg" class="mwe-math-fallback-image-inline" alt="{\displaystyle \pi r^{2}}">.</p>
<p>KaTeX: <span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>E</mi></mrow><annotation encoding="application/x-tex">E</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span>Egarbage</span></span></span>.</p>
<p>MathJax: \(\frac{a}{b} \times 2\) and <script type="math/tex">x_1^2</script>.</p>`)
	wantText(t, f, "So v = √(2gh) holds.", "Mean: (a + b)/2.", "Area: πr².", "KaTeX: E.", "MathJax: a/b × 2 and x₁²")
	var tex []string
	for _, s := range f.sections {
		tex = append(tex, s.TeX...)
	}
	for _, want := range []string{`v=\sqrt{2gh}`, `\frac{a+b}{2}`, `\pi r^{2}`, `E`, `\frac{a}{b} \times 2`, `x_1^2`} {
		if !slices.Contains(tex, want) {
			t.Errorf("no %s in %q", want, tex)
		}
	}
	if f.Counts["formulas"] != len(tex) || strings.Contains(f.text(), "garbage") || strings.Contains(f.text(), "displaystyle") {
		t.Errorf("counts %v: %s", f.Counts, f.text())
	}
}

func TestHTMLPictures(t *testing.T) {
	f := webPage(t, `<p>See <img src=x alt="The water cycle: sun, cloud, rain"> <img src=y alt="IMG_2034.JPG"><img src=z><img src=t width=1 height=1><img class=emoji alt="👍"></p>`)
	wantWhole(t, f, "See [picture: The water cycle: sun, cloud, rain] 👍")
	if f.Counts["pictures"] != 3 || f.Counts["pictures_without_text"] != 2 {
		t.Errorf("counts %v", f.Counts)
	}
}

func TestHTMLHidden(t *testing.T) {
	f := webPage(t, `<p hidden>no<p>yes</p><div style="color:red; display: none"><div>never</div> neither</div><ul><li hidden>not<li>item</ul><div hidden></div>after`)
	wantWhole(t, f, "yes\n- item\n\nafter")
	if f.Counts["hidden"] != 3 {
		t.Errorf("counts %v", f.Counts)
	}
}

func TestXHTMLThatClosesItself(t *testing.T) {
	f := readBytes(t, []byte(`<?xml version="1.0"?><html xmlns="x"><head><title/><script src="a.js"/><style/></head><body><p>All is here.</p></body></html>`))
	wantWhole(t, f, "All is here.")
}

func TestHostilePages(t *testing.T) {
	var rows strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&rows, "<tr><td>Sector %d<td>%d<td>%d", i, i*7, i%9)
	}
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"lists":         {strings.Repeat("<ol><li>x", 200) + "deep", []string{"deep"}},
		"many lists":    {strings.Repeat("<ul><li>", 200_000) + "deep", []string{"deep"}},
		"colspan":       {`<table><tr><td colspan=100000>a<td>b<tr><td rowspan=1000000>c<td>d<tr><td>e</table>end`, []string{"a", "c", "d", "e", "end"}},
		"rows":          {"<table><tr><th>Name<th>People<th>Schools" + rows.String() + "</table>", []string{"Sector 49999 | 349993 | 4"}},
		"tables":        {strings.Repeat("<table><tr><td>t", 100_000) + "deep", []string{"deep"}},
		"nested data":   {"<table><tr><th>a<th>b<tr><td>1<td>" + strings.Repeat("<table><tr><td>x<td>y", 5000) + "deep", []string{"deep"}},
		"inline":        {strings.Repeat("<sup><b>", 100_000) + "deep", []string{"deep"}},
		"math":          {"<math>" + strings.Repeat("<mrow><mi>x</mi>", 100_000) + "</math>end", []string{"end"}},
		"countdown":     {"<ol reversed>" + strings.Repeat("<li>x", 20_000) + "</ol>end", []string{"end"}},
		"long cell":     {"<table><tr><th>a<th>b<tr><td>1<td>" + strings.Repeat("word ", 100_000) + "<tr><td>2<td>last</table>", []string{"last"}},
		"long nested":   {"<table><tr><th>a<th>b<tr><td>1<td><table>" + rows.String() + "</table></table>end", []string{"Sector 49999", "end"}},
		"style":         {"<style>" + strings.Repeat(".a{vertical-align:super}", 50_000) + "</style>10<b class=a>2</b>", []string{"10²"}},
		"negative list": {`<ol start=-2 type=i><li>a<li>b</ol><ol start=99999999999999999999><li>c</ol>`, []string{"-2. a", "-1. b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := webPage(t, test.body)
			wantText(t, f)
			for _, w := range test.want {
				if !strings.Contains(f.text(), w) {
					t.Errorf("text lacks %q: %.300s", w, f.text())
				}
			}
			if f.PeakRSS > costs*200<<20 {
				t.Errorf("the child took %d MB", f.PeakRSS>>20)
			}
			for _, table := range f.tables() {
				for _, row := range table.Rows {
					if len(row) > maxColumns {
						t.Fatalf("a row of %d cells", len(row))
					}
				}
			}
		})
	}
}

func TestEPUBSaysWhatItsStylesMean(t *testing.T) {
	f := readBytes(t, makeZip(t, part{"mimetype", "application/epub+zip"},
		part{"META-INF/container.xml", `<container><rootfile full-path="o/p.opf"/></container>`},
		part{"o/p.opf", `<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="s" href="s.css" media-type="text/css"/></manifest><spine><itemref idref="a"/></spine></package>`},
		part{"o/s.css", `.up{vertical-align:super;font-size:.7em} ol.abc { list-style-type : lower-alpha }`},
		part{"o/a.xhtml", xmlHead + `<html xmlns="x"><head><title/></head><body><h1>Stars</h1><p>10<span class="up">11</span> of them.</p><ol class="abc"><li>near</li><li>far</li></ol>
<p>Fact.<a epub:type="noteref" href="#n">1</a></p><table><tr><th>Star</th><th>Light</th></tr><tr><td rowspan="2">Sun</td><td>yellow</td></tr><tr><td>bright</td></tr></table></body></html>`}))
	wantText(t, f, "10¹¹ of them.\na. near\nb. far\n\nFact.[1]", "Star | Light\nSun | yellow\nSun | bright")
	if s := f.section(t, "near"); s.Heading != "Stars" || s.Place.Page != 1 {
		t.Errorf("%+v", s)
	}
}
