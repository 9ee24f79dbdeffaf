package httpd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Policy says who may use a route, and how often. There is one for every
// operation, for every frame of the chat socket, and for what is served beside
// the API; a route without one does not start.
type Policy struct {
	Least   appliance.Role // the lowest role; empty for everybody, signed in or not
	Own     bool           // {org} in the path must be one's own school
	Audit   string         // action in the audit log; of a GET, only with what audited says
	Creates bool           // understands Idempotency-Key
	MaxBody int64          // bytes; 0 is 64 kB
	Program bool           // entered with an API key, and with nothing else
	Limit   limit          // beside the general one
}

type limit struct {
	perMinute int
	byAddress bool // else by user
}

var (
	signIns = limit{300, true}  // a class behind one address comes in at once
	loads   = limit{30, false}  // what costs much: imports, exports, prints
	uploads = limit{120, false} // files
	voices  = limit{120, false} // sentences
	helps   = limit{6, false}   // calls for a teacher
)

const (
	perUser    = 1200 // requests a minute
	perAddress = 6000
	smallBody  = 64 << 10
	rosterBody = 16 << 20 // 5,000 pupils in base64
)

const (
	everybody = appliance.Role("")
	student   = appliance.RoleStudent
	teacher   = appliance.RoleTeacher
	admin     = appliance.RoleAdmin
	owner     = appliance.RoleOwner
)

// policies is the one table of who may do what.
var policies = map[string]Policy{
	// the door
	"getBox":            {},
	"getQR":             {},
	"getHealth":         {},
	"register":          {Limit: signIns, Audit: "-"},
	"login":             {Limit: signIns, Audit: "-"},
	"signInPupil":       {Limit: signIns, Audit: "-"},
	"refresh":           {Limit: signIns, Audit: "-"},
	"getClassDoor":      {Limit: signIns},
	"getInvitationDoor": {Limit: signIns},
	"listPictures":      {},
	"getPicture":        {},
	"logout":            {Least: student, Audit: "session.signed_out"},
	"getMe":             {Least: student},
	"updateMe":          {Least: student, Audit: "user.language"},
	"listMySessions":    {Least: student},
	"endMySession":      {Least: student, Audit: "session.ended"},
	"changePassword":    {Least: teacher, Audit: "password.changed", Limit: signIns},

	// the school
	"listOrganizations":  {Least: owner},
	"createOrganization": {Least: owner, Audit: "org.created", Creates: true},
	"getOrganization":    {Least: student, Own: true},
	"updateOrganization": {Least: admin, Own: true, Audit: "org.changed"},
	"eraseOrganization":  {Least: owner, Own: true, Audit: "org.erased"},
	"listMembers":        {Least: teacher, Own: true},
	"addMember":          {Least: teacher, Own: true, Audit: "user.added", Creates: true},
	"getMember":          {Least: teacher, Own: true},
	"updateMember":       {Least: teacher, Own: true, Audit: "user.changed"},
	"removeMember":       {Least: teacher, Own: true, Audit: "user.erased"},
	"resetMember":        {Least: teacher, Own: true, Audit: "user.sign_in_reset"},
	"invite":             {Least: teacher, Own: true, Audit: "invitation.added", Creates: true},
	"listInvitations":    {Least: teacher, Own: true},
	"revokeInvitation":   {Least: teacher, Own: true, Audit: "invitation.revoked"},
	"listClasses":        {Least: teacher, Own: true},
	"addClass":           {Least: teacher, Own: true, Audit: "class.added", Creates: true},
	"getClass":           {Least: teacher, Own: true},
	"updateClass":        {Least: teacher, Own: true, Audit: "class.changed"},
	"deleteClass":        {Least: teacher, Own: true, Audit: "class.deleted"},
	"newClassCode":       {Least: teacher, Own: true, Audit: "class.code_changed"},
	"joinClass":          {Least: teacher, Own: true, Audit: "class.joined"},
	"leaveClass":         {Least: teacher, Own: true, Audit: "class.left"},
	"getCards":           {Least: teacher, Own: true, Audit: "class.cards_printed", Limit: loads},
	"previewImport":      {Least: teacher, Own: true, Audit: "-", MaxBody: rosterBody, Limit: loads},
	"importRoster":       {Least: teacher, Own: true, Audit: "roster.imported", MaxBody: rosterBody, Limit: loads, Creates: true},
	"listImports":        {Least: teacher, Own: true},
	"undoImport":         {Least: teacher, Own: true, Audit: "roster.undone"},
	"listAudit":          {Least: owner, Own: true, Audit: "audit.read"},
	"addSample":          {Least: teacher, Audit: "source.added", Creates: true},

	// material
	"uploadSource":   {Least: teacher, Audit: "source.added", Creates: true, Limit: uploads, MaxBody: -1},
	"getSourceFile":  {Least: student, Audit: "source.downloaded"},
	"headSourceFile": {Least: student},
	"listSources":    {Least: student},
	"getSource":      {Least: student},
	"listChunks":     {Least: student},
	"retrySource":    {Least: teacher, Audit: "source.retried"},
	"cancelSource":   {Least: teacher, Audit: "source.cancelled"},
	"deleteSource":   {Least: teacher, Audit: "source.deleted"},
	"shareSource":    {Least: teacher, Audit: "source.shared"},
	"watchSources":   {Least: student},

	// answers
	"respond":            {Least: student, Audit: "-"},
	"listConversations":  {Least: student},
	"getConversation":    {Least: student},
	"deleteConversation": {Least: student, Audit: "conversation.deleted"},

	"askForHelp": {Least: student, Audit: "-", Limit: helps},
	"transcribe": {Least: student, Audit: "-", Limit: voices, MaxBody: -1},
	"speak":      {Least: student, Audit: "-", Limit: voices},
	"listVoices": {Least: student},

	// tutors
	"listPersonas":       {Least: student},
	"getPersona":         {Least: student},
	"createPersona":      {Least: teacher, Audit: "persona.added", Creates: true},
	"updatePersona":      {Least: teacher, Audit: "persona.changed"},
	"deletePersona":      {Least: teacher, Audit: "persona.deleted"},
	"getPersonaSettings": {Least: teacher},
	"setPersonaSettings": {Least: teacher, Audit: "persona.changed"},
	"sharePersona":       {Least: teacher, Audit: "persona.shared"},
	"copyPersona":        {Least: teacher, Audit: "persona.copied", Creates: true},
	"listVersions":       {Least: teacher},
	"restoreVersion":     {Least: teacher, Audit: "persona.restored"},
	"getPersonaFile":     {Least: teacher},
	"previewPersona":     {Least: teacher, Audit: "-", Limit: loads},
	"retrieve":           {Least: teacher},

	// care
	"listFlags":      {Least: teacher, Own: true, Audit: "flags.read"},
	"seeFlag":        {Least: teacher, Own: true, Audit: "flag.seen"},
	"listMemories":   {Least: student},
	"deleteMemory":   {Least: student, Audit: "memory.deleted"},
	"deleteMemories": {Least: student, Audit: "memory.deleted"},

	// models
	"getModels":    {Least: admin, Own: true},
	"setModels":    {Least: owner, Own: true, Audit: "models.changed"},
	"tryModel":     {Least: owner, Own: true, Audit: "models.tried", Limit: loads},
	"getUsage":     {Least: teacher, Own: true},
	"listAPIKeys":  {Least: admin, Own: true},
	"addAPIKey":    {Least: admin, Own: true, Audit: "key.added"},
	"deleteAPIKey": {Least: admin, Own: true, Audit: "key.deleted"},

	// programs
	"chatCompletions": {Program: true, Audit: "-", MaxBody: 512 << 10},
	"listModels":      {Program: true},
	"embeddings":      {Program: true, Audit: "-", MaxBody: 512 << 10},

	// the chat socket and its frames
	"GET /ws/chat":         {Least: student},
	"frame " + frameAsk:    {Least: student},
	"frame " + frameResume: {Least: student},
	"frame " + frameCancel: {Least: student},
	"frame " + framePing:   {Least: student},

	// beside the API
	"GET /api/openapi.json": {},
	"GET /api/docs":         {},
	"GET /ca.crt":           {},
	"web app":               {},
}

// audited reports whether a reading request goes into the audit log: files only
// when they are saved, not when they are looked at.
func audited(op string, r *http.Request) bool {
	return op != "getSourceFile" || r.URL.Query().Get("download") == "true"
}

// Route is a route with its policy, for those who check that it holds.
type Route struct {
	Operation, Method, Path string
	Policy                  Policy
}

// Routes lists every operation of the API with its policy.
func (s *Server) Routes() []Route { return s.routeList }

// register adds an operation behind its policy.
func register[I, O any](s *Server, api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	policy, ok := policies[op.OperationID]
	if !ok {
		panic("operation " + op.OperationID + " has no policy")
	}
	unsafe := op.Method != http.MethodGet && op.Method != http.MethodHead
	if unsafe && policy.Audit == "" {
		panic("operation " + op.OperationID + " changes something and does not say what the audit log should")
	}
	if op.MaxBodyBytes = policy.MaxBody; policy.MaxBody == 0 {
		op.MaxBodyBytes = smallBody
	}
	op.BodyReadTimeout = -1 // the body's own deadline (see body) forgives a slow link
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusTooManyRequests)
	if policy.Program {
		op.Security = []map[string][]string{{"key": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized)
	} else if policy.Least != everybody {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
	} else {
		op.Security = []map[string][]string{}
	}
	op.Middlewares = append(op.Middlewares, func(hc huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(hc)
		if err := s.enter(c, op.OperationID, policy, func() { next(hc) }); err != nil {
			writeProblem(c.Writer, c.Request, err)
		}
	})
	s.routeList = append(s.routeList, Route{op.OperationID, op.Method, op.Path, policy})
	huma.Register(api, op, handler)
}

// enter lets a request in by its policy, or says why not. It is the one way to
// every handler.
func (s *Server) enter(c *gin.Context, op string, policy Policy, handle func()) error {
	r := c.Request
	if err := s.admit(r, policy); err != nil {
		return err
	}
	p := principalOf(r.Context())
	if policy.Own && c.Param("org") != string(p.Org) {
		return problem.New(problem.NotFound, "org_not_found", "There is no such school here.", "Check the address.", nil)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer s.live.add(p.Session, func() { cancel(errSignedOut) })()
	unsafe := !safe(r)
	var note *appliance.AuditNote
	if policy.Audit != "" && policy.Audit != "-" {
		entry := appliance.AuditEntry{Actor: p.User, Action: policy.Audit, Remote: s.address(r), RequestID: requestIDOf(ctx)}
		for _, param := range c.Params {
			if param.Key != "org" {
				entry.Target = param.Value
			}
		}
		switch {
		case unsafe:
			note = &appliance.AuditNote{Org: p.Org, Entry: entry}
			ctx = appliance.WithAudit(ctx, note)
		case audited(op, r):
			// What is not written down does not leave the box.
			if err := s.parts.Audit.AppendAudit(ctx, p.Org, entry); err != nil {
				return err
			}
		}
	}
	c.Request = r.WithContext(ctx)
	if i, ok := ctx.Value(identityKey{}).(*identity); ok {
		i.request = c.Request
	}
	if key := r.Header.Get("Idempotency-Key"); policy.Creates && key != "" {
		if err := s.once(c, key, policy, handle); err != nil {
			return err
		}
	} else {
		handle()
	}
	if note != nil && !note.Written && c.Writer.Status() < 300 {
		if err := s.parts.Audit.AppendAudit(context.WithoutCancel(r.Context()), p.Org, note.Entry); err != nil {
			loggerOf(ctx).Error("audit", "error", err)
		}
	}
	return nil
}

// admit says who makes a request, and whether she may.
func (s *Server) admit(r *http.Request, policy Policy) error {
	if err := s.limits.allow("address/"+s.address(r), perAddress); err != nil {
		return err
	}
	if policy.Limit.byAddress {
		if err := s.limits.allow("route/"+s.address(r), policy.Limit.perMinute); err != nil {
			return err
		}
	}
	if policy.Program {
		return s.admitProgram(r)
	}
	p, err := s.authenticate(r)
	if err != nil && policy.Least == everybody {
		return nil
	} else if err != nil {
		return err
	}
	if i, ok := r.Context().Value(identityKey{}).(*identity); ok {
		i.principal = p
	}
	if p.Role.Rank() < policy.Least.Rank() {
		return problem.New(problem.Forbidden, "role_too_low", "You may not do this.",
			"Ask a teacher or the owner of the school.", nil)
	}
	who := string(p.Org) + "/" + string(p.User)
	if p.User == "" {
		return nil // the command line
	}
	if err := s.limits.allow("user/"+who, perUser); err != nil {
		return err
	}
	if policy.Limit.perMinute > 0 && !policy.Limit.byAddress {
		return s.limits.allow("load/"+who, policy.Limit.perMinute)
	}
	return nil
}

// once carries a request with an Idempotency-Key out one time and tells its
// answer again when it is repeated.
func (s *Server) once(c *gin.Context, key string, policy Policy, handle func()) error {
	if len(key) > 128 {
		return problem.New(problem.Invalid, "bad_idempotency_key", "The Idempotency-Key is too long.", "Use at most 128 characters.", nil)
	}
	ctx, p := c.Request.Context(), principalOf(c.Request.Context())
	print := sha256.New()
	_, _ = io.WriteString(print, c.Request.Method+" "+c.Request.URL.String()+"\n")
	if policy.MaxBody >= 0 { // an upload streams; its bytes have their own sha256
		most := policy.MaxBody
		if most == 0 {
			most = smallBody
		}
		body, err := io.ReadAll(io.LimitReader(c.Request.Body, most+1))
		if err != nil {
			return s.bodyError(err)
		}
		_, _ = print.Write(body)
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
	}
	stored, err := s.parts.Requests.BeginRequest(appliance.WithAudit(ctx, nil), p.Org, p.User, key, hex.EncodeToString(print.Sum(nil)))
	if err != nil {
		return err
	}
	if stored != nil {
		c.Header("Content-Type", "application/json")
		c.Header("Idempotency-Replayed", "true")
		c.Data(stored.Status, "application/json", stored.Body)
		return nil
	}
	seen := &recording{ResponseWriter: c.Writer}
	c.Writer = seen
	done := false
	// Also after a panic; and after the client has left.
	after := appliance.WithAudit(context.WithoutCancel(ctx), nil)
	defer func() {
		if !done {
			_ = s.parts.Requests.DropRequest(after, p.Org, p.User, key)
		}
	}()
	handle()
	if status := seen.Status(); status < 300 {
		done = true
		return s.parts.Requests.FinishRequest(after, p.Org, p.User, key, appliance.StoredResponse{Status: status, Body: seen.body.Bytes()})
	}
	return nil
}

// recording keeps a copy of an answer.
type recording struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (w *recording) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *recording) WriteString(p string) (int, error) { return w.Write([]byte(p)) }

// limits are token buckets by name. Those that have been full for a while are
// forgotten.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

func (l *limits) allow(name string, perMinute int) error {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		l.swept = now
		for key, b := range l.buckets {
			if now.Sub(b.used) > 2*time.Minute {
				delete(l.buckets, key)
			}
		}
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{Limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
		l.buckets[name] = b
	}
	b.used = now
	if b.Allow() {
		return nil
	}
	wait := b.Reserve()
	delay := wait.Delay()
	wait.Cancel()
	return problem.New(problem.TooMany, "too_many_requests", "This was asked for too often.",
		"Wait a moment, then try again.", nil).With("retry_after_seconds", int(delay.Seconds())+1)
}

var errNoPolicy = errors.New("no policy")

// policyOfFrame is the policy of a frame on the chat socket.
func policyOfFrame(kind string) (Policy, error) {
	p, ok := policies["frame "+kind]
	if !ok || strings.TrimSpace(kind) == "" {
		return p, errNoPolicy
	}
	return p, nil
}
