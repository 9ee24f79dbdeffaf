package extract

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const testStyles = xmlHead + `<w:styles xmlns:w="w"><w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>` +
	`<w:style w:styleId="Titre2"><w:name w:val="heading 2"/></w:style>` +
	`<w:style w:styleId="Mine"><w:name w:val="My heading"/><w:basedOn w:val="Titre2"/></w:style>` +
	`<w:style w:styleId="TM1"><w:name w:val="toc 1"/></w:style>` +
	`<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>`

func TestDOCX(t *testing.T) {
	body := wp("Contents … 3", "TM1") +
		wp("La cellule", "Titre1") + wp("Une cellule est petite.") +
		wp("Le noyau", "Mine") + wp("Il est au centre.", "A") +
		`<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>un</w:t></w:r></w:p>` +
		`<w:tbl><w:tr><w:tc>` + wp("Organe") + `</w:tc><w:tc>` + wp("Rôle") + `</w:tc></w:tr>` +
		`<w:tr><w:tc>` + wp("Noyau") + `</w:tc><w:tc>` + wp("dirige") + wp("tout") + `</w:tc></w:tr></w:tbl>` +
		`<w:p><w:r><w:footnoteReference w:id="1"/></w:r></w:p>` +
		`<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>` +
		`<mc:AlternateContent><mc:Choice><w:r><w:t> once</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t> twice</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>` +
		`<w:p><m:oMath><m:f><m:num><m:r><m:t>d</m:t></m:r></m:num><m:den><m:r><m:t>t</m:t></m:r></m:den></m:f></m:oMath></w:p>`
	f := readBytes(t, makeDOCX(t, body,
		part{"word/_rels/document.xml.rels", rels("r1", "styles", "styles.xml", "r2", "footnotes", "footnotes.xml")},
		part{"word/styles.xml", testStyles},
		part{"word/footnotes.xml", `<w:footnotes xmlns:w="w"><w:footnote w:id="1">` + wp("A note at the foot.") + `</w:footnote></w:footnotes>`}))
	wantText(t, f, "Organe | Rôle\nNoyau | dirige tout", "- un", "kept once\n", "d/t", "A note at the foot.")
	if strings.Contains(f.text(), "deleted") || strings.Contains(f.text(), "twice") || strings.Contains(f.text(), "Contents") {
		t.Errorf("too much: %s", f.text())
	}
	if h := f.section(t, "petite").Heading; h != "La cellule" {
		t.Errorf("heading %q", h)
	}
	if h := f.section(t, "au centre").Heading; h != "La cellule › Le noyau" {
		t.Errorf("heading %q", h)
	}
	if f.Kind != appliance.KindDoc || f.section(t, "petite").Place != (appliance.Place{}) {
		t.Errorf("kind %s, place %+v: no page is known", f.Kind, f.section(t, "petite").Place)
	}
}

func TestDOCXPages(t *testing.T) {
	noted := `<w:p><w:r><w:t>one</w:t><w:br w:type="page"/></w:r></w:p>` +
		`<w:p><w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>still two </w:t><w:lastRenderedPageBreak/><w:t>now three</w:t></w:r></w:p>`
	f := readBytes(t, makeDOCX(t, noted))
	for text, page := range map[string]int{"one": 1, "still two": 2, "now three": 3} {
		if got := f.section(t, text).Place.Page; got != page {
			t.Errorf("%q on page %d, want %d", text, got, page)
		}
	}
	manual := wp("one") + `<w:p><w:r><w:br w:type="page"/></w:r></w:p>` + wp("two")
	if f := readBytes(t, makeDOCX(t, manual)); f.section(t, "two").Place.Page != 2 || f.Pages != 2 {
		t.Errorf("a page break by hand: %+v, %d pages", f.sections, f.Pages)
	}
	app := part{"docProps/app.xml", `<Properties><Pages>7</Pages></Properties>`}
	if f := readBytes(t, makeDOCX(t, manual, app)); f.section(t, "two").Place.Page != 0 || f.Pages != 7 {
		t.Errorf("breaks by hand in a document of seven pages: %+v, %d pages", f.sections, f.Pages)
	}
}

func TestDOCXLoneHeadingIsKept(t *testing.T) {
	f := readBytes(t, makeDOCX(t, wp("First", "Titre1")+wp("Second", "Titre1")+wp("text"),
		part{"word/_rels/document.xml.rels", rels("r1", "styles", "styles.xml")}, part{"word/styles.xml", testStyles}))
	wantText(t, f, "First", "text")
	if h := f.section(t, "text").Heading; h != "Second" {
		t.Errorf("heading %q", h)
	}
}

func TestDOCXCutOff(t *testing.T) {
	// The body ends in the middle of a tag: what stands before it is read.
	data := makeZip(t, part{"word/document.xml", `<w:document xmlns:w="w"><w:body>` + wp("whole") + `<w:p><w:r><w:t`})
	f := readBytes(t, data)
	wantText(t, f, "whole")
	if f.notice("partly_read") == nil {
		t.Errorf("notices %+v, want partly_read", f.Notices)
	}
}

func TestPPTX(t *testing.T) {
	sp := func(holder, text string) string {
		ph := ""
		if holder != "" {
			ph = `<p:nvPr><p:ph type="` + holder + `"/></p:nvPr>`
		}
		return `<p:sp>` + ph + `<p:txBody><a:p><a:r><a:t>` + text + `</a:t></a:r></a:p></p:txBody></p:sp>`
	}
	slide := func(shapes string) string {
		return xmlHead + `<p:sld xmlns:p="p" xmlns:a="a"><p:cSld><p:spTree>` + shapes + `</p:spTree></p:cSld></p:sld>`
	}
	f := readBytes(t, makeZip(t,
		part{"_rels/.rels", rels("r1", "officeDocument", "/ppt/presentation.xml")},
		part{"ppt/presentation.xml", `<p:presentation xmlns:p="p" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<p:sldIdLst><p:sldId id="9" r:id="rB"/><p:sldId id="8" r:id="rA"/></p:sldIdLst></p:presentation>`},
		part{"ppt/_rels/presentation.xml.rels", rels("rA", "slide", "slides/slide1.xml", "rB", "slide", "slides/slide2.xml")},
		part{"ppt/slides/slide1.xml", slide(sp("sldNum", "2") + sp("", "Second in order"))},
		part{"ppt/slides/slide2.xml", slide(sp("title", "The water cycle") + sp("body", "Evaporation") +
			`<p:graphicFrame><a:tbl><a:tr><a:tc><a:p><a:r><a:t>sea</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>cloud</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>`)},
		part{"ppt/slides/_rels/slide2.xml.rels", rels("n", "notesSlide", "../notesSlides/n.xml")},
		part{"ppt/notesSlides/n.xml", slide(sp("body", "Say it slowly.") + sp("sldNum", "1"))},
	))
	if f.err != nil {
		t.Fatal(f.err)
	}
	if f.Pages != 2 || f.Kind != appliance.KindDeck {
		t.Fatalf("%d slides: %+v", f.Pages, f.sections)
	}
	var order []string
	for _, s := range f.sections {
		order = append(order, s.Text)
		want := appliance.Section{Text: s.Text, Table: s.Table, Heading: "The water cycle", Place: appliance.Place{Slide: 1}}
		if s.Text == "Second in order" {
			want.Heading, want.Place.Slide = "", 2
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%+v", s)
		}
	}
	if want := []string{"Evaporation", "sea | cloud", "Say it slowly.", "Second in order"}; !slices.Equal(order, want) {
		t.Errorf("sections %q", order)
	}
}

func TestXLSX(t *testing.T) {
	f := readBytes(t, makeZip(t,
		part{"_rels/.rels", rels("r1", "officeDocument", "xl/workbook.xml")},
		part{"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Marks" r:id="r1"/></sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", rels("r1", "worksheet", "worksheets/s.xml", "r2", "sharedStrings", "ss.xml", "r3", "styles", "st.xml")},
		part{"xl/ss.xml", `<sst><si><t>Name</t></si><si><r><t>Uwase </t></r><r><t>Aline</t></r><rPh><t>no</t></rPh></si></sst>`},
		part{"xl/st.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>`},
		part{"xl/worksheets/s.xml", `<worksheet><sheetData>` +
			`<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Born</t></is></c></row>` +
			`<row><c r="A2" t="s"><v>1</v></c><c r="B2"><v>0.30000000000000004</v></c><c r="C2" s="1"><v>40909</v></c><c r="D2" t="s"><v>99</v></c><c r="E2"><f>1+1</f><v>2</v></c></row>` +
			`<row><c r="XFD3"><v>5</v></c></row>` +
			`</sheetData></worksheet>`}))
	wantText(t, f)
	s := f.sections[0]
	if s.Text != "Name |  | Born\nUwase Aline | 0.3 | 2012-01-01 |  | 2" || s.Place.Sheet != "Marks" || f.Kind != appliance.KindSheet {
		t.Errorf("section %+v", s)
	}
}

func TestLongSheetRepeatsItsFirstRow(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("name;mark\n")
	for range 2000 {
		csv.WriteString("pupil;12\n")
	}
	f := readBytes(t, []byte(csv.String()))
	wantText(t, f)
	if len(f.sections) < 3 {
		t.Fatalf("%d sections", len(f.sections))
	}
	for _, s := range f.sections {
		if !strings.HasPrefix(s.Text, "name | mark\npupil | 12") {
			t.Errorf("section begins %.40q", s.Text)
		}
	}
}

func TestODF(t *testing.T) {
	const ns = `xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:draw="d" xmlns:presentation="p" xmlns:manifest="m"`
	odf := func(kind, body string, more ...part) []byte {
		return makeZip(t, append([]part{{"mimetype", formats[format(kind)].mediaType},
			{"content.xml", xmlHead + `<office:document-content ` + ns + `><office:body>` + body + `</office:body></office:document-content>`}}, more...)...)
	}
	t.Run("text", func(t *testing.T) {
		f := readBytes(t, odf("odt", `<text:h text:outline-level="1">Maths</text:h><text:p>two<text:s/>and<text:note><text:note-citation>1</text:note-citation>`+
			`<text:note-body><text:p>a note</text:p></text:note-body></text:note> two</text:p><text:soft-page-break/><text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>`+
			`<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>`))
		wantText(t, f, "two and[1] two\n\n[1] a note", "1. item", "a | b")
		if s := f.section(t, "1. item"); s.Heading != "Maths" || s.Place.Page != 2 {
			t.Errorf("section %+v", s)
		}
	})
	t.Run("slides", func(t *testing.T) {
		f := readBytes(t, odf("odp", `<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Forces</text:p></draw:text-box></draw:frame>`+
			`<draw:frame><draw:text-box><text:p>Push and pull</text:p></draw:text-box></draw:frame></draw:page>`+
			`<draw:page><draw:frame><draw:text-box><text:p>No title</text:p></draw:text-box></draw:frame></draw:page>`))
		if s := f.section(t, "Push"); s.Heading != "Forces" || s.Place.Slide != 1 {
			t.Errorf("section %+v", s)
		}
		if s := f.section(t, "No title"); s.Heading != "" || s.Place.Slide != 2 {
			t.Errorf("section %+v", s)
		}
	})
	t.Run("sheet", func(t *testing.T) {
		f := readBytes(t, odf("ods", `<table:table table:name="Budget"><table:table-row><table:table-cell><text:p>pens</text:p></table:table-cell>`+
			`<table:table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>12</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row></table:table>`))
		if s := f.section(t, "pens"); s.Text != "pens |  |  | 12" || s.Place.Sheet != "Budget" {
			t.Errorf("section %+v", s)
		}
	})
	t.Run("encrypted", func(t *testing.T) {
		f := readBytes(t, odf("odt", `<text:p>x</text:p>`, part{"META-INF/manifest.xml",
			`<manifest:manifest ` + ns + `><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`}))
		wantProblem(t, f, problem.Unreadable, "password")
	})
}

func epub(t *testing.T, more ...part) []byte {
	return makeZip(t, append([]part{{"mimetype", "application/epub+zip"},
		{"META-INF/container.xml", `<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>`},
		{"OEBPS/book.opf", `<package><manifest><item id="c2" href="ch%202.xhtml" media-type="application/xhtml+xml"/>` +
			`<item id="c1" href="ch1.xhtml" media-type="application/xhtml+xml"/><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>` +
			`<item id="pic" href="p.png" media-type="image/png"/></manifest>` +
			`<spine toc="ncx"><itemref idref="c1"/><itemref idref="pic"/><itemref idref="c2"/></spine></package>`},
		{"OEBPS/toc.ncx", `<ncx><navMap><navPoint><navLabel><text>The start</text></navLabel><content src="ch1.xhtml"/></navPoint></navMap></ncx>`},
		{"OEBPS/ch1.xhtml", xmlHead + `<html><head><title>x</title><style>p{}</style></head><body><h1>The start</h1><p>` + strings.Repeat(" ", 2000) + `It’s “here”.</p></body></html>`},
		{"OEBPS/ch 2.xhtml", `<html><body><h1>Next</h1><p>It went on.</p><nav>skip me</nav></body></html>`}}, more...)...)
}

func TestEPUB(t *testing.T) {
	f := readBytes(t, epub(t))
	first, second := f.section(t, "It’s “here”."), f.section(t, "It went on.")
	if first.Heading != "The start" || first.Place.Page != 1 || second.Heading != "Next" || second.Place.Page != 2 || f.Pages != 2 {
		t.Errorf("%d chapters: %+v %+v", f.Pages, first, second)
	}
	encryption := func(algorithm string) part {
		return part{"META-INF/encryption.xml", `<encryption><EncryptedData><EncryptionMethod Algorithm="` + algorithm +
			`"/><CipherData><CipherReference URI="OEBPS/ch1.xhtml"/></CipherData></EncryptedData></encryption>`}
	}
	wantText(t, readBytes(t, epub(t, encryption("http://www.idpf.org/2008/embedding"))), "It went on.")
	wantProblem(t, readBytes(t, epub(t, encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc"))), problem.Unreadable, "copy_protected")
}

func TestPictureDocument(t *testing.T) {
	needs(t, "tesseract")
	photo := string(jpegOf(t, scanned(t, "Water boils at one hundred degrees.")))
	f := readBytes(t, makeDOCX(t, wp(""),
		part{"word/_rels/document.xml.rels", rels("r1", "image", "media/image1.jpg")}, part{"word/media/image1.jpg", photo}))
	wantText(t, f, "Water boils at one hundred degrees.")
}

func TestExternalEntity(t *testing.T) {
	f := readPath(t, filepath.Join("testdata", "ExternalEntityInText.docx"))
	wantText(t, f, "Here should not be the POI web site")
	if strings.Contains(f.text(), "Apache") {
		t.Error("an entity was expanded")
	}
}

func TestEncryptedOffice(t *testing.T) {
	wantProblem(t, readPath(t, filepath.Join("testdata", "protected_agile.docx")), problem.Unreadable, "password")
}
