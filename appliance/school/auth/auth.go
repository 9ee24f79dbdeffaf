// Package auth decides who somebody is: it checks passwords, pictures and PINs,
// limits guessing, gives out tokens and takes them back, and lets the first
// owner and invited people in.
//
// Everything about time here goes by the box clock (see Clock), because the
// machine's own may jump by years.
package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
)

// Store is what auth needs of the box's database.
type Store interface {
	AddAPIKey(ctx context.Context, org appliance.OrgID, by appliance.UserID, n appliance.APIKey, hash []byte, entries ...appliance.AuditEntry) (appliance.APIKey, error)
	APIKeys(ctx context.Context, org appliance.OrgID) ([]appliance.APIKey, error)
	DeleteAPIKey(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	APIKeyByHash(ctx context.Context, hash []byte) (appliance.Principal, error)

	Organization(ctx context.Context, org appliance.OrgID) (appliance.Organization, error)
	NeedsSetup(ctx context.Context) (bool, error)
	ClaimOrganization(ctx context.Context, o appliance.Organization, owner appliance.NewUser, entries ...appliance.AuditEntry) (appliance.Organization, appliance.User, error)
	User(ctx context.Context, org appliance.OrgID, id appliance.UserID) (appliance.User, error)
	UserByLogin(ctx context.Context, org appliance.OrgID, login string) (appliance.User, appliance.Credential, error)
	Credential(ctx context.Context, org appliance.OrgID, id appliance.UserID) (appliance.Credential, error)
	ReplaceCredential(ctx context.Context, org appliance.OrgID, id appliance.UserID, c appliance.Credential, except string, entries ...appliance.AuditEntry) (sessions []string, err error)
	ClassByCode(ctx context.Context, code string) (appliance.OrgID, appliance.Class, []appliance.User, error)
	InvitationByCode(ctx context.Context, code string) (appliance.OrgID, appliance.Invitation, error)
	AcceptInvitation(ctx context.Context, org appliance.OrgID, id string, n appliance.NewUser, entries ...appliance.AuditEntry) (appliance.User, error)

	AddSession(ctx context.Context, x appliance.Session, reserved []appliance.AttemptLimit, entry appliance.AuditEntry) error
	Session(ctx context.Context, id string) (appliance.Session, appliance.Principal, error)
	AdvanceSession(ctx context.Context, org appliance.OrgID, id string, from int, rotated, expires time.Time) (bool, error)
	EndSession(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	EndSessions(ctx context.Context, org appliance.OrgID, user appliance.UserID, except string) ([]string, error)
	Sessions(ctx context.Context, org appliance.OrgID, user appliance.UserID) ([]appliance.Session, error)

	ReserveAttempt(ctx context.Context, org appliance.OrgID, limits []appliance.AttemptLimit, now time.Time) (full *appliance.AttemptLimit, wait time.Duration, err error)
	ReturnAttempt(ctx context.Context, org appliance.OrgID, limits []appliance.AttemptLimit) error
	FailedAttempts(ctx context.Context, org appliance.OrgID, key string, now time.Time) (appliance.Attempts, error)
	LetIn(ctx context.Context, org appliance.OrgID, class appliance.ClassID, forget []appliance.AttemptLimit, open appliance.AttemptLimit, now time.Time, entries ...appliance.AuditEntry) error
	KnownDevice(ctx context.Context, org appliance.OrgID, user appliance.UserID, class appliance.ClassID, device string) (own bool, first appliance.UserID, err error)
	PurgeAttempts(ctx context.Context, now time.Time, deviceLife time.Duration) error
	SaveBoxClock(ctx context.Context, at time.Time) error
	PurgeSessions(ctx context.Context, before time.Time) error
	AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
}

// Keys are the box's secrets; *keys.Box is the real one.
type Keys interface {
	MAC(purpose string, parts ...[]byte) []byte
	SigningKey() ed25519.PrivateKey
}

// Device is where a sign-in comes from. ID is that of a device cookie which the
// box made, or empty.
type Device = appliance.Device

// Service signs people in and out. Its methods may be called from many
// goroutines.
type Service struct {
	store Store
	keys  Keys
	clock *Clock
	log   *slog.Logger
	sign  ed25519.PrivateKey

	staff, pupils, secrets *queue
	claim                  claimFile

	mu    sync.Mutex
	onEnd []func(session string)
}

// New returns a service. claimPath is where the code stands by which a new box
// is claimed; log may be nil.
func New(store Store, keys Keys, clock *Clock, claimPath string, log *slog.Logger) *Service {
	if log == nil {
		log = slog.Default()
	}
	s := &Service{store: store, keys: keys, clock: clock, log: log, sign: keys.SigningKey(), claim: claimFile{path: claimPath}}
	s.staff, s.pupils, s.secrets = newQueues()
	return s
}

// Run keeps the box clock until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := s.store.SaveBoxClock(ctx, s.clock.Now()); err != nil && ctx.Err() == nil {
				s.log.Error("the box clock is not saved", "error", err)
			}
		case <-ctx.Done():
			return s.store.SaveBoxClock(context.WithoutCancel(ctx), s.clock.Now())
		}
	}
}

// Purge forgets sessions and failed attempts that are long over.
func (s *Service) Purge(ctx context.Context) error {
	if err := s.store.PurgeAttempts(ctx, s.clock.Now(), deviceLife); err != nil {
		return err
	}
	return s.store.PurgeSessions(ctx, s.clock.Now().Add(-24*time.Hour))
}

// OnEnd has fn called for each session that ends before its time, so that what
// it has open can be closed.
func (s *Service) OnEnd(fn func(session string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEnd = append(s.onEnd, fn)
}

// SessionsEnded closes what sessions have open that are over already.
func (s *Service) SessionsEnded(sessions ...string) { s.ended(sessions...) }

func (s *Service) ended(sessions ...string) {
	s.mu.Lock()
	tell := s.onEnd
	s.mu.Unlock()
	for _, session := range sessions {
		for _, fn := range tell {
			fn(session)
		}
	}
}

// randomID is 130 random bits in letters and digits.
func randomID() string { return strings.ToLower(rand.Text()) }
