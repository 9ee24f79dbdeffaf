package ingest

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestRecordingTakesItsWordsFromSubtitlesOfItsName(t *testing.T) {
	for _, test := range []struct {
		name, subtitles string
		film, beside    []int // which classes they are for
		cancelled       bool
		want            bool
	}{
		{name: "same name", subtitles: "Lesson 7.srt", want: true},
		{name: "a language, other case", subtitles: "lesson 7.en.VTT", want: true},
		{name: "another name", subtitles: "Lesson 8.srt"},
		{name: "cancelled", subtitles: "Lesson 7.srt", cancelled: true},
		{name: "same classes", subtitles: "Lesson 7.srt", film: []int{0, 1}, beside: []int{1, 0}, want: true},
		{name: "for one class alone", subtitles: "Lesson 7.srt", beside: []int{0}},
		{name: "for another class", subtitles: "Lesson 7.srt", film: []int{1}, beside: []int{0}},
		{name: "for a class more", subtitles: "Lesson 7.srt", film: []int{1}, beside: []int{0, 1}},
		{name: "for the whole school", subtitles: "Lesson 7.srt", film: []int{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.read.kind = appliance.KindVideo
			var classes []appliance.ClassID
			for _, name := range []string{"S1", "S2"} {
				c, err := r.store.AddClass(t.Context(), org, appliance.Class{Name: name, Code: name}, nil)
				if err != nil {
					t.Fatal(err)
				}
				classes = append(classes, c.ID)
			}
			film := r.add("Lesson 7.mp4", "twenty bytes of film")
			beside := r.add(test.subtitles, "subtitles: The clay must dry for eleven days.")
			for id, of := range map[string][]int{film.ID: test.film, beside.ID: test.beside} {
				var list []appliance.ClassID
				for _, i := range of {
					list = append(list, classes[i])
				}
				if _, err := r.store.ShareSource(t.Context(), org, id, list); err != nil {
					t.Fatal(err)
				}
			}
			if test.cancelled {
				if _, err := r.Cancel(t.Context(), org, beside.ID); err != nil {
					t.Fatal(err)
				}
			}
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
