package tutor

import (
	"net/http"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/models/modeltest"
)

// An erased school's answers are forgotten, and those that are being made end.
func TestEraseOrganizationEndsRunsAndForgetsAnswers(t *testing.T) {
	writing := make(chan struct{}, 1)
	hold := false
	b := newBox(t, "Lake Kivu is 480 metres deep.", func(l *modeltest.Llama, _ *Config) {
		l.BeforePiece = func(r *http.Request, _ int) error {
			if hold {
				writing <- struct{}{}
				<-r.Context().Done()
			}
			return nil
		}
	})
	watch(t, b.ask(t, appliance.Question{ID: "q1", Text: "How deep is Lake Kivu?"}))
	if len(b.cache.of) != 1 {
		t.Fatal("the answer is not kept")
	}
	hold = true
	r := b.ask(t, appliance.Question{ID: "q2", Text: "What does the nucleus hold?"})
	<-writing
	if err := b.EraseOrganization(t.Context(), "other"); err != nil || len(b.cache.of) != 1 {
		t.Fatal("another school's answers went", err)
	}
	if err := b.EraseOrganization(t.Context(), appliance.DefaultOrg); err != nil {
		t.Fatal(err)
	}
	if s := watch(t, r); s.problem == nil || s.problem.Reason != "school_erased" {
		t.Error(s.problem)
	}
	b.wg.Wait()
	if len(b.cache.of) != 0 || b.cache.order.Len() != 0 || len(b.runs) != 0 {
		t.Error("something is left:", len(b.cache.of), len(b.runs))
	}
}
