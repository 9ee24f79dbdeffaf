package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/internal/proc"
)

// tryName is the hidden command by which the box starts itself as a child that
// tries what no child may.
const tryName = "try"

func tryCommand() *cobra.Command {
	return &cobra.Command{
		Use:                tryName,
		Hidden:             true,
		DisableFlagParsing: true,
		PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
		Run: func(_ *cobra.Command, args []string) {
			proc.TryMain(args, os.Stdout)
		},
	}
}

// tryChildren returns what children are able to do that they should not be.
func tryChildren(ctx context.Context) ([]string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return proc.Check(ctx, []string{exe, tryName})
}

// warnOfChildren logs it when the box starts.
func warnOfChildren(ctx context.Context) {
	var succeeded []string
	err := problem.Try(func() (err error) {
		succeeded, err = tryChildren(ctx)
		return err
	})
	if ctx.Err() == nil && (err != nil || len(succeeded) > 0) {
		slog.Warn("children of the box are not fully isolated; see bwenge doctor", "can", succeeded, "error", err)
	}
}

func checkIsolation(ctx context.Context) finding {
	f := finding{Check: "isolation", OK: true}
	succeeded, err := tryChildren(ctx)
	switch {
	case err != nil:
		f.OK, f.Detail = false, err.Error()
	case len(succeeded) > 0:
		f.OK, f.Detail = false, "readers of documents and engines can: "+strings.Join(succeeded, ", ")
	default:
		f.Detail = fmt.Sprintf("readers of documents and engines reach nothing of the box (Landlock %d, seccomp, user %d)",
			proc.Landlock(), proc.Reader.ID())
	}
	if !f.OK {
		f.Remedy = "Run the box on a kernel with Landlock (Linux 6.2 or newer, lsm=landlock), outside of a container that forbids it."
	} else if proc.Reader.ID() == os.Geteuid() {
		f.Detail += "; they share the box's user, which only root can change"
	}
	return f
}
