package box

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Client speaks the box's HTTP API over its Unix socket. The
// command line has no other way in: what it can do, the API can.
type Client struct {
	http   http.Client
	School string // slug or id; empty for the box's first
}

func NewClient(socket string) *Client {
	var dialer net.Dialer
	return &Client{http: http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}}
}

// ErrGone says that the box ended while it was being talked to.
var ErrGone = errors.New("the box stopped answering")

func (c *Client) Do(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.School != "" {
		req.Header.Set("X-Tenant-Id", c.School)
	}
	if strings.HasPrefix(path, "/ai/") {
		req.Header.Set("Accept", "text/event-stream")
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	if res.StatusCode >= 400 {
		defer res.Body.Close()
		return nil, ProblemFrom(res)
	}
	return res, nil
}

func ProblemFrom(res *http.Response) error {
	var p struct {
		Detail string         `json:"detail"`
		Code   problem.Code   `json:"code"`
		Reason string         `json:"reason"`
		Hint   string         `json:"hint"`
		Params map[string]any `json:"params"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p); err != nil || p.Detail == "" {
		return fmt.Errorf("the box answered %s", res.Status)
	}
	return &problem.Error{Problem: problem.Problem{
		Code: p.Code, Reason: p.Reason, Message: p.Detail, Hint: p.Hint, Params: p.Params,
	}}
}

// Call makes a request without a body and reads its answer.
func Call[T any](ctx context.Context, c *Client, method, path string) (T, error) {
	return receive[T](c.Do(ctx, method, path, "", nil))
}

// Send makes a request with a JSON body and reads its answer.
func Send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return *new(T), err
	}
	return receive[T](c.Do(ctx, method, path, "application/json", bytes.NewReader(text)))
}

func receive[T any](res *http.Response, err error) (T, error) {
	var out T
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("%w: %w", ErrGone, err)
	}
	return out, nil
}

func (c *Client) Source(ctx context.Context, id string) (appliance.Source, error) {
	return Call[appliance.Source](ctx, c, http.MethodGet, "/knowledge/"+url.PathEscape(id)+"/status")
}

// Archive is what a ZIM file holds that waits for a choice.
func (c *Client) Archive(ctx context.Context, id string) (appliance.ArchiveState, error) {
	return Call[appliance.ArchiveState](ctx, c, http.MethodGet, "/knowledge/"+url.PathEscape(id)+"/archive")
}

// TakeArchive takes a ZIM file or a part of it in.
func (c *Client) TakeArchive(ctx context.Context, id string, sel appliance.ArchiveSelection) error {
	body, err := json.Marshal(sel)
	if err != nil {
		return err
	}
	res, err := c.Do(ctx, http.MethodPost, "/knowledge/"+url.PathEscape(id)+"/archive", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Upload streams a file to the box.
func (c *Client) Upload(ctx context.Context, path string) (src appliance.Source, existed bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return src, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return src, false, err
	}
	if !info.Mode().IsRegular() {
		return src, false, fmt.Errorf("%s is not a file", path)
	}

	// The parts around the file are built first, so that the length is known
	// and the box can refuse early what its disk has no room for.
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreateFormFile("file", filepath.Base(path)); err != nil {
		return src, false, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	length := int64(head.Len()) + info.Size() + int64(len(tail))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/api/v1/knowledge/upload",
		io.MultiReader(&head, io.LimitReader(f, info.Size()), strings.NewReader(tail)))
	if err != nil {
		return src, false, err
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return src, false, ctx.Err()
		}
		return src, false, fmt.Errorf("%w: %w", ErrGone, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return src, false, ProblemFrom(res)
	}
	var out struct {
		Source  appliance.Source `json:"source"`
		Existed bool             `json:"existed"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return src, false, fmt.Errorf("%w: %w", ErrGone, err)
	}
	return out.Source, out.Existed, nil
}

// Ask follows an answer event by event.
func (c *Client) Ask(ctx context.Context, requestID, conversation, text string, emit func(appliance.Event) error) error {
	body, err := json.Marshal(map[string]string{
		"userMessage": text, "requestId": requestID, "sessionId": conversation,
	})
	if err != nil {
		return err
	}
	res, err := c.Do(ctx, http.MethodPost, "/ai/respond", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e appliance.Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return fmt.Errorf("the box sent an event that cannot be read: %w", err)
		}
		if err := emit(e); err != nil {
			return err
		}
		if e.Type == appliance.EventDone || e.Type == appliance.EventError {
			return nil
		}
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrGone
}

// Reachable reports whether a box listens on the socket.
func Reachable(socket string) bool {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
