package tutor

import "github.com/bwenge-os/bwenge/appliance"

// What the tutor's body does beside an answer. The words are the names of
// movements that a 3D model may have; one that it lacks it leaves out.
const (
	gestureWave    = "wave"    // greets
	gestureNod     = "nod"     // is thanked
	gesturePoint   = "point"   // shows the source it speaks from
	gestureExplain = "explain" // speaks from no single source
	gestureShrug   = "shrug"   // does not know

	hintGreeting   = "greeting"
	hintExplaining = "explaining"
	hintReading    = "reading" // the passages themselves
	hintUnsure     = "unsure"
)

// pose sets an answer's gesture, animation and the action that opens its first
// source.
func pose(a *appliance.Answer) {
	a.Actions = []appliance.Action{}
	switch {
	case a.Mode == appliance.ModeNotFound:
		a.SuggestedGesture, a.AnimationHint = gestureShrug, hintUnsure
	case a.Mode == appliance.ModePassages:
		a.SuggestedGesture, a.AnimationHint = gesturePoint, hintReading
	case len(a.Citations) > 0:
		a.SuggestedGesture, a.AnimationHint = gesturePoint, hintExplaining
	default:
		a.SuggestedGesture, a.AnimationHint = gestureExplain, hintExplaining
	}
	if len(a.Citations) > 0 {
		c := a.Citations[0]
		a.Actions = append(a.Actions, appliance.Action{Type: "open_source", Payload: map[string]any{
			"source_id": c.SourceID, "chunk_id": c.ChunkID, "place": c.Place}})
	}
}
