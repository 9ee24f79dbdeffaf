package appliance

import "time"

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
