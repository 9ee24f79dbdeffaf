package box

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// brokenBodies are what a client may send that is no body: each with the
// headers that go before it, and whether the line ends there.
var brokenBodies = []struct {
	name, headers, body string
	hangUp              bool
}{
	{"nothing", "Content-Type: application/json\r\nContent-Length: 0", ``, false},
	{"cut off", "Content-Type: application/json\r\nContent-Length: 100", `{"name":"a`, true},
	{"cut off with a key", "Content-Type: application/json\r\nContent-Length: 100\r\nIdempotency-Key: cut", `{"name":"a`, true},
	{"a bad chunk", "Content-Type: application/json\r\nTransfer-Encoding: chunked", "zz\r\n{}\r\n", false},
	{"chunks without an end", "Content-Type: application/json\r\nTransfer-Encoding: chunked", "2\r\n{}\r\n", true},
	{"not JSON", "Content-Type: application/json\r\nContent-Length: 3", `{{{`, false},
	{"half a JSON", "Content-Type: application/json\r\nContent-Length: 8", `{"name":`, false},
	{"null", "Content-Type: application/json\r\nContent-Length: 4", `null`, false},
	{"a list", "Content-Type: application/json\r\nContent-Length: 2", `[]`, false},
	{"a text", "Content-Type: application/json\r\nContent-Length: 3", `"x"`, false},
	{"a large number", "Content-Type: application/json\r\nContent-Length: 7", `1e99999`, false},
	{"not UTF-8", "Content-Type: application/json\r\nContent-Length: 12", "{\"name\":\"\xff\"}", false},
	{"deep", "Content-Type: application/json\r\nContent-Length: 40000", strings.Repeat(`[`, 40000), false},
	{"a form without an end", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 60", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxx"[:60], false},
	{"a form cut off", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 600", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxx", true},
	{"a form with bad headers", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 30", "--b\r\n\x00\x01: :::\r\n\r\nxxxxxxxxxxxxxxxxx"[:30], false},
	{"a form without a boundary", "Content-Type: multipart/form-data\r\nContent-Length: 3", "--b", false},
	{"no media type", "Content-Length: 2", "{}", false},
	{"a made-up media type", "Content-Type: a/b/c;;=\r\nContent-Length: 2", "{}", false},
	{"sound that is none", "Content-Type: audio/webm\r\nContent-Length: 4", "\x00\x01\x02\x03", false},
}

// TestBrokenBodies sends every route what is no body of its own. It is the
// client's fault each time, and never the box's.
func TestBrokenBodies(t *testing.T) {
	p := newProbe(t)
	host := strings.TrimPrefix(p.http.URL, "http://")
	for _, route := range p.box.Server.Routes() {
		if route.Method == http.MethodGet || endsSession(route) > 0 || route.Operation == "eraseOrganization" {
			continue
		}
		token := p.ours.members[appliance.RoleOwner].token
		if route.Policy.Program {
			token = p.ours.program
		}
		ids := p.other.ids // so that nothing is lost of what others are tried on
		path := param.ReplaceAllStringFunc(route.Path, func(s string) string {
			if s == "{org}" {
				return string(p.ours.org)
			}
			return url.PathEscape(ids[strings.Trim(s, "{}")])
		})
		for _, b := range brokenBodies {
			t.Run(route.Operation+"/"+b.name, func(t *testing.T) {
				conn, err := net.Dial("tcp", host)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
				fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", route.Method, path, token, b.headers)
				io.WriteString(conn, b.body)
				if b.hangUp {
					conn.(*net.TCPConn).CloseWrite()
				}
				res, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				// 503: an engine that this box does not have.
				if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable {
					said, _ := io.ReadAll(res.Body)
					t.Errorf("%d %.300s", res.StatusCode, said)
				}
			})
		}
	}
}
