package tutor

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// PinsStore is what pins need of the box's database.
type PinsStore interface {
	Pin(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Pin, error)
	DeletedPin(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Pin, error)
	Pins(ctx context.Context, org appliance.OrgID, scope appliance.Scope, search, cursor string, limit int) (appliance.Page[appliance.Pin], error)
	AddPin(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.PinContent, keys appliance.PinKeys, entries ...appliance.AuditEntry) (appliance.Pin, error)
	UpdatePin(ctx context.Context, org appliance.OrgID, by appliance.UserID, id string, n appliance.PinContent, keys appliance.PinKeys, entries ...appliance.AuditEntry) (appliance.Pin, error)
	RemovePin(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	BringBackPin(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Pin, error)
	Persona(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Persona, error)
	Passages(ctx context.Context, org appliance.OrgID, scope appliance.Scope, ids []int64) ([]appliance.Passage, error)
}

// Pins are the right answers that a school's teachers have pinned to questions.
type Pins struct{ store PinsStore }

// NewPins returns a school's pins.
func NewPins(store PinsStore) *Pins { return &Pins{store} }

var (
	errNotYourPin = problem.New(problem.Forbidden, "not_your_pin", "This answer was pinned by others.",
		"Ask whoever pinned it, a teacher of its classes, or the school's office.", nil)
	errNotYourClass = problem.New(problem.Forbidden, "not_your_class", "You do not teach this class.",
		"Ask one of its teachers, or somebody in the school's office.", nil)
	errForAll = problem.New(problem.Forbidden, "pin_for_all", "Only the school's office pins answers for the whole school.",
		"Choose classes that you teach.", nil)
)

func mark(p appliance.Principal, pin appliance.Pin) appliance.Pin {
	pin.MayChange = p.MayChange(pin.CreatedBy, pin.Classes)
	return pin
}

// List are the pins that somebody may see.
func (s *Pins) List(ctx context.Context, p appliance.Principal, search, cursor string, limit int) (appliance.Page[appliance.Pin], error) {
	page, err := s.store.Pins(ctx, p.Org, p.Scope, search, cursor, limit)
	for i, pin := range page.Items {
		page.Items[i] = mark(p, pin)
	}
	return page, err
}

// Add pins an answer to a question.
func (s *Pins) Add(ctx context.Context, p appliance.Principal, n appliance.PinContent) (appliance.Pin, error) {
	n, err := s.check(ctx, p, n)
	if err != nil {
		return appliance.Pin{}, err
	}
	if err := mayPin(p, n.ClassIDs); err != nil {
		return appliance.Pin{}, err
	}
	pin, err := s.store.AddPin(ctx, p.Org, p.User, n, keysOf(n.Question), p.Did("pin.added", "").With("classes", n.ClassIDs).With("persona", n.PersonaID))
	return mark(p, pin), err
}

// mayPin fails unless somebody decides about all of the classes; none is the
// whole school.
func mayPin(p appliance.Principal, classes []appliance.ClassID) error {
	if len(classes) == 0 && !p.Office() {
		return errForAll
	}
	if slices.ContainsFunc(classes, func(c appliance.ClassID) bool { return !p.Teaches(c) }) {
		return errNotYourClass
	}
	return nil
}

// Update changes a pin.
func (s *Pins) Update(ctx context.Context, p appliance.Principal, id string, n appliance.PinContent) (appliance.Pin, error) {
	now, err := s.changeable(ctx, p, id)
	if err != nil {
		return now, err
	}
	if n, err = s.check(ctx, p, n); err != nil {
		return now, err
	}
	if !sameClasses(now.ClassIDs, n.ClassIDs) {
		if len(n.ClassIDs) == 0 && !p.Office() {
			return now, errForAll
		}
		if !p.MayShare(now.CreatedBy, now.Classes, n.ClassIDs) {
			return now, errNotYourClass
		}
	}
	pin, err := s.store.UpdatePin(ctx, p.Org, p.User, id, n, keysOf(n.Question), p.Did("pin.edited", "").With("classes", n.ClassIDs).With("persona", n.PersonaID))
	return mark(p, pin), err
}

func sameClasses(a, b []appliance.ClassID) bool {
	has := func(list []appliance.ClassID) func(appliance.ClassID) bool {
		return func(c appliance.ClassID) bool { return !slices.Contains(list, c) }
	}
	return !slices.ContainsFunc(a, has(b)) && !slices.ContainsFunc(b, has(a))
}

func (s *Pins) changeable(ctx context.Context, p appliance.Principal, id string) (appliance.Pin, error) {
	pin, err := s.store.Pin(ctx, p.Org, p.Scope, id)
	if err == nil && !mark(p, pin).MayChange {
		err = errNotYourPin
	}
	return pin, err
}

// Remove takes a pin away; until the night it can be brought back.
func (s *Pins) Remove(ctx context.Context, p appliance.Principal, id string) error {
	if _, err := s.changeable(ctx, p, id); err != nil {
		return err
	}
	return s.store.RemovePin(ctx, p.Org, id, p.Did("pin.removed", ""))
}

// BringBack takes back that a pin was removed.
func (s *Pins) BringBack(ctx context.Context, p appliance.Principal, id string) (appliance.Pin, error) {
	pin, err := s.store.DeletedPin(ctx, p.Org, p.Scope, id)
	if err == nil && !mark(p, pin).MayChange {
		err = errNotYourPin
	}
	if err != nil {
		return pin, err
	}
	pin, err = s.store.BringBackPin(ctx, p.Org, id, p.Did("pin.brought_back", ""))
	return mark(p, pin), err
}

// check makes what somebody pins fit to store, and refuses what nobody would be
// shown: a question that cannot be known again, or that has a fixed reply.
func (s *Pins) check(ctx context.Context, p appliance.Principal, n appliance.PinContent) (appliance.PinContent, error) {
	var err error
	if n.Question, err = appliance.CleanQuestion(n.Question); err != nil {
		return n, err
	}
	n.Text = cleanText(n.Text)
	switch length := utf8.RuneCountInString(n.Text); {
	case length == 0:
		return n, problem.New(problem.Invalid, "pin_empty", "There is no answer.", "Write the answer that pupils should get.", nil)
	case length > appliance.MaxPin:
		return n, problem.New(problem.Invalid, "pin_long", "The answer is too long.", "Use at most 2,000 characters.", nil).With("limit", appliance.MaxPin)
	}
	if _, bad := safety.Question(n.Question); bad {
		return n, problem.New(problem.Invalid, "pin_unsafe", "The box has a fixed reply to this question, which comes first.",
			"Speak with the pupil.", nil)
	}
	if _, _, chat := smallTalk(n.Question); chat || pointsBack(n.Question) || keysOf(n.Question).Same == "" {
		return n, problem.New(problem.Invalid, "pin_unclear", "This question does not stand for itself.",
			"Write it out, so that it says whom or what it is about.", nil)
	}
	if n.PersonaID != "" {
		if _, err := s.store.Persona(ctx, p.Org, p.Scope, n.PersonaID); err != nil {
			return n, err
		}
	}
	// What they do not see they cannot cite.
	found, err := s.store.Passages(ctx, p.Org, p.Scope, n.Passages)
	n.Passages = nil
	for _, one := range found {
		if !slices.Contains(n.Passages, one.ID) {
			n.Passages = append(n.Passages, one.ID)
		}
	}
	return n, err
}

// cleanText keeps what can be shown, and paragraphs.
func cleanText(text string) string {
	text = strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(text, "")), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d') {
			return -1
		}
		return r
	}, text))
}
