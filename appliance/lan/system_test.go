//go:build system

package lan

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The box among implementations that are not ours: `make test-system`.

var machines int // made so far, for names

// soon is within which the box is to be found, and change within which a change
// of its addresses is to be known.
const (
	soon   = 2 * time.Second
	change = 5 * time.Second
)

// avahi starts Avahi with a D-Bus of its own; its name is the machine's there.
func (m *machine) avahi(host string) {
	m.t.Helper()
	for _, tool := range []string{"avahi-daemon", "avahi-browse", "avahi-resolve", "dbus-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			m.t.Skipf("needs %s: run packaging/deps.sh system", tool)
		}
	}
	conf := filepath.Join(m.t.TempDir(), "avahi.conf")
	err := os.WriteFile(conf, []byte("[server]\nhost-name="+host+"\nuse-ipv4=yes\nuse-ipv6=yes\nratelimit-interval-usec=1000000\nratelimit-burst=1000\n[wide-area]\nenable-wide-area=no\n[publish]\npublish-workstation=no\n"), 0o600)
	if err != nil {
		m.t.Fatal(err)
	}
	m.run("mkdir", "-p", "/run/dbus")
	m.start(nil, "dbus-daemon", "--system", "--nofork", "--nopidfile")
	m.until("Avahi's D-Bus", func() bool { return m.command("test", "-S", "/run/dbus/system_bus_socket").Run() == nil })
	m.start(nil, "avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", conf)
	m.until("Avahi", func() bool {
		return strings.Contains(m.ask(3*time.Second, "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server.GetState"), "int32 2")
	})
}

func (m *machine) until(what string, done func() bool) {
	m.t.Helper()
	for limit := time.Now().Add(30 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			m.t.Fatalf("%s: no %s within 30 s", m.name, what)
		}
	}
}

// resolve asks Avahi for a name's address until it has one that is wanted.
func (m *machine) resolve(name, want string, most time.Duration) time.Duration {
	m.t.Helper()
	start := time.Now()
	for {
		got := m.ask(most, "avahi-resolve", "-4", "-n", name)
		took := time.Since(start)
		if fields := strings.Fields(got); len(fields) == 2 && fields[1] == want {
			return took
		}
		if took > most {
			m.t.Fatalf("%s: after %v %s is %q, not %s", m.name, took, name, got, want)
		}
	}
}

// zeroconf is what python-zeroconf sees, one JSON line an event.
const zeroconf = `
import json, sys, time
from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf
z = Zeroconf(interfaces=[sys.argv[1]])
class Listener:
    def say(self, event, type, name):
        line = {"event": event, "name": name}
        if event != "removed":
            i = z.get_service_info(type, name, 2000)
            if i:
                line.update(server=i.server, port=i.port, addresses=i.parsed_addresses(), txt={k.decode(): (v or b"").decode() for k, v in i.properties.items()})
        print(json.dumps(line), flush=True)
    def add_service(self, z, type, name): self.say("added", type, name)
    def update_service(self, z, type, name): self.say("updated", type, name)
    def remove_service(self, z, type, name): self.say("removed", type, name)
if len(sys.argv) > 2:
    import socket
    z.register_service(ServiceInfo("_http._tcp.local.", sys.argv[2] + "._http._tcp.local.", addresses=[socket.inet_aton(sys.argv[1])], port=80, server=sys.argv[2] + ".local."))
    print(json.dumps({"event": "registered"}), flush=True)
else:
    print(json.dumps({"event": "started"}), flush=True)
    b = ServiceBrowser(z, "_bwenge._tcp.local.", Listener())
time.sleep(120)
`

type seen struct {
	Event, Name, Server string
	Port                int
	Addresses           []string
	TXT                 map[string]string
}

func python(t *testing.T) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import zeroconf").Run() != nil {
		t.Skip("needs python-zeroconf: run make test-system")
	}
	return python
}

func (m *machine) zeroconf(address string, register ...string) *process {
	m.t.Helper()
	script := filepath.Join(m.t.TempDir(), "zc.py")
	if err := os.WriteFile(script, []byte(zeroconf), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return m.start(nil, append([]string{python(m.t), script, address}, register...)...)
}

func event(t *testing.T, text string) (s seen) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return s
}

// school is a LAN with a box and a tablet.
func school(t *testing.T) (net, server, tablet *machine) {
	net, server, tablet = newMachine(t, "switch"), newMachine(t, "box"), newMachine(t, "tablet")
	net.bridge("lan0")
	net.plug("lan0", server, "eth0", "192.168.4.1/24")
	net.plug("lan0", tablet, "eth0", "192.168.4.9/24")
	if routes := server.run("ip", "route", "show", "default"); routes != "" {
		t.Fatal("a default route:", routes)
	}
	return net, server, tablet
}

func TestAvahiFindsTheBox(t *testing.T) {
	_, server, tablet := school(t)
	tablet.avahi("tablet")
	browser := tablet.start(nil, "avahi-browse", "-rp", "_bwenge._tcp")
	start := time.Now()
	box := server.box("bwenge", "")
	box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`))
	text, took := browser.wait(t, start, 20*time.Second, has("=;", ";IPv4;bwenge;", "bwenge.local;192.168.4.1;8080", "version=test"))
	t.Logf("switched on while somebody looks: found after %v (%s)", took, text)
	if took > change {
		t.Errorf("found only after %v", took)
	}
	t.Logf("resolved within %v", tablet.resolve("bwenge.local", "192.168.4.1", soon))
	t.Logf("resolved within %v, however it is written", tablet.resolve("BWENGE.local", "192.168.4.1", soon))

	// A tablet that comes later asks.
	other := newMachine(t, "late tablet")
	cable(server, "eth1", "192.168.5.1/24", other, "eth0", "192.168.5.9/24")
	other.carrier("eth0")
	box.wait(t, start, 20*time.Second, has("eth1", "192.168.5.1"))
	other.avahi("late")
	start = time.Now()
	late := other.start(nil, "avahi-browse", "-rp", "_http._tcp")
	_, took = late.wait(t, start, 20*time.Second, has("=;", ";IPv4;bwenge;", "bwenge.local;192.168.5.1;8080"))
	t.Logf("asked for: found after %v", took)
	if took > soon {
		t.Errorf("found only after %v", took)
	}

	// Goodbye.
	start = time.Now()
	box.stop(syscall.SIGTERM)
	_, took = browser.wait(t, start, 20*time.Second, has("-;", ";IPv4;bwenge;"))
	t.Logf("gone after %v", took)
	if took > change {
		t.Errorf("gone only after %v", took)
	}
}

func TestZeroconfFindsTheBox(t *testing.T) {
	python(t)
	_, server, tablet := school(t)
	start := time.Now()
	box := server.box("bwenge", "")
	box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`))
	client := tablet.zeroconf("192.168.4.9")
	_, began := client.wait(t, start, 30*time.Second, has("started")) // Python takes its time
	since := start.Add(began)
	text, took := client.wait(t, since, 20*time.Second, has("added"))
	s := event(t, text)
	t.Logf("asked for: found after %v: %+v", took, s)
	if took > soon || s.Server != "bwenge.local." || s.Port != 8080 || !slices.Contains(s.Addresses, "192.168.4.1") || s.TXT["version"] != "test" {
		t.Error("found:", s)
	}

	start = time.Now()
	server.run("ip", "addr", "del", "192.168.4.1/24", "dev", "eth0")
	server.run("ip", "addr", "add", "192.168.4.3/24", "dev", "eth0")
	text, took = client.wait(t, start, 20*time.Second, has("updated", "192.168.4.3"))
	t.Logf("another address after %v: %s", took, text)
	if s = event(t, text); took > change || slices.Contains(s.Addresses, "192.168.4.1") {
		t.Errorf("after %v: %v", took, s)
	}

	start = time.Now()
	box.stop(syscall.SIGTERM)
	_, took = client.wait(t, start, 20*time.Second, has("removed"))
	t.Logf("gone after %v", took)
}

// On each of two networks the box has the address that it has there.
func TestTwoLANs(t *testing.T) {
	net, server, tablet := school(t)
	other := newMachine(t, "other tablet")
	net.bridge("lan1")
	net.plug("lan1", server, "eth1", "10.42.0.1/16")
	net.plug("lan1", other, "eth0", "10.42.0.9/16")
	server.box("bwenge", "").wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`, "192.168.4.1", "10.42.0.1"))
	tablet.avahi("tablet")
	other.avahi("other")
	t.Log(tablet.resolve("bwenge.local", "192.168.4.1", soon), other.resolve("bwenge.local", "10.42.0.1", soon))
	for _, c := range []struct {
		m          *machine
		want, away string
	}{{tablet, "192.168.4.1", "10.42.0.1"}, {other, "10.42.0.1", "192.168.4.1"}} {
		got := c.m.ask(10*time.Second, "avahi-browse", "-rpt", "_http._tcp")
		if !strings.Contains(got, ";"+c.want+";8080") || strings.Contains(got, c.away) {
			t.Errorf("%s: %s", c.m.name, got)
		}
	}
}

// A name that somebody else has stays theirs.
func TestNameOfAnother(t *testing.T) {
	for _, rival := range []string{"avahi", "zeroconf", "box"} {
		t.Run(rival, func(t *testing.T) {
			net, server, tablet := school(t)
			other := newMachine(t, "rival")
			net.plug("lan0", other, "eth0", "192.168.4.2/24")
			switch rival {
			case "avahi":
				other.avahi("bwenge")
			case "zeroconf":
				other.zeroconf("192.168.4.2", "bwenge").wait(t, time.Now(), 60*time.Second, has("registered"))
			case "box":
				other.box("bwenge", "").wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`))
			}
			start := time.Now()
			_, took := server.box("bwenge", "").wait(t, start, 20*time.Second, has(`"Name":"bwenge-2"`))
			t.Logf("another name after %v", took)
			if took > change {
				t.Errorf("another name only after %v", took)
			}
			tablet.avahi("tablet")
			tablet.resolve("bwenge-2.local", "192.168.4.1", soon)
			tablet.resolve("bwenge.local", "192.168.4.2", soon)
		})
	}
}

// Two boxes in the same moment, and the names that they keep.
func TestTwoBoxesAtOnce(t *testing.T) {
	net, server, _ := school(t)
	other := newMachine(t, "other box")
	net.plug("lan0", other, "eth0", "192.168.4.2/24")
	for _, kept := range [][2]string{{"", ""}, {"bwenge-2", "bwenge"}} {
		start := time.Now()
		a, b := server.box("bwenge", kept[0]), other.box("bwenge", kept[1])
		named := has(`"Name":"bwenge`)
		a.wait(t, start, 20*time.Second, named)
		b.wait(t, start, 20*time.Second, named)
		time.Sleep(3 * time.Second) // what is disputed shows by then
		names := []string{a.last(t).Name, b.last(t).Name}
		t.Logf("kept %q: %q", kept, names)
		if kept[0] != "" && (names[0] != kept[0] || names[1] != kept[1]) {
			t.Error("they have changed names")
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"bwenge", "bwenge-2"}) {
			t.Error(names)
		}
		a.stop(syscall.SIGTERM)
		b.stop(syscall.SIGTERM)
	}
}

func (p *process) last(t *testing.T) (r report) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := json.Unmarshal([]byte(p.lines[len(p.lines)-1].text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// Avahi on the box itself shares the port, and says the same name if the machine
// has it.
func TestBesideAvahi(t *testing.T) {
	for _, host := range []string{"pi", "bwenge"} {
		t.Run(host, func(t *testing.T) {
			_, server, tablet := school(t)
			server.avahi(host)
			box := server.box("bwenge", "")
			box.wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`))
			tablet.avahi("tablet")
			tablet.resolve("bwenge.local", "192.168.4.1", soon)
			tablet.resolve(host+".local", "192.168.4.1", soon)
			server.run("ip", "addr", "del", "192.168.4.1/24", "dev", "eth0")
			server.run("ip", "addr", "add", "192.168.4.3/24", "dev", "eth0")
			t.Logf("another address: known after %v", tablet.resolve("bwenge.local", "192.168.4.3", change))
			time.Sleep(3 * time.Second) // what is disputed shows by then
			if name := box.last(t).Name; name != "bwenge" {
				t.Error("the two are rivals; the box is", name)
			}
			if got := server.ask(5*time.Second, "avahi-resolve", "-4", "-n", host+".local"); !strings.Contains(got, "192.168.4.3") {
				t.Error("Avahi has lost its name:", got)
			}
		})
	}
}

// An address changes, cables come out, and there is nothing at the start.
func TestChanges(t *testing.T) {
	net, server, tablet := school(t)
	tablet.avahi("tablet")
	server.run("ip", "link", "set", "eth0", "down")
	server.run("ip", "addr", "flush", "dev", "eth0")
	box := server.box("bwenge", "")
	time.Sleep(time.Second)
	if r := box.last(t); r.Name != "" {
		t.Fatalf("found without a network: %+v", r)
	}
	start := time.Now()
	server.run("ip", "link", "set", "eth0", "up")
	server.run("ip", "addr", "add", "192.168.4.1/24", "dev", "eth0")
	_, took := box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`, "192.168.4.1"))
	t.Logf("the cable goes in after the start: announced after %v", took)
	tablet.resolve("bwenge.local", "192.168.4.1", change)

	for i, from := 0, "192.168.4.1"; i < 5; i++ {
		to := fmt.Sprintf("192.168.4.%d", 20+i)
		server.run("ip", "addr", "del", from+"/24", "dev", "eth0")
		server.run("ip", "addr", "add", to+"/24", "dev", "eth0")
		t.Logf("another address: known after %v", tablet.resolve("bwenge.local", to, change))
		from = to
	}
	for range 3 {
		server.run("ip", "link", "set", "eth0", "down")
		time.Sleep(500 * time.Millisecond)
		start = time.Now()
		server.run("ip", "link", "set", "eth0", "up")
		server.carrier("eth0")
		_, took = box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`, "192.168.4.24"))
		t.Logf("the cable out and in: announced after %v", took)
	}
	// Another interface, such as a Wi-Fi stick.
	late := newMachine(t, "late")
	net.bridge("lan2")
	net.plug("lan2", late, "eth0", "10.9.0.9/24")
	start = time.Now()
	net.plug("lan2", server, "wlan0", "10.9.0.1/24")
	_, took = box.wait(t, start, 20*time.Second, has(`"Name":"bwenge"`, "10.9.0.1"))
	t.Logf("another interface: announced after %v", took)
	late.avahi("late")
	late.resolve("bwenge.local", "10.9.0.1", soon)
}

func TestWithoutIPv6AndWithoutIPv4(t *testing.T) {
	_, server, tablet := school(t)
	tablet.avahi("tablet")
	server.run("mount", "-t", "proc", "proc", "/proc")
	server.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
	box := server.box("bwenge", "")
	box.wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`, "192.168.4.1"))
	tablet.resolve("bwenge.local", "192.168.4.1", soon)
	if got := server.run("ip", "-6", "addr", "show", "dev", "eth0"); got != "" {
		t.Error("there is IPv6:", got)
	}
	box.stop(syscall.SIGTERM)

	server.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
	server.run("ip", "addr", "flush", "dev", "eth0")
	server.run("ip", "addr", "add", "fd00:5::1/64", "dev", "eth0")
	tablet.run("ip", "addr", "add", "fd00:5::9/64", "dev", "eth0")
	box = server.box("bwenge", "")
	box.wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`, "fd00:5::1"))
	tablet.until("bwenge.local by IPv6", func() bool {
		return strings.Contains(tablet.ask(3*time.Second, "avahi-resolve", "-6", "-n", "bwenge.local"), "fd00:5::1")
	})
}

// A program on the network that sends rubbish as fast as it can.
func TestRubbish(t *testing.T) {
	_, server, tablet := school(t)
	box := server.box("bwenge", "")
	box.wait(t, time.Now(), 20*time.Second, has(`"Name":"bwenge"`))
	tablet.avahi("tablet")
	rubbish := tablet.start(nil, "python3", "-c", `
import os, random, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.168.4.9"))
good = bytes.fromhex("000000000001000000000000") + b"\x06bwenge\x05local\x00\x00\xff\x00\x01"
print("started", flush=True)
for i in range(50000):
    data = bytearray(good if i % 2 else os.urandom(random.randrange(1, 1400)))
    if i % 4 == 1: data[random.randrange(len(data))] = random.randrange(256)
    s.sendto(bytes(data), ("224.0.0.251", 5353))
    s.sendto(bytes(data), ("192.168.4.1", 5353))
`)
	rubbish.wait(t, time.Now(), 20*time.Second, has("started"))
	t.Logf("found after %v beside 100,000 packets of rubbish", tablet.resolve("bwenge.local", "192.168.4.1", 20*time.Second))
	<-rubbish.ended
	t.Logf("and after %v when they are over", tablet.resolve("bwenge.local", "192.168.4.1", soon))
	if name := box.last(t).Name; name != "bwenge" {
		t.Error("it is now", name)
	}
}

// ask runs what may fail, for a while at the most.
func (m *machine) ask(most time.Duration, args ...string) string {
	cmd := m.command(args...)
	cmd.WaitDelay = time.Second
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	end := time.AfterFunc(most, func() { _ = cmd.Process.Kill() })
	defer end.Stop()
	_ = cmd.Wait()
	return out.String()
}

// bridge makes a switch of a machine, for as many others as are plugged in.
func (m *machine) bridge(name string) {
	m.run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
	m.run("ip", "link", "set", name, "up")
}

// plug joins a machine to a bridge.
func (m *machine) plug(bridge string, to *machine, ifName, addr string) {
	machines++
	port := fmt.Sprintf("port%d", machines)
	cable(m, port, "", to, ifName, addr)
	m.run("ip", "link", "set", port, "master", bridge)
	to.carrier(ifName)
}
