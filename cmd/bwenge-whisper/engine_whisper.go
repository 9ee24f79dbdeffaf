//go:build whisper

package main

/*
#include <stdbool.h>
#include <stdlib.h>
#include <ggml-backend.h>
#include <whisper.h>

// The binding has no way to stop a decoding that has begun, nor to ask for the
// probabilities of voice activity, nor for the no-speech probability.

static unsigned long long steps;

// The library calls this before each operation.
static bool aborted(void * flag) {
	__atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);
	return __atomic_load_n((int *) flag, __ATOMIC_RELAXED) != 0;
}
static unsigned long long steps_so_far(void) { return __atomic_load_n(&steps, __ATOMIC_RELAXED); }

static void set_abort(struct whisper_full_params * p, int * flag) {
	p->abort_callback = aborted;
	p->abort_callback_user_data = flag;
}
static void set_flag(int * flag) { __atomic_store_n(flag, 1, __ATOMIC_RELAXED); }

static void quiet(enum ggml_log_level level, const char * text, void * data) {
	(void) data;
	if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}
static void be_quiet(void) { whisper_log_set(quiet, NULL); }
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
	"unsafe"

	whisper "github.com/ggerganov/whisper.cpp/bindings/go"
)

// beams is how many wordings are followed at once. Against the greedy choice, 5
// take 1.4 times the processor time, and with the base model 4.3 % of English
// words are wrong instead of 7.4 %.
const beams = 5

// library is whisper.cpp.
type library struct {
	ctx     *whisper.Context
	vad     *C.struct_whisper_vad_context // nil: there is no such model
	threads int
}

func loadEngine(model, vad string, threads int) (engine, error) {
	C.be_quiet()
	loadProcessorCode()
	l := &library{threads: threads}
	if l.ctx = whisper.Whisper_init(model); l.ctx == nil {
		return nil, fmt.Errorf("%s is not a Whisper model that can be loaded", model)
	}
	if vad == "" {
		return l, nil
	}
	path := C.CString(vad)
	defer C.free(unsafe.Pointer(path))
	params := C.whisper_vad_default_context_params()
	params.n_threads = 1 // one frame is too little work to share
	params.use_gpu = false
	if l.vad = C.whisper_vad_init_from_file_with_params(path, params); l.vad == nil {
		return nil, fmt.Errorf("%s is not a voice-activity model that can be loaded", vad)
	}
	return l, nil
}

// loadProcessorCode loads the fastest code for this processor, where the
// libraries were built for any processor and stand beside the worker. Where they
// were built for this machine there is nothing to load.
func loadProcessorCode() {
	self, err := os.Executable()
	if err != nil {
		return
	}
	folder := C.CString(filepath.Join(filepath.Dir(self), "engines", "whisper", "lib"))
	defer C.free(unsafe.Pointer(folder))
	C.ggml_backend_load_all_from_path(folder)
}

func (l *library) speech(samples []float32) ([]float32, error) {
	if len(samples) < vadFrame {
		return nil, nil
	}
	if l.vad == nil {
		return loudness(samples), nil
	}
	if !C.whisper_vad_detect_speech(l.vad, (*C.float)(&samples[0]), C.int(len(samples))) {
		return nil, errors.New("voice-activity detection failed")
	}
	n := int(C.whisper_vad_n_probs(l.vad))
	// The library's memory is overwritten by the next call.
	return append([]float32(nil), unsafe.Slice((*float32)(C.whisper_vad_probs(l.vad)), n)...), nil
}

func (l *library) detect(samples []float32) (string, float32, error) {
	if l.ctx.Whisper_is_multilingual() == 0 {
		return "en", 1, nil
	}
	samples = atLeastASecond(samples)
	if err := l.ctx.Whisper_pcm_to_mel(samples, l.threads); err != nil {
		return "", 0, err
	}
	probabilities, err := l.ctx.Whisper_lang_auto_detect(0, l.threads)
	if err != nil {
		return "", 0, err
	}
	best := 0
	for i, p := range probabilities {
		if p > probabilities[best] {
			best = i
		}
	}
	return whisper.Whisper_lang_str(best), probabilities[best], nil
}

func (l *library) decode(samples []float32, language string, abort *atomic.Bool) ([]decoded, error) {
	samples = atLeastASecond(samples)
	params := l.ctx.Whisper_full_default_params(whisper.SAMPLING_BEAM_SEARCH)
	params.SetBeamSize(beams)
	params.SetThreads(l.threads)
	params.SetTranslate(false)
	params.SetNoContext(true) // what was said before invites loops (whisper.cpp #1724)
	params.SetMaxContext(0)
	params.SetPrintProgress(false)
	params.SetPrintRealtime(false)
	params.SetPrintTimestamps(false)
	params.SetPrintSpecial(false)
	if l.ctx.Whisper_is_multilingual() != 0 {
		if err := params.SetLanguage(l.ctx.Whisper_lang_id(language)); err != nil {
			return nil, fmt.Errorf("language %q: %w", language, err)
		}
	}
	// The binding has no setters for these.
	raw := (*C.struct_whisper_full_params)(unsafe.Pointer(&params))
	raw.suppress_nst = true
	raw.no_speech_thold, raw.logprob_thold, raw.entropy_thold = 0.6, -1, 2.4

	// C needs memory that Go does not move.
	flag := (*C.int)(C.calloc(1, C.sizeof_int))
	defer C.free(unsafe.Pointer(flag))
	C.set_abort(raw, flag)
	watched, done := context.WithCancel(context.Background())
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-watched.Done():
				tick.Stop()
				return
			case <-tick.C:
				if abort.Load() {
					C.set_flag(flag)
				}
			}
		}
	}()
	err := l.ctx.Whisper_full(params, samples, nil, nil, nil)
	done()
	<-watching
	if abort.Load() {
		return nil, context.Canceled
	}
	if err != nil {
		return nil, err
	}
	segments := make([]decoded, l.ctx.Whisper_full_n_segments())
	for i := range segments {
		segments[i] = l.segment(i)
	}
	return segments, nil
}

func (l *library) work() uint64 { return uint64(C.steps_so_far()) }

func (l *library) segment(i int) decoded {
	d := decoded{
		// The library counts in hundredths of a second.
		start: float64(l.ctx.Whisper_full_get_segment_t0(i)) / 100,
		end:   float64(l.ctx.Whisper_full_get_segment_t1(i)) / 100,
		text:  l.ctx.Whisper_full_get_segment_text(i),
		noSpeech: float32(C.whisper_full_get_segment_no_speech_prob(
			(*C.struct_whisper_context)(unsafe.Pointer(l.ctx)), C.int(i))),
	}
	var sum float64
	n := 0
	for t := range l.ctx.Whisper_full_n_tokens(i) {
		if l.ctx.Whisper_full_get_token_id(i, t) >= l.ctx.Whisper_token_eot() {
			continue // timestamps and the like
		}
		sum += math.Log(math.Max(1e-10, float64(l.ctx.Whisper_full_get_token_p(i, t))))
		n++
	}
	if n > 0 {
		d.confidence = float32(sum / float64(n))
	}
	return d
}

// atLeastASecond pads with silence: shorter input is refused by the library, or
// worse (whisper.cpp #1644).
func atLeastASecond(samples []float32) []float32 {
	const least = sampleRate + sampleRate/10
	if len(samples) >= least {
		return samples
	}
	return append(samples[:len(samples):len(samples)], make([]float32, least-len(samples))...)
}
