package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// oldest is the first SQLite without the WAL-reset race, which corrupts a file
// that two connections write and checkpoint together (3.7.0 to 3.51.2).
const oldest = 3_051_003

// verify reads the settings of a new connection back: a setting that did not
// take would show only at the next power cut.
func verify(conn *sqlite3.SQLiteConn, readOnly bool) error {
	if name, n, _ := sqlite3.Version(); n < oldest {
		return fmt.Errorf("SQLite %s can corrupt its file (WAL-reset race); 3.51.3 or newer is needed", name)
	}
	want := map[string]any{
		"journal_mode":  "wal",
		"synchronous":   int64(2), // FULL
		"foreign_keys":  int64(1),
		"secure_delete": int64(1),
		"busy_timeout":  int64(busyTimeout),
		"query_only":    int64(0),
		"mmap_size":     int64(0),
	}
	if readOnly {
		want["query_only"] = int64(1)
	}
	for name, value := range want {
		got, err := pragma(conn, name)
		if err != nil {
			return fmt.Errorf("read pragma %s: %w", name, err)
		}
		if got != value {
			return fmt.Errorf("pragma %s is %v on a connection, want %v", name, got, value)
		}
	}
	return nil
}

func pragma(conn *sqlite3.SQLiteConn, name string) (any, error) {
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); errors.Is(err, io.EOF) {
		return int64(0), nil // mmap_size says nothing where mmap is off
	} else if err != nil {
		return nil, err
	}
	if b, ok := value[0].([]byte); ok {
		return string(b), nil
	}
	return value[0], nil
}

// checkSettings opens every connection of both pools at once, so that each
// passes verify before the box serves anybody.
func (s *Store) checkSettings(ctx context.Context) error {
	conns := make([]*sql.Conn, 0, readers+1)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for i := range readers + 1 {
		db := s.reader
		if i == readers {
			db = s.writer
		}
		conn, err := db.Conn(ctx)
		if err != nil {
			return failure(err)
		}
		conns = append(conns, conn)
		if err := conn.Raw(func(c any) error {
			return verify(c.(*sqlite3.SQLiteConn), i < readers)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Check looks for damage: the settings of every connection, the file's
// structure, rows that point nowhere, and an index that lost count.
func (s *Store) Check(ctx context.Context) error {
	if err := s.checkSettings(ctx); err != nil {
		return err
	}
	return s.read(ctx, func(t *tx) error {
		var result string
		if err := t.QueryRow(`PRAGMA quick_check(1)`).Scan(&result); err != nil {
			return err
		}
		if result != "ok" {
			return damaged(errors.New(result))
		}
		rows, err := t.Query(`PRAGMA foreign_key_check`)
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			return damaged(errors.New("a row points to one that is missing"))
		}
		if err := rows.Err(); err != nil {
			return err
		}
		var vectors, indexed int
		if err := t.QueryRow(`SELECT (SELECT count(*) FROM chunk WHERE vector IS NOT NULL),
			(SELECT count(*) FROM chunk_vec_rowids)`).Scan(&vectors, &indexed); err != nil {
			return err
		}
		if vectors != indexed {
			return damaged(fmt.Errorf("%d vectors, of which the index knows %d", vectors, indexed))
		}
		return nil
	})
}

func damaged(cause error) error {
	return problem.New(problem.Internal, "data_damaged", "The box's database is damaged.",
		"Restore the latest backup.", cause)
}
