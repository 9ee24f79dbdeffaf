package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// cost is what one argon2id hash takes.
type cost struct {
	memory, time uint32 // kB and passes
	threads      uint8
}

// Staff passwords cost about 100 ms on a slow core (OWASP's first choice,
// m=46 MiB, t=1, p=1, and a pass more). A PIN or four pictures have so few
// values that no cost protects them from whoever has the file; theirs is what
// lets a class of forty sign in at once.
var (
	staffCost = cost{46 << 10, 2, 1}
	pupilCost = cost{12 << 10, 1, 1}
)

const (
	saltSize = 16
	hashSize = 32
)

// hash makes a PHC string. It waits for its turn, since hashes need memory.
func (s *Service) hash(ctx context.Context, secret string, c cost) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	var sum []byte
	if err := s.secrets.do(ctx, func() { sum = argon(secret, salt, c) }); err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

func argon(secret string, salt []byte, c cost) []byte {
	return argon2.IDKey([]byte(secret), salt, c.time, c.memory, c.threads, hashSize)
}

// matches compares a secret with a PHC string. With an empty one it takes as
// long and says no, so that nobody learns who has an account.
func (q *queue) matches(ctx context.Context, phc, secret string, otherwise cost) (bool, error) {
	var version int
	c := otherwise
	salt, want := make([]byte, saltSize), make([]byte, hashSize)
	known := phc != ""
	if known {
		parts := strings.Split(phc, "$") // "", argon2id, v=, m=,t=,p=, salt, hash
		if len(parts) != 6 || parts[1] != "argon2id" {
			return false, fmt.Errorf("a stored hash cannot be read")
		}
		_, err1 := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.memory, &c.time, &c.threads)
		var err2, err3 error
		salt, err2 = base64.RawStdEncoding.DecodeString(parts[4])
		want, err3 = base64.RawStdEncoding.DecodeString(parts[5])
		if err1 != nil || err2 != nil || err3 != nil || version != argon2.Version {
			return false, fmt.Errorf("a stored hash cannot be read")
		}
	}
	var got []byte
	if err := q.do(ctx, func() { got = argon(secret, salt, c) }); err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// commonest are passwords that everybody tries first.
var commonest = []string{"12345678", "123456789", "1234567890", "password", "password1", "passw0rd", "qwertyui", "qwerty123",
	"11111111", "00000000", "88888888", "abcd1234", "iloveyou", "sunshine", "princess", "football", "administrator",
	"rwanda123", "rwanda2026", "kigali123", "bwenge123", "teacher1", "teacher123", "school123", "changeme", "letmein1"}

// PasswordCredential hashes a password that one of the staff chose.
func (s *Service) PasswordCredential(ctx context.Context, login, password string) (appliance.Credential, error) {
	weak := func(reason, message, hint string) (appliance.Credential, error) {
		return appliance.Credential{}, problem.New(problem.Invalid, reason, message, hint, nil)
	}
	letters := utf8.RuneCountInString(password)
	switch {
	case letters < 8:
		return weak("password_short", "The password is too short.", "Use 8 characters or more; a few words are easy to remember.")
	case len(password) > 200:
		return weak("password_long", "The password is too long.", "Use at most 200 characters.")
	case slices.Contains(commonest, strings.ToLower(password)) || strings.Count(password, password[:1]) == len(password):
		return weak("password_common", "This password is one of the first that anybody tries.", "Choose another one; a few words are easy to remember.")
	case login != "" && strings.EqualFold(password, login):
		return weak("password_is_name", "The password is the same as the user name.", "Choose another one.")
	}
	hash, err := s.hash(ctx, password, staffCost)
	return appliance.Credential{Kind: appliance.SignInPassword, Hash: hash}, err
}

// picturesOnCard are how many of the sixteen a new card has, in order: 43,680
// ways. Cards that were printed when it was three of twelve are still good.
const picturesOnCard = 4

// NewPictures chooses pictures in an order for a pupil.
func (s *Service) NewPictures(ctx context.Context, all []string) (appliance.Credential, error) {
	all = slices.Clone(all)
	for i := range picturesOnCard {
		j := i + randomBelow(len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	card := strings.Join(all[:picturesOnCard], " ")
	hash, err := s.hash(ctx, card, pupilCost)
	return appliance.Credential{Kind: appliance.SignInPictures, Hash: hash, Card: card}, err
}

// NewPIN chooses four digits for a pupil, none of those that everybody tries.
// The PIN is stored as a hash alone, so it can be told only now.
func (s *Service) NewPIN(ctx context.Context) (pin string, c appliance.Credential, err error) {
	for pin == "" || easyPIN(pin) {
		pin = fmt.Sprintf("%04d", randomBelow(10_000))
	}
	hash, err := s.hash(ctx, pin, pupilCost)
	return pin, appliance.Credential{Kind: appliance.SignInPIN, Hash: hash}, err
}

func easyPIN(pin string) bool {
	return strings.Count(pin, pin[:1]) == len(pin) || strings.Contains("01234567890", pin) || strings.Contains("09876543210", pin) ||
		pin >= "1990" && pin <= "2030"
}

func randomBelow(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // never fails
	}
	return int(v.Int64())
}
