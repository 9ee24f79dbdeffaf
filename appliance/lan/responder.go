package lan

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// Times and counts of RFC 6762, whose sections are named.
const (
	probes      = 3 // 8.1
	probeGap    = 250 * time.Millisecond
	lostTie     = time.Second // 8.2
	announcings = 2           // 8.3
	announceGap = time.Second
	repeatGap   = time.Second // 6: a record is multicast at most once in it
	defendGap   = 250 * time.Millisecond
	moreKnown   = 400 * time.Millisecond // 7.2: the rest of what is known follows
	manyRenames = 15                     // 8.1: from then on slowly, until there is peace
	slowRename  = 5 * time.Second
	peace       = time.Minute

	addressTTL = 120 // 10: what changes with the machine's addresses
	stableTTL  = 4500
	legacyTTL  = 10 // 6.7

	topBit = 1 << 15 // of a class: "flush your cache" in a record, "answer me alone" in a question
)

// Limits on what strangers can make the box do.
const (
	mostQuestions = 64
	mostPartial   = 16 // askers whose known answers are still on their way
	mostKnown     = 512
	aloneRate     = 50 // answers to one asker, a second and link
	aloneBurst    = 100
	rememberOwn   = 10 * time.Second // an address that the machine had: its packets are still on the way
)

type family int

const (
	v4 family = 4
	v6 family = 6
)

// mdnsPort is what multicast DNS is spoken on.
const mdnsPort = 5353

// incoming is a packet that was read.
type incoming struct {
	link   int // its interface's index
	family family
	from   netip.AddrPort
	group  bool // it was sent to everybody
	data   []byte
}

// outgoing is a packet to send.
type outgoing struct {
	link   int
	family family
	to     netip.AddrPort // not valid: to everybody
	msg    *dns.Msg
}

// Service is what the box offers.
type Service struct {
	Type string // such as _http._tcp
	TXT  []string
}

type phase int

const (
	probing phase = iota
	announcing
	settled
)

// responder is multicast DNS without the network: packets, links and the time go
// in, packets come out. One goroutine owns it.
type responder struct {
	wanted   string
	number   int // 0 for the name as wanted
	port     int
	services []Service
	links    map[int]*linkState
	own      map[netip.Addr]time.Time // addresses of this machine, and when it last had them
	renames  int                      // since there was peace
	renamed  time.Time

	send   func(outgoing)
	random func(most time.Duration) time.Duration
}

// linkState is how far the box has come on one link.
type linkState struct {
	Link
	records []dns.RR
	phase   phase
	sent    int       // probes or announcements
	due     time.Time // of the next one; zero when settled
	told    map[told]time.Time
	pending map[family][]pending
	partial map[netip.AddrPort]*query
	alone   *rate.Limiter
}

// told is a record that everybody on a link was told.
type told struct {
	family family
	record string
}

type pending struct {
	record dns.RR
	due    time.Time
}

// query is what somebody asks and knows already.
type query struct {
	family    family
	from      netip.AddrPort
	id        uint16
	alone     bool // all of it is to be answered to the asker
	probe     bool
	questions []dns.Question
	known     []dns.RR
	due       time.Time
}

// label is the name that is used now.
func (r *responder) label() string {
	if r.number == 0 {
		return r.wanted
	}
	return fmt.Sprintf("%s-%d", r.wanted, r.number)
}

func (r *responder) host() string { return r.label() + ".local." }

const servicesName = "_services._dns-sd._udp.local."

// recordsOf are all records about the box on one link. The name of the machine
// is that of its services as well, so that there is one to change.
func (r *responder) recordsOf(l Link) (list []dns.RR) {
	var ips []net.IP
	for _, a := range l.published() {
		ips = append(ips, a.AsSlice())
	}
	for _, s := range r.services {
		zone, err := mdns.NewMDNSService(r.label(), s.Type, "local.", r.host(), r.port, ips, s.TXT)
		if err != nil {
			slog.Error("lan: a service cannot be announced", "service", s.Type, "error", err)
			continue
		}
		for _, name := range []string{servicesName, s.Type + ".local."} {
			for _, rr := range zone.Records(dns.Question{Name: name, Qtype: dns.TypeANY}) {
				if !contains(list, rr) {
					rr.Header().Ttl = addressTTL
					if t := rr.Header().Rrtype; t == dns.TypePTR || t == dns.TypeTXT {
						rr.Header().Ttl = stableTTL
					}
					list = append(list, rr)
				}
			}
		}
	}
	return list
}

func contains(list []dns.RR, rr dns.RR) bool {
	return slices.ContainsFunc(list, func(x dns.RR) bool { return dns.IsDuplicate(x, rr) })
}

// unique records are ours alone; a service's list is everybody's.
func unique(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypePTR }

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// setLinks takes the links that the machine has now. What is new is probed for;
// what has only changed is announced.
func (r *responder) setLinks(now time.Time, links []Link) {
	for a, last := range r.own {
		if now.Sub(last) > rememberOwn {
			delete(r.own, a)
		}
	}
	for _, l := range links {
		for _, p := range l.Addrs {
			r.own[p.Addr()] = now
		}
	}
	for index := range r.links {
		if !slices.ContainsFunc(links, func(l Link) bool { return l.Index == index }) {
			delete(r.links, index)
		}
	}
	for _, l := range links {
		s := r.links[l.Index]
		switch {
		case s == nil || s.Name != l.Name:
			s = &linkState{Link: l, alone: rate.NewLimiter(aloneRate, aloneBurst), partial: map[netip.AddrPort]*query{}}
			r.links[l.Index] = s
			r.probe(s, now.Add(r.random(probeGap)))
		case !slices.Equal(s.Addrs, l.Addrs):
			r.changed(now, s, l)
		}
	}
}

// changed says goodbye for the addresses that are gone. Where none of those
// before is left, this may be another network: its names are probed for.
func (r *responder) changed(now time.Time, s *linkState, l Link) {
	before := s.records
	kept := slices.ContainsFunc(s.Addrs, func(p netip.Prefix) bool { return l.has(p.Addr()) })
	s.Link = l
	s.records = r.recordsOf(l)
	if s.phase != probing {
		var gone []dns.RR
		for _, rr := range before {
			if !contains(s.records, rr) {
				gone = append(gone, rr)
			}
		}
		r.goodbye(s, gone)
	}
	if !kept {
		r.probe(s, now)
		return
	}
	s.told, s.pending = map[told]time.Time{}, nil
	if s.phase != probing {
		s.phase, s.sent, s.due = announcing, 0, now
	}
}

// probe begins to ask for the name on a link.
func (r *responder) probe(s *linkState, at time.Time) {
	s.records = r.recordsOf(s.Link)
	s.phase, s.sent, s.due = probing, 0, at
	s.told, s.pending = map[told]time.Time{}, nil
}

// next is when tick has something to do; zero if never.
func (r *responder) next() (first time.Time) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, s := range r.links {
		earlier(s.due)
		for _, list := range s.pending {
			for _, p := range list {
				earlier(p.due)
			}
		}
		for _, q := range s.partial {
			earlier(q.due)
		}
	}
	return first
}

// tick does what is due.
func (r *responder) tick(now time.Time) {
	for _, s := range r.links {
		for from, q := range s.partial {
			if !q.due.After(now) {
				delete(s.partial, from)
				r.respond(now, s, q)
			}
		}
		if !s.due.IsZero() && !s.due.After(now) {
			r.step(now, s)
		}
		for f := range s.pending {
			r.flush(now, s, f)
		}
	}
}

// step sends the next probe or announcement.
func (r *responder) step(now time.Time, s *linkState) {
	if s.phase == probing && s.sent < probes {
		r.multicast(s, s.families(), r.question(s))
		s.sent++
		s.due = now.Add(probeGap)
		return
	}
	if s.phase == probing {
		slog.Info("found on the network", "name", r.label()+".local", "interface", s.Name, "addresses", s.published())
		s.phase, s.sent = announcing, 0
	}
	for _, f := range s.families() {
		r.tell(now, s, f, s.records, nil)
	}
	s.sent++
	s.due = now.Add(announceGap)
	if s.sent == announcings {
		s.phase, s.due = settled, time.Time{}
	}
}

// question asks whether anybody has the names of a link's records. Everybody is
// to hear the answer: where another responder shares the port, it alone may get
// what is sent to this machine.
func (r *responder) question(s *linkState) *dns.Msg {
	msg := new(dns.Msg)
	for _, rr := range s.records {
		if !unique(rr) {
			continue
		}
		msg.Ns = append(msg.Ns, rr)
		if name := rr.Header().Name; !slices.ContainsFunc(msg.Question, func(q dns.Question) bool { return q.Name == name }) {
			msg.Question = append(msg.Question, dns.Question{Name: name, Qtype: dns.TypeANY, Qclass: dns.ClassINET})
		}
	}
	return msg
}

// packet takes what was read. Whatever is wrong with it, it is left.
func (r *responder) packet(now time.Time, in incoming) {
	s := r.links[in.link]
	from := in.from.Addr().Unmap().WithZone("")
	// 11: nothing from beyond the link; what was sent to everybody has not passed a router.
	if s == nil || !in.group && !s.near(from) {
		return
	}
	msg := new(dns.Msg)
	if err := msg.Unpack(in.data); err != nil || msg.Opcode != dns.OpcodeQuery || msg.Rcode != dns.RcodeSuccess {
		return
	}
	for _, list := range [][]dns.RR{msg.Answer, msg.Ns, msg.Extra} {
		for _, rr := range list {
			if h := rr.Header(); h.Rrtype != dns.TypeOPT {
				h.Class &^= topBit
			}
		}
	}
	_, isOwn := r.own[from]
	switch {
	case msg.Response && in.from.Port() == mdnsPort:
		r.heard(now, s, msg, isOwn)
	case !msg.Response && len(msg.Question) <= mostQuestions:
		r.asked(now, s, in, msg, isOwn)
	}
}

// asked takes a query, or the rest of one.
func (r *responder) asked(now time.Time, s *linkState, in incoming, msg *dns.Msg, isOwn bool) {
	if s.phase == probing {
		if len(msg.Ns) > 0 && r.loses(s, msg, isOwn) {
			slog.Debug("lan: somebody asks for the same name, and comes first", "from", in.from)
			s.sent, s.due = 0, now.Add(lostTie)
		}
		return
	}
	legacy := in.from.Port() != mdnsPort
	if q := s.partial[in.from]; q != nil {
		q.questions = append(q.questions, msg.Question...)
		q.known = append(q.known, msg.Answer...)
		if msg.Truncated {
			q.due = now.Add(moreKnown + r.random(100*time.Millisecond))
		}
		if len(q.known) > mostKnown || len(q.questions) > mostQuestions {
			delete(s.partial, in.from)
		}
		return
	}
	q := &query{family: in.family, from: in.from, alone: legacy || !in.group, probe: len(msg.Ns) > 0,
		questions: msg.Question, known: msg.Answer}
	if legacy {
		q.id = msg.Id
	}
	if msg.Truncated && !legacy && len(s.partial) < mostPartial {
		q.due = now.Add(moreKnown + r.random(100*time.Millisecond))
		s.partial[in.from] = q
		return
	}
	r.respond(now, s, q)
}

// respond answers what the link's records can.
func (r *responder) respond(now time.Time, s *linkState, q *query) {
	if s.phase == probing {
		return
	}
	var alone, all []dns.RR
	add := func(list *[]dns.RR, rr dns.RR) {
		if !knows(q.known, rr) && !contains(*list, rr) {
			*list = append(*list, rr)
		}
	}
	for _, question := range q.questions {
		if class := question.Qclass &^ topBit; class != dns.ClassINET && class != dns.ClassANY {
			continue
		}
		for _, rr := range s.answers(question) {
			// 5.4: what has not been told for long is told to everybody.
			fresh := now.Sub(s.told[told{q.family, rr.String()}]) < time.Duration(rr.Header().Ttl)*time.Second/4
			switch {
			case q.alone, question.Qclass&topBit != 0 && !q.probe && fresh:
				add(&alone, rr)
			default:
				add(&all, rr)
			}
		}
	}
	// 11: nothing is sent beyond the link, whoever the packet says has sent it.
	if len(alone) > 0 && s.near(q.from.Addr().Unmap().WithZone("")) && s.alone.AllowN(now, 1) {
		r.reply(s, q, alone)
	}
	r.schedule(now, s, q, all)
	r.flush(now, s, q.family)
}

// knows reports whether an asker has a record for at least half its time yet.
func knows(known []dns.RR, rr dns.RR) bool {
	return slices.ContainsFunc(known, func(k dns.RR) bool {
		return dns.IsDuplicate(k, rr) && k.Header().Ttl >= rr.Header().Ttl/2
	})
}

// answers are the records that a question is about. That a name of ours has
// nothing of a type is an answer too, which saves the asker from waiting.
func (s *linkState) answers(q dns.Question) (list []dns.RR) {
	var types []uint16
	var name string // as we write it: askers choose how they do
	for _, rr := range s.records {
		if h := rr.Header(); sameName(h.Name, q.Name) {
			if q.Qtype == dns.TypeANY || q.Qtype == h.Rrtype {
				list = append(list, rr)
			}
			if unique(rr) {
				name, types = h.Name, append(types, h.Rrtype)
			}
		}
	}
	if len(list) == 0 && len(types) > 0 {
		list = append(list, nsec(name, types))
	}
	return list
}

func nsec(name string, types []uint16) dns.RR {
	slices.Sort(types)
	return &dns.NSEC{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: addressTTL},
		NextDomain: name, TypeBitMap: slices.Compact(types)}
}

// beside are the records that an asker will want next.
func (s *linkState) beside(answers, known []dns.RR) (extra []dns.RR) {
	all := slices.Clone(answers)
	for i := 0; i < len(all); i++ {
		var name string
		switch rr := all[i].(type) {
		case *dns.PTR:
			name = rr.Ptr
		case *dns.SRV:
			name = rr.Target
		case *dns.A, *dns.AAAA:
			name = rr.Header().Name
		default:
			continue
		}
		for _, rr := range s.records {
			if unique(rr) && sameName(rr.Header().Name, name) && !contains(all, rr) {
				all = append(all, rr)
				if !knows(known, rr) {
					extra = append(extra, rr)
				}
			}
		}
	}
	return extra
}

// schedule puts answers to everybody in their time: at once if they are ours
// alone to give, else a little later, and never twice in a second.
func (r *responder) schedule(now time.Time, s *linkState, q *query, records []dns.RR) {
	delay, gap := time.Duration(0), repeatGap
	if q.probe {
		gap = defendGap
	} else if slices.ContainsFunc(records, func(rr dns.RR) bool { return !unique(rr) }) {
		delay = 20*time.Millisecond + r.random(100*time.Millisecond)
	}
	for _, rr := range records {
		due := now.Add(delay)
		if last, ok := s.told[told{q.family, rr.String()}]; ok && last.Add(gap).After(due) {
			due = last.Add(gap)
		}
		if s.pending == nil {
			s.pending = map[family][]pending{}
		}
		list := s.pending[q.family]
		if i := slices.IndexFunc(list, func(p pending) bool { return dns.IsDuplicate(p.record, rr) }); i < 0 {
			s.pending[q.family] = append(list, pending{rr, due})
		} else if due.Before(list[i].due) {
			list[i].due = due
		}
	}
}

// flush tells everybody what is due.
func (r *responder) flush(now time.Time, s *linkState, f family) {
	var answers []dns.RR
	var later []pending
	for _, p := range s.pending[f] {
		if p.due.After(now) {
			later = append(later, p)
		} else {
			answers = append(answers, p.record)
		}
	}
	if len(answers) == 0 {
		return
	}
	s.pending[f] = later
	r.tell(now, s, f, answers, s.beside(answers, nil))
}

// tell sends records to everybody.
func (r *responder) tell(now time.Time, s *linkState, f family, answers, extra []dns.RR) {
	for _, rr := range answers {
		s.told[told{f, rr.String()}] = now
	}
	r.multicast(s, []family{f}, response(flushing(answers), flushing(extra)))
}

func response(answers, extra []dns.RR) *dns.Msg {
	msg := &dns.Msg{Answer: answers, Extra: extra}
	msg.Response, msg.Authoritative, msg.Compress = true, true, true
	return msg
}

// flushing marks the records that replace all others of their name and type.
func flushing(records []dns.RR) []dns.RR {
	list := make([]dns.RR, len(records))
	for i, rr := range records {
		list[i] = dns.Copy(rr)
		if unique(rr) {
			list[i].Header().Class |= topBit
		}
	}
	return list
}

// reply answers one asker. A resolver that knows nothing of multicast DNS gets
// what it expects: its question and id, and short times.
func (r *responder) reply(s *linkState, q *query, answers []dns.RR) {
	extra := s.beside(answers, q.known)
	msg := response(flushing(answers), flushing(extra))
	if q.from.Port() != mdnsPort {
		msg.Id = q.id
		for _, question := range q.questions {
			question.Qclass &^= topBit
			msg.Question = append(msg.Question, question)
		}
		for _, rr := range slices.Concat(msg.Answer, msg.Extra) {
			h := rr.Header()
			h.Class, h.Ttl = dns.ClassINET, min(h.Ttl, legacyTTL)
		}
	}
	r.send(outgoing{s.Index, q.family, q.from, msg})
}

func (r *responder) multicast(s *linkState, families []family, msg *dns.Msg) {
	for _, f := range families {
		r.send(outgoing{link: s.Index, family: f, msg: msg})
	}
}

// goodbye takes records back. That a kind of service exists is not ours to take.
func (r *responder) goodbye(s *linkState, records []dns.RR) {
	var list []dns.RR
	for _, rr := range records {
		if rr.Header().Name == servicesName {
			continue
		}
		rr = dns.Copy(rr)
		rr.Header().Ttl = 0
		list = append(list, rr)
	}
	if len(list) > 0 {
		r.multicast(s, s.families(), response(list, nil))
	}
}

// stop takes all records back.
func (r *responder) stop() {
	for _, s := range r.links {
		if s.phase != probing {
			r.goodbye(s, s.records)
		}
	}
}

// heard looks whether others say something else about our names.
func (r *responder) heard(now time.Time, s *linkState, msg *dns.Msg, isOwn bool) {
	for _, rr := range slices.Concat(msg.Answer, msg.Extra) {
		if rr.Header().Ttl == 0 || !r.disputes(s, rr, isOwn) {
			continue
		}
		if s.phase == probing {
			if s.sent > 0 { // else the answer to our question will tell
				r.rename(now, s, rr)
			}
			return
		}
		// 9: asked again; the other one answers, or begins to ask as well.
		r.probe(s, now)
		return
	}
}

// disputes reports whether a record claims a name of ours for another machine.
// While it is asked for, anything that is there under the name does.
func (r *responder) disputes(s *linkState, rr dns.RR, isOwn bool) bool {
	h := rr.Header()
	if !unique(rr) || h.Rrtype == dns.TypeNSEC {
		return false
	}
	// Another responder of this machine, and our own packets that come back by a
	// second interface, lead here as well.
	switch a := rr.(type) {
	case *dns.A:
		isOwn = isOwn || r.ours(a.A)
	case *dns.AAAA:
		isOwn = isOwn || r.ours(a.AAAA)
	default:
		isOwn = false
	}
	if isOwn || contains(s.records, rr) {
		return false
	}
	return slices.ContainsFunc(s.records, func(mine dns.RR) bool {
		return unique(mine) && sameName(mine.Header().Name, h.Name) && (s.phase == probing || mine.Header().Rrtype == h.Rrtype)
	})
}

func (r *responder) ours(ip net.IP) bool {
	a, _ := netip.AddrFromSlice(ip)
	_, ok := r.own[a.Unmap()]
	return ok
}

// rename takes the next name, on all links: there it is asked for anew.
func (r *responder) rename(now time.Time, found *linkState, other dns.RR) {
	before := r.label()
	r.stop()
	r.number = max(r.number+1, 2)
	slog.Warn("another machine on the network has this name", "name", before+".local", "interface", found.Name, "record", other.String(), "new_name", r.label()+".local")
	if now.Sub(r.renamed) > peace {
		r.renames = 0
	}
	r.renames++
	r.renamed = now
	at := now
	if r.renames >= manyRenames {
		at = now.Add(slowRename)
	}
	for _, s := range r.links {
		r.probe(s, at)
	}
}

// loses reports whether somebody who asks for a name of ours in the same moment
// wins it: whose records come later in the alphabet (8.2). Our own question that
// comes back by a second interface differs in its addresses alone.
func (r *responder) loses(s *linkState, msg *dns.Msg, isOwn bool) bool {
	for _, q := range msg.Question {
		of := func(list []dns.RR) (data [][]byte) {
			for _, rr := range list {
				isAddress := rr.Header().Rrtype == dns.TypeA || rr.Header().Rrtype == dns.TypeAAAA
				if unique(rr) && sameName(rr.Header().Name, q.Name) && !(isOwn && isAddress) {
					data = append(data, inOrder(rr))
				}
			}
			slices.SortFunc(data, bytes.Compare)
			return data
		}
		ours, theirs := of(s.records), of(msg.Ns)
		if len(ours) == 0 || len(theirs) == 0 {
			continue
		}
		if slices.CompareFunc(ours, theirs, bytes.Compare) < 0 {
			return true
		}
	}
	return false
}

// inOrder is a record as bytes that compare as RFC 6762 wants: class, type, data.
func inOrder(rr dns.RR) []byte {
	buf := make([]byte, dns.Len(rr)+256)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return nil
	}
	name, err := dns.PackDomainName(rr.Header().Name, buf, 0, nil, false)
	if err != nil || name+10 > end {
		return nil
	}
	h := rr.Header()
	return append([]byte{byte(h.Class >> 8), byte(h.Class), byte(h.Rrtype >> 8), byte(h.Rrtype)}, buf[name+10:end]...)
}

// foundOn are the links on which the name is the box's.
func (r *responder) foundOn() (list []Link) {
	for _, s := range r.links {
		if s.phase != probing {
			list = append(list, s.Link)
		}
	}
	slices.SortFunc(list, func(a, b Link) int { return cmp.Compare(a.Index, b.Index) })
	return list
}
