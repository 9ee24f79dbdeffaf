package main

import (
	"fmt"
	"log"
	"time"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/cmd/bwenge-lab/chaos"
)

func chaosCommand() *cobra.Command {
	var o chaos.Options
	cmd := &cobra.Command{
		Use:   "chaos",
		Short: "Kill a box at random moments of its work: nothing acknowledged may be lost",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log.SetFlags(log.Ltime)
			if err := chaos.Run(cmd.Context(), o); err != nil {
				return fmt.Errorf("BROKEN (seed %d): %w", o.Seed, err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Binary, "box", "bin/bwenge", "the box's program")
	flags.StringVar(&o.Tier, "tier", "tiny", "size of the models")
	flags.StringVar(&o.Recording, "recording", "", "an audio file to ingest as well")
	flags.IntVar(&o.Kills, "kills", 30, "how many times to kill it")
	flags.DurationVar(&o.Within, "within", 8*time.Second, "longest time between ready and kill")
	flags.Uint64Var(&o.Seed, "seed", uint64(time.Now().UnixNano()), "seed of the random moments")
	return cmd
}
