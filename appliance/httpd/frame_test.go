package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func TestBadMessages(t *testing.T) {
	b := newBox(t)
	b.tutor.AskFn = func(context.Context, appliance.Principal, appliance.Question) (Run, error) {
		t.Error("the tutor was asked")
		return nil, errors.New("unexpected")
	}
	b.tutor.ResumeFn = func(context.Context, appliance.Principal, string) (Run, error) { return nil, errGone }
	srv := b.start(t)
	c := connect(t, srv)
	for _, m := range []struct{ message, request, reason string }{
		{`hello`, "", "bad_message"},
		{`{`, "", "bad_message"},
		{`[]`, "", "bad_message"},
		{`null`, "", "bad_version"},
		{`{"v":2,"type":"ask","request":"q1"}`, "q1", "bad_version"},
		{`{"v":1,"type":"shout","request":"q1"}`, "q1", "bad_type"},
		{`{"v":1,"type":"ask"}`, "", "bad_request_id"},
		{`{"v":1,"type":"ask","request":"../x"}`, "", "bad_request_id"},
		{`{"v":1,"type":"ask","request":"q1"}`, "q1", "question_empty"},
		{`{"v":1,"type":"ask","request":"q1","data":[]}`, "q1", "bad_message"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":" "}}`, "q1", "question_empty"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":"` + strings.Repeat("é", 4001) + `"}}`, "q1", "question_long"},
		{`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?","conversation":"../x"}}`, "q1", "bad_message"},
		{`{"v":1,"type":"resume","request":"q1","data":{"after":-1}}`, "q1", "bad_message"},
		{`{"v":1,"type":"resume","request":"q1","data":{"after":3}}`, "q1", "source_not_found"},
	} {
		c.say(m.message)
		f := c.hear()
		var p problem.Problem
		if err := json.Unmarshal(f.Data, &p); err != nil {
			t.Fatal(err)
		}
		if f.Type != "error" || f.Seq != 0 || f.Request != m.request || p.Reason != m.reason || p.Message == "" {
			t.Errorf("%.80s: %+v %s", m.message, f, f.Data)
		}
	}
	c.say(`{"v":1,"type":"ping"}`)
	if f := c.hear(); f.Type != "pong" {
		t.Errorf("the socket is not alive after it all: %+v", f)
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"v":1,"type":"ask","request":"q1","data":{"text":"Why?","conversation":"c1"}}`,
		`{"v":1,"type":"resume","request":"q1","data":{"after":12}}`,
		`{"v":1,"type":"cancel","request":"q1"}`, `{"v":1,"type":"ping"}`, `{"v":1e0}`, `null`, "\xff", `{"data":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		frame, err := parseFrame(message)
		if frame.Request != "" && !idPattern.MatchString(frame.Request) {
			t.Errorf("request id %q", frame.Request)
		}
		if err != nil {
			if code := problem.CodeOf(err); code != problem.Invalid && code != problem.TooLarge {
				t.Errorf("a bad message is %s: %v", code, err)
			}
			return
		}
		if frame.Type != framePing && frame.Request == "" || frame.Data.After < 0 ||
			frame.Data.Conversation != "" && !idPattern.MatchString(frame.Data.Conversation) ||
			len(frame.Data.Text) > len(message) {
			t.Errorf("accepted %+v from %q", frame, message)
		}
	})
}
