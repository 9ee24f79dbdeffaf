package extract

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/clean"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// checkOutput reads data in this process and checks what every reader owes: no
// panic, errors that a teacher understands, text that is clean and bounded.
func checkOutput(t *testing.T, data []byte) {
	t.Helper()
	const limit = 1 << 20
	out, err := inProcess(data, limit)
	if err != nil {
		if _, ok := errors.AsType[*problem.Error](err); !ok {
			t.Fatalf("an error that is not for a teacher: %v", err)
		}
	}
	total := 0
	for line := range strings.Lines(out) {
		var m message
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if len(line) > maxLine {
			t.Fatalf("a line of %d bytes", len(line))
		}
		if m.Section == nil {
			continue
		}
		text := m.Section.Text
		total += len(text)
		if text == "" || len(text) > maxSection || !utf8.ValidString(text) || clean.Text(text) != text {
			t.Fatalf("section %q is not clean", text)
		}
	}
	if total > limit {
		t.Fatalf("%d bytes of text", total)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"# Title\n\ntext **bold** [link](x)\n", "a;b\n1;2\n", "<html><body><h1>x</h1><table><tr><td>y", "plain\r\rtext\x0cmore",
		`{\rtf1\ansi\ansicpg1252 Caf\'e9 \u233?\par {\*\x hidden}\trowd\intbl a\cell b\cell\row}`,
		"\xff\xfea\x00b\x00", "caf\xe9 cr\xe8me br\xfbl\xe9e", "<ul><li>a<li><p>b</ul><pre>x\ny</pre>10<sup>5</sup>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if form, err := detect(strings.NewReader(string(data)), int64(len(data))); err == nil {
			switch kind := formats[form]; {
			case kind.demuxer != "", kind.kind == appliance.KindImage, kind.kind == appliance.KindPDF:
				return // they run other programs
			}
		}
		checkOutput(t, data)
	})
}
