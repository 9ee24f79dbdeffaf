package subtitle

import (
	"fmt"
	"strings"
	"testing"
)

func said(data string) (list []Sentence) {
	c := New(func(s Sentence) { list = append(list, s) })
	for line := range strings.Lines(data) {
		c.Line(strings.TrimSpace(line))
	}
	c.End()
	return list
}

func wantSaid(t *testing.T, data string, want ...string) {
	t.Helper()
	if !Detect(data) {
		t.Errorf("not known:\n%s", data)
	}
	var got []string
	for _, s := range said(data) {
		got = append(got, fmt.Sprintf("%.1f-%.1f %s", s.Start, s.End, s.Text))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCaptionsOfMachinesAreReadOnce(t *testing.T) {
	wantSaid(t, `WEBVTT
Kind: captions

00:00:00.160 --> 00:00:02.389 align:start position:0%
 
the<00:00:00.400><c> liver</c>

00:00:02.389 --> 00:00:02.399
the liver
 

00:00:02.399 --> 00:00:05.000
the liver
makes<00:00:02.800><c> bile</c>

00:00:05.000 --> 00:00:05.010
makes bile
 

00:00:05.010 --> 00:00:07.000
makes bile
every day.
`, "0.2-7.0 the liver makes bile every day.")
	wantSaid(t, "1\n00:00:00,000 --> 00:00:01,000\nsoap\n\n2\n00:00:01,000 --> 00:00:02,000\nsoap needs ash\n\n"+
		"3\n00:00:02,000 --> 00:00:04,000\nsoap needs ash and fat.\n\n4\n00:00:09,000 --> 00:00:10,000\nsoap needs ash and fat.\n",
		"0.0-4.0 soap needs ash and fat.", "9.0-10.0 soap needs ash and fat.")
}

func TestBrokenSubtitles(t *testing.T) {
	wantSaid(t, "1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:05,00 -> 0:00:06.5\nTwo\nlines.\n\n3\n00:00:07:500 --> what\nThree.\n\n"+
		"nothing --> 99\nFour.\n\n5\n00:00:20,000 --> 00:00:10,000\nFive.\n\n6\n00:00:21,000 --> 00:00:22,000\n\n7\n\n",
		"1.0-2.0 One.", "5.0-6.5 Two lines.", "7.5-8.5 Three.", "8.5-9.5 Four.", "20.0-21.0 Five.", "21.0-22.0 7")
}

func TestSubtitlesWithoutFullStopsAreCut(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%d\n00:%02d:%02d,000 --> 00:%02d:%02d,900\nword%d and more\n\n", i+1, i/60, i%60, i/60, i%60, i)
	}
	list := said(b.String())
	if n := len(list); n < 2 || !strings.HasPrefix(list[0].Text, "word0 and more") || !strings.HasSuffix(list[n-1].Text, "word999 and more") {
		t.Errorf("%d sentences", n)
	}
	for _, s := range list {
		if len(s.Text) > 2*maxSpoken || s.End <= s.Start {
			t.Fatalf("sentence %+v", s)
		}
	}
}
