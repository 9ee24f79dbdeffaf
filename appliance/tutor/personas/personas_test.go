package personas

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestWhatAPersonaMayHold(t *testing.T) {
	many := func(n, length int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint(i)+strings.Repeat("x", length))
		}
		return list
	}
	for name, x := range map[string]struct {
		p      appliance.PersonaContent
		reason string
	}{
		"plain":            {appliance.PersonaContent{Name: " Ada \n Lovelace "}, ""},
		"no name":          {appliance.PersonaContent{Name: " \n"}, "persona_name"},
		"200 rules":        {appliance.PersonaContent{Name: "A", Rules: many(200, 5)}, "persona_rules"},
		"one endless rule": {appliance.PersonaContent{Name: "A", Rules: many(1, 300)}, "persona_rules"},
		"rules in all":     {appliance.PersonaContent{Name: "A", Rules: many(20, 150)}, "persona_rules"},
		"samples":          {appliance.PersonaContent{Name: "A", SamplePrompts: many(9, 5)}, "persona_samples"},
		"choice":           {appliance.PersonaContent{Name: "A", Tone: "rude"}, "persona_choice"},
		"unfit":            {appliance.PersonaContent{Name: "A", Greeting: "Write to me at friend@example.com"}, "persona_unfit"},
	} {
		n, err := clean(x.p)
		if got := problem.Of(err).Reason; err != nil && got != x.reason || err == nil && x.reason != "" {
			t.Errorf("%s: %v", name, err)
		}
		if name == "plain" && n.Name != "Ada Lovelace" {
			t.Error(n.Name)
		}
	}
}

func TestFourAreShipped(t *testing.T) {
	if s, err := New(nil); err != nil || len(s.ship) != 4 {
		t.Fatal(s, err)
	}
}

func TestPupilsDoNotSeeTheRules(t *testing.T) {
	p := appliance.Persona{PersonaContent: appliance.PersonaContent{Name: "A", Rules: []string{"r"}, Sources: []string{"s"}}}
	if got := shownTo(appliance.Principal{Role: appliance.RoleStudent}, p); got.Rules != nil || got.Sources != nil || got.Name != "A" {
		t.Error(got)
	}
	if got := shownTo(appliance.Principal{Role: appliance.RoleTeacher}, p); len(got.Rules) != 1 {
		t.Error(got)
	}
}
