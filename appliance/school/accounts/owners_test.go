package accounts

import (
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

// Two classes of one school. Each has a teacher who has nothing to say in the
// other one.
type twoClasses struct {
	*rig
	other  appliance.Class
	pupil  appliance.User // of the rig's class
	theirs appliance.User // of the other one
	nobody appliance.User // in no class
}

func newTwoClasses(t *testing.T) *twoClasses {
	t.Helper()
	r := &twoClasses{rig: newRig(t)}
	ctx := t.Context()
	var err error
	if r.other, err = r.AddClass(ctx, r.who["other teacher"], "P6 Red", appliance.SignInPictures); err != nil {
		t.Fatal(err)
	}
	for _, n := range []struct {
		who     string
		name    string
		classes []appliance.ClassID
		u       *appliance.User
	}{
		{"teacher", "Uwase", []appliance.ClassID{r.class.ID}, &r.pupil},
		{"other teacher", "Keza", []appliance.ClassID{r.other.ID}, &r.theirs},
		{"admin", "Nobody", nil, &r.nobody},
	} {
		if *n.u, _, err = r.AddStudent(ctx, r.who[n.who], n.name, n.classes); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestATeacherJoinsOnlyPupilsWhomTheyManage(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	second, err := r.AddClass(ctx, r.who["teacher"], "P5 Green", appliance.SignInPictures)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who   string
		class appliance.ClassID
		whom  appliance.UserID
		want  string
	}{
		{"teacher", r.class.ID, r.theirs.ID, "not_your_pupil"},
		{"teacher", r.class.ID, r.nobody.ID, "not_your_pupil"},
		{"teacher", r.other.ID, r.pupil.ID, "not_your_class"}, // or they would see that class's material through the pupil
		{"teacher", r.other.ID, r.who["teacher"].User, "not_your_class"},
		{"teacher", second.ID, r.pupil.ID, ""},
		{"admin", r.class.ID, r.nobody.ID, ""},
		// The other teacher's yes: invited into the class, they bring their pupil.
		{"teacher", second.ID, r.who["other teacher"].User, ""},
		{"other teacher", second.ID, r.theirs.ID, ""},
	} {
		if err := r.JoinClass(ctx, r.who[c.who], c.class, c.whom); reasonOf(err) != c.want {
			t.Errorf("%s joins %s to %s: %v, not %q", c.who, c.whom, c.class, err, c.want)
		}
	}
	if _, err := r.ResetSignIn(ctx, r.who["teacher"], r.theirs.ID); err != nil {
		t.Error("a pupil whom their teacher has brought:", err)
	}
}

func TestATeacherSeesOnlyTheirOwnPupils(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	page, err := r.Members(ctx, r.who["teacher"], appliance.UserFilter{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[appliance.UserID]bool{}
	for _, u := range page.Items {
		seen[u.ID] = true
	}
	if !seen[r.pupil.ID] || !seen[r.who["other teacher"].User] || seen[r.theirs.ID] || seen[r.nobody.ID] {
		t.Error(page.Items)
	}
	if page, err := r.Members(ctx, r.who["teacher"], appliance.UserFilter{Class: r.other.ID, Role: appliance.RoleStudent}); err != nil || page.Total != 0 {
		t.Error("another class's list:", page.Items, err)
	}
	if _, err := r.Member(ctx, r.who["teacher"], r.theirs.ID); reasonOf(err) != "not_your_pupil" {
		t.Error(err)
	}
	if u, err := r.Member(ctx, r.who["teacher"], r.pupil.ID); err != nil || u.ID != r.pupil.ID {
		t.Error(u, err)
	}
}

func TestARosterDoesNotPullInPupilsOfOthers(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	list := func(class appliance.ClassID) appliance.ImportRequest {
		return appliance.ImportRequest{Text: "id\tname\nR1\tKeza Ange", ClassID: class}
	}
	if _, _, err := r.Import(ctx, r.who["other teacher"], list(r.other.ID)); err != nil {
		t.Fatal(err)
	}
	preview, err := r.Preview(ctx, r.who["teacher"], list(r.class.ID))
	if err != nil || preview.Join != 0 || preview.Errors != 1 || preview.Rows[0].Problem.Reason != "roster_other_class" {
		t.Fatalf("%+v %v", preview, err)
	}
	request := list(r.class.ID)
	request.SkipErrors = true
	if _, _, err := r.Import(ctx, r.who["teacher"], request); reasonOf(err) != "roster_nothing" {
		t.Error(err)
	}
	if preview, err := r.Preview(ctx, r.who["admin"], list(r.class.ID)); err != nil || preview.Join != 1 {
		t.Errorf("%+v %v", preview, err)
	}
}

func TestAnImportIsTakenBackOnlyWhileItsPupilsAreTheirs(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	teacher := r.who["teacher"]
	made, _, err := r.Import(ctx, teacher, appliance.ImportRequest{Text: "name\nGasana Jean", ClassID: r.class.ID})
	if err != nil {
		t.Fatal(err)
	}
	// Another teacher takes the class over.
	for _, step := range []error{
		r.JoinClass(ctx, r.who["admin"], r.class.ID, r.who["other teacher"].User),
		r.LeaveClass(ctx, r.who["admin"], r.class.ID, teacher.User),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if _, err := r.UndoImport(ctx, teacher, made.ID); reasonOf(err) != "import_other_class" {
		t.Error("pupils of another teacher's class are erased:", err)
	}
	if _, err := r.UndoImport(ctx, r.who["admin"], made.ID); err != nil {
		t.Error(err)
	}
}

func TestInvitationsAreTheirMakersAndTheirClasss(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	link := func(code string) string { return code }
	mine, err := r.Invite(ctx, r.who["teacher"], appliance.RoleTeacher, "", r.class.ID, link)
	if err != nil {
		t.Fatal(err)
	}
	office, err := r.Invite(ctx, r.who["admin"], appliance.RoleTeacher, "", "", link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Invite(ctx, r.who["other teacher"], appliance.RoleTeacher, "", r.class.ID, link); reasonOf(err) != "not_your_class" {
		t.Error(err)
	}
	for who, want := range map[string]int{"teacher": 1, "other teacher": 0, "admin": 2} {
		if list, err := r.Invitations(ctx, r.who[who]); err != nil || len(list) != want {
			t.Errorf("%s sees %d invitations, not %d (%v)", who, len(list), want, err)
		}
	}
	if err := r.RevokeInvitation(ctx, r.who["other teacher"], mine.ID); reasonOf(err) != "not_your_class" {
		t.Error(err)
	}
	if err := r.RevokeInvitation(ctx, r.who["teacher"], office.ID); reasonOf(err) != "role_too_low" {
		t.Error(err)
	}
	// Who has come to teach the class may take back what leads into it.
	if err := r.JoinClass(ctx, r.who["teacher"], r.class.ID, r.who["other teacher"].User); err != nil {
		t.Fatal(err)
	}
	if err := r.RevokeInvitation(ctx, r.who["other teacher"], mine.ID); err != nil {
		t.Error(err)
	}
}

// A class that an import made may have got a tutor since.
func TestAnImportIsTakenBackAlthoughItsClassHasATutor(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	teacher := r.who["teacher"]
	made, users, err := r.Import(ctx, teacher, appliance.ImportRequest{Text: "name\nGasana Jean", NewClass: "P4 Green"})
	if err != nil {
		t.Fatal(err)
	}
	class := users[0].Classes[0].ID
	if _, err := r.store.AddPersona(ctx, teacher.Org, teacher.User, appliance.PersonaContent{Name: "Ada"}, appliance.Audience{Classes: []appliance.ClassID{class}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UndoImport(ctx, teacher, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Class(ctx, teacher.Org, class); err != nil {
		t.Error("the class of a tutor is gone:", err)
	}
}

// Whoever goes, or may do less, leaves no code behind that leads back in.
func TestInvitationsEndWithTheirMakersRights(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	link := func(code string) string { return code }
	invite := func(who string, role appliance.Role, class appliance.ClassID) appliance.Invitation {
		i, err := r.Invite(ctx, r.who[who], role, "", class, link)
		if err != nil {
			t.Fatal(who, err)
		}
		return i
	}
	open := func(i appliance.Invitation) bool {
		_, _, err := r.store.InvitationByCode(ctx, i.Code)
		return err == nil
	}
	left := invite("teacher", appliance.RoleTeacher, r.class.ID)
	if err := r.LeaveClass(ctx, r.who["admin"], r.class.ID, r.who["teacher"].User); err != nil {
		t.Fatal(err)
	}
	if open(left) {
		t.Error("a teacher who was taken out of a class can come back in")
	}
	office := invite("admin", appliance.RoleAdmin, "")
	if err := r.RemoveMember(ctx, r.who["owner"], r.who["admin"].User); err != nil {
		t.Fatal(err)
	}
	if open(office) {
		t.Error("an administrator who was erased can come back")
	}
}

func TestWhoIsAlsoAnothersPupilIsNotErased(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	if err := r.JoinClass(ctx, r.who["admin"], r.class.ID, r.theirs.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveMember(ctx, r.who["teacher"], r.theirs.ID); reasonOf(err) != "pupil_shared" {
		t.Error("erased:", err)
	}
	u, err := r.store.User(ctx, r.who["teacher"].Org, r.theirs.ID)
	if err != nil {
		t.Fatal(err)
	}
	u.Disabled = true
	if _, err := r.UpdateMember(ctx, r.who["teacher"], u); reasonOf(err) != "pupil_shared" {
		t.Error("disabled:", err)
	}
	if err := r.LeaveClass(ctx, r.who["teacher"], r.class.ID, r.theirs.ID); err != nil {
		t.Error(err)
	}
}

// A pupil whom an import made may be in another teacher's class by now.
func TestAnImportLeavesPupilsInOthersClasses(t *testing.T) {
	r := newTwoClasses(t)
	ctx := t.Context()
	made, users, err := r.Import(ctx, r.who["teacher"], appliance.ImportRequest{Text: "name\nGasana Jean", ClassID: r.class.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.JoinClass(ctx, r.who["admin"], r.other.ID, users[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UndoImport(ctx, r.who["teacher"], made.ID); reasonOf(err) != "import_other_class" {
		t.Error("taken back:", err)
	}
}
