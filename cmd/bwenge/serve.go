package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/lan"
	"github.com/bwenge-os/bwenge/appliance/school/auth"
	"github.com/bwenge-os/bwenge/internal/problem"
)

func serveCommand(cfg *box.Config) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the box",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			logTo(slog.LevelInfo, cfg.Verbose)
			return serve(cmd.Context(), cfg)
		},
	}
}

func serve(ctx context.Context, cfg *box.Config) error {
	release, err := box.Own(cfg)
	if errors.Is(err, box.ErrOwned) {
		return problem.New(problem.Conflict, "data_in_use",
			"Another bwenge uses the data folder "+cfg.Data+".",
			"Stop it first, or choose another folder with --data.", nil)
	}
	if err != nil {
		return err
	}
	defer release()

	listeners, secure, err := listen(cfg)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		defer l.Close()
	}
	cfg.MeasureOnce(ctx)
	b, err := box.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.Close()
	socket, err := b.Listen()
	if err != nil {
		return err
	}

	tcp := listeners[0].Addr()
	if secure {
		listeners[1] = tls.NewListener(listeners[1], b.Certs.TLSConfig())
	}
	listeners = append(listeners, socket)

	go warnOfChildren(ctx)
	if at, ok := tcp.(*net.TCPAddr); ok {
		defer b.Announce(cfg, at.Port)()
	}
	if err := greet(ctx, cfg, b, tcp); err != nil {
		return err
	}
	if cfg.Media == "" {
		return b.Run(ctx, listeners...)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.Run(ctx, listeners...) })
	group.Go(func() error { return b.WatchMedia(ctx, cfg.Media) })
	return group.Wait()
}

// listen takes the addresses to serve on, before anything is opened: a port in
// use is the commonest mistake. The second one, if there is one, is for HTTPS.
func listen(cfg *box.Config) (listeners []net.Listener, secure bool, err error) {
	tcp, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, false, problem.New(problem.Conflict, "address_in_use",
			"The box cannot serve on "+cfg.Addr+".",
			"Stop the program that uses this address, or choose another with --addr.", err)
	}
	if cfg.TLSAddr == "" {
		return []net.Listener{tcp}, false, nil
	}
	https, err := net.Listen("tcp", cfg.TLSAddr)
	if err != nil {
		tcp.Close()
		return nil, false, problem.New(problem.Conflict, "address_in_use",
			"The box cannot serve HTTPS on "+cfg.TLSAddr+".",
			"Stop the program that uses this address, or choose another with --tls-addr (none for no HTTPS).", err)
	}
	_, port, _ := net.SplitHostPort(https.Addr().String())
	host, _, _ := net.SplitHostPort(cfg.TLSAddr)
	cfg.TLSAddr = net.JoinHostPort(host, port)
	return []net.Listener{tcp, https}, true, nil
}

// greet tells whoever reads the console where the box is, how to know it, and
// how to make it theirs.
func greet(ctx context.Context, cfg *box.Config, b *box.Box, tcp net.Addr) error {
	for _, address := range addresses(b.LAN.Host(), tcp) {
		slog.Info("serving", "url", address)
	}
	if b.Certs != nil && b.Certs.Fingerprint() != "" {
		slog.Info("tablets that are to trust this box can compare its certificate", "sha256", b.Certs.Fingerprint())
	}
	code, err := b.Auth.ClaimCode(ctx)
	if err != nil {
		return err
	}
	if code != "" {
		slog.Info("nobody owns this box yet: open it in a browser to set it up; from another machine that needs the claim code", "claim_code", auth.ShowClaim(code))
	}
	return nil
}

// addresses are the URLs to try, the one for this machine first.
func addresses(name string, addr net.Addr) []string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return []string{addr.String()}
	}
	if !tcp.IP.IsUnspecified() {
		return []string{"http://" + tcp.String()}
	}
	urls := []string{fmt.Sprintf("http://localhost:%d", tcp.Port), fmt.Sprintf("http://%s:%d", name, tcp.Port)}
	for _, ip := range lan.Addresses() {
		if ip.Is4() {
			urls = append(urls, fmt.Sprintf("http://%s:%d", ip, tcp.Port))
		}
	}
	return urls
}

func extractCommand() *cobra.Command {
	return &cobra.Command{
		Use:                box.ExtractName,
		Hidden:             true,
		DisableFlagParsing: true,
		PersistentPreRunE:  func(*cobra.Command, []string) error { return nil },
		RunE: func(_ *cobra.Command, args []string) error {
			if status := extract.Main(args, os.Stdin, os.Stdout); status != 0 {
				return exitStatus(status)
			}
			return nil
		},
	}
}
