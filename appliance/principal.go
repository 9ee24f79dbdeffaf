package appliance

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

// Operator is who sits at the box itself and uses its command line: they can
// read the disk, so there is nothing to keep from them.
func Operator(org OrgID) Principal {
	return Principal{Org: org, Role: RoleOwner, Scope: Scope{All: true}}
}
