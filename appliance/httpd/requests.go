package httpd

import (
	"context"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Requests remembers answers to requests that may be sent again.
type Requests interface {
	BeginRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key, fingerprint string) (*appliance.StoredResponse, error)
	FinishRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string, r appliance.StoredResponse) error
	DropRequest(ctx context.Context, org appliance.OrgID, user appliance.UserID, key string) error
}

// storedRequests keeps answers for transport. What it writes is nothing that
// the audit log should hear of.
type storedRequests struct{ store Requests }

func (s storedRequests) BeginRequest(ctx context.Context, k transport.RequestKey, fingerprint string) (*transport.StoredResponse, error) {
	stored, err := s.store.BeginRequest(ctx, appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key, fingerprint)
	if stored == nil {
		return nil, err
	}
	return &transport.StoredResponse{Status: stored.Status, Body: stored.Body}, err
}

func (s storedRequests) FinishRequest(ctx context.Context, k transport.RequestKey, r transport.StoredResponse) error {
	return s.store.FinishRequest(ctx, appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key,
		appliance.StoredResponse{Status: r.Status, Body: r.Body})
}

func (s storedRequests) DropRequest(ctx context.Context, k transport.RequestKey) error {
	return s.store.DropRequest(ctx, appliance.OrgID(k.Tenant), appliance.UserID(k.Subject), k.Key)
}
