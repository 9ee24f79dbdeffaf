package material

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// ingester keeps rows and no files.
type ingester struct {
	store    *sqlite.Store
	Archives // what is not set panics
}

func (in ingester) Add(ctx context.Context, org appliance.OrgID, n appliance.NewFile, r io.Reader, _ int64) (appliance.Source, bool, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return appliance.Source{}, false, err
	}
	sum := sha256.Sum256(content)
	return in.store.AddSource(ctx, org, appliance.Source{Title: n.Name, SHA256: hex.EncodeToString(sum[:])}, n.Classes, n.By)
}

func (in ingester) Delete(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	_, _, err := in.store.DeleteSource(ctx, org, id, entries...)
	return err
}

func (in ingester) Retry(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.RetrySource(ctx, org, id, entries...)
}

func (in ingester) Cancel(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.CancelSource(ctx, org, id, entries...)
}

func (in ingester) Open(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string) (io.ReadSeekCloser, appliance.Source, error) {
	src, err := in.store.Source(ctx, org, scope, id)
	return nil, src, err
}

func (in ingester) TextPage(ctx context.Context, org appliance.OrgID, scope appliance.Scope, id string, number int) (appliance.TextPage, []appliance.Section, error) {
	page, _, _, err := in.store.TextPage(ctx, org, scope, id, number)
	return page, nil, err
}

func (in ingester) Mend(ctx context.Context, org appliance.OrgID, id string, number int, _ []appliance.Section, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.ChangePage(ctx, org, id, appliance.PageChange{Number: number, Text: &appliance.PageText{Data: []byte("x")}}, entries...)
}

func (in ingester) ChangePage(ctx context.Context, org appliance.OrgID, id string, c appliance.PageChange, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.ChangePage(ctx, org, id, c, entries...)
}

func (in ingester) ReadAgain(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.ReadAgain(ctx, org, id, entries...)
}

func (in ingester) Trash(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) error {
	return in.store.TrashSource(ctx, org, id, entries...)
}

func (in ingester) BringBack(ctx context.Context, org appliance.OrgID, id string, entries ...appliance.AuditEntry) (appliance.Source, error) {
	return in.store.BringBack(ctx, org, id, entries...)
}

func (in ingester) ChangeMany(ctx context.Context, org appliance.OrgID, ids []string, c appliance.ManyChange, entry func(id string) appliance.AuditEntry) ([]appliance.Source, error) {
	return in.store.ChangeSources(ctx, org, ids, c, entry)
}

func (ingester) Edited(appliance.OrgID, appliance.Source) {}

func (ingester) Watch(context.Context, appliance.OrgID) <-chan appliance.Source { return nil }

type rig struct {
	*Service
	a, b    appliance.Class
	of      map[string]appliance.Principal // a and b teach a class each, new teaches none
	exam    appliance.Source               // a's, for class a
	general appliance.Source               // a's, for the whole school
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir, ctx, org := t.TempDir(), t.Context(), appliance.DefaultOrg
	box, err := keys.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, "bwenge.db"), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	r := &rig{Service: New(store, ingester{store: store}), of: map[string]appliance.Principal{}}
	for _, c := range []*appliance.Class{&r.a, &r.b} {
		name := "class a"
		if c == &r.b {
			name = "class b"
		}
		if *c, err = store.AddClass(ctx, org, appliance.Class{Name: name, Code: name, SignIn: appliance.SignInPIN}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for name, classes := range map[string][]appliance.ClassID{"a": {r.a.ID}, "b": {r.b.ID}, "both": {r.a.ID, r.b.ID}, "new": nil} {
		id := appliance.UserID("teacher-" + name)
		r.of[name] = appliance.Principal{Org: org, User: id, Role: appliance.RoleTeacher, Scope: appliance.Scope{Classes: classes, Maker: id}}
	}
	r.of["admin"] = appliance.Principal{Org: org, User: "admin", Role: appliance.RoleAdmin, Scope: appliance.Scope{All: true}}
	r.of["pupil"] = appliance.Principal{Org: org, User: "pupil", Role: appliance.RoleStudent, Scope: appliance.Scope{Classes: []appliance.ClassID{r.b.ID}}}
	r.exam = r.add(t, "a", "exam", r.a.ID)
	r.general = r.add(t, "a", "general")
	return r
}

func (r *rig) add(t *testing.T, who, text string, classes ...appliance.ClassID) appliance.Source {
	t.Helper()
	src, _, err := r.Add(t.Context(), r.of[who], appliance.NewFile{Name: text + ".txt", Classes: classes}, strings.NewReader(text), -1)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Reason
}

func classesOf(src appliance.Source) (ids []appliance.ClassID) {
	for _, c := range src.Classes {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestMaterialOfAClassIsReadByItsTeachersItsMakerAndTheOffice(t *testing.T) {
	r := newRig(t)
	for who, sees := range map[string]bool{"a": true, "both": true, "admin": true, "b": false, "new": false, "pupil": false} {
		page, err := r.Sources(t.Context(), r.of[who], appliance.SourceFilter{})
		if err != nil || slices.ContainsFunc(page.Items, func(s appliance.Source) bool { return s.ID == r.exam.ID }) != sees {
			t.Errorf("%s lists %v %v", who, page.Items, err)
		}
		_, one := r.Source(t.Context(), r.of[who], r.exam.ID)
		_, _, file := r.Open(t.Context(), r.of[who], r.exam.ID)
		_, chunks := r.Chunks(t.Context(), r.of[who], r.exam.ID, false, 0, 10)
		for _, err := range []error{one, file, chunks} {
			if (err == nil) != sees {
				t.Errorf("%s reads the exam: %v", who, err)
			}
		}
	}
	// Whoever made it sees it also when they teach the class no more.
	gone := r.of["a"]
	gone.Scope.Classes = nil
	if _, err := r.Source(t.Context(), gone, r.exam.ID); err != nil {
		t.Error(err)
	}
}

func TestOnlyMakerClassTeachersAndOfficeChangeMaterial(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	for _, c := range []struct {
		who  string
		id   string
		want string
	}{
		{"b", r.exam.ID, "source_not_found"}, // not even told that it is there
		{"b", r.general.ID, "not_your_material"},
		{"pupil", r.general.ID, "not_your_material"},
	} {
		_, retry := r.Retry(ctx, r.of[c.who], c.id)
		_, cancel := r.Cancel(ctx, r.of[c.who], c.id)
		_, share := r.Share(ctx, r.of[c.who], c.id, nil)
		_, mend := r.MendPage(ctx, r.of[c.who], c.id, 1, nil)
		_, move := r.MovePage(ctx, r.of[c.who], c.id, 1, 1)
		_, undo := r.RestorePage(ctx, r.of[c.who], c.id, 1)
		_, again := r.ReadAgain(ctx, r.of[c.who], c.id)
		title := "mine"
		_, edit := r.Edit(ctx, r.of[c.who], c.id, appliance.SourceChange{Title: &title})
		_, wrong := r.MarkWrong(ctx, r.of[c.who], c.id, 1, true)
		_, right := r.MarkWrong(ctx, r.of[c.who], c.id, 1, false)
		for _, err := range []error{retry, cancel, share, mend, move, undo, again, edit, wrong, right, r.Delete(ctx, r.of[c.who], c.id)} {
			if reasonOf(err) != c.want {
				t.Errorf("%s changes %s: %v", c.who, c.id, err)
			}
		}
		if src, err := r.Source(ctx, r.of["admin"], c.id); err != nil || src.Status != appliance.StatusQueued {
			t.Error("it has changed:", src, err)
		}
	}
	for who, may := range map[string]bool{"a": true, "b": false, "admin": true, "pupil": false} {
		if src, err := r.Source(ctx, r.of[who], r.general.ID); err != nil || src.MayChange != may {
			t.Errorf("%s is told %v, %v", who, src.MayChange, err)
		}
	}
	if err := r.Delete(ctx, r.of["both"], r.exam.ID); err != nil {
		t.Error("a teacher of its class:", err)
	}
	if err := r.Delete(ctx, r.of["a"], r.general.ID); err != nil {
		t.Error("its maker:", err)
	}
}

func TestMaterialIsSharedOnlyWithClassesThatOneTeaches(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	shared := r.add(t, "admin", "shared", r.a.ID, r.b.ID)
	for _, c := range []struct {
		who  string
		id   string
		to   []appliance.ClassID
		want string
	}{
		{"a", r.exam.ID, []appliance.ClassID{r.a.ID, r.b.ID}, "not_your_class"},
		{"b", shared.ID, []appliance.ClassID{r.b.ID}, "not_your_class"}, // would take it from class a
		{"b", shared.ID, nil, "not_your_class"},                         // class a's exam for the whole school
		{"b", shared.ID, []appliance.ClassID{r.a.ID}, ""},
		{"both", shared.ID, nil, ""},
		{"admin", shared.ID, []appliance.ClassID{r.b.ID}, ""},
		{"a", r.exam.ID, nil, ""},
	} {
		src, err := r.Share(ctx, r.of[c.who], c.id, c.to)
		if reasonOf(err) != c.want {
			t.Errorf("%s shares with %v: %v", c.who, c.to, err)
		}
		if slices.Sort(c.to); err == nil && !slices.Equal(classesOf(src), c.to) {
			t.Error(src.Classes)
		}
	}
	if _, _, err := r.Add(ctx, r.of["b"], appliance.NewFile{Name: "x", Classes: []appliance.ClassID{r.a.ID}}, strings.NewReader("x"), 1); reasonOf(err) != "not_your_class" {
		t.Error("uploaded into another's class:", err)
	}
}

func TestTheSameBytesDoNotWidenAnothersClass(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	upload := func(who string, classes ...appliance.ClassID) (appliance.Source, bool) {
		t.Helper()
		src, existed, err := r.Add(ctx, r.of[who], appliance.NewFile{Name: "copy.txt", Classes: classes}, strings.NewReader("exam"), 4)
		if err != nil {
			t.Fatal(err)
		}
		return src, existed
	}
	unchanged := func(how string, want ...appliance.ClassID) {
		t.Helper()
		slices.Sort(want)
		if src, err := r.Source(ctx, r.of["admin"], r.exam.ID); err != nil || !slices.Equal(classesOf(src), want) {
			t.Errorf("%s: the exam is for %v, %v", how, src.Classes, err)
		}
	}
	// Another teacher has the file too: it becomes a source of their own, and
	// they do not hear that there is one.
	own, existed := upload("b", r.b.ID)
	if existed || own.ID == r.exam.ID {
		t.Error(own, existed)
	}
	unchanged("uploaded for another class", r.a.ID)
	if again, existed := upload("b", r.b.ID); !existed || again.ID != own.ID {
		t.Error("the same file in the same class is there twice")
	}
	// Nobody makes it one for the whole school by uploading it once more.
	for _, who := range []string{"a", "admin"} {
		if src, existed := upload(who); !existed || src.ID != r.exam.ID {
			t.Error(src, existed)
		}
		unchanged("uploaded by "+who+" for nobody in particular", r.a.ID)
	}
	// Who may change it adds classes.
	if src, existed := upload("both", r.b.ID); !existed || src.ID != r.exam.ID {
		t.Error(src, existed)
	}
	unchanged("uploaded by a teacher of both", r.a.ID, r.b.ID)
	// The file itself stays as long as one of them needs it.
	if err := r.Delete(ctx, r.of["b"], own.ID); err != nil {
		t.Fatal(err)
	}
	if has, err := r.ingester.(ingester).store.HasFile(ctx, appliance.DefaultOrg, r.exam.SHA256); err != nil || !has {
		t.Error(has, err)
	}
}
