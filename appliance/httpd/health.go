package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Health collects how the parts of the box are doing. It must be cheap: it
// never starts an engine.
type Health interface {
	Engines(ctx context.Context) []EngineHealth
	MaterialCounts(ctx context.Context, org appliance.OrgID) (MaterialCounts, error)
	Network() NetworkHealth
}

type healthRoutes struct {
	*Server
	health Health
}

// EngineHealth is one engine's state.
type EngineHealth struct {
	Name   string      `json:"name" doc:"chat, embedding or speech"`
	State  EngineState `json:"state"`
	Model  string      `json:"model,omitempty"`
	Detail string      `json:"detail,omitempty" doc:"Why it failed, or is missing"`
}

// EngineState says whether an engine can be used.
type EngineState string

const (
	EngineIdle     EngineState = "idle"     // starts when first needed
	EngineStarting EngineState = "starting" // loading its weights
	EngineReady    EngineState = "ready"    // loaded
	EngineFailed   EngineState = "failed"   // crashed; it is tried again
	EngineMissing  EngineState = "missing"  // not built, or without weights
)

// MaterialCounts says how many sources stand where.
type MaterialCounts struct {
	Ready      int `json:"ready"`
	Processing int `json:"processing" doc:"Queued ones too"`
	Failed     int `json:"failed"`
}

// NetworkHealth is how tablets find the box.
type NetworkHealth struct {
	Name      string   `json:"name,omitempty" doc:"By which it is found now, such as bwenge-2.local; absent while it is found by none"`
	Chosen    string   `json:"chosen" doc:"The name that was chosen: another machine may have it already"`
	Addresses []string `json:"addresses"`
	Detail    string   `json:"detail,omitempty" doc:"Why it is found by no name"`
}

// HealthReport is the answer of the health endpoint.
type HealthReport struct {
	Status   string          `json:"status" enum:"ok,degraded" doc:"degraded: some engine is failed or missing"`
	Version  string          `json:"version"`
	Engines  []EngineHealth  `json:"engines"`
	Network  NetworkHealth   `json:"network"`
	Material *MaterialCounts `json:"material,omitempty" doc:"Of one's own school"`
}

type healthOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         HealthReport
}

func (s *healthRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{
		OperationID: "getHealth", Method: http.MethodGet, Path: "/api/v1/health",
		Summary: "How the box is doing", Tags: []string{"box"},
	}, s.getHealth)
}

func (s *healthRoutes) getHealth(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	report := HealthReport{Status: "ok", Version: s.cfg.Version, Engines: []EngineHealth{}, Network: s.health.Network()}
	if p := principalOf(ctx); p.Org != "" {
		counts, err := s.health.MaterialCounts(ctx, p.Org)
		if err != nil {
			return nil, err
		}
		report.Material = &counts
	}
	for _, e := range s.health.Engines(ctx) {
		if e.State == EngineFailed || e.State == EngineMissing {
			report.Status = "degraded"
		}
		report.Engines = append(report.Engines, e)
	}
	return &healthOutput{"no-store", report}, nil
}
