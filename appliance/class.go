package appliance

import "time"

// ClassID names a class.
type ClassID string

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
