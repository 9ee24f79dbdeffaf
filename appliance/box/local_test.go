package box

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"
)

var errBroken = errors.New("the network is gone")

type brokenListener struct{ net.Listener }

func (brokenListener) Accept() (net.Conn, error) { return nil, errBroken }

// What waits for a box that has failed does not wait for ever, and says why.
func TestWhileEndsWithItsBox(t *testing.T) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	b, err := Open(t.Context(), &Config{Data: t.TempDir(), Addr: "127.0.0.1:0", Tier: "tiny", Engines: "/nonexistent", Models: "/nonexistent", Name: "bwenge"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = b.While(ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, brokenListener{ln})
	if ctx.Err() != nil || !errors.Is(err, errBroken) {
		t.Error(err)
	}
}
