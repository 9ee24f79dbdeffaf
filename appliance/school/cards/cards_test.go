package cards

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPicturesAreWellFormed(t *testing.T) {
	if len(Pictures()) != 16 {
		t.Fatal(Pictures())
	}
	seen := map[string]bool{}
	for _, id := range Pictures() {
		svg := SVG(id)
		if err := xml.Unmarshal(svg, new(any)); err != nil {
			t.Error(id, err)
		}
		if seen[string(svg)] {
			t.Error(id, "looks like another one")
		}
		seen[string(svg)] = true
	}
	if SVG("nothing") != nil {
		t.Error("an unknown picture is drawn")
	}
}

// The print holds every name, in any of the box's languages, and can be read.
func TestPDF(t *testing.T) {
	sheet := Sheet{School: "École de Kibéhô", Class: "P5", Code: "ABC234", BaseURL: "http://bwenge.local:8080", Language: "rw"}
	for i := range 9 {
		sheet.Cards = append(sheet.Cards, Card{Name: "Uwase Ğülay " + string(rune('A'+i)), User: "u1", Pictures: Pictures()[i : i+3+i%2]})
	}
	sheet.Cards[0].Pictures, sheet.Cards[0].PIN = nil, "4711"
	var out bytes.Buffer
	if err := PDF(&out, sheet); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out.Bytes(), []byte("/Type /Page\n")); n != 2 {
		t.Error(n, "pages")
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "cards.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uwase Ğülay A", "Uwase Ğülay I", "École de Kibéhô", "ABC234", "4711"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not on the cards", want)
		}
	}
}

func TestQR(t *testing.T) {
	svg, err := QR("http://bwenge.local:8080/join/ABC234")
	if err != nil || xml.Unmarshal(svg, new(any)) != nil {
		t.Error(err)
	}
}
