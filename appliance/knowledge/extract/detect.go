package extract

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/codepage"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/parts"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/subtitle"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/zimfile"
)

// sniffBytes is how much of a file's start is looked at.
const sniffBytes = 16 << 10

// Detect says what the file at path is by its content; its name does not
// matter. It reads the start of the file and, of a zip, the table of contents,
// so it is safe in the server. Pages and Duration stay 0: [Reader.Read] and
// [Probe] know them. Files that the box does not read fail with reason
// file_empty, unsupported_type, old_format, password, damaged, too_complex or
// not_text.
func Detect(path string) (Info, error) {
	f, err := os.Open(path)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	if !st.Mode().IsRegular() {
		return Info{}, fault.Unsupported("inode/special")
	}
	form, err := detect(f, st.Size())
	if err != nil {
		return Info{}, err
	}
	return infoOf(form), nil
}

func infoOf(form format) Info {
	t := formats[form]
	return Info{Kind: t.kind, MediaType: t.mediaType}
}

func detect(r io.ReaderAt, size int64) (format, error) {
	if size == 0 {
		return "", fault.Empty()
	}
	head := make([]byte, min(size, sniffBytes))
	if n, err := r.ReadAt(head, 0); err != nil && (err != io.EOF || n == 0) {
		return "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return detectZip(r, size)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return "", detectOLE(r, size)
	case bytes.HasPrefix(head, zimfile.Magic):
		return formatZIM, nil
	case bytes.HasPrefix(head, []byte(`{\rtf`)):
		return formatRTF, nil
	case pdfHeader.Match(head[:min(len(head), 1024)]):
		return formatPDF, nil // some writers put junk before it, and readers allow 1024 bytes
	}
	if form, err := detectMedia(head); form != "" || err != nil {
		return form, err
	}

	if mail, page := looksLikeMail(head); page {
		return formatMHTML, nil
	} else if mail {
		return formatMail, nil
	}

	found := mimetype.Detect(head)
	for m := found; m != nil; m = m.Parent() {
		name, _, _ := strings.Cut(m.String(), ";")
		if form, ok := byMediaType[name]; ok {
			return form, nil
		}
		if name == "text/plain" && readableAsText(found) {
			return detectText(head)
		}
	}
	if codepage.IsText(head) { // UTF-16 without a mark, Windows-1252
		return detectText(head)
	}
	name, _, _ := strings.Cut(found.String(), ";")
	return "", fault.Unsupported(name)
}

var pdfHeader = regexp.MustCompile(`%PDF-[0-9]\.[0-9]`)

// detectMedia knows the containers whose first bytes say little: it looks
// further in than mimetype. It returns "" for everything else.
func detectMedia(head []byte) (format, error) {
	at := func(off int, s string) bool {
		return len(head) >= off+len(s) && string(head[off:off+len(s)]) == s
	}
	switch {
	case at(0, "\x1a\x45\xdf\xa3"): // EBML; its header names the kind
		if bytes.Contains(head[:min(len(head), 4096)], []byte("webm")) {
			return formatWebM, nil
		}
		return formatMKV, nil
	case at(0, "RIFF") && at(8, "AVI "):
		return formatAVI, nil
	case at(0, "RIFF") && at(8, "WAVE"), at(0, "RF64") && at(8, "WAVE"):
		return formatWAV, nil
	case at(0, "ID3"):
		return formatMP3, nil
	case at(4, "moov"), at(4, "mdat"), at(4, "wide"), at(4, "pnot"):
		return formatMOV, nil // QuickTime from before brands
	case at(4, "ftyp") && len(head) >= 12:
		switch string(head[8:12]) {
		case "qt  ":
			return formatMOV, nil
		case "M4A ", "M4B ", "M4P ":
			return formatM4A, nil
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis", "crx ":
			return "", fault.SaveAs("HEIC or AVIF", "JPEG")
		}
		return formatMP4, nil
	}
	return "", nil
}

// readableAsText excludes the text formats whose words drown in markup or code.
func readableAsText(m *mimetype.MIME) bool {
	for _, markup := range []string{"text/xml", "image/svg+xml", "application/postscript", "application/x-msdownload"} {
		if m.Is(markup) {
			return false
		}
	}
	return true
}

// detectZip tells office files and books apart by what they declare inside.
func detectZip(r io.ReaderAt, size int64) (format, error) {
	a, err := parts.Open(r, size, parts.MaxBookParts)
	if err != nil {
		return "", err
	}
	if kind, err := a.Bytes("mimetype", 256); err == nil {
		switch strings.TrimSpace(string(kind)) {
		case "application/epub+zip":
			return formatEPUB, nil
		case formats[formatODT].mediaType, formats[formatODT].mediaType + "-template":
			return formatODT, nil
		case formats[formatODP].mediaType, formats[formatODP].mediaType + "-template":
			return formatODP, nil
		case formats[formatODS].mediaType, formats[formatODS].mediaType + "-template":
			return formatODS, nil
		}
	}
	switch {
	case a.Has("word/document.xml"):
		return formatDOCX, nil
	case a.Has("ppt/presentation.xml"):
		return formatPPTX, nil
	case a.Has("xl/workbook.xml"):
		return formatXLSX, nil
	case a.Has("xl/workbook.bin"):
		return "", fault.SaveAs("binary Excel (XLSB)", "XLSX")
	case a.Has("META-INF/container.xml"):
		return formatEPUB, nil
	case a.Has("Index/Document.iwa"):
		return "", fault.SaveAs("Apple Pages, Keynote or Numbers", "PDF")
	}
	main, err := parts.MainPart(a)
	switch {
	case err == nil && strings.HasPrefix(main, "word/"):
		return formatDOCX, nil
	case err == nil && strings.HasPrefix(main, "ppt/"):
		return formatPPTX, nil
	case err == nil && strings.HasPrefix(main, "xl/"):
		return formatXLSX, nil
	case a.Has("[Content_Types].xml"):
		return "", fault.Damaged(errors.New("ooxml: no main part"))
	}
	return "", fault.Unsupported("application/zip")
}

// detectOLE says why a file of Office's old container is refused: encrypted
// documents of today come in it, too. The streams' names are UTF-16.
func detectOLE(r io.ReaderAt, size int64) error {
	// The directory can stand anywhere, mostly near the start or the end.
	const window = 1 << 20
	head := make([]byte, min(size, window))
	n, _ := r.ReadAt(head, 0)
	names := head[:n]
	if size > window {
		tail := make([]byte, min(size-window, window))
		n, _ := r.ReadAt(tail, size-int64(len(tail)))
		names = append(names, tail[:n]...)
	}
	has := func(stream string) bool {
		wide := make([]byte, 0, 2*len(stream))
		for _, c := range []byte(stream) {
			wide = append(wide, c, 0)
		}
		return bytes.Contains(names, wide)
	}
	switch {
	case has("EncryptedPackage"):
		return fault.Password(nil)
	case has("WordDocument"):
		return fault.SaveAs("Word 97–2003 (DOC)", "DOCX")
	case has("PowerPoint Document"):
		return fault.SaveAs("PowerPoint 97–2003 (PPT)", "PPTX")
	case has("Workbook"), has("Book"):
		return fault.SaveAs("Excel 97–2003 (XLS)", "XLSX")
	case has("__properties_version1.0"):
		return fault.SaveAs("Outlook message", "PDF")
	}
	return fault.Unsupported("application/x-ole-storage")
}

// detectText tells the text formats apart.
func detectText(head []byte) (format, error) {
	if !codepage.IsText(head) {
		return "", fault.NotText(errors.New("text: control characters"))
	}
	text := codepage.Decode(head)
	switch {
	case looksLikeHTML(text):
		return formatHTML, nil
	case strings.HasPrefix(strings.TrimSpace(text), "<?xml"), strings.HasPrefix(strings.TrimSpace(text), "<svg"):
		return "", fault.Unsupported("text/xml")
	case subtitle.Detect(text):
		if strings.HasPrefix(strings.TrimSpace(text), "WEBVTT") {
			return formatVTT, nil
		}
		return formatSRT, nil
	case mdTableRule.MatchString(text):
		return formatMarkdown, nil
	case sniffDelimiter(text) != 0:
		return formatCSV, nil
	case looksLikeMarkdown(text):
		return formatMarkdown, nil
	}
	return formatText, nil
}

// looksLikeHTML finds pages whose start mimetype does not know, such as those
// that begin with a comment or an XML declaration.
func looksLikeHTML(text string) bool {
	text = strings.ToLower(text[:min(len(text), 2048)])
	return strings.HasPrefix(strings.TrimSpace(text), "<") &&
		(strings.Contains(text, "<html") || strings.Contains(text, "<!doctype html") || strings.Contains(text, "<body"))
}
