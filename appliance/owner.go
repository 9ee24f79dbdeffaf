package appliance

import "slices"

// Office reports whether somebody manages the whole school.
func (p Principal) Office() bool { return p.Role.Rank() >= RoleAdmin.Rank() }

// Teaches reports whether somebody may manage a class: its teachers and the
// office.
func (p Principal) Teaches(class ClassID) bool {
	return p.Office() || p.Role == RoleTeacher && slices.Contains(p.Scope.Classes, class)
}

// MayChange reports whether somebody may change or remove what was made by maker
// and is for classes, or, with none, for the whole school: whoever made it, the
// teachers of its classes, and the office.
func (p Principal) MayChange(maker UserID, classes []ClassRef) bool {
	switch {
	case p.Office():
		return true
	case p.Role != RoleTeacher:
		return false
	case maker != "" && maker == p.User:
		return true
	}
	return slices.ContainsFunc(classes, func(c ClassRef) bool { return p.Teaches(c.ID) })
}

// MayShare reports whether somebody who may change a thing may also make it one
// for other classes (none: the whole school). They give it to classes that they
// teach, and what they did not make they take from no other class.
func (p Principal) MayShare(maker UserID, from []ClassRef, to []ClassID) bool {
	if p.Office() {
		return true
	}
	had := func(class ClassID) bool {
		return slices.ContainsFunc(from, func(c ClassRef) bool { return c.ID == class })
	}
	for _, class := range to {
		if !had(class) && !p.Teaches(class) {
			return false
		}
	}
	if maker != "" && maker == p.User {
		return true
	}
	return !slices.ContainsFunc(from, func(c ClassRef) bool { return !slices.Contains(to, c.ID) && !p.Teaches(c.ID) })
}

// Covers reports whether a scope shows at least what another one does.
func (s Scope) Covers(other Scope) bool {
	if s.All {
		return true
	}
	if other.All || s.Maker != other.Maker {
		return false
	}
	return !slices.ContainsFunc(other.Classes, func(c ClassID) bool { return !slices.Contains(s.Classes, c) })
}
