package transport

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// StoredResponse is the answer to a request that may be sent again.
type StoredResponse struct {
	Status int
	Body   []byte
}

// RequestKey names a request that may be sent again.
type RequestKey struct {
	Tenant, Subject string
	Key             string // the client's own
}

// RequestStore remembers answers to requests that may be sent again.
type RequestStore interface {
	// BeginRequest returns the stored answer if there is one, nil to go ahead.
	// fingerprint tells requests apart that differ in anything but the key.
	BeginRequest(ctx context.Context, key RequestKey, fingerprint string) (*StoredResponse, error)
	FinishRequest(ctx context.Context, key RequestKey, r StoredResponse) error
	// DropRequest forgets a request that changed nothing, so that it can be sent
	// again.
	DropRequest(ctx context.Context, key RequestKey) error
}

// idempotent carries a request with an Idempotency-Key out one time and tells
// its answer again when it is repeated.
func (s *Server) idempotent(c *gin.Context, text string, policy Policy, handle func()) error {
	if len(text) > 128 {
		return problem.New(problem.Invalid, "bad_idempotency_key", "The Idempotency-Key is too long.", "Use at most 128 characters.", nil)
	}
	ctx, caller := c.Request.Context(), CallerOf(c.Request.Context())
	key := RequestKey{caller.Tenant, caller.Subject, text}
	print := sha256.New()
	_, _ = io.WriteString(print, c.Request.Method+" "+c.Request.URL.String()+"\n")
	if policy.MaxBody >= 0 { // an upload streams; its bytes have their own sha256
		most := policy.MaxBody
		if most == 0 {
			most = defaultBody
		}
		body, err := io.ReadAll(io.LimitReader(c.Request.Body, most+1))
		if err != nil {
			return BodyError(err)
		}
		_, _ = print.Write(body)
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
	}
	stored, err := s.cfg.Requests.BeginRequest(ctx, key, hex.EncodeToString(print.Sum(nil)))
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
	after := context.WithoutCancel(ctx) // also after the client has left, or a panic
	defer func() {
		if !done {
			_ = s.cfg.Requests.DropRequest(after, key)
		}
	}()
	handle()
	if status := seen.Status(); status < 300 {
		// It is done, and the client has its answer. Should the answer not be kept,
		// the key stays taken, so that nothing is done twice.
		done = true
		if err := s.cfg.Requests.FinishRequest(after, key, StoredResponse{Status: status, Body: seen.body.Bytes()}); err != nil {
			Logger(ctx).Error("the answer to a request that may be sent again is not kept", slog.Any("error", err))
		}
	}
	return nil
}

// recording keeps a copy of an answer.
type recording struct {
	gin.ResponseWriter
	body bytes.Buffer
}

// Unwrap lets begun and http.ResponseController look through.
func (w *recording) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recording) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *recording) WriteString(p string) (int, error) { return w.Write([]byte(p)) }
