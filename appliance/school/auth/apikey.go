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

// NewAPIKey makes a key for a program: 256 random bits, of which the box keeps
// the SHA-256. A slow hash is for what people choose.
func (s *Service) NewAPIKey(ctx context.Context, who appliance.Principal, name, personaID string) (key string, k appliance.APIKey, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	key = keyPrefix + base64.RawURLEncoding.EncodeToString(secret)
	k, err = s.store.AddAPIKey(ctx, who.Org, who.User,
		appliance.APIKey{Name: strings.TrimSpace(name), PersonaID: personaID, Prefix: key[:len(keyPrefix)+6]}, hashOf(key))
	return key, k, err
}

func hashOf(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// APIKeys lists the keys of somebody's school.
func (s *Service) APIKeys(ctx context.Context, who appliance.Principal) ([]appliance.APIKey, error) {
	return s.store.APIKeys(ctx, who.Org)
}

// DeleteAPIKey ends a key.
func (s *Service) DeleteAPIKey(ctx context.Context, who appliance.Principal, id string) error {
	return s.store.DeleteAPIKey(ctx, who.Org, id)
}

// Program is who shows a key. It sees the whole school's material, and has the
// rank of nobody.
func (s *Service) Program(ctx context.Context, key string) (appliance.Principal, error) {
	if !strings.HasPrefix(key, keyPrefix) {
		return appliance.Principal{}, problem.New(problem.NotFound, "key_not_found", "There is no such key.", "Make a new one.", nil)
	}
	org, k, err := s.store.APIKeyByHash(ctx, hashOf(key))
	if err != nil {
		return appliance.Principal{}, err
	}
	return appliance.Principal{Org: org, Role: appliance.RoleProgram, Scope: appliance.Scope{All: true}, Key: &k}, nil
}
