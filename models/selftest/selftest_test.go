package selftest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/text"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

func TestSet(t *testing.T) {
	kinds, ids, none := map[string]int{}, map[string]bool{}, 0
	for _, x := range set.Texts {
		if n := len(strings.Fields(x.Text)); n < 60 || n > 120 || instructions[x.Language] == "" {
			t.Errorf("%s: %d words in %q", x.ID, n, x.Language)
		}
		words := " " + strings.Join(text.Words(x.Text), " ") + " "
		for _, q := range x.Questions {
			if kinds[q.Kind]++; ids[q.ID] {
				t.Errorf("%s is there twice", q.ID)
			}
			ids[q.ID] = true
			if q.Kind == "none" {
				if none++; len(q.Accept)+len(q.Forbid) > 0 {
					t.Errorf("%s has no answer, and rules for one", q.ID)
				}
				continue
			}
			for _, group := range q.Accept {
				for _, w := range group {
					if folded := strings.Join(text.Words(strings.TrimSuffix(w, "*")), " "); folded != strings.TrimSuffix(w, "*") {
						t.Errorf("%s: %q is never found, %q would be", q.ID, w, folded)
					}
				}
				if q.Kind != "yesno" && !slices.ContainsFunc(group, func(w string) bool { return has(words, w) }) {
					t.Errorf("%s: no word of %v is in the text", q.ID, group)
				}
			}
		}
	}
	if len(ids) != 30 || none != 6 || len(kinds) != 8 || len(set.Texts) != 10 {
		t.Errorf("%d questions about %d texts, %d without an answer, of kinds %v", len(ids), len(set.Texts), none, kinds)
	}
}

func question(t *testing.T, id string) Question {
	t.Helper()
	for _, x := range set.Texts {
		for _, q := range x.Questions {
			if q.ID == id {
				return q
			}
		}
	}
	t.Fatal("no question", id)
	return Question{}
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		id, answer string
		want       Verdict
	}{
		{"well-depth", "The well is 34 metres deep.", Right},
		{"well-depth", "34", Right},
		{"well-depth", "It gives 900 litres.", Wrong},
		{"well-depth", "It is 43 metres deep.", Wrong},
		{"well-depth", "The text does not say.", Missed},
		{"well-depth", "", Missed},
		{"bees-tasks", "She cleans the cells, feeds the larvae and guards the entrance.", Right},
		{"bees-tasks", "She cleans the cells.", Missed},
		{"bees-tasks", "She flies out and dances.", Wrong},
		{"bees-queen", "No, the queen lays all the eggs.", Right},
		{"bees-queen", "Yes, workers lay eggs.", Wrong},
		{"bees-queen", "The text does not say.", Missed},
		{"eau-sel", "Le texte ne le dit pas.", Missed},
		{"eau-sel", "Non, bouillir n'enlève pas le sel.", Right},
		{"eau-sel", "Oui, elle enlève le sel.", Wrong},
		{"volcan-lave", "Le magma est de la roche fondue.", Right},
		{"volcan-date", "Le texte ne le dit pas.", Right},
		{"volcan-date", "Le Karisimbi est entré en éruption en 1977.", Wrong},
		{"volcan-date", "  ", Missed},
		{"moon-weight", "The mass of the Moon is not mentioned in the text.", Right},
		{"moon-weight", "It is 73 tonnes.", Wrong},
		{"pont-interdit", "Les motos et les vaches.", Right},
		{"pont-interdit", "Les motos.", Missed},
	} {
		if got := question(t, test.id).judge(test.answer); got != test.want {
			t.Errorf("%s, %q: %s, want %s", test.id, test.answer, got, test.want)
		}
	}
}

func TestRun(t *testing.T) {
	fake := modeltest.StartLlama(t)
	fake.Reply = func(turns []models.Turn) string {
		last := turns[len(turns)-1].Content
		switch {
		case !strings.HasPrefix(last, "Text: "):
			return "What text?"
		case strings.Contains(last, "How deep is the well"):
			return "It is 34 metres deep."
		case strings.Contains(last, "Combien coûte"):
			return "Une visite coûte 5 000 francs."
		case strings.Contains(turns[0].Content, "Réponds"):
			return "Le texte ne le dit pas."
		}
		return "The text does not say."
	}
	told := 0
	r, err := Run(t.Context(), Of(fake.Chat()), func(Answer) { told++ })
	if err != nil || r.Right != 6 || r.Wrong != 1 || r.Total != 30 || told != 30 || len(r.Answers) != 30 || r.Version != Version() || r.At.IsZero() {
		t.Errorf("%+v, %v: want the depth and five refusals right, and a price made up", r, err)
	}
	if r.Seconds = 2.14; r.String() != "6 of 30 right, 1 wrong, 2.1 s" {
		t.Error(r)
	}
	for _, asked := range fake.Asked() {
		if asked.Temperature != 0 || asked.MaxTokens != longest || len(asked.Turns) != 2 {
			t.Errorf("asked %+v", asked)
		}
	}
}

func TestRunStops(t *testing.T) {
	full := errors.New("pupils ask")
	asked := 0
	_, err := Run(t.Context(), func(context.Context, models.Prompt) (string, time.Duration, error) {
		if asked++; asked == 3 {
			return "", 0, full
		}
		return "34", 1, nil
	}, nil)
	if err != full || asked != 3 {
		t.Errorf("%v after %d", err, asked)
	}
}
