package box

import (
	"context"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/httpd"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
	"github.com/bwenge-os/bwenge/appliance/lan"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
)

// health collects how the parts are, for the check-up page.
type health struct {
	engines *Engines
	store   *sqlite.Store
	lan     *lan.Announcer
}

// Network tells by which name the box is found.
func (h health) Network() httpd.NetworkHealth {
	s := h.lan.Status()
	n := httpd.NetworkHealth{Chosen: s.Wanted + ".local", Detail: s.Error, Addresses: []string{}}
	if s.Name != "" {
		n.Name = s.Name + ".local"
	}
	for _, a := range lan.Addresses() {
		n.Addresses = append(n.Addresses, a.String())
	}
	return n
}

// Engines tells how each engine is.
func (h health) Engines(ctx context.Context) []httpd.EngineHealth { return h.engines.Health(ctx) }

// MaterialCounts says how many sources stand where.
func (h health) MaterialCounts(ctx context.Context, org appliance.OrgID) (httpd.MaterialCounts, error) {
	counts, err := h.store.CountSources(ctx, org)
	return httpd.MaterialCounts{
		Ready:      counts[appliance.StatusReady],
		Processing: counts[appliance.StatusQueued] + counts[appliance.StatusProcessing],
		Failed:     counts[appliance.StatusFailed] + counts[appliance.StatusCancelled],
	}, err
}

// decoder makes samples of what pupils say, by the programs that read lectures.
type decoder struct{}

func (decoder) Duration(ctx context.Context, path string) (float64, error) {
	info, err := extract.Probe(ctx, path)
	return info.Duration, err
}

func (decoder) Decode(ctx context.Context, src, dst string, most time.Duration) (float64, error) {
	seconds, _, err := extract.DecodeUpTo(ctx, src, dst, most, nil)
	return seconds, err
}
