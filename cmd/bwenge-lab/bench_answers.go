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
	"time"

	"github.com/google/uuid"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/box"
	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/catalogue"
)

// aloneQuestions is how many questions one pupil asks, after one that is not counted.
const aloneQuestions = 12

// measureAnswers asks the box over its socket and then gives the same prompts
// to a llama-server of its own, started with the same threads and context.
func measureAnswers(ctx context.Context, b *bench) ([]row, error) {
	e, rec, dir, err := lessonAndRecorder(b.cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	var rows []row
	var boxed []boxedAnswer
	var ready boxedAnswer
	err = withTemporaryBox(ctx, b.cfg, e, dir, io.Discard, func(ctx context.Context, x *labBox) error {
		// As before the first lesson of a day.
		if err := x.Ready(ctx); err != nil {
			return err
		}
		warming := rec.replies()
		ready, err = x.timeAnswer(ctx, rec, lakeQuestion(aloneQuestions+1, 1))
		if err != nil {
			return err
		}
		for n := range aloneQuestions {
			a, err := x.timeAnswer(ctx, rec, lakeQuestion(n, n))
			if err != nil {
				return err
			}
			if a.reply >= 0 {
				boxed = append(boxed, a)
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
		rec.forget(warming)
		for i := range boxed {
			boxed[i].reply -= warming
		}
		ready.reply -= warming
		return nil
	})
	if err != nil {
		return rows, err
	}
	if ready.reply < 0 || len(boxed) < aloneQuestions/2 {
		return rows, fmt.Errorf("the model wrote %d of %d answers: the others were passages", len(boxed), aloneQuestions)
	}
	bare, err := b.bareAnswers(ctx, rec)
	if err != nil {
		return rows, err
	}
	return append(rows, answerRows(e, rec, ready, boxed, bare)...), nil
}

// answerRows compares the answers of the box with the bare replies to their prompts,
// each with its own.
func answerRows(e *box.Engines, rec *recorder, ready boxedAnswer, boxed []boxedAnswer, bare []stream) []row {
	var boxFirst, bareFirst, searches, over, sentence, whole, done, boxRate, bareRate []float64
	for _, a := range boxed {
		reply, usage := bare[a.reply], rec.usages[a.reply]
		boxFirst, bareFirst = append(boxFirst, a.model.Seconds()), append(bareFirst, reply.first.Seconds())
		searches = append(searches, a.search.Seconds())
		over = append(over, (a.model - a.search - reply.first).Seconds())
		sentence, whole = append(sentence, a.sentence.Seconds()), append(whole, reply.last.Seconds())
		done = append(done, (a.done - a.last).Seconds())
		if n := usage.CompletionTokens; n > 1 && usage.Total > usage.FirstToken && reply.pieces > 1 && reply.last > reply.first {
			boxRate = append(boxRate, float64(n-1)/(usage.Total-usage.FirstToken).Seconds())
			bareRate = append(bareRate, float64(reply.pieces-1)/(reply.last-reply.first).Seconds())
		}
	}
	median := func(list []float64) float64 { return percentile(list, 0.5) }
	target := 1.5
	if e.Explains {
		target = 3
	}
	reached := fmt.Sprintf("%d of %d questions reached the model", len(boxed), aloneQuestions)
	unread := func(u models.Usage) int { return u.PromptTokens - u.CachedTokens }
	first, second := rec.usages[ready.reply], rec.usages[boxed[0].reply]
	return []row{
		{What: "answer's tokens per second, box ÷ bare", Value: median(boxRate) / median(bareRate), Unit: "×", Target: 0.95,
			Note: fmt.Sprintf("%.1f and %.1f tokens/s, %s", median(boxRate), median(bareRate), rec.Name())},
		{What: "time to first token, over bare + search", Value: 1000 * median(over), Unit: "ms", Target: 30, AtMost: true,
			Note: fmt.Sprintf("%.2f× bare: %.0f ms, of which the search %.0f, bare %.0f; %s", median(boxFirst)/median(bareFirst),
				1000*median(boxFirst), 1000*median(searches), 1000*median(bareFirst), reached)},
		{What: "first proven sentence on the screen", Value: median(sentence), Unit: "s", Target: target, AtMost: true,
			Note: fmt.Sprintf("%.2f× bare's whole reply (%.2f s)", median(sentence)/median(whole), median(whole))},
		{What: "done after the last word, p95", Value: 1000 * percentile(done, 0.95), Unit: "ms", Target: 50, AtMost: true,
			Note: fmt.Sprintf("p50 %.1f ms", 1000*median(done))},
		{What: "first question after the warm-up, to its first token, ÷ later ones", Value: ready.model.Seconds() / median(boxFirst), Unit: "×", Target: 1.5, AtMost: true,
			Note: fmt.Sprintf("%.0f ms; %d of %d tokens were still to be read, of the next question %d of %d", 1000*ready.model.Seconds(),
				unread(first), first.PromptTokens, unread(second), second.PromptTokens)},
	}
}

// boxedAnswer is when what came of a question, from when it was asked.
type boxedAnswer struct {
	reply    int           // of the recorder's; -1 if the model was not asked
	search   time.Duration // that the search takes alone
	model    time.Duration // the model's first token
	sentence time.Duration // the first words on the screen
	last     time.Duration // the last ones
	done     time.Duration
}

// timeAnswer asks a question over the box's socket.
func (x *labBox) timeAnswer(ctx context.Context, rec *recorder, question string) (boxedAnswer, error) {
	a := boxedAnswer{reply: rec.replies()}
	began := time.Now()
	if _, err := x.search(ctx, question, 4); err != nil {
		return a, err
	}
	a.search = time.Since(began)
	began = time.Now()
	err := follow(ctx, box.NewClient(x.Socket), uuid.NewString(), question, func(e appliance.Event) {
		switch e.Type {
		case appliance.EventToken:
			if a.last = time.Since(began); a.sentence == 0 {
				a.sentence = a.last
			}
		case appliance.EventDone:
			a.done = time.Since(began)
		}
	})
	if rec.replies() == a.reply {
		a.reply = -1
		return a, err
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	a.model = rec.firsts[a.reply].Sub(began)
	return a, err
}

// stream is when the pieces of a reply came.
type stream struct {
	first, last time.Duration
	pieces      int
}

// timeStream times a reply from its request to its last piece.
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

// bareAnswers gives the prompts to a llama-server that has the machine to itself,
// and has read the first of them before, as the box has.
func (b *bench) bareAnswers(ctx context.Context, rec *recorder) ([]stream, error) {
	addr, stop, err := b.bareServer(ctx, box.ChatSlots)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := bareStream(ctx, addr, rec.prompts[len(rec.prompts)-1], func() {}); err != nil {
		return nil, err
	}
	var list []stream
	for _, p := range rec.prompts {
		s, err := timeStream(func(seen func()) error { return bareStream(ctx, addr, p, seen) })
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
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
