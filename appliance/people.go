package appliance

import (
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// UserID names a person of an organization. The empty one is whoever sits at
// the box itself and uses its command line.
type UserID string

// ClassID names a class.
type ClassID string

// Role is what a user may do in her organization: see the table of policies in
// appliance/httpd.
type Role string

const (
	RoleOwner   Role = "owner"
	RoleAdmin   Role = "admin"
	RoleTeacher Role = "teacher"
	RoleStudent Role = "student"

	// RoleProgram is what comes with an API key instead of a person: it may use
	// /v1 and nothing else.
	RoleProgram Role = "program"
)

// Rank orders roles: a higher one may do all that a lower one may. Unknown
// roles have rank 0, which may do nothing.
func (r Role) Rank() int {
	switch r {
	case RoleOwner:
		return 4
	case RoleAdmin:
		return 3
	case RoleTeacher:
		return 2
	case RoleStudent:
		return 1
	}
	return 0
}

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

// SignInKind is how a pupil proves who she is.
type SignInKind string

const (
	SignInPassword SignInKind = "password" // staff
	SignInPictures SignInKind = "pictures"
	SignInPIN      SignInKind = "pin"
)

// User is a person of an organization.
type User struct {
	ID         UserID     `json:"id"`
	Role       Role       `json:"role"`
	Name       string     `json:"name" doc:"As others see it"`
	Username   string     `json:"username,omitempty" doc:"Staff sign in by it"`
	Email      string     `json:"email,omitempty"`
	Language   string     `json:"language,omitempty"`
	SignIn     SignInKind `json:"sign_in"`
	Pictures   int        `json:"pictures,omitempty" doc:"How many pictures they sign in with"`
	Classes    []ClassRef `json:"classes"`
	Version    int        `json:"version"`
	CreatedAt  time.Time  `json:"created_at"`
	LastSeenAt *time.Time `json:"last_seen_at,omitempty" doc:"The last sign-in"`
	Disabled   bool       `json:"disabled"`
}

// ClassRef is a class where only its name matters.
type ClassRef struct {
	ID   ClassID `json:"id"`
	Name string  `json:"name"`
}

// Class is a group of students with their teachers.
type Class struct {
	ID         ClassID    `json:"id"`
	Name       string     `json:"name"`
	Code       string     `json:"code" doc:"Pupils type it to find their names"`
	SignIn     SignInKind `json:"sign_in" doc:"pictures or pin, for pupils made in this class"`
	Students   int        `json:"students"`
	WrongTries int        `json:"wrong_tries" doc:"Wrong tries to sign in today, from devices that the class has not used before"`
	Locked     bool       `json:"locked" doc:"There were too many of them: such devices are refused until a teacher lets the class in"`
	Teachers   []UserRef  `json:"teachers"`
	Version    int        `json:"version"`
	CreatedAt  time.Time  `json:"created_at"`
}

// UserRef is a user where only the name matters.
type UserRef struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
}

// UserFilter narrows a list of users.
type UserFilter struct {
	Search string // words in the name, user name or e-mail, any case or accents
	Role   Role   // empty for all
	Class  ClassID
	Of     UserID // of the pupils, only those whom this teacher teaches; empty for all
	Cursor string
	Limit  int // 1 to 100
}

// Invitation lets somebody join an organization by a code, link or QR.
type Invitation struct {
	ID        string     `json:"id"`
	Role      Role       `json:"role"`
	Code      string     `json:"code"`
	Email     string     `json:"email,omitempty"`
	Class     *ClassRef  `json:"class,omitempty" doc:"Joined on acceptance"`
	By        string     `json:"by" doc:"Who invited"`
	ByID      UserID     `json:"-"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at" doc:"By the box's own clock"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	UsedBy    *UserRef   `json:"used_by,omitempty"`
}

// Scope is the part of an organization's material that somebody may see. The
// zero Scope sees what is shared with the whole school.
type Scope struct {
	All     bool // everything, shared or not
	Classes []ClassID
	Maker   UserID   // also what they made themselves, whomever it is for
	Sources []string // only these, unless nil
}

// Principal is who makes a request, as the token and the database say.
type Principal struct {
	Org     OrgID
	User    UserID // empty at the command line
	Role    Role
	Name    string
	Session string // empty at the command line
	Scope   Scope
	Key     *APIKey // of a program

	Remote    string // address of the device, as the audit log tells it
	RequestID string
}

// Credential is what a sign-in is compared with. It stays between
// appliance/auth, appliance/people and the store.
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

// Import is one loading of a roster, which can be undone.
type Import struct {
	ID        string     `json:"id"`
	By        UserRef    `json:"by"`
	Added     int        `json:"added" doc:"Pupils made"`
	Joined    int        `json:"joined" doc:"Pupils who existed and joined a class"`
	CreatedAt time.Time  `json:"created_at"`
	UndoneAt  *time.Time `json:"undone_at,omitempty"`
}

// NewUser is a user about to be made.
type NewUser struct {
	User       User // ID, Version and CreatedAt are given by the store; Classes are joined
	Credential Credential
	ExternalID string // of the system that a roster came from; the same again is the same user
}

// NewStaff is what somebody of the staff enters to get an account.
type NewStaff struct {
	Name, Login, Email, Password string
}

// NewFile is a file on its way into the material.
type NewFile struct {
	Name    string
	Classes []ClassID // none for the whole school
	By      Principal // whose it is
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

// StoredResponse is the answer to a request that may be sent again.
type StoredResponse struct {
	Status int
	Body   []byte
}

// Operator is who sits at the box itself and uses its command line: she can
// read the disk, so there is nothing to keep from her.
func Operator(org OrgID) Principal {
	return Principal{Org: org, Role: RoleOwner, Scope: Scope{All: true}}
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

// BoxAddress is where tablets find the box, and by what they know that it is the
// one: the SHA-256 of its authority's certificate, empty if it has none.
type BoxAddress struct {
	URL, Fingerprint string
}

// NewSecret is what somebody signs in with from now on.
type NewSecret struct {
	Kind     SignInKind `json:"sign_in"`
	Pictures []string   `json:"pictures,omitempty" doc:"In order"`
	PIN      string     `json:"pin,omitempty" doc:"Told only now"`
	Password string     `json:"password,omitempty" doc:"Told only now; to be changed at once"`
}

// ImportRequest is a roster: a pasted text or files, for one class, a new one,
// or the classes that it names.
type ImportRequest struct {
	Text       string       `json:"text,omitempty" maxLength:"1000000" doc:"Names, one on each line, or a table from a spreadsheet"`
	Files      []ImportFile `json:"files,omitempty" maxItems:"10" doc:"CSV, or OneRoster CSV, also as a ZIP"`
	ClassID    ClassID      `json:"class_id,omitempty"`
	NewClass   string       `json:"new_class,omitempty" maxLength:"200" doc:"Name of a class to make"`
	SkipErrors bool         `json:"skip_errors,omitempty" doc:"Leave out lines with problems"`
}

// ImportFile is one file of a roster.
type ImportFile struct {
	Name    string `json:"name" maxLength:"300"`
	Content []byte `json:"content" doc:"Base64"`
}

// ImportPreview says what an import would do.
type ImportPreview struct {
	Rows   []ImportRow `json:"rows"`
	Add    int         `json:"add"`
	Join   int         `json:"join"`
	Same   int         `json:"same"`
	Errors int         `json:"errors"`
}

// ImportRow is one line of a roster.
type ImportRow struct {
	Line       int              `json:"line"`
	File       string           `json:"file,omitempty"`
	Name       string           `json:"name"`
	Class      string           `json:"class,omitempty"`
	ExternalID string           `json:"external_id,omitempty"`
	Action     string           `json:"action,omitempty" enum:"add,join,same"`
	Problem    *problem.Problem `json:"problem,omitempty"`
}
