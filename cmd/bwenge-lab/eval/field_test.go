package eval

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

func TestFieldCasesAreWellFormed(t *testing.T) {
	cases, err := FieldCases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		patterns := append(append([]string{c.Told, c.Fails}, c.Text...), c.TextNot...)
		for _, q := range c.Ask {
			patterns = append(append(patterns, q.Must...), q.MustNot...)
			if len(q.Must) == 0 || q.Question == "" {
				t.Errorf("%s: a question that nothing can get wrong: %+v", c.File, q)
			}
		}
		for _, p := range patterns {
			if _, err := regexp.Compile("(?i)" + p); err != nil {
				t.Errorf("%s: %v", c.File, err)
			}
		}
		if c.Right == "" || len(c.Text)+len(c.Ask)+len(c.Pupils) == 0 && c.Told == "" && c.Fails == "" {
			t.Errorf("%s: nothing says what is right", c.File)
		}
		if _, _, own := c.Own(); !own && regexp.MustCompile("^testdata:").MatchString(c.File) {
			t.Errorf("%s is not there", c.File)
		}
	}
}

// fakeField reads the same text out of every file and answers alike.
type fakeField struct {
	text, answer string
	mode         appliance.Mode
	status       appliance.Status
}

func (f fakeField) Exists(FieldCase) bool { return true }

func (f fakeField) Read(context.Context, FieldCase) (appliance.Source, []appliance.Chunk, error) {
	return appliance.Source{Status: f.status, Notices: []appliance.Notice{{Code: "formulas_lost"}}}, []appliance.Chunk{{Text: f.text}}, nil
}

func (f fakeField) Pupils(context.Context, FieldCase) ([]string, error) {
	return strings.Split(f.text, "\n"), nil
}

func (f fakeField) AskAbout(context.Context, string, string) (appliance.Answer, error) {
	return appliance.Answer{Mode: f.mode, ResponseText: f.answer, Citations: []appliance.Citation{{Place: appliance.Place{Slide: 2}}}}, nil
}

func TestFieldVerdicts(t *testing.T) {
	ask := []FieldQuestion{{Question: "How fast?", Must: []string{"10⁸"}, MustNot: []string{"108"}, Place: "slide:2"}}
	for _, test := range []struct {
		name  string
		c     FieldCase
		box   fakeField
		want  string
		cited int
	}{
		{"right", FieldCase{Text: []string{"10⁸"}, TextNot: []string{"108"}, Ask: ask}, fakeField{"3 × 10⁸", "10⁸ m/s", appliance.ModeAnswer, appliance.StatusReady}, FieldRight, 0},
		{"text lacks it", FieldCase{Text: []string{"10⁸"}}, fakeField{"3 × 108", "", "", appliance.StatusReady}, FieldWrong, 0},
		{"text holds what it may not", FieldCase{Text: []string{"3"}, TextNot: []string{"108"}}, fakeField{"3 × 108", "", "", appliance.StatusReady}, FieldWrong, 0},
		{"wrong with a citation", FieldCase{Ask: ask}, fakeField{"x", "108 m/s", appliance.ModeAnswer, appliance.StatusReady}, FieldWrong, 1},
		{"not found", FieldCase{Ask: ask}, fakeField{"x", "not there", appliance.ModeNotFound, appliance.StatusReady}, FieldWrong, 0},
		{"told", FieldCase{Text: []string{"42"}, Told: "formula"}, fakeField{"x", "", "", appliance.StatusReady}, FieldTold, 0},
		{"pupils of a list", FieldCase{Pupils: []string{"Ann | P4", "Ben | P4"}}, fakeField{text: "Ben | P4\nAnn | P4"}, FieldRight, 0},
		{"a coach becomes a pupil", FieldCase{Pupils: []string{"Ann | P4"}}, fakeField{text: "Ann | P4\nCoach | P4"}, FieldWrong, 0},
		{"should fail and does not", FieldCase{Fails: "."}, fakeField{"x", "", "", appliance.StatusReady}, FieldWrong, 0},
	} {
		r, err := Field(t.Context(), []FieldCase{test.c}, test.box, func(int, FieldResult) {})
		if err != nil || r.Results[0].Verdict != test.want || r.WrongCited != test.cited {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
}
