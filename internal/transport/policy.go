package transport

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// Policy says who may use a route, and how often. There is one for every
// operation and every socket; a route without one does not start.
type Policy struct {
	Least   int   // the lowest rank; 0 for everybody, signed in or not
	Own     bool  // {org} in the path must be the caller's own tenant
	Creates bool  // understands Idempotency-Key
	MaxBody int64 // bytes; 0 is 64 kB, -1 leaves it to the handler
	Program bool  // entered with an API key, and with nothing else
	Limit   Limit // beside the general ones
}

// Limit is how often something may be done. Each has buckets of its own, so
// that using one thing up does not close another.
type Limit struct {
	Name      string
	PerMinute int
	ByAddress bool // else by caller
}

// What a caller, and all callers at one address, may ask for in a minute.
const (
	perCaller  = 1200
	perAddress = 6000
	perBadKey  = 60
)

// defaultBody is how long a body may be where a policy does not say.
const defaultBody = 64 << 10

// Route is an operation with its policy, for those who check that it holds.
type Route struct {
	Operation, Method, Path string
	Policy                  Policy
}

// Routes lists every operation of the API with its policy.
func (s *Server) Routes() []Route { return s.routes }

// Register adds an operation behind its policy.
func Register[I, O any](s *Server, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	policy, ok := s.cfg.Policies[op.OperationID]
	if !ok {
		panic("operation " + op.OperationID + " has no policy")
	}
	if op.MaxBodyBytes = policy.MaxBody; policy.MaxBody == 0 {
		op.MaxBodyBytes = defaultBody
	}
	op.BodyReadTimeout = -1 // the body's own deadline (see body) forgives a slow link
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusTooManyRequests)
	if policy.Program {
		op.Security = []map[string][]string{{"key": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized)
	} else if policy.Least > 0 {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	} else {
		op.Security = []map[string][]string{}
	}
	op.Middlewares = append(op.Middlewares, func(hc huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(hc)
		if err := s.enter(c, op.OperationID, policy, func() { next(hc) }); err != nil {
			WriteProblem(c.Writer, c.Request, err)
		}
	})
	s.routes = append(s.routes, Route{op.OperationID, op.Method, op.Path, policy})
	huma.Register(s.API, op, handler)
	if op.Method == http.MethodGet {
		op.Method, op.Hidden = http.MethodHead, true // the same without a body: see response
		huma.Register(s.API, op, handler)
	}
}

// enter lets a request in by its policy, or says why not. It is the one way to
// every handler.
func (s *Server) enter(c *gin.Context, op string, policy Policy, handle func()) error {
	r := c.Request
	if err := s.admit(r, policy); err != nil {
		return err
	}
	caller := CallerOf(r.Context())
	if policy.Own && c.Param("org") != caller.Tenant {
		return problem.New(problem.NotFound, "org_not_found", "There is no such school here.", "Check the address.", nil)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer s.live.add(caller, func() { cancel(errSignedOut) })()
	c.Request = r.WithContext(ctx)
	setHTTP(c.Request)
	if key := r.Header.Get("Idempotency-Key"); policy.Creates && key != "" {
		if err := s.idempotent(c, key, policy, handle); err != nil {
			return err
		}
	} else {
		handle()
	}
	return nil
}

// admit says who makes a request, and whether they may.
func (s *Server) admit(r *http.Request, policy Policy) error {
	if err := s.limits.allow("address/"+Address(r), perAddress); err != nil {
		return err
	}
	if policy.Limit.ByAddress {
		if err := s.limits.allow(policy.Limit.Name+"/"+Address(r), policy.Limit.PerMinute); err != nil {
			return err
		}
	}
	if policy.Program {
		return s.admitProgram(r)
	}
	caller, err := s.cfg.Authenticate(r)
	if err != nil && policy.Least == 0 {
		return nil
	} else if err != nil {
		return err
	}
	letIn(r, caller)
	if caller.Rank < policy.Least {
		return problem.New(problem.Forbidden, "role_too_low", "You may not do this.",
			"Ask a teacher or the owner of the school.", nil)
	}
	if caller.Subject == "" {
		return nil // the command line
	}
	who := caller.Tenant + "/" + caller.Subject
	if err := s.limits.allow("user/"+who, perCaller); err != nil {
		return err
	}
	if policy.Limit.PerMinute > 0 && !policy.Limit.ByAddress {
		return s.limits.allow(policy.Limit.Name+"/"+who, policy.Limit.PerMinute)
	}
	return nil
}

// admitProgram lets a request with an API key in.
func (s *Server) admitProgram(r *http.Request) error {
	caller, err := s.cfg.AuthenticateProgram(r)
	if err != nil {
		if problem.CodeOf(err) == problem.Unauthorized {
			// Keys are 256 random bits; this only keeps a broken program quiet.
			if limited := s.limits.allow("badkey/"+Address(r), perBadKey); limited != nil {
				return limited
			}
		}
		return err
	}
	letIn(r, caller)
	return s.limits.allow("key/"+caller.Subject, perCaller)
}

var errNoPolicy = errors.New("no policy")

// Allowed reports whether somebody may send a kind of message over a socket
// that they were let in on.
func (s *Server) Allowed(caller Caller, message string) error {
	policy, ok := s.cfg.Policies[message]
	switch {
	case !ok:
		return problem.New(problem.Forbidden, "role_too_low", "You may not do this.", "Ask a teacher.", errNoPolicy)
	case caller.Rank < policy.Least:
		return problem.New(problem.Forbidden, "role_too_low", "You may not do this.", "Ask a teacher.", nil)
	}
	return nil
}
