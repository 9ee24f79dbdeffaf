package main

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
)

// fakeEngine hears speech wherever the sound is loud, and says how long it was.
type fakeEngine struct {
	decodes  []float64 // seconds of each window
	says     func(seconds float64) []decoded
	heard    func(loud float64) // called for each run of loud samples, in seconds
	detected int
}

func (f *fakeEngine) speech(samples []float32) ([]float32, error) {
	p := make([]float32, len(samples)/vadFrame)
	for i := range p {
		if math.Abs(float64(samples[i*vadFrame+vadFrame/2])) > 0.1 {
			p[i] = 0.95
		} else {
			p[i] = 0.05
		}
	}
	return p, nil
}

func (f *fakeEngine) detect([]float32) (string, float32, error) {
	f.detected++
	return "fr", 0.9, nil
}

func (f *fakeEngine) decode(samples []float32, _ string, _ *atomic.Bool) ([]decoded, error) {
	seconds := float64(len(samples)) / sampleRate
	f.decodes = append(f.decodes, seconds)
	if f.heard != nil {
		run := 0
		for _, x := range append(samples, 0) {
			if math.Abs(float64(x)) > 0.1 {
				run++
			} else if run > 0 {
				f.heard(float64(run) / sampleRate)
				run = 0
			}
		}
	}
	if f.says != nil {
		return f.says(seconds), nil
	}
	return []decoded{{start: speechPad, end: seconds - speechPad, text: " words ", confidence: -0.2}}, nil
}

func (*fakeEngine) work() uint64 { return 0 }

// pcm makes a recording of loud (+) and quiet (-) stretches of so many seconds.
func pcm(t *testing.T, stretches ...float64) *recording {
	t.Helper()
	var data []byte
	for _, s := range stretches {
		v := int16(0)
		if s > 0 {
			v = 10000
		}
		for range int(math.Abs(s) * sampleRate) {
			data = binary.LittleEndian.AppendUint16(data, uint16(v))
		}
	}
	return &recording{data: data, seconds: float64(len(data)/2) / sampleRate}
}

func hear(t *testing.T, e engine, rec *recording, q request) ([]segment, string) {
	t.Helper()
	var found []segment
	language, err := transcribe(e, rec, q, new(atomic.Bool), func(s segment) error {
		found = append(found, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, language
}

func near(t *testing.T, what string, got int64, want float64) {
	t.Helper()
	if math.Abs(float64(got)/1000-want) > 0.1 {
		t.Errorf("%s at %.2f s, want %.2f", what, float64(got)/1000, want)
	}
}

func TestOnlySpeechIsDecoded(t *testing.T) {
	e := &fakeEngine{}
	found, language := hear(t, e, pcm(t, -40, 3, -60, 2, -1, 2, -30), request{})
	if len(e.decodes) != 2 {
		t.Fatalf("windows of %v s, want the silence left out", e.decodes)
	}
	if language != "fr" || e.detected != 1 {
		t.Errorf("language %q after %d detections, want fr after one", language, e.detected)
	}
	near(t, "first start", found[0].StartMS, 40)
	near(t, "first end", found[0].EndMS, 43)
	near(t, "second start", found[1].StartMS, 103)
	near(t, "second end", found[1].EndMS, 108)
}

func TestNothingIsHeardInNothing(t *testing.T) {
	e := &fakeEngine{}
	for name, rec := range map[string]*recording{
		"empty": pcm(t), "50 ms": pcm(t, 0.05), "silence": pcm(t, -30), "a click": pcm(t, -1, 0.1, -1),
	} {
		if found, language := hear(t, e, rec, request{Language: "sw"}); len(found) > 0 || language != "sw" {
			t.Errorf("%s: heard %v in %q", name, found, language)
		}
	}
}

func TestLongSpeechIsCutIntoWindows(t *testing.T) {
	e := &fakeEngine{}
	// The pause is too short to end the speech, but the best place to cut.
	found, _ := hear(t, e, pcm(t, 20, -0.3, 30), request{})
	for _, seconds := range e.decodes {
		if seconds > maxWindow+0.01 {
			t.Errorf("a window of %.1f s, want at most %.1f", seconds, maxWindow)
		}
	}
	if math.Abs(e.decodes[0]-20.1) > 0.3 {
		t.Errorf("the first window ends at %.2f s, want it in the pause at 20", e.decodes[0])
	}
	if len(found) != len(e.decodes) {
		t.Errorf("%d segments of %d windows", len(found), len(e.decodes))
	}
}

// TestPiecesMeet listens in pieces whose ends fall into words, and wants each
// word whole in exactly one of them.
func TestPiecesMeet(t *testing.T) {
	path := pcm(t, -1, 4, -1, 4, -1, 4, -1, 4, -1)
	for _, piece := range []int64{3000, 5000, 8000, 13000} {
		var words []float64
		for from := int64(0); from < 21000; from += piece {
			e := &fakeEngine{}
			e.heard = func(loud float64) { words = append(words, loud) }
			hear(t, e, path, request{FromMS: from, LengthMS: piece, Language: "en"})
		}
		if len(words) != 4 {
			t.Errorf("pieces of %d ms: words of %.2f s, want 4 words", piece, words)
		}
		for _, w := range words {
			if w < 3.95 {
				t.Errorf("pieces of %d ms: a word of %.2f s, want all 4 s of it", piece, w)
			}
		}
	}
}

func TestBoundaryIsTheSameFromBothSides(t *testing.T) {
	e := &fakeEngine{}
	rec := pcm(t, 9, -0.5, 9, -0.5, 9)
	left, err := rec.bounds(e, request{FromMS: 0, LengthMS: 10000})
	if err != nil {
		t.Fatal(err)
	}
	right, err := rec.bounds(e, request{FromMS: 10000, LengthMS: 10000})
	if err != nil {
		t.Fatal(err)
	}
	if left.to != right.from || math.Abs(left.to-9.25) > 0.25 {
		t.Errorf("one ends at %.3f, the next begins at %.3f, want both in the pause at 9", left.to, right.from)
	}
}

func TestAnEndRoundedToMillisecondsIsTheEnd(t *testing.T) {
	rec := pcm(t, 2.9248)
	got, err := rec.bounds(&fakeEngine{}, request{LengthMS: 2924})
	if err != nil || got.from != 0 || got.to != rec.seconds {
		t.Errorf("listens to %+v (%v), want all %.4f s", got, err, rec.seconds)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	rec := pcm(t, 1)
	for _, q := range []request{{FromMS: -1}, {LengthMS: -5}} {
		if _, err := transcribe(&fakeEngine{}, rec, q, new(atomic.Bool), nil); describe(err).Code != "bad_request" {
			t.Errorf("%+v: %v, want a bad request", q, err)
		}
	}
	for _, body := range []string{"", "{}", "{\n", `{"first":-1}` + "\n", `{"samples":-1}` + "\n"} {
		if _, _, err := receive(strings.NewReader(body)); !errors.Is(err, errRequest) {
			t.Errorf("%q: %v, want a bad request", body, err)
		}
	}
	var stop atomic.Bool
	stop.Store(true)
	if _, err := transcribe(&fakeEngine{}, rec, request{}, &stop, nil); err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestLoopsAreCutShort(t *testing.T) {
	e := &fakeEngine{says: func(float64) []decoded {
		var all []decoded
		for i := range 9 {
			all = append(all, decoded{start: float64(i), end: float64(i + 1), text: "I see.", confidence: -0.1})
		}
		return all
	}}
	if found, _ := hear(t, e, pcm(t, 10), request{}); len(found) != maxRepeats {
		t.Errorf("%d segments say the same, want %d", len(found), maxRepeats)
	}
}

func TestLoudnessStandsIn(t *testing.T) {
	rec := pcm(t, -2, 3, -2)
	samples := rec.read(span{0, rec.seconds})
	for i := range samples { // a background at -60 dB
		samples[i] += 0.001 * float32(1-2*(i%2))
	}
	spans := spokenSpans(loudness(samples))
	if len(spans) != 1 || math.Abs(spans[0].from-2) > 0.3 || math.Abs(spans[0].to-5) > 0.3 {
		t.Errorf("speech at %v, want 2 to 5 s", spans)
	}
}

func TestTidy(t *testing.T) {
	sure := decoded{noSpeech: 0.01, confidence: -0.2}
	tests := []struct {
		name, text    string
		d             decoded
		voiced, voice float64
		want          string
	}{
		{"words", "  The  water cycle. ", sure, 1, 0.9, "The water cycle."},
		{"a sound", "[Music]", sure, 1, 0.9, ""},
		{"a sound among words", "(bleats) Good morning ♪", sure, 1, 0.9, "Good morning"},
		{"punctuation", "...", sure, 1, 0.9, ""},
		{"credits over noise", "Thanks for watching!", sure, 0.5, 0.6, ""},
		{"credits in doubt", "Sous-titres réalisés par la communauté d'Amara.org", decoded{noSpeech: 0.4}, 1, 0.9, ""},
		{"thanks that were said", "Thank you.", sure, 1, 0.9, "Thank you."},
		{"doubted and unsure", "Hello there", decoded{noSpeech: 0.7, confidence: -1.3}, 1, 0.9, ""},
		{"doubted but sure", "Hello there", decoded{noSpeech: 0.7, confidence: -0.2}, 1, 0.9, "Hello there"},
		{"where nobody speaks", "Hello there", sure, 0.05, 0.9, ""},
		{"a loop", strings.Repeat("so it is ", 40), sure, 1, 0.9, "so it is so it is so it is"},
		{"a shout", "No, no, no!", sure, 1, 0.9, "No, no, no!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.d.text = tt.text
			if got := tidy(tt.d, tt.voiced, tt.voice); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPartOfARecordingIsEnough: what is sent around a stretch tells the same
// boundaries as the whole.
func TestPartOfARecordingIsEnough(t *testing.T) {
	whole := pcm(t, 9, -0.5, 9, -0.5, 9, -0.5, 9)
	q := request{FromMS: 10000, LengthMS: 10000}
	want, err := whole.bounds(&fakeEngine{}, q)
	if err != nil {
		t.Fatal(err)
	}
	const first = 1 * sampleRate
	part := &recording{data: whole.data[2*first : 2*26*sampleRate], first: first, seconds: whole.seconds}
	got, err := part.bounds(&fakeEngine{}, q)
	if err != nil || got != want || len(part.read(got)) != len(whole.read(want)) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
