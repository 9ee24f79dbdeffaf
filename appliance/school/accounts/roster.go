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
	list, err := s.list(ctx, r)
	if err != nil {
		return x, err
	}
	rows := list.Rows
	x.preview.Tables, x.preview.Unsure = list.Tables, list.Unsure
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
		u, exists := known[row.ExternalID]
		if exists && row.State == "" && row.Problem == nil && u.Role == appliance.RoleStudent && (office(p) || taught(u, mine)) && !roster.SameName(u.Name, row.Name) {
			if row.OtherName(r.Pupils); row.State == "" {
				exists = false
			}
		}
		line := appliance.ImportRow{Line: row.Line, File: row.File, Sheet: row.Sheet, Name: row.Name, Class: strings.Join(row.Classes, ", "),
			ExternalID: row.ExternalID, Problem: row.Problem, Why: row.Why}
		if row.State != "" {
			if line.Action = row.State; row.State == roster.Left {
				x.preview.Left++
			} else {
				x.preview.Ask++
			}
			x.preview.Rows = append(x.preview.Rows, line)
			continue
		}
		into, wrong := classes.of(row)
		if len(into) > 0 {
			names := make([]string, len(into))
			for i, c := range into {
				names[i] = c.Name
			}
			line.Class = strings.Join(names, ", ")
		}
		if line.Problem == nil {
			line.Problem = wrong
		}
		for _, class := range into {
			if line.Problem != nil || exists || row.ExternalID != "" || class.ID == "" {
				break
			}
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
		if line.Problem == nil && exists && u.Role != appliance.RoleStudent {
			line.Problem = errNotAPupil()
		}
		switch {
		case line.Problem != nil:
			x.preview.Errors++
		case exists:
			if !strings.EqualFold(u.Name, row.Name) {
				line.KnownAs = u.Name
				x.preview.Changed++
			}
			line.Action = x.keep(u, into)
		default:
			line.Action = x.enter(row, into)
		}
		x.preview.Rows = append(x.preview.Rows, line)
	}
	return x, nil
}

// keep plans a line about a pupil who exists: into the classes where they are
// not yet.
func (x *plan) keep(u appliance.User, into []appliance.ClassRef) (action string) {
	joins := 0
	for _, class := range into {
		if !member(u, class.ID) {
			joins++
			x.joins[u.ID] = append(x.joins[u.ID], class)
		}
	}
	if joins == 0 {
		x.preview.Same++
		return "same"
	}
	x.preview.Join++
	return "join"
}

// enter plans a line about a new pupil; a list may name one in several lines, for
// several classes.
func (x *plan) enter(row roster.Row, into []appliance.ClassRef) (action string) {
	if i, again := x.added[row.ExternalID]; again && row.ExternalID != "" && len(into) > 0 {
		x.preview.Join++
		for _, class := range into {
			if !slices.Contains(x.add[i].User.Classes, class) {
				x.add[i].User.Classes = append(x.add[i].User.Classes, class)
			}
		}
		return "join"
	}
	x.preview.Add++
	n := appliance.NewUser{User: appliance.User{Role: appliance.RoleStudent, Name: row.Name, Classes: into}, ExternalID: row.ExternalID}
	if row.ExternalID != "" {
		x.added[row.ExternalID] = len(x.add)
	}
	x.add = append(x.add, n)
	return "add"
}

// list reads what a request brings.
func (s *Service) list(ctx context.Context, r appliance.ImportRequest) (roster.List, error) {
	said := roster.Said{Tables: r.Tables, Pupils: r.Pupils}
	if len(r.Files) == 0 {
		sheet, err := roster.Pasted(r.Text)
		if err != nil {
			return roster.List{}, err
		}
		return roster.Read([]roster.Sheet{sheet}, said)
	}
	files := make([]roster.File, len(r.Files))
	for i, f := range r.Files {
		files[i] = roster.File{Name: f.Name, Content: f.Content}
	}
	files, err := roster.Unpack(files)
	if err != nil {
		return roster.List{}, err
	}
	var sheets []roster.Sheet
	for _, f := range files {
		tables, err := s.Lists.Rows(ctx, f.Content)
		if err != nil {
			return roster.List{}, err
		}
		for _, t := range tables {
			sheet := roster.Sheet{File: f.Name, Name: t.Caption, Rows: t.Rows}
			if words := roster.Lines(sheet); words != "" { // a short CSV file, or names in a text
				if sheet, err = roster.Pasted(words); err != nil {
					return roster.List{}, err
				}
				sheet.File, sheet.Name = f.Name, t.Caption
			}
			sheets = append(sheets, sheet)
		}
	}
	return roster.Read(sheets, said)
}

// errNotAPupil is about an identifier that belongs to somebody of the staff.
func errNotAPupil() *problem.Problem {
	return &problem.Problem{Code: problem.Invalid, Reason: "roster_not_a_pupil", Message: "Somebody of the staff has this identifier.",
		Hint: "Leave the line out, or correct the identifier."}
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

func (t targets) of(row roster.Row) (into []appliance.ClassRef, wrong *problem.Problem) {
	if t.chosen != nil {
		return []appliance.ClassRef{*t.chosen}, nil
	}
	for _, class := range row.Classes {
		class = strings.ToLower(class)
		if t.denied[class] {
			p := errNotYourClass.Problem
			return nil, &p
		}
		if ref := t.byName[class]; ref != nil && !slices.Contains(into, *ref) {
			into = append(into, *ref)
		}
	}
	return into, nil
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
		if row.Problem != nil || row.State != "" {
			continue
		}
		for _, class := range row.Classes {
			if _, err := need(class); err != nil {
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
	if plan.preview.Unsure {
		return appliance.Import{}, nil, problem.New(problem.Invalid, "roster_unsure", "The box is not sure what the columns of this list are.",
			"Say what each column is, and check the list again.", nil)
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
