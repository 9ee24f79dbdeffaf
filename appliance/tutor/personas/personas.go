// Package personas looks after a school's tutors: what a teacher may put in
// one, and those that come with the box. How a persona speaks is
// appliance/tutor's.
package personas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	_ "embed"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/tutor/safety"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Store is what personas need of the box's database.
type Store interface {
	ShipPersonas(ctx context.Context, org appliance.OrgID, shipped map[string]appliance.PersonaContent) error
	Persona(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Persona, error)
	Personas(ctx context.Context, org appliance.OrgID, scope appliance.Scope, search, cursor string, limit int) (appliance.Page[appliance.Persona], error)
	AddPersona(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.PersonaContent, audience appliance.Audience, entries ...appliance.AuditEntry) (appliance.Persona, error)
	UpdatePersona(ctx context.Context, org appliance.OrgID, by appliance.UserID, id string, seen int, n appliance.PersonaContent, entries ...appliance.AuditEntry) (appliance.Persona, error)
	SharePersona(ctx context.Context, org appliance.OrgID, id string, classes []appliance.ClassID, entries ...appliance.AuditEntry) (appliance.Persona, error)
	PersonaVersions(ctx context.Context, org appliance.OrgID, id string) ([]appliance.PersonaVersion, error)
	DeletePersona(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	Source(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error)
}

// shippedJSON are the tutors that come with the box, by id.
//
//go:embed shipped.json
var shippedJSON []byte

func shipped() (all map[string]appliance.PersonaContent, err error) {
	return all, json.Unmarshal(shippedJSON, &all)
}

// Service is a school's staff room of tutors.
type Service struct {
	store Store
	ship  map[string]appliance.PersonaContent
	had   sync.Map // schools that have been given the shipped ones
}

// New returns a service. It fails if the shipped tutors do not hold to the rules.
func New(store Store) (*Service, error) {
	ship, err := shipped()
	if err != nil {
		return nil, err
	}
	for id, p := range ship {
		if _, err := clean(p); err != nil {
			return nil, fmt.Errorf("shipped persona %s: %w", id, err)
		}
	}
	return &Service{store: store, ship: ship}, nil
}

func (s *Service) open(ctx context.Context, org appliance.OrgID) error {
	if _, ok := s.had.Load(org); ok {
		return nil
	}
	if err := s.store.ShipPersonas(ctx, org, s.ship); err != nil {
		return err
	}
	s.had.Store(org, true)
	return nil
}

// List returns the personas that somebody may ask.
func (s *Service) List(ctx context.Context, who appliance.Principal, search, cursor string, limit int) (page appliance.Page[appliance.Persona], err error) {
	if err := s.open(ctx, who.Org); err != nil {
		return page, err
	}
	page, err = s.store.Personas(ctx, who.Org, who.Scope, search, cursor, limit)
	for i := range page.Items {
		page.Items[i] = shownTo(who, page.Items[i])
	}
	return page, err
}

// Get returns one that somebody may ask.
func (s *Service) Get(ctx context.Context, who appliance.Principal, id string) (appliance.Persona, error) {
	if err := s.open(ctx, who.Org); err != nil {
		return appliance.Persona{}, err
	}
	p, err := s.store.Persona(ctx, who.Org, who.Scope, id)
	return shownTo(who, p), err
}

// shownTo says on a persona what somebody may do with it, and leaves out what is
// between teachers: pupils see who a tutor is, not by which rules.
func shownTo(who appliance.Principal, p appliance.Persona) appliance.Persona {
	p.MayChange = who.MayChange(p.CreatedBy, p.Classes)
	if who.Role.Rank() < appliance.RoleTeacher.Rank() {
		p.Rules, p.Sources, p.By = nil, nil, ""
	}
	return p
}

var (
	errNotYours = problem.New(problem.Forbidden, "not_your_persona", "This tutor belongs to others.",
		"Make a copy of it and change that. Or ask whoever made it, a teacher of its classes, or the school's office.", nil)
	errNotYourClass = problem.New(problem.Forbidden, "not_your_class", "You do not teach this class.",
		"Ask one of its teachers, or somebody in the school's office.", nil)
)

// changeable is a persona that somebody may change. One that they do not see is
// not there.
func (s *Service) changeable(ctx context.Context, who appliance.Principal, id string) (appliance.Persona, error) {
	p, err := s.Get(ctx, who, id)
	if err == nil && !p.MayChange {
		err = errNotYours
	}
	return p, err
}

// Add makes a persona.
func (s *Service) Add(ctx context.Context, who appliance.Principal, n appliance.PersonaContent, audience appliance.Audience) (appliance.Persona, error) {
	return s.add(ctx, who, n, audience, who.Did("persona.added", ""))
}

func (s *Service) add(ctx context.Context, who appliance.Principal, n appliance.PersonaContent, audience appliance.Audience, entry appliance.AuditEntry) (appliance.Persona, error) {
	if slices.ContainsFunc(audience.Classes, func(c appliance.ClassID) bool { return !who.Teaches(c) }) {
		return appliance.Persona{}, errNotYourClass
	}
	n, err := s.check(ctx, who, n, nil)
	if err != nil {
		return appliance.Persona{}, err
	}
	p, err := s.store.AddPersona(ctx, who.Org, who.User, n, audience, entry)
	return shownTo(who, p), err
}

// Update gives a persona new content; seen is the version that it was made on.
func (s *Service) Update(ctx context.Context, who appliance.Principal, id string, seen int, n appliance.PersonaContent) (appliance.Persona, error) {
	now, err := s.changeable(ctx, who, id)
	if err != nil {
		return now, err
	}
	return s.update(ctx, who, now, seen, n, who.Did("persona.changed", ""))
}

func (s *Service) update(ctx context.Context, who appliance.Principal, now appliance.Persona, seen int, n appliance.PersonaContent, entry appliance.AuditEntry) (appliance.Persona, error) {
	n, err := s.check(ctx, who, n, now.Sources)
	if err != nil {
		return now, err
	}
	p, err := s.store.UpdatePersona(ctx, who.Org, who.User, now.ID, seen, n, entry)
	return shownTo(who, p), err
}

// Copy makes another persona of the same content, a draft for those of its
// classes that the copier teaches.
func (s *Service) Copy(ctx context.Context, who appliance.Principal, id, name string) (appliance.Persona, error) {
	p, err := s.Get(ctx, who, id)
	if err != nil {
		return p, err
	}
	n := p.PersonaContent
	if name == "" {
		name = shorten(n.Name, 76) + " (2)"
	}
	n.Name = name
	var classes []appliance.ClassID
	for _, c := range p.Classes {
		if who.Teaches(c.ID) {
			classes = append(classes, c.ID)
		}
	}
	if len(p.Classes) > 0 && len(classes) == 0 {
		return p, errNotYourClass // it would become one for the whole school
	}
	return s.add(ctx, who, n, appliance.Audience{Classes: classes, Draft: true}, who.Did("persona.copied", "").With("from", id))
}

func shorten(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// Share says whom a persona is for; no class is the whole school.
func (s *Service) Share(ctx context.Context, who appliance.Principal, id string, classes []appliance.ClassID) (appliance.Persona, error) {
	p, err := s.changeable(ctx, who, id)
	if err != nil {
		return p, err
	}
	if !who.MayShare(p.CreatedBy, p.Classes, classes) {
		return p, errNotYourClass
	}
	p, err = s.store.SharePersona(ctx, who.Org, id, classes, who.Did("persona.shared", "").With("classes", classes))
	return shownTo(who, p), err
}

// Versions lists what a persona was, newest first.
func (s *Service) Versions(ctx context.Context, who appliance.Principal, id string) ([]appliance.PersonaVersion, error) {
	if _, err := s.Get(ctx, who, id); err != nil {
		return nil, err
	}
	return s.store.PersonaVersions(ctx, who.Org, id)
}

// Restore makes an old version the present one, as a new version.
func (s *Service) Restore(ctx context.Context, who appliance.Principal, id string, version, seen int) (appliance.Persona, error) {
	now, err := s.changeable(ctx, who, id)
	if err != nil {
		return now, err
	}
	list, err := s.store.PersonaVersions(ctx, who.Org, id)
	if err != nil {
		return appliance.Persona{}, err
	}
	for _, v := range list {
		if v.Version == version {
			now.Sources = v.Content.Sources
			return s.update(ctx, who, now, seen, v.Content, who.Did("persona.restored", "").With("version", version))
		}
	}
	return appliance.Persona{}, problem.New(problem.NotFound, "version_not_found", "There is no such version here.", "Look at the list again.", nil)
}

// Delete removes a persona.
func (s *Service) Delete(ctx context.Context, who appliance.Principal, id string) error {
	if _, err := s.changeable(ctx, who, id); err != nil {
		return err
	}
	return s.store.DeletePersona(ctx, who.Org, id, who.Did("persona.deleted", ""))
}

// Check reports what is wrong with a persona's content, and returns it as it
// would be stored.
func (s *Service) Check(ctx context.Context, who appliance.Principal, n appliance.PersonaContent) (appliance.PersonaContent, error) {
	return s.check(ctx, who, n, nil)
}

// check puts content in order. It may name material that who sees, and what the
// persona has had: another teacher may have chosen that from a class of theirs.
func (s *Service) check(ctx context.Context, who appliance.Principal, n appliance.PersonaContent, had []string) (appliance.PersonaContent, error) {
	n, err := clean(n)
	if err != nil {
		return n, err
	}
	// Material of another school, or that has been deleted, is left out: a persona
	// that came as a file names sources of the school that it came from.
	var known []string
	for _, id := range n.Sources {
		scope := who.Scope
		if slices.Contains(had, id) {
			scope = appliance.Scope{All: true}
		}
		_, err := s.store.Source(ctx, who.Org, scope, id)
		switch {
		case err == nil:
			known = append(known, id)
		case problem.CodeOf(err) != problem.NotFound:
			return n, err
		}
	}
	if len(n.Sources) > 0 && len(known) == 0 {
		return n, problem.New(problem.Invalid, "persona_material", "None of the material that this tutor is for is on this box.",
			"Choose its material again, or let it know all material.", nil)
	}
	n.Sources = known
	return n, nil
}

// Limits of a persona, so that its rules fit into every prompt beside the
// material: in all about 300 tokens.
const (
	maxRules      = 20
	maxRule       = 200
	maxRulesInAll = 1200
	maxSamples    = 8
	maxSample     = 200
)

var errOver = errors.New("over a limit")

// clean checks content and puts it in order.
func clean(n appliance.PersonaContent) (appliance.PersonaContent, error) {
	for _, text := range []*string{&n.Name, &n.Subject, &n.Greeting, &n.Model3D, &n.Voice.Name} {
		*text = strings.Join(strings.Fields(*text), " ")
	}
	n.Rules, n.SamplePrompts = lines(n.Rules), lines(n.SamplePrompts)
	total := 0
	for _, r := range n.Rules {
		total += utf8.RuneCountInString(r)
	}
	fail := func(reason, message, hint string) (appliance.PersonaContent, error) {
		return n, problem.New(problem.Invalid, reason, message, hint, errOver)
	}
	switch {
	case n.Name == "":
		return fail("persona_name", "A tutor needs a name.", "Type one, such as Science with Amina.")
	case utf8.RuneCountInString(n.Name) > 80 || utf8.RuneCountInString(n.Subject) > 80:
		return fail("persona_name", "The name or subject is too long.", "Use at most 80 letters.")
	case len(n.Rules) > maxRules:
		return fail("persona_rules", fmt.Sprintf("There are %d rules; a tutor can keep to %d.", len(n.Rules), maxRules),
			"Keep the ones that matter most. A small model forgets the first ones when there are many.")
	case longest(n.Rules) > maxRule || total > maxRulesInAll:
		return fail("persona_rules", "The rules are too long.", fmt.Sprintf("Use at most %d letters for each, %d in all.", maxRule, maxRulesInAll))
	case len(n.SamplePrompts) > maxSamples || longest(n.SamplePrompts) > maxSample:
		return fail("persona_samples", "There are too many sample questions, or they are too long.",
			fmt.Sprintf("Use at most %d, of %d letters each.", maxSamples, maxSample))
	case !oneOf(n.AgeGroup, "", appliance.Ages6to8, appliance.Ages9to12, appliance.Ages13to15, appliance.Ages16up),
		!oneOf(n.Tone, "", appliance.ToneFriendly, appliance.ToneCheerful, appliance.ToneCalm, appliance.ToneSerious, appliance.ToneQuestions),
		!oneOf(n.Length, "", appliance.LengthShort, appliance.LengthMedium, appliance.LengthLong),
		!oneOf(n.Strictness, "", appliance.OnlyMaterial, appliance.GeneralKnowledge),
		!oneOf(n.Language, "", "en", "fr", "rw", "sw"):
		return fail("persona_choice", "One of the choices is not one of those offered.", "Choose again from the lists.")
	}
	for _, text := range append([]string{n.Name, n.Greeting}, n.SamplePrompts...) {
		if f, bad := safety.Answer(text); bad {
			return fail("persona_unfit", "A text of this tutor is not for children ("+string(f.Category)+").", "Write it in another way.")
		}
	}
	return n, nil
}

func oneOf[T comparable](v T, all ...T) bool {
	for _, x := range all {
		if v == x {
			return true
		}
	}
	return false
}

func lines(list []string) (kept []string) {
	for _, l := range list {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			kept = append(kept, l)
		}
	}
	return kept
}

func longest(list []string) (n int) {
	for _, l := range list {
		n = max(n, utf8.RuneCountInString(l))
	}
	return n
}
