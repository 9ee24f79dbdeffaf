package extract

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

const chunk = `<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="r7"/>`

func TestAltChunks(t *testing.T) {
	rel := func(name string) part { return part{"word/_rels/document.xml.rels", rels("r7", "aFChunk", name)} }
	page := `<html><body><h1>Bees</h1><p>A hive gives 14 kg.</p></body></html>`
	for name, test := range map[string]struct {
		body, name, data, want, heading string
	}{
		"a page alone":     {chunk, "c.html", page, "A hive gives 14 kg.", "Bees"},
		"between text":     {wp("Notes") + chunk + wp("After it."), "c.html", page, "A hive gives 14 kg.", "Bees"},
		"a piece of page":  {chunk, "c.htm", `<p>Only a <b>piece</b> of a page.</p>`, "Only a piece of a page.", ""},
		"RTF":              {chunk, "c.rtf", `{\rtf1 Rich text here.\par}`, "Rich text here.", ""},
		"text":             {chunk, "c.txt", "Plain words.", "Plain words.", ""},
		"another document": {chunk, "c.docx", string(makeDOCX(t, wp("Inside another."))), "Inside another.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, makeDOCX(t, test.body, rel(test.name), part{"word/" + test.name, test.data}))
			wantText(t, f, test.want)
			if s := f.section(t, test.want); s.Heading != test.heading || f.Counts["embedded"] != 1 {
				t.Errorf("%q %v", s.Heading, f.Counts)
			}
			if f.MediaType != formats[formatDOCX].mediaType {
				t.Errorf("the file is taken for %s", f.MediaType)
			}
		})
	}
	t.Run("order", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Notes")+chunk+wp("After it."), rel("c.html"), part{"word/c.html", page}))
		text := f.text()
		if !(strings.Index(text, "Notes") < strings.Index(text, "14 kg") && strings.Index(text, "14 kg") < strings.Index(text, "After")) {
			t.Error(text)
		}
		if s := f.section(t, "After it"); s.Heading != "" {
			t.Errorf("what follows stands under %q", s.Heading)
		}
	})
	t.Run("under its heading", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Week 3", "Titre1")+chunk, part{"word/_rels/document.xml.rels", rels("r7", "aFChunk", "c.html", "r1", "styles", "styles.xml")},
			part{"word/styles.xml", testStyles}, part{"word/c.html", page}))
		if h := f.section(t, "14 kg").Heading; h != "Week 3 › Bees" {
			t.Errorf("heading %q", h)
		}
	})
	t.Run("not readable", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Words.")+chunk+chunk, rel("c.bin"), part{"word/c.bin", "\x00\x01\x02\x03\x00\x00"}))
		if wantText(t, f, "Words."); f.Counts["embedded_lost"] != 2 {
			t.Errorf("%v", f.Counts)
		}
	})
	t.Run("itself", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Words.")+chunk, rel("document.xml")))
		if wantText(t, f, "Words."); f.Counts["embedded_lost"] != 1 {
			t.Errorf("%v", f.Counts)
		}
		inner := makeDOCX(t, wp("The innermost."))
		for i := range 6 { // a document in a document in a document …
			inner = makeDOCX(t, wp(fmt.Sprint("Around it ", i))+chunk, rel("c.docx"), part{"word/c.docx", string(inner)})
		}
		f = readBytes(t, inner)
		if wantText(t, f, "Around it 5", "Around it 3"); strings.Contains(f.text(), "innermost") || f.Counts["embedded_lost"] != 1 {
			t.Errorf("%v\n%s", f.Counts, f.text())
		}
	})
	t.Run("many", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, wp("Words.")+strings.Repeat(chunk, 300), rel("c.html"), part{"word/c.html", page}))
		if f.Counts["embedded"] != maxEmbedded || f.Counts["embedded_lost"] != 300-maxEmbedded {
			t.Errorf("%v", f.Counts)
		}
	})
	t.Run("a bomb", func(t *testing.T) {
		bomb := makeDOCX(t, strings.Repeat("<w:x>", 60<<20/5))
		f := readBytes(t, makeDOCX(t, wp("Words.")+strings.Repeat(chunk, 50), rel("c.docx"), part{"word/c.docx", string(bomb)}))
		if wantText(t, f, "Words."); f.Counts["embedded_lost"] == 0 || f.PeakRSS > costs*250<<20 {
			t.Errorf("%v, %d MB", f.Counts, f.PeakRSS>>20)
		}
	})
}

func TestEmbeddedSheets(t *testing.T) {
	sheet := string(makeZip(t, part{"_rels/.rels", rels("r1", "officeDocument", "xl/workbook.xml")},
		part{"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Marks" r:id="r1"/></sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", rels("r1", "worksheet", "s.xml")},
		part{"xl/s.xml", `<worksheet><sheetData><row><c r="A1" t="inlineStr"><is><t>Uwase</t></is></c><c r="B1"><v>17</v></c></row><row><c r="A2" t="inlineStr"><is><t>Mugabo</t></is></c><c r="B2"><v>12</v></c></row></sheetData></worksheet>`}))
	f := readBytes(t, styled(t, `<w:p><w:r><w:t>The marks:</w:t><w:object><o:OLEObject xmlns:o="o" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" ProgID="Excel.Sheet.12" r:id="r8"/></w:object></w:r></w:p>`+wp("All passed."), "", "", part{"word/sheet.xlsx", sheet}))
	wantText(t, f, "The marks:", "Uwase | 17", "All passed.")
	f = readBytes(t, deck(t, []string{shape("title", ap("Marks")) + `<p:graphicFrame><p:oleObj progId="Excel.Sheet.12" r:id="k"/></p:graphicFrame>`}, []string{"k", "package", "../embeddings/s.xlsx"}, part{"ppt/embeddings/s.xlsx", sheet}))
	if s := f.section(t, "Mugabo | 12"); s.Heading != "Marks" || s.Place.Slide != 1 || f.Pages != 1 || f.Counts["embedded"] != 1 {
		t.Errorf("%+v %v", s, f.Counts)
	}
}

func TestLongDOCX(t *testing.T) {
	t.Run("10,000 footnotes", func(t *testing.T) {
		var body, notes strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&body, `<w:p><w:r><w:t>Sentence %d</w:t><w:footnoteReference w:id="%d"/></w:r></w:p>`, i, i)
			fmt.Fprintf(&notes, `<w:footnote w:id="%d">%s</w:footnote>`, i, wp(fmt.Sprint("Source number ", i)))
		}
		f := readBytes(t, styled(t, body.String(), "", "", part{"word/footnotes.xml", `<w:footnotes xmlns:w="w">` + notes.String() + `</w:footnotes>`}))
		wantText(t, f, "Sentence 9999 [10000]", "[10000] Source number 9999")
		if f.Counts["footnotes"] != 10_000 || f.PeakRSS > costs*200<<20 {
			t.Errorf("%v, %d MB", f.Counts, f.PeakRSS>>20)
		}
		for _, s := range f.sections { // a note stands by its mark
			if strings.Contains(s.Text, "Sentence 5000 ") && !strings.Contains(s.Text, "Source number 5000") && len(s.Text) < maxSection {
				t.Errorf("note and mark are apart: %.200s", s.Text)
			}
		}
	})
	t.Run("a cell merged over 50,000 rows", func(t *testing.T) {
		noise := make([]byte, 400_000) // that the file inflates less than a bomb
		rand.New(rand.NewSource(1)).Read(noise)
		var body strings.Builder
		body.WriteString(`<w:tbl>` + tr(tc("", "District"), tc("", "Sector"), tc("", "People")) + tr(tc(`<w:vMerge w:val="restart"/>`, "Kirehe"), tc("", "s"), tc("", "1")))
		for i := range 50_000 {
			body.WriteString(tr(`<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>`, tc("", fmt.Sprint("Sector ", i)), tc("", "2")))
		}
		f := readBytes(t, makeDOCX(t, body.String()+`</w:tbl>`, part{"word/media/noise", string(noise)}))
		wantText(t, f, "Kirehe | Sector 49999 | 2")
		if last := tableOf(t, f, "Sector 49999"); last.Columns[0] != "District" || f.PeakRSS > costs*200<<20 {
			t.Errorf("%v, %d MB", last.Columns, f.PeakRSS>>20)
		}
	})
	t.Run("lists nested deeply", func(t *testing.T) {
		var body strings.Builder
		for i := range 200 {
			body.WriteString(listed(1, i, fmt.Sprint("level ", i)))
		}
		f := readBytes(t, styled(t, body.String()+strings.Repeat("<w:sdt><w:sdtContent>", 100)+wp("inside"), "", `<w:abstractNum w:abstractNumId="0">`+lvl(0, "decimal", "%1.")+lvl(8, "decimal", "%9.")+`</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`))
		wantText(t, f, "1. level 0", "192. level 199", "inside")
	})
	t.Run("numbers without end", func(t *testing.T) {
		f := readBytes(t, styled(t, listed(1, 0, "x"), "", `<w:abstractNum w:abstractNumId="0">`+`<w:lvl w:ilvl="0"><w:start w:val="999999999"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="`+strings.Repeat("%1", 4000)+`"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`))
		if wantText(t, f, "x"); f.Bytes > 200_000 {
			t.Errorf("%d bytes", f.Bytes)
		}
	})
}
