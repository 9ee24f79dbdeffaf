package codepage

import (
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func utf16Of(text string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.String()
}

func TestEncodingsWithoutAMark(t *testing.T) {
	const (
		french = "L’élève a reçu « une bonne note » à l’école : 12 °C près du chêne, où naît le blé."
		other  = "Der Müller grüßt Señora Muñoz für 5 £ – “ganz schön früh”…"
		arabic = "فتحت المدرسة أبوابها في عام 1987. عمق البئر 38 مترا والماء بارد."
		russ   = "Вода кипит при ста градусах. Лёд тает при нуле, и это видно всем."
	)
	for name, test := range map[string]struct {
		text string
		data func(string) string
	}{
		"cp1252 French":    {french, bytesIn(charmap.Windows1252)},
		"cp1252 others":    {other, bytesIn(charmap.Windows1252)},
		"Mac Roman French": {french, bytesIn(charmap.Macintosh)},
		"Mac Roman others": {other, bytesIn(charmap.Macintosh)},
		"DOS French":       {"L'élève a reçu une bonne note à l'école, où naît le blé.", bytesIn(charmap.CodePage850)},
		"cp1256":           {arabic, bytesIn(charmap.Windows1256)},
		"cp1251":           {russ, bytesIn(charmap.Windows1251)},
		"UTF-16LE French":  {french, func(s string) string { return utf16Of(s, false) }},
		"UTF-16BE French":  {french, func(s string) string { return utf16Of(s, true) }},
		"UTF-16LE Arabic":  {arabic, func(s string) string { return utf16Of(s, false) }},
		"UTF-16BE Russian": {russ, func(s string) string { return utf16Of(s, true) }},
		"UTF-8 Arabic":     {arabic, func(s string) string { return s }},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.data(test.text)
			c, sure, err := Sniff(strings.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(c.Reader(strings.NewReader(data))); err != nil || string(got) != test.text {
				t.Errorf("got %q, %v", got, err)
			}
			if !sure {
				t.Error("not sure")
			}
		})
	}
}

func bytesIn(c *charmap.Charmap) func(string) string {
	return func(text string) string {
		s, err := c.NewEncoder().String(text)
		if err != nil {
			panic(err)
		}
		return s
	}
}
