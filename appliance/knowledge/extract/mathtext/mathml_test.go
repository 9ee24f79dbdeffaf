package mathtext

import (
	"strings"
	"testing"
)

func TestFormulasThatNestAreRead(t *testing.T) {
	for _, name := range []string{"mover", "munder", "msup", "mfrac", "msqrt", "mroot", "mmultiscripts", "semantics", "mrow", "mfenced"} {
		var b Builder
		for range 500 {
			b.Start(name, nil)
			b.Start("mi", nil)
			b.Write("x")
			b.End()
		}
		for range 500 {
			b.End()
		}
		if text, tex := b.Result(); len(text) > 100_000 || len(tex) > 100_000 || tex == "" {
			t.Errorf("%s: %d and %d bytes", name, len(text), len(tex))
		}
	}
	Line(strings.Repeat(`\frac{`, 2000))
	Line(strings.Repeat(`\vec{x^`, 500))
}

func TestTeXAsPeopleTypeIt(t *testing.T) {
	for tex, want := range map[string]string{
		`v = \sqrt{2gh}`:                         "v = √(2gh)",
		`\frac{a+b}{c}`:                          "(a + b)/c",
		`E=mc^2`:                                 "E = mc²",
		`x_{1,2}=\frac{-b\pm\sqrt{b^2-4ac}}{2a}`: "x_(1,2) = (-b ± √(b² - 4ac))/(2a)",
		`3 \times 10^{-8}\ \mathrm{m}`:           "3 × 10⁻⁸ m",
		`\sum_{i=1}^{n} i`:                       "∑ᵢ₌₁ⁿi",
		`\sqrt[3]{8}=2`:                          "³√8 = 2",
		`\text{speed} = \frac{\text{way}}{\text{time}}`: "speed = way/time",
		`\alpha + \beta \leq 90^\circ`:                  "α + β ≤ 90°",
		`\left( \frac{1}{2} \right)^n`:                  "(1/2)ⁿ",
		`\begin{cases} x & 1 \\ y & 2 \end{cases}`:      "x1; y2",
		`\vec{F} = m\vec{a}`:                            "F⃗ = ma⃗",
		`H_2O`:                                          "H₂O",
		strings.Repeat("{", 500) + "x":                  "",
		`\unknown{x} \`:                                 "unknown x",
		`\sin x + \cos^2 y`:                             "sin x + cos²y",
	} {
		got := Line(tex)
		if got != want && strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: %q, want %q", tex, got, want)
		}
	}
}
