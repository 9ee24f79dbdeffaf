package box

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// choiceFile in the data folder holds the models that somebody has chosen in
// place of the tier's: their sha256 by kind.
const choiceFile = "models.json"

// besides is what the system, the program and the database need of the memory.
const besides = 1_500_000_000

func (c *Config) choice() map[catalogue.Kind]string {
	chosen := map[catalogue.Kind]string{}
	if text, err := os.ReadFile(c.Path(choiceFile)); err != nil || json.Unmarshal(text, &chosen) != nil {
		return nil
	}
	return chosen
}

// Weights are those that the box runs on: the tier's, unless somebody has chosen
// others that are here. A tier that was given overrules that.
func (c *Config) Weights() map[catalogue.Kind]catalogue.Weight {
	set := map[catalogue.Kind]catalogue.Weight{}
	for _, w := range catalogue.ForTier(catalogue.Tier(c.Tier)) {
		set[w.Kind] = w
	}
	if !c.picked {
		return set
	}
	chosen := c.choice()
	for _, w := range catalogue.Weights() {
		if chosen[w.Kind] == w.SHA256 && catalogue.Present(c.Models, w) {
			set[w.Kind] = w
		}
	}
	return set
}

// Choose has the box run on a model from its next start on.
func (c *Config) Choose(w catalogue.Weight) error {
	if w.Kind != catalogue.KindChat && w.Kind != catalogue.KindSpeech {
		return problem.New(problem.Invalid, "model_not_chosen",
			fmt.Sprintf("%s is not a model that can be chosen.", w.Name),
			"Models for chat and for speech can.", nil)
	}
	if !c.picked {
		return problem.New(problem.Conflict, "tier_given",
			fmt.Sprintf("The tier %s was given, and overrules what is chosen.", c.Tier),
			"Start the box, and this command, without --tier and BWENGE_TIER.", nil)
	}
	if _, err := catalogue.Locate(c.Models, w); err != nil {
		return err
	}
	ram, err := Memory()
	if err != nil {
		return err
	}
	set := c.Weights()
	set[w.Kind] = w
	need := int64(besides)
	for _, one := range set {
		need += one.RAM
	}
	if uint64(need) > ram {
		return problem.New(problem.TooLarge, "model_too_large",
			fmt.Sprintf("With %s the box needs about %s of memory, and this machine has %s.", w.Name, catalogue.Bytes(need), catalogue.Bytes(int64(ram))),
			"Choose a smaller one.", nil)
	}
	chosen := c.choice()
	if chosen == nil {
		chosen = map[catalogue.Kind]string{}
	}
	chosen[w.Kind] = w.SHA256
	return writeJSON(c.Path(choiceFile), chosen)
}

// ChooseTier has the box run on the models of its tier again, and picks that
// by what is known by now.
func (c *Config) ChooseTier() error {
	if err := os.Remove(c.Path(choiceFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !c.picked {
		return nil
	}
	return c.pickTier()
}
