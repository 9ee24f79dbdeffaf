package appliance

import "time"

// APIKey lets a program use the tutor of an organization.
type APIKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	PersonaID  string     `json:"persona_id,omitempty" doc:"The only one that it may ask; empty for all"`
	Prefix     string     `json:"prefix" doc:"The key's first letters, to tell keys apart"`
	By         string     `json:"by,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
	ExpiresAt  time.Time  `json:"expires_at" doc:"By the box's own clock"`
	Ended      KeyEnd     `json:"ended,omitempty" enum:"expired,maker_left" doc:"Why it opens nothing any more"`
}

// KeyEnd says why a key is good for nothing any more.
type KeyEnd string

const (
	KeyExpired   KeyEnd = "expired"
	KeyMakerLeft KeyEnd = "maker_left" // whoever made it was erased, disabled or left the office
)
