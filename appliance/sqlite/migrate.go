package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/bwenge-os/bwenge/internal/problem"
)

//go:embed migration/*.sql
var migrations embed.FS

// migrate brings the schema up to date: each file of migration/ once, in order
// of its number, in a transaction that also records it.
func (s *Store) migrate(ctx context.Context) error {
	return s.migrateWith(ctx, migrations)
}

func (s *Store) migrateWith(ctx context.Context, files fs.FS) error {
	names, err := fs.Glob(files, "migration/*.sql") // sorted
	if err != nil {
		return err
	}
	last := 0
	for _, name := range names {
		version, err := versionOf(strings.TrimPrefix(name, "migration/"))
		if err != nil || version != last+1 {
			return fmt.Errorf("migration %s: its number is missing, or does not follow the one before", name)
		}
		last = version
	}
	if err := s.write(ctx, func(t *tx) error {
		if _, err := t.Exec(`CREATE TABLE IF NOT EXISTS migration (
			version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`); err != nil {
			return err
		}
		var newest int
		if err := t.QueryRow(`SELECT coalesce(max(version), 0) FROM migration`).Scan(&newest); err != nil {
			return err
		}
		if newest > last {
			return problem.New(problem.Conflict, "data_newer",
				"The box's data was written by a newer version of the program.",
				"Install that version again, or restore a backup from before the update.",
				fmt.Errorf("schema %d, this program knows %d", newest, last))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, name := range names {
		base := strings.TrimPrefix(name, "migration/")
		version, err := versionOf(base)
		if err != nil {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := s.write(ctx, func(t *tx) error { return apply(t, version, base, string(text)) }); err != nil {
			return fmt.Errorf("migration %s: %w", base, err)
		}
	}
	return nil
}

// versionOf is the number that a migration's name begins with.
func versionOf(base string) (int, error) {
	number, _, _ := strings.Cut(base, "_")
	return strconv.Atoi(number)
}

func apply(t *tx, version int, name, text string) error {
	var done bool
	if err := t.QueryRow(`SELECT count(*) FROM migration WHERE version = ?`, version).Scan(&done); err != nil || done {
		return err
	}
	if _, err := t.Exec(text); err != nil {
		return err
	}
	_, err := t.Exec(`INSERT INTO migration (version, name, applied_at) VALUES (?, ?, ?)`, version, name, t.now)
	return err
}
