package box

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/appliance/httpd"
)

// newBoxOn serves an unclaimed box on a listener and its unix socket.
func newBoxOn(t *testing.T, ln net.Listener, proxies string) *Box {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	cfg := &Config{Data: t.TempDir(), Addr: ln.Addr().String(), Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge", Proxies: proxies}
	b, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- b.While(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil }, ln)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		b.Close()
	})
	return b
}

// register claims a box and returns the reason why not, and the answer.
func register(t *testing.T, c *http.Client, base, code string, headers ...string) (reason string, answer map[string]any) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"school_name": "School", "name": "Keza", "login": "keza", "password": "seven green hills",
		"allow_plain_passwords": true, "claim_code": code})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/auth/register", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(res.Status, string(text))
	}
	if res.StatusCode >= 300 {
		reason, _ = answer["reason"].(string)
		if reason == "" {
			t.Fatal(res.Status, string(text))
		}
	}
	return reason, answer
}

func boxInfo(t *testing.T, c *http.Client, base string) httpd.BoxInfo {
	t.Helper()
	info, err := receive[httpd.BoxInfo](c.Get(base + "/api/v1/box"))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// otherNamespace makes a network namespace with one link to this one, and a
// client in it. It skips, aloud, where that is not allowed.
func otherNamespace(t *testing.T) (address string, c *http.Client) {
	t.Helper()
	name := fmt.Sprintf("bwt%d", os.Getpid())
	ip := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("NOT TRIED from another network namespace: ip %s: %v %s", strings.Join(args, " "), err, out)
		}
	}
	ip("netns", "add", name)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	ip("link", "add", name+"a", "type", "veth", "peer", "name", name+"b", "netns", name)
	t.Cleanup(func() { _ = exec.Command("ip", "link", "del", name+"a").Run() })
	ip("addr", "add", "10.203.77.1/24", "dev", name+"a")
	ip("link", "set", name+"a", "up")
	ip("-n", name, "addr", "add", "10.203.77.2/24", "dev", name+"b")
	ip("-n", name, "link", "set", name+"b", "up")
	dial := func(ctx context.Context, network, to string) (net.Conn, error) {
		type dialled struct {
			conn net.Conn
			err  error
		}
		done := make(chan dialled, 1)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			there, err := os.Open("/var/run/netns/" + name)
			if err == nil {
				defer there.Close()
				err = unix.Setns(int(there.Fd()), unix.CLONE_NEWNET)
			}
			if err != nil {
				done <- dialled{nil, err}
				return
			}
			var d net.Dialer
			conn, err := d.DialContext(ctx, network, to)
			done <- dialled{conn, err}
		}()
		x := <-done
		return x.conn, x.err
	}
	return "10.203.77.1", &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// A box is claimed from another machine by its code alone, from itself without;
// erasing its only school changes nothing of that, and begins another one.
func TestClaimFromAnotherMachine(t *testing.T) {
	address, there := otherNamespace(t)
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	b := newBoxOn(t, ln, "")
	port := ln.Addr().(*net.TCPAddr).Port
	far, near := fmt.Sprintf("http://%s:%d", address, port), fmt.Sprintf("http://127.0.0.1:%d", port)
	cli := NewClient(b.Socket)

	if info := boxInfo(t, there, far); !info.SetupNeeded || !info.ClaimNeeded || info.ClaimCode != "" {
		t.Errorf("from another machine: %+v", info)
	}
	if info := boxInfo(t, http.DefaultClient, near); info.ClaimNeeded || info.ClaimCode != "" {
		t.Errorf("from the box: %+v", info)
	}
	for _, code := range []string{"", "BBBBBBBB"} {
		if reason, _ := register(t, there, far, code); !strings.HasPrefix(reason, "claim_code_") {
			t.Fatalf("claimed from another machine with the code %q: %s", code, reason)
		}
	}
	// Its own address is not its loopback: whoever came there may have come from
	// anywhere by then.
	if reason, _ := register(t, http.DefaultClient, far, ""); reason != "claim_code_needed" {
		t.Error(reason)
	}
	info, err := Call[httpd.BoxInfo](t.Context(), cli, http.MethodGet, "/box")
	if err != nil || info.ClaimCode == "" {
		t.Fatal("the command line is not told the code:", err)
	}
	reason, first := register(t, there, far, strings.ToLower(info.ClaimCode))
	if reason != "" {
		t.Fatal("refused with its code:", reason)
	}
	was := first["organization"].(map[string]any)["id"].(string)
	if info := boxInfo(t, there, far); info.SetupNeeded || info.ClaimNeeded {
		t.Errorf("after the claim: %+v", info)
	}

	erase(t, there, far, first)
	next, err := Call[httpd.BoxInfo](t.Context(), cli, http.MethodGet, "/box")
	if err != nil || !next.SetupNeeded || next.ClaimCode == "" || next.ClaimCode == info.ClaimCode {
		t.Fatalf("after the erasure: %+v %v", next, err)
	}
	for _, code := range []string{"", info.ClaimCode} {
		if reason, _ := register(t, there, far, code); !strings.HasPrefix(reason, "claim_code_") {
			t.Fatalf("claimed after the erasure with the code %q: %s", code, reason)
		}
	}
	reason, second := register(t, http.DefaultClient, near, "")
	if reason != "" {
		t.Fatal("refused from the box itself:", reason)
	}
	if now := second["organization"].(map[string]any)["id"].(string); now == was {
		t.Error("the erased school's id is used again")
	}
}

func erase(t *testing.T, c *http.Client, base string, owner map[string]any) {
	t.Helper()
	org := owner["organization"].(map[string]any)["id"].(string)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, base+"/api/v1/orgs/"+org+"?name=School", nil)
	r.Header.Set("Authorization", "Bearer "+owner["access_token"].(string))
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		t.Fatal(res.Status, string(text))
	}
}

// A request that a proxy has passed on is not the box's own, whatever the proxy
// says, and neither is one of a proxy that the operator named.
func TestClaimThroughAProxy(t *testing.T) {
	for _, proxies := range []string{"", "127.0.0.1"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		newBoxOn(t, ln, proxies)
		base := "http://" + ln.Addr().String()
		for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} {
			if reason, _ := register(t, http.DefaultClient, base, "", header, "127.0.0.1"); reason != "claim_code_needed" {
				t.Errorf("proxies %q, %s: %q", proxies, header, reason)
			}
		}
		want := ""
		if proxies != "" {
			want = "claim_code_needed"
		}
		if reason, _ := register(t, http.DefaultClient, base, ""); reason != want {
			t.Errorf("proxies %q: %q", proxies, reason)
		}
	}
}
