package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// traces are eight-byte stretches of what was deleted.
type traces map[uint64]string

// text adds every word of the texts, without its first letters: the word index
// keeps only the end of a word that begins like its neighbour.
func (m traces) text(texts ...string) {
	for _, text := range texts {
		for _, w := range strings.Fields(text) {
			m[binary.LittleEndian.Uint64([]byte(w[4:12]))] = w
		}
	}
}

// vectors adds every other pair of numbers of the texts' vectors.
func (m traces) vectors(texts ...string) {
	for _, text := range texts {
		blob := encodeVector(vectorOf(text))
		for i := 0; i < len(blob); i += 16 {
			m[binary.LittleEndian.Uint64(blob[i:])] = "a vector"
		}
	}
}

// left returns the traces that stand anywhere in the database's files.
func (m traces) left(tb testing.TB, s *Store) (found []string) {
	tb.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		file, err := os.ReadFile(s.Path() + suffix)
		if err != nil {
			tb.Fatal(err)
		}
		for i := 0; i+8 <= len(file); i++ {
			if what, ok := m[binary.LittleEndian.Uint64(file[i:])]; ok {
				found = append(found, fmt.Sprintf("%s at %d of db%s", what, i, suffix))
			}
		}
	}
	return found
}

// inventor makes words that occur nowhere else.
type inventor struct{ r *rand.Rand }

func (v inventor) word() string {
	b := make([]byte, 12)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz"[v.r.IntN(26)]
	}
	return string(b)
}

func (v inventor) text(words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = v.word()
	}
	return strings.Join(list, " ")
}

func TestDeletedSourceLeavesNoByte(t *testing.T) {
	s := open(t)
	invent := inventor{rand.New(rand.NewPCG(1, 2))}
	type made struct {
		src appliance.Source
		traces
	}
	var sources []made
	for range 10 {
		title := invent.word() + ".pdf"
		var texts []string
		for range 1 + invent.r.IntN(60) {
			texts = append(texts, invent.text(3+invent.r.IntN(200)))
		}
		m := made{addReady(t, s, org, title, texts...), traces{}}
		m.text(append(texts, title)...)
		m.vectors(texts...)
		sources = append(sources, m)
	}
	if m := sources[9]; len(m.left(t, s)) < len(m.traces) {
		t.Fatal("the search for traces does not even find what is there")
	}
	invent.r.Shuffle(len(sources), func(i, j int) { sources[i], sources[j] = sources[j], sources[i] })
	for i, m := range sources {
		sha256, last, err := s.DeleteSource(t.Context(), org, m.src.ID)
		if err != nil || !last || sha256 != m.src.SHA256 {
			t.Fatal(sha256, last, err)
		}
		// A file that was rewritten has no free pages, nor any that moved.
		var free int
		if err := s.read(t.Context(), func(r *tx) error { return r.QueryRow(`PRAGMA freelist_count`).Scan(&free) }); err != nil || free > 0 {
			t.Fatalf("%d free pages: %v", free, err)
		}
		if found := m.left(t, s); len(found) > 0 {
			t.Errorf("source %d left %d of %d traces: %s", i, len(found), len(m.traces), found[0])
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestDeletedConversationLeavesNoByte(t *testing.T) {
	s := open(t)
	invent := inventor{rand.New(rand.NewPCG(3, 4))}
	src := addReady(t, s, org, "book", invent.text(100))
	marks := map[string]traces{}
	ids := make([]string, 30)
	for i := range 300 { // turns of different conversations lie next to each other
		n := invent.r.IntN(len(ids))
		question, answer := invent.text(1+invent.r.IntN(30)), invent.text(1+invent.r.IntN(300))
		q := appliance.Question{ID: fmt.Sprint("q", i), ConversationID: ids[n], Text: question}
		conv, _, _, err := s.SaveQuestion(t.Context(), org, "", q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SaveAnswer(t.Context(), org, "", q.ID, appliance.Answer{ResponseText: answer,
			Citations: []appliance.Citation{{Number: 1, ChunkID: 1, SourceID: src.ID}}}); err != nil {
			t.Fatal(err)
		}
		if ids[n] = conv.ID; marks[conv.ID] == nil {
			marks[conv.ID] = traces{}
		}
		marks[conv.ID].text(question, answer)
	}
	for _, id := range slices.DeleteFunc(ids, func(id string) bool { return id == "" }) {
		if err := s.DeleteConversation(t.Context(), org, "", id); err != nil {
			t.Fatal(err)
		}
		if found := marks[id].left(t, s); len(found) > 0 {
			t.Errorf("the conversation left %d of %d traces: %s", len(found), len(marks[id]), found[0])
		}
	}
}

// Forgetting does not rewrite the file while somebody waits; it is rewritten
// soon after, and at the latest before the box stops.
func TestForgettingIsCleanedUpInTheBackground(t *testing.T) {
	s := open(t)
	s.cleanPause = time.Hour // only the stop is left
	invent := inventor{rand.New(rand.NewPCG(5, 6))}
	marks := traces{}
	for range 40 {
		if err := s.AddMemory(t.Context(), org, "amina", appliance.Memory{Text: invent.text(40), Vector: vectorOf("x")}); err != nil {
			t.Fatal(err)
		}
	}
	// Memories are sealed, so it is the sealed bytes that must go.
	if err := s.read(t.Context(), func(r *tx) error {
		sealed, err := all(r, column[[]byte], `SELECT text FROM memory WHERE org_id = ?`, org)
		for _, blob := range sealed {
			for i := 16; i+8 <= len(blob); i += 16 {
				marks[binary.LittleEndian.Uint64(blob[i:])] = "a memory"
			}
		}
		return err
	}); err != nil || len(marks) < 100 {
		t.Fatal(len(marks), err)
	}
	before := rewritten(t, s)
	ctx, stop := context.WithCancel(t.Context())
	cleaned := make(chan error, 1)
	go func() { cleaned <- s.Clean(ctx) }()
	if err := s.DeleteMemory(t.Context(), org, "amina", ""); err != nil {
		t.Fatal(err)
	}
	if !due(t, s) || rewritten(t, s) != before {
		t.Error("the file was rewritten while somebody waited")
	}
	stop()
	if err := <-cleaned; err != nil {
		t.Fatal(err)
	}
	if due(t, s) {
		t.Error("the file is not cleaned when the box stops")
	}
	if found := marks.left(t, s); len(found) > 0 {
		t.Errorf("%d traces: %s", len(found), found[0])
	}

	// What an earlier run left is cleaned by the next.
	if err := s.write(t.Context(), dueErase); err != nil {
		t.Fatal(err)
	}
	s.cleanPause = time.Millisecond
	go func() { _ = s.Clean(t.Context()) }()
	for deadline := time.Now().Add(20 * time.Second); due(t, s); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what an earlier run left is not cleaned")
		}
	}
}

func due(t testing.TB, s *Store) (due bool) {
	t.Helper()
	if err := s.read(t.Context(), func(r *tx) error {
		return r.QueryRow(`SELECT count(*) FROM setting WHERE key = ?`, eraseDue).Scan(&due)
	}); err != nil {
		t.Fatal(err)
	}
	return due
}

// rewritten changes when the file is rewritten.
func rewritten(t testing.TB, s *Store) (cookie int) {
	t.Helper()
	if err := s.read(t.Context(), func(r *tx) error { return r.QueryRow(`PRAGMA schema_version`).Scan(&cookie) }); err != nil {
		t.Fatal(err)
	}
	return cookie
}

// The word index keeps what was deleted in its segments until they are merged,
// and may still keep it then: FTS5 lets a deletion's own words stand where it
// believes that an older segment might need them.
func TestDeletedWordsLeaveTheIndexAfterManyMerges(t *testing.T) {
	s := open(t)
	invent := inventor{rand.New(rand.NewPCG(5, 6))}
	addReady(t, s, org, "kept", invent.text(30))
	for round := range 6 {
		for range 4 {
			addReady(t, s, org, invent.word(), invent.text(20))
		}
		var canaries []string
		for range 3 + 12*(round%2) { // larger than all the rest, every second time
			canaries = append(canaries, invent.text(150))
		}
		m := traces{}
		m.text(canaries...)
		src := addReady(t, s, org, invent.word(), canaries...)
		if _, _, err := s.DeleteSource(t.Context(), org, src.ID); err != nil {
			t.Fatal(err)
		}
		if found := m.left(t, s); len(found) > 0 {
			t.Fatalf("round %d left %d traces: %s", round, len(found), found[0])
		}
		if err := s.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Nothing says any more that an erased pupil was there: neither their failed
// sign-ins nor the devices that know them.
func TestErasedUserLeavesNoIDInFailedAttempts(t *testing.T) {
	s := open(t)
	var pupils []appliance.UserID
	for range 40 { // rows lie next to each other
		u, err := s.AddUser(t.Context(), org, appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		pupils = append(pupils, u.ID)
	}
	now := time.Now()
	for _, way := range []string{"address/", "class/", "pupil/"} {
		for _, id := range pupils {
			limit := appliance.AttemptLimit{Key: way + string(id), User: id, Most: 5, Window: time.Hour}
			if full, _, err := s.ReserveAttempt(t.Context(), org, []appliance.AttemptLimit{limit}, now); err != nil || full != nil {
				t.Fatal(full, err)
			}
		}
	}
	for _, id := range pupils[10:15] {
		if _, err := s.EraseUser(t.Context(), org, id); err != nil {
			t.Fatal(err)
		}
		file := ""
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(s.Path() + suffix)
			if err != nil {
				t.Fatal(err)
			}
			file += string(content)
		}
		if at := strings.Index(file, string(id)); at >= 0 {
			t.Errorf("the id is still there at %d: %q", at, file[max(at-20, 0):at+len(id)+20])
		}
	}
}
