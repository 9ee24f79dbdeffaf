// Package sqlite keeps everything the box knows in one SQLite file: sources
// and the jobs that read them, chunks with their vectors and words, and
// conversations. It holds the only SQL of the box; each noun has a file.
//
// One connection writes, a small pool reads. A transaction that has begun is
// not interrupted by its caller's context: interrupting one statement of a
// connection can hit the next one (mattn/go-sqlite3 #681). Contexts end the
// wait for a connection instead, and transactions are kept short.
//
// What is deleted is gone, to the last byte: see erase.go.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	vec "github.com/asg017/sqlite-vec-go-bindings/cgo"
	"github.com/mattn/go-sqlite3"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// readers is the size of the read pool: enough for a search beside a list on
// each of two cores.
const readers = 4

// busyTimeout is how long a statement waits for another connection, in ms.
const busyTimeout = 10_000

// Store is the open database. It is safe for concurrent use.
type Store struct {
	path   string
	writer *sql.DB
	reader *sql.DB

	// Now can be replaced by a test.
	Now func() time.Time

	vectors vectorIndex
	seals   *seals
	anchor  *anchor
	process string // of this process, to know requests that an earlier one left

	unclean    chan struct{} // something was deleted whose traces Clean should erase
	cleanPause time.Duration
	deletions  atomic.Int64 // that asked for their traces to be erased
	erasing    sync.Mutex
	erased     int64 // guarded by erasing: the deletions whose traces are
}

// registerVec loads sqlite-vec into every connection of the process; it can be
// registered once only.
var registerVec = sync.OnceFunc(vec.Auto)

// Open opens the database at path, creates or migrates it, and checks the
// settings of every connection. Opening a file that a newer version of the
// program has migrated fails with EConflict.
func Open(ctx context.Context, path string, box *keys.Box) (*Store, error) {
	registerVec()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	s := &Store{
		path:    path,
		Now:     time.Now,
		vectors: vectorIndex{most: vectorsMost},
		seals:   newSeals(box),
		anchor:  newAnchor(box),
		process: rand.Text(),

		unclean:    make(chan struct{}, 1),
		cleanPause: 30 * time.Second,
	}
	s.writer = sql.OpenDB(connector{dsn(path, false), false, s.seals})
	s.reader = sql.OpenDB(connector{dsn(path, true), true, s.seals})
	s.writer.SetMaxOpenConns(1)
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)

	// The writer comes first: a read-only connection cannot make a file.
	for _, step := range []func(context.Context) error{s.migrate, s.openSeals, s.sealOld, s.checkSettings, s.ensureIndex, s.finishErasures, s.finishDeletes, s.openAnchor} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close waits for the running transaction, closes the file, and anchors the last
// lines of the audit logs.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	last, err := s.writer.Conn(ctx) // the only one: nobody writes beside it
	closed := errors.Join(s.reader.Close(), s.writer.Close())
	if err == nil {
		closed = errors.Join(closed, last.Close())
	}
	s.anchor.close()
	return closed
}

// closePatience is for a transaction that does not end.
const closePatience = 20 * time.Second

// Path is the file that Open was given, made absolute.
func (s *Store) Path() string { return s.path }

// connector opens connections and refuses those whose settings did not take.
type connector struct {
	dsn      string
	readOnly bool
	seals    *seals
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	d := &sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		if err := conn.RegisterFunc("fold", fold, true); err != nil {
			return err
		}
		if err := c.seals.register(conn); err != nil {
			return err
		}
		return verify(conn, c.readOnly)
	}}
	return d.Open(c.dsn)
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// dsn sets what SQLite's defaults get wrong for us. WAL with FULL is what
// keeps an acknowledged row over a power cut; mattn's default is NORMAL. There
// is no mmap: a full disk would end the process with SIGBUS.
func dsn(path string, readOnly bool) string {
	q := url.Values{
		"_journal_mode":  {"WAL"},
		"_synchronous":   {"FULL"},
		"_busy_timeout":  {fmt.Sprint(busyTimeout)},
		"_foreign_keys":  {"1"},
		"_secure_delete": {"1"},
		"_txlock":        {"immediate"},
	}
	if readOnly {
		q.Set("mode", "ro")
		q.Set("_query_only", "1")
		q.Set("_txlock", "deferred")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// tx is one transaction with one notion of now.
type tx struct {
	*sql.Tx
	now  int64                        // milliseconds
	ends map[appliance.OrgID]chainEnd // of the audit logs that it adds lines to
}

// write runs fn in a transaction of the one writer, and anchors the lines that it
// added to audit logs.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	var ends map[appliance.OrgID]chainEnd
	err := s.within(ctx, s.writer, func(t *tx) error {
		defer func() { ends = t.ends }()
		return fn(t)
	})
	if err == nil {
		s.anchor.advance(ends)
	}
	return err
}

// read runs fn on one consistent snapshot.
func (s *Store) read(ctx context.Context, fn func(*tx) error) error {
	return s.within(ctx, s.reader, fn)
}

func (s *Store) within(ctx context.Context, db *sql.DB, fn func(*tx) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return failure(err)
	}
	defer conn.Close()
	t, err := conn.BeginTx(context.Background(), nil)
	if err != nil {
		return failure(err)
	}
	defer t.Rollback() // after a commit this does nothing
	if err := fn(&tx{Tx: t, now: s.Now().UnixMilli()}); err != nil {
		return failure(err)
	}
	return failure(t.Commit())
}

// all scans every row of a query.
func all[T any](t *tx, scan func(row scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// scanner is a *sql.Row or the current row of *sql.Rows.
type scanner interface{ Scan(...any) error }

// column scans a row of one value.
func column[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// timeOf turns a stored time into a Go one.
func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func notFound(what, reason string) error {
	return problem.New(problem.NotFound, reason, "There is no such "+what+" here.",
		"It may have been deleted. Go back to the list and look again.", nil)
}
