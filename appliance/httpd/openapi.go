package httpd

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

//go:generate go test . -run ^TestOpenAPI$ -update

// apiVersion is the version of the contract, not of the program: a new build
// alone must not change the document that the web app's types come from.
const apiVersion = "1.0.0"

// These are switches of whole libraries. They are set once, here, because huma
// reads its own wherever a schema is made or an error is written.
func init() {
	gin.SetMode(gin.ReleaseMode)
	huma.DefaultArrayNullable = false // our lists are [] when empty
	huma.NewErrorWithContext = humaProblem
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaProblem(nil, status, message, errs...)
	}
}

// OpenAPI returns the API's document, the same that the box serves at
// /api/openapi.json.
func OpenAPI() ([]byte, error) {
	api := newAPI(gin.New())
	(&Server{limits: limits{buckets: map[string]*bucket{}}}).routes(api)
	return marshalAPI(api)
}

func marshalAPI(api huma.API) ([]byte, error) {
	compact, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// newAPI prepares huma without the pages that it would load from elsewhere.
func newAPI(r *gin.Engine) huma.API {
	cfg := huma.DefaultConfig("Bwenge box", apiVersion)
	cfg.Info.Description = "A classroom tutor that answers from teachers' own material. The chat socket is described in docs/websocket.md; its frames are the schemas ServerFrame and ClientFrame."
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
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema links in answers
	enumerate(cfg.Components.Schemas)
	return humagin.New(r, cfg)
}

// routes lists every operation of the API.
func (s *Server) routes(api huma.API) {
	s.doorRoutes(api)
	s.meRoutes(api)
	s.peopleRoutes(api)
	s.materialRoutes(api)
	s.answerRoutes(api)
	s.voiceRoutes(api)
	s.tutorRoutes(api)
	s.careRoutes(api)
	s.modelRoutes(api)
	s.v1Routes(api)
	s.conversationRoutes(api)
	s.healthRoutes(api)
	frameSchemas(api.OpenAPI().Components.Schemas)
}

// enumerate tells the document which words the string types of the box hold.
func enumerate(r huma.Registry) {
	alias[appliance.Status, statusWords](r)
	alias[appliance.Step, stepWords](r)
	alias[appliance.Kind, kindWords](r)
	alias[appliance.Mode, modeWords](r)
	alias[appliance.Speaker, speakerWords](r)
	alias[appliance.Role, roleWords](r)
	alias[appliance.SignInKind, signInWords](r)
	alias[problem.Code, codeWords](r)
	alias[appliance.EventType, eventWords](r)
	alias[EngineState, engineWords](r)
	alias[appliance.AgeGroup, ageWords](r)
	alias[appliance.Tone, toneWords](r)
	alias[appliance.AnswerLength, lengthWords](r)
	alias[appliance.Strictness, strictnessWords](r)
}

func alias[T, Words any](r huma.Registry) { r.RegisterTypeAlias(typeOf[T](), typeOf[Words]()) }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

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
	return words("", appliance.Ages6to8, appliance.Ages9to12, appliance.Ages13to15, appliance.Ages16up)
}

func (toneWords) Schema(huma.Registry) *huma.Schema {
	return words("", appliance.ToneFriendly, appliance.ToneCheerful, appliance.ToneCalm, appliance.ToneSerious, appliance.ToneQuestions)
}

func (lengthWords) Schema(huma.Registry) *huma.Schema {
	return words("", appliance.LengthShort, appliance.LengthMedium, appliance.LengthLong)
}

func (strictnessWords) Schema(huma.Registry) *huma.Schema {
	return words("", appliance.OnlyMaterial, appliance.GeneralKnowledge)
}

func words[T ~string](all ...T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, word := range all {
		s.Enum = append(s.Enum, string(word))
	}
	s.PrecomputeMessages()
	return s
}

func (statusWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.StatusQueued, appliance.StatusProcessing, appliance.StatusReady,
		appliance.StatusFailed, appliance.StatusCancelled)
}

func (stepWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.StepReading, appliance.StepTranscribing, appliance.StepIndexing)
}

func (kindWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.KindPDF, appliance.KindDoc, appliance.KindDeck, appliance.KindSheet, appliance.KindBook,
		appliance.KindPage, appliance.KindText, appliance.KindImage, appliance.KindAudio, appliance.KindVideo)
}

func (modeWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.ModeAnswer, appliance.ModePassages, appliance.ModeNotFound, appliance.ModeGeneral, appliance.ModeSafety)
}

func (speakerWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.SpeakerUser, appliance.SpeakerAssistant)
}

func (roleWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.RoleOwner, appliance.RoleAdmin, appliance.RoleTeacher, appliance.RoleStudent)
}

func (signInWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.SignInPassword, appliance.SignInPictures, appliance.SignInPIN)
}

func (codeWords) Schema(huma.Registry) *huma.Schema {
	return words(problem.Invalid, problem.Unsupported, problem.Unreadable, problem.NotFound,
		problem.Conflict, problem.TooLarge, problem.NoSpace, problem.Busy, problem.TooMany, problem.Unavailable,
		problem.Timeout, problem.Cancelled, problem.Unauthorized, problem.Forbidden, problem.Internal)
}

func (eventWords) Schema(huma.Registry) *huma.Schema {
	return words(appliance.EventAccepted, appliance.EventPosition, appliance.EventSources,
		appliance.EventToken, appliance.EventRestart, appliance.EventDone, appliance.EventError)
}

func (engineWords) Schema(huma.Registry) *huma.Schema {
	return words(EngineIdle, EngineStarting, EngineReady, EngineFailed, EngineMissing)
}
