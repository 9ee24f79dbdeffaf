package extract

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// A first document that was cancelled, or whose compiler failed, does not leave
// every later one without the compiled PDF engine.
func TestEngineIsCompiledAfterAFirstThatFailed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	compiler := []string{os.Args[0], actorArg, "compiler"}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, first := range map[string]struct {
		ctx     context.Context
		command []string
	}{
		"cancelled": {ended, compiler},
		"failed":    {t.Context(), []string{os.Args[0], actorArg, "crash"}},
	} {
		r := &Reader{Command: first.command, CacheDir: t.TempDir()}
		if err := r.compile(first.ctx, file); (err != nil) != (name == "failed") {
			t.Errorf("%s: %v", name, err)
		}
		r.Command = compiler
		if err := r.compile(t.Context(), file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		dir, err := r.engineDir()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "engine")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
