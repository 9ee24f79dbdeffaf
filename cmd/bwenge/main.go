// Command bwenge is the box: the server that a school's tablets talk to, and
// the command line of whoever looks after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// version is set by the Makefile from the repository.
var version = "dev"

func main() {
	// The first Ctrl-C asks everything to stop in order; a second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[exitStatus](err); ok {
		return int(status)
	}
	fmt.Fprintln(os.Stderr, "bwenge:", explain(err))
	return 1
}

// exitStatus ends the program with a status and no further words.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// explain is an error as the person at the terminal reads it: what happened,
// then what to do.
func explain(err error) string {
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Hint != "" {
		return e.Error() + "\n  " + e.Hint
	}
	return err.Error()
}

func rootCommand() *cobra.Command {
	cfg := box.DefaultConfig()
	cfg.Version = version
	root := &cobra.Command{
		Use:           "bwenge",
		Short:         "The offline classroom tutor: material in, cited answers out",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			logTo(slog.LevelWarn, cfg.Verbose)
			return cfg.Validate()
		},
	}
	cfg.Bind(root.PersistentFlags())
	root.AddCommand(
		serveCommand(&cfg),
		ingestCommand(&cfg),
		askCommand(&cfg),
		modelsCommand(&cfg),
		userCommand(&cfg),
		claimCommand(&cfg),
		doctorCommand(&cfg),
		versionCommand(),
		extractCommand(),
		tryCommand(),
	)
	return root
}

// logTo sends the log to standard error: what a command prints is its own.
func logTo(level slog.Level, verbose bool) {
	if verbose {
		level = slog.LevelDebug
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), "bwenge", version)
		},
	}
}
