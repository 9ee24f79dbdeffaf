package extract

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/codepage"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/fault"
)

// readText reads plain text: blank lines separate paragraphs.
func readText(j *job) error {
	return j.eachLine(func(f *flow, para *paragraph, line string) {
		if strings.TrimSpace(line) == "" {
			para.end(f)
			return
		}
		para.add(f, line)
	}, func() {})
}

// paragraph gathers lines.
type paragraph struct {
	b     strings.Builder
	lines int
}

func (p *paragraph) add(f *flow, line string) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.b.WriteString(strings.TrimRight(line, " \t"))
	p.lines++
	if p.b.Len() > maxSection {
		p.end(f)
	}
}

func (p *paragraph) take() string {
	s := p.b.String()
	p.b.Reset()
	p.lines = 0
	return s
}

func (p *paragraph) end(f *flow) { f.para(p.take()) }

// eachLine decodes a text file and hands out its lines, and says when they are
// over. Lines longer than
// maxSection come in pieces, so a file that is one line is no burden.
func (j *job) eachLine(each func(*flow, *paragraph, string), over func()) error {
	in, err := j.decoded()
	if err != nil {
		return err
	}
	f := &flow{out: j.out}
	var para paragraph
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), 64<<10)
	lines.Split(scanLines)
	for lines.Scan() && f.err == nil {
		each(f, &para, lines.Text())
	}
	over()
	para.end(f)
	if err := f.end(); err != nil {
		return err
	}
	return lines.Err()
}

// decoded returns the file as UTF-8.
func (j *job) decoded() (io.Reader, error) {
	c, sure, err := codepage.Sniff(j.file, j.size)
	if err != nil {
		return nil, fault.NotText(err)
	}
	if !sure {
		if err := j.out.notice(fault.NoticeEncodingUnsure()); err != nil {
			return nil, err
		}
	}
	return c.Reader(io.NewSectionReader(j.file, 0, j.size)), nil
}

// scanLines is bufio.ScanLines with three differences: old Macs' lone carriage
// returns end lines, a form feed is an empty line, and a line longer than
// maxSection is cut, at a space if there is one.
func scanLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if len(data) == 0 {
		return 0, nil, nil
	}
	if i := bytes.IndexAny(data, "\r\n\f"); i >= 0 && i <= maxSection {
		switch {
		case data[i] == '\f' && i == 0:
			return 1, []byte{}, nil
		case data[i] == '\f': // leave it for an empty line of its own
			return i, data[:i], nil
		case data[i] == '\n' || i+1 < len(data) && data[i+1] != '\n':
			return i + 1, data[:i], nil
		case i+1 < len(data):
			return i + 2, data[:i], nil
		case atEOF:
			return len(data), data[:i], nil
		}
		return 0, nil, nil // is it \r\n?
	}
	if len(data) > maxSection {
		cut := bytes.LastIndexByte(data[:maxSection], ' ')
		if cut < maxSection/2 {
			for cut = maxSection; !utf8.RuneStart(data[cut]) && cut > maxSection-utf8.UTFMax; {
				cut--
			}
		}
		return cut, data[:cut], nil
	}
	if atEOF {
		return len(data), data, nil
	}
	return 0, nil, nil
}
