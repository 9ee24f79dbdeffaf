package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/school/auth"
)

// claimCommand shows the code by which a new box is set up from another machine.
func claimCommand(cfg *box.Config) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "claim", Short: "Show the code that setting the box up from another machine needs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return box.With(cmd.Context(), cfg, func(ctx context.Context, c *box.Client) error {
				info, err := box.Call[httpd.BoxInfo](ctx, c, http.MethodGet, "/box")
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				switch {
				case asJSON:
					return json.NewEncoder(out).Encode(claimed{!info.SetupNeeded, auth.ShowClaim(info.ClaimCode), info.Address})
				case !info.SetupNeeded:
					fmt.Fprintln(out, "This box is set up already; nobody can claim it.")
				default:
					fmt.Fprintf(out, "%s\n\nOpen %s in a browser and enter this code.\n", auth.ShowClaim(info.ClaimCode), info.Address)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

type claimed struct {
	Claimed bool   `json:"claimed"`
	Code    string `json:"claim_code,omitempty"`
	Address string `json:"address"`
}
