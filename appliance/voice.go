package appliance

// Heard is what somebody said.
type Heard struct {
	Text     string  `json:"text"`
	Language string  `json:"language" doc:"As told or heard: ISO 639-1"`
	Seconds  float64 `json:"seconds" doc:"Length of the recording"`
	TookMS   int64   `json:"took_ms"`
}

// Spoken is a text as sound.
type Spoken struct {
	Audio      []byte   `json:"audio" doc:"A WAV file, in base64"`
	DurationMS int64    `json:"duration_ms"`
	Visemes    []Viseme `json:"visemes" doc:"Shapes of the mouth and when they begin"`
	Voice      string   `json:"voice"`
	Language   string   `json:"language"`
}

// Viseme is the shape of a mouth, by the names of the Oculus set that most
// models of heads have.
type Viseme struct {
	At    int    `json:"at" doc:"Milliseconds from the start of the sound"`
	Shape string `json:"viseme" enum:"sil,PP,FF,TH,DD,kk,CH,SS,nn,RR,aa,E,I,O,U"`
}

// Voice is one that can be chosen.
type Voice struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Engine   string `json:"engine" enum:"espeak-ng,piper"`
}

// Preview is a question whose answer is not stored: a teacher tries a persona
// that they are making, or a program keeps its conversations itself.
type Preview struct {
	Persona  Persona // the zero one is the box's plain tutor
	Text     string
	Before   []Turn // oldest first
	QueueKey string // whose turn it is, if not the user's
}

// Turn is what somebody said in a conversation.
type Turn struct {
	Role Speaker
	Text string
}
