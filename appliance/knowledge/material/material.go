// Package material says who may see, share and remove a school's material. How
// a file is taken in is appliance/knowledge/ingest's.
package material

import (
	"context"
	"io"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// Store finds sources.
type Store interface {
	Class(ctx context.Context, org appliance.OrgID, id appliance.ClassID) (appliance.Class, error)
	Source(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error)
	Sources(ctx context.Context, org appliance.OrgID, scope appliance.Scope, f appliance.SourceFilter) (appliance.Page[appliance.Source], error)
	AllChunks(ctx context.Context, org appliance.OrgID, scope appliance.Scope, sourceID string, wrong bool, fromSeq, limit int) (appliance.Page[appliance.Chunk], error)
	MarkWrong(ctx context.Context, org appliance.OrgID, by appliance.UserID, sourceID string, chunkID int64, wrong bool, entries ...appliance.AuditEntry) (appliance.Chunk, error)
	EditSource(ctx context.Context, org appliance.OrgID, id string, c appliance.SourceChange, entries ...appliance.AuditEntry) (appliance.Source, error)
	SourceLabels(ctx context.Context, org appliance.OrgID, scope appliance.Scope) (appliance.SourceLabels, error)
	DeletedSource(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (appliance.Source, error)
	TextPages(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, f appliance.TextFilter) (appliance.Page[appliance.TextPage], error)
	ShareSource(ctx context.Context, org appliance.OrgID, id string, classes []appliance.ClassID, entries ...appliance.AuditEntry) (appliance.Source, error)
}

// Ingester takes files in and looks after them; *ingest.Ingester is the real one.
type Ingester interface {
	Add(ctx context.Context, org appliance.OrgID, n appliance.NewFile, r io.Reader, size int64) (src appliance.Source, existed bool, err error)
	Delete(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	Retry(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	Cancel(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	Open(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (io.ReadSeekCloser, appliance.Source, error)
	TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (page appliance.TextPage, read []appliance.Section, err error)
	Mend(ctx context.Context, org appliance.OrgID, id string, number int, sections []appliance.Section, entries ...appliance.AuditEntry) (appliance.Source, error)
	ChangePage(ctx context.Context, org appliance.OrgID, id string, c appliance.PageChange, entries ...appliance.AuditEntry) (appliance.Source, error)
	ReadAgain(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	Trash(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error
	BringBack(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error)
	ChangeMany(ctx context.Context, org appliance.OrgID, ids []string, c appliance.ManyChange, entry func(id string) appliance.AuditEntry) ([]appliance.Source, error)
	Edited(org appliance.OrgID, src appliance.Source)
	Watch(ctx context.Context, org appliance.OrgID) <-chan appliance.Source
	Archives
}

// Service is a school's material as somebody in it may use it.
type Service struct {
	store    Store
	ingester Ingester
}

// New returns a service.
func New(store Store, ingester Ingester) *Service { return &Service{store, ingester} }

var (
	errNotYours = problem.New(problem.Forbidden, "not_your_material", "This material belongs to others.",
		"Ask whoever added it, a teacher of its classes, or the school's office.", nil)
	errNotYourClass = problem.New(problem.Forbidden, "not_your_class", "You do not teach this class.",
		"Ask one of its teachers, or somebody in the school's office.", nil)
)

// Add stores a file and queues it. size is what r will give at most, -1 if
// nobody knows; a disk without that much room is ENoSpace before the first read.
// A source with the same bytes is returned with existed true. When r fails,
// nothing stays behind.
func (s *Service) Add(ctx context.Context, p appliance.Principal, n appliance.NewFile, r io.Reader, size int64) (src appliance.Source, existed bool, err error) {
	for _, class := range n.Classes {
		if !p.Teaches(class) {
			return src, false, errNotYourClass
		}
		// Before the file comes, not after it.
		if _, err := s.store.Class(ctx, p.Org, class); err != nil {
			return src, false, err
		}
	}
	n.By = p
	src, existed, err = s.ingester.Add(ctx, p.Org, n, r, size)
	return as(p, src), existed, err
}

// as says on a source what somebody may do with it.
func as(p appliance.Principal, src appliance.Source) appliance.Source {
	src.MayChange = p.MayChange(src.CreatedBy, src.Classes)
	return src
}

// Source is one that somebody may see.
func (s *Service) Source(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	src, err := s.store.Source(ctx, p.Org, p.Scope, id)
	return as(p, src), err
}

// Sources lists those that somebody may see.
func (s *Service) Sources(ctx context.Context, p appliance.Principal, f appliance.SourceFilter) (appliance.Page[appliance.Source], error) {
	if f.Deleted && p.Role == appliance.RoleStudent {
		return appliance.Page[appliance.Source]{}, errNotYours
	}
	page, err := s.store.Sources(ctx, p.Org, p.Scope, f)
	for i, src := range page.Items {
		page.Items[i] = as(p, src)
	}
	return page, err
}

// Chunks is the text that was read from a source, from a chunk on, or only what
// is marked as wrong of it.
func (s *Service) Chunks(ctx context.Context, p appliance.Principal, id string, wrong bool, fromSeq, limit int) (appliance.Page[appliance.Chunk], error) {
	return s.store.AllChunks(ctx, p.Org, p.Scope, id, wrong, fromSeq, limit)
}

// Open opens the original file of a source; the caller closes it.
func (s *Service) Open(ctx context.Context, p appliance.Principal, id string) (io.ReadSeekCloser, appliance.Source, error) {
	return s.ingester.Open(ctx, p.Org, p.Scope, id)
}

// changeable is a source that somebody may change. One that they do not see is
// not there.
func (s *Service) changeable(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	src, err := s.Source(ctx, p, id)
	if err == nil && !src.MayChange {
		err = errNotYours
	}
	return src, err
}

// Share makes a source one for the given classes, or, with none, for the whole
// school.
func (s *Service) Share(ctx context.Context, p appliance.Principal, id string, classes []appliance.ClassID) (appliance.Source, error) {
	src, err := s.changeable(ctx, p, id)
	if err != nil {
		return src, err
	}
	if !p.MayShare(src.CreatedBy, src.Classes, classes) {
		return src, errNotYourClass
	}
	src, err = s.store.ShareSource(ctx, p.Org, id, classes, p.Did("source.shared", "").With("classes", classes))
	return as(p, src), err
}

// Delete removes a source from all lists and answers. For a day it can be
// brought back.
func (s *Service) Delete(ctx context.Context, p appliance.Principal, id string) error {
	if _, err := s.changeable(ctx, p, id); err != nil {
		return err
	}
	return s.ingester.Trash(ctx, p.Org, id, p.Did("source.deleted", ""))
}

// Retry queues a source again that failed or was cancelled.
func (s *Service) Retry(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.Retry(ctx, p.Org, id, p.Did("source.retried", ""))
	return as(p, src), err
}

// Cancel stops the work on a source.
func (s *Service) Cancel(ctx context.Context, p appliance.Principal, id string) (appliance.Source, error) {
	if src, err := s.changeable(ctx, p, id); err != nil {
		return src, err
	}
	src, err := s.ingester.Cancel(ctx, p.Org, id, p.Did("source.cancelled", ""))
	return as(p, src), err
}

// Watch tells of each change of any of a school's sources until ctx ends; who
// may see it, Source says. It closes the channel of a reader who falls behind.
func (s *Service) Watch(ctx context.Context, p appliance.Principal) <-chan appliance.Source {
	return s.ingester.Watch(ctx, p.Org)
}
