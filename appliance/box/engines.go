package box

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
	"github.com/bwenge-os/bwenge/models/llama"
	"github.com/bwenge-os/bwenge/models/voice"
	"github.com/bwenge-os/bwenge/models/whisper"
	"github.com/bwenge-os/bwenge/models/worker"
)

const (
	// chatIdle is how long the chat model stays loaded without a question: a
	// lesson's pauses are shorter.
	chatIdle = 30 * time.Minute
	// speechIdle is shorter: speech is needed while recordings are read, and its
	// memory is wanted by the others.
	speechIdle = 2 * time.Minute
	// voiceIdle is between: a class that speaks asks every few minutes.
	voiceIdle = 10 * time.Minute

	// A prompt of the tutor and its answer take less than 1,000 tokens; the rest
	// is room for longer questions.
	ChatContext = 2048
	ChatSlots   = 2 // replies at once: one a core of the smallest box
)

// Engines are the models that this machine can use. What is missing does not
// keep the box from starting: its work fails with a message that says what to
// do, and everything else goes on.
type Engines struct {
	Chat           models.Generator // nil without weights or program: answers are then passages
	chatWeight     catalogue.Weight // of Chat
	Writes         []string         // languages that the chat model writes well enough, by its catalogue entry
	Explains       bool             // it explains better than the material's own sentences do
	Embedder       models.Embedder
	Transcriber    models.Transcriber
	speechToText   models.Transcriber // for questions, where transcriber is for recordings
	moreLanguages  []string           // languages of the speech model beyond Whisper's own
	textToSpeech   *voice.Speaker     // nil if there is none
	noTextToSpeech error              // why
	running        []engine
	missing        []httpd.EngineHealth
}

// engine is what all three have in common.
type engine interface {
	Status() worker.Status
	Close() error
}

// explaining is from which size on, in bytes, a chat model's explanations are worth
// more than sentences of the material: 1.5 billion parameters of four bits. Those of
// half a billion were right in 3 of 15 (docs/evaluation.md).
const explaining = 900 << 20

// NewEngines finds programs and weights; it starts nothing.
func NewEngines(cfg *Config) *Engines {
	e := &Engines{}
	set := cfg.Weights()
	server := filepath.Join(cfg.Engines, "llama-server")
	speechWorker := BesideExecutable("bwenge-whisper")

	if w, err := locate(cfg, set[catalogue.KindChat], server); err != nil {
		e.lack("chat", err)
	} else {
		chat := llama.NewChat(llama.ChatConfig{
			Name: w.Name, Context: ChatContext, Slots: ChatSlots,
			Local: llama.Local{Binary: server, Model: w.Path, Idle: chatIdle, Flags: w.Flags()},
		})
		e.Chat, e.Writes, e.chatWeight, e.Explains = chat, w.Writes, w.Weight, w.Size >= explaining
		e.running = append(e.running, chat)
	}
	if w, err := locate(cfg, set[catalogue.KindEmbedding], server); err != nil {
		e.Embedder = absent{w.Weight, err}
		e.lack("embedding", err)
	} else {
		embedder := llama.NewEmbedder(llama.EmbedConfig{
			Name: w.Name, Dimensions: w.Embedding.Dimensions,
			QueryPrefix: w.Embedding.QueryPrefix, PassagePrefix: w.Embedding.PassagePrefix,
			Local: llama.Local{Binary: server, Model: w.Path},
		})
		e.Embedder = embedder
		e.running = append(e.running, embedder)
	}
	if w, err := locate(cfg, set[catalogue.KindSpeech], speechWorker); err != nil {
		e.Transcriber, e.speechToText = absent{w.Weight, err}, absent{w.Weight, err}
		e.lack("speech", err)
	} else {
		// Without its helper that tells speech from noise, the worker uses its own.
		vad, _ := catalogue.Locate(cfg.Models, set[catalogue.KindVAD])
		speech := whisper.New(whisper.Config{
			Name: w.Name, Binary: speechWorker, Model: w.Path, VAD: vad.Path, Idle: speechIdle,
		})
		// Pupils' questions have a worker of their own, so that none waits behind a
		// lecture; it stays loaded as long as the chat model.
		questions := whisper.New(whisper.Config{
			Name: w.Name, Binary: speechWorker, Model: w.Path, VAD: vad.Path, Idle: voiceIdle, Live: true,
		})
		e.Transcriber, e.speechToText = speech, questions
		e.running = append(e.running, speech, questions)
		for _, language := range w.Languages {
			if language == "rw" {
				e.moreLanguages = append(e.moreLanguages, language)
			}
		}
	}
	piper, _ := exec.LookPath("piper")
	if e.textToSpeech, e.noTextToSpeech = voice.New(voice.Config{Worker: BesideExecutable("bwenge-voice"), Piper: piper, Voices: filepath.Join(cfg.Models, "voices")}); e.noTextToSpeech != nil {
		e.textToSpeech = nil
		e.lack("voice-out", e.noTextToSpeech)
	}
	return e
}

// locate finds an engine's program and its checked weights. The weight's facts
// are returned also with an error.
func locate(cfg *Config, w catalogue.Weight, program string) (catalogue.Found, error) {
	if _, err := os.Stat(program); err != nil {
		return catalogue.Found{Weight: w}, problem.New(problem.Unavailable, "engine_missing",
			"The program "+filepath.Base(program)+" is not installed on this box.",
			"Run make engines build, or install the bwenge package again.", err)
	}
	found, err := catalogue.Locate(cfg.Models, w)
	found.Weight = w
	return found, err
}

func (e *Engines) lack(name string, err error) {
	slog.Warn("an engine cannot be used", "engine", name, "error", problem.OneLine(err))
	e.missing = append(e.missing, httpd.EngineHealth{Name: name, State: httpd.EngineMissing, Detail: problem.OneLine(err)})
}

func (e *Engines) close() {
	for _, engine := range e.running {
		if err := engine.Close(); err != nil {
			slog.Error("an engine cannot be stopped", "engine", engine.Status().Name, "error", err)
		}
	}
}

// Health tells how each engine is, without starting any.
func (e *Engines) Health(context.Context) []httpd.EngineHealth {
	states := map[worker.State]httpd.EngineState{
		worker.Stopped:  httpd.EngineIdle,
		worker.Starting: httpd.EngineStarting,
		worker.Ready:    httpd.EngineReady,
		worker.Failed:   httpd.EngineFailed,
	}
	health := append([]httpd.EngineHealth{}, e.missing...)
	for _, engine := range e.running {
		s := engine.Status()
		health = append(health, httpd.EngineHealth{Name: s.Name, State: states[s.State], Model: s.Model, Detail: s.Detail})
	}
	return health
}

// generator is the chat model, or nil. Each of its replies counts as live
// work, for which reading makes room.
func (e *Engines) generator(cores *models.Cores) models.Generator {
	if e.Chat == nil {
		return nil
	}
	return liveGenerator{e.Chat, cores}
}

type liveGenerator struct {
	models.Generator
	cores *models.Cores
}

func (g liveGenerator) Generate(ctx context.Context, p models.Prompt, emit func(string) error) (models.Usage, error) {
	defer g.cores.Live()()
	return g.Generator.Generate(ctx, p, emit)
}

// absent stands for an engine that this machine lacks: whatever is asked of it
// fails with the reason.
type absent struct {
	weight catalogue.Weight
	why    error
}

func (a absent) Name() string                                          { return a.weight.Name }
func (a absent) Dimensions() int                                       { return a.weight.Embedding.Dimensions }
func (a absent) MaxTokens() int                                        { return a.weight.Context }
func (a absent) CountTokens(context.Context, []string) ([]int, error)  { return nil, a.why }
func (a absent) EmbedQuery(context.Context, string) ([]float32, error) { return nil, a.why }
func (a absent) EmbedPassages(context.Context, []string) ([][]float32, error) {
	return nil, a.why
}

func (a absent) Transcribe(context.Context, models.Recording, func(models.Segment) error) (string, error) {
	return "", a.why
}
