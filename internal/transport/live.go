package transport

import (
	"errors"
	"sync"
)

// live knows what is open for each session and tenant, so that it closes when
// the session is ended or the tenant is gone.
type live struct {
	mu   sync.Mutex
	open map[string]map[*func()]struct{}
}

func (l *live) add(who Caller, end func()) (remove func()) {
	var names []string
	if who.Session != "" {
		names = append(names, sessionName(who.Session))
	}
	if who.Tenant != "" {
		names = append(names, tenantName(who.Tenant))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if l.open[name] == nil {
			l.open[name] = map[*func()]struct{}{}
		}
		l.open[name][&end] = struct{}{}
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, name := range names {
			if delete(l.open[name], &end); len(l.open[name]) == 0 {
				delete(l.open, name)
			}
		}
	}
}

func sessionName(session string) string { return "session/" + session }
func tenantName(tenant string) string   { return "tenant/" + tenant }

func (l *live) end(name string) {
	l.mu.Lock()
	var all []func()
	for end := range l.open[name] {
		all = append(all, *end)
	}
	l.mu.Unlock()
	for _, end := range all {
		end()
	}
}

var errSignedOut = errors.New("the session was ended")
