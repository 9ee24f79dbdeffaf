// Package orchestrator asks the models that write text. A request goes to the
// first model that the organization has put in order and that may and can answer
// now: the box's own, or a remote provider, which is one of the school's or
// district's servers, OpenAI or Gemini. It keeps the budgets, takes names and
// addresses out of what is sent elsewhere, tries again and elsewhere when a
// provider fails, counts what was used, and lets pupils take turns at the box's
// own model. What is asked, and what is made of the reply, is not its business.
// DESIGN.md says what it promises and what it does not.
package orchestrator

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/openai"
)

// Store is what the orchestrator needs of the box's database.
type Store interface {
	ModelSettings(ctx context.Context, org appliance.OrgID) (appliance.ModelSettings, error)
	SaveModelSettings(ctx context.Context, org appliance.OrgID, m appliance.ModelSettings, entries ...appliance.AuditEntry) (appliance.ModelSettings, error)
	AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
	AddUsage(ctx context.Context, org appliance.OrgID, user appliance.UserID, u appliance.Usage) error
	SpentToday(ctx context.Context, org appliance.OrgID, user appliance.UserID) (school, theirs appliance.Usage, err error)
	Usage(ctx context.Context, org appliance.OrgID, from, to time.Time) ([]appliance.Usage, error)
	// Names are the names of an organization's people.
	Names(ctx context.Context, org appliance.OrgID) ([]string, error)
}

// Meter measures prompts for the model that a request has come to.
type Meter interface {
	CountTokens(ctx context.Context, text string) (int, error)
	Context() int
}

// Request asks for text.
type Request struct {
	Who appliance.Principal
	// QueueKey is whose turn it is; empty is the user's.
	QueueKey string
	// Prefix names how the prompt begins, so that a slot that has read that
	// beginning is preferred.
	Prefix string
	// Compose makes the prompt, for the model that it is given; it is called anew
	// for each model that is tried.
	Compose func(ctx context.Context, m Meter) (models.Prompt, error)
	// MaxWait bounds the wait for a turn at the box's own model; ErrWaited.
	MaxWait time.Duration
	// Spare asks the box's own model only if nobody else needs it; ErrBusy.
	Spare bool

	Position func(ahead int, wait time.Duration) // while waiting; may be nil
	Restart  func()                              // what was emitted is void, another model begins; may be nil
	Emit     func(piece string) error
}

// Reply says who wrote, and what it took.
type Reply struct {
	Model    string
	Provider string // appliance.BoxProvider, or the provider's name
	Usage    models.Usage
	Notice   string // why a preferred model was passed over, "" if none was: budget, rate or failed
}

var (
	// ErrNoModel says that there is no model to ask.
	ErrNoModel = errors.New("no model can answer")
	// ErrWaited says that no turn came in time.
	ErrWaited = errors.New("waited too long for the model")
	// ErrBusy says that there was no spare slot.
	ErrBusy = errors.New("others need the model")
)

// Why a preferred model was passed over.
const (
	NoticeBudget = "budget"
	NoticeRate   = "rate"
	NoticeFailed = "failed"
)

// Config puts a service together.
type Config struct {
	Store Store            // nil: the box's own model and no books
	Box   models.Generator // nil if the box has no chat model
	// Allowed are addresses of the box itself at which providers may be.
	Allowed openai.Allowed
}

// Service asks models. Its methods may be called from many goroutines.
type Service struct {
	store   Store
	box     models.Generator
	allowed openai.Allowed
	queue   *queue
	log     *slog.Logger
	now     func() time.Time

	mu      sync.Mutex
	orgs    map[appliance.OrgID]*orgModels
	changes int // of settings: what was read before one is not kept after it
	minute  map[member]*rate.Limiter
}

type member struct {
	org  appliance.OrgID
	user appliance.UserID
	key  string // of a program
}

// New returns a service that asks the box's own model, and, with a store, those
// that organizations have set up.
func New(cfg Config) *Service {
	slots := 1
	if cfg.Box != nil {
		slots = cfg.Box.Slots()
	}
	return &Service{store: cfg.Store, box: cfg.Box, allowed: cfg.Allowed, queue: newQueue(slots), log: slog.Default(), now: time.Now,
		orgs: map[appliance.OrgID]*orgModels{}, minute: map[member]*rate.Limiter{}}
}

// EraseOrganization forgets all that is known of an organization: its settings
// and keys, its providers' connections and circuit breakers, its people's names
// and what they have asked.
func (s *Service) EraseOrganization(_ context.Context, org appliance.OrgID) error {
	s.forget(org)
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.minute, func(m member, _ *rate.Limiter) bool { return m.org == org })
	return nil
}

// forget lets the next request read the organization's settings anew.
func (s *Service) forget(org appliance.OrgID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	if o := s.orgs[org]; o != nil {
		for _, p := range append(slices.Clone(o.before), o.after...) {
			p.client.CloseIdle()
		}
	}
	delete(s.orgs, org)
}

// Box is the box's own model, nil if it has none.
func (s *Service) Box() models.Generator { return s.box }

// Waiting is how many requests wait for the box's own model.
func (s *Service) Waiting() int { return s.queue.waiting() }

// Write streams a reply from the first model that can give one.
func (s *Service) Write(ctx context.Context, r Request) (Reply, error) {
	org, err := s.models(ctx, r.Who.Org)
	if err != nil {
		return Reply{}, err
	}
	notice := ""
	var last error
	if !r.Spare {
		for _, p := range org.before {
			reply, why, err := s.writeRemote(ctx, org, p, r)
			switch {
			case err == nil && why == "":
				return reply, nil
			case ctx.Err() != nil:
				return reply, context.Cause(ctx)
			case why == "":
				return reply, err // the reader's own
			}
			notice, last = why, err
		}
	}
	reply, err := s.writeLocal(ctx, r)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrBusy) || isReaderError(err) {
		reply.Notice = notice
		return reply, err
	}
	for _, p := range org.after { // the box comes first here, and failed
		if r.Spare {
			break
		}
		if r.Restart != nil && reply.Usage.CompletionTokens > 0 {
			r.Restart()
		}
		remote, why, failed := s.writeRemote(ctx, org, p, r)
		if why == "" {
			remote.Notice = NoticeFailed
			return remote, failed
		}
		last = failed
	}
	if errors.Is(err, ErrNoModel) && last != nil {
		err = errors.Join(err, last)
	}
	reply.Notice = notice
	return reply, err
}

// readerError is one of the one who reads the reply.
type readerError struct{ error }

func (e readerError) Unwrap() error { return e.error }

func isReaderError(err error) bool {
	_, ok := errors.AsType[readerError](err)
	return ok
}

// Spare has the box's own model write for the box itself, if nobody else needs
// it: ErrBusy. It is nobody's use.
func (s *Service) Spare(ctx context.Context, p models.Prompt, emit func(piece string) error) (models.Usage, error) {
	if s.box == nil {
		return models.Usage{}, ErrNoModel
	}
	slot, ok := s.queue.acquireSpare("")
	if !ok {
		return models.Usage{}, ErrBusy
	}
	taken := time.Now()
	defer func() { s.queue.release(slot, time.Since(taken)) }()
	p.Slot = slot
	return s.box.Generate(ctx, p, emit)
}

// Beginning is how many prompts begin.
type Beginning struct {
	Name  string // Request.Prefix of those prompts
	Turns []models.Turn
}

// Warm loads the box's own model and has it read how prompts begin, one in each of
// its slots, so that the next question finds that read. It is done only while
// nobody needs the model: ErrBusy.
func (s *Service) Warm(ctx context.Context, beginnings []Beginning) error {
	if s.box == nil {
		return ErrNoModel
	}
	// A slot is held until the next one is had: it would be preferred for prompts
	// that begin alike.
	release := func() {}
	defer func() { release() }()
	for _, b := range beginnings[:min(len(beginnings), s.box.Slots())] {
		slot, ok := s.queue.acquireSpare(b.Name)
		if !ok {
			return ErrBusy
		}
		release()
		release = func() { s.queue.release(slot, 0) }
		if _, err := s.box.Generate(ctx, models.Prompt{Turns: b.Turns, MaxTokens: 1, Slot: slot}, func(string) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// writeLocal lets the box's own model write, in turn.
func (s *Service) writeLocal(ctx context.Context, r Request) (Reply, error) {
	if s.box == nil {
		return Reply{}, ErrNoModel
	}
	reply := Reply{Model: s.box.Name(), Provider: appliance.BoxProvider}
	slot, ok := 0, false
	if r.Spare {
		if slot, ok = s.queue.acquireSpare(r.Prefix); !ok {
			return reply, ErrBusy
		}
	} else {
		waiting, cancel := ctx, context.CancelFunc(func() {})
		if r.MaxWait > 0 {
			waiting, cancel = context.WithTimeoutCause(ctx, r.MaxWait, ErrWaited)
		}
		var err error
		slot, err = s.queue.acquire(waiting, r.queueKey(), r.Prefix, func(ahead int, wait time.Duration) {
			if r.Position != nil {
				r.Position(ahead, wait)
			}
		})
		cancel()
		if err != nil {
			return reply, err
		}
	}
	taken := time.Now()
	defer func() { s.queue.release(slot, time.Since(taken)) }()
	p, err := r.Compose(ctx, s.box)
	if err != nil {
		return reply, err
	}
	p.Slot = slot
	reply.Usage, err = s.box.Generate(ctx, p, r.emit)
	s.count(ctx, r.Who, reply, time.Since(taken), 0)
	return reply, err
}

func (r Request) queueKey() string {
	if r.QueueKey != "" {
		return string(r.Who.Org) + "/" + r.QueueKey
	}
	return string(r.Who.Org) + "/" + string(r.Who.User)
}

func (r Request) emit(piece string) error {
	if err := r.Emit(piece); err != nil {
		return readerError{err}
	}
	return nil
}

// count books what a reply took. A pupil who left must still be counted.
func (s *Service) count(ctx context.Context, who appliance.Principal, r Reply, took time.Duration, cost float64) {
	if s.store == nil || r.Usage.PromptTokens+r.Usage.CompletionTokens == 0 {
		return
	}
	err := s.store.AddUsage(context.WithoutCancel(ctx), who.Org, who.User, appliance.Usage{
		Provider: r.Provider, Model: r.Model, Requests: 1, PromptTokens: r.Usage.PromptTokens,
		CompletionTokens: r.Usage.CompletionTokens, Seconds: took.Seconds(), Cost: cost})
	if err != nil {
		s.log.Error("usage is not booked", "error", err)
	}
}
