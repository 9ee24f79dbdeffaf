package main

import (
	"math"
	"slices"
)

// Voice activity: which stretches of a recording hold speech. Whisper writes
// words wherever it is made to listen, so it is shown only these.

const (
	// vadFrame is the samples per probability of the Silero model.
	vadFrame = 512
	// Speech begins at one probability and ends below a lower one (Silero's own
	// defaults), so that it does not flicker.
	vadOn, vadOff = 0.5, 0.35
	// quietest is the mean square below which nothing is speech: -60 dBFS. A
	// recording of silence holds the noise of the converter at -70 or less.
	quietest = 1e-6

	minSpeech  = 0.25 // seconds: shorter is a click or a cough
	minSilence = 0.4  // seconds: shorter is a breath within a sentence
	speechPad  = 0.2  // seconds kept around speech, which begins and ends softly
	// maxWindow is what Whisper hears at once, less its own padding.
	maxWindow = 28.0
)

// span is a stretch in seconds.
type span struct{ from, to float64 }

func (s span) length() float64 { return s.to - s.from }

// overlap is the seconds that two stretches have in common.
func (s span) overlap(o span) float64 {
	return math.Max(0, math.Min(s.to, o.to)-math.Max(s.from, o.from))
}

func frameTime(frame int) float64 { return float64(frame) * vadFrame / sampleRate }

// gate lowers the probability to 0 where there is no sound to speak of.
func gate(samples, probabilities []float32) {
	for i := range probabilities {
		frame := samples[min(i*vadFrame, len(samples)):min((i+1)*vadFrame, len(samples))]
		var energy float64
		for _, x := range frame {
			energy += float64(x) * float64(x)
		}
		if energy < quietest*float64(len(frame)) {
			probabilities[i] = 0
		}
	}
}

// loudness stands in for the voice-activity model: speech is what is well above
// the recording's own background. It tells speech from silence but not from
// noises; then only Whisper's own doubt is left to go by.
func loudness(samples []float32) []float32 {
	levels := make([]float64, len(samples)/vadFrame)
	for i := range levels {
		for _, x := range samples[i*vadFrame : (i+1)*vadFrame] {
			levels[i] += float64(x) * float64(x) / vadFrame
		}
	}
	sorted := slices.Sorted(slices.Values(levels))
	// The background is what a tenth of the recording does not exceed; a
	// recording that is loud from end to end is taken to be speech.
	background := math.Min(sorted[len(sorted)/10], 1e-4)
	probabilities := make([]float32, len(levels))
	for i, level := range levels {
		if level > math.Max(quietest, 10*background) {
			probabilities[i] = 1
		}
	}
	return probabilities
}

// spokenSpans finds the stretches of speech, padded, in order and apart.
func spokenSpans(probabilities []float32) []span {
	var spans []span
	end := frameTime(len(probabilities))
	begin, lastVoice := -1.0, 0.0
	closeSpan := func() {
		if begin >= 0 && lastVoice-begin >= minSpeech {
			s := span{math.Max(0, begin-speechPad), math.Min(end, lastVoice+speechPad)}
			if n := len(spans); n > 0 && spans[n-1].to >= s.from {
				spans[n-1].to = s.to
			} else {
				spans = append(spans, s)
			}
		}
		begin = -1
	}
	for i, p := range probabilities {
		t := frameTime(i)
		switch {
		case p >= vadOn && begin < 0:
			begin, lastVoice = t, frameTime(i+1)
		case p >= vadOff && begin >= 0:
			lastVoice = frameTime(i + 1)
		case begin >= 0 && t-lastVoice >= minSilence:
			closeSpan()
		}
	}
	closeSpan()
	return spans
}

// windows packs stretches of speech into windows of at most maxWindow seconds,
// since Whisper works as long on a short window as on a full one. A stretch
// that is longer is cut where speech is least likely in the later half of the
// window.
func windows(spans []span, probabilities []float32) []span {
	var packed []span
	for _, s := range spans {
		for s.length() > maxWindow {
			cut := leastVoice(probabilities, s.from+maxWindow/2, s.from+maxWindow)
			packed = append(packed, span{s.from, cut})
			s.from = cut
		}
		if n := len(packed); n > 0 && s.to-packed[n-1].from <= maxWindow {
			packed[n-1].to = s.to
		} else {
			packed = append(packed, s)
		}
	}
	return packed
}

// leastVoice returns the time within from and to at which speech is least
// likely over a fifth of a second; of equals the one nearest the middle.
func leastVoice(probabilities []float32, from, to float64) float64 {
	const around = 3 // frames on either side: 7 × 32 ms
	first := max(0, int(from*sampleRate/vadFrame))
	last := min(len(probabilities)-1, int(to*sampleRate/vadFrame))
	middle := (first + last) / 2
	best, least := middle, math.Inf(1)
	for i := first; i <= last; i++ {
		var sum float64
		for j := max(0, i-around); j <= min(len(probabilities)-1, i+around); j++ {
			sum += float64(probabilities[j])
		}
		// The distance only decides between equals.
		sum += 1e-9 * math.Abs(float64(i-middle))
		if sum < least {
			best, least = i, sum
		}
	}
	return frameTime(best)
}
