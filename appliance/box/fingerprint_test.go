package box

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"
)

// Whoever is to trust the box's authority can compare its certificate: what is
// given out over HTTP and over HTTPS is the same, it is what the handshake's
// certificate was signed with, and the page about it and the printed cards show
// its fingerprint.
func TestFingerprintIsShownEverywhere(t *testing.T) {
	base, secure, c := serveSecurely(t)

	plain, encrypted := fetch(t, c, base+"/ca.crt", ""), fetch(t, c, secure+"/ca.crt", "")
	block, _ := pem.Decode(plain)
	if block == nil || !bytes.Equal(plain, encrypted) {
		t.Fatalf("/ca.crt: %q over HTTP, %q over HTTPS", plain, encrypted)
	}
	sum := sha256.Sum256(block.Bytes)
	want := strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")

	for _, from := range []string{base, secure} {
		if got := boxInfo(t, c, from).Fingerprint; got != want {
			t.Errorf("the page at %s shows %q, not %q", from, got, want)
		}
	}
	conn, err := tls.Dial("tcp", strings.TrimPrefix(secure, "https://"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is the certificate that is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	chain := conn.ConnectionState().PeerCertificates
	if last := chain[len(chain)-1]; !bytes.Equal(last.Raw, block.Bytes) || chain[0].CheckSignatureFrom(last) != nil {
		t.Error("HTTPS is not served with a certificate of the authority that is given out")
	}

	reason, owner := register(t, c, base, "")
	if reason != "" {
		t.Fatal(reason)
	}
	token := owner["access_token"].(string)
	api := base + "/api/v1/orgs/" + owner["organization"].(map[string]any)["id"].(string)
	class := sendJSON(t, c, api+"/classes", token, map[string]any{"name": "P5"})["id"].(string)
	sendJSON(t, c, api+"/members", token, map[string]any{"name": "Uwase", "classes": []string{class}})
	cards := printed(t, fetch(t, c, api+"/classes/"+class+"/cards.pdf", token))
	// As much as a child can compare: 64 bits.
	if !bytes.Contains(cards, utf16be("Uwase")) || !bytes.Contains(cards, utf16be(want[:23]+" …")) {
		t.Errorf("%q is not on the cards", want[:23])
	}
}

// serveSecurely serves a box over HTTP and HTTPS.
func serveSecurely(t *testing.T) (base, secure string, c *http.Client) {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	var on [2]net.Listener
	for i := range on {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		on[i] = ln
	}
	cfg := &Config{Data: t.TempDir(), Addr: on[0].Addr().String(), TLSAddr: on[1].Addr().String(), Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge"}
	b, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, on[0], tls.NewListener(on[1], b.Certs.TLSConfig())) }()
	c = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // a first visit
	t.Cleanup(func() {
		c.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		b.Close()
	})
	return "http://" + cfg.Addr, "https://" + cfg.TLSAddr, c
}

func fetch(t *testing.T, c *http.Client, url, token string) []byte {
	t.Helper()
	return exchange(t, c, http.MethodGet, url, token, nil)
}

func sendJSON(t *testing.T, c *http.Client, url, token string, what map[string]any) (answer map[string]any) {
	t.Helper()
	body, _ := json.Marshal(what)
	if err := json.Unmarshal(exchange(t, c, http.MethodPost, url, token, body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func exchange(t *testing.T, c *http.Client, method, url, token string, body []byte) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatal(url, res.Status, err, string(answer))
	}
	return answer
}

// printed is what the pages of a PDF draw.
func printed(t *testing.T, pdf []byte) (content []byte) {
	t.Helper()
	for _, part := range bytes.Split(pdf, []byte("\nstream\n"))[1:] {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // not compressed
		}
		page, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, page...)
	}
	return content
}

// utf16be is how text stands in a PDF whose fonts hold all languages.
func utf16be(text string) (b []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}
