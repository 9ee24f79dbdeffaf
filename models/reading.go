package models

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// readingText is what a model is given to read; what it says does not matter.
const readingText = `A teacher drew the water cycle on the board. The sun warms the lake, and part of
the water rises as vapour that nobody sees. High above the hills the air is cold, so the vapour turns into
drops, and many drops together make a cloud. When they are heavy enough they fall as rain on fields, roofs
and roads. Some of the rain runs down to the river at once; some sinks between stones and roots and comes
out again at a spring weeks later. Plants drink what the soil holds and give it back through their leaves.
In the end most of it reaches a lake or the sea, and the journey begins again. The pupils copied the drawing,
wrote a word beside each arrow and said in one sentence why the well in their village is full in May.`

// ReadingSpeed measures how many tokens of a prompt a model reads in a second.
// It takes about five seconds once the model is loaded, and is meant for a
// machine that does nothing else: whatever does makes it slower.
func ReadingSpeed(ctx context.Context, g Generator) (tokensPerSecond float64, err error) {
	if _, err := g.CountTokens(ctx, "ready"); err != nil { // loads it
		return 0, err
	}
	words := strings.Fields(readingText)
	read := func(round, n int) (float64, error) {
		var text strings.Builder
		fmt.Fprintf(&text, "%d.", round+1) // no beginning that is still in the slot
		for i := range n {
			text.WriteString(" " + words[(i+17*round)%len(words)])
		}
		began := time.Now()
		u, err := g.Generate(ctx, Prompt{Turns: []Turn{{Role: "user", Content: text.String()}}, MaxTokens: 1}, func(string) error { return nil })
		took := time.Since(began)
		if u.FirstToken > 0 {
			took = u.FirstToken
		}
		if err != nil {
			return 0, err
		}
		if u.PromptTokens <= u.CachedTokens {
			return 0, errors.New("the engine does not say what it has read")
		}
		return float64(u.PromptTokens-u.CachedTokens) / took.Seconds(), nil
	}
	// A short one first says how much can be read in the time.
	speed, err := read(0, 24)
	for round := 1; round <= 2 && err == nil; round++ {
		var next float64
		next, err = read(round, int(min(max(speed, 20), 500))) // words are longer than tokens: some 1.4 s
		speed = max(speed, next)
	}
	return speed, err
}
