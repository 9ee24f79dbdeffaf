package tutor

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
)

// A pupil who tells of themselves ("I am preparing for the exam in June") may
// find it remembered, where their school has switched that on. What is kept are
// their own sentences; they see and delete them (GET and DELETE
// /users/me/memories).

// aboutMe begins a sentence that says something of its speaker that is worth
// keeping, by language. Moods and needs of the moment are not.
var aboutMe = regexp.MustCompile(`^(?:i am (?:preparing|studying|learning|working|reading|revising|in|from|interested|good|bad|weak|[0-9]+ years)|` +
	`i'm (?:preparing|studying|learning|working|reading|revising|in|from|interested|good|bad|weak|[0-9]+ years)|` +
	`i (?:have an exam|have a test|like|love|prefer|find .* (?:hard|difficult|easy)|want to (?:be|become|study|learn)|hope to|live|speak|go to|play)|my (?:exam|test|favou?rite|dream|goal|hobby|class)|` +
	`remember that (?:i|my)|` +
	`je (?:prepare|me prepare|suis en|apprends|revise|aime|prefere|veux devenir|parle|joue)|j'aime|j'ai un (?:examen|devoir)|mon (?:examen|but|reve)|ma matiere|` +
	`(?:ninajiandaa|najiandaa|ninasoma|nasoma|napenda|ninapenda|nataka kuwa|ninataka kuwa|mtihani wangu)|` +
	`(?:nitegura|ndimo nitegura|niga|nkunda|nshaka kuzaba|ndashaka kuzaba|ikizamini cyanjye))(?:[ ,].*|$)`)

// factsIn returns the sentences of a message that tell of the pupil, and
// whether there is nothing else in it.
func factsIn(text string) (facts []string, only bool) {
	only = true
	for _, s := range sentences(text) {
		said := fold(strings.ReplaceAll(s, "’", "'"))
		if strings.HasSuffix(s, "?") || !aboutMe.MatchString(strings.TrimRight(said, ".! ")) || utf8.RuneCountInString(s) > 200 {
			only = false
			continue
		}
		if _, bad := safety.Question(s); bad {
			only = false
			continue
		}
		facts = append(facts, s)
	}
	return facts, only && len(facts) > 0
}

// remembers reports whether the school lets the tutor keep what this user says.
func (t *Tutor) remembers(ctx context.Context, who appliance.Principal) bool {
	if who.User == "" {
		return false
	}
	o, err := t.store.Organization(ctx, who.Org)
	return err == nil && o.Settings.Memory
}

// keep stores facts that are not known yet.
func (t *Tutor) keep(ctx context.Context, who appliance.Principal, facts []string) error {
	known, err := t.store.Memories(ctx, who.Org, who.User)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		if slices.ContainsFunc(known, func(m appliance.Memory) bool { return fold(m.Text) == fold(fact) }) {
			continue
		}
		vector, err := t.emb.EmbedQuery(ctx, shorten(fact, 2*t.emb.MaxTokens()))
		if err != nil {
			return err
		}
		if err := t.store.AddMemory(ctx, who.Org, who.User, appliance.Memory{Text: fact, Vector: vector}); err != nil {
			return err
		}
	}
	return nil
}

// recalled is the least cosine at which a fact has to do with a question, by
// the embedding model's calibration of texts beside the point (0.77) and to it.
const recalled = 0.82

// recall returns the facts about the pupil that have to do with a question, the
// nearest two.
func (t *Tutor) recall(ctx context.Context, who appliance.Principal, vector []float32) ([]string, error) {
	if len(vector) == 0 || !t.remembers(ctx, who) {
		return nil, nil
	}
	known, err := t.store.Memories(ctx, who.Org, who.User)
	if err != nil {
		return nil, err
	}
	type near struct {
		text  string
		score float64
	}
	var list []near
	for _, m := range known {
		var dot float64
		for i := range min(len(vector), len(m.Vector)) {
			dot += float64(vector[i]) * float64(m.Vector[i])
		}
		if dot >= recalled {
			list = append(list, near{m.Text, dot})
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		if a.score > b.score {
			return -1
		}
		return 1
	})
	var facts []string
	for _, n := range list[:min(len(list), 2)] {
		facts = append(facts, n.text)
	}
	return facts, nil
}
