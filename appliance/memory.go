package appliance

import "time"

// Memory is a fact that the tutor keeps about a pupil, in their own words.
type Memory struct {
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
	Vector    []float32 `json:"-"`
}
