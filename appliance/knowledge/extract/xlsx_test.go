package extract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

const xlsxStyles = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0000"/><numFmt numFmtId="171" formatCode="[h]:mm"/></numFmts>` +
	`<fonts><font/><font><b/></font></fonts>` +
	`<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="170"/><xf numFmtId="9"/><xf numFmtId="171"/><xf numFmtId="0" fontId="1"/></cellXfs></styleSheet>`

// makeXLSX writes a workbook; each sheet is a name and what follows
// <worksheet>.
func makeXLSX(t testing.TB, sheets ...string) []byte {
	t.Helper()
	parts := []part{{"_rels/.rels", rels("r1", "officeDocument", "xl/workbook.xml")}, {"xl/st.xml", xlsxStyles}}
	links := []string{"st", "styles", "st.xml"}
	list := ""
	for i := 0; i < len(sheets); i += 2 {
		id := fmt.Sprintf("s%d", i)
		name, state, _ := strings.Cut(sheets[i], "|")
		list += fmt.Sprintf(`<sheet name="%s" r:id="%s" state="%s"/>`, name, id, state)
		links = append(links, id, "worksheet", "worksheets/"+id+".xml")
		parts = append(parts, part{"xl/worksheets/" + id + ".xml", `<worksheet>` + sheets[i+1] + `</worksheet>`})
	}
	return makeZip(t, append(parts, part{"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>` + list + `</sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", rels(links...)})...)
}

// xlsxRows writes rows; a cell "=A1*2" is a formula without a value, "#s 12" a
// number with style s.
func xlsxRows(rows ...[]string) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for r, row := range rows {
		if len(row) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<row r="%d">`, r+1)
		for c, text := range row {
			ref := fmt.Sprintf("%s%d", columnName(c), r+1)
			if formula, ok := strings.CutPrefix(text, "="); ok {
				fmt.Fprintf(&b, `<c r="%s"><f>%s</f><v></v></c>`, ref, formula)
			} else if styled, ok := strings.CutPrefix(text, "#"); ok && strings.Contains(styled, " ") {
				style, number, _ := strings.Cut(styled, " ")
				fmt.Fprintf(&b, `<c r="%s" s="%s"><v>%s</v></c>`, ref, style, number)
			} else if text != "" {
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, text)
			}
		}
		b.WriteString("</row>")
	}
	return b.String() + "</sheetData>"
}

// tablesOf are the tables that were read, as lines.
func tablesOf(f found) (list []string) {
	for _, s := range f.sections {
		if s.Table != nil {
			list = append(list, strings.Join(s.Table.Lines(), "\n"))
		}
	}
	return list
}

func wantTables(t *testing.T, f found, want ...string) {
	t.Helper()
	if f.err != nil {
		t.Fatal(f.err)
	}
	got := tablesOf(f)
	if strings.Join(got, "\n--\n") != strings.Join(want, "\n--\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n--\n"), strings.Join(want, "\n--\n"))
	}
}

func TestXLSXIsReadAsShown(t *testing.T) {
	f := readBytes(t, makeXLSX(t, "Marks", xlsxRows([]string{"Code", "Passed", "Run"}, []string{"#1 42", "#2 0.85", "#3 1.09375"}, []string{"#1 7", "#2 0.625", "#3 0.5"})))
	wantTables(t, f, "Code | Passed | Run\n0042 | 85% | 26:15\n0007 | 63% | 12:00")
	power := strings.Replace(xlsxRows([]string{"Quantity", "Value"}, []string{"Light", "X"}), "<t>X</t>",
		`<r><t xml:space="preserve">3 × 10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>8</t></r><r><rPr/><t> m/s, CO</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r>`, 1)
	wantTables(t, readBytes(t, makeXLSX(t, "P", power)), "Quantity | Value\nLight | 3 × 10⁸ m/s, CO₂")
}

func TestXLSXMergedCells(t *testing.T) {
	rows := xlsxRows([]string{"Timetable of P6"}, []string{"Day", "Hour", "Subject"}, []string{"Monday", "8:00", "Maths"}, []string{"", "9:00", "Biology"}, []string{"Tuesday", "8:00", "Games"})
	wantTables(t, readBytes(t, makeXLSX(t, "T", rows+`<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A3:A4"/></mergeCells>`)),
		"Timetable of P6\nDay | Hour | Subject\nMonday | 8:00 | Maths\nMonday | 9:00 | Biology\nTuesday | 8:00 | Games")
	rows = xlsxRows([]string{"Pupil", "Term 1", "", "Term 2", ""}, []string{"", "Maths", "English", "Maths", "English"}, []string{"Keza", "#0 12", "#0 14", "#0 11", "#0 15"}, []string{"Ganza", "#0 9", "#0 16", "#0 10", "#0 17"})
	wantTables(t, readBytes(t, makeXLSX(t, "T", rows+`<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>`)),
		"Pupil | Term 1 / Maths | Term 1 / English | Term 2 / Maths | Term 2 / English\nKeza | 12 | 14 | 11 | 15\nGanza | 9 | 16 | 10 | 17")
}

func TestXLSXFormulasWithoutValues(t *testing.T) {
	f := readBytes(t, makeXLSX(t, "Budget", xlsxRows([]string{"Item", "Price", "Number", "Total"}, []string{"Book", "#0 350", "#0 120", "=B2*C2"},
		[]string{"Pencil", "#0 80", "#0 300", "=B3*C3"}, []string{"All", "", "", "=SUM(D2:D3)"}, []string{"With tax", "", "", "=D4*(1+Rates!A1)"}), "Rates", xlsxRows([]string{"#2 0.18"})))
	wantTables(t, f, "Item | Price | Number | Total\nBook | 350 | 120 | 42000\nPencil | 80 | 300 | 24000\nAll |  |  | 66000\nWith tax |  |  | 77880")
	if f.Counts["formulas_computed"] != 4 || f.Counts["formulas_lost"] != 0 {
		t.Error(f.Counts)
	}
	f = readBytes(t, makeXLSX(t, "Marks", xlsxRows([]string{"Name", "Mark", "Grade"}, []string{"Keza", "#0 71", "=VLOOKUP(B2,Grades!A:B,2)"})))
	wantTables(t, f, "Name | Mark | Grade\nKeza | 71 | [=VLOOKUP(B2,Grades!A:B,2)]")
	if f.Counts["formulas_lost"] != 1 || f.notice("formulas_lost") == nil {
		t.Error(f.Counts, f.Notices)
	}
}

func TestXLSXTablesOnOneSheet(t *testing.T) {
	wantTables(t, readBytes(t, makeXLSX(t, "S", xlsxRows([]string{"Crops"}, []string{"Crop", "Bags"}, []string{"Maize", "#0 40"}, []string{"Beans", "#0 12"}, nil,
		[]string{"Animals"}, []string{"Animal", "Number"}, []string{"Goats", "#0 7"}, []string{"Hens", "#0 30"}))),
		"Crops\nCrop | Bags\nMaize | 40\nBeans | 12", "Animals\nAnimal | Number\nGoats | 7\nHens | 30")
	wantTables(t, readBytes(t, makeXLSX(t, "S", xlsxRows([]string{"Crop", "Bags", "", "Animal", "Number"}, []string{"Maize", "#0 40", "", "Goats", "#0 7"}, []string{"Beans", "#0 12", "", "Hens", "#0 30"}))),
		"Crop | Bags\nMaize | 40\nBeans | 12", "Animal | Number\nGoats | 7\nHens | 30")
	// An empty row within a table does not end it.
	wantTables(t, readBytes(t, makeXLSX(t, "S", xlsxRows([]string{"Crop", "Bags"}, []string{"Maize", "#0 40"}, []string{"Beans", "#0 12"}, nil, nil, []string{"Rice", "#0 9"}))),
		"Crop | Bags\nMaize | 40\nBeans | 12\nRice | 9")
	// A title, an empty row, and columns that do not begin at A.
	wantTables(t, readBytes(t, makeXLSX(t, "S", xlsxRows([]string{"GS Kibeho"}, nil, []string{"", "", "Club", "Members"}, []string{"", "", "Chess", "#0 9"}))),
		"GS Kibeho\nClub | Members\nChess | 9")
}

func TestXLSXHiddenAndErrors(t *testing.T) {
	visible := strings.Replace(xlsxRows([]string{"Name", "PIN", "Mark"}, []string{"Keza", "secret", "#0 12"}, []string{"Hidden pupil", "x", "#0 3"}, []string{"Ganza", "x", "E"}),
		`<row r="3">`, `<row r="3" hidden="1">`, 1)
	visible = strings.Replace(visible, `<c r="C4" t="inlineStr"><is><t>E</t></is></c>`, `<c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, 1)
	f := readBytes(t, makeXLSX(t, "Open", `<cols><col min="2" max="2" hidden="1"/></cols>`+visible, "Lists|hidden", xlsxRows([]string{"draft", "x"}, []string{"a", "b"})))
	wantTables(t, f, "Name |  | Mark\nKeza |  | 12\nGanza |  | #DIV/0!")
	if f.Counts["hidden"] != 3 || f.Counts["cell_errors"] != 1 || f.notice("hidden_left_out") == nil || f.notice("cell_errors") == nil {
		t.Error(f.Counts, f.Notices)
	}
}

func makeODS(t testing.TB, styles, body string) []byte {
	t.Helper()
	return makeZip(t, part{"mimetype", formats[formatODS].mediaType}, part{"content.xml", xmlHead +
		`<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:style="s" xmlns:fo="f"><office:automatic-styles>` + styles +
		`</office:automatic-styles><office:body><office:spreadsheet>` + body + `</office:spreadsheet></office:body></office:document-content>`})
}

func odsRow(cells ...string) string {
	var b strings.Builder
	for _, c := range cells {
		switch {
		case c == "":
			b.WriteString(`<table:table-cell/>`)
		case c == "^":
			b.WriteString(`<table:covered-table-cell/>`)
		case strings.HasPrefix(c, "<"):
			b.WriteString(c)
		case strings.HasPrefix(c, "="):
			b.WriteString(`<table:table-cell table:formula="of:` + c + `"/>`)
		default:
			fmt.Fprintf(&b, `<table:table-cell office:value-type="float" office:value="%s"><text:p>%s</text:p></table:table-cell>`, strings.TrimLeft(c, "0"), c)
		}
	}
	return `<table:table-row>` + b.String() + `</table:table-row>`
}

func TestODS(t *testing.T) {
	f := readBytes(t, makeODS(t, `<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>`,
		`<table:table table:name="Clubs">`+odsRow("Day", "Hour", "Club")+
			odsRow(`<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Saturday</text:p></table:table-cell>`, "08:00", "Choir")+odsRow("^", "09:00", "Chess")+
			`</table:table><table:table table:name="Light">`+odsRow("Quantity", "Value")+
			odsRow("Speed", `<table:table-cell><text:p>3 × 10<text:span text:style-name="T1">8</text:span> m/s</text:p></table:table-cell>`)+`</table:table>`))
	wantTables(t, f, "Day | Hour | Club\nSaturday | 08:00 | Choir\nSaturday | 09:00 | Chess", "Quantity | Value\nSpeed | 3 × 10⁸ m/s")
	f = readBytes(t, makeODS(t, "", `<table:table table:name="Costs">`+odsRow("Item", "Price", "Code")+odsRow("Pen", "100", "0042")+odsRow("Ink", "250", "0007")+
		odsRow("All", "=SUM([.B2:.B3])", "")+odsRow("Other", "=[$Rates.A1]*2", "")+odsRow("Odd", "=MATCH([.A1];[.A2:.A3])")+
		`</table:table><table:table table:name="Rates">`+odsRow("5")+`</table:table>`))
	if got := tablesOf(f); len(got) == 0 || got[0] != "Item | Price | Code\nPen | 100 | 0042\nInk | 250 | 0007\nAll | 350\nOther | 10\nOdd | [=MATCH(A1;A2:A3)]" {
		t.Errorf("%q", got)
	}
	if f.Counts["formulas_lost"] != 1 || f.Counts["formulas_computed"] != 2 {
		t.Error(f.Counts)
	}
}

func TestCSVTables(t *testing.T) {
	for name, c := range map[string][2]string{
		"sep line":     {"sep=;\nVille;Pluie (m)\nKibuy;1,4\nByumba;1,2\n", "Ville | Pluie (m)\nKibuy | 1,4\nByumba | 1,2"},
		"sep tab":      {"sep=\t\r\nTown\tRain\r\nKibuye\t12\r\n", "Town | Rain\nKibuye | 12"},
		"title":        {"Rain in 2025\n\nTown,May,June\nHuye,12,30\nMusanze,40,2\n", "Rain in 2025\nTown | May | June\nHuye | 12 | 30\nMusanze | 40 | 2"},
		"padded title": {"Pluies;;\n;;\nVille;Mai;Juin\nHuye;12;30\nMusanze;40;2\n", "Pluies\nVille | Mai | Juin\nHuye | 12 | 30\nMusanze | 40 | 2"},
		"two":          {"Crop;Bags\nMaize;40\nBeans;12\n;\nAnimal;Number\nGoat;7\nHen;30\n", "Crop | Bags\nMaize | 40\nBeans | 12\n--\nAnimal | Number\nGoat | 7\nHen | 30"},
	} {
		f := readBytes(t, []byte(c[0]))
		if got := strings.Join(tablesOf(f), "\n--\n"); got != c[1] || f.Kind != appliance.KindSheet {
			t.Errorf("%s: %v\n%s", name, f.Kind, got)
		}
	}
	for _, prose := range []string{
		"The box, quiet and small, sits there.\nIt hums.\nRain came, and went, over night.\n", "A list\n\nof things, such as these, and\nthose, or others, which are\n",
	} {
		if f := readBytes(t, []byte(prose)); f.Kind == appliance.KindSheet {
			t.Errorf("taken for a table: %q", prose)
		}
	}
}
