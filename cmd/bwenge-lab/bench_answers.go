package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// benchLesson is what the measured questions are about.
const benchLesson = `The Virunga mountains are a chain of eight volcanoes. Mount Karisimbi is the highest of them; its summit stands 4,507 metres above the sea. The name comes from the word isimbi, a small white shell.

Bisoke has a crater lake that is about 400 metres wide. Sabyinyo is the oldest volcano of the chain, and its rough summits look like teeth.

Mountain gorillas live in the bamboo forests on the slopes. A silverback leads each family. Rangers count the gorillas on foot, family by family.`

var benchQuestions = []string{
	"How high is Mount Karisimbi, and where does its name come from?",
	"How wide is the crater lake of Bisoke?",
	"Where do mountain gorillas live, and who leads a family?",
	"Which volcano of the chain is the oldest, and what do its summits look like?",
}

// recorder keeps the prompts that the box gave to its model.
type recorder struct {
	models.Generator
	mu      sync.Mutex
	prompts []models.Prompt
	usages  []models.Usage
}

func (r *recorder) Generate(ctx context.Context, p models.Prompt, emit func(string) error) (models.Usage, error) {
	usage, err := r.Generator.Generate(ctx, p, emit)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prompts, r.usages = append(r.prompts, p), append(r.usages, usage)
	return usage, err
}

// lessonAndRecorder returns engines whose prompts are kept, and a folder with the
// lesson, which the caller removes.
func lessonAndRecorder(cfg *box.Config) (*box.Engines, *recorder, string, error) {
	e := box.NewEngines(cfg)
	if e.Chat == nil {
		return nil, nil, "", fmt.Errorf("there is no chat engine: run bwenge doctor")
	}
	rec := &recorder{Generator: e.Chat}
	e.Chat = rec
	dir, err := os.MkdirTemp("", "bwenge-lesson-")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "volcanoes.txt"), []byte(benchLesson), 0o600)
	}
	return e, rec, dir, err
}

// measureAnswers asks the box over its socket and then gives the same prompts
// to a llama-server of its own, started with the same threads and context.
func measureAnswers(ctx context.Context, b *bench) ([]row, error) {
	e, rec, dir, err := lessonAndRecorder(b.cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	var rows []row
	boxed := timings{}
	err = withTemporaryBox(ctx, b.cfg, e, dir, io.Discard, func(ctx context.Context, x *labBox) error {
		c := box.NewClient(x.Socket)
		for i, question := range benchQuestions {
			t, err := timeStream(func(seen func()) error {
				return follow(ctx, c, uuid.NewString(), question, func(e appliance.Event) {
					if e.Type == appliance.EventToken {
						seen()
					}
				})
			})
			if err != nil {
				return err
			}
			// The first question loads the model.
			if i > 0 {
				boxed.add(t, t.pieces)
			}
		}
		if _, _, err := x.listen(ctx, b.recording); err != nil {
			return err
		}
		memory, err := familyMemory()
		if err != nil {
			return err
		}
		rows = append(rows, row{What: "memory with all three engines loaded", Value: float64(memory) / 1e9, Unit: "GB", Target: 1.6, AtMost: true, Note: rec.Name()})
		return nil
	})
	if err != nil {
		return rows, err
	}
	if len(rec.usages) < len(benchQuestions) {
		return rows, fmt.Errorf("the model wrote %d of %d answers: the others were passages", len(rec.usages), len(benchQuestions))
	}
	bare, err := b.bareAnswers(ctx, rec)
	if err != nil {
		return rows, err
	}
	first, second := rec.usages[0], rec.usages[1]
	return append(rows,
		row{What: "answer's tokens per second, box ÷ bare", Value: boxed.rate() / bare.rate(), Unit: "×", Target: 0.95,
			Note: fmt.Sprintf("%.1f and %.1f tokens/s, %s", boxed.rate(), bare.rate(), rec.Name())},
		row{What: "time to first token, box − bare", Value: 1000 * (boxed.first() - bare.first()), Unit: "ms", Target: 30, AtMost: true,
			Note: fmt.Sprintf("question to first token: %.0f and %.0f ms; the box's holds the search", 1000*boxed.first(), 1000*bare.first())},
		row{What: "prompt tokens read, second question ÷ first", Value: float64(second.PromptTokens-second.CachedTokens) / float64(first.PromptTokens-first.CachedTokens),
			Unit: "×", Target: 0.5, AtMost: true, Note: fmt.Sprintf("%d of %d, %d of %d", second.PromptTokens-second.CachedTokens, second.PromptTokens, first.PromptTokens-first.CachedTokens, first.PromptTokens)},
	), nil
}

// timings are the medians over several streams.
type timings struct{ firsts, rates []float64 }

type stream struct {
	first, last time.Duration
	pieces      int
}

func (t *timings) add(s stream, tokens int) {
	t.firsts = append(t.firsts, s.first.Seconds())
	if tokens > 1 && s.last > s.first {
		t.rates = append(t.rates, float64(tokens-1)/(s.last-s.first).Seconds())
	}
}

func (t *timings) first() float64 { return percentile(t.firsts, 0.5) }
func (t *timings) rate() float64  { return percentile(t.rates, 0.5) }

// timeStream times the pieces of what do streams.
func timeStream(do func(seen func()) error) (stream, error) {
	var s stream
	began := time.Now()
	err := do(func() {
		s.last = time.Since(began)
		if s.pieces++; s.pieces == 1 {
			s.first = s.last
		}
	})
	return s, err
}

// bareAnswers gives the recorded prompts to a llama-server without a box.
func (b *bench) bareAnswers(ctx context.Context, rec *recorder) (timings, error) {
	var t timings
	addr, stop, err := b.bareServer(ctx, box.ChatSlots)
	if err != nil {
		return t, err
	}
	defer stop()
	for i, p := range rec.prompts {
		s, err := timeStream(func(seen func()) error { return bareStream(ctx, addr, p, seen) })
		if err != nil {
			return t, err
		}
		if i > 0 { // as in the box, the first one warms up
			t.add(s, s.pieces)
		}
	}
	return t, nil
}

// bareServer starts a llama-server without a box, as the box starts its own.
func (b *bench) bareServer(ctx context.Context, slots int) (addr string, stop func(), err error) {
	if addr, err = freeAddress(); err != nil {
		return "", nil, err
	}
	_, port, _ := strings.Cut(addr, ":")
	model, err := catalogue.Resolve(b.cfg.Models, catalogue.Tier(b.cfg.Tier))
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.cfg.Engines, "llama-server"),
		"--model", model.Chat.Path, "--host", "127.0.0.1", "--port", port, "--offline",
		"--ctx-size", strconv.Itoa(box.ChatContext*slots), "--parallel", strconv.Itoa(slots),
		"--threads", strconv.Itoa(runtime.NumCPU()), "--cache-ram", "0", "--no-cache-idle-slots", "--log-verbosity", "1")
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, _, err := fetch(ctx, "http://"+addr+"/health", "identity"); err == nil {
			return addr, stop, nil
		} else if time.Now().After(deadline) {
			stop()
			return "", nil, fmt.Errorf("llama-server does not start: %w", err)
		}
	}
}

// bareStream is one chat completion, as any OpenAI client asks for it.
func bareStream(ctx context.Context, addr string, p models.Prompt, seen func()) error {
	body, err := json.Marshal(map[string]any{
		"messages": p.Turns, "max_tokens": p.MaxTokens, "temperature": p.Temperature, "stop": p.Stop, "stream": true, "cache_prompt": true,
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Close = true // llama-server ends the connection after a stream
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("llama-server: %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var chunk struct {
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
			} `json:"choices"`
		}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			return err
		}
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			seen()
		}
	}
	return lines.Err()
}
