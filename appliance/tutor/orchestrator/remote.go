package orchestrator

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/openai"
)

// orgModels is what an organization has set up, ready to use.
type orgModels struct {
	settings      appliance.ModelSettings
	before, after []*provider // in order, before and after the box's own model

	mu         sync.Mutex
	reserved   int                      // tokens of requests that are under way
	reservedBy map[appliance.UserID]int // of which one user's
	names      *redactor                // nil until something is sent elsewhere
	named      time.Time
}

// provider is a remote provider with its circuit breaker.
type provider struct {
	appliance.Provider
	client *openai.Client
	slots  chan struct{}

	mu       sync.Mutex
	failures int // in a row
	openTill time.Time
}

// Circuit breaker: after so many failures in a row a provider is left alone for
// a while that doubles with each further one.
const (
	failuresToOpen = 3
	openAtFirst    = 20 * time.Second
	openAtMost     = 10 * time.Minute
)

const (
	triesEach = 2 // of one provider
	backOff   = 400 * time.Millisecond
	// longestRetryAfter is how long a pupil is made to wait for a provider that
	// says when it will be ready; the next model is faster.
	longestRetryAfter = 2 * time.Second
	pupilRequests     = 20 // a minute, if the school says nothing
	namesKept         = 5 * time.Minute
)

// models returns an organization's models; settings are read once and after
// each change.
func (s *Service) models(ctx context.Context, org appliance.OrgID) (*orgModels, error) {
	s.mu.Lock()
	o, changes := s.orgs[org], s.changes
	s.mu.Unlock()
	if o != nil {
		return o, nil
	}
	o = &orgModels{reservedBy: map[appliance.UserID]int{}}
	if s.store != nil {
		settings, err := s.store.ModelSettings(ctx, org)
		if err != nil {
			return nil, err
		}
		o.settings = settings
	}
	box := false
	for _, id := range o.settings.Order {
		if id == appliance.BoxProvider {
			box = true
			continue
		}
		for _, p := range o.settings.Providers {
			if p.ID != id || !p.AllowExternal {
				continue
			}
			client, err := s.newClient(p)
			if err != nil {
				s.log.Warn("a provider cannot be used", "provider", p.ID, "error", err)
				continue
			}
			x := &provider{Provider: p, client: client, slots: make(chan struct{}, client.Slots())}
			if box {
				o.after = append(o.after, x)
			} else {
				o.before = append(o.before, x)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.orgs[org]; first != nil {
		return first, nil
	}
	if s.changes == changes { // else what was read may be old, and serves this request alone
		s.orgs[org] = o
	}
	return o, nil
}

func (s *Service) newClient(p appliance.Provider) (*openai.Client, error) {
	base := p.URL
	if base == "" {
		switch p.Kind {
		case appliance.ProviderOpenAI:
			base = openai.OpenAIURL
		case appliance.ProviderGemini:
			base = openai.GeminiURL
		}
	}
	return openai.New(openai.Config{Name: p.Model, BaseURL: base, Key: p.Key, Model: p.Model,
		Context: p.Context, Slots: p.AtOnce, Silence: time.Duration(p.Timeout) * time.Second, Allowed: s.allowed})
}

// writeRemote asks one provider. why is not empty if the next model should be
// tried.
func (s *Service) writeRemote(ctx context.Context, o *orgModels, p *provider, r Request) (reply Reply, why string, err error) {
	reply = Reply{Model: p.Model, Provider: p.Name}
	if p.open(s.now()) {
		return reply, NoticeFailed, nil
	}
	if !s.mayAsk(o, r.Who) {
		return reply, NoticeRate, nil
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default: // as many as it takes are being answered
		return reply, NoticeRate, nil
	}
	// Estimated: to count exactly, text would have to leave the box before the
	// names are out of it.
	prompt, err := r.Compose(ctx, estimating(p.client.Context()))
	if err != nil {
		return reply, NoticeFailed, err
	}
	names, err := s.redactor(ctx, r.Who.Org, o)
	if err != nil {
		return reply, NoticeFailed, err // what may not be known to be clean does not leave
	}
	prompt = names.clean(prompt, r.Who.Name)
	release, ok, err := s.reserve(ctx, o, r.Who, estimate(prompt))
	if err != nil {
		return reply, NoticeFailed, err
	}
	if !ok {
		return reply, NoticeBudget, nil
	}
	defer release()

	for try := 1; ; try++ {
		began := time.Now()
		reply.Usage, err = p.client.Generate(ctx, prompt, r.emit)
		failed, _ := errors.AsType[*openai.Error](err)
		if err == nil || failed == nil || failed.Started {
			s.count(ctx, r.Who, reply, time.Since(began), p.price(reply.Usage))
		}
		switch {
		case err == nil:
			p.worked()
			return reply, "", nil
		case failed == nil: // the pupil left, or the reader stopped
			return reply, "", err
		}
		s.log.Warn("a remote provider failed", "provider", p.ID, "kind", failed.Kind, "status", failed.Status, "try", try)
		if failed.Started && r.Restart != nil {
			r.Restart()
		}
		wait := failed.RetryAfter
		if wait == 0 {
			wait = backOff << (try - 1)
		}
		again := (failed.Kind == openai.RateLimited || failed.Kind == openai.Unavailable || failed.Kind == openai.CutOff || failed.Kind == openai.BadReply) &&
			wait <= longestRetryAfter && try < triesEach
		if !again {
			p.failed(s.now(), failed)
			return reply, NoticeFailed, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return reply, "", context.Cause(ctx)
		}
	}
}

// estimating is a Meter that asks nobody: a token for every three bytes, which is
// more than any tokenizer makes of running text in our languages.
type estimating int

func (e estimating) Context() int { return int(e) }

func (e estimating) CountTokens(_ context.Context, text string) (int, error) {
	return (len(text) + 2) / 3, nil
}

// estimate is the most tokens that a prompt and its reply are expected to take.
func estimate(p models.Prompt) int {
	n := p.MaxTokens
	for _, t := range p.Turns {
		n += len(t.Content)/3 + 5
	}
	return n
}

func (p *provider) price(u models.Usage) float64 {
	return (float64(u.PromptTokens)*p.PricePrompt + float64(u.CompletionTokens)*p.PriceCompletion) / 1e6
}

func (p *provider) open(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.openTill) {
		return true
	}
	if p.failures >= failuresToOpen {
		p.openTill = now.Add(2 * time.Second) // let one try; the others meanwhile go on
	}
	return false
}

func (p *provider) worked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures, p.openTill = 0, time.Time{}
}

func (p *provider) failed(now time.Time, e *openai.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures++
	switch {
	case e.RetryAfter > 0:
		p.openTill = now.Add(e.RetryAfter)
	case e.Kind == openai.TooLong: // says nothing of the next question
		p.failures--
	case e.Kind == openai.BadKey || e.Kind == openai.NotFound || e.Kind == openai.Forbidden: // until somebody mends the settings
		p.openTill = now.Add(openAtMost)
	case p.failures >= failuresToOpen:
		p.openTill = now.Add(min(openAtFirst<<min(p.failures-failuresToOpen, 10), openAtMost))
	}
}

// mayAsk counts the requests of a user, or of one key, to remote providers.
func (s *Service) mayAsk(o *orgModels, who appliance.Principal) bool {
	perMinute := o.settings.Budget.PupilRequests
	if perMinute == 0 {
		perMinute = pupilRequests
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := member{org: who.Org, user: who.User}
	if who.Key != nil {
		key.key = who.Key.ID
	}
	l := s.minute[key]
	if l == nil || l.Burst() != perMinute {
		if len(s.minute) > 10_000 {
			clear(s.minute)
		}
		l = rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
		s.minute[key] = l
	}
	return l.Allow()
}

// reserve reports whether a request still fits in the day's budgets, and holds
// its place until release.
func (s *Service) reserve(ctx context.Context, o *orgModels, who appliance.Principal, tokens int) (release func(), ok bool, err error) {
	b := o.settings.Budget
	if b.Tokens == 0 && b.Cost == 0 && b.PupilTokens == 0 {
		return func() {}, true, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	school, user, err := s.store.SpentToday(ctx, who.Org, who.User)
	if err != nil {
		return nil, false, err
	}
	used := school.PromptTokens + school.CompletionTokens + o.reserved
	theirs := user.PromptTokens + user.CompletionTokens + o.reservedBy[who.User]
	if b.Tokens > 0 && used+tokens > b.Tokens || b.PupilTokens > 0 && theirs+tokens > b.PupilTokens || b.Cost > 0 && school.Cost >= b.Cost {
		return nil, false, nil
	}
	o.reserved += tokens
	o.reservedBy[who.User] += tokens
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.reserved -= tokens
		if o.reservedBy[who.User] -= tokens; o.reservedBy[who.User] == 0 {
			delete(o.reservedBy, who.User)
		}
	}, true, nil
}

func (s *Service) redactor(ctx context.Context, org appliance.OrgID, o *orgModels) (*redactor, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.names != nil && s.now().Sub(o.named) < namesKept {
		return o.names, nil
	}
	names, err := s.store.Names(ctx, org)
	if err != nil {
		return nil, err
	}
	o.names, o.named = newRedactor(names), s.now()
	return o.names, nil
}
