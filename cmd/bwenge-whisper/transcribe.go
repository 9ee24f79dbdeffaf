package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
)

// request is a stretch of a recording to write down. Its samples follow, with
// those around it that its boundaries are looked for in.
type request struct {
	Samples  int64  `json:"samples"` // of the whole recording
	First    int64  `json:"first"`   // sample of the recording that is the first of those sent
	FromMS   int64  `json:"from_ms"`
	LengthMS int64  `json:"length_ms"` // 0: to the end
	Language string `json:"language"`  // ISO 639-1; empty: to be detected
}

// segment is a piece of what was said, in milliseconds from the start of the
// recording.
type segment struct {
	StartMS int64  `json:"start_ms"`
	EndMS   int64  `json:"end_ms"`
	Text    string `json:"text"`
}

const (
	// maxStretch is the longest stretch of one request: memory and the wait for
	// a cancellation stay small.
	maxStretch = 600.0
	// minStretch is the shortest that can hold a word.
	minStretch = 0.1
	// A stretch that ends in the middle of a recording ends where nobody speaks,
	// if there is such a place this near.
	cutReach, cutContext = 4.0, 4.0
)

// errRequest is a request that cannot be served as it is.
var errRequest = errors.New("bad request")

// recording is the part of one that the box has sent.
type recording struct {
	data    []byte
	first   int64   // sample that data begins with
	seconds float64 // of the whole
}

// maxData is what a longest stretch and what is heard around it take.
const maxData = int64(maxStretch+60) * sampleRate * 2

// receive reads what the box sends: a request on one line, and samples.
func receive(body io.Reader) (q request, rec *recording, err error) {
	in := bufio.NewReader(io.LimitReader(body, maxData))
	head, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(head, &q)
	}
	if err == nil && (q.First < 0 || q.Samples < 0) {
		err = errors.New("negative numbers of samples")
	}
	if err != nil {
		return q, nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	rec = &recording{first: q.First, seconds: float64(q.Samples) / sampleRate}
	rec.data, err = io.ReadAll(in)
	return q, rec, err
}

// read returns the samples of a stretch, as far as they were sent.
func (r *recording) read(s span) []float32 {
	from := int64(math.Round(s.from*sampleRate)) - r.first
	to := min(int64(math.Round(s.to*sampleRate))-r.first, int64(len(r.data)/2))
	from = max(from, 0)
	samples := make([]float32, max(0, to-from))
	for i := range samples {
		samples[i] = float32(int16(binary.LittleEndian.Uint16(r.data[2*(from+int64(i)):]))) / 32768
	}
	return samples
}

// bounds turns a request into the stretch to listen to. Boundaries within the
// recording move to the quietest moment near them. That moment depends only on
// the sound around the boundary, so that of two stretches that meet, each word
// belongs to exactly one.
func (r *recording) bounds(e engine, q request) (span, error) {
	from, to := float64(q.FromMS)/1000, r.seconds
	if q.LengthMS > 0 {
		to = math.Min(to, from+float64(q.LengthMS)/1000)
	}
	switch {
	case q.FromMS < 0 || q.LengthMS < 0:
		return span{}, fmt.Errorf("%w: negative time", errRequest)
	case to-from > maxStretch+1e-3:
		return span{}, fmt.Errorf("%w: %.0f s at once, at most %.0f", errRequest, to-from, maxStretch)
	case from >= to:
		return span{}, nil
	}
	var err error
	if from, err = r.cut(e, from); err != nil {
		return span{}, err
	}
	if to, err = r.cut(e, to); err != nil {
		return span{}, err
	}
	return span{from, math.Max(from, to)}, nil
}

func (r *recording) cut(e engine, at float64) (float64, error) {
	// Callers count in milliseconds, samples end between two of them.
	if at < minStretch {
		return 0, nil
	}
	if at > r.seconds-minStretch {
		return r.seconds, nil
	}
	around := span{math.Max(0, at-cutReach-cutContext), math.Min(r.seconds, at+cutReach)}
	samples := r.read(around)
	voice, err := e.speech(samples)
	if err != nil || len(voice) == 0 {
		return at, err
	}
	gate(samples, voice)
	reach := math.Min(cutReach, at-around.from)
	return around.from + leastVoice(voice, at-reach-around.from, at+reach-around.from), nil
}

// transcribe writes a stretch down and returns the language, empty if nobody
// spoke and none was told.
func transcribe(e engine, rec *recording, q request, abort *atomic.Bool, emit func(segment) error) (language string, err error) {
	stretch, err := rec.bounds(e, q)
	if err != nil || stretch.length() < minStretch {
		return q.Language, err
	}
	samples := rec.read(stretch)
	voice, err := e.speech(samples)
	if err != nil {
		return "", err
	}
	gate(samples, voice)
	spans := spokenSpans(voice)
	language = q.Language
	last := repeatFilter{}
	for _, w := range windows(spans, voice) {
		if abort.Load() {
			return language, context.Canceled
		}
		part := samples[int(w.from*sampleRate):min(len(samples), int(w.to*sampleRate))]
		if language == "" {
			if language, _, err = e.detect(part); err != nil {
				return "", err
			}
		}
		found, err := e.decode(part, language, abort)
		if err != nil {
			return language, err
		}
		for _, d := range found {
			s := span{w.from + math.Max(0, d.start), math.Min(w.to, w.from+d.end)}
			text := tidy(d, voiced(s, spans), meanVoice(s, voice))
			if text == "" || !last.pass(text) {
				continue
			}
			if err := emit(segment{ms(stretch.from + s.from), ms(stretch.from + math.Max(s.from, s.to)), text}); err != nil {
				return language, err
			}
		}
	}
	return language, nil
}

func ms(seconds float64) int64 { return int64(math.Round(seconds * 1000)) }

// voiced returns the share of a stretch that is speech.
func voiced(s span, spans []span) float64 {
	var sum float64
	for _, v := range spans {
		sum += s.overlap(v)
	}
	return sum / math.Max(s.length(), 1e-3)
}

// meanVoice returns the mean probability of speech where there is any.
func meanVoice(s span, probabilities []float32) float64 {
	var sum float64
	n := 0
	for i := max(0, int(s.from*sampleRate/vadFrame)); i < min(len(probabilities), int(s.to*sampleRate/vadFrame)+1); i++ {
		if probabilities[i] >= vadOff {
			sum += float64(probabilities[i])
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// repeatFilter drops a segment that says for the fourth time in a row what the
// ones before it said.
type repeatFilter struct {
	text string
	n    int
}

func (f *repeatFilter) pass(text string) bool {
	if text != f.text {
		f.text, f.n = text, 0
	}
	f.n++
	return f.n <= maxRepeats
}
