package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/bwenge-os/bwenge/appliance"
)

// ledger is what the box has acknowledged, kept outside it.
type ledger struct {
	mu        sync.Mutex
	sources   map[string]string           // id → sha256
	questions map[string]question         // request id → where it was stored
	answers   map[string]appliance.Answer // request id → as delivered
	parts     map[string]int              // source id → finished steps seen on disk
}

type question struct{ conversation, text string }

func newLedger() *ledger {
	return &ledger{
		sources:   map[string]string{},
		questions: map[string]question{},
		answers:   map[string]appliance.Answer{},
		parts:     map[string]int{},
	}
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d uploads, %d questions, %d answers", len(l.sources), len(l.questions), len(l.answers))
}

func (l *ledger) source(s appliance.Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sources[s.ID] = s.SHA256
}

func (l *ledger) event(id, text string, e appliance.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e.Type {
	case appliance.EventAccepted:
		l.questions[id] = question{e.Accepted.ConversationID, text}
	case appliance.EventDone:
		l.answers[id] = *e.Done
	}
}

// verify asks a running box for everything it has acknowledged.
func (l *ledger) verify(ctx context.Context, a *api) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, sha := range l.sources {
		var s appliance.Source
		if err := a.get(ctx, "/knowledge/"+id+"/status", &s); err != nil {
			return fmt.Errorf("an acknowledged upload is lost: %w", err)
		}
		if s.SHA256 != sha {
			return fmt.Errorf("source %s has other bytes than were acknowledged", id)
		}
		if err := a.get(ctx, "/knowledge/"+id+"/file", nil); err != nil {
			return fmt.Errorf("the file of an acknowledged upload is lost: %w", err)
		}
	}
	for id, q := range l.questions {
		var c struct {
			Messages []appliance.Message `json:"messages"`
		}
		if err := a.get(ctx, "/conversations/"+q.conversation, &c); err != nil {
			return fmt.Errorf("an accepted question is lost: %w", err)
		}
		asked, answered := 0, 0
		for _, m := range c.Messages {
			if m.RequestID != id {
				continue
			}
			switch {
			case m.Role == appliance.SpeakerUser && m.Text == q.text:
				asked++
			case m.Role == appliance.SpeakerAssistant:
				answered++
				if want, ok := l.answers[id]; ok && m.Text != want.ResponseText {
					return fmt.Errorf("the answer to %s is not the one that was delivered", id)
				}
			}
		}
		if asked != 1 {
			return fmt.Errorf("question %s is stored %d times", id, asked)
		}
		if _, ok := l.answers[id]; ok && answered != 1 {
			return fmt.Errorf("the delivered answer to %s is stored %d times", id, answered)
		}
	}
	return nil
}

// inspect looks into the database of a box that is down.
func (l *ledger) inspect(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=10000")
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("integrity_check: %q %w", verdict, err)
	}
	for what, query := range map[string]string{
		"foreign keys point nowhere":   "SELECT count(*) FROM pragma_foreign_key_check",
		"chunks are there twice":       "SELECT count(*) FROM (SELECT 1 FROM chunk GROUP BY source_id, seq HAVING count(*) > 1)",
		"ready sources miss chunks":    "SELECT count(*) FROM source s WHERE status = 'ready' AND chunks <> (SELECT count(*) FROM chunk c WHERE c.source_id = s.id)",
		"chunks have no text in index": "SELECT abs((SELECT count(*) FROM chunk) - (SELECT count(*) FROM chunk_fts_docsize))",
	} {
		var n int
		if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		if n != 0 {
			return fmt.Errorf("%s: %d", what, n)
		}
	}
	return l.stepsKept(ctx, db)
}

// stepsKept checks that no finished step of an unfinished job has gone since
// the last look.
func (l *ledger) stepsKept(ctx context.Context, db *sql.DB) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, err := db.QueryContext(ctx, `SELECT s.id, s.status,
		(SELECT count(*) FROM part p WHERE p.source_id = s.id) + (SELECT count(*) FROM chunk c WHERE c.source_id = s.id)
		FROM source s`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, status string
		var n int
		if err := rows.Scan(&id, &status, &n); err != nil {
			return err
		}
		if status == string(appliance.StatusProcessing) && n < l.parts[id] {
			return fmt.Errorf("source %s had %d finished steps and has %d", id, l.parts[id], n)
		}
		l.parts[id] = n
	}
	return rows.Err()
}

// finish waits until every source has been worked through; all must be ready.
func (l *ledger) finish(ctx context.Context, a *api) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	for id := range l.sources {
		for {
			var s appliance.Source
			if err := a.get(ctx, "/knowledge/"+id+"/status", &s); err != nil {
				return err
			}
			if s.Status == appliance.StatusReady {
				break
			}
			if s.Status.Ended() {
				return fmt.Errorf("source %s ended as %s: %+v", id, s.Status, s.Problem)
			}
			wait(ctx, 200*time.Millisecond)
		}
	}
	return nil
}

// resume asks again, by their ids, for the answers that kills cut off; twenty
// of them, since each takes a model's time.
func (l *ledger) resume(ctx context.Context, a *api) (resumed int, err error) {
	for id, q := range l.questions {
		if _, ok := l.answers[id]; ok {
			continue
		}
		answered := false
		err := a.ask(ctx, id, q.text, func(e appliance.Event) { answered = answered || e.Type == appliance.EventDone })
		if err != nil || !answered {
			return resumed, fmt.Errorf("question %s gets no answer after the restart: %w", id, err)
		}
		if resumed++; resumed == 20 {
			break
		}
	}
	return resumed, nil
}
