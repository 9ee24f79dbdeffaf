package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// userCommand is for whoever sits at the box: above all for an owner who has
// forgotten their password, whom nobody else can help.
func userCommand(cfg *box.Config) *cobra.Command {
	var school string
	cmd := &cobra.Command{Use: "user", Short: "List people, and help one of them to sign in again"}
	cmd.PersistentFlags().StringVar(&school, "school", "", "short name or id of the school, where the box has several (the first, if absent)")
	cmd.AddCommand(
		&cobra.Command{
			Use: "list [WORDS]", Short: "List the people of a school", Args: cobra.MaximumNArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return box.With(cmd.Context(), cfg, func(ctx context.Context, c *box.Client) error {
					c.School = school
					return listUsers(ctx, c, args, cmd.OutOrStdout())
				})
			},
		},
		&cobra.Command{
			Use: "reset USER-NAME", Short: "Give somebody a new password, PIN or pictures, by user name or full name", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return box.With(cmd.Context(), cfg, func(ctx context.Context, c *box.Client) error {
					c.School = school
					return resetUser(ctx, c, args[0], cmd.OutOrStdout())
				})
			},
		},
	)
	return cmd
}

// members finds a school's members by words in their names.
func members(ctx context.Context, c *box.Client, search string) (org string, list []appliance.User, err error) {
	me, err := box.Call[struct {
		Organization appliance.Organization `json:"organization"`
	}](ctx, c, http.MethodGet, "/users/me")
	if err != nil {
		return "", nil, err
	}
	org = "/orgs/" + string(me.Organization.ID)
	for cursor := ""; ; {
		query := url.Values{"limit": {"100"}, "search": {search}, "cursor": {cursor}}
		page, err := box.Call[appliance.Page[appliance.User]](ctx, c, http.MethodGet, org+"/members?"+query.Encode())
		if err != nil {
			return org, nil, err
		}
		list = append(list, page.Items...)
		if cursor = page.Next; cursor == "" {
			return org, list, nil
		}
	}
}

func listUsers(ctx context.Context, c *box.Client, words []string, out io.Writer) error {
	search := ""
	if len(words) > 0 {
		search = words[0]
	}
	_, list, err := members(ctx, c, search)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, u := range list {
		state := ""
		if u.Disabled {
			state = "may not sign in"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", u.Role, u.Username, u.Name, state)
	}
	return t.Flush()
}

func resetUser(ctx context.Context, c *box.Client, name string, out io.Writer) error {
	org, list, err := members(ctx, c, name)
	if err != nil {
		return err
	}
	var found []appliance.User
	for _, u := range list {
		if u.Username == name || u.Name == name {
			found = append(found, u)
		}
	}
	if len(found) != 1 {
		return problem.New(problem.NotFound, "user_not_found", fmt.Sprintf("%d people have the name %s.", len(found), name),
			"Give the user name or the full name exactly: bwenge user list shows both.", nil)
	}
	secret, err := box.Send[appliance.NewSecret](ctx, c, http.MethodPost, org+"/members/"+string(found[0].ID)+"/reset", struct{}{})
	if err != nil {
		return err
	}
	switch secret.Kind {
	case appliance.SignInPictures:
		fmt.Fprintln(out, "New pictures, in order:", secret.Pictures)
	case appliance.SignInPIN:
		fmt.Fprintln(out, "New PIN:", secret.PIN)
	default:
		fmt.Fprintln(out, "New password, to be changed after signing in:", secret.Password)
	}
	return nil
}
