// Package modeltest fakes engines for unit tests: an HTTP server that speaks
// llama-server's protocol and computes the same answer every time, and a
// Transcriber that recites. Tests against the real engines carry the build tag
// integration.
package modeltest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/bwenge-os/bwenge/models"
	"github.com/bwenge-os/bwenge/models/llama"
	"github.com/bwenge-os/bwenge/models/worker"
)

// Dimensions and Window are those of the fake embedding model.
const (
	Dimensions = 384
	Window     = 512
)

// Llama is a fake llama-server. Set its fields before the first request.
type Llama struct {
	// Reply writes the answer to a prompt. Without it the answer is "You said: "
	// and the last turn.
	Reply func(turns []models.Turn) string
	// BeforePiece is called before each piece of a reply is sent, counted from
	// 0. It may wait, to hold an answer halfway. An error breaks the connection.
	BeforePiece func(r *http.Request, n int) error
	// Refuse, if it returns a status other than 0, answers a request (to a path)
	// with an error.
	Refuse func(path string) int

	server *httptest.Server
	mu     sync.Mutex
	asked  []ChatRequest
	slots  map[int][]string // the words of each slot's last prompt
}

// ChatRequest is a request for a reply as the engine got it.
type ChatRequest struct {
	Turns       []models.Turn `json:"messages"`
	MaxTokens   int           `json:"max_tokens"`
	Temperature float64       `json:"temperature"`
	Stop        []string      `json:"stop"`
	Grammar     string        `json:"grammar"`
	Slot        int           `json:"id_slot"`
}

// StartLlama serves until the test ends.
func StartLlama(t testing.TB) *Llama {
	t.Helper()
	l := &Llama{slots: map[int][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("POST /v1/chat/completions", l.chat)
	mux.HandleFunc("POST /v1/embeddings", l.embed)
	mux.HandleFunc("POST /tokenize", l.tokenize)
	l.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.Refuse != nil {
			if status := l.Refuse(r.URL.Path); status != 0 {
				refuse(w, status, "server_error", "told to refuse")
				return
			}
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		l.server.CloseClientConnections()
		l.server.Close()
	})
	return l
}

// Engine is where the fake is found.
func (l *Llama) Engine() worker.Remote {
	return worker.Remote{Name: "fake", URL: l.server.URL, Client: l.server.Client()}
}

// Chat is a Generator on the fake, with a context of 4096 tokens and 2 slots.
func (l *Llama) Chat() *llama.Chat {
	return llama.NewChat(llama.ChatConfig{Name: "fake-chat", Context: 4096, Slots: 2, Engine: l.Engine()})
}

// Embedder is an Embedder on the fake. Texts that share words are near.
func (l *Llama) Embedder() *llama.Embedder {
	return llama.NewEmbedder(llama.EmbedConfig{
		Name: "fake-embedding", Dimensions: Dimensions, Window: Window,
		QueryPrefix: "query: ", PassagePrefix: "passage: ", Engine: l.Engine(),
	})
}

// Asked lists the requests for replies so far.
func (l *Llama) Asked() []ChatRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]ChatRequest(nil), l.asked...)
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]any{"code": status, "type": kind, "message": message},
	})
}

func read(w http.ResponseWriter, r *http.Request, request any) bool {
	if err := json.NewDecoder(r.Body).Decode(request); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return false
	}
	return true
}

// event sends one server-sent event.
func event(w http.ResponseWriter, value any) {
	data, _ := json.Marshal(value)
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
	_ = http.NewResponseController(w).Flush()
}

func delta(content any, finish any) map[string]any {
	return map[string]any{"object": "chat.completion.chunk", "choices": []any{map[string]any{
		"index": 0, "finish_reason": finish, "delta": map[string]any{"content": content},
	}}}
}

func (l *Llama) chat(w http.ResponseWriter, r *http.Request) {
	request := ChatRequest{Slot: -1}
	if !read(w, r, &request) {
		return
	}
	total, cached := l.remember(request)
	text := ""
	if l.Reply != nil {
		text = l.Reply(request.Turns)
	} else if n := len(request.Turns); n > 0 {
		text = "You said: " + request.Turns[n-1].Content
	}
	text, finish := stopped(text, request.Stop), "stop"
	pieces := pieces(text)
	if request.MaxTokens > 0 && len(pieces) > request.MaxTokens {
		pieces, finish = pieces[:request.MaxTokens], "length"
	}

	w.Header().Set("Content-Type", "text/event-stream")
	first := delta(nil, nil)
	first["prompt_progress"] = map[string]any{"total": total, "cache": cached, "processed": total, "time_ms": 1}
	event(w, first)
	for i, piece := range pieces {
		if l.BeforePiece != nil {
			if err := l.BeforePiece(r, i); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
		if r.Context().Err() != nil {
			return
		}
		event(w, delta(piece, nil))
	}
	event(w, delta("", finish))
	event(w, map[string]any{
		"object": "chat.completion.chunk", "choices": []any{},
		"usage": map[string]any{
			"prompt_tokens": total, "completion_tokens": len(pieces), "total_tokens": total + len(pieces),
			"prompt_tokens_details": map[string]any{"cached_tokens": cached},
		},
		"timings": map[string]any{"cache_n": cached, "prompt_n": total - cached, "predicted_n": len(pieces)},
	})
	_, _ = fmt.Fprint(w, "data: [DONE]\n\n")
}

// remember notes a request and returns how long its prompt is and how much of
// it its slot still holds.
func (l *Llama) remember(request ChatRequest) (total, cached int) {
	var words []string
	for _, t := range request.Turns {
		words = append(words, pieces("<"+t.Role+"> "+t.Content)...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, request)
	before := l.slots[request.Slot]
	for cached < min(len(words), len(before)) && words[cached] == before[cached] {
		cached++
	}
	if cached == len(words) && cached > 0 {
		cached-- // the engine always reads the last token again
	}
	l.slots[request.Slot] = words
	return len(words), cached
}

func stopped(text string, stops []string) string {
	for _, s := range stops {
		if i := strings.Index(text, s); s != "" && i >= 0 {
			text = text[:i]
		}
	}
	return text
}

// pieces are the fake's tokens: words of up to 6 letters, longer ones in parts,
// punctuation marks, each with the space before it.
func pieces(text string) []string {
	var all []string
	var part strings.Builder
	letters := 0
	flush := func() {
		if part.Len() > 0 {
			all = append(all, part.String())
			part.Reset()
			letters = 0
		}
	}
	for _, c := range text {
		word := unicode.IsLetter(c) || unicode.IsDigit(c)
		if unicode.IsSpace(c) || letters == 6 || letters > 0 && !word {
			flush()
		}
		part.WriteRune(c)
		if word {
			letters++
		} else if !unicode.IsSpace(c) {
			flush()
		}
	}
	flush()
	return all
}

// Tokens counts text as the fake's tokenizer does.
func Tokens(text string) int { return len(pieces(strings.TrimSpace(text))) }

func (l *Llama) tokenize(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Content json.RawMessage `json:"content"`
	}
	if !read(w, r, &request) {
		return
	}
	var parts []any
	if json.Unmarshal(request.Content, &parts) != nil {
		var text string
		_ = json.Unmarshal(request.Content, &text)
		parts = []any{text}
	}
	tokens := []int{}
	for _, part := range parts {
		switch v := part.(type) {
		case float64:
			tokens = append(tokens, int(v))
		case string:
			for _, p := range pieces(strings.TrimSpace(v)) {
				tokens = append(tokens, int(hash(p)%30000))
			}
		}
	}
	reply(w, map[string]any{"tokens": tokens})
}

func (l *Llama) embed(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Input []string `json:"input"`
	}
	if !read(w, r, &request) {
		return
	}
	data := make([]any, len(request.Input))
	for i, text := range request.Input {
		if n := Tokens(text); n > Window {
			refuse(w, http.StatusInternalServerError, "server_error", fmt.Sprintf(
				"input (%d tokens) is too large to process. increase the physical batch size (current batch size: %d)", n, Window))
			return
		}
		raw := make([]byte, 0, 4*Dimensions)
		for _, x := range Vector(text) {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": base64.StdEncoding.EncodeToString(raw)}
	}
	reply(w, map[string]any{"object": "list", "data": data})
}

// Vector is the fake's embedding of a text without its prefix: each word, and
// weaker each run of four letters, points in a direction of its own. The cosine
// of two texts is about the share of words that they have in common.
func Vector(text string) []float32 {
	text = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(text), "query: "), "passage: ")
	sum := make([]float64, Dimensions)
	point := func(feature string, weight float64) {
		h := hash(feature)
		for range 4 { // four axes each, so that chance collisions matter little
			sign := 1 - 2*float64(h>>31&1)
			sum[h%Dimensions] += sign * weight
			h = h*2654435761 + 12345
		}
	}
	sum[0] = 1e-3 // a text without words has a direction too
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		point(word, 1)
		letters := []rune(word)
		for i := 0; i+4 <= len(letters); i++ {
			point("·"+string(letters[i:i+4]), 0.4)
		}
	}
	var length float64
	for _, x := range sum {
		length += x * x
	}
	length = math.Sqrt(length)
	vector := make([]float32, Dimensions)
	for i, x := range sum {
		vector[i] = float32(x / length)
	}
	return vector
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return h.Sum32()
}
