//go:build integration

package llama_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/llama"
)

// These tests want the real engine and weights:
// BWENGE_ENGINES=bin/engines BWENGE_MODELS=~/.cache/bwenge/models \
// go test -tags integration ./models/llama

func local(t testing.TB, model string) llama.Local {
	t.Helper()
	engines, weights := os.Getenv("BWENGE_ENGINES"), os.Getenv("BWENGE_MODELS")
	if engines == "" || weights == "" {
		t.Fatal("set BWENGE_ENGINES and BWENGE_MODELS")
	}
	engines, err := filepath.Abs(engines)
	if err != nil {
		t.Fatal(err)
	}
	return llama.Local{Binary: filepath.Join(engines, "llama-server"), Model: filepath.Join(weights, model)}
}

func realChat(t testing.TB, silence time.Duration) *llama.Chat {
	t.Helper()
	c := llama.NewChat(llama.ChatConfig{
		Name: "SmolLM2 135M", Context: 2048, Slots: 2, Silence: silence,
		Local: local(t, "smollm2-135m-instruct-q4_1.gguf"),
	})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func realEmbedder(t testing.TB) *llama.Embedder {
	t.Helper()
	e := llama.NewEmbedder(llama.EmbedConfig{
		Name: "e5-small", QueryPrefix: "query: ", PassagePrefix: "passage: ",
		Local: local(t, "multilingual-e5-small-q4_0.gguf"),
	})
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestRealChat(t *testing.T) {
	chat := realChat(t, 0)
	p := ask("What is the capital of France?")
	p.MaxTokens, p.Slot = 48, 0
	p.Turns[0].Content = strings.Repeat("You are a patient teacher who answers in one short sentence. ", 10)
	var text strings.Builder
	usage, err := chat.Generate(t.Context(), p, say(&text))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%q %+v", &text, usage)
	if !strings.Contains(text.String(), "Paris") {
		t.Errorf("answered %q, want Paris in it", &text)
	}
	if usage.PromptTokens < 100 || usage.CompletionTokens == 0 || usage.FirstToken == 0 {
		t.Errorf("usage %+v, want it counted", usage)
	}

	p.Turns[1].Content = "What is the capital of Italy?"
	again, err := chat.Generate(t.Context(), p, say(&text))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("again: %+v", again)
	if read := again.PromptTokens - again.CachedTokens; read*2 > usage.PromptTokens {
		t.Errorf("the second question made it read %d tokens of %d, want at most half", read, again.PromptTokens)
	}

	p.Grammar = `root ::= "yes" | "no"`
	text.Reset()
	if _, err := chat.Generate(t.Context(), p, say(&text)); err != nil {
		t.Fatal(err)
	}
	if s := text.String(); s != "yes" && s != "no" {
		t.Errorf("with a grammar it answered %q", s)
	}
	if n, err := chat.CountTokens(t.Context(), "What is the capital of France?"); err != nil || n != 7 {
		t.Errorf("counted %d tokens, %v, want 7", n, err)
	}
}

func TestRealChatTooLong(t *testing.T) {
	chat := realChat(t, 0)
	_, err := chat.Generate(t.Context(), ask(strings.Repeat("word ", 3000)), func(string) error { return nil })
	if problem.CodeOf(err) != problem.TooLarge {
		t.Errorf("got %v, want too_large", err)
	}
}

// TestRealCancelFreesTheSlot leaves both slots with long answers behind and
// expects the next question to be served at once.
func TestRealCancelFreesTheSlot(t *testing.T) {
	chat := realChat(t, 0)
	for slot := range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		p := ask("Count from one to a thousand in words.")
		p.MaxTokens, p.Slot = 1500, slot
		_, err := chat.Generate(ctx, p, func(string) error { cancel(); return nil })
		if err != context.Canceled {
			t.Fatalf("got %v, want context.Canceled", err)
		}
	}
	p := ask("Say hi.")
	p.MaxTokens = 5
	usage, err := chat.Generate(t.Context(), p, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if usage.FirstToken > 3*time.Second {
		t.Errorf("first token after %v, want the slot within 3 s", usage.FirstToken)
	}
}

func TestRealKilledEngineFailsOneAnswer(t *testing.T) {
	chat := realChat(t, 0)
	p := ask("Tell a long story.")
	p.MaxTokens = 400
	n := 0
	_, err := chat.Generate(t.Context(), p, func(string) error {
		if n++; n == 3 {
			return syscall.Kill(chat.Status().PID, syscall.SIGKILL)
		}
		return nil
	})
	if problem.Of(err).Reason != "engine_down" {
		t.Errorf("got %v, want engine_down", err)
	}
	began := time.Now()
	p.MaxTokens = 5
	if _, err := chat.Generate(t.Context(), p, func(string) error { return nil }); err != nil {
		t.Errorf("the next answer: %v", err)
	}
	t.Logf("back after %v: %+v", time.Since(began), chat.Status())
}

func TestRealStoppedEngineIsNoticed(t *testing.T) {
	chat := realChat(t, 2*time.Second)
	p := ask("Tell a long story.")
	p.MaxTokens = 1000
	n := 0
	_, err := chat.Generate(t.Context(), p, func(string) error {
		if n++; n == 3 {
			return syscall.Kill(chat.Status().PID, syscall.SIGSTOP)
		}
		return nil
	})
	if problem.Of(err).Reason != "engine_silent" {
		t.Errorf("got %v, want engine_silent", err)
	}
	p.MaxTokens = 5
	if _, err := chat.Generate(t.Context(), p, func(string) error { return nil }); err != nil {
		t.Errorf("the next answer: %v", err)
	}
}

// TestRealCanary alternates conversations that each hold a secret, on all
// slots at once, and looks for anyone else's secret in what comes back: the
// defect of llama.cpp #27148.
func TestRealCanary(t *testing.T) {
	chat := realChat(t, 0)
	canary := func(i int) string { return fmt.Sprintf("zebra%04d", 1000+i*37) }
	const rounds = 50
	var wg sync.WaitGroup
	for lane := range 2 {
		wg.Go(func() {
			for i := lane; i < rounds; i += 2 {
				p := models.Prompt{MaxTokens: 24, Slot: -1, Turns: []models.Turn{
					{Role: "system", Content: "You keep notes."},
					{Role: "user", Content: "My code word is " + canary(i) + ". Repeat my code word."},
				}}
				var text strings.Builder
				if _, err := chat.Generate(t.Context(), p, say(&text)); err != nil {
					t.Error(err)
					return
				}
				for other := range rounds {
					if other != i && strings.Contains(text.String(), canary(other)) {
						t.Errorf("conversation %d was told %q", i, &text)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestRealEmbeddings(t *testing.T) {
	e := realEmbedder(t)
	passages, err := e.EmbedPassages(t.Context(), []string{
		"Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
		"The Berlin conference of 1884 divided Africa among European powers.",
		"La photosynthèse transforme la lumière en sucre.",
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := e.EmbedQuery(t.Context(), "How do plants make sugar?")
	if err != nil {
		t.Fatal(err)
	}
	if dot(q, passages[0]) < dot(q, passages[1])+0.05 || dot(q, passages[2]) < dot(q, passages[1]) {
		t.Errorf("cosines %.3f %.3f %.3f, want the plants nearest", dot(q, passages[0]), dot(q, passages[1]), dot(q, passages[2]))
	}
	if l := dot(q, q); math.Abs(l-1) > 1e-5 {
		t.Errorf("length² %v, want 1", l)
	}
}

func TestRealTokenLimits(t *testing.T) {
	e := realEmbedder(t)
	text := strings.Repeat("mitochondria ", 400)
	for {
		n, err := e.CountTokens(t.Context(), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if n[0] <= e.MaxTokens() {
			break
		}
		text = text[:strings.LastIndexByte(strings.TrimSpace(text), ' ')]
	}
	if _, err := e.EmbedPassages(t.Context(), []string{text}); err != nil {
		t.Errorf("the longest text: %v", err)
	}
	_, err := e.EmbedPassages(t.Context(), []string{strings.Repeat(text, 2)})
	if problem.CodeOf(err) != problem.TooLarge {
		t.Errorf("got %v, want too_large", err)
	}
	if _, err := e.EmbedQuery(t.Context(), strings.Repeat(text, 2)); err != nil {
		t.Errorf("a long question: %v", err)
	}

	counts, err := e.CountTokens(t.Context(), []string{"Habari ya asubuhi", "", "</s>", "été"})
	if err != nil {
		t.Fatal(err)
	}
	if counts[0] < 3 || counts[1] != 0 || counts[2] != 0 || counts[3] != 1 {
		t.Errorf("counts %v, want several, 0, 0, 1", counts)
	}
}

func BenchmarkEmbed(b *testing.B) {
	e := realEmbedder(b)
	text := strings.Repeat("The mitochondria is the powerhouse of the cell and makes energy. ", 12)
	n, err := e.CountTokens(b.Context(), []string{text})
	if err != nil {
		b.Fatal(err)
	}
	texts := make([]string, 32)
	for i := range texts {
		texts[i] = text
	}
	b.ReportMetric(float64(n[0]), "tokens/text")
	for b.Loop() {
		if _, err := e.EmbedPassages(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "texts/s")
}
