package extract

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func wantSpoken(t *testing.T, data string, want ...string) found {
	t.Helper()
	f := readBytes(t, []byte(data))
	if f.err != nil {
		t.Fatal(f.err)
	}
	var got []string
	for _, s := range f.sections {
		got = append(got, fmt.Sprintf("%.1f-%.1f %s", s.Place.Start, s.Place.End, s.Text))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return f
}

func TestSubtitlesGiveWholeSentencesWithTheirSeconds(t *testing.T) {
	f := wantSpoken(t, "1\r\n00:00:02,000 --> 00:00:04,000\r\nIron rusts\r\n\r\n2\r\n00:00:04,000 --> 00:00:06,000\r\n"+
		"in <i>wet</i> air. {\\an8}Paint\r\n\r\n3\r\n01:02:03,500 --> 01:02:05,500\r\nkeeps it dry.\r\n",
		"2.0-5.4 Iron rusts in wet air.", "5.4-6.0 Paint", "3723.5-3725.5 keeps it dry.")
	if f.Kind != appliance.KindText || f.MediaType != "application/x-subrip" || f.Recording() {
		t.Errorf("info %+v", f.Info)
	}
	f = wantSpoken(t, "WEBVTT - lesson\n\nSTYLE\n::cue { color: red }\n\nNOTE\nby the class\n\nintro\n00:01.000 --> 00:03.000 line:0 position:20%\n"+
		"<v.loud Mme Keza>Bonjour &amp; bienvenue.\n\nreply\n00:03.500 --> 00:05.000\n<v Eric>Bonjour, Mme. Keza</v>\n\n"+
		"00:05.000 --> 00:06.000\n<v Eric>et merci !\n",
		"1.0-3.0 Mme Keza: Bonjour & bienvenue.", "3.5-6.0 Eric: Bonjour, Mme. Keza et merci !")
	if f.MediaType != "text/vtt" {
		t.Errorf("info %+v", f.Info)
	}
	wantSpoken(t, "0:00:01.000,0:00:02.500\nFirst we wash hands.\n\n0:00:03.000,0:00:04.000\nThen we eat.\n",
		"1.0-2.5 First we wash hands.", "3.0-4.0 Then we eat.")
}

func TestManyCues(t *testing.T) {
	const cues = 200_000
	var b strings.Builder
	for i := range cues {
		fmt.Fprintf(&b, "%d\n%02d:%02d:%02d,000 --> %02d:%02d:%02d,900\nw%d.\n\n", i, i/3600, i/60%60, i%60, i/3600, i/60%60, i%60, i)
	}
	f := readBytes(t, []byte(b.String()))
	wantText(t, f, "w199999.")
	if len(f.sections) != cues || math.Abs(f.sections[cues-1].Place.Start-(cues-1)) > 0.1 {
		t.Errorf("%d sections, the last %+v", len(f.sections), f.sections[len(f.sections)-1])
	}
	if f.PeakRSS > costs*150<<20 {
		t.Errorf("the child took %d MB", f.PeakRSS>>20)
	}
}

func TestProseWithArrowsIsNoSubtitle(t *testing.T) {
	for _, text := range []string{"We write a --> b for an arrow.\nAnd 10:30 --> 11:30 is the lesson.\n", "1\n2\n3\n4\n00:01 is a time.\n"} {
		if info, err := Detect(write(t, []byte(text))); err != nil || info.MediaType != "text/plain" {
			t.Errorf("%+v, %v", info, err)
		}
	}
}
