package tutor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
)

// Store is what the tutor needs of the box's database.
type Store interface {
	// SaveQuestion stores a question once, by its id, and returns the answer if
	// it already has one.
	SaveQuestion(ctx context.Context, org appliance.OrgID, user appliance.UserID, q appliance.Question) (appliance.Conversation, appliance.Message, *appliance.Answer, error)
	// SaveAnswer stores the answer of a question once and fills in its ids.
	SaveAnswer(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string, a appliance.Answer) (appliance.Answer, error)
	// SaveActions stores what can be done after an answer that is stored.
	SaveActions(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string, actions []appliance.Action) error
	// Conversation returns a conversation and its messages, oldest first.
	Conversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) (appliance.Conversation, []appliance.Message, error)
	// Answer returns a stored question and its answer, nil if it has none yet.
	Answer(ctx context.Context, org appliance.OrgID, user appliance.UserID, questionID string) (appliance.Question, *appliance.Answer, error)
	// Chunks lists a source's chunks in order, from the given seq on.
	Chunks(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, fromSeq, limit int) (appliance.Page[appliance.Chunk], error)
	// TablePieces returns the chunks of one of a source's tables, in order.
	TablePieces(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, no int) ([]appliance.Chunk, error)
	// MaterialVersion changes whenever what can be searched changes.
	MaterialVersion(org appliance.OrgID) int64
	Persona(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Persona, error)
	// Scope is what somebody may see at this moment.
	Scope(ctx context.Context, org appliance.OrgID, user appliance.UserID) (appliance.Scope, error)
	Organization(ctx context.Context, org appliance.OrgID) (appliance.Organization, error)
	AddFlag(ctx context.Context, org appliance.OrgID, f appliance.Flag) error
	Memories(ctx context.Context, org appliance.OrgID, user appliance.UserID) ([]appliance.Memory, error)
	AddMemory(ctx context.Context, org appliance.OrgID, user appliance.UserID, m appliance.Memory) error
	PinStore
	RatingStore
}

// Retriever finds material; *retrieval.Service is the real one.
type Retriever interface {
	// Search returns the k passages most likely to answer a question, and what
	// they are worth as evidence.
	Search(ctx context.Context, who appliance.Principal, question string, k int) (appliance.Finding, error)
}

// Writer is the door to the models; *orchestrator.Service is the real one.
type Writer interface {
	Write(ctx context.Context, r orchestrator.Request) (orchestrator.Reply, error)
}

// Config bounds the tutor. Zero fields take the value named in their comment.
type Config struct {
	Limit      int           // questions being answered or waiting at once; 64
	MaxWait    time.Duration // wait for the model before the passages are given; 4 min
	Grace      time.Duration // time without a follower before a run is ended; 60 s
	Keep       time.Duration // time an ended run is kept in memory; 5 min
	MaxAnswer  time.Duration // longest time the model may write; 3 min
	PromptSize int           // most tokens of one prompt; 1024
	// Writes are the languages in which the models may answer; en and fr. In
	// others the passages themselves are the answer.
	Writes []string
	// Explains says that the model's own explanations are better than the
	// material's sentences, which a model of half a billion parameters' are not.
	Explains bool
	Log      *slog.Logger // slog.Default()
}

func (c Config) withDefaults() Config {
	or := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	or(&c.MaxWait, 4*time.Minute)
	or(&c.Grace, time.Minute)
	or(&c.Keep, 5*time.Minute)
	or(&c.MaxAnswer, 3*time.Minute)
	if c.Limit == 0 {
		c.Limit = 64
	}
	if c.PromptSize == 0 {
		c.PromptSize = 1024
	}
	if c.Writes == nil {
		c.Writes = []string{english, french}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Tutor answers questions. Its methods may be called from many goroutines.
type Tutor struct {
	store     Store
	retriever Retriever
	emb       models.Embedder
	gen       Writer // nil if there is no model to ask
	cfg       Config
	cache     *cache
	meanings  *meanings

	ctx  context.Context // of all runs; ends when Run returns
	stop context.CancelCauseFunc
	wg   sync.WaitGroup

	going    chan struct{} // held while questions to go on with are looked for
	asked    atomic.Int64  // when somebody asked last, in Unix seconds
	mu       sync.Mutex
	runs     map[runKey]*Run
	previews map[*Run]struct{}
}

type runKey struct {
	org  appliance.OrgID
	user appliance.UserID
	id   string
}

func keyOf(who appliance.Principal, questionID string) runKey {
	return runKey{who.Org, who.User, questionID}
}

var (
	errCancelled = problem.New(problem.Cancelled, "answer_cancelled",
		"The answer was stopped.", "Ask again when you are ready.", nil)
	errScope = problem.New(problem.Cancelled, "classes_changed",
		"You have left a class whose material this answer may come from.", "Ask again.", nil)
	errLeft = problem.New(problem.Cancelled, "asker_left",
		"Nobody was waiting for the answer any more, so it was stopped.", "Ask the question again.", nil)
	errErased = problem.New(problem.Cancelled, "school_erased",
		"The school has been erased from this box.", "Sign in to another school.", nil)
	errStopping = problem.New(problem.Unavailable, "box_stopping",
		"The box is being switched off or restarted.", "Wait a minute; the question is kept and will be answered.", nil)
)

// New returns a tutor. gen may be nil: answers are then passages. Call Run to
// let it stop in an orderly way.
func New(store Store, retriever Retriever, emb models.Embedder, gen Writer, cfg Config) *Tutor {
	t := &Tutor{store: store, retriever: retriever, emb: emb, gen: gen, cfg: cfg.withDefaults(), cache: newCache(), meanings: newMeanings(), going: make(chan struct{}, 1), runs: map[runKey]*Run{}, previews: map[*Run]struct{}{}}
	t.ctx, t.stop = context.WithCancelCause(context.Background())
	return t
}

// Run keeps the tutor's memory tidy until ctx ends, then stops all runs and
// returns when they are gone. Questions without an answer stay in the store;
// Resume starts them again.
func (t *Tutor) Run(ctx context.Context) error {
	tick := time.NewTicker(t.cfg.Keep / 4)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			t.forget(time.Now())
		case <-ctx.Done():
			t.mu.Lock() // no run is being started now
			t.stop(errStopping)
			t.mu.Unlock()
			t.wg.Wait()
			return nil
		}
	}
}

// forget drops the runs that ended longer ago than they are kept.
func (t *Tutor) forget(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, r := range t.runs {
		if ended, at, _ := r.state(); ended && now.Sub(at) > t.cfg.Keep {
			delete(t.runs, key)
		}
	}
}

// Ask stores a question and starts to answer it. Asking again with the id of a
// question that is being answered, or was, returns that answer's run. It fails
// with EInvalid for a text that is no question and with EBUSY when too many
// are waiting; the question is then not stored.
func (t *Tutor) Ask(ctx context.Context, who appliance.Principal, q appliance.Question) (*Run, error) {
	text, err := appliance.CleanQuestion(q.Text)
	if err != nil {
		return nil, err
	}
	q.Text = text
	if q.PersonaID != "" {
		// A persona that is not there, or not for them, is said at once.
		if _, err := t.store.Persona(ctx, who.Org, who.Scope, q.PersonaID); err != nil {
			return nil, err
		}
	}
	r, live, err := t.register(who, q, false)
	if err != nil || live {
		return r, err
	}
	conv, msg, answer, err := t.store.SaveQuestion(ctx, who.Org, who.User, q)
	if err != nil {
		t.drop(r, err)
		return nil, err
	}
	t.asked.Store(time.Now().Unix())
	r.accept(conv.ID, msg.ID, conv.PersonaID)
	t.start(r, answer)
	return r, nil
}

// LastAsked is when somebody asked a question last since the box was started.
func (t *Tutor) LastAsked() (at time.Time, ever bool) {
	seconds := t.asked.Load()
	return time.Unix(seconds, 0), seconds > 0
}

// Resume returns the run of a question: the live one, one told again from the
// store, or, if the box stopped before it was answered, a new one.
func (t *Tutor) Resume(ctx context.Context, who appliance.Principal, questionID string) (*Run, error) {
	t.mu.Lock()
	r := t.runs[keyOf(who, questionID)]
	t.mu.Unlock()
	switch {
	case r == nil:
	case who.Scope.Covers(r.asked):
		return r, nil
	default:
		t.drop(r, errScope)
	}
	q, answer, err := t.store.Answer(ctx, who.Org, who.User, questionID)
	if err != nil {
		return nil, err
	}
	r, live, err := t.register(who, q, true)
	if err != nil || live {
		return r, err
	}
	message := ""
	if answer != nil {
		message = answer.MessageID
	}
	r.accept(q.ConversationID, message, q.PersonaID)
	t.start(r, answer)
	return r, nil
}

// Cancel stops the answer of a question, if it is still being made.
func (t *Tutor) Cancel(who appliance.Principal, questionID string) {
	t.mu.Lock()
	r := t.runs[keyOf(who, questionID)]
	t.mu.Unlock()
	if r != nil {
		r.cancel(errCancelled)
	}
}

// EraseOrganization ends the answers that are being made for an organization and
// forgets those that were.
func (t *Tutor) EraseOrganization(_ context.Context, org appliance.OrgID) error {
	var runs []*Run
	t.mu.Lock()
	for key, r := range t.runs {
		if key.org == org {
			runs = append(runs, r)
		}
	}
	for r := range t.previews {
		if r.asker.Org == org {
			runs = append(runs, r)
		}
	}
	t.mu.Unlock()
	for _, r := range runs {
		t.drop(r, errErased)
	}
	t.cache.erase(org) // after the runs: none keeps an answer now
	return nil
}

// register returns the run with the question's id, or adds a new one.
func (t *Tutor) register(who appliance.Principal, q appliance.Question, again bool) (r *Run, live bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return nil, false, errStopping
	}
	key := keyOf(who, q.ID)
	if r := t.runs[key]; r != nil {
		if _, _, failed := r.state(); !failed && who.Scope.Covers(r.asked) {
			return r, true, nil
		}
		r.cancel(errScope) // unless it has ended
	}
	if err := t.room(who); err != nil {
		return nil, false, err
	}
	r = newRun(t.ctx, who, q, t.cfg.Grace, func(r *Run) { t.drop(r, errLeft) })
	r.again = again
	r.sees = func(ctx context.Context) error { return t.sees(ctx, who) }
	t.runs[key] = r
	return r, false, nil
}

// sees fails if somebody has lost, since they asked, a class whose material the
// answer may be made from. Programs and the command line have no classes.
func (t *Tutor) sees(ctx context.Context, who appliance.Principal) error {
	if who.User == "" {
		return nil
	}
	now, err := t.store.Scope(ctx, who.Org, who.User)
	switch {
	case problem.CodeOf(err) == problem.NotFound && err != nil:
		return nil // erased: the question has gone too
	case err != nil:
		return err
	case !now.Covers(who.Scope):
		return errScope
	}
	return nil
}

// working counts the runs that have not ended; t.mu is held.
func (t *Tutor) working() int {
	n := len(t.previews)
	for _, r := range t.runs {
		if ended, _, _ := r.state(); !ended {
			n++
		}
	}
	return n
}

// How many questions of one sign-in, and of one person or program on however
// many devices, may be without an answer, so that nobody makes the tutor busy
// for all. Whoever sits at the box itself may have any number.
const (
	openPerSession = 4
	openPerAsker   = 8
)

// room fails when somebody may not ask now; t.mu is held.
func (t *Tutor) room(who appliance.Principal) error {
	if working := t.working(); working >= t.cfg.Limit {
		return errBusy(working)
	}
	if who.User == "" && who.Key == nil {
		return nil
	}
	session, asker := 0, 0
	count := func(r *Run) {
		if ended, _, _ := r.state(); ended || !sameAsker(r.asker, who) {
			return
		}
		asker++
		if r.asker.Session == who.Session {
			session++
		}
	}
	for _, r := range t.runs {
		count(r)
	}
	for r := range t.previews {
		count(r)
	}
	if asker >= openPerAsker || who.Session != "" && session >= openPerSession {
		return problem.New(problem.Busy, "too_many_questions", "You have several questions without an answer.",
			"Wait for an answer, then ask again.", nil).With("open", asker)
	}
	return nil
}

func sameAsker(a, b appliance.Principal) bool {
	key := func(p appliance.Principal) string {
		if p.Key == nil {
			return ""
		}
		return p.Key.ID
	}
	return a.Org == b.Org && a.User == b.User && key(a) == key(b)
}

func errBusy(waiting int) error {
	return problem.New(problem.Busy, "tutor_busy",
		"Too many questions are waiting right now.", "Try again in a minute.", nil).With("waiting", waiting)
}

// drop ends a run and forgets it, so that asking again starts afresh.
func (t *Tutor) drop(r *Run, why error) {
	r.cancel(why)
	r.fail(why)
	t.mu.Lock()
	defer t.mu.Unlock()
	key := keyOf(r.asker, r.question.ID)
	if t.runs[key] == r {
		delete(t.runs, key)
	}
}

// start tells a stored answer again or makes a new one.
func (t *Tutor) start(r *Run, stored *appliance.Answer) {
	if stored != nil {
		r.add(appliance.Event{Type: appliance.EventDone, Done: stored})
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		r.fail(errStopping)
		return
	}
	t.wg.Go(func() { t.serve(r) })
}

// endOnPanic, deferred, lets a bug end the run that met it, and not the box.
func (t *Tutor) endOnPanic(r *Run, failed *error) {
	if p := recover(); p != nil {
		t.cfg.Log.Error("answer panicked", "question_id", r.question.ID, "panic", p, "stack", string(debug.Stack()))
		*failed = fmt.Errorf("panic: %v", p)
		r.fail(*failed)
	}
}

// serve answers one question; whatever happens, the run ends.
func (t *Tutor) serve(r *Run) {
	var failed error
	defer t.endOnPanic(r, &failed)
	answer, err := t.answer(r)
	if err == nil {
		err = r.sees(context.WithoutCancel(r.ctx)) // the models may have taken minutes
	}
	if err == nil {
		answer, err = t.store.SaveAnswer(context.WithoutCancel(r.ctx), r.who.Org, r.who.User, r.question.ID, answer)
	}
	if err != nil {
		if cause := context.Cause(r.ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		t.cfg.Log.Warn("no answer", "question_id", r.question.ID, "error", err)
		r.fail(err)
		return
	}
	t.cfg.Log.Info("answered", "question_id", r.question.ID, "mode", answer.Mode,
		"citations", len(answer.Citations), "first_token_ms", answer.FirstTokenMS, "total_ms", answer.TotalMS)
	if r.next != nil {
		r.hold()
		defer r.release() // also when what follows panics
	}
	r.add(appliance.Event{Type: appliance.EventDone, Done: &answer})
	if r.next != nil {
		t.goOn(r, answer)
	}
}
