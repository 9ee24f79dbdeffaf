package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// keyPrefix begins every API key, so that one that was left in a public place
// is recognised.
const keyPrefix = "bw-"

// NewAPIKey makes a key for a program that ends after some days: 256 random
// bits, of which the box keeps the SHA-256. A slow hash is for what people choose.
func (s *Service) NewAPIKey(ctx context.Context, who appliance.Principal, name, personaID string, days int) (key string, k appliance.APIKey, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	key = keyPrefix + base64.RawURLEncoding.EncodeToString(secret)
	k, err = s.store.AddAPIKey(ctx, who.Org, who.User,
		appliance.APIKey{Name: strings.TrimSpace(name), PersonaID: personaID, Prefix: key[:len(keyPrefix)+6],
			ExpiresAt: s.clock.Now().AddDate(0, 0, days)}, hashOf(key),
		who.Did("key.added", "").With("persona", personaID))
	return key, k, err
}

func hashOf(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// APIKeys lists the keys of somebody's school, also those that have ended.
func (s *Service) APIKeys(ctx context.Context, who appliance.Principal) ([]appliance.APIKey, error) {
	list, err := s.store.APIKeys(ctx, who.Org)
	for i := range list {
		list[i] = s.expired(list[i])
	}
	return list, err
}

// expired notes that a key's time is over.
func (s *Service) expired(k appliance.APIKey) appliance.APIKey {
	if k.Ended == "" && !s.clock.Now().Before(k.ExpiresAt) {
		k.Ended = appliance.KeyExpired
	}
	return k
}

// DeleteAPIKey ends a key.
func (s *Service) DeleteAPIKey(ctx context.Context, who appliance.Principal, id string) error {
	return s.store.DeleteAPIKey(ctx, who.Org, id, who.Did("key.deleted", ""))
}

// Program is who shows a key. It has the rank of nobody.
func (s *Service) Program(ctx context.Context, key string) (appliance.Principal, error) {
	if !strings.HasPrefix(key, keyPrefix) {
		return appliance.Principal{}, problem.New(problem.NotFound, "key_not_found", "There is no such key.", "Make a new one.", nil)
	}
	p, err := s.store.APIKeyByHash(ctx, hashOf(key))
	if err != nil {
		return appliance.Principal{}, err
	}
	if ended := s.expired(*p.Key).Ended; ended != "" {
		return appliance.Principal{}, problem.New(problem.Unauthorized, "key_ended", "This key has ended.",
			"Make a new one under School, Models.", nil).With("why", ended)
	}
	return p, nil
}
