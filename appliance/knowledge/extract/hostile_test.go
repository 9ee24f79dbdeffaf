package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// tooLong is more than a single text or tag of XML may take.
const tooLong = 1<<20 + 1

func TestXMLBombs(t *testing.T) {
	doctype := func(dtd, body string) []byte {
		return makeZip(t, part{"word/document.xml", xmlHead + dtd +
			`<w:document xmlns:w="w"><w:body>` + body + `</w:body></w:document>`})
	}
	t.Run("billion laughs", func(t *testing.T) {
		dtd := `<!DOCTYPE x [<!ENTITY a "ha">`
		for i := range 10 {
			dtd += fmt.Sprintf(`<!ENTITY %c "%s">`, 'b'+i, strings.Repeat(fmt.Sprintf("&%c;", 'a'+i), 10))
		}
		f := readBytes(t, doctype(dtd+`]>`, wp("before &k; after")))
		wantText(t, f, "before &k; after")
	})
	t.Run("external entity", func(t *testing.T) {
		f := readBytes(t, doctype(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`, wp("before &e; after")))
		wantText(t, f, "before &e; after")
	})
	t.Run("deep", func(t *testing.T) {
		f := readBytes(t, doctype("", strings.Repeat("<w:p>", 100_000)))
		wantProblem(t, f, problem.TooLarge, "too_complex")
	})
	t.Run("deep where it is skipped", func(t *testing.T) {
		f := readBytes(t, doctype("", "<w:p><w:del>"+strings.Repeat("<w:x>", 100_000)))
		wantProblem(t, f, problem.TooLarge, "too_complex")
	})
	t.Run("one endless text", func(t *testing.T) {
		f := readBytes(t, doctype("", "<w:p><w:r><w:t>"+strings.Repeat("x", tooLong)))
		wantProblem(t, f, problem.TooLarge, "too_complex")
	})
	t.Run("endless attributes", func(t *testing.T) {
		f := readBytes(t, doctype("", "<w:p "+strings.Repeat(`a="" `, tooLong/5+1)+"/>"))
		wantProblem(t, f, problem.TooLarge, "too_complex")
	})
}

func TestZipBombs(t *testing.T) {
	t.Run("ratio", func(t *testing.T) {
		f := readBytes(t, makeDOCX(t, "<!--"+strings.Repeat("<", 100<<20)+"-->"))
		wantProblem(t, f, problem.TooLarge, "too_complex")
		if f.PeakRSS > costs*200<<20 {
			t.Errorf("the child took %d MB", f.PeakRSS>>20)
		}
	})
	t.Run("many entries", func(t *testing.T) {
		many := []part{{"word/document.xml", "<d/>"}}
		for i := range parts.MaxParts {
			many = append(many, part{fmt.Sprint("e", i), ""})
		}
		wantProblem(t, readBytes(t, makeZip(t, many...)), problem.TooLarge, "too_complex")
	})
	t.Run("endless table of contents", func(t *testing.T) {
		many := []part{{"word/document.xml", "<d/>"}}
		for i := range 300 {
			many = append(many, part{strings.Repeat("n", 10_000) + fmt.Sprint(i), ""})
		}
		wantProblem(t, readBytes(t, makeZip(t, many...)), problem.TooLarge, "too_complex")
	})
	t.Run("overlapping entries", func(t *testing.T) {
		wantProblem(t, readBytes(t, overlapping(t, 200, 3<<20)), problem.TooLarge, "too_complex")
	})
	t.Run("shared strings", func(t *testing.T) {
		f := readBytes(t, makeZip(t,
			part{"xl/workbook.xml", `<workbook xmlns:r="relationships"><sheet name="s" r:id="r1"/></workbook>`},
			part{"xl/_rels/workbook.xml.rels", rels("r1", "worksheet", "s.xml", "r2", "sharedStrings", "ss.xml")},
			part{"xl/ss.xml", "<sst>" + strings.Repeat("<si/>", 1_400_000) + "</sst>"},
			part{"xl/s.xml", "<worksheet/>"}))
		wantProblem(t, f, problem.TooLarge, "too_complex")
	})
}

// overlapping makes an EPUB whose chapters all share one compressed stream, the
// zip bomb that no ratio of a single entry shows.
func overlapping(t *testing.T, chapters int, size int) []byte {
	spine, items := "", ""
	for i := range chapters {
		items += fmt.Sprintf(`<item id="c%d" href="c%d" media-type="text/html"/>`, i, i)
		spine += fmt.Sprintf(`<itemref idref="c%d"/>`, i)
	}
	data := makeZip(t, part{"mimetype", "application/epub+zip"},
		part{"META-INF/container.xml", `<container><rootfile full-path="o"/></container>`},
		part{"o", "<package><manifest>" + items + "</manifest><spine>" + spine + "</spine></package>"},
		part{"c0", strings.Repeat("<b>", size/3)})
	// Copy the directory entry of c0 under other names of the same length.
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	start := int(binary.LittleEndian.Uint32(data[end+16:]))
	last := bytes.LastIndex(data[:end], []byte("PK\x01\x02"))
	directory := bytes.Clone(data[start:end])
	for i := 1; i < chapters; i++ {
		entry := bytes.Clone(data[last:end])
		name := fmt.Sprint("c", i)
		binary.LittleEndian.PutUint16(entry[28:], uint16(len(name)))
		entry = append(append(entry[:46:46], name...), entry[48:]...)
		directory = append(directory, entry...)
	}
	tail := bytes.Clone(data[end:])
	binary.LittleEndian.PutUint16(tail[8:], uint16(chapters+3))
	binary.LittleEndian.PutUint16(tail[10:], uint16(chapters+3))
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(directory)))
	return append(append(data[:start:start], directory...), tail...)
}

func TestLyingSizes(t *testing.T) {
	// Headers that promise less than comes, or more.
	for _, claimed := range []uint32{1, 1 << 31} {
		data := makeDOCX(t, wp("honest text"))
		at := bytes.Index(data, []byte("PK\x01\x02"))
		for at >= 0 && at < len(data) {
			binary.LittleEndian.PutUint32(data[at+24:], claimed)
			next := bytes.Index(data[at+4:], []byte("PK\x01\x02"))
			if next < 0 {
				break
			}
			at += 4 + next
		}
		f := readBytes(t, data)
		if f.err == nil {
			wantText(t, f, "honest text")
		} else {
			wantProblem(t, f, problem.Unreadable, "damaged")
		}
	}
}

func TestNamesInArchivesAreOnlyKeys(t *testing.T) {
	f := readBytes(t, makeZip(t, part{"../../etc/cron.d/x", "evil"}, part{"/abs", "evil"}, part{`a\b`, "c"},
		part{"WORD/Document.XML", `<w:document xmlns:w="w">` + wp("found in spite of its case") + `</w:document>`},
		part{"word/document.xml", `<w:document xmlns:w="w">` + wp("the second of the name") + `</w:document>`}))
	wantText(t, f, "found in spite of its case")
}

func TestTextLimit(t *testing.T) {
	r := testReader()
	r.Limits.Text = 100 << 10
	f := readWith(t, r, write(t, []byte(strings.Repeat("A sentence of the book.\n\n", 20_000))))
	wantText(t, f, "A sentence of the book.")
	if f.notice("text_truncated") == nil || f.Bytes > 100<<10 {
		t.Errorf("%d bytes, notices %+v", f.Bytes, f.Notices)
	}
}

func TestBrokenFiles(t *testing.T) {
	whole := makeDOCX(t, wp(strings.Repeat("Some text. ", 5000)))
	for name, test := range map[string]struct {
		data   []byte
		code   problem.Code
		reason string
	}{
		"empty":         {nil, problem.Unreadable, "file_empty"},
		"truncated zip": {whole[:len(whole)/2], problem.Unreadable, "damaged"},
		"plain zip":     {makeZip(t, part{"a.txt", "x"}), problem.Unsupported, "unsupported_type"},
		"executable":    {append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 500)...), problem.Unsupported, "unsupported_type"},
		"windows program": {append([]byte("MZ\x90\x00\x03"), make([]byte, 500)...), problem.Unsupported,
			"unsupported_type"},
		"zeros":       {make([]byte, 5000), problem.Unsupported, "unsupported_type"},
		"spaces":      {bytes.Repeat([]byte(" \n"), 500), problem.Unreadable, "no_text"},
		"old Word":    {ole("WordDocument"), problem.Unsupported, "old_format"},
		"old slides":  {ole("PowerPoint Document"), problem.Unsupported, "old_format"},
		"old sheet":   {ole("Workbook"), problem.Unsupported, "old_format"},
		"empty docx":  {makeDOCX(t, ""), problem.Unreadable, "no_text"},
		"no document": {makeZip(t, part{"[Content_Types].xml", "<x/>"}), problem.Unreadable, "damaged"},
		"encrypted zip": {func() []byte {
			b := makeDOCX(t, wp("x"))
			for i := 0; ; i++ {
				n := bytes.Index(b[i:], []byte("PK\x01\x02"))
				if n < 0 {
					return b
				}
				i += n
				b[i+8] |= 1
			}
		}(), problem.Unreadable, "password"},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, readBytes(t, test.data), test.code, test.reason) })
	}
}

// ole is the start of a file in Office's old container.
func ole(stream string) []byte {
	b := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 1024)...)
	for _, c := range []byte(stream) {
		b = append(b, c, 0)
	}
	return append(b, make([]byte, 1024)...)
}

// FuzzOffice puts fuzzed XML into each of the office formats.
func FuzzOffice(f *testing.F) {
	f.Add(`<w:document xmlns:w="w"><w:body>` + wp("x", "h") + `<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>`)
	f.Add(`<p:sld><p:sp><p:ph type="title"/><a:p><a:t>t</a:t></a:p></p:sp></p:sld>`)
	f.Add(`<worksheet><row><c r="A1" t="inlineStr"><is><t>x</t></is></c></row></worksheet>`)
	f.Add(`<office><table:table><table:table-row><table:table-cell number-columns-repeated="3"><text:p>x</text:p></table:table-cell></table:table-row></table:table></office>`)
	f.Fuzz(func(t *testing.T, xml string) {
		for _, many := range [][]part{
			{{"word/document.xml", xml}, {"word/_rels/document.xml.rels", rels("s", "styles", "x", "f", "footnotes", "x")}, {"word/x", xml}},
			{{"ppt/presentation.xml", `<p xmlns:r="relationships"><sldId r:id="s"/></p>`}, {"ppt/_rels/presentation.xml.rels", rels("s", "slide", "x")}, {"ppt/x", xml}},
			{{"xl/workbook.xml", `<p xmlns:r="relationships"><sheet name="n" r:id="s"/></p>`},
				{"xl/_rels/workbook.xml.rels", rels("s", "worksheet", "x", "t", "sharedStrings", "x", "u", "styles", "x")}, {"xl/x", xml}},
			{{"mimetype", formats[formatODT].mediaType}, {"content.xml", xml}},
			{{"mimetype", formats[formatODP].mediaType}, {"content.xml", xml}},
			{{"mimetype", formats[formatODS].mediaType}, {"content.xml", xml}},
			{{"mimetype", "application/epub+zip"}, {"META-INF/container.xml", `<rootfile full-path="x"/>`}, {"x", xml}},
		} {
			checkOutput(t, makeZip(t, many...))
		}
	})
}
