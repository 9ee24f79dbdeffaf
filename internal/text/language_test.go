package text

import "testing"

func TestLanguage(t *testing.T) {
	for _, test := range []struct{ want, text string }{
		{English, "Plants use the light of the sun to make sugar from water and air."},
		{French, "Les plantes utilisent la lumière du soleil pour fabriquer du sucre avec de l'eau."},
		{French, "L’eau bout à cent degrés."},
		{Swahili, "Mimea hutumia mwanga wa jua kutengeneza sukari kutoka kwa maji na hewa."},
		{Swahili, "Mji mkuu wa Tanzania ni upi na una watu wangapi?"},
		{Kinyarwanda, "Ibimera bikoresha urumuri rw'izuba kugira ngo bikore isukari biyikuye mu mazi no mu mwuka."},
		{Kinyarwanda, "Umurwa mukuru w'u Rwanda ni uwuhe kandi utuwe n'abantu bangahe?"},
		{"", ""},
		{"", "3 + 4 = 7; x² − 1"},
		{"", "Die Pflanzen brauchen Licht und Wasser, damit ihre Blätter Zucker herstellen können."},
		{"", "H2SO4 NaCl KOH"},
	} {
		if got := Language(test.text); got != test.want {
			t.Errorf("%q is %q, want %q", test.text, got, test.want)
		}
	}
}

func BenchmarkLanguage(b *testing.B) {
	text := "Plants use the light of the sun to make sugar from water and air. "
	text += text + text + text + text + text + text + text + text
	for b.Loop() {
		Language(text)
	}
}
