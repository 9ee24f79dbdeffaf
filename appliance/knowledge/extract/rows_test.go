package extract

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func rowsOf(t *testing.T, data []byte) string {
	t.Helper()
	tables, err := testReader().Rows(t.Context(), write(t, data), t.TempDir(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		b.WriteString(table.Caption + ":")
		for _, row := range table.Rows {
			b.WriteString(strings.Join(row, "|") + "/")
		}
	}
	return b.String()
}

func TestRowsAsTheyStand(t *testing.T) {
	list := xlsxRows([]string{"Class list"}, nil, []string{"Code", "Name"}, []string{"#1 42", "Uwase Marie"}, nil, []string{"", "Keza Ann"})
	list = strings.Replace(list, `<row r="4">`, `<row r="4" hidden="1">`, 1)
	const want = "P5:Class list//Code|Name/0042|Uwase Marie//|Keza Ann/"
	if got := rowsOf(t, makeXLSX(t, "P5", list)); got != want {
		t.Error(got)
	}
	if got := rowsOf(t, makeODS(t, "", `<table:table table:name="P5">`+odsRow("Class list")+`<table:table-row table:number-rows-repeated="1"/>`+odsRow("Code", "Name")+odsRow("0042", "Uwase Marie")+odsRow()+odsRow("", "Keza Ann")+`</table:table>`)); got != want {
		t.Error(got)
	}
	const text = "Liste;\n;\nNom;Classe\nÉlise Nkurunziza;P5\nAwa N'Dour;P5\n"
	latin, _ := charmap.Windows1252.NewEncoder().String(text)
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	for _, content := range []string{text, "\xef\xbb\xbf" + text, latin, wide, "sep=;\n" + text} {
		want := ":Liste//Nom|Classe/Élise Nkurunziza|P5/Awa N'Dour|P5/"
		if strings.HasPrefix(content, "sep") {
			want = ":/" + want[1:]
		}
		if got := rowsOf(t, []byte(content)); got != want {
			t.Errorf("%q: %s", content[:8], got)
		}
	}
	if got := rowsOf(t, []byte("Nom complet,Classe\nÉlise Nkurunziza,P5\n")); got != ":Nom complet,Classe/Élise Nkurunziza,P5/" {
		t.Error(got)
	}
	if got := rowsOf(t, makeDOCX(t, wp("P5")+`<w:tbl><w:tr><w:tc>`+wp("Name")+`</w:tc><w:tc>`+wp("Class")+`</w:tc></w:tr><w:tr><w:tc>`+wp("Keza Ann")+`</w:tc><w:tc>`+wp("P5")+`</w:tc></w:tr></w:tbl>`)); !strings.Contains(got, "Keza Ann") {
		t.Error(got)
	}
}
