package appliance

import "time"

// Persona is a tutor as a teacher has made it: who it is, how it speaks, and
// for whom and from what. Its content has versions; id, classes and times do
// not.
type Persona struct {
	ID        string     `json:"id"`
	Shipped   bool       `json:"shipped" doc:"Came with the box"`
	Version   int        `json:"version" doc:"Grows with each change"`
	Classes   []ClassRef `json:"classes" doc:"Whom it is for; the whole school if empty"`
	Draft     bool       `json:"draft" doc:"Nobody but whoever made it and the school's office sees it, until it is shared"`
	By        string     `json:"by,omitempty" doc:"Who made this version"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	CreatedBy UserID     `json:"-"`
	MayChange bool       `json:"may_change" doc:"Whether whoever asks may change, share and delete it"`
	PersonaContent
}

// Audience is whom a persona is for: classes, or, with none, the whole school; a
// draft is for nobody yet.
type Audience struct {
	Classes []ClassID
	Draft   bool
}

// PersonaContent is what a persona is made of, and what travels when it is
// shared as a file.
type PersonaContent struct {
	Name          string       `json:"name" maxLength:"80"`
	Subject       string       `json:"subject,omitempty" maxLength:"80"`
	AgeGroup      AgeGroup     `json:"age_group,omitempty" doc:"Empty for all ages"`
	Tone          Tone         `json:"tone,omitempty" doc:"Empty is friendly. With questions it guides: hints and the place to read first, the answer after two tries"`
	Language      string       `json:"language,omitempty" enum:",en,fr,rw,sw" doc:"It always answers in this language; empty: in the question's"`
	Greeting      string       `json:"greeting,omitempty" maxLength:"300" doc:"Said when a pupil opens it"`
	Rules         []string     `json:"rules,omitempty" maxItems:"500" doc:"What it must and must not do: at most 20, 200 letters each"`
	SamplePrompts []string     `json:"sample_prompts,omitempty" maxItems:"500" doc:"Questions to begin with: at most 8"`
	Length        AnswerLength `json:"length,omitempty" doc:"Empty is short"`
	Strictness    Strictness   `json:"strictness,omitempty" doc:"Empty is material"`
	Sources       []string     `json:"sources,omitempty" maxItems:"500" doc:"Ids of the material that it knows; all that the asker may see if empty"`
	Voice         PersonaVoice `json:"voice,omitzero"`
	Model3D       string       `json:"model_3d,omitempty" maxLength:"80" doc:"Name of the figure on the screen; empty is the box's own"`
}

// AgeGroup is how old the pupils are, in years.
type AgeGroup string

// Tone is how a persona speaks.
type Tone string

// AnswerLength is how much a persona says.
type AnswerLength string

// Strictness says whether a persona may say what the material does not hold.
type Strictness string

const (
	Ages6to8   AgeGroup = "6-8"
	Ages9to12  AgeGroup = "9-12"
	Ages13to15 AgeGroup = "13-15"
	Ages16up   AgeGroup = "16+"

	ToneFriendly  Tone = "friendly"
	ToneCheerful  Tone = "cheerful"
	ToneCalm      Tone = "calm"
	ToneSerious   Tone = "serious"
	ToneQuestions Tone = "questions" // guides: hints and the place to read, the answer after two tries

	LengthShort  AnswerLength = "short"  // one sentence
	LengthMedium AnswerLength = "medium" // two or three
	LengthLong   AnswerLength = "long"   // up to six

	OnlyMaterial     Strictness = "material"
	GeneralKnowledge Strictness = "general" // marked as such
)

// PersonaVoice is how a persona sounds.
type PersonaVoice struct {
	Name  string `json:"name,omitempty" maxLength:"40" doc:"A voice of the box; empty is the language's own"`
	Rate  int    `json:"rate,omitempty" minimum:"0" maximum:"300" doc:"Words a minute; 0 is 150"`
	Pitch int    `json:"pitch,omitempty" minimum:"0" maximum:"99" doc:"0 is 50"`
}

// PersonaVersion is one state of a persona.
type PersonaVersion struct {
	Version   int            `json:"version"`
	By        string         `json:"by,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	Content   PersonaContent `json:"content"`
}
