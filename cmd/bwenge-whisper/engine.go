package main

import "sync/atomic"

const sampleRate = 16000

// engine is what the native library does. All but work are called
// one at a time.
type engine interface {
	// speech returns the probability of speech in each frame of vadFrame
	// samples.
	speech(samples []float32) ([]float32, error)
	// detect guesses the language of the first 30 seconds. A model for one
	// language returns that.
	detect(samples []float32) (language string, probability float32, err error)
	// decode writes down at most 30 seconds, stopping early when abort is set.
	decode(samples []float32, language string, abort *atomic.Bool) ([]decoded, error)
	// work returns a number that grows while the library computes. It may be
	// called at any time.
	work() uint64
}

// decoded is a segment as the model gave it. Times are in seconds from the
// start of the samples.
type decoded struct {
	start, end float64
	text       string
	noSpeech   float32 // the model's own doubt that anyone speaks
	confidence float32 // mean log probability of its tokens
}
