package lan

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// world is a network without one: responders on links, and time that only goes
// on when a test says so.
type world struct {
	t     *testing.T
	now   time.Time
	boxes []*boxAt
	sent  []sent
}

type boxAt struct {
	*responder
	link map[int]int // index of an interface → number of a LAN
}

// sent is a packet on its way, and when.
type sent struct {
	outgoing
	at  time.Time
	box *boxAt
}

func newWorld(t *testing.T) *world {
	return &world{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// box joins a responder: each link is "index lan address…".
func (w *world) box(name string, links ...string) *boxAt {
	b := &boxAt{link: map[int]int{}}
	random := rand.New(rand.NewPCG(uint64(len(w.boxes)), 7))
	b.responder = &responder{wanted: name, port: 8080 + len(w.boxes), services: testServices,
		links: map[int]*linkState{}, own: map[netip.Addr]time.Time{},
		send:   func(out outgoing) { w.sent = append(w.sent, sent{out, w.now, b}) },
		random: func(most time.Duration) time.Duration { return time.Duration(random.Int64N(int64(most))) }}
	w.boxes = append(w.boxes, b)
	b.is(w, links...)
	return b
}

func (b *boxAt) is(w *world, links ...string) {
	var list []Link
	for _, text := range links {
		fields := strings.Fields(text)
		var index, lan int
		fmt.Sscan(fields[0], &index)
		fmt.Sscan(fields[1], &lan)
		l := Link{Index: index, Name: "eth" + fields[0]}
		for _, a := range fields[2:] {
			l.Addrs = append(l.Addrs, netip.MustParsePrefix(a))
		}
		b.link[index] = lan
		list = append(list, l)
	}
	b.setLinks(w.now, list)
}

// address is that of a box on one of its links.
func (b *boxAt) address(link int, f family) netip.Addr {
	if s := b.links[link]; s != nil {
		for _, p := range s.Addrs {
			if p.Addr().Is4() == (f == v4) {
				return p.Addr()
			}
		}
	}
	return netip.Addr{}
}

// run lets time go on, and delivers what is sent to everybody on its LAN.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	for steps := 0; ; steps++ {
		if steps > 100_000 {
			w.t.Fatal("it never comes to rest")
		}
		next := end
		for _, b := range w.boxes {
			if due := b.next(); !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		if next.After(w.now) {
			w.now = next
		}
		before := len(w.sent)
		for _, b := range w.boxes {
			b.tick(w.now)
		}
		for i := before; i < len(w.sent); i++ {
			w.deliver(w.sent[i])
		}
		if !w.now.Before(end) {
			return
		}
	}
}

func (w *world) deliver(s sent) {
	data, err := s.msg.Pack()
	if err != nil {
		w.t.Fatal(err)
	}
	from := s.box.address(s.link, s.family)
	for _, b := range w.boxes {
		for index, lan := range b.link {
			if lan == s.box.link[s.link] && !s.to.IsValid() { // also to the sender, as multicast is
				b.packet(w.now, incoming{index, s.family, netip.AddrPortFrom(from, mdnsPort), true, data})
			}
		}
	}
}

// hear puts a packet of a stranger onto a link of a box, and returns what the box
// says to it within 200 ms.
func (w *world) hear(b *boxAt, link int, from string, msg *dns.Msg) []*dns.Msg {
	w.t.Helper()
	data, err := msg.Pack()
	if err != nil {
		w.t.Fatal(err)
	}
	before := len(w.sent)
	b.packet(w.now, incoming{link, v4, netip.MustParseAddrPort(from), true, data})
	w.run(200 * time.Millisecond)
	return messages(w.sent[before:])
}

func messages(list []sent) (all []*dns.Msg) {
	for _, s := range list {
		all = append(all, s.msg)
	}
	return all
}

// question makes a query of "name TYPE" texts.
func question(texts ...string) *dns.Msg {
	msg := new(dns.Msg)
	for _, text := range texts {
		name, kind, _ := strings.Cut(text, " ")
		msg.Question = append(msg.Question, dns.Question{Name: name, Qtype: dns.StringToType[kind], Qclass: dns.ClassINET})
	}
	return msg
}

func record(t *testing.T, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

func claim(t *testing.T, texts ...string) *dns.Msg {
	msg := new(dns.Msg)
	msg.Response, msg.Authoritative = true, true
	for _, text := range texts {
		msg.Answer = append(msg.Answer, record(t, text))
	}
	return msg
}

// short writes records as "TYPE data", or "name NSEC".
func short(list []dns.RR) (texts []string) {
	for _, rr := range list {
		h := rr.Header()
		data := strings.TrimPrefix(rr.String(), h.String())
		texts = append(texts, dns.TypeToString[h.Rrtype]+" "+data)
	}
	slices.Sort(texts)
	return texts
}

const settledAfter = 5 * time.Second

func TestThreeProbesThenTwoAnnouncements(t *testing.T) {
	w := newWorld(t)
	w.box("bwenge", "2 1 192.168.4.1/24 fe80::1/64")
	w.run(settledAfter)
	var queries, answers []sent
	for _, s := range w.sent {
		if s.family == v4 && s.msg.Response {
			answers = append(answers, s)
		} else if s.family == v4 {
			queries = append(queries, s)
		}
	}
	if len(queries) != 3 || len(answers) != 2 || len(w.sent) != 10 {
		t.Fatalf("%d probes, %d announcements, %d packets", len(queries), len(answers), len(w.sent))
	}
	for i, q := range queries {
		if i > 0 && q.at.Sub(queries[i-1].at) != probeGap {
			t.Errorf("probe %d after %v", i, q.at.Sub(queries[i-1].at))
		}
		if len(q.msg.Question) != 3 || len(q.msg.Ns) != 5 {
			t.Errorf("a probe asks for %v and wants %v", q.msg.Question, q.msg.Ns)
		}
	}
	if d := answers[0].at.Sub(queries[2].at); d != probeGap {
		t.Errorf("announced %v after the last probe", d)
	}
	if d := answers[1].at.Sub(answers[0].at); d != announceGap {
		t.Errorf("announced again after %v", d)
	}
	for _, rr := range answers[0].msg.Answer {
		h := rr.Header()
		ttl := map[uint16]uint32{dns.TypePTR: 4500, dns.TypeTXT: 4500, dns.TypeSRV: 120, dns.TypeA: 120}[h.Rrtype]
		if flushes := h.Class&topBit != 0; flushes != unique(rr) || h.Ttl != ttl {
			t.Errorf("%v: flushes %v", rr, flushes)
		}
	}
	if got := short(answers[0].msg.Answer); len(got) != 9 || !slices.Contains(got, "A 192.168.4.1") || slices.ContainsFunc(got, has("AAAA")) {
		t.Errorf("announced: %q", got)
	}
}

func TestAnswers(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24 fd00::1/64", "3 2 10.0.0.1/8")
	w.run(settledAfter)
	for _, c := range []struct {
		link int
		ask  string
		want []string
	}{
		{2, "bwenge.local. A", []string{"A 192.168.4.1"}},
		{3, "bwenge.local. A", []string{"A 10.0.0.1"}},
		{2, "BWenge.LOCAL. A", []string{"A 192.168.4.1"}},
		{2, "bwenge.local. AAAA", []string{"AAAA fd00::1"}},
		{2, "bwenge.local. ANY", []string{"A 192.168.4.1", "AAAA fd00::1"}},
		{3, "bwenge.local. AAAA", []string{"NSEC bwenge.local. A"}},
		{2, "bwenge._http._tcp.local. ANY", []string{"SRV 10 1 8080 bwenge.local.", `TXT "path=/"`}},
		{2, "bwenge._HTTP._tcp.local. SRV", []string{"SRV 10 1 8080 bwenge.local."}},
		{2, "_http._tcp.local. PTR", []string{"PTR bwenge._http._tcp.local."}},
		{2, "_bwenge._tcp.local. PTR", []string{"PTR bwenge._bwenge._tcp.local."}},
		{2, "_services._dns-sd._udp.local. PTR", []string{"PTR _bwenge._tcp.local.", "PTR _http._tcp.local."}},
		{2, "_http._tcp.local. SRV", nil},
		{2, "bwenge2.local. A", nil},
		{2, "local. ANY", nil},
		{4, "bwenge.local. A", nil},
	} {
		w.run(2 * time.Second)
		from := map[int]string{2: "192.168.4.77:5353", 3: "10.9.9.9:5353", 4: "192.168.4.77:5353"}[c.link]
		var got []string
		for _, msg := range w.hear(b, c.link, from, question(c.ask)) {
			if !msg.Response || !msg.Authoritative || msg.Id != 0 || len(msg.Question) != 0 {
				t.Errorf("%s: %v", c.ask, msg)
			}
			got = append(got, short(msg.Answer)...)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d %s: %q, want %q", c.link, c.ask, got, c.want)
		}
	}
}

// Who finds the service gets all that they need with it.
func TestRecordsBeside(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	out := w.hear(b, 2, "192.168.4.77:5353", question("_http._tcp.local. PTR"))
	if len(out) != 1 {
		t.Fatal(out)
	}
	want := []string{"A 192.168.4.1", "SRV 10 1 8080 bwenge.local.", `TXT "path=/"`}
	if got := short(out[0].Extra); !slices.Equal(got, want) {
		t.Errorf("beside the service: %q", got)
	}
}

func TestWhoKnowsIsNotTold(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	for _, c := range []struct {
		known string
		told  bool
	}{
		{"_http._tcp.local. 4500 IN PTR bwenge._http._tcp.local.", false},
		{"_http._tcp.local. 2300 IN PTR BWENGE._http._tcp.local.", false},
		{"_http._tcp.local. 2000 IN PTR bwenge._http._tcp.local.", true},
		{"_http._tcp.local. 4500 IN PTR other._http._tcp.local.", true},
	} {
		w.run(2 * time.Second)
		msg := question("_http._tcp.local. PTR")
		msg.Answer = []dns.RR{record(t, c.known)}
		if out := w.hear(b, 2, "192.168.4.77:5353", msg); (len(out) > 0) != c.told {
			t.Errorf("%s: told %v", c.known, out)
		}
	}
}

// What is known may come in a second packet.
func TestKnownAnswersFollow(t *testing.T) {
	for _, follows := range []bool{true, false} {
		w := newWorld(t)
		b := w.box("bwenge", "2 1 192.168.4.1/24")
		w.run(settledAfter)
		first := question("_http._tcp.local. PTR")
		first.Truncated = true
		out := w.hear(b, 2, "192.168.4.77:5353", first)
		if len(out) != 0 {
			t.Fatal("answered before all was known:", out)
		}
		if follows {
			rest := new(dns.Msg)
			rest.Answer = []dns.RR{record(t, "_http._tcp.local. 4500 IN PTR bwenge._http._tcp.local.")}
			w.hear(b, 2, "192.168.4.77:5353", rest)
		}
		before := len(w.sent)
		w.run(time.Second)
		if told := len(w.sent) > before; told == follows {
			t.Errorf("the rest follows: %v; answered: %v", follows, told)
		}
	}
}

func TestAnswersToOneAlone(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	ask := func(from string, qu bool) []sent {
		msg := question("BWENGE.local. A")
		msg.Id = 4711
		if qu {
			msg.Question[0].Qclass |= topBit
		}
		before := len(w.sent)
		w.hear(b, 2, from, msg)
		return w.sent[before:]
	}
	// Asked so, and it was announced not long ago.
	out := ask("192.168.4.77:5353", true)
	if len(out) != 1 || out[0].to.String() != "192.168.4.77:5353" || out[0].msg.Id != 0 || out[0].msg.Answer[0].Header().Class != dns.ClassINET|topBit {
		t.Fatalf("to who asks for it: %v", out)
	}
	// A plain resolver.
	out = ask("192.168.4.77:40001", false)
	if len(out) != 1 || out[0].to.Port() != 40001 || out[0].msg.Id != 4711 || len(out[0].msg.Question) != 1 {
		t.Fatalf("to a plain resolver: %v", out)
	}
	if h := out[0].msg.Answer[0].Header(); h.Class != dns.ClassINET || h.Ttl != legacyTTL {
		t.Error(h)
	}
	// Somebody from elsewhere, or who says so.
	if out = ask("8.8.8.8:40001", false); len(out) != 0 {
		t.Error("sent beyond the link:", out)
	}
	// What everybody was told long ago is told to everybody again.
	w.run(40 * time.Second)
	if out = ask("192.168.4.77:5353", true); len(out) != 1 || out[0].to.IsValid() {
		t.Errorf("after 40 s: %v", out)
	}
}

func TestSentToTheBoxAlone(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	data, _ := question("bwenge.local. A").Pack()
	for from, want := range map[string]int{"192.168.4.9:5353": 1, "172.16.0.9:5353": 0} {
		before := len(w.sent)
		b.packet(w.now, incoming{2, v4, netip.MustParseAddrPort(from), false, data})
		w.run(200 * time.Millisecond)
		if got := len(w.sent) - before; got != want {
			t.Errorf("%s: %d answers", from, got)
		}
	}
}

func TestNameIsTaken(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24", "3 2 10.0.0.1/8")
	for w.run(300 * time.Millisecond); b.label() != "bwenge-3"; w.run(50 * time.Millisecond) {
		if w.now.Sub(w.sent[0].at) > 5*time.Second {
			t.Fatal("its name is", b.label())
		}
		w.hear(b, 2, "192.168.4.2:5353", claim(t, b.host()+" 120 IN A 192.168.4.2"))
	}
	w.run(settledAfter)
	if len(b.foundOn()) != 2 {
		t.Error("not found on both links:", b.foundOn())
	}
	if out := w.hear(b, 3, "10.0.0.7:5353", question("bwenge-3.local. A", "bwenge.local. A", "_http._tcp.local. PTR")); len(out) != 1 ||
		!slices.Equal(short(out[0].Answer), []string{"A 10.0.0.1", "PTR bwenge-3._http._tcp.local."}) {
		t.Error("under the new name:", out)
	}
}

// Somebody claims the name later: it is asked for again, and given up only if
// they answer.
func TestNameIsDisputed(t *testing.T) {
	for _, c := range []struct {
		claim   string
		answers bool
		want    string
	}{
		{"bwenge.local. 120 IN A 192.168.4.2", true, "bwenge-2"},
		{"BWENGE.local. 120 IN A 192.168.4.2", false, "bwenge"},
		{"bwenge._http._tcp.local. 120 IN SRV 0 0 80 other.local.", true, "bwenge-2"},
		{"bwenge.local. 120 IN A 192.168.4.1", true, "bwenge"}, // the same
		{"bwenge.local. 0 IN A 192.168.4.2", true, "bwenge"},   // a goodbye
		{"bwenge.local. 120 IN A 10.0.0.1", true, "bwenge"},    // our own, by the other interface
		{"bwenge.local. 120 IN HINFO x y", true, "bwenge"},     // a type that is not disputed
		{"_http._tcp.local. 4500 IN PTR other._http._tcp.local.", true, "bwenge"},
		{"bwenge-2.local. 120 IN A 192.168.4.2", true, "bwenge"},
	} {
		w := newWorld(t)
		b := w.box("bwenge", "2 1 192.168.4.1/24", "3 2 10.0.0.1/8")
		w.run(settledAfter)
		w.hear(b, 2, "192.168.4.2:5353", claim(t, c.claim))
		if c.answers {
			w.hear(b, 2, "192.168.4.2:5353", claim(t, c.claim))
		}
		w.run(settledAfter)
		if b.label() != c.want || len(b.foundOn()) != 2 {
			t.Errorf("%s, answered %v: %s, found on %v", c.claim, c.answers, b.label(), b.foundOn())
		}
	}
}

func TestAnswersFromOtherPortsAreNone(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(400 * time.Millisecond)
	w.hear(b, 2, "192.168.4.2:40001", claim(t, "bwenge.local. 120 IN A 192.168.4.2"))
	w.run(settledAfter)
	if b.label() != "bwenge" {
		t.Error(b.label())
	}
}

// Boxes that are switched on in the same moment all get a name of their own.
func TestBoxesAtOnce(t *testing.T) {
	for _, count := range []int{2, 3, 8} {
		w := newWorld(t)
		for i := range count {
			w.box("bwenge", fmt.Sprintf("2 1 192.168.4.%d/24", i+1))
		}
		w.run(time.Minute)
		names := map[string]bool{}
		for _, b := range w.boxes {
			names[b.label()] = true
			if len(b.foundOn()) != 1 {
				t.Error("not found:", b.label())
			}
		}
		if len(names) != count || !names["bwenge"] {
			t.Errorf("%d boxes: %v", count, names)
		}
	}
}

// The probes of one moment: whose records come later in the alphabet wins.
func TestTie(t *testing.T) {
	for address, want := range map[string]bool{"192.168.4.200": true, "192.168.4.1": false, "10.0.0.1": false} {
		w := newWorld(t)
		b := w.box("bwenge", "2 1 192.168.4.50/24")
		w.run(260 * time.Millisecond)
		if b.links[2].sent == 0 {
			t.Fatal("it does not ask yet")
		}
		probe := question("bwenge.local. ANY")
		probe.Ns = []dns.RR{record(t, "bwenge.local. 120 IN A "+address)}
		data, _ := probe.Pack()
		b.packet(w.now, incoming{2, v4, netip.MustParseAddrPort("192.168.4.9:5353"), true, data})
		if lost := b.links[2].due.Sub(w.now) == lostTie; lost != want {
			t.Errorf("against %s: lost %v", address, lost)
		}
	}
}

// Two interfaces on one network hear each other, and a responder of another
// program on the box says the same.
func TestTheBoxIsNotItsOwnRival(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24", "3 1 192.168.4.2/24")
	w.run(settledAfter)
	w.hear(b, 2, "192.168.4.1:5353", claim(t, "bwenge.local. 120 IN A 192.168.4.1", "bwenge.local. 120 IN AAAA fe80::1"))
	w.run(settledAfter)
	if b.label() != "bwenge" || len(b.foundOn()) != 2 || b.renames != 0 {
		t.Errorf("%s on %v", b.label(), b.foundOn())
	}
	// Two boxes of one machine are rivals: they have the same addresses, not the same port.
	w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(time.Minute)
	if w.boxes[0].label() == w.boxes[1].label() {
		t.Error("both are", w.boxes[0].label())
	}
}

func TestAnAddressGoes(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24 fd00::1/64")
	w.run(settledAfter)
	before := len(w.sent)
	b.is(w, "2 1 192.168.4.7/24 fd00::1/64")
	w.run(3 * time.Second)
	var goodbye, announced int
	for _, s := range w.sent[before:] {
		for _, text := range short(s.msg.Answer) {
			if text == "A 192.168.4.1" && s.msg.Answer[0].Header().Ttl == 0 {
				goodbye++
			}
			if text == "A 192.168.4.7" && s.at.Sub(w.sent[before].at) < 2*time.Second {
				announced++
			}
		}
	}
	if goodbye != 2 || announced != 4 { // two families, two announcements
		t.Errorf("%d goodbyes, %d announcements", goodbye, announced)
	}
	// All of them go: perhaps another network, so the name is asked for.
	b.is(w, "2 1 10.1.1.1/24")
	if b.links[2].phase != probing {
		t.Error("not asked for on another network")
	}
	w.run(settledAfter)
	// No interface is left, and one comes back.
	b.is(w)
	if !b.next().IsZero() || len(b.foundOn()) != 0 {
		t.Error("something is due without a network")
	}
	b.is(w, "9 1 10.1.1.2/24")
	w.run(settledAfter)
	if len(b.foundOn()) != 1 {
		t.Error("not found again")
	}
}

func TestGoodbye(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	before := len(w.sent)
	b.stop()
	if len(w.sent) != before+1 {
		t.Fatal(len(w.sent) - before)
	}
	for _, rr := range w.sent[before].msg.Answer {
		if rr.Header().Ttl != 0 || rr.Header().Name == servicesName {
			t.Errorf("goodbye: %v", rr)
		}
	}
	if got := len(w.sent[before].msg.Answer); got != 7 {
		t.Errorf("%d records: %v", got, w.sent[before].msg.Answer)
	}
}

// However often it is asked, a record goes to everybody once a second, and to
// single askers at a bounded rate.
func TestRates(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	everybody, alone := question("bwenge.local. A"), question("bwenge.local. A")
	dataAll, _ := everybody.Pack()
	dataAlone, _ := alone.Pack()
	before, start := len(w.sent), w.now
	for i := range 1000 {
		b.packet(w.now, incoming{2, v4, netip.MustParseAddrPort("192.168.4.9:5353"), true, dataAll})
		b.packet(w.now, incoming{2, v4, netip.MustParseAddrPort(fmt.Sprintf("192.168.4.9:%d", 20000+i)), true, dataAlone})
		w.run(4 * time.Millisecond)
	}
	counts := map[bool]int{}
	for _, s := range w.sent[before:] {
		counts[s.to.IsValid()]++
	}
	seconds := int(w.now.Sub(start) / time.Second)
	if counts[false] > seconds+1 || counts[true] > aloneBurst+aloneRate*(seconds+1) || counts[false] == 0 || counts[true] == 0 {
		t.Errorf("in %d s: %d to everybody, %d to single askers", seconds, counts[false], counts[true])
	}
}

// A joker who claims every name is tried ever more slowly, and never ends.
func TestAJokerClaimsEveryName(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	start := w.now
	for range 600 { // a minute
		w.hear(b, 2, "192.168.4.2:5353", claim(t, b.host()+" 120 IN A 192.168.4.2"))
	}
	if b.number > 60 {
		t.Errorf("%d names within %v", b.number, w.now.Sub(start))
	}
	w.run(time.Minute)
	if len(b.foundOn()) != 1 {
		t.Error("not found when the joker has gone")
	}
}

// Whatever comes, it goes on, keeps its bounds, and keeps its name.
func TestBrokenPackets(t *testing.T) {
	w := newWorld(t)
	b := w.box("bwenge", "2 1 192.168.4.1/24")
	w.run(settledAfter)
	random := rand.New(rand.NewPCG(1, 2))
	valid := question("bwenge.local. ANY", "_http._tcp.local. PTR")
	valid.Answer = []dns.RR{record(t, "_http._tcp.local. 4500 IN PTR bwenge._http._tcp.local.")}
	valid.Ns = []dns.RR{record(t, "other.local. 120 IN A 192.168.4.1")}
	sample, _ := valid.Pack()
	for i := range 20_000 {
		data := slices.Clone(sample)
		switch i % 3 {
		case 0:
			data = data[:random.IntN(len(data))]
		case 1:
			for range 1 + random.IntN(4) {
				data[random.IntN(len(data))] = byte(random.IntN(256))
			}
			data[2] |= 2 * byte(i&1) // says that more follows
		case 2:
			data = make([]byte, random.IntN(200))
			for j := range data {
				data[j] = byte(random.IntN(256))
			}
		}
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 4, byte(2 + random.IntN(200))}), uint16(random.IntN(2)*1000+mdnsPort))
		b.packet(w.now, incoming{2, v4, from, true, data})
		if i%100 == 0 {
			w.run(10 * time.Millisecond)
		}
	}
	s := b.links[2]
	if len(s.partial) > mostPartial || len(s.told) > 50 || len(s.pending[v4]) > 50 {
		t.Errorf("it keeps %d queries, %d told, %d pending", len(s.partial), len(s.told), len(s.pending[v4]))
	}
	w.run(settledAfter)
	if out := w.hear(b, 2, "192.168.4.9:5353", question("bwenge.local. A")); len(out) == 0 {
		t.Error("not found any more")
	}
}

func FuzzPacket(f *testing.F) {
	data, _ := question("bwenge.local. ANY").Pack()
	f.Add(data, uint16(mdnsPort), true)
	f.Fuzz(func(t *testing.T, data []byte, port uint16, group bool) {
		w := newWorld(t)
		b := w.box("bwenge", "2 1 192.168.4.1/24")
		w.run(settledAfter)
		b.packet(w.now, incoming{2, v4, netip.AddrPortFrom(netip.MustParseAddr("192.168.4.9"), port), group, data})
		w.run(settledAfter)
	})
}

func TestNumberOf(t *testing.T) {
	for _, c := range []struct {
		wanted, kept string
		want         int
	}{{"bwenge", "", 0}, {"bwenge", "bwenge", 0}, {"bwenge", "bwenge-2", 2}, {"bwenge", "Bwenge-17", 17}, {"lycee", "bwenge-2", 0},
		{"bwenge", "bwenge-1", 0}, {"bwenge", "bwenge--3", 0}, {"bwenge", "bwenge-x", 0}, {"bwenge", "bwenge-100000000", 0}} {
		if got := numberOf(c.wanted, c.kept); got != c.want {
			t.Errorf("%q of %q: %d", c.kept, c.wanted, got)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"bwenge": true, "GS-Kibeho-2": true, "": false, "-x": false, "x-": false, "a.b": false, "école": false, "a b": false, strings.Repeat("a", 51): false} {
		if got := label.MatchString(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestAddressFor(t *testing.T) {
	prefixes := func(list ...string) (p []netip.Prefix) {
		for _, text := range list {
			p = append(p, netip.MustParsePrefix(text))
		}
		return p
	}
	links := []Link{{2, "eth0", prefixes("192.168.1.5/24", "192.168.9.5/24", "fd00:1::5/64", "fe80::5/64")}, {3, "wlan0", prefixes("10.42.0.1/24", "fe80::6/64")}}
	for near, want := range map[string]string{
		"192.168.1.5":    "192.168.1.5", // the box's own, that was used
		"192.168.9.5":    "192.168.9.5",
		"10.42.0.1":      "10.42.0.1",
		"::ffff:a2a:1":   "10.42.0.1",
		"10.42.0.77":     "10.42.0.1", // somebody on that network
		"192.168.9.44":   "192.168.9.5",
		"fd00:1::5":      "192.168.1.5", // the number that is easier to type
		"fd00:1::77":     "192.168.1.5",
		"8.8.8.8":        "192.168.1.5",
		"fe80::6%wlan0":  "192.168.1.5", // fe80:: says nothing about the link
		"169.254.10.200": "192.168.1.5",
	} {
		if got, ok := AddressFor(links, netip.MustParseAddr(near)); !ok || got.String() != want {
			t.Errorf("near %s: %v, want %s", near, got, want)
		}
	}
	if got, _ := AddressFor(links, netip.Addr{}); got.String() != "192.168.1.5" {
		t.Error(got)
	}
	if got, ok := AddressFor([]Link{{2, "eth0", prefixes("fd00::1/64")}, {3, "eth1", prefixes("169.254.3.4/16")}}, netip.Addr{}); !ok || got.String() != "169.254.3.4" {
		t.Error(got)
	}
	if _, ok := AddressFor(nil, netip.MustParseAddr("10.0.0.1")); ok {
		t.Error("an address without a network")
	}
}
