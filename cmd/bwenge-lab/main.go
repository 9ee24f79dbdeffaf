// Command bwenge-lab measures a box: how well it answers (eval), how fast it is
// beside the bare engines (bench), and whether it keeps its promises when it is
// killed (chaos). It is for who works on the box and is not shipped to schools.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bwenge-lab:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	cfg := box.DefaultConfig()
	cfg.Measured = true
	root := &cobra.Command{
		Use:           "bwenge-lab",
		Short:         "Measures a box: answers, speed, and promises under fire",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			level := slog.LevelWarn
			if cfg.Verbose {
				level = slog.LevelDebug
			}
			slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
			return cfg.Validate()
		},
	}
	cfg.Bind(root.PersistentFlags())
	root.AddCommand(evalCommand(&cfg), benchCommand(&cfg), chaosCommand(), extractCommand())
	return root
}

// extractCommand is the reader of documents that a box of this program starts.
func extractCommand() *cobra.Command {
	return &cobra.Command{
		Use:                box.ExtractName,
		Hidden:             true,
		DisableFlagParsing: true,
		PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
		RunE: func(_ *cobra.Command, args []string) error {
			if status := extract.Main(args, os.Stdin, os.Stdout); status != 0 {
				os.Exit(status)
			}
			return nil
		},
	}
}
