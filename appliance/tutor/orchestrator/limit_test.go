package orchestrator

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// A busy program does not use up what another one may ask of a provider.
func TestEachKeyHasItsOwnLimit(t *testing.T) {
	s := New(Config{})
	o := &orgModels{settings: appliance.ModelSettings{Budget: appliance.Budget{PupilRequests: 3}}}
	program := func(key string) appliance.Principal {
		return appliance.Principal{Org: "school", Role: appliance.RoleProgram, Key: &appliance.APIKey{ID: key}}
	}
	for range 3 {
		if !s.mayAsk(o, program("a")) {
			t.Fatal("refused within the limit")
		}
	}
	if s.mayAsk(o, program("a")) {
		t.Error("no limit")
	}
	if !s.mayAsk(o, program("b")) {
		t.Error("another key is held up")
	}
	if !s.mayAsk(o, appliance.Operator("school")) {
		t.Error("who sits at the box is held up by a program")
	}
}
