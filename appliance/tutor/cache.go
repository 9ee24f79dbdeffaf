package tutor

import (
	"container/list"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
)

// cache keeps answers for those who ask the same again, in memory only: a class
// asks the same question thirty times. What an answer depends on is its key, so
// a change of material or persona makes old answers unreachable, and they fall
// out by age.
type cache struct {
	mu    sync.Mutex
	of    map[cacheKey]*list.Element
	order *list.List // of cached, the last used first
}

type cacheKey [sha256.Size]byte

type cached struct {
	key     cacheKey
	org     appliance.OrgID
	sources []appliance.Passage
	answer  appliance.Answer
}

// cacheSize is how many answers are kept: at 10 kB each with their sources, 20 MB.
const cacheSize = 2000

func newCache() *cache { return &cache{of: map[cacheKey]*list.Element{}, order: list.New()} }

func (c *cache) get(key cacheKey) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.of[key]
	if e == nil {
		return cached{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cached), true
}

// put keeps an answer, unless the run that made it has been ended meanwhile.
func (c *cache) put(run context.Context, x cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run.Err() != nil {
		return
	}
	if e := c.of[x.key]; e != nil {
		e.Value = x
		return
	}
	c.of[x.key] = c.order.PushFront(x)
	if c.order.Len() > cacheSize {
		last := c.order.Remove(c.order.Back()).(cached)
		delete(c.of, last.key)
	}
}

// extend replaces the actions of an answer, if it is still kept.
func (c *cache) extend(key cacheKey, actions []appliance.Action) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.of[key]; e != nil {
		x := e.Value.(cached)
		x.answer.Actions = actions
		e.Value = x
	}
}

// erase forgets an organization's answers.
func (c *cache) erase(org appliance.OrgID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; {
		next := e.Next()
		if x := e.Value.(cached); x.org == org {
			c.order.Remove(e)
			delete(c.of, x.key)
		}
		e = next
	}
}

// keyOfAnswer is everything that an answer depends on: the school, what they may
// see, the material, the persona in its version, and the question. Two
// questions are the same if they say the same words in the same order, but for
// inflection, accents and politeness; the words that ask (who, when, not) count.
// That is narrow on purpose: "How deep is Lake Kivu?" and "How deep is Lake
// Victoria?" mean nearly the same to an embedding model.
func (t *Tutor) keyOfAnswer(who appliance.Principal, p appliance.Persona, question string) (cacheKey, bool) {
	said := canonical(question, languageOf(question))
	if said == "" {
		return cacheKey{}, false
	}
	classes := slices.Clone(who.Scope.Classes)
	maker := who.Scope.Maker
	if who.Scope.All {
		classes, maker = nil, ""
	}
	slices.Sort(classes)
	signs := figure.FindAllString(fold(question), -1) // 3 + 4 is not 3 - 4
	return sha256.Sum256(fmt.Appendf(nil, "%q %v %q %q %q %d %q %d %q %q", who.Org, who.Scope.All, classes, maker, who.Scope.Sources,
		t.store.MaterialVersion(who.Org), p.ID, p.Version, said, signs)), true
}

// fillers are words that a question can lose without becoming another one. What
// asks, negates, compares or orders is not among them.
var fillers = map[string]map[string]bool{
	english:     set("a an the is are was were do does did please can could would you tell me us say teacher sir madam hello hi know want like to i my so just called"),
	french:      set("le la les l un une des du de d est sont etait ce que qu s il te vous plait dis dites moi nous bonjour peux pouvez tu je voudrais savoir svp"),
	swahili:     set("tafadhali mwalimu naomba niambie ni je habari"),
	kinyarwanda: set("mwarimu mbwira nyabuneka se ese muraho"),
}

// canonical is a question by which it is known again.
func canonical(question, language string) string {
	var kept []string
	for _, w := range words(question) {
		if !fillers[language][w] {
			kept = append(kept, stem(w))
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return language + " " + strings.Join(kept, " ")
}
