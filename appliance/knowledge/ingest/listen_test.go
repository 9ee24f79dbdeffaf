package ingest

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// hearsIn is a transcriber that hears something only in one take's samples.
type hearsIn struct {
	*modeltest.Transcriber
	take string
}

func (h hearsIn) Transcribe(ctx context.Context, r models.Recording, emit func(models.Segment) error) (string, error) {
	if !strings.HasSuffix(r.Path, h.take) {
		emit = func(models.Segment) error { return nil }
	}
	return h.Transcriber.Transcribe(ctx, r, emit)
}

// listening is a rig with a recording that can be heard in so many ways.
func listening(t *testing.T, takes int, hearIn string) *rig {
	r := newRig(t)
	r.read.kind = appliance.KindAudio
	r.hear.Segments = []models.Segment{{Start: time.Second, End: 2 * time.Second, Text: "Water boils at one hundred degrees."}}
	r.cfg.Transcriber = hearsIn{r.hear, hearIn}
	r.cfg.Takes = func(context.Context, string) ([]extract.Take, error) {
		list := make([]extract.Take, takes)
		for i := range list {
			list[i].Track = i
		}
		return list, nil
	}
	return r
}

func TestListensAnotherWay(t *testing.T) {
	r := listening(t, 4, "samples-2")
	var decoded []int
	r.cfg.Decode = func(ctx context.Context, src, dst string, take extract.Take, f func(float64)) (float64, []appliance.Notice, error) {
		decoded = append(decoded, take.Track)
		if take.Track == 1 {
			return 0, nil, problem.New(problem.Unreadable, "damaged", "A track is damaged.", "None.", nil)
		}
		return decodeFake(ctx, src, dst, take, f)
	}
	r.start()
	src := r.until(r.add("lesson.mp4", strings.Repeat("x", 50)).ID, appliance.StatusReady)
	if fmt.Sprint(decoded) != "[0 1 2]" || len(src.Notices) != 0 || src.Duration != 5 {
		t.Errorf("decoded %v, %+v", decoded, src)
	}
	chunks := r.chunks(src.ID)
	if len(chunks) != 1 || chunks[0].Text != "Water boils at one hundred degrees." || chunks[0].Place.Start != 1 {
		t.Errorf("%+v", chunks)
	}
}

func TestQuietRecordingIsToldSo(t *testing.T) {
	for _, test := range []struct {
		amplitude int16
		code      string
	}{{200, "too_quiet"}, {0, "no_speech"}, {8000, "no_speech"}} {
		r := listening(t, 3, "nowhere")
		r.cfg.Decode = func(_ context.Context, src, dst string, take extract.Take, _ func(float64)) (float64, []appliance.Notice, error) {
			pcm := make([]byte, 0, 3*sampleBytes)
			for i := range 3 * sampleBytes / 2 {
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(test.amplitude*int16(1-i/20%2*2)))
			}
			return 3, nil, os.WriteFile(dst, pcm, 0o600)
		}
		r.start()
		src := r.until(r.add("lesson.mp3", "xyz").ID, appliance.StatusReady)
		if len(src.Notices) != 1 || src.Notices[0].Code != test.code || src.Chunks != 0 {
			t.Errorf("amplitude %d: %+v", test.amplitude, src)
		}
	}
}

func TestUnreadableInEveryWay(t *testing.T) {
	r := listening(t, 2, "nowhere")
	r.cfg.Decode = func(context.Context, string, string, extract.Take, func(float64)) (float64, []appliance.Notice, error) {
		return 0, nil, problem.New(problem.Unreadable, "too_short", "Too short.", "None.", nil)
	}
	r.start()
	src := r.until(r.add("lesson.mp3", "xyz").ID, appliance.StatusFailed)
	if src.Problem == nil || src.Problem.Reason != "too_short" {
		t.Errorf("%+v", src)
	}
}

func TestSpokenSentences(t *testing.T) {
	breath := func(from, to float64, text string) appliance.Section {
		return appliance.Section{Text: text, Place: appliance.Place{Start: from, End: to}}
	}
	for name, test := range map[string]struct {
		breaths []appliance.Section
		want    string
	}{
		"over three breaths": {[]appliance.Section{
			breath(2, 4, "The sun heats the lake"), breath(4, 6, "and the water rises"), breath(6.5, 8, "as vapour."),
			breath(8, 10, "Then it rains."),
		}, "2-8 The sun heats the lake and the water rises as vapour.|8-10 Then it rains."},
		"two in a breath": {[]appliance.Section{
			breath(10, 20, "Wash hands. Eat food"), breath(20, 22, "slowly."),
		}, "10-15.5 Wash hands.|16-22 Eat food slowly."},
		"a silence": {[]appliance.Section{breath(0, 1, "Now we"), breath(60, 62, "begin to read")},
			"0-1 Now we|60-62 begin to read"},
		"without full stops": {[]appliance.Section{
			breath(0, 14, "umwana ariga"), breath(14, 29, "umwarimu arigisha"), breath(29, 40, "ishuri ni ryiza"),
		}, "0-29 umwana ariga umwarimu arigisha|29-40 ishuri ni ryiza"},
		"numbers":  {[]appliance.Section{breath(0, 2, "It is 3.5 metres long.")}, "0-2 It is 3.5 metres long."},
		"question": {[]appliance.Section{breath(5, 9, "Why? Because.")}, "5-6.23 Why?|6.54-9 Because."},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			s := spoken{yield: func(x appliance.Section) bool {
				got = append(got, fmt.Sprintf("%v-%v %s", x.Place.Start, x.Place.End, x.Text))
				return true
			}}
			for _, b := range test.breaths {
				s.add(b)
			}
			s.flush()
			if text := strings.Join(got, "|"); text != test.want {
				t.Errorf("%s, want %s", text, test.want)
			}
		})
	}
}

func TestSentenceGoesOnInTheNextWindow(t *testing.T) {
	r := newRig(t) // windows of two seconds
	r.read.kind = appliance.KindAudio
	r.hear.Segments = []models.Segment{
		{Start: 0, End: time.Second, Text: "Good morning."},
		{Start: 1500 * time.Millisecond, End: 2 * time.Second, Text: "Copper carries"},
		{Start: 2 * time.Second, End: 3 * time.Second, Text: "electricity well."},
	}
	r.start()
	src := r.until(r.add("lesson.mp3", strings.Repeat("x", 50)).ID, appliance.StatusReady)
	chunks := r.chunks(src.ID)
	if len(chunks) != 1 || chunks[0].Text != "Good morning. Copper carries electricity well." || chunks[0].Place.End != 3 {
		t.Errorf("%+v", chunks)
	}
}
