package extract

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// markdownText reads Markdown; a heading makes sure that it is taken for it.
func markdownText(t *testing.T, body string) found {
	t.Helper()
	f := readBytes(t, []byte("# T\n\n# U\n"+body))
	if f.err != nil || f.MediaType != "text/markdown" {
		t.Fatalf("%+v, %v", f.Info, f.err)
	}
	f.sections = f.sections[1:]
	return f
}

func TestMarkdownForms(t *testing.T) {
	for body, want := range map[string]string{
		"Light: 3 × 10^8^ m/s, H~2~O, m<sup>2</sup> and CO<sub>2</sub>, `x^2^`.":                                            "Light: 3 × 10⁸ m/s, H₂O, m² and CO₂, x^2^.",
		"To mend:\n\n1. find\n1. rub\n   and *dry*\n   - left\n   - right\n1. glue\n\nRest.\n\n4. pump\n5. ride":            "To mend:\n1. find\n2. rub and dry\n- left\n- right\n3. glue\n\nRest.\n4. pump\n5. ride",
		"1) a\n2) b\n4) d\n\n   more of d\n\n* x\n+ y":                                                                      "1) a\n2) b\n4) d\nmore of d\n- x\n- y",
		"See ![A cow](c.png) and ![](d.png) at [home](http://x/(y)) <b>now</b> &amp; _then_ ~~no~~.[^1]\n\n[^1]: The note.": "See [picture: A cow] and at home now & then .[1]\n\n[1] The note.",
		"Area $\\pi r^2$ costs $5 and $6, or $$\\frac{a}{b}$$.":                                                             "Area πr² costs $5 and $6, or a/b.",
		"> quoted\n> words\n\nErosion\n: Loss of soil.\n\n\\*not a list\\*":                                                 "quoted\nwords\nErosion: Loss of soil.\n\n*not a list*",
		"In 1990. It was\n12. May of that year.":                                                                            "In 1990. It was\n12. May of that year.",
		"<table><tr><th>A<th>B</tr>\n\n<tr><td>1<td>2<sup>3</sup></table>\n\nend":                                           "A | B\n1 | 2³\n\nend",
		"```python\n# not a heading\n1. raw\n```\nafter":                                                                    "# not a heading\n1. raw\n\nafter",
	} {
		wantWhole(t, markdownText(t, body), want)
	}
}

func TestMarkdownTables(t *testing.T) {
	f := markdownText(t, "Lessons:\nDay | Subject\n:--- | ---:\nMon | **Maths** \\| sums\nTue | `a|b`\n\n| x |\n|---|\n| 1 |\nend")
	got := f.tables()
	want := appliance.Table{Columns: []string{"Day", "Subject"}, Rows: [][]string{{"Mon", "Maths | sums"}, {"Tue", "a|b"}}}
	if len(got) == 0 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v", got)
	}
	wantText(t, f, "Lessons:", "end")
}

func TestMarkdownHeadings(t *testing.T) {
	f := readBytes(t, []byte("---\ntitle: \"Farm\"\nauthor: x\n---\nRooster\n-------\nfour\n## Cow {#cow}\nnine\n### Calf ###\nsmall\nGoat\n====\ntwo\n#Cat is no heading\n"))
	for text, heading := range map[string]string{"four": "Farm › Rooster", "nine": "Farm › Cow", "small": "Farm › Cow › Calf", "two": "Farm › Goat"} {
		if got := f.section(t, text).Heading; got != heading {
			t.Errorf("%q below %q, want %q", text, got, heading)
		}
	}
	if strings.Contains(f.text(), "author") {
		t.Errorf("settings are read: %s", f.text())
	}
}

func TestMarkdownFormulasAreKept(t *testing.T) {
	f := markdownText(t, "So $v = \\sqrt{2gh}$ and \\(x_1\\).")
	if got := f.section(t, "√(2gh)"); !slices.Equal(got.TeX, []string{`x_1`, `v = \sqrt{2gh}`}) && !slices.Equal(got.TeX, []string{`v = \sqrt{2gh}`, `x_1`}) {
		t.Errorf("%+v", got)
	}
}

func TestHostileMarkdown(t *testing.T) {
	var nested, rows strings.Builder
	for i := range 200 {
		nested.WriteString(strings.Repeat("  ", i) + "- item\n")
	}
	for i := range 50_000 {
		fmt.Fprintf(&rows, "| name %d | %d |\n", i, i*3)
	}
	for name, test := range map[string]struct{ body, want string }{
		"nested":   {nested.String() + "\nend", "end"},
		"rows":     {"| a | b |\n|---|---|\n" + rows.String() + "\nend", "name 49999 | 149997"},
		"brackets": {strings.Repeat("[", 300_000) + "\n\nend", "end"},
		"stars":    {strings.Repeat("*a **b _c ", 30_000) + "\n\nend", "end"},
		"quotes":   {strings.Repeat("> ", 100_000) + "\n\nend", "end"},
		"money":    {strings.Repeat("$a ", 50_000) + "\n\nend", "end"},
		"wide":     {"|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("|x|y|\n", 500) + "\nend", "end"},
		"html":     {strings.Repeat("<table>\n", 20_000) + "end", "end"},
		"fence":    {"```\n" + strings.Repeat("code\n", 10_000) + "end", "end"},
	} {
		t.Run(name, func(t *testing.T) {
			f := markdownText(t, "first\n\n"+test.body)
			if !strings.Contains(f.text(), test.want) {
				t.Errorf("text lacks %q: %.300s", test.want, f.text())
			}
			if f.PeakRSS > costs*200<<20 {
				t.Errorf("the child took %d MB", f.PeakRSS>>20)
			}
		})
	}
}
