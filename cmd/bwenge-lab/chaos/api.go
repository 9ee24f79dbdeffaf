package chaos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// api is the box as its own command line sees it: over the socket in its data
// folder, where nobody has to sign in.
type api struct {
	base string
	http http.Client
}

func newAPI(socket string) *api {
	var dialer net.Dialer
	return &api{"http://localhost/api/v1", http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}}
}

func (a *api) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return a.get(ctx, "/health", nil) == nil
}

func (a *api) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// upload returns the source of a file that the box acknowledged.
func (a *api) upload(ctx context.Context, name string, content []byte) (appliance.Source, error) {
	var out struct {
		Source appliance.Source `json:"source"`
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return out.Source, err
	}
	if _, err := part.Write(content); err != nil {
		return out.Source, err
	}
	if err := form.Close(); err != nil {
		return out.Source, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/knowledge/upload", &body)
	if err != nil {
		return out.Source, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := a.http.Do(req)
	if err != nil {
		return out.Source, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return out.Source, fmt.Errorf("upload: %s", res.Status)
	}
	return out.Source, json.NewDecoder(res.Body).Decode(&out)
}

// ask calls seen for each event of an answer.
func (a *api) ask(ctx context.Context, id, text string, seen func(appliance.Event)) error {
	body, err := json.Marshal(map[string]string{"userMessage": text, "requestId": id})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/ai/respond", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	res, err := a.http.Do(req)
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
			return err
		}
		seen(e)
	}
	return lines.Err()
}
