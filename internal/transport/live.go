package transport

import (
	"errors"
	"sync"
)

// live knows what is open for each session, so that it closes when the session
// is ended.
type live struct {
	mu   sync.Mutex
	open map[string]map[*func()]struct{}
}

func (l *live) add(session string, end func()) (remove func()) {
	if session == "" {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[session] == nil {
		l.open[session] = map[*func()]struct{}{}
	}
	l.open[session][&end] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if delete(l.open[session], &end); len(l.open[session]) == 0 {
			delete(l.open, session)
		}
	}
}

func (l *live) end(session string) {
	l.mu.Lock()
	var all []func()
	for end := range l.open[session] {
		all = append(all, *end)
	}
	l.mu.Unlock()
	for _, end := range all {
		end()
	}
}

var errSignedOut = errors.New("the session was ended")
