package extract

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestPDFColumnsAndHyphens(t *testing.T) {
	f := readPath(t, filepath.Join("testdata", "multicolumn.pdf"))
	wantText(t, f,
		// A word divided at the line's end, the end of the left column and
		// the start of the right one, all in reading order.
		"fringilla ultrices. Phasellus eu tellus sit amet",
		"nonummy eget, consectetuer id, vulputate a, magna. Donec vehicula augue eu neque.",
		"Cum sociis natoque penatibus et magnis dis parturient montes",
		"Austria | 8.9 | 83,879 | Vienna | German\nBelgium | 11.5 | 30,689",
	)
}

func TestPDFParagraphsAndHeadings(t *testing.T) {
	page := pdfText(20, 60, 780, "Photosynthesis") +
		pdfText(11, 60, 740,
			"Plants make their food from light, water and the gas that we breathe out",
			"every day. They do it in the green parts of their leaves, and it is called",
			"photosynthesis.") +
		pdfText(11, 60, 680,
			"A second paragraph stands below a gap and has (brackets) in it, as many",
			"of them do.") +
		pdfText(14, 60, 630, "What roots do") +
		pdfText(11, 60, 600, "Roots drink.")
	f := readBytes(t, makePDF(t, []string{page}, nil, image.Point{}))
	wantText(t, f)
	first := f.section(t, "Plants make")
	want := "Plants make their food from light, water and the gas that we breathe out every day. " +
		"They do it in the green parts of their leaves, and it is called photosynthesis.\n\n" +
		"A second paragraph stands below a gap and has (brackets) in it, as many of them do."
	if first.Text != want {
		t.Errorf("paragraphs:\n%s\nwant:\n%s", first.Text, want)
	}
	if first.Heading != "Photosynthesis" || first.Place.Page != 1 {
		t.Errorf("heading %q on page %d", first.Heading, first.Place.Page)
	}
	if roots := f.section(t, "Roots drink."); roots.Heading != "Photosynthesis › What roots do" {
		t.Errorf("heading %q", roots.Heading)
	}
}

func TestPDFRunningHeadersGo(t *testing.T) {
	var pages []string
	for n := range 6 {
		pages = append(pages, pdfText(9, 60, 820, "A textbook of biology")+
			pdfText(11, 60, 700, ownText(n+1))+
			pdfText(9, 300, 30, fmt.Sprint(n+1)))
	}
	f := readBytes(t, makePDF(t, pages, nil, image.Point{}))
	wantText(t, f)
	if strings.Contains(f.text(), "A textbook of biology") {
		t.Error("the running header is still there")
	}
	for i, s := range f.sections {
		if want := ownText(i + 1); s.Text != want || s.Place.Page != i+1 {
			t.Errorf("section %d is %q on page %d", i, s.Text, s.Place.Page)
		}
	}
	if f.Pages != 6 {
		t.Errorf("%d pages", f.Pages)
	}
}

func TestPDFTurnedPage(t *testing.T) {
	lines := pdfText(11, 60, 500,
		"A page that lies on its side is shown upright, and its lines are joined",
		"to paragraphs as on any other page.", "", "The second paragraph.")
	for rotation, matrix := range map[int]string{90: "0 1 -1 0 595 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 842"} {
		page := "q " + matrix + " cm\n" + lines + "Q\n"
		data := makePDF(t, []string{page}, nil, image.Point{})
		data = bytes.Replace(data, []byte("/MediaBox"), fmt.Appendf(nil, "/Rotate %d /MediaBox", rotation), 1)
		f := readBytes(t, data)
		wantText(t, f)
		want := "A page that lies on its side is shown upright, and its lines are joined " +
			"to paragraphs as on any other page.\n\nThe second paragraph.\n\n"
		if f.text() != want {
			t.Errorf("turned by %d: %q", rotation, f.text())
		}
	}
}

func ownText(page int) string {
	return "This page is about " + []string{"leaves", "roots", "stems", "flowers", "seeds", "fruit"}[page-1] + " and nothing else."
}

func TestPDFTableRows(t *testing.T) {
	page := pdfText(11, 60, 700, "Country") + pdfText(11, 250, 700, "Capital") +
		pdfText(11, 60, 680, "Rwanda") + pdfText(11, 250, 680, "Kigali") +
		pdfText(11, 60, 660, "Kenya") + pdfText(11, 250, 660, "Nairobi")
	wantText(t, readBytes(t, makePDF(t, []string{page}, nil, image.Point{})),
		"Country | Capital\nRwanda | Kigali\nKenya | Nairobi")
}

func TestPDFScannedPages(t *testing.T) {
	needs(t, "tesseract")
	img := scanned(t, "The heart pumps blood through", "the body about seventy times a minute.")
	pages := []string{
		pdfText(11, 60, 700, "This page has a text of its own and needs no reading by looks."),
		showPicture,
		"", // blank: nothing to read, nothing to complain about
		"0 0 0 rg 100 100 300 500 re f\n",
	}
	f := readBytes(t, makePDF(t, pages, jpegOf(t, img), img.Rect.Size()))
	wantText(t, f, "This page has a text")
	seen := f.section(t, "heart pumps blood through the body about seventy times a minute")
	if seen.Place.Page != 2 {
		t.Errorf("page %d, want 2", seen.Place.Page)
	}
	n := f.notice("pages_unreadable")
	if n == nil || n.Message != "1 of 4 pages could not be read." {
		t.Errorf("notices %+v, want one unreadable page", f.Notices)
	}
}

func TestScannedPagesAreReadOnce(t *testing.T) {
	needs(t, "tesseract")
	img := scanned(t, "The heart pumps blood.")
	file := write(t, makePDF(t, []string{showPicture}, jpegOf(t, img), img.Rect.Size()))
	work := t.TempDir()
	read := func() string {
		var text string
		_, err := testReader().Read(context.Background(), file, work, nil, func(s appliance.Section, _ Progress) error {
			text += s.Text
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if got := read(); got != "The heart pumps blood." {
		t.Fatalf("read %q", got)
	}
	kept, _ := filepath.Glob(filepath.Join(work, keptDir, "*"))
	if len(kept) != 1 {
		t.Fatalf("kept %v", kept)
	}
	if err := os.WriteFile(kept[0], []byte(`{"text":"Read before.","sure":90}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "Read before." {
		t.Errorf("read again: %q", got)
	}
}

func TestPDFWithNothingToRead(t *testing.T) {
	needs(t, "tesseract")
	f := readBytes(t, makePDF(t, []string{"0 0 0 rg 100 100 300 500 re f\n", ""}, nil, image.Point{}))
	wantProblem(t, f, problem.Unreadable, "no_text")
}

func TestPDFDamage(t *testing.T) {
	whole := makePDF(t, []string{
		pdfText(11, 60, 700, "The first page is whole."), pdfText(11, 60, 700, "The second page, too."),
	}, nil, image.Point{})
	t.Run("truncated", func(t *testing.T) { // no cross-reference table: the objects are found by scanning
		f := readBytes(t, whole[:bytes.Index(whole, []byte("xref\n"))])
		wantText(t, f, "The first page is whole.")
	})
	t.Run("looping cross-references", func(t *testing.T) {
		f := readPath(t, filepath.Join("testdata", "xref-loop.pdf"))
		wantText(t, f, "Potato 0", "Potato 29")
		if f.Pages != 30 {
			t.Errorf("%d pages, want 30", f.Pages)
		}
	})
	t.Run("not a PDF", func(t *testing.T) {
		wantProblem(t, readBytes(t, []byte("%PDF-1.3\nThis is not a valid PDF file\n%%EOF\n")), problem.Unreadable, "damaged")
	})
	t.Run("password", func(t *testing.T) {
		locked := bytes.Replace(whole, []byte("/Root 1 0 R"), []byte("/Root 1 0 R /ID [<00112233445566778899aabbccddeeff> "+
			"<00112233445566778899aabbccddeeff>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"+strings.Repeat("5a", 32)+
			"> /U <"+strings.Repeat("a5", 32)+"> >>"), 1)
		wantProblem(t, readBytes(t, locked), problem.Unreadable, "password")
	})
	t.Run("page tree loop", func(t *testing.T) {
		loop := bytes.Replace(whole, []byte("/Kids [ 5 0 R 7 0 R ]"), []byte("/Kids [ 5 0 R 2 0 R ]"), 1)
		wantText(t, readBytes(t, loop), "The first page is whole.")
	})
}
