package accounts

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/roster"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// plan is what an import would do, line by line.
type plan struct {
	added   map[string]int // index in add by external id
	preview appliance.ImportPreview
	add     []appliance.NewUser
	joins   map[appliance.UserID][]appliance.ClassRef
	classes []appliance.Class
}

// Preview says what an import would do, and changes nothing.
func (s *Service) Preview(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.ImportPreview, error) {
	plan, err := s.plan(ctx, p, r)
	return plan.preview, err
}

func (s *Service) plan(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (x plan, err error) {
	rows, err := read(r)
	if err != nil {
		return x, err
	}
	classes, err := s.classes(ctx, p, r, rows)
	if err != nil {
		return x, err
	}
	x.classes = classes.made
	var ids []string
	for _, row := range rows {
		if row.ExternalID != "" {
			ids = append(ids, row.ExternalID)
		}
	}
	known, err := s.store.FindByExternalID(ctx, p.Org, ids)
	if err != nil {
		return x, err
	}
	mine, err := s.classesOf(ctx, p)
	if err != nil {
		return x, err
	}
	x.joins = map[appliance.UserID][]appliance.ClassRef{}
	x.added = map[string]int{}
	there := map[appliance.ClassID]map[string][]appliance.User{}
	for _, row := range rows {
		line := appliance.ImportRow{Line: row.Line, File: row.File, Name: row.Name, Class: row.Class, ExternalID: row.ExternalID, Problem: row.Problem}
		class, wrong := classes.of(row)
		if class != nil {
			line.Class = class.Name
		}
		if line.Problem == nil {
			line.Problem = wrong
		}
		u, exists := known[row.ExternalID]
		if line.Problem == nil && !exists && row.ExternalID == "" && class != nil && class.ID != "" {
			if there[class.ID] == nil {
				if there[class.ID], err = s.store.FindByNames(ctx, p.Org, class.ID); err != nil {
					return x, err
				}
			}
			if same := there[class.ID][strings.ToLower(row.Name)]; len(same) > 0 {
				u, exists = same[0], true
			}
		}
		if line.Problem == nil && exists && !office(p) && !taught(u, mine) {
			// A list names whom it likes; it gives no power over them.
			line.Problem = errOtherClass()
		}
		if line.Problem != nil {
			x.preview.Errors++
		} else if exists {
			line.Action = x.keep(u, class)
		} else {
			line.Action = x.enter(row, class)
		}
		x.preview.Rows = append(x.preview.Rows, line)
	}
	return x, nil
}

// keep plans a line about a pupil who exists: into the class, if not there yet.
func (x *plan) keep(u appliance.User, class *appliance.ClassRef) (action string) {
	if class == nil || member(u, class.ID) {
		x.preview.Same++
		return "same"
	}
	x.preview.Join++
	x.joins[u.ID] = append(x.joins[u.ID], *class)
	return "join"
}

// enter plans a line about a new pupil; a list may name one in several classes.
func (x *plan) enter(row roster.Row, class *appliance.ClassRef) (action string) {
	if i, again := x.added[row.ExternalID]; again && row.ExternalID != "" && class != nil {
		x.preview.Join++
		x.add[i].User.Classes = append(x.add[i].User.Classes, *class)
		return "join"
	}
	x.preview.Add++
	n := appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: row.Name}, ExternalID: row.ExternalID}
	if class != nil {
		n.User.Classes = []appliance.ClassRef{*class}
	}
	if row.ExternalID != "" {
		x.added[row.ExternalID] = len(x.add)
	}
	x.add = append(x.add, n)
	return "add"
}

func read(r appliance.ImportRequest) ([]roster.Row, error) {
	if len(r.Files) == 0 {
		return roster.Text(r.Text)
	}
	files := make([]roster.File, len(r.Files))
	for i, f := range r.Files {
		files[i] = roster.File{Name: f.Name, Content: f.Content}
	}
	return roster.Files(files)
}

// errOtherClass is about a line that names a pupil of others. It does not say
// who they are: the id may have been guessed.
func errOtherClass() *problem.Problem {
	return &problem.Problem{Code: problem.Forbidden, Reason: "roster_other_class", Message: "This pupil is on the box already, in a class of another teacher.",
		Hint: "Ask the school's office, or one of the pupil's teachers, to add them to your class."}
}

// classesOf are the classes that somebody teaches; the office needs no list.
func (s *Service) classesOf(ctx context.Context, p appliance.Principal) (map[appliance.ClassID]bool, error) {
	mine := map[appliance.ClassID]bool{}
	for cursor := ""; !office(p); {
		page, err := s.store.Classes(ctx, p.Org, "", p.User, cursor, 100)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			mine[c.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return mine, nil
}

func taught(u appliance.User, classes map[appliance.ClassID]bool) bool {
	return slices.ContainsFunc(u.Classes, func(c appliance.ClassRef) bool { return classes[c.ID] })
}

func member(u appliance.User, class appliance.ClassID) bool {
	for _, c := range u.Classes {
		if c.ID == class && class != "" {
			return true
		}
	}
	return false
}

// targets are the classes that an import puts pupils into.
type targets struct {
	chosen *appliance.ClassRef            // of lines that name none
	byName map[string]*appliance.ClassRef // lower case
	denied map[string]bool
	made   []appliance.Class
}

func (t targets) of(row roster.Row) (*appliance.ClassRef, *problem.Problem) {
	if row.Class == "" || t.chosen != nil {
		return t.chosen, nil
	}
	if t.denied[strings.ToLower(row.Class)] {
		p := errNotYourClass.Problem
		return nil, &p
	}
	return t.byName[strings.ToLower(row.Class)], nil
}

// classes finds the classes that an import names, and plans those that are not
// there. A class that was chosen by hand outweighs what the list says.
func (s *Service) classes(ctx context.Context, p appliance.Principal, r appliance.ImportRequest, rows []roster.Row) (t targets, err error) {
	t.byName, t.denied = map[string]*appliance.ClassRef{}, map[string]bool{}
	if r.ClassID != "" {
		if err := s.ofClass(ctx, p, r.ClassID); err != nil {
			return t, err
		}
		c, err := s.store.Class(ctx, p.Org, r.ClassID)
		t.chosen = &appliance.ClassRef{ID: c.ID, Name: c.Name}
		return t, err
	}
	existing := map[string]appliance.Class{}
	for cursor := ""; ; {
		page, err := s.store.Classes(ctx, p.Org, "", "", cursor, 100)
		if err != nil {
			return t, err
		}
		for _, c := range page.Items {
			existing[strings.ToLower(c.Name)] = c
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	need := func(name string) (*appliance.ClassRef, error) {
		key := strings.ToLower(name)
		if ref, ok := t.byName[key]; ok || t.denied[key] {
			return ref, nil
		}
		if c, ok := existing[key]; ok {
			if err := s.ofClass(ctx, p, c.ID); problem.CodeOf(err) == problem.Forbidden && err != nil {
				t.denied[key] = true
				return nil, nil
			} else if err != nil {
				return nil, err
			}
			t.byName[key] = &appliance.ClassRef{ID: c.ID, Name: c.Name}
			return t.byName[key], nil
		}
		c, err := newClass(name, appliance.SignInPictures)
		if err != nil {
			return nil, err
		}
		t.made = append(t.made, c)
		t.byName[key] = &appliance.ClassRef{Name: c.Name}
		return t.byName[key], nil
	}
	if r.NewClass != "" {
		t.chosen, err = need(r.NewClass)
		if err == nil && t.chosen == nil {
			err = errNotYourClass
		}
		return t, err
	}
	for _, row := range rows {
		if row.Class != "" && row.Problem == nil {
			if _, err := need(row.Class); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

// Import does what Preview said. Lines with a problem stop it, unless they are
// to be left out.
func (s *Service) Import(ctx context.Context, p appliance.Principal, r appliance.ImportRequest) (appliance.Import, []appliance.User, error) {
	plan, err := s.plan(ctx, p, r)
	if err != nil {
		return appliance.Import{}, nil, err
	}
	if plan.preview.Errors > 0 && !r.SkipErrors {
		return appliance.Import{}, nil, problem.New(problem.Invalid, "roster_errors", "Some lines of the list cannot be used.",
			"Correct them, or choose to leave them out.", nil).With("count", plan.preview.Errors)
	}
	if len(plan.add)+len(plan.joins) == 0 && len(plan.classes) == 0 {
		return appliance.Import{}, nil, problem.New(problem.Invalid, "roster_nothing", "All pupils of this list are there already.",
			"There is nothing to do.", nil)
	}
	if !office(p) {
		for _, n := range plan.add {
			if len(n.User.Classes) == 0 {
				return appliance.Import{}, nil, errNotYourClass
			}
		}
	}
	if err := s.secretsFor(ctx, p, plan.add); err != nil {
		return appliance.Import{}, nil, err
	}
	for i := range plan.classes {
		plan.classes[i].Code = code(6)
	}
	return s.store.ImportRoster(ctx, p.Org, appliance.RosterChange{By: p.User, Add: plan.add, Joins: plan.joins, Classes: plan.classes, Teachers: teachers(p)},
		p.Did("roster.imported", "").With("added", len(plan.add)).With("joined", len(plan.joins)))
}

// secretsFor gives every new pupil pictures or a PIN, on all cores.
func (s *Service) secretsFor(ctx context.Context, p appliance.Principal, add []appliance.NewUser) error {
	kinds := map[appliance.ClassID]appliance.SignInKind{}
	for _, n := range add {
		for _, c := range n.User.Classes {
			if _, ok := kinds[c.ID]; c.ID != "" && !ok {
				class, err := s.store.Class(ctx, p.Org, c.ID)
				if err != nil {
					return err
				}
				kinds[c.ID] = class.SignIn
			}
		}
	}
	var group sync.WaitGroup
	errs := make([]error, len(add))
	next := make(chan int)
	for range runtime.NumCPU() {
		group.Go(func() {
			for i := range next {
				kind := appliance.SignInPictures
				if classes := add[i].User.Classes; len(classes) > 0 && kinds[classes[0].ID] != "" {
					kind = kinds[classes[0].ID]
				}
				errs[i] = problem.Try(func() (err error) {
					add[i].Credential, _, err = s.secret(ctx, kind)
					return err
				})
			}
		})
	}
	for i := range add {
		next <- i
	}
	close(next)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Imports lists the rosters that were loaded: to teachers their own.
func (s *Service) Imports(ctx context.Context, p appliance.Principal) ([]appliance.Import, error) {
	all, err := s.store.Imports(ctx, p.Org)
	list := []appliance.Import{}
	for _, i := range all {
		if office(p) || i.By.ID == p.User {
			list = append(list, i)
		}
	}
	return list, err
}

// UndoImport takes an import back; a teacher only their own, and only while all
// whom it brought are still theirs: taking it back erases pupils.
func (s *Service) UndoImport(ctx context.Context, p appliance.Principal, id string) (appliance.Import, error) {
	mine, err := s.Imports(ctx, p)
	if err != nil {
		return appliance.Import{}, err
	}
	for _, i := range mine {
		if i.ID == id {
			if !office(p) {
				if others, err := s.store.ImportTouchesOthers(ctx, p.Org, p.User, id); err != nil {
					return i, err
				} else if others {
					return i, problem.New(problem.Forbidden, "import_other_class", "Some of these pupils are in classes that you do not teach by now.",
						"Ask the school's office to take the list back.", nil)
				}
			}
			return s.store.UndoImport(ctx, p.Org, id, p.Did("roster.undone", ""))
		}
	}
	return appliance.Import{}, problem.New(problem.NotFound, "import_not_found", "There is no such import here.", "Go back to the list and look again.", nil)
}
