package appliance

import "time"

// ModelSettings say which models an organization's tutor may ask, in what
// order, and how much.
type ModelSettings struct {
	Providers []Provider `json:"providers" maxItems:"10" doc:"Beside the box's own model"`
	// Order names providers by id, "box" for the box's own; the first that can
	// answer does. The box is always the last resort, named or not.
	Order   []string `json:"order" maxItems:"11"`
	Budget  Budget   `json:"budget"`
	Version int      `json:"version" doc:"The one that a change was made on"`
}

// BoxModel is a model of the catalogue, and how it stands on this box.
type BoxModel struct {
	Name      string     `json:"name"`
	Kind      string     `json:"kind" enum:"chat,speech,embedding,vad"`
	File      string     `json:"file"`
	Size      int64      `json:"size" doc:"Bytes"`
	Memory    int64      `json:"memory" doc:"Bytes that it takes when loaded, about"`
	Licence   string     `json:"licence"`
	Notice    string     `json:"notice,omitempty" doc:"Must be shown wherever the model is"`
	Terms     string     `json:"terms,omitempty" doc:"What the licence asks of who uses it"`
	TermsURL  string     `json:"terms_url,omitempty"`
	Origin    string     `json:"origin" doc:"Page of the model's makers"`
	Installed bool       `json:"installed"`
	InUse     bool       `json:"in_use"`
	Offered   bool       `json:"offered" doc:"For boxes that are set up with internet; the others come with the box"`
	Test      *ModelTest `json:"test,omitempty" doc:"Of an installed chat model that was tested"`
}

// ModelTest is how a chat model did in the box's self-test.
type ModelTest struct {
	Right   int       `json:"right"`
	Wrong   int       `json:"wrong"`
	Total   int       `json:"total"`
	Seconds float64   `json:"seconds" doc:"Median of an answer, on this box"`
	At      time.Time `json:"at"`
}

// BoxProvider is the id of the box's own model.
const BoxProvider = "box"

// ProviderKind is whose server a provider is; all speak OpenAI's protocol.
type ProviderKind string

const (
	ProviderServer ProviderKind = "server" // llama.cpp, Ollama, vLLM: a bigger machine of the school or district
	ProviderOpenAI ProviderKind = "openai"
	ProviderGemini ProviderKind = "gemini"
)

// Provider is a remote provider: a model on another machine.
type Provider struct {
	ID    string       `json:"id" maxLength:"40" pattern:"^[a-z0-9-]+$"`
	Name  string       `json:"name" maxLength:"80"`
	Kind  ProviderKind `json:"kind" enum:"server,openai,gemini"`
	URL   string       `json:"url,omitempty" maxLength:"300" doc:"Of a server, up to /v1; the service's own if empty"`
	Model string       `json:"model" maxLength:"120"`
	// Key is written and never read: HasKey says that there is one.
	Key    string `json:"key,omitempty" maxLength:"400" doc:"Only ever sent to the box; empty keeps the one that is stored"`
	HasKey bool   `json:"has_key,omitempty"`
	// AllowExternal says that somebody of the school has agreed that questions are
	// sent to this provider. Off, it is never asked.
	AllowExternal bool `json:"allow_external" doc:"The school allows that questions (without names and e-mail addresses) and passages of its material are sent there"`
	// Prices are per million tokens, in whatever currency the school counts.
	PricePrompt     float64 `json:"price_prompt,omitempty" minimum:"0" maximum:"10000"`
	PriceCompletion float64 `json:"price_completion,omitempty" minimum:"0" maximum:"10000"`
	Timeout         int     `json:"timeout,omitempty" minimum:"0" maximum:"300" doc:"Seconds without a word before the next model is asked; 0 is 20"`
	Context         int     `json:"context,omitempty" minimum:"0" maximum:"1000000" doc:"Tokens of a prompt and its answer; 0 is 8192"`
	AtOnce          int     `json:"at_once,omitempty" minimum:"0" maximum:"64" doc:"Answers written at once; 0 is 4"`
}

// Budget bounds what an organization spends on remote providers in a day; 0 is
// no bound. The box's own model costs nothing and is never refused.
type Budget struct {
	Tokens        int     `json:"tokens,omitempty" minimum:"0" doc:"A day, prompt and answer together"`
	Cost          float64 `json:"cost,omitempty" minimum:"0" doc:"A day, in the currency of the prices"`
	PupilTokens   int     `json:"pupil_tokens,omitempty" minimum:"0" doc:"A day and pupil"`
	PupilRequests int     `json:"pupil_requests,omitempty" minimum:"0" doc:"A minute and pupil; 0 is 20"`
}
