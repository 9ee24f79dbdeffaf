package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	accessLife = 15 * time.Minute
	issuer     = "bwenge"
	audience   = "box"
	tokenType  = "at+jwt" // RFC 9068

	// A refresh token that was used once more is forgiven for so long: its
	// answer was lost on the way, or two tabs asked at once (FAPI 2.0, 5.3.2.1).
	refreshGrace = time.Minute
)

// life is how long a session lasts without being used, and at most.
func life(role appliance.Role) (idle, most time.Duration) {
	if role.Rank() >= appliance.RoleTeacher.Rank() {
		return 14 * 24 * time.Hour, 90 * 24 * time.Hour
	}
	return 12 * time.Hour, 24 * time.Hour
}

type claims struct {
	jwt.RegisteredClaims
	Org     appliance.OrgID `json:"org"`
	Session string          `json:"sid"`
}

var (
	errMissing = problem.New(problem.Unauthorized, "token_missing", "You are not signed in.", "Sign in and try again.", nil)
	errEnded   = problem.New(problem.Unauthorized, "session_ended", "You are not signed in any more.", "Sign in again.", nil)
)

func errToken(reason string, cause error) error {
	return problem.New(problem.Unauthorized, reason, "You are not signed in any more.", "Sign in again.", cause)
}

// access makes an access token for a session.
func (s *Service) access(x appliance.Session) (string, error) {
	now := s.clock.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: string(x.User), ID: randomID(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(accessLife)),
		},
		Org: x.Org, Session: x.ID,
	})
	token.Header["typ"] = tokenType
	return token.SignedString(s.sign)
}

// Authenticate says who an access token stands for: what the database knows of
// they are now, so that a new role or the end of a session acts at once.
func (s *Service) Authenticate(ctx context.Context, access string) (appliance.Principal, error) {
	if access == "" {
		return appliance.Principal{}, errMissing
	}
	if len(access) > 4096 || strings.Count(access, ".") != 2 {
		return appliance.Principal{}, errToken("token_invalid", nil)
	}
	var c claims
	token, err := jwt.ParseWithClaims(access, &c, func(*jwt.Token) (any, error) { return s.sign.Public(), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithTimeFunc(s.clock.Now), jwt.WithLeeway(time.Minute))
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return appliance.Principal{}, errToken("token_expired", err)
	case err != nil:
		return appliance.Principal{}, errToken("token_invalid", err)
	case token.Header["typ"] != tokenType:
		return appliance.Principal{}, errToken("token_invalid", errors.New("not an access token"))
	}
	p, err := s.holder(ctx, c.Session)
	if err == nil && (string(p.User) != c.Subject || p.Org != c.Org) {
		return appliance.Principal{}, errEnded
	}
	return p, err
}

// holder is whose a session is, as the database knows them at this moment.
func (s *Service) holder(ctx context.Context, session string) (appliance.Principal, error) {
	x, p, err := s.store.Session(ctx, session)
	if err != nil && problem.CodeOf(err) == problem.NotFound || err == nil && s.clock.Now().After(x.ExpiresAt) {
		return appliance.Principal{}, errEnded
	}
	return p, err
}

// Now is who somebody is by now. What stays open for long asks again before it
// gives out more: a pupil may have been taken out of a class meanwhile.
func (s *Service) Now(ctx context.Context, p appliance.Principal) (appliance.Principal, error) {
	if p.Session == "" {
		return p, nil // the command line, or a program
	}
	now, err := s.holder(ctx, p.Session)
	now.Remote, now.RequestID = p.Remote, p.RequestID
	return now, err
}

// refreshToken is a session's token of a generation. Nothing of it is stored:
// only the box can make it, and makes the same one each time.
func (s *Service) refreshToken(session string, generation int) string {
	n := strconv.Itoa(generation)
	return session + "." + n + "." + s.mark("refresh", session, n)
}

func (s *Service) parseRefresh(token string) (session string, generation int, ok bool) {
	if len(token) > 300 {
		return "", 0, false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", 0, false
	}
	generation, err := strconv.Atoi(parts[1])
	want := s.mark("refresh", parts[0], parts[1])
	return parts[0], generation, err == nil && subtle.ConstantTimeCompare([]byte(parts[2]), []byte(want)) == 1
}

// Refresh gives the next tokens for a refresh token.
//
// The latest one moves the session on. The one before gives the same successor
// again for a while, as long as that has not been used itself: then its answer
// was lost, or another tab was faster. An older one means that two hold tokens
// of one session, one of whom stole them: the session ends (RFC 9700, 4.14.2).
func (s *Service) Refresh(ctx context.Context, token string, d Device) (appliance.Tokens, error) {
	if token == "" {
		return appliance.Tokens{}, errMissing
	}
	id, generation, ok := s.parseRefresh(token)
	if !ok {
		return appliance.Tokens{}, errToken("token_invalid", nil)
	}
	for {
		x, p, err := s.store.Session(ctx, id)
		if problem.CodeOf(err) == problem.NotFound && err != nil {
			return appliance.Tokens{}, errEnded
		} else if err != nil {
			return appliance.Tokens{}, err
		}
		now := s.clock.Now()
		switch {
		case now.After(x.ExpiresAt):
			return appliance.Tokens{}, errEnded
		case generation == x.Generation:
			idle, most := life(p.Role)
			expires := now.Add(idle)
			if last := x.CreatedAt.Add(most); expires.After(last) {
				expires = last
			}
			moved, err := s.store.AdvanceSession(ctx, x.Org, id, generation, now, expires)
			if err != nil {
				return appliance.Tokens{}, err
			}
			if !moved {
				continue // another request was faster: look again
			}
			x.Generation++
			return s.tokens(ctx, x)
		case generation == x.Generation-1 && now.Sub(x.RotatedAt) <= refreshGrace:
			return s.tokens(ctx, x)
		case generation > x.Generation:
			return appliance.Tokens{}, errEnded // from after a backup that was restored
		}
		if err := s.stolen(ctx, x, d); err != nil {
			return appliance.Tokens{}, err
		}
		return appliance.Tokens{}, problem.New(problem.Unauthorized, "session_stolen",
			"Somebody else may have used your sign-in, so it was ended.", "Sign in again. If this happens often, tell the school.", nil)
	}
}

func (s *Service) stolen(ctx context.Context, x appliance.Session, d Device) error {
	if err := s.store.EndSession(ctx, x.Org, x.ID, d.Did(x.User, "session.reuse_detected", "")); err != nil {
		return err
	}
	s.ended(x.ID)
	return nil
}

// tokens are the pair of a session's present generation.
func (s *Service) tokens(ctx context.Context, x appliance.Session) (t appliance.Tokens, err error) {
	if t.Access, err = s.access(x); err != nil {
		return t, err
	}
	t.Refresh, t.ExpiresIn = s.refreshToken(x.ID, x.Generation), accessLife
	if t.User, err = s.store.User(ctx, x.Org, x.User); err != nil {
		return t, err
	}
	t.Organization, err = s.store.Organization(ctx, x.Org)
	return t, err
}
