package ingest

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestRecordingTakesItsWordsFromSubtitlesOfItsName(t *testing.T) {
	for _, test := range []struct {
		name, subtitles string
		want            bool
	}{
		{"same name", "Lesson 7.srt", true},
		{"a language, other case", "lesson 7.en.VTT", true},
		{"another name", "Lesson 8.srt", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.read.kind = appliance.KindVideo
			film := r.add("Lesson 7.mp4", "twenty bytes of film")
			r.add(test.subtitles, "subtitles: The clay must dry for eleven days.")
			r.start()
			src := r.until(film.ID, appliance.StatusReady)
			text := ""
			for _, c := range r.chunks(film.ID) {
				text += c.Text
				if test.want && (c.Place.Start != 2 || c.Place.End != 4) {
					t.Errorf("at %+v", c.Place)
				}
			}
			if got := text == "The clay must dry for eleven days."; got != test.want {
				t.Errorf("text %q", text)
			}
			told := false
			for _, n := range src.Notices {
				told = told || n.Code == "captions_used"
			}
			if told != test.want {
				t.Errorf("notices %+v", src.Notices)
			}
			if left := r.left("work"); len(left) > 0 && test.want {
				t.Errorf("left in the work folder: %q", left)
			}
		})
	}
}
