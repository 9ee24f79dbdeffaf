// Command bwenge-whisper turns speech into text. The box starts it as a child
// process and speaks to it over a unix socket; it is not meant to be run by
// hand.
//
// It loads a Whisper model and a voice-activity model once and then answers
//
//	GET  /health      200 once loaded
//	POST /transcribe  {"samples","first","from_ms","length_ms","language"} on a
//	                  line, then samples; answers with one JSON object a line:
//	                  {"segment":…} as they are found, {"alive":true} while it
//	                  works, and {"done":{"language":…}} or {"error":…}
//
// Samples are 16 kHz mono, signed 16-bit, little-endian. They are sent because
// the worker may read no file but its models' (see internal/proc).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bwenge-whisper:", err)
		os.Exit(1)
	}
}

func run() error {
	socket := flag.String("socket", "", "unix socket to listen on")
	model := flag.String("model", "", "Whisper model (ggml)")
	vad := flag.String("vad", "", "voice-activity model (Silero, ggml); without it loudness has to do")
	threads := flag.Int("threads", runtime.NumCPU(), "threads to compute with")
	flag.Parse()
	if *socket == "" || *model == "" {
		flag.Usage()
		return errors.New("-socket and -model are needed")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	listener, err := net.Listen("unix", *socket)
	if err != nil {
		return err
	}
	s := &server{}
	srv := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	// Answer "not yet" while loading, so that the box sees us alive.
	loaded := make(chan error, 1)
	go func() {
		e, err := loadEngine(*model, *vad, *threads)
		if err == nil {
			s.ready(e)
		}
		loaded <- err
		if err != nil {
			stop()
		}
	}()
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	select {
	case err := <-loaded:
		return err
	default:
		return nil
	}
}
