package sqlite

import (
	"errors"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// failure turns SQLite's errors into ours where a person can do something
// about them; others pass as they are and count as internal.
func failure(err error) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return err
	}
	switch {
	case e.Code == sqlite3.ErrFull, e.SystemErrno == syscall.ENOSPC, e.SystemErrno == syscall.EDQUOT:
		return problem.New(problem.NoSpace, "disk_full", "The box's disk is full.",
			"Delete material that is no longer needed, then try again.", err)
	case e.Code == sqlite3.ErrBusy, e.Code == sqlite3.ErrLocked:
		return problem.New(problem.Busy, "database_busy", "The box is busy saving other work.",
			"Try again in a few seconds.", err)
	case e.Code == sqlite3.ErrReadonly, e.ExtendedCode == sqlite3.ErrIoErrAccess, e.Code == sqlite3.ErrCantOpen, e.Code == sqlite3.ErrPerm:
		return problem.New(problem.Unavailable, "database_unwritable", "The box cannot write to its data folder.",
			"Check that the folder exists, belongs to the box's user, and that its disk is not read-only.", err)
	case e.Code == sqlite3.ErrCorrupt, e.Code == sqlite3.ErrNotADB:
		return damaged(err)
	}
	return err
}

// isUnique reports whether err is a row that exists already.
func isUnique(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}
