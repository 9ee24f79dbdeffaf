package httpd

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/transport"
)

//go:generate go test . -run ^TestOpenAPI$ -update

// apiVersion is the version of the contract, not of the program: a new build
// alone must not change the document that the web app's types come from.
const apiVersion = "1.0.0"

// OpenAPI returns the API's document, the same that the box serves at
// /api/openapi.json.
func OpenAPI() ([]byte, error) { return build(Config{}, Parts{}, http.NotFoundHandler()).Document() }

func apiConfig() huma.Config {
	cfg := transport.APIConfig("Bwenge box", apiVersion, "A classroom tutor that answers from teachers' own material. The chat socket is described in docs/websocket.md; its frames are the schemas ServerFrame and ClientFrame.")
	cfg.Info.License = &huma.License{Name: "Proprietary", Identifier: "LicenseRef-Bwenge"}
	cfg.Servers = []*huma.Server{{URL: "/", Description: "This box"}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token of a sign-in"},
		"cookie": {Type: "apiKey", In: "cookie", Name: "bwenge_access", Description: "What the web app uses; over HTTPS its name is bwenge_tls_access"},
		"key":    {Type: "http", Scheme: "bearer", Description: "An API key of the school"},
	}
	for _, tag := range [][2]string{
		{"sign-in", "Who somebody is"}, {"people", "Schools, people, classes, rosters and the audit log"}, {"material", "What teachers teach with"},
		{"answers", "Questions to the tutor"}, {"tutors", "Personas: who answers"}, {"models", "Which models are asked, and what they cost"},
		{"programs", "OpenAI's protocol, for programs with a key"}, {"conversations", "What was asked before"}, {"box", "The box itself"},
	} {
		cfg.Tags = append(cfg.Tags, &huma.Tag{Name: tag[0], Description: tag[1]})
	}
	enumerate(cfg.Components.Schemas)
	return cfg
}

// enumerate tells the document which words the string types of the box hold.
func enumerate(r huma.Registry) {
	transport.Words[appliance.Status, statusWords](r)
	transport.Words[appliance.Step, stepWords](r)
	transport.Words[appliance.Kind, kindWords](r)
	transport.Words[appliance.Mode, modeWords](r)
	transport.Words[appliance.Speaker, speakerWords](r)
	transport.Words[appliance.Role, roleWords](r)
	transport.Words[appliance.SignInKind, signInWords](r)
	transport.Words[problem.Code, codeWords](r)
	transport.Words[appliance.EventType, eventWords](r)
	transport.Words[EngineState, engineWords](r)
	transport.Words[appliance.AgeGroup, ageWords](r)
	transport.Words[appliance.Tone, toneWords](r)
	transport.Words[appliance.AnswerLength, lengthWords](r)
	transport.Words[appliance.Strictness, strictnessWords](r)
}

type (
	statusWords  string
	stepWords    string
	kindWords    string
	modeWords    string
	speakerWords string
	roleWords    string
	signInWords  string
	codeWords    string
	eventWords   string
	engineWords  string

	ageWords        string
	toneWords       string
	lengthWords     string
	strictnessWords string
)

func (ageWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum("", appliance.Ages6to8, appliance.Ages9to12, appliance.Ages13to15, appliance.Ages16up)
}

func (toneWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum("", appliance.ToneFriendly, appliance.ToneCheerful, appliance.ToneCalm, appliance.ToneSerious, appliance.ToneQuestions)
}

func (lengthWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum("", appliance.LengthShort, appliance.LengthMedium, appliance.LengthLong)
}

func (strictnessWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum("", appliance.OnlyMaterial, appliance.GeneralKnowledge)
}

func (statusWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.StatusQueued, appliance.StatusProcessing, appliance.StatusReady,
		appliance.StatusFailed, appliance.StatusCancelled, appliance.StatusChoosing)
}

func (stepWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.StepReading, appliance.StepTranscribing, appliance.StepIndexing)
}

func (kindWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.KindPDF, appliance.KindDoc, appliance.KindDeck, appliance.KindSheet, appliance.KindBook,
		appliance.KindPage, appliance.KindText, appliance.KindImage, appliance.KindAudio, appliance.KindVideo, appliance.KindArchive)
}

func (modeWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.ModeAnswer, appliance.ModePassages, appliance.ModeNotFound, appliance.ModeGeneral, appliance.ModeSafety, appliance.ModeGuide, appliance.ModeTeacher)
}

func (speakerWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.SpeakerUser, appliance.SpeakerAssistant)
}

func (roleWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.RoleOwner, appliance.RoleAdmin, appliance.RoleTeacher, appliance.RoleStudent)
}

func (signInWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.SignInPassword, appliance.SignInPictures, appliance.SignInPIN)
}

func (codeWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(problem.Invalid, problem.Unsupported, problem.Unreadable, problem.NotFound,
		problem.Conflict, problem.TooLarge, problem.NoSpace, problem.Busy, problem.TooMany, problem.Unavailable,
		problem.Timeout, problem.Cancelled, problem.Unauthorized, problem.Forbidden, problem.Internal)
}

func (eventWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(appliance.EventAccepted, appliance.EventPosition, appliance.EventSources,
		appliance.EventToken, appliance.EventRestart, appliance.EventDone, appliance.EventActions, appliance.EventError)
}

func (engineWords) Schema(huma.Registry) *huma.Schema {
	return transport.Enum(EngineIdle, EngineStarting, EngineReady, EngineFailed, EngineMissing)
}
