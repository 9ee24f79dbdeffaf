package tutor

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// One pupil cannot make the tutor busy for all, neither from one tablet nor
// from many.
func TestNobodyTakesTheTutorForThemselves(t *testing.T) {
	option, _, release := hold()
	b := newBox(t, "Lake Kivu is 480 metres deep.", option)
	n := 0
	ask := func(user appliance.UserID, session string) (*Run, error) {
		n++
		who := appliance.Principal{Org: appliance.DefaultOrg, User: user, Session: session, Role: appliance.RoleStudent, Scope: appliance.Scope{All: true}}
		return b.Ask(t.Context(), who, appliance.Question{ID: fmt.Sprint("q", n), Text: "How deep is Lake Kivu?"})
	}
	refused := func(err error) bool {
		e, ok := errors.AsType[*problem.Error](err)
		return ok && e.Reason == "too_many_questions"
	}
	var runs []*Run
	open := 0
	for range 80 {
		r, err := ask("amina", "s1")
		switch {
		case err == nil:
			open++
			runs = append(runs, r)
		case !refused(err):
			t.Fatal(err)
		}
	}
	if open != openPerSession {
		t.Errorf("%d questions of one session are open", open)
	}
	for i := range 20 { // they sign in again and again
		if r, err := ask("amina", fmt.Sprint("again", i)); err == nil {
			open++
			runs = append(runs, r)
		}
	}
	if open != openPerAsker {
		t.Errorf("%d questions of one pupil are open", open)
	}
	r, err := ask("eric", "s2")
	if err != nil {
		t.Fatalf("another pupil is turned away: %v", err)
	}
	release()
	for _, r := range append(runs, r) {
		watch(t, r)
	}
	if _, err := ask("amina", "s1"); err != nil {
		t.Errorf("after their answers: %v", err)
	}
}

// A question has one limit, whichever way it comes.
func TestLongQuestions(t *testing.T) {
	b := newBox(t, "Lake Kivu is 480 metres deep.")
	long := "How deep is Lake Kivu? " + strings.Repeat("kivu ", 900)
	for size, fits := range map[int]bool{2001: true, appliance.MaxQuestion: true, appliance.MaxQuestion + 1: false} {
		text := []rune(long)[:size]
		text[size-1] = 'x' // no space to trim
		_, err := b.Ask(t.Context(), appliance.Operator(appliance.DefaultOrg), appliance.Question{ID: fmt.Sprint(size), Text: string(text)})
		if (err == nil) != fits {
			t.Errorf("%d characters: %v", size, err)
		}
	}
	if got := ends("abcdefghij", 4); got != "ab … ij" {
		t.Errorf("%q", got)
	}
}
