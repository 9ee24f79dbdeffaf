package auth

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"strings"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Failed attempts are counted by the box clock, before anybody looks at what was
// tried. What an attempt counts against depends on the device that it comes from,
// in three tiers, so that whoever has none of the class's devices cannot shut the
// class's own out. DESIGN.md says why, and what the numbers are worth.
const (
	window = 15 * time.Minute
	day    = 24 * time.Hour

	mostHere       = 5   // for one account from one device or address
	mostAccount    = 10  // for one account from all of a tier
	mostOwnDay     = 30  // for one account from its own device, in a day
	mostSharedDay  = 40  // for a class from all devices that one pupil brought, in a day
	mostClassDay   = 100 // for a class from all other devices, in a day
	mostLetIn      = 400 // the same, while a teacher lets the class in
	mostStaffDay   = 100 // for one of the staff from other devices, in a day
	mostAddress    = 120 // of staff and codes, from one address without a device
	mostDevice     = 30  // of codes, from one device
	letInWindow    = window
	deviceLife     = 400 * day
	deviceLifetime = int(deviceLife / time.Second)
)

// attempt is one try to sign in.
type attempt struct {
	org     appliance.OrgID
	account string           // the user's id, or a mark of the name that was tried
	user    appliance.UserID // empty for nobody
	class   appliance.ClassID
	device  Device

	own   bool             // this account has signed in on this device before
	first appliance.UserID // else, who of the class was the first to
	letIn bool             // a teacher lets the class in just now
}

// limits are those that the attempt falls under.
func (a attempt) limits() (list []appliance.AttemptLimit) {
	add := func(key string, user appliance.UserID, most int, window time.Duration, proves bool) {
		list = append(list, appliance.AttemptLimit{Key: key, User: user, Most: most, Window: window, Proves: proves})
	}
	account := "account/" + a.account
	switch {
	case a.own:
		here := account + "/device/" + a.device.ID
		add(here, a.user, mostHere, window, true)
		add(here+"/day", a.user, mostOwnDay, day, true)
	case a.first != "":
		add(account+"/device/"+a.device.ID, a.user, mostHere, window, true)
		add(account+"/shared", a.user, mostAccount, window, true)
		add("class/"+string(a.class)+"/brought/"+string(a.first), a.first, mostSharedDay, day, false)
	default:
		add(account+"/address/"+a.device.Address, a.user, mostHere, window, true)
		switch {
		case a.class == "":
			add(account, a.user, mostAccount, window, true)
			add(account+"/day", a.user, mostStaffDay, day, true)
			add("address/"+a.device.Address, "", mostAddress, window, false)
		case a.letIn:
			add(classKey(a.class)+"/let-in", "", mostLetIn, letInWindow, false)
		default:
			add(account, a.user, mostAccount, window, true)
			add(classKey(a.class), "", mostClassDay, day, false)
		}
	}
	return list
}

// classKey is what attempts from unknown devices count under.
func classKey(class appliance.ClassID) string { return "class/" + string(class) + "/day" }

func letInKey(class appliance.ClassID) string { return "class/" + string(class) + "/open" }

// place completes what the box knows of where an attempt comes from.
func (s *Service) place(ctx context.Context, a *attempt) (err error) {
	if a.device.ID != "" && a.user != "" {
		if a.own, a.first, err = s.store.KnownDevice(ctx, a.org, a.user, a.class, a.device.ID); err != nil {
			return err
		}
	}
	if a.class != "" {
		open, err := s.store.FailedAttempts(ctx, a.org, letInKey(a.class), s.clock.Now())
		a.letIn = open.Count > 0
		return err
	}
	return nil
}

// reserve counts an attempt, or says that there were too many. What it returns
// is given back for an attempt that was right, or that nobody looked at.
func (s *Service) reserve(ctx context.Context, a attempt) ([]appliance.AttemptLimit, error) {
	limits := a.limits()
	full, wait, err := s.store.ReserveAttempt(ctx, a.org, limits, s.clock.Now())
	if err != nil || full == nil {
		return limits, err
	}
	e := tooMany(wait)
	if a.class != "" && full.Key == classKey(a.class) {
		e = problem.New(problem.TooMany, "class_locked", "There were too many wrong tries in this class from tablets that it has not used before.",
			"Ask your teacher to let you in, or sign in on a tablet that you have used before.", nil).With("retry_after_seconds", seconds(wait))
		s.note(ctx, a.org, "told/"+full.Key, day, a.device.Did("", "class.locked", string(a.class)).With("outcome", "too_many_guesses"))
	} else if a.user != "" {
		s.note(ctx, a.org, "told/"+string(a.user), window, a.device.Did("", "session.refused", string(a.user)).With("outcome", "too_many_guesses"))
	}
	return nil, e
}

func tooMany(wait time.Duration) *problem.Error {
	return problem.New(problem.TooMany, "too_many_attempts", "There were too many wrong tries.",
		"Wait a while, or ask a teacher to help you sign in.", nil).With("retry_after_seconds", seconds(wait))
}

func seconds(d time.Duration) int { return int(d.Seconds()) + 1 }

// giveBack takes an attempt out of the counts, also when whoever made it has left.
func (s *Service) giveBack(ctx context.Context, org appliance.OrgID, limits []appliance.AttemptLimit) {
	if err := s.store.ReturnAttempt(context.WithoutCancel(ctx), org, limits); err != nil {
		s.log.Error("auth: cannot give an attempt back", "error", err)
	}
}

var errWrong = problem.New(problem.Unauthorized, "wrong_sign_in", "That was not right.",
	"Try again. If you do not remember, ask a teacher to help you.", nil)

// note writes a line into the audit log, once in a window.
func (s *Service) note(ctx context.Context, org appliance.OrgID, key string, window time.Duration, entry appliance.AuditEntry) {
	once := []appliance.AttemptLimit{{Key: key, User: appliance.UserID(entry.Target), Most: 1, Window: window}}
	if entry.Action == "class.locked" {
		once[0].User = ""
	}
	told, _, err := s.store.ReserveAttempt(ctx, org, once, s.clock.Now())
	if err == nil && told == nil {
		err = s.store.AppendAudit(ctx, org, entry)
	}
	if err != nil {
		s.log.Error("auth: cannot note a refusal", "error", err)
	}
}

// ClassAttempts are the failed attempts in a class today, from devices that it
// has not used before, and whether there were too many.
func (s *Service) ClassAttempts(ctx context.Context, org appliance.OrgID, class appliance.ClassID) (count int, locked bool, err error) {
	a, err := s.store.FailedAttempts(ctx, org, classKey(class), s.clock.Now())
	return a.Count, a.Count >= mostClassDay, err
}

// LetIn forgets the failed attempts in a class and, for a while, lets devices in
// that it has not used before, however many wrong tries others make.
func (s *Service) LetIn(ctx context.Context, org appliance.OrgID, class appliance.ClassID, entries ...appliance.AuditEntry) error {
	closed := []appliance.AttemptLimit{{Key: classKey(class)}, {Key: classKey(class) + "/let-in"}, {Key: "told/" + classKey(class)}}
	return s.store.LetIn(ctx, org, class, closed, appliance.AttemptLimit{Key: letInKey(class), Window: letInWindow}, s.clock.Now(), entries...)
}

// A device token says that somebody has signed in on this browser before. The
// database says who; the token proves nothing else.

func (s *Service) newDevice() (id, token string) {
	id = randomID()
	return id, id + "." + s.mark("device", id)
}

// DeviceID is the id in a device token, empty if the box did not make it.
func (s *Service) DeviceID(token string) string {
	id, mark, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 || !hmac.Equal([]byte(mark), []byte(s.mark("device", id))) {
		return ""
	}
	return id
}

func (s *Service) mark(purpose string, parts ...string) string {
	data := make([][]byte, len(parts))
	for i, p := range parts {
		data[i] = []byte(p)
	}
	return base64.RawURLEncoding.EncodeToString(s.keys.MAC(purpose, data...))
}
