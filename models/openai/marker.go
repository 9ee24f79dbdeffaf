package openai

import "regexp"

// markers are what chat templates put between turns: <|im_start|>, <s>, </s>,
// <start_of_turn>, [INST]… Engines read them as such wherever they stand, so a
// pupil could end their own turn and speak as the system.
var markers = regexp.MustCompile(`<\|[^<>|\n]{1,64}\|>|</?s>|<(?:bos|eos|pad|unk|mask)>|</?(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>`)

// WithoutMarkers removes them, also those that appear when others are removed.
func WithoutMarkers(text string) string {
	for {
		clean := markers.ReplaceAllString(text, "")
		if clean == text {
			return text
		}
		text = clean
	}
}
