package extract

import (
	"bufio"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract/subtitle"
)

// readSubtitles reads the captions of a film or a recording (SRT, WebVTT, SBV):
// whole sentences with the seconds at which they are spoken. They give minutes
// like a recording, though there is nothing to play.
func readSubtitles(j *job) error {
	in, err := j.decoded()
	if err != nil {
		return err
	}
	f := &flow{out: j.out}
	r := subtitle.New(func(s subtitle.Sentence) {
		f.at(appliance.Place{Start: s.Start, End: s.End})
		f.para(s.Text)
	})
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), 64<<10)
	lines.Split(scanLines)
	for lines.Scan() && f.err == nil {
		r.Line(strings.TrimSpace(lines.Text()))
	}
	r.End()
	if err := f.end(); err != nil {
		return err
	}
	return lines.Err()
}
