package appliance

import "time"

// OrgID names an organization (a school, the tenant). It is an argument of
// every store method and, once people sign in, comes from the token only.
type OrgID string

// DefaultOrg is the school that a new database begins with. Once it is erased
// its id never comes again, so the box asks its store for the first school that
// there is; only what works on a new database knows this one by name.
const DefaultOrg OrgID = "default"

// Organization is a school.
type Organization struct {
	ID       OrgID    `json:"id"`
	Name     string   `json:"name"`
	Slug     string   `json:"slug" doc:"Its subdomain and X-Tenant-Id"`
	Language string   `json:"language" doc:"en, fr, rw or sw"`
	Settings Settings `json:"settings"`
	// Version grows with each change; a change names the version that it was
	// made on, so that two admins do not overwrite each other.
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"created_at"`
}

// Settings are an organization's choices.
type Settings struct {
	AllowPlainPasswords bool `json:"allow_plain_passwords" doc:"Staff may send passwords over plain HTTP: anyone on the Wi-Fi can read them"`
	Memory              bool `json:"memory" doc:"The tutor may keep what pupils tell about themselves; each can see and delete it"`
	IdleMinutes         int  `json:"idle_minutes" minimum:"1" maximum:"240" doc:"A pupil's tablet goes back to 'Who are you?' after so long without a touch"`
}

// BoxAddress is where tablets find the box, and by what they know that it is the
// one: the SHA-256 of its authority's certificate, empty if it has none.
type BoxAddress struct {
	URL, Fingerprint string
}
