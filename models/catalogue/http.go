package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"
)

// Limits of downloads. A hub that is not reachable must not hold up a machine
// that has another source.
const (
	connectTimeout = 5 * time.Second
	stallTimeout   = 60 * time.Second // without a byte
	tries          = 4                // of one file, going on where it broke off
)

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: 30 * time.Second,
		ForceAttemptHTTP2:     true,
	}}
}

// errUnreachable says that no connection to a host could be made.
var errUnreachable = errors.New("it cannot be reached")

// fromHub fetches the file from its URL at the public hub.
func (p *Puller) fromHub(ctx context.Context, w Weight, src Source) error {
	return p.download(ctx, w, src.URL, "the public hub")
}

// download fetches a URL into the weight's .part file, going on with what is
// there. A host that could not be reached is not tried again by this Puller.
func (p *Puller) download(ctx context.Context, w Weight, address, from string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if err := p.dead[u.Host]; err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := p.downloadOnce(ctx, w, u, from)
		var status statusError
		switch {
		case err == nil || ctx.Err() != nil || errors.As(err, &status) && !status.temporary():
			return err
		case errors.Is(err, errUnreachable):
			p.dead[u.Host] = err
			return err
		case try == tries:
			return err
		}
		p.note(w, "%s broke off (%v); going on", from, err)
		select {
		case <-time.After(p.backoff * time.Duration(try)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// statusError is an answer other than 200 and 206.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("it answered %d %s", int(e), http.StatusText(int(e)))
}

func (e statusError) temporary() bool {
	return e >= 500 || e == http.StatusTooManyRequests || e == http.StatusRequestTimeout
}

func (p *Puller) downloadOnce(ctx context.Context, w Weight, u *url.URL, from string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f, have, err := openPart(store{p.Dir}.part(w), w.Size)
	if err != nil {
		return err
	}
	defer f.Close()
	if have == w.Size {
		return nil // complete; accept looks at what it is
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	res, err := p.client.Do(req)
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op != "dial" && op.Op != "proxyconnect" {
			return err // it was there and broke off
		}
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK: // the whole file again
		if have, err = 0, f.Truncate(0); err != nil {
			return err
		}
	default:
		return statusError(res.StatusCode)
	}
	if res.ContentLength >= 0 && have+res.ContentLength != w.Size {
		return fmt.Errorf("%w: %d bytes instead of %d", errWrongBytes, have+res.ContentLength, w.Size)
	}
	count := p.counter(w, from, w.Size)
	count(have)
	stall := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing came for %v", stallTimeout)) })
	defer stall.Stop()
	body := &meter{ctx: ctx, r: res.Body, progress: func(n int64) {
		stall.Reset(stallTimeout)
		count(n)
	}}
	// One byte too many is enough to know that it is the wrong file.
	n, err := io.Copy(f, io.LimitReader(body, w.Size-have+1))
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		return err
	}
	if have+n != w.Size {
		return io.ErrUnexpectedEOF
	}
	return f.Close()
}

// openPart opens a .part file for appending and tells how much it has. One
// that is longer than the whole file is started again.
func openPart(name string, size int64) (*os.File, int64, error) {
	if err := os.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, 0, err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > size {
		err = f.Truncate(0)
		return f, 0, err
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
