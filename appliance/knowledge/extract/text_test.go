package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestDetect(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		kind appliance.Kind
		mime string
	}{
		"text":       {"Just some words.\nAnd more, with commas, of course.\n", appliance.KindText, "text/plain"},
		"prose":      {"Dear Aline, I write.\nWell, it rains.\nSo, bye.\n", appliance.KindText, "text/plain"},
		"markdown":   {"# One\n\ntext\n\n## Two\n", appliance.KindText, "text/markdown"},
		"shell":      {"#!/bin/sh\n# a comment\n# another\nls\n", appliance.KindText, "text/plain"},
		"csv":        {"name,mark,class\nAline,12,4A\nEric,13,4B\n", appliance.KindSheet, "text/csv"},
		"semicolons": {"nom;note\nAline;12,5\nEric;13\n", appliance.KindSheet, "text/csv"},
		"tabs":       {"a\tb\n1\t2\n", appliance.KindSheet, "text/csv"},
		"html":       {"<!doctype html><p>x", appliance.KindPage, "text/html"},
		"xhtml":      {"<?xml version=\"1.0\"?>\n<html xmlns=\"x\"><body/></html>", appliance.KindPage, "text/html"},
		"rtf":        {`{\rtf1 x}`, appliance.KindDoc, "application/rtf"},
		"pdf":        {"junk\n%PDF-1.7\n", appliance.KindPDF, "application/pdf"},
		"on PDF":     {"A file begins with %PDF- and a number.", appliance.KindText, "text/plain"},
		"latin-1":    {"Caf\xe9 cr\xe8me \xe0 la fra\xeeche, s'il vous pla\xeet.", appliance.KindText, "text/plain"},
		"utf-16":     {"\xff\xfeH\x00i\x00", appliance.KindText, "text/plain"},
		"wav":        {"RIFF\x24\x00\x00\x00WAVEfmt ", appliance.KindAudio, "audio/wav"},
		"mp3":        {"ID3\x03\x00\x00\x00\x00\x00\x00", appliance.KindAudio, "audio/mpeg"},
		"bare mp3":   {"\xff\xfb\x90\x64" + strings.Repeat("\x00", 413) + "\xff\xfb\x90\x64", appliance.KindAudio, "audio/mpeg"},
		"aac":        {"\xff\xf1\x50\x80\x02\x1f\xfc", appliance.KindAudio, "audio/aac"},
		"ogg":        {"OggS\x00\x02" + strings.Repeat("\x00", 22) + "\x01vorbis", appliance.KindAudio, "audio/ogg"},
		"flac":       {"fLaC\x00\x00\x00\x22", appliance.KindAudio, "audio/flac"},
		"mp4":        {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", appliance.KindVideo, "video/mp4"},
		"m4a":        {"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", appliance.KindAudio, "audio/mp4"},
		"3gp":        {"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00", appliance.KindVideo, "video/mp4"},
		"mov":        {"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", appliance.KindVideo, "video/quicktime"},
		"avi":        {"RIFF\x24\x00\x00\x00AVI LIST", appliance.KindVideo, "video/x-msvideo"},
		"mkv":        {"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", appliance.KindVideo, "video/x-matroska"},
		"webm":       {"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", appliance.KindVideo, "video/webm"},
		"png":        {"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", appliance.KindImage, "image/png"},
		"webp":       {"RIFF\x24\x00\x00\x00WEBPVP8 ", appliance.KindImage, "image/webp"},
		"tiff":       {"II*\x00\x08\x00\x00\x00", appliance.KindImage, "image/tiff"},
	} {
		t.Run(name, func(t *testing.T) {
			info, err := Detect(write(t, []byte(test.data)))
			if err != nil || info.Kind != test.kind || info.MediaType != test.mime {
				t.Errorf("got %+v, %v", info, err)
			}
		})
	}
	for name, data := range map[string]string{
		"gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00", "svg": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
		"heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "playlist": "#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n",
		"class": "\xca\xfe\xba\xbe\x00\x00\x00\x34", "sqlite": "SQLite format 3\x00\x10\x00",
	} {
		if info, err := Detect(write(t, []byte(data))); name != "playlist" && problem.CodeOf(err) != problem.Unsupported {
			t.Errorf("%s: got %+v, %v; want it refused", name, info, err)
		} else if info.Recording() {
			t.Errorf("%s goes to ffmpeg as %s", name, info.MediaType)
		}
	}
}

func TestText(t *testing.T) {
	latin := "\xab Le gar\xe7on mang\x9c des p\xeaches. \xbb"
	utf16le := "\xff\xfe"
	for _, u := range utf16.Encode([]rune("Amazi ni ubuzima — 𝄞")) {
		utf16le += string([]byte{byte(u), byte(u >> 8)})
	}
	for name, test := range map[string]struct{ data, want string }{
		"paragraphs":  {"One\nstill one.\n\n\n\nTwo.\n", "One\nstill one.\n\nTwo."},
		"old mac":     {"One\r\rTwo\r", "One\n\nTwo"},
		"windows":     {"One\r\n\r\nTwo\r\n", "One\n\nTwo"},
		"form feed":   {"One\fTwo", "One\n\nTwo"},
		"latin-1":     {latin, "« Le garçon mangœ des pêches. »"},
		"utf-8 mark":  {"\xef\xbb\xbfabc", "abc"},
		"utf-16":      {utf16le, "Amazi ni ubuzima — 𝄞"},
		"one bad":     {strings.Repeat("é è ", 20) + "\xff end", strings.Repeat("é è ", 20) + "end"},
		"controls":    {strings.Repeat("word ", 20) + "a\x01b\u200bc\u202ed\u00ade\u00a0f ﬁn", strings.Repeat("word ", 20) + "abcde f fin"},
		"hidden tags": {"Hi\U000E0041\U000E0042 there", "Hi there"},
	} {
		t.Run(name, func(t *testing.T) {
			f := readBytes(t, []byte(test.data))
			wantText(t, f)
			if got := strings.TrimSuffix(f.text(), "\n\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLateAccentsDecideTheEncoding(t *testing.T) {
	f := readBytes(t, []byte(strings.Repeat("plain words only. ", 10_000)+"\n\nfen\xeatre"))
	wantText(t, f, "fenêtre")
}

func TestHugeLine(t *testing.T) {
	f := readBytes(t, []byte(strings.Repeat("word ", 1_000_000)))
	wantText(t, f)
	words := 0
	for _, s := range f.sections {
		if len(s.Text) > maxSection {
			t.Fatalf("a section of %d bytes", len(s.Text))
		}
		words += len(strings.Fields(s.Text))
	}
	if words != 1_000_000 {
		t.Errorf("%d words of a million", words)
	}
}

func TestMarkdown(t *testing.T) {
	f := readBytes(t, []byte("Physics\n=======\n\nIntro with **bold**, *soft* and [a link](http://x).\n\n"+
		"## Heat ##\n\n* one\n* two\n\n```\n# not a heading\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n# Light\n\nray\n"))
	wantText(t, f, "Intro with bold, soft and a link.", "- one\n- two", "# not a heading", "a | b\n1 | 2")
	for text, heading := range map[string]string{"Intro": "Physics", "- one": "Physics › Heat", "ray": "Light"} {
		if got := f.section(t, text).Heading; got != heading {
			t.Errorf("%q below %q, want %q", text, got, heading)
		}
	}
}

func TestHTML(t *testing.T) {
	page := `<!DOCTYPE html><html><head><title>No</title><style>p{color:red}</style><script>alert("no")</script></head><body>
<nav><ul><li>Home</li></ul></nav><h1>The <em>Sun</em></h1><p>It is a&nbsp;star,<br>and hot: 10<sup>7</sup> K.</p>
<div>Loose text <b>here</b></div><ul><li>one</li><li><p>two</p></li></ul>
<table><tr><th>Planet<th>Moons</tr><tr><td>Mars<td>2</table><h2>Inside</h2><pre>a
 b</pre><noscript>no</noscript><p>Unclosed <i>tags`
	f := readBytes(t, []byte(page))
	wantText(t, f, "It is a star,\nand hot: 10⁷ K.", "Loose text here", "- one\n- two", "Planet | Moons\nMars | 2", "a\nb", "Unclosed tags")
	for _, no := range []string{"No", "alert", "Home", "color", "no"} {
		if strings.Contains(f.text(), no) && no != "no" {
			t.Errorf("text contains %q", no)
		}
	}
	if h := f.section(t, "Unclosed").Heading; h != "The Sun › Inside" {
		t.Errorf("heading %q", h)
	}
}

func TestHTMLEncodings(t *testing.T) {
	for name, page := range map[string]string{
		"none, UTF-8": "<html><body><p>" + strings.Repeat("x ", 2000) + "café</p>",
		"none, latin": "<html><body><p>" + strings.Repeat("x ", 2000) + "caf\xe9</p>",
		"meta":        "<html><head><meta charset=iso-8859-1></head><body><p>caf\xe9</p>",
		"xml":         "<?xml version='1.0' encoding='ISO-8859-1'?><html><body><p>caf\xe9</p>",
	} {
		t.Run(name, func(t *testing.T) { wantText(t, readBytes(t, []byte(page)), "café") })
	}
}

func TestRTF(t *testing.T) {
	f := readBytes(t, []byte(`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Word;}{\info{\title secret}}`+
		`\pard\outlinelevel0 The title\par\pard Caf\'e9 \u8364?5, \ldblquote yes\rdblquote .\par `+
		`\uc2\u233??t\u233??\par {\b bold} text{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}\par`+
		`\trowd\pard\intbl one\cell two\cell\row\pard last\bin4 }}}}\par}`))
	wantText(t, f, `Café €5, “yes”.`, "été", "bold textlink", "one | two", "last")
	for _, no := range []string{"Arial", "secret", "Word", "HYPERLINK", "}"} {
		if strings.Contains(f.text(), no) {
			t.Errorf("text contains %q: %s", no, f.text())
		}
	}
	if h := f.section(t, "Café").Heading; h != "The title" {
		t.Errorf("heading %q", h)
	}
}

func TestMislabelledFiles(t *testing.T) {
	// Names say nothing: a PDF called .docx, a text called .pdf.
	dir := t.TempDir()
	name := filepath.Join(dir, "letter.pdf")
	if err := os.WriteFile(name, []byte("Only a letter."), 0o600); err != nil {
		t.Fatal(err)
	}
	wantText(t, readPath(t, name), "Only a letter.")
	name = filepath.Join(dir, "book.docx")
	if err := os.WriteFile(name, fixture(t, "xref-loop.pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := readPath(t, name); f.Kind != appliance.KindPDF {
		t.Errorf("kind %s, %v", f.Kind, f.err)
	}
}

func TestUnclosedQuote(t *testing.T) {
	var csv strings.Builder
	for range 10_000 {
		csv.WriteString("name,mark,class\n")
	}
	f := readBytes(t, []byte(csv.String()+"\"never closed,1,2\n"+csv.String()))
	wantText(t, f, "name | mark | class")
}

func TestLettersThatMakeNoSenseAreTold(t *testing.T) {
	f := readBytes(t, []byte("The w\xb6rd is br\xb5ken in its m\xc5ddle a\xdend e\xb6d.\n"))
	wantText(t, f, "The w")
	if f.notice("encoding_unsure") == nil {
		t.Errorf("notices %+v", f.Notices)
	}
}

func TestNumbersAreNoUTF16(t *testing.T) {
	var data strings.Builder // samples of a sensor
	for i := range 4000 {
		data.Write([]byte{byte(i * 7), byte(i * i >> 3)})
	}
	if info, err := Detect(write(t, []byte(data.String()))); err == nil {
		t.Errorf("read as %+v", info)
	}
}
