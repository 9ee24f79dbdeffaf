package extract

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/transform"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
)

// readEPUB reads a book's chapters in the order of its spine. Page is the
// chapter's number.
func readEPUB(j *job) error {
	a, err := parts.Open(j.file, j.size, parts.MaxBookParts)
	if err != nil {
		return err
	}
	if err := checkDRM(a); err != nil {
		return err
	}
	book, err := openBook(a)
	if err != nil {
		return err
	}
	titles := book.titles(a)
	info := infoOf(formatEPUB)
	info.Pages = len(book.spine)
	if err := j.out.info(info); err != nil {
		return err
	}
	var css styleSheet
	for _, part := range book.styles {
		if data, err := a.Bytes(part, maxCSS); err == nil {
			css.read(string(data))
		}
	}
	bad := 0
	f := &flow{out: j.out}
	for i, part := range book.spine {
		if err := j.out.working(i+1, len(book.spine)); err != nil {
			return err
		}
		f.at(appliance.Place{Page: i + 1})
		err := readChapter(a, &htmlWalk{flow: f, chapter: titles[part], css: css}, part)
		switch {
		case f.err != nil:
			return f.err
		case parts.IsLimit(err):
			return err
		case err != nil:
			fmt.Fprintf(os.Stderr, "extract: chapter %d: %v\n", i+1, err)
			bad++
		}
	}
	if err := f.end(); err != nil {
		return err
	}
	if bad > 0 && j.out.text > 0 {
		return j.out.notice(fault.NoticePagesUnreadable(bad, len(book.spine)))
	}
	return nil
}

// readChapter reads one part. Without a title of its own it goes on below the
// headings of the part before it: many books are cut into parts anywhere.
func readChapter(a *parts.Archive, h *htmlWalk, part string) error {
	f := h.flow
	rc, err := a.Open(part)
	if err != nil {
		return err
	}
	defer rc.Close()
	start := bufio.NewReader(rc)
	head, err := start.Peek(1024)
	if err != nil && err != io.EOF {
		return err
	}
	var in io.Reader = start
	if declared := declaredEncoding(head); declared != nil { // else it is UTF-8, as XML is
		in = transform.NewReader(in, declared.NewDecoder())
	}
	if h.chapter != "" {
		f.heading(htmlTop+1, h.chapter)           // as a first-level heading of its own
		f.headings[len(f.headings)-1].used = true // the chapter may hold a picture only
	}
	damage := h.walk(in)
	f.flush()
	return damage
}

// fontObfuscation are the two ways of scrambling fonts, which are no protection
// of the text.
var fontObfuscation = map[string]bool{
	"http://www.idpf.org/2008/embedding": true,
	"http://ns.adobe.com/pdf/enc#RC":     true,
}

// checkDRM fails if a part other than a font is encrypted.
func checkDRM(a *parts.Archive) error {
	method, locked := "", false
	err := parts.Walk(a, "META-INF/encryption.xml", true, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			switch e.Name.Local {
			case "EncryptedData":
				method = ""
			case "EncryptionMethod":
				if method == "" {
					method = parts.Attr(e, "Algorithm")
				}
			case "CipherReference":
				if method != "" && !fontObfuscation[method] {
					locked = true
				}
			}
		}
		return nil
	})
	if parts.IsLimit(err) {
		return err
	}
	if locked {
		return fault.CopyProtected()
	}
	return nil
}

// epubBook is the package document.
type epubBook struct {
	spine    []string // parts in reading order
	nav, ncx string   // parts with the table of contents
	styles   []string // parts with style sheets
}

func openBook(a *parts.Archive) (*epubBook, error) {
	root := ""
	err := parts.Walk(a, "META-INF/container.xml", false, func(_ *parts.Reader, t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "rootfile" && root == "" {
			root = parts.Attr(e, "full-path")
		}
		return nil
	})
	if err != nil && root == "" {
		return nil, err
	}
	dir := path.Dir(root)
	b := &epubBook{}
	items := map[string]string{}
	text := map[string]bool{}
	err = parts.Walk(a, root, false, func(_ *parts.Reader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "item":
			part := resolve(dir, parts.Attr(e, "href"))
			items[parts.Attr(e, "id")] = part
			kind := parts.Attr(e, "media-type")
			if kind == "text/css" && len(b.styles) < maxStyleSheets {
				b.styles = append(b.styles, part)
			}
			text[part] = strings.Contains(kind, "html") || kind == "" || strings.Contains(kind, "oeb1-document")
			if strings.Contains(" "+parts.Attr(e, "properties")+" ", " nav ") {
				b.nav = part
			}
			if kind == "application/x-dtbncx+xml" {
				b.ncx = part
			}
		case "itemref":
			if part := items[parts.Attr(e, "idref")]; part != "" && text[part] && len(b.spine) < parts.MaxBookParts {
				b.spine = append(b.spine, part)
			}
		}
		return nil
	})
	if err != nil && (parts.IsLimit(err) || len(b.spine) == 0) {
		return nil, err
	}
	if len(b.spine) == 0 {
		return nil, fault.Damaged(errors.New("epub: no chapters"))
	}
	return b, nil
}

// maxStyleSheets bounds a book's style sheets that are looked at.
const maxStyleSheets = 30

// resolve makes a part name of a link; what stands behind # is dropped.
func resolve(dir, href string) string {
	href, _, _ = strings.Cut(href, "#")
	if plain, err := url.PathUnescape(href); err == nil {
		href = plain
	}
	return parts.Name(path.Join(dir, href))
}

// maxContents bounds the table of contents.
const maxContents = 4 << 20

// titles are the chapters' names by part, from the book's table of contents.
// Entries that point into the middle of a part are left to its own headings.
func (b *epubBook) titles(a *parts.Archive) map[string]string {
	titles := map[string]string{}
	put := func(dir, href, title string) {
		part := resolve(dir, href)
		if strings.Contains(href, "#") {
			return
		}
		if title = clean.Clip(clean.Line(title), 300); title != "" && titles[part] == "" {
			titles[part] = title
		}
	}
	if b.nav != "" {
		if data, err := a.Bytes(b.nav, maxContents); err == nil {
			navTitles(data, path.Dir(b.nav), put)
			return titles
		}
	}
	if b.ncx == "" {
		return titles
	}
	label := ""
	_ = parts.Walk(a, b.ncx, true, func(x *parts.Reader, t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "navLabel":
			text, err := x.Text()
			label = text
			return err
		case "content":
			put(path.Dir(b.ncx), parts.Attr(e, "src"), label)
		case "pageList":
			return x.Skip()
		}
		return nil
	})
	return titles
}

// navTitles reads the links of an EPUB 3 table of contents.
func navTitles(data []byte, dir string, put func(dir, href, title string)) {
	z := html.NewTokenizer(bytes.NewReader(data))
	href := ""
	var label strings.Builder
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			label.Write(z.Text())
		case html.StartTagToken:
			if t := z.Token(); t.DataAtom == atom.A {
				label.Reset()
				href = ""
				for _, at := range t.Attr {
					if at.Key == "href" {
						href = at.Val
					}
				}
			}
		case html.EndTagToken:
			if t := z.Token(); t.DataAtom == atom.A && href != "" {
				put(dir, href, label.String())
			}
		}
	}
}
