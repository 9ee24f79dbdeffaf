package appliance

import "time"

// SignInKind is how a pupil proves who they are.
type SignInKind string

const (
	SignInPassword SignInKind = "password" // staff
	SignInPictures SignInKind = "pictures"
	SignInPIN      SignInKind = "pin"
)

// Credential is what a sign-in is compared with. It stays between
// appliance/school and the store.
type Credential struct {
	Kind SignInKind
	Hash string // argon2id in PHC form
	Card string // the pictures in order, so that a card can be printed again; empty for others. Stored sealed.
}

// Session is one sign-in, from its first token to its end. Times are the box
// clock's. Its refresh tokens are numbered by Generation; only the latest and,
// for a while, the one before are good.
type Session struct {
	ID         string    `json:"id"`
	Org        OrgID     `json:"-"`
	User       UserID    `json:"-"`
	DeviceID   string    `json:"-"` // of the device cookie
	Device     string    `json:"device,omitempty" doc:"What the browser calls itself, shortened"`
	Remote     string    `json:"remote,omitempty" doc:"Address at the sign-in"`
	Generation int       `json:"-"`
	CreatedAt  time.Time `json:"created_at"`
	RotatedAt  time.Time `json:"-"`
	SeenAt     time.Time `json:"seen_at" doc:"The last refresh"`
	ExpiresAt  time.Time `json:"expires_at"`
	Current    bool      `json:"current" doc:"The one that asks"`
}

// AttemptLimit bounds the failed attempts under a key within a window of the box
// clock. User is with whom the count goes when they are erased; Proves says that
// a sign-in wipes the count out rather than giving its own attempt back.
type AttemptLimit struct {
	Key    string
	User   UserID
	Most   int
	Window time.Duration
	Proves bool
}

// Attempts are failed ones under a key, until the box clock says Until.
type Attempts struct {
	Count int
	Until time.Time
}

// Device is where a request comes from.
type Device struct {
	ID      string // of the device cookie, empty without one that the box made
	Address string
	Agent   string // what the browser calls itself

	RequestID string
}

// Tokens are what a sign-in gives: Access for a short while, Refresh to get the
// next pair with.
type Tokens struct {
	Access, Refresh string
	ExpiresIn       time.Duration // of Access
	Device          string        // a new device cookie, after a sign-in without one
	User            User
	Organization    Organization
}
