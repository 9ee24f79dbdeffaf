package orchestrator

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/openai"
)

// Settings are an organization's models, without their keys.
func (s *Service) Settings(ctx context.Context, who appliance.Principal) (appliance.ModelSettings, error) {
	m, err := s.store.ModelSettings(ctx, who.Org)
	return shown(m), err
}

func shown(m appliance.ModelSettings) appliance.ModelSettings {
	m.Providers = slices.Clone(m.Providers)
	if m.Providers == nil {
		m.Providers = []appliance.Provider{}
	}
	for i := range m.Providers {
		m.Providers[i].HasKey = m.Providers[i].Key != ""
		m.Providers[i].Key = ""
	}
	if m.Order == nil {
		m.Order = []string{appliance.BoxProvider}
	}
	return m
}

// SaveSettings changes them. A key that is not given stays the stored one, but
// only for the same address: it is not sent to another.
func (s *Service) SaveSettings(ctx context.Context, who appliance.Principal, m appliance.ModelSettings) (appliance.ModelSettings, error) {
	now, err := s.store.ModelSettings(ctx, who.Org)
	if err != nil {
		return m, err
	}
	ids := []string{appliance.BoxProvider}
	m.Providers = slices.Clone(m.Providers)
	for i := range m.Providers {
		p := &m.Providers[i]
		p.Name, p.Model, p.URL, p.Key = strings.TrimSpace(p.Name), strings.TrimSpace(p.Model), strings.TrimSpace(p.URL), strings.TrimSpace(p.Key)
		keepKey(p, now.Providers)
		if slices.Contains(ids, p.ID) {
			return m, errSetting("provider_twice", "Two providers have the same name.", "Give each its own.")
		}
		ids = append(ids, p.ID)
		if err := s.check(*p); err != nil {
			return m, err
		}
	}
	var order []string
	for _, id := range m.Order {
		if !slices.Contains(ids, id) {
			return m, errSetting("provider_unknown", "The order names a provider that there is not.", "Take it out of the order, or add it.")
		}
		if !slices.Contains(order, id) {
			order = append(order, id)
		}
	}
	if !slices.Contains(order, appliance.BoxProvider) {
		order = append(order, appliance.BoxProvider)
	}
	m.Order = order
	m, err = s.store.SaveModelSettings(ctx, who.Org, m, who.Did("models.changed", ""))
	if err != nil {
		return m, err
	}
	s.forget(who.Org)
	return shown(m), nil
}

func keepKey(p *appliance.Provider, stored []appliance.Provider) {
	p.HasKey = false
	if p.Key != "" {
		return
	}
	for _, old := range stored {
		if old.ID == p.ID && old.URL == p.URL && old.Kind == p.Kind {
			p.Key = old.Key
		}
	}
}

func errSetting(reason, message, hint string) error {
	return problem.New(problem.Invalid, reason, message, hint, nil)
}

func (s *Service) check(p appliance.Provider) error {
	switch {
	case p.Name == "" || p.Model == "":
		return errSetting("provider_incomplete", "A provider lacks its name or its model.", "Fill in both.")
	case p.Kind == appliance.ProviderServer && p.URL == "":
		return errSetting("provider_address", "A server lacks its address.", "Type it, such as http://192.168.1.20:8080/v1.")
	case p.Kind != appliance.ProviderServer && p.Key == "" && p.AllowExternal:
		return errSetting("provider_key", "This service wants a key.", "Copy it from the service's own pages.")
	}
	_, err := s.newClient(p)
	if failed, ok := errors.AsType[*openai.Error](err); ok {
		return explain(failed)
	} else if err != nil {
		return errSetting("provider_address", "The address of a server is not one.", "Type it like http://192.168.1.20:8080/v1.")
	}
	return nil
}

// Try asks a provider which models it has, without a question of anybody. The
// audit log hears of it however it ends: the box has called an address that
// somebody gave it.
func (s *Service) Try(ctx context.Context, who appliance.Principal, p appliance.Provider) ([]string, error) {
	now, err := s.store.ModelSettings(ctx, who.Org)
	if err != nil {
		return nil, err
	}
	keepKey(&p, now.Providers)
	if p.Model == "" {
		p.Model = "any"
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	p.AllowExternal = true
	if err := s.check(p); err != nil {
		return nil, err
	}
	client, err := s.newClient(p)
	if err != nil {
		return nil, err
	}
	names, err := client.Models(ctx)
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	if err := s.store.AppendAudit(context.WithoutCancel(ctx), who.Org, who.Did("models.tried", p.ID).With("outcome", outcome)); err != nil {
		return nil, err
	}
	if failed, ok := errors.AsType[*openai.Error](err); ok {
		return nil, explain(failed)
	}
	return names, err
}

// explain says in plain words why a provider cannot be used.
func explain(e *openai.Error) error {
	message, hint := "The server cannot be reached.", "Check the address, and that the box has a link to it."
	switch e.Kind {
	case openai.BadKey:
		message, hint = "The server does not accept the key.", "Copy the key again from the service's own pages."
	case openai.NotFound:
		message, hint = "There is something at this address, but not a model server.", "Most addresses end in /v1."
	case openai.RateLimited:
		message, hint = "The server has been asked too often.", "Wait a few minutes, or look at the limits of your account."
	case openai.BadReply, openai.CutOff, openai.Refused, openai.TooLong:
		message, hint = "What answered is not a model server.", "Check the address. A hotel's or provider's sign-in page may stand in between."
	case openai.Forbidden:
		return problem.New(problem.Invalid, "provider_forbidden", "This is an address of the box itself or of its own links.",
			"Type that of another machine. Who looks after the box can allow this one with BWENGE_PROVIDER_HOSTS.", e)
	case openai.Timeout:
		message, hint = "The server did not answer in time.", "Try again; check that the machine is switched on."
	}
	return problem.New(problem.Unavailable, "provider_"+string(e.Kind), message, hint, e)
}

// Usage lists what models have cost in the last days, today included.
func (s *Service) Usage(ctx context.Context, who appliance.Principal, days int) ([]appliance.Usage, error) {
	now := s.now()
	return s.store.Usage(ctx, who.Org, now.AddDate(0, 0, 1-max(days, 1)), now)
}
