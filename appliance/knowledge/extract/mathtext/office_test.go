package mathtext

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

func parseFormula(t *testing.T, s string) Formula {
	t.Helper()
	x := parts.NewReader(strings.NewReader(`<m:oMath xmlns:m="m">` + s + `</m:oMath>`))
	tok, err := x.Next()
	if err != nil {
		t.Fatal(err)
	}
	n, err := x.Tree(tok.(xml.StartElement), MaxOfficeNodes)
	if err != nil {
		t.Fatal(err)
	}
	return Office(n)
}

func mr(s string) string { return `<m:r><m:t>` + s + `</m:t></m:r>` }

func TestFormulas(t *testing.T) {
	frac := func(a, b string) string { return `<m:f><m:num>` + a + `</m:num><m:den>` + b + `</m:den></m:f>` }
	sup := func(a, b string) string { return `<m:sSup><m:e>` + a + `</m:e><m:sup>` + b + `</m:sup></m:sSup>` }
	for _, test := range []struct{ in, plain, tex string }{
		{mr("v=") + frac(mr("d"), mr("t")), "v=d/t", `v=\frac{d}{t}`},
		{frac(mr("a+b"), mr("2c")), "(a+b)/(2c)", `\frac{a+b}{2c}`},
		{mr("v=") + `<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>` + mr("2gh") + `</m:e></m:rad>`, "v=√(2gh)", `v=\sqrt{2gh}`},
		{`<m:rad><m:deg>` + mr("3") + `</m:deg><m:e>` + mr("8") + `</m:e></m:rad>`, "∛8", `\sqrt[3]{8}`},
		{mr("E=m") + sup(mr("c"), mr("2")), "E=mc²", `E=mc^{2}`},
		{sup(mr("a+b"), mr("n")), "a+bⁿ", `{a+b}^{n}`},
		{`<m:sSub><m:e>` + mr("CO") + `</m:e><m:sub>` + mr("2") + `</m:sub></m:sSub>`, "CO₂", `{CO}_{2}`},
		{`<m:sSubSup><m:e>` + mr("x") + `</m:e><m:sub>` + mr("i") + `</m:sub><m:sup>` + mr("2") + `</m:sup></m:sSubSup>`, "xᵢ²", `x_{i}^{2}`},
		{`<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>` + mr("i=1") + `</m:sub><m:sup>` + mr("n") + `</m:sup><m:e>` + mr("i") + `</m:e></m:nary>`,
			"∑ᵢ₌₁ⁿ i", `\sum _{i=1}^{n} i`},
		{`<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e><m:m><m:mr><m:e>` + mr("1") + `</m:e><m:e>` + mr("0") + `</m:e></m:mr><m:mr><m:e>` + mr("0") + `</m:e><m:e>` + mr("1") + `</m:e></m:mr></m:m></m:e></m:d>`,
			"[1, 0; 0, 1]", `\left[\begin{matrix}1 & 0 \\ 0 & 1\end{matrix}\right]`},
		{`<m:func><m:fName>` + mr("sin") + `</m:fName><m:e>` + mr("θ") + `</m:e></m:func>`, "sin θ", `\sin{\theta }`},
		{`<m:func><m:fName><m:limLow><m:e>` + mr("lim") + `</m:e><m:lim>` + mr("x→0") + `</m:lim></m:limLow></m:fName><m:e>` + mr("f") + `</m:e></m:func>`,
			"lim_(x→0) f", `\lim_{x\to 0}{f}`},
		{`<m:acc><m:accPr><m:chr m:val="⃗"/></m:accPr><m:e>` + mr("F") + `</m:e></m:acc>`, "F⃗", `\vec{F}`},
		{mr("𝑎𝐵𝛼"), "aBα", `aB\alpha`},
		{`<m:d><m:e>` + frac(mr("1"), mr("2")) + `</m:e></m:d>`, "(1/2)", `\left(\frac{1}{2}\right)`},
	} {
		if got := parseFormula(t, test.in); got.Plain != test.plain || got.TeX != test.tex {
			t.Errorf("%s\n got %q  %q\nwant %q  %q", test.in, got.Plain, got.TeX, test.plain, test.tex)
		}
	}
}
