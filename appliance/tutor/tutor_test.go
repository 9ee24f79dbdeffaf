package tutor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/retrieval"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/appliance/tutor/orchestrator"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// box is a tutor on a real database and a fake engine.
type box struct {
	*Tutor
	store *sqlite.Store
	llama *modeltest.Llama
	door  *orchestrator.Service
	stop  func() // and wait until the tutor has stopped
}

var lessons = map[string][]string{
	"kivu.txt": {"Lake Kivu lies between Rwanda and Congo. The lake is 480 metres deep. Its water holds dissolved methane."},
	"cell.txt": {"The nucleus of a cell holds the DNA. Mitochondria release energy from sugar.",
		"Plants make sugar from light in their chloroplasts. This is called photosynthesis."},
	"king.txt": {"Mutara III Rudahigwa was king of Rwanda from 1931 until he died in 1959."},
}

// newBox returns a box that has read the lessons and whose model answers with
// reply. Options change the box before it starts.
func newBox(t *testing.T, reply string, options ...func(*modeltest.Llama, *Config)) *box {
	t.Helper()
	b := &box{store: openStore(t), llama: modeltest.StartLlama(t)}
	for title, texts := range lessons {
		var chunks []appliance.Chunk
		for _, text := range texts {
			chunks = append(chunks, appliance.Chunk{Text: text, Vector: modeltest.Vector(text), Place: appliance.Place{Page: len(chunks) + 1}})
		}
		addSource(t, b.store, appliance.DefaultOrg, title, chunks)
	}
	b.llama.Reply = func([]models.Turn) string { return reply }
	cfg := Config{Log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(b.llama, &cfg)
	}
	b.start(t, b.llama.Chat(), cfg)
	return b
}

// start runs a tutor on the box's database.
func (b *box) start(t *testing.T, gen models.Generator, cfg Config) {
	var writer Writer
	if gen != nil {
		b.door = orchestrator.New(orchestrator.Config{Store: b.store, Box: gen})
		writer = b.door
	}
	b.Tutor = New(b.store, retrieval.New(b.store, b.llama.Embedder()), b.llama.Embedder(), writer, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(b.stop)
}

func (b *box) ask(t *testing.T, q appliance.Question) *Run {
	t.Helper()
	r, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seen is what a follower gets to see of a run.
type seen struct {
	types   []appliance.EventType // runs of tokens count once
	text    string
	sources []appliance.Passage
	answer  appliance.Answer
	problem *problem.Problem
}

func watch(t *testing.T, r *Run) (s seen) {
	t.Helper()
	seq := 0
	err := r.Follow(t.Context(), 0, func(e appliance.Event) error {
		if seq++; e.Seq != seq {
			t.Errorf("event %d is numbered %d", seq, e.Seq)
		}
		if e.Type != appliance.EventToken || !slices.Contains(s.types, e.Type) {
			s.types = append(s.types, e.Type)
		}
		s.text += e.Token
		switch e.Type {
		case appliance.EventSources:
			s.sources = e.Sources
		case appliance.EventDone:
			s.answer = *e.Done
		case appliance.EventError:
			s.problem = e.Error
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnswerIsStreamedCitedAndStored(t *testing.T) {
	b := newBox(t, "Lake Kivu is 480 metres deep [7].")
	s := watch(t, b.ask(t, appliance.Question{ID: "q1", Text: "How deep is Lake Kivu?"}))

	want := []appliance.EventType{"accepted", "sources", "token", "done", "actions"}
	if !slices.Equal(s.types, want) {
		t.Errorf("events %v, want %v", s.types, want)
	}
	if len(s.sources) == 0 || s.sources[0].SourceTitle != "kivu.txt" {
		t.Fatalf("sources %v, want kivu.txt first", s.sources)
	}
	if s.text != "Lake Kivu is 480 metres deep." {
		t.Errorf("streamed %q: the model's own marker shows", s.text)
	}
	a := s.answer
	if a.ResponseText != "Lake Kivu is 480 metres deep. [1]" || a.Mode != appliance.ModeAnswer || a.Model != "fake-chat" {
		t.Errorf("answer %q, mode %s, model %q", a.ResponseText, a.Mode, a.Model)
	}
	if len(a.Citations) != 1 || a.Citations[0].SourceTitle != "kivu.txt" || a.Citations[0].Place.Page != 1 {
		t.Errorf("citations %+v", a.Citations)
	}
	if a.SuggestedGesture != gesturePoint || len(a.Actions) == 0 || a.Actions[0].Type != "open_source" {
		t.Errorf("gesture %q, actions %v", a.SuggestedGesture, a.Actions)
	}
	_, stored, err := b.store.Answer(t.Context(), appliance.DefaultOrg, "", "q1")
	if err != nil || stored == nil || stored.ResponseText != a.ResponseText {
		t.Errorf("stored %+v, %v", stored, err)
	}
}

func TestOutsideTheMaterialTheModelIsNotAsked(t *testing.T) {
	b := newBox(t, "The Battle of Hastings was in 1066.")
	for question, want := range map[string]string{
		"When was the battle of Hastings fought?":          sayNotFound[english],
		"Quand la bataille de Hastings a-t-elle eu lieu ?": sayNotFound[french],
		"Hello!":      sayHello[english],
		"Asante sana": sayWelcome[swahili],
	} {
		s := watch(t, b.ask(t, appliance.Question{ID: question, Text: question}))
		if s.answer.ResponseText != want || len(s.answer.Citations) > 0 || len(s.sources) > 0 {
			t.Errorf("%s: %q with %d citations, %d sources", question, s.answer.ResponseText, len(s.answer.Citations), len(s.sources))
		}
	}
	if asked := b.llama.Asked(); len(asked) > 0 {
		t.Errorf("the model was asked %d times", len(asked))
	}
}

func TestAnEmptyBoxSaysSo(t *testing.T) {
	b := &box{store: openStore(t), llama: modeltest.StartLlama(t)}
	b.start(t, nil, Config{Log: slog.New(slog.DiscardHandler)})
	s := watch(t, b.ask(t, appliance.Question{ID: "q", Text: "What is a cell?"}))
	if s.answer.Mode != appliance.ModeNotFound || s.answer.ResponseText != sayNoMaterial[english] {
		t.Fatalf("answer %+v", s.answer)
	}
}

// Each of these must end in the passages themselves.
func TestWithoutAModelThePassagesAnswer(t *testing.T) {
	for name, change := range map[string]struct {
		reply  string
		option func(*modeltest.Llama, *Config)
	}{
		"it refuses before the first word": {option: func(l *modeltest.Llama, _ *Config) {
			l.Refuse = func(path string) int {
				if strings.HasSuffix(path, "completions") {
					return http.StatusInternalServerError
				}
				return 0
			}
		}},
		"what it says is in no passage": {reply: "Lake Kivu was dug by giants in 1850."},
	} {
		t.Run(name, func(t *testing.T) {
			option := change.option
			if option == nil {
				option = func(*modeltest.Llama, *Config) {}
			}
			b := newBox(t, change.reply, option)
			checkPassages(t, watch(t, b.ask(t, appliance.Question{ID: "q", Text: "How deep is Lake Kivu?"})).answer)
		})
	}
	t.Run("there is none", func(t *testing.T) {
		b := newBox(t, "")
		b.stop()
		b.start(t, nil, Config{Log: slog.New(slog.DiscardHandler)})
		checkPassages(t, watch(t, b.ask(t, appliance.Question{ID: "q", Text: "How deep is Lake Kivu?"})).answer)
	})
}

func checkPassages(t *testing.T, a appliance.Answer) {
	t.Helper()
	if a.Mode != appliance.ModePassages || a.Model != "" || !strings.HasPrefix(a.ResponseText, sayPassages[english]) ||
		!strings.Contains(a.ResponseText, "480 metres deep") || len(a.Citations) == 0 || a.Citations[0].SourceTitle != "kivu.txt" {
		t.Errorf("answer %+v", a)
	}
}

func TestWhereAModelBreaksHalfwayTheMaterialAnswers(t *testing.T) {
	var healed atomic.Bool
	b := newBox(t, "Lake Kivu is 480 metres deep.", func(l *modeltest.Llama, _ *Config) {
		l.BeforePiece = func(_ *http.Request, n int) error {
			if n == 3 && !healed.Load() {
				return errors.New("killed")
			}
			return nil
		}
	})
	s := watch(t, b.ask(t, appliance.Question{ID: "q", Text: "How deep is Lake Kivu?"}))
	checkPassages(t, s.answer)
	healed.Store(true)
	if s := watch(t, b.ask(t, appliance.Question{ID: "r", Text: "How deep is Lake Kivu?"})); s.answer.Mode != appliance.ModeAnswer {
		t.Fatalf("second try: %+v, %+v", s.answer, s.problem)
	}
}

// hold makes the model wait before its first word until the test lets it go on.
func hold() (option func(*modeltest.Llama, *Config), writing chan struct{}, release func()) {
	writing = make(chan struct{}, 64)
	gate := make(chan struct{})
	return func(l *modeltest.Llama, _ *Config) {
		l.BeforePiece = func(r *http.Request, n int) error {
			if n > 0 {
				return nil
			}
			writing <- struct{}{}
			select {
			case <-gate:
				return nil
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
	}, writing, func() { close(gate) }
}

func TestAskersShareARunAndCanCancelIt(t *testing.T) {
	option, writing, release := hold()
	b := newBox(t, "Lake Kivu is 480 metres deep.", option)
	q := appliance.Question{ID: "q", Text: "How deep is Lake Kivu?"}
	r := b.ask(t, q)
	<-writing
	if again := b.ask(t, q); again != r {
		t.Error("asking again started a second run")
	}
	if again, err := b.Resume(t.Context(), appliance.Operator(appliance.DefaultOrg), "q"); err != nil || again != r {
		t.Errorf("resuming a live run: %v, %v", again, err)
	}
	if _, err := b.Resume(t.Context(), appliance.Operator("another"), "q"); problem.CodeOf(err) != problem.NotFound {
		t.Errorf("another organization resumes it: %v", err)
	}
	b.Cancel(appliance.Operator("another"), "q") // not theirs
	b.Cancel(appliance.Operator(appliance.DefaultOrg), "q")
	if s := watch(t, r); s.problem == nil || s.problem.Reason != "answer_cancelled" {
		t.Errorf("after cancelling: %+v", s.problem)
	}
	release()
	if s := watch(t, b.ask(t, q)); s.answer.Mode != appliance.ModeAnswer {
		t.Errorf("asked again after cancelling: %+v", s.problem)
	}
}

func TestTooManyQuestionsAreTurnedAway(t *testing.T) {
	option, _, release := hold()
	b := newBox(t, "Lake Kivu is 480 metres deep.", option, func(_ *modeltest.Llama, c *Config) { c.Limit = 5 })
	var runs []*Run
	for i := range 5 {
		runs = append(runs, b.ask(t, appliance.Question{ID: fmt.Sprint(i), Text: "How deep is Lake Kivu?"}))
	}
	_, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: "more", Text: "How deep is Lake Kivu?"})
	if problem.CodeOf(err) != problem.Busy {
		t.Fatalf("the sixth question: %v", err)
	}
	if _, _, err := b.store.Answer(t.Context(), appliance.DefaultOrg, "", "more"); problem.CodeOf(err) != problem.NotFound {
		t.Errorf("a question that was turned away is stored: %v", err)
	}
	for b.door.Waiting() < 3 { // two slots write at once
		runtime.Gosched()
	}
	release()
	positions := 0
	for _, r := range runs {
		s := watch(t, r)
		if s.answer.Mode != appliance.ModeAnswer {
			t.Errorf("answer %+v, problem %+v", s.answer, s.problem)
		}
		if slices.Contains(s.types, appliance.EventPosition) {
			positions++
		}
	}
	if positions != 3 {
		t.Errorf("%d of 5 saw a position, want 3", positions)
	}
}

func TestALongWaitEndsInPassages(t *testing.T) {
	option, writing, release := hold()
	defer release()
	b := newBox(t, "Lake Kivu is 480 metres deep.", option, func(_ *modeltest.Llama, c *Config) { c.MaxWait = time.Millisecond })
	for i := range 2 {
		b.ask(t, appliance.Question{ID: fmt.Sprint(i), Text: "How deep is Lake Kivu?"})
	}
	<-writing
	<-writing
	a := watch(t, b.ask(t, appliance.Question{ID: "waits", Text: "How deep is Lake Kivu?"})).answer
	checkPassages(t, a)
}

func TestQuestionsOutliveTheBox(t *testing.T) {
	option, writing, release := hold()
	b := newBox(t, "Lake Kivu is 480 metres deep.", option)
	r := b.ask(t, appliance.Question{ID: "q", Text: "How deep is Lake Kivu?"})
	<-writing
	b.stop()
	if s := watch(t, r); s.problem == nil || s.problem.Reason != "box_stopping" {
		t.Errorf("while stopping: %+v", s.problem)
	}
	if _, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: "late", Text: "Why?"}); problem.CodeOf(err) != problem.Unavailable {
		t.Errorf("asked a stopped tutor: %v", err)
	}

	release()
	b.start(t, b.llama.Chat(), Config{Log: slog.New(slog.DiscardHandler)})
	r, err := b.Resume(t.Context(), appliance.Operator(appliance.DefaultOrg), "q")
	if err != nil {
		t.Fatal(err)
	}
	first := watch(t, r)
	if first.answer.Mode != appliance.ModeAnswer {
		t.Fatalf("never answered before the restart: %+v, %+v", first.answer, first.problem)
	}

	b.stop()
	b.start(t, nil, Config{Log: slog.New(slog.DiscardHandler)})
	r, err = b.Resume(t.Context(), appliance.Operator(appliance.DefaultOrg), "q")
	if err != nil {
		t.Fatal(err)
	}
	if s := watch(t, r); s.answer.ResponseText != first.answer.ResponseText || len(s.answer.Citations) != 1 {
		t.Errorf("told again from the store: %+v", s.answer)
	}
}

func TestFollowUpsAreReadWithTheQuestionBefore(t *testing.T) {
	b := newBox(t, "He died in 1959.")
	s := watch(t, b.ask(t, appliance.Question{ID: "q1", Text: "Who was Mutara Rudahigwa, king of Rwanda?"}))
	if s.answer.Mode == appliance.ModeNotFound {
		t.Fatal("first question not found")
	}
	s = watch(t, b.ask(t, appliance.Question{ID: "q2", ConversationID: s.answer.ConversationID, Text: "When did he die?"}))
	if len(s.sources) == 0 || s.sources[0].SourceTitle != "king.txt" || s.answer.Mode != appliance.ModeAnswer {
		t.Fatalf("sources %v, answer %+v", s.sources, s.answer)
	}
	asked := b.llama.Asked()
	turns := asked[len(asked)-1].Turns
	if !slices.ContainsFunc(turns, func(t models.Turn) bool { return strings.Contains(t.Content, "Who was Mutara") }) {
		t.Errorf("the earlier question is not in the prompt: %v", turns)
	}
}

func TestQuestionsAreCleaned(t *testing.T) {
	b := newBox(t, "")
	for _, text := range []string{"", " \n\t", strings.Repeat("é", appliance.MaxQuestion+1)} {
		_, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: "q", Text: text})
		if problem.CodeOf(err) != problem.Invalid {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	if got, err := appliance.CleanQuestion(" e\u0301te\u0301\xff? "); got != "été?" || err != nil {
		t.Errorf("cleaned to %q, %v", got, err)
	}
}

// Everything that comes before the question's own turn is the same for all
// questions, so that an engine slot reads it once.
func TestThePromptBeginsTheSame(t *testing.T) {
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	for i, q := range []string{"How deep is Lake Kivu?", "What holds the DNA of a cell?", "Which king of Rwanda died in 1959?"} {
		watch(t, b.ask(t, appliance.Question{ID: fmt.Sprint(i), Text: q}))
	}
	asked := b.llama.Asked()
	if len(asked) != 3 {
		t.Fatalf("%d prompts, want 3", len(asked))
	}
	for _, a := range asked[1:] {
		n := len(a.Turns) - 1
		if !slices.Equal(a.Turns[:n], asked[0].Turns[:n]) {
			t.Errorf("the first %d turns differ", n)
		}
	}
}
