package letters

import "testing"

func TestSymbols(t *testing.T) {
	for _, test := range []struct {
		font    string
		letter  rune
		want    string
		certain bool
	}{
		{"Symbol", 0xf06d, "μ", true}, {"Symbol", 'm', "μ", true}, {"ABCDEF+SymbolMT", 0xf0b3, "≥", true}, {"Symbol", 0xf057, "Ω", true},
		{"symbol", 0xf0b4, "×", true}, {"Symbol", 0xf0b0, "°", true}, {"Symbol", 0xf0ae, "→", true}, {"Symbol", 0xf0d6, "√", true}, {"Symbol", 0xf02d, "−", true},
		{"Wingdings", 0xf0fc, "✓", true}, {"Wingdings", 0xf0fb, "✗", true}, {"Wingdings", 0xf0fe, "☑", true}, {"Wingdings", 0xf0e0, "→", true},
		{"Wingdings 2", 'P', "✓", true}, {"Wingdings 3", 0xf070, "▲", true}, {"Webdings", 'a', "✔", true},
		{"", 0xf0b7, "•", true}, {"", 0xf06d, "μ", false}, {"School Signs", 0xf0e1, UnreadSign, false}, {"School Signs", 0xf041, "A", false},
		{"Arial", 'm', "m", true}, {"Arial", 0xe123, UnreadSign, false}, {"Symbol", 0xf0ff, UnreadSign, false}, {"Symbol", ' ', " ", true},
	} {
		got, certain := Symbol(test.font, test.letter)
		if got != test.want || certain != test.certain {
			t.Errorf("%s %U: %q %v, want %q %v", test.font, test.letter, got, certain, test.want, test.certain)
		}
	}
	for font, letters := range symbolFonts {
		if len(letters) != 0xff-'!'+1 {
			t.Errorf("%s has %d letters", font, len(letters))
		}
	}
}
