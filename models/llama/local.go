package llama

import (
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/bwenge-os/bwenge/internal/proc"
	"github.com/bwenge-os/bwenge/models/worker"
)

// Local says how to run llama-server on this machine.
type Local struct {
	Binary  string // path of llama-server
	Model   string // path of the GGUF file
	Threads int    // runtime.NumCPU()
	// Idle is how long the model stays in memory without a request; 0 is for
	// ever.
	Idle time.Duration
	// MemoryLimit is in bytes. Without it, it follows from the size of the file.
	MemoryLimit int64
	Flags       []string // of llama-server, that this model needs besides
	Log         *slog.Logger
}

// chat runs the engine for a chat model. The context of llama-server is shared
// out between its slots.
func (l Local) chat(context, slots int) *worker.Process {
	return l.process("chat", proc.Chat, []string{
		"--ctx-size", strconv.Itoa(context * slots), "--parallel", strconv.Itoa(slots),
		// Keys and values of 16 bits: those of 8 save 25 to 55 MB and cost a
		// quarter of the reading speed.
		"--cache-type-k", "f16", "--cache-type-v", "f16", "--flash-attn", "on",
		// An answer copies much of its passages: after three words that stand in
		// the prompt, the next twelve are tried at once, and only those that the
		// model would have written itself are kept.
		"--spec-type", "ngram-simple", "--spec-ngram-simple-size-n", "3", "--spec-ngram-simple-size-m", "12",
		// The engine's own prompt cache in RAM can hand one conversation's state
		// to another (llama.cpp #27148) and may grow to 8 GiB. What is left is
		// the slot's own state, which a request may pin by id.
		"--cache-ram", "0", "--no-cache-idle-slots",
		"--predict", "2048",
	})
}

// embedding runs the engine for an embedding model: every text is one batch, so
// the batch is as long as the longest text.
func (l Local) embedding(maxTokens, slots int) *worker.Process {
	n := strconv.Itoa(maxTokens)
	return l.process("embedding", proc.Embedder, []string{
		"--embeddings", "--pooling", "mean",
		"--ctx-size", strconv.Itoa(maxTokens * slots), "--parallel", strconv.Itoa(slots),
		"--batch-size", n, "--ubatch-size", n,
		"--cache-ram", "0", "--no-cache-idle-slots",
	})
}

func (l Local) process(name string, user proc.User, args []string) *worker.Process {
	threads := l.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	limit := l.MemoryLimit
	if limit == 0 {
		// Weights are mapped and partly copied into a faster layout; 1.5 GiB is
		// room for the largest context that the box uses.
		if info, err := os.Stat(l.Model); err == nil {
			limit = 2*info.Size() + 3<<29
		}
	}
	return worker.New(worker.Config{
		Name: name, Binary: l.Binary, KeyEnv: "LLAMA_API_KEY",
		Args: func(socket string) []string {
			return append([]string{
				"--model", l.Model, "--host", socket, "--offline",
				"--no-ui", "--no-slots", "--timeout", "600",
				"--threads", strconv.Itoa(threads), "--fit", "off",
				"--log-verbosity", "2", // warnings; never a prompt
			}, slices.Concat(args, l.Flags)...)
		},
		Env: worker.ComputeEnv(), Idle: l.Idle, MemoryLimit: limit, OOMScoreAdj: 800, Log: l.Log,
		AddressSpace: worker.AddressSpace(limit),
		Sandbox:      &proc.Sandbox{User: user, Read: []string{l.Model}},
	})
}
