package transport

import (
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// limits are token buckets by name. Those that have been full for a while are
// forgotten.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

// forget lets go of the buckets in whose names a text stands.
func (l *limits) forget(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name := range l.buckets {
		if strings.Contains(name, text) {
			delete(l.buckets, name)
		}
	}
}

func (l *limits) allow(name string, perMinute int) error {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		l.swept = now
		for key, b := range l.buckets {
			if now.Sub(b.used) > 2*time.Minute {
				delete(l.buckets, key)
			}
		}
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{Limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
		l.buckets[name] = b
	}
	b.used = now
	if b.Allow() {
		return nil
	}
	wait := b.Reserve()
	delay := wait.Delay()
	wait.Cancel()
	return problem.New(problem.TooMany, "too_many_requests", "This was asked for too often.",
		"Wait a moment, then try again.", nil).With("retry_after_seconds", int(delay.Seconds())+1)
}
