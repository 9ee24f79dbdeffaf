package appliance

import "time"

// UserID names a person of an organization. The empty one is whoever sits at
// the box itself and uses its command line.
type UserID string

// Role is what a user may do in their organization: see the table of policies in
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

// NewSecret is what somebody signs in with from now on.
type NewSecret struct {
	Kind     SignInKind `json:"sign_in"`
	Pictures []string   `json:"pictures,omitempty" doc:"In order"`
	PIN      string     `json:"pin,omitempty" doc:"Told only now"`
	Password string     `json:"password,omitempty" doc:"Told only now; to be changed at once"`
}
