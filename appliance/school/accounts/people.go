// Package accounts looks after a school's people: members, classes, invitations,
// rosters and sign-in cards. What a role may do at all stands in the table of
// policies (appliance/httpd); the rules here are those that depend on who it is
// done to: a teacher helps the pupils of their classes, and nobody raises
// anybody above themselves.
package accounts

import (
	"context"
	"crypto/rand"
	"math/big"
	"slices"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Store is what accounts need of the box's database.
type Store interface {
	Organizations(ctx context.Context) ([]appliance.Organization, error)
	Organization(ctx context.Context, org appliance.OrgID) (appliance.Organization, error)
	CreateOrganization(ctx context.Context, o appliance.Organization, entries ...appliance.AuditEntry) (appliance.Organization, error)
	UpdateOrganization(ctx context.Context, org appliance.OrgID, o appliance.Organization, entries ...appliance.AuditEntry) (appliance.Organization, error)
	EraseOrganization(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
	FirstOrganization(ctx context.Context) (appliance.Organization, error)
	CloseOrganization(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) (sessions []string, err error)

	AddUser(ctx context.Context, org appliance.OrgID, n appliance.NewUser, entries ...appliance.AuditEntry) (appliance.User, error)
	User(ctx context.Context, org appliance.OrgID, id appliance.UserID) (appliance.User, error)
	Users(ctx context.Context, org appliance.OrgID, f appliance.UserFilter) (appliance.Page[appliance.User], error)
	UpdateUser(ctx context.Context, org appliance.OrgID, u appliance.User, entries ...appliance.AuditEntry) (appliance.User, error)
	EraseUser(ctx context.Context, org appliance.OrgID, id appliance.UserID, entries ...appliance.AuditEntry) (sessions []string, err error)
	ReplaceCredential(ctx context.Context, org appliance.OrgID, id appliance.UserID, c appliance.Credential, except string, entries ...appliance.AuditEntry) (sessions []string, err error)
	Cards(ctx context.Context, org appliance.OrgID, class appliance.ClassID, user appliance.UserID) ([]appliance.NewUser, error)

	AddClass(ctx context.Context, org appliance.OrgID, c appliance.Class, teachers []appliance.UserID, entries ...appliance.AuditEntry) (appliance.Class, error)
	Class(ctx context.Context, org appliance.OrgID, id appliance.ClassID) (appliance.Class, error)
	Classes(ctx context.Context, org appliance.OrgID, search string, user appliance.UserID, cursor string, limit int) (appliance.Page[appliance.Class], error)
	UpdateClass(ctx context.Context, org appliance.OrgID, c appliance.Class, entries ...appliance.AuditEntry) (appliance.Class, error)
	DeleteClass(ctx context.Context, org appliance.OrgID, id appliance.ClassID, entries ...appliance.AuditEntry) error
	JoinClass(ctx context.Context, org appliance.OrgID, class appliance.ClassID, users []appliance.UserID, entries ...appliance.AuditEntry) error
	LeaveClass(ctx context.Context, org appliance.OrgID, class appliance.ClassID, user appliance.UserID, entries ...appliance.AuditEntry) error
	Teaches(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, class appliance.ClassID) (bool, error)
	TeachesUser(ctx context.Context, org appliance.OrgID, teacher, user appliance.UserID) (bool, error)

	AddInvitation(ctx context.Context, org appliance.OrgID, i appliance.Invitation, by appliance.UserID, entries ...appliance.AuditEntry) (appliance.Invitation, error)
	Invitations(ctx context.Context, org appliance.OrgID) ([]appliance.Invitation, error)
	RevokeInvitation(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error

	ImportRoster(ctx context.Context, org appliance.OrgID, r appliance.RosterChange, entries ...appliance.AuditEntry) (appliance.Import, []appliance.User, error)
	FindByExternalID(ctx context.Context, org appliance.OrgID, ids []string) (map[string]appliance.User, error)
	FindByNames(ctx context.Context, org appliance.OrgID, class appliance.ClassID) (map[string][]appliance.User, error)
	Imports(ctx context.Context, org appliance.OrgID) ([]appliance.Import, error)
	ImportTouchesOthers(ctx context.Context, org appliance.OrgID, teacher appliance.UserID, id string) (bool, error)
	UndoImport(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Import, error)

	AppendAudit(ctx context.Context, org appliance.OrgID, entries ...appliance.AuditEntry) error
}

// Secrets makes what people sign in with, counts what fails, and ends their
// sessions; *auth.Service is the real one.
type Secrets interface {
	NewPictures(ctx context.Context, all []string) (appliance.Credential, error)
	NewPIN(ctx context.Context) (string, appliance.Credential, error)
	PasswordCredential(ctx context.Context, login, password string) (appliance.Credential, error)
	SignOutUser(ctx context.Context, org appliance.OrgID, user appliance.UserID) error
	SessionsEnded(sessions ...string) // that are over already: what they have open closes
	ClassAttempts(ctx context.Context, org appliance.OrgID, class appliance.ClassID) (count int, locked bool, err error)
	LetIn(ctx context.Context, org appliance.OrgID, class appliance.ClassID, entries ...appliance.AuditEntry) error
}

// Eraser holds something of schools beside the database: files, answers in the
// making, settings that it has read, open streams. It lets go of all that
// belongs to one. Whatever begins to hold state of schools becomes one too.
type Eraser interface {
	EraseOrganization(ctx context.Context, org appliance.OrgID) error
}

// Lists reads the sheets of a workbook or a CSV file as they stand, a table
// each; not in this process, because files come from anywhere.
type Lists interface {
	Rows(ctx context.Context, content []byte) ([]appliance.Table, error)
}

// Mailer sends an e-mail; nil where the box has no mail server.
type Mailer interface {
	Send(ctx context.Context, to, subject, text string) error
}

// Service is the school's office. Its methods may be called from many
// goroutines.
type Service struct {
	store   Store
	secrets Secrets
	holders []Eraser
	mail    Mailer           // may be nil
	now     func() time.Time // the box clock
	// Lists reads the files of rosters.
	Lists Lists
}

// New returns a service. holders are all that hold state of schools beside the
// store; mail may be nil; now is the box clock.
func New(store Store, secrets Secrets, holders []Eraser, mail Mailer, now func() time.Time) *Service {
	return &Service{store: store, secrets: secrets, holders: holders, mail: mail, now: now}
}

var (
	errNotYourClass = problem.New(problem.Forbidden, "not_your_class", "You do not teach this class.",
		"Ask one of its teachers, or somebody in the school's office.", nil)
	errNotYourPupil = problem.New(problem.Forbidden, "not_your_pupil", "This pupil is in no class that you teach.",
		"Ask the school's office. Or add one of the pupil's teachers to your class: they can bring the pupil with them.", nil)
	errSharedPupil = problem.New(problem.Forbidden, "pupil_shared", "This pupil is also in a class that you do not teach.",
		"Take the pupil out of your class, or ask somebody in the school's office.", nil)
	errRole = problem.New(problem.Forbidden, "role_too_low", "You may not do this.",
		"Ask the owner of the school or an administrator.", nil)
)

// office reports whether somebody manages the whole school.
func office(p appliance.Principal) bool { return p.Office() }

// ofClass fails unless somebody may manage a class.
func (s *Service) ofClass(ctx context.Context, p appliance.Principal, class appliance.ClassID) error {
	if _, err := s.store.Class(ctx, p.Org, class); err != nil || office(p) {
		return err
	}
	yes, err := s.store.Teaches(ctx, p.Org, p.User, class)
	if err == nil && !yes {
		err = errNotYourClass
	}
	return err
}

// ofUser returns a user whom somebody may manage: the office everybody below the
// owners, owners all, teachers the pupils of their classes.
func (s *Service) ofUser(ctx context.Context, p appliance.Principal, id appliance.UserID) (appliance.User, error) {
	u, err := s.store.User(ctx, p.Org, id)
	switch {
	case err != nil:
		return u, err
	case p.Role == appliance.RoleOwner:
		return u, nil
	case office(p):
		if u.Role.Rank() >= p.Role.Rank() && u.ID != p.User {
			return u, errRole
		}
		return u, nil
	case u.Role != appliance.RoleStudent:
		return u, errRole
	}
	return u, s.ofPupil(ctx, p, id)
}

// ofPupil fails unless somebody may manage a pupil. One who is in no class is
// the office's.
func (s *Service) ofPupil(ctx context.Context, p appliance.Principal, pupil appliance.UserID) error {
	if office(p) {
		return nil
	}
	yes, err := s.store.TeachesUser(ctx, p.Org, p.User, pupil)
	if err == nil && !yes {
		err = errNotYourPupil
	}
	return err
}

// alone fails for a teacher if a pupil is also in a class that they do not teach:
// nobody erases, disables or redirects the mail of somebody else's pupil.
func (s *Service) alone(ctx context.Context, p appliance.Principal, u appliance.User) error {
	if office(p) {
		return nil
	}
	mine, err := s.classesOf(ctx, p)
	if err == nil && slices.ContainsFunc(u.Classes, func(c appliance.ClassRef) bool { return !mine[c.ID] }) {
		err = errSharedPupil
	}
	return err
}

// letters of codes: none that look alike, no vowels that make words.
const letters = "BCDFGHJKMNPQRTVWXYZ2346789"

func code(n int) string {
	b := make([]byte, n)
	for i := range b {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // never fails
		}
		b[i] = letters[k.Int64()]
	}
	return string(b)
}

// unique calls fn until the code that it uses is not taken.
func unique[T any](fn func() (T, error)) (v T, err error) {
	for range 20 {
		if v, err = fn(); err == nil || problem.Of(err).Reason != "code_taken" {
			return v, err
		}
	}
	return v, err
}
