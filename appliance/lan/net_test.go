package lan

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/mdns"
)

// The tests on a network make one: machines are namespaces with a process that
// sleeps in them, cables are veth pairs, switches are bridges. All of it ends
// with its processes, and none of it has a route or a name server.

// helper is what this test's own program is started again as, in a namespace.
const helper = "BWENGE_LAN_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(helper) {
	case "announce":
		announce(os.Args[1], os.Args[2])
	case "query":
		lookUp(os.Args[1])
	default:
		os.Exit(m.Run())
	}
}

// report is a line of the helper that announces.
type report struct {
	Name  string
	Links []Link
}

var testServices = []Service{{Type: "_http._tcp", TXT: []string{"path=/"}}, {Type: "_bwenge._tcp", TXT: []string{"version=test"}}}

// announce is a box: it writes its status whenever it has changed.
func announce(name, kept string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	slog.SetLogLoggerLevel(slog.LevelDebug)
	a := New(Config{Name: name, Kept: kept})
	done := make(chan struct{})
	go func() { defer close(done); a.Run(ctx, 8080, testServices) }()
	before := ""
	for {
		select {
		case <-done:
			return
		case <-time.After(20 * time.Millisecond):
			s := a.Status()
			line, _ := json.Marshal(report{s.Name, s.Links})
			if string(line) != before {
				before = string(line)
				fmt.Println(before)
			}
		}
	}
}

// lookUp asks for the box's services as hashicorp's client does.
func lookUp(interfaceName string) {
	i, err := net.InterfaceByName(interfaceName)
	if err != nil {
		log.Fatal(err)
	}
	entries := make(chan *mdns.ServiceEntry, 100)
	err = mdns.Query(&mdns.QueryParam{Service: "_bwenge._tcp", Domain: "local", Timeout: 1500 * time.Millisecond, Interface: i,
		Entries: entries, Logger: log.New(io.Discard, "", 0), DisableIPv6: true})
	if err != nil {
		log.Fatal(err)
	}
	close(entries)
	for e := range entries {
		line, _ := json.Marshal(e)
		fmt.Println(string(line))
	}
}

// machine is a namespace of the network and of mounts.
type machine struct {
	t    *testing.T
	name string
	pid  int
}

// newMachine makes one, or skips the test and says why it cannot.
func newMachine(t *testing.T, name string) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to make a network of its own")
	}
	for _, tool := range []string{"ip", "nsenter", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
	cmd := exec.Command("sleep", "300") // bounded, should the test be killed
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if err := cmd.Start(); err != nil {
		t.Skipf("this machine makes no network namespaces: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	m := &machine{t, name, cmd.Process.Pid}
	m.run("mount", "--make-rprivate", "/")
	m.run("mount", "-t", "sysfs", "sysfs", "/sys")
	m.run("mount", "-t", "tmpfs", "tmpfs", "/run")
	m.run("ip", "link", "set", "lo", "up")
	return m
}

func (m *machine) command(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(m.pid), "-n", "-m", "--"}, args...)...)
}

func (m *machine) run(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %s: %v\n%s", m.name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// process is something that runs on a machine, and the lines that it has written.
type process struct {
	cmd   *exec.Cmd
	mu    sync.Mutex
	lines []line
	ended chan struct{}
}

type line struct {
	at   time.Time
	text string
}

func (m *machine) start(env []string, args ...string) *process {
	m.t.Helper()
	p := &process{cmd: m.command(args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	var noise strings.Builder // shown if the test fails
	p.cmd.Stderr, p.cmd.WaitDelay = &noise, time.Second
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, line{time.Now(), s.Text()})
			p.mu.Unlock()
		}
	}()
	m.t.Cleanup(func() {
		p.stop(syscall.SIGKILL)
		if m.t.Failed() {
			m.t.Logf("%s: %s:\n%s", m.name, args[0], noise.String())
		}
	})
	return p
}

func (p *process) stop(with syscall.Signal) {
	_ = p.cmd.Process.Signal(with)
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
	}
	_ = p.cmd.Wait()
}

// wait returns the first line from a time on that is as wanted, and how long
// after that time it came.
func (p *process) wait(t *testing.T, since time.Time, most time.Duration, wanted func(string) bool) (string, time.Duration) {
	t.Helper()
	for limit := since.Add(most); ; {
		p.mu.Lock()
		for _, l := range p.lines {
			if !l.at.Before(since) && wanted(l.text) {
				p.mu.Unlock()
				return l.text, l.at.Sub(since)
			}
		}
		lines := p.lines
		p.mu.Unlock()
		if time.Now().After(limit) {
			t.Fatalf("not within %v; it wrote: %v", most, lines)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func has(parts ...string) func(string) bool {
	return func(s string) bool {
		for _, part := range parts {
			if !strings.Contains(s, part) {
				return false
			}
		}
		return true
	}
}

// box starts an announcer on a machine.
func (m *machine) box(name, kept string) *process {
	return m.start([]string{helper + "=announce"}, testProgram(m.t), name, kept)
}

func testProgram(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// cable joins two machines, or a machine and a bridge of a switch.
func cable(a *machine, ifA, addrA string, b *machine, ifB, addrB string) {
	a.t.Helper()
	a.run("ip", "link", "add", ifA, "type", "veth", "peer", "name", ifB, "netns", strconv.Itoa(b.pid))
	for _, end := range []struct {
		m          *machine
		name, addr string
	}{{a, ifA, addrA}, {b, ifB, addrB}} {
		if end.addr != "" {
			end.m.run("ip", "addr", "add", end.addr, "dev", end.name)
		}
		end.m.run("ip", "link", "set", end.name, "up")
	}
}

// carrier waits until the kernel says that a cable is plugged in, for which it
// takes up to a second.
func (m *machine) carrier(ifName string) {
	m.t.Helper()
	for range 100 {
		if strings.TrimSpace(m.run("cat", "/sys/class/net/"+ifName+"/operstate")) == "up" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.t.Fatalf("%s: %s does not come up", m.name, ifName)
}

// TestFoundWithoutARoute is the short form of `make test-system`: a box and a
// tablet on a cable, with nothing but their addresses.
func TestFoundWithoutARoute(t *testing.T) {
	tablet := newMachine(t, "tablet")
	server := newMachine(t, "box")
	cable(tablet, "eth0", "192.168.7.9/24", server, "eth0", "192.168.7.1/24")
	server.carrier("eth0")
	// Only the tablet: hashicorp's client needs one where the box needs none.
	tablet.run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
	start := time.Now()
	box := server.box("bwenge", "")
	_, took := box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`, "192.168.7.1"))
	t.Logf("announced %v after its start", took)

	var out []byte
	for range 10 { // tablets ask again as well
		cmd := tablet.command(testProgram(t), "eth0")
		cmd.Env = append(os.Environ(), helper+"=query")
		cmd.Stderr = os.Stderr
		var err error
		if out, err = cmd.Output(); err != nil {
			t.Fatal(err)
		}
		if len(out) > 0 {
			break
		}
	}
	var entry struct {
		Host   string
		AddrV4 net.IP
		Port   int
	}
	if err := json.NewDecoder(strings.NewReader(string(out))).Decode(&entry); err != nil {
		t.Fatalf("the tablet has found nothing: %v %q", err, out)
	}
	if entry.Host != "bwenge.local." || !entry.AddrV4.Equal(net.IPv4(192, 168, 7, 1)) || entry.Port != 8080 {
		t.Errorf("found %+v", entry)
	}

	// A second box with the name gets the next one.
	start = time.Now()
	second := tablet.box("bwenge", "")
	_, took = second.wait(t, start, 20*time.Second, has(`"Name":"bwenge-2"`))
	t.Logf("the second box has its name %v after its start", took)

	// Another address.
	start = time.Now()
	server.run("ip", "addr", "del", "192.168.7.1/24", "dev", "eth0")
	server.run("ip", "addr", "add", "192.168.7.5/24", "dev", "eth0")
	_, took = box.wait(t, start, 20*time.Second, func(s string) bool {
		return has(`"Name":"bwenge"`, "192.168.7.5")(s) && !has("192.168.7.1/")(s)
	})
	t.Logf("the new address is announced after %v", took)
}
