package worker_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/worker"
)

// The test binary plays the engine and, for the orphan test, the box too.
func TestMain(m *testing.M) {
	switch os.Getenv("WORKER_TEST_ROLE") {
	case "engine":
		playEngine()
	case "box":
		playBox()
	default:
		flag.Parse()
		os.Exit(m.Run())
	}
}

// playEngine serves /health and /pid, and misbehaves as its arguments say.
func playEngine() {
	socket, mood := os.Args[1], os.Args[2]
	fmt.Fprintln(os.Stderr, "engine says hello")
	var loaded sync.WaitGroup
	switch mood {
	case "crash-on-start":
		fmt.Fprintln(os.Stderr, "cannot load the weights: bad magic")
		os.Exit(3)
	case "sleep-on-start":
		select {}
	case "load-slowly": // but visibly at work
		go func() {
			for range 20 {
				fmt.Fprintln(os.Stderr, "loading")
				time.Sleep(200 * time.Millisecond) // longer than the stall in all
			}
			loaded.Done()
		}()
		loaded.Add(1)
		loaded.Wait()
	}
	if mood == "ignore-term" {
		signal.Ignore(syscall.SIGTERM)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {})
	mux.HandleFunc("/pid", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	mux.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) {
		for _, v := range os.Environ() {
			fmt.Fprintln(w, v)
		}
	})
	mux.HandleFunc("/dial", func(w http.ResponseWriter, _ *http.Request) {
		_, err := net.Dial("unix", socket) // its own, which it could
		fmt.Fprint(w, err)
	})
	mux.HandleFunc("/deaf", func(http.ResponseWriter, *http.Request) { // as one that is being torn down
		listener.Close()
		time.AfterFunc(300*time.Millisecond, func() { os.Exit(137) })
	})
	mux.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) {
		fmt.Fprintln(os.Stderr, "segmentation fault, so to speak")
		os.Exit(139)
	})
	mux.HandleFunc("/balloon", func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 256<<20)
		for i := range block {
			block[i] = 1
		}
		select {}
	})
	mux.HandleFunc("/hang", func(http.ResponseWriter, *http.Request) { select {} })
	_ = http.Serve(listener, mux)
}

// playBox starts an engine, says its pid and waits to be killed.
func playBox() {
	p := worker.New(config("good"))
	lease, err := p.Acquire(context.Background())
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(get(lease, "/pid"))
	select {}
}

func config(mood string) worker.Config {
	binary, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return worker.Config{
		Name: "test", Binary: binary, KeyEnv: "TEST_KEY",
		Args:  func(socket string) []string { return []string{socket, mood} },
		Env:   []string{"WORKER_TEST_ROLE=engine"},
		Grace: 200 * time.Millisecond,
		Log:   slog.New(slog.DiscardHandler),
	}
}

func start(t *testing.T, cfg worker.Config) *worker.Process {
	t.Helper()
	p := worker.New(cfg)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func acquire(t *testing.T, p *worker.Process) *worker.Lease {
	t.Helper()
	lease, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Release)
	return lease
}

func get(l *worker.Lease, path string) string {
	resp, err := l.Client.Get(l.URL + path)
	if err != nil {
		return "error: " + err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// until waits for something that happens soon, at most as long as a test may
// take on a busy machine.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ") // a zombie is as good as gone
}

func reason(err error) string { return problem.Of(err).Reason }
