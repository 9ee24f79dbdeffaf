package extract

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"
)

// typeset writes one line of a PDF: "^{…}" is set smaller and raised, "_{…}"
// smaller and lowered.
func typeset(size, x, y int, line string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BT %d %d Td ", x, y)
	show := func(size int, rise float64, text string) {
		if text != "" {
			text = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(text)
			fmt.Fprintf(&b, "/F1 %d Tf %.1f Ts (%s) Tj ", size, rise, text)
		}
	}
	for line != "" {
		i := strings.IndexAny(line, "^_")
		if i < 0 || i+1 >= len(line) || line[i+1] != '{' {
			show(size, 0, line)
			break
		}
		show(size, 0, line[:i])
		script, rest, _ := strings.Cut(line[i+2:], "}")
		rise := 0.4
		if line[i] == '_' {
			rise = -0.2
		}
		show(size*7/10, rise*float64(size), script)
		line = rest
	}
	return b.String() + "ET\n"
}

func pdfOf(t *testing.T, lines ...string) found {
	t.Helper()
	page := ""
	for i, l := range lines {
		page += typeset(12, 60, 760-20*i, l)
	}
	return readBytes(t, makePDF(t, []string{page}, nil, image.Point{}))
}

func TestPDFPowersAndIndices(t *testing.T) {
	for line, want := range map[string]string{
		"Light travels 3 x 10^{8} metres in a second.":        "Light travels 3 x 10⁸ metres in a second.",
		"A grain of pollen weighs 2.5 x 10^{-10} kg.":         "A grain of pollen weighs 2.5 x 10⁻¹⁰ kg.",
		"The field has 4800 m^{2} and the tank 12 cm^{3}.":    "The field has 4800 m² and the tank 12 cm³.",
		"Leaves take in CO_{2} and H_{2}O from the air.":      "Leaves take in CO₂ and H₂O from the air.",
		"The sum x_{1} + x_{n} is not x^{n}.":                 "The sum x₁ + xₙ is not xⁿ.",
		"The law (a + b)^{2} holds in 1998 and 2024.":         "The law (a + b)² holds in 1998 and 2024.",
		"Copper is Cu^{2+} here and salt has SO_{4}^{2-} too": "Copper is Cu²⁺ here and salt has SO₄²⁻ too",
		"On the 1^{st} and the 22^{nd} of May it rained.":     "On the 1st and the 22nd of May it rained.",
		"The lake is deep.^{3} It has two islands^{4}.":       "The lake is deep. [3] It has two islands [4].",
		"Rwanda^{1} lies south of the line and is green.":     "Rwanda [1] lies south of the line and is green.",
		"In 2023 we sold 108 bags and 9 of 10 were full.":     "In 2023 we sold 108 bags and 9 of 10 were full.",
	} {
		f := pdfOf(t, "A first line of the page that says nothing much.", "", line)
		if got := f.text(); !strings.HasSuffix(strings.TrimSpace(got), want) {
			t.Errorf("%s: read %q", line, got)
		}
	}
}

func TestPDFHyphens(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"broken word": {[]string{"In green leaves the process that makes sugar is called photosyn-", "thesis."},
			"called photosynthesis."},
		"single letter": {[]string{"The workshop has a bottle of a solvent which is called n-", "hexane and smells."},
			"called n-hexane and smells."},
		"elsewhere with hyphen": {[]string{"A water-borne illness spreads fast, and the village has seen a water-",
			"borne illness each year."}, "seen a water-borne illness"},
		"elsewhere without": {[]string{"The word notebook is short, and each pupil in the room has a note-",
			"book of their own."}, "has a notebook of their own."},
		"capitals": {[]string{"The members of the union bought a new van with help from the CO-",
			"operative bank of the town."}, "the CO-operative bank"},
		"name": {[]string{"The prize of this year was given by the mayor to our pupil Jean-",
			"Baptiste on Friday."}, "pupil Jean-Baptiste on"},
		"digit": {[]string{"The vaccine of which we speak here is given to children and is called MMR-",
			"2 by the nurses."}, "called MMR-2 by"},
		"chain": {[]string{"On Sunday the whole family came together and so did the mother-in-",
			"law of my aunt."}, "the mother-in-law of"},
		"French": {[]string{"Le maire ouvre la porte de la salle et regarde la lettre elle-",
			"m\xeame avec soin."}, "lettre elle-même avec"},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, pdfOf(t, test.lines...), test.want) })
	}
}

// symbolPDF is a page whose font is a subset of one of symbols: its letters are
// told as letters of the private area, as Word writes them.
func symbolPDF(t *testing.T, fontName, line string) []byte {
	cmap := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /S def /CMapType 2 def\n" +
		"1 begincodespacerange <00> <FF> endcodespacerange\n2 beginbfrange <20> <20> <0020> <21> <FF> <F021> endbfrange\n" +
		"endcmap CMapName currentdict /CMap defineresource pop end end"
	page := pdfText(12, 60, 700, line)
	data := makePDF(t, []string{page}, nil, image.Point{})
	data = bytes.Replace(data, []byte("/BaseFont /Helvetica /Encoding /WinAnsiEncoding"),
		fmt.Appendf(nil, "/BaseFont /%s /ToUnicode 90 0 R", fontName), 1)
	data = data[:bytes.Index(data, []byte("xref\n"))]
	return fmt.Appendf(data, "90 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(cmap), cmap)
}

func TestPDFSymbolFonts(t *testing.T) {
	for font, test := range map[string]struct{ line, want string }{
		"ABCDEF+Symbol":            {"m W a b", "μ Ω α β"},
		"GHIJKL+Wingdings-Regular": {"\xfc \xfb", "✓ ✗"},
	} {
		f := readBytes(t, symbolPDF(t, font, test.line))
		wantText(t, f)
		if got := strings.TrimSpace(f.text()); got != test.want || f.sections[0].Doubt != "" {
			t.Errorf("%s: read %q, doubt %q", font, got, f.sections[0].Doubt)
		}
	}
}
