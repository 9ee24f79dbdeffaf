package eval

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/bwenge-os/bwenge/appliance"
)

// FieldCase is a file that people had trouble with, and what is right for it.
type FieldCase struct {
	Case    string          `json:"case"`
	File    string          `json:"file"`
	Right   string          `json:"right"`              // in words
	Text    []string        `json:"text,omitempty"`     // patterns that the text must hold
	TextNot []string        `json:"text_not,omitempty"` // and may not hold
	Ask     []FieldQuestion `json:"ask,omitempty"`
	Told    string          `json:"told,omitempty"`   // pattern of a notice, count or doubt that is right too
	Fails   string          `json:"fails,omitempty"`  // pattern of the reason, if the file cannot be read
	Pupils  []string        `json:"pupils,omitempty"` // a class list: "Name | Class, Class", these and no other
}

// FieldQuestion is a question about a case's file alone.
type FieldQuestion struct {
	Question string   `json:"question"`
	Must     []string `json:"must"`
	MustNot  []string `json:"must_not,omitempty"`
	Place    string   `json:"place,omitempty"` // of a citation: "slide:3", "page:2", "start" for any time
}

//go:embed field.jsonl
var fieldCases []byte

// ownFiles are variants that this project made itself; cases name them
// "testdata:FILE".
//
//go:embed testdata/field
var ownFiles embed.FS

// Own returns the bytes and the name of a case's file if it is the project's own.
func (c FieldCase) Own() (data []byte, name string, ok bool) {
	name, ok = strings.CutPrefix(c.File, "testdata:")
	if !ok {
		return nil, "", false
	}
	data, err := ownFiles.ReadFile("testdata/field/" + name)
	return data, name, err == nil
}

// FieldCases are the cases of the field set.
func FieldCases() ([]FieldCase, error) { return ReadLines[FieldCase](bytes.NewReader(fieldCases)) }

// FieldBox is what a case is tried on.
type FieldBox interface {
	// Exists reports whether a case's file is there.
	Exists(c FieldCase) bool
	// Read takes a case's file in and returns its source, failed ones too, and
	// the text that can be searched.
	Read(ctx context.Context, c FieldCase) (appliance.Source, []appliance.Chunk, error)
	// Pupils returns who would become a pupil by a class list, as FieldCase.Pupils has them.
	Pupils(ctx context.Context, c FieldCase) ([]string, error)
	// AskAbout asks a question of which only one source may answer.
	AskAbout(ctx context.Context, sourceID, question string) (appliance.Answer, error)
}

// Verdicts of a case.
const (
	FieldRight   = "right"
	FieldTold    = "told" // not read, and the teacher is told
	FieldWrong   = "wrong"
	FieldMissing = "no file"
)

// FieldResult is how a case came out.
type FieldResult struct {
	Case    string   `json:"case"`
	File    string   `json:"file"`
	Right   string   `json:"right"`
	Read    string   `json:"read"`
	Verdict string   `json:"verdict"`
	Faults  []string `json:"faults,omitempty"`
}

// FieldReport is the table of all cases.
type FieldReport struct {
	Results []FieldResult  `json:"results"`
	Count   map[string]int `json:"count"`
	// WrongCited counts answers that say something wrong and cite it.
	Questions  int `json:"questions"`
	Answered   int `json:"answered"`
	WrongCited int `json:"wrong_cited"`
}

// Field tries all cases. A case that fails does not end it; when it is
// interrupted, the report has what was tried until then.
func Field(ctx context.Context, cases []FieldCase, b FieldBox, progress func(done int, r FieldResult)) (FieldReport, error) {
	r := FieldReport{Count: map[string]int{}}
	for i, c := range cases {
		result := FieldResult{Case: c.Case, File: c.File, Right: c.Right, Verdict: FieldMissing}
		if b.Exists(c) {
			r.try(ctx, c, b, &result)
		}
		if ctx.Err() != nil { // interrupted: what is known is told
			break
		}
		r.Results = append(r.Results, result)
		r.Count[result.Verdict]++
		progress(i+1, result)
	}
	return r, nil
}

func (r *FieldReport) try(ctx context.Context, c FieldCase, b FieldBox, result *FieldResult) {
	if len(c.Pupils) > 0 {
		tryList(ctx, c, b, result)
		return
	}
	src, chunks, err := b.Read(ctx, c)
	if err != nil {
		result.Verdict, result.Faults = FieldWrong, []string{err.Error()}
		return
	}
	var text, told strings.Builder
	for _, x := range chunks {
		fmt.Fprintf(&text, "%s\n%s\n", x.Heading, x.Text)
	}
	for _, n := range src.Notices {
		told.WriteString(n.Code + " " + n.Message + "\n")
	}
	result.Read = summary(src, chunks)
	for what, n := range src.Contents {
		fmt.Fprintf(&told, "%d %s\n", n, what)
	}
	if src.Problem != nil {
		told.WriteString(src.Problem.Reason + " " + src.Problem.Message)
		result.Read = src.Problem.Reason + ": " + src.Problem.Message
	}
	fault := func(format string, args ...any) { result.Faults = append(result.Faults, fmt.Sprintf(format, args...)) }
	if (src.Status == appliance.StatusFailed) != (c.Fails != "") {
		fault("%s", result.Read)
	}
	if c.Fails != "" && !matches(c.Fails, told.String()) {
		fault("the message says nothing of %s", c.Fails)
	}
	for _, p := range c.Text {
		if !matches(p, text.String()) {
			fault("the text lacks %s", p)
		}
	}
	for _, p := range c.TextNot {
		if matches(p, text.String()) {
			fault("the text holds %s", p)
		}
	}
	if len(result.Faults) == 0 {
		for _, q := range c.Ask {
			r.ask(ctx, src.ID, q, b, fault)
		}
	}
	switch {
	case len(result.Faults) == 0 && (len(c.Text)+len(c.Ask) > 0 || c.Fails != ""):
		result.Verdict = FieldRight
	case c.Told != "" && matches("(?i)"+c.Told, told.String()):
		result.Verdict = FieldTold
	default:
		result.Verdict = FieldWrong
	}
}

func tryList(ctx context.Context, c FieldCase, b FieldBox, result *FieldResult) {
	got, err := b.Pupils(ctx, c)
	if err != nil {
		result.Verdict, result.Faults = FieldWrong, []string{err.Error()}
		return
	}
	result.Read, result.Verdict = strings.Join(got, "; "), FieldRight
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.Pupils))) {
		result.Verdict, result.Faults = FieldWrong, []string{"the pupils are " + result.Read}
	}
}

func (r *FieldReport) ask(ctx context.Context, source string, q FieldQuestion, b FieldBox, fault func(string, ...any)) {
	r.Questions++
	a, err := b.AskAbout(ctx, source, q.Question)
	if err != nil {
		fault("%q: %v", q.Question, err)
		return
	}
	short := strings.Join(strings.Fields(a.ResponseText), " ")
	bad := ""
	for _, p := range q.Must {
		if !matches("(?i)"+p, a.ResponseText) {
			bad = "lacks " + p
		}
	}
	// Passages and quotations may hold other rows too; what is said before them may not.
	said, _, _ := strings.Cut(a.ResponseText, "“")
	for _, p := range q.MustNot {
		if a.Mode == appliance.ModeAnswer && matches("(?i)"+p, said) {
			bad = "holds " + p
		}
	}
	if bad == "" && q.Place != "" && !placed(q.Place, a.Citations) {
		bad = "is not cited at " + q.Place
	}
	if bad == "" {
		r.Answered++
		return
	}
	if a.Mode == appliance.ModeAnswer && len(a.Citations) > 0 {
		r.WrongCited++
	}
	fault("%q: %s: %s", q.Question, bad, short)
}

func placed(place string, cited []appliance.Citation) bool {
	for _, c := range cited[:min(1, len(cited))] {
		switch place {
		case "start":
			return c.Place.End > 0
		case fmt.Sprintf("slide:%d", c.Place.Slide), fmt.Sprintf("page:%d", c.Place.Page):
			return true
		}
	}
	return false
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

func summary(src appliance.Source, chunks []appliance.Chunk) string {
	words, tables := 0, map[int]bool{}
	for _, x := range chunks {
		words += len(strings.Fields(x.Text))
		if x.TableNo > 0 {
			tables[x.TableNo] = true
		}
	}
	said := []string{fmt.Sprintf("%d words", words)}
	if len(tables) > 0 {
		said = append(said, fmt.Sprintf("%d tables", len(tables)))
	}
	for _, n := range src.Notices {
		said = append(said, n.Code)
	}
	return strings.Join(said, ", ")
}

// Print writes the report as a table for people.
func (r FieldReport) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CASE\tFILE\tRIGHT IS\tREAD\tVERDICT")
	for _, x := range r.Results {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.Case, x.File, x.Right, x.Read, x.Verdict)
		for _, f := range x.Faults {
			fmt.Fprintf(w, "\t\t  %s\t\t\n", f)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d right, %d told, %d wrong, %d without a file; %d of %d questions right, %d wrong with a citation\n",
		r.Count[FieldRight], r.Count[FieldTold], r.Count[FieldWrong], r.Count[FieldMissing], r.Answered, r.Questions, r.WrongCited)
	return err
}
