package accounts

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/school/keys"
	"github.com/bwenge-os/bwenge/appliance/sqlite"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// secrets makes sign-ins without the cost of hashing them.
type secrets struct {
	signedOut []appliance.UserID
	letIn     []appliance.ClassID
	ended     []string
}

func (*secrets) NewPictures(_ context.Context, all []string) (appliance.Credential, error) {
	return appliance.Credential{Kind: appliance.SignInPictures, Hash: "x", Card: strings.Join(all[:3], " ")}, nil
}

func (*secrets) NewPIN(context.Context) (string, appliance.Credential, error) {
	return "4711", appliance.Credential{Kind: appliance.SignInPIN, Hash: "x"}, nil
}

func (*secrets) PasswordCredential(context.Context, string, string) (appliance.Credential, error) {
	return appliance.Credential{Kind: appliance.SignInPassword, Hash: "x"}, nil
}

func (s *secrets) SignOutUser(_ context.Context, _ appliance.OrgID, user appliance.UserID) error {
	s.signedOut = append(s.signedOut, user)
	return nil
}

func (*secrets) ClassAttempts(context.Context, appliance.OrgID, appliance.ClassID) (int, bool, error) {
	return 7, true, nil
}
func (s *secrets) LetIn(_ context.Context, _ appliance.OrgID, class appliance.ClassID, _ ...appliance.AuditEntry) error {
	s.letIn = append(s.letIn, class)
	return nil
}
func (s *secrets) SessionsEnded(sessions ...string) { s.ended = append(s.ended, sessions...) }

// asText hands a file over as its lines.
type asText struct{}

func (asText) Rows(_ context.Context, content []byte) ([]appliance.Table, error) {
	var t appliance.Table
	for line := range strings.Lines(string(content)) {
		t.Rows = append(t.Rows, []string{strings.TrimRight(line, "\n")})
	}
	return []appliance.Table{t}, nil
}

type noFiles struct{ erased []appliance.OrgID }

func (f *noFiles) EraseOrganization(_ context.Context, org appliance.OrgID) error {
	f.erased = append(f.erased, org)
	return nil
}

type rig struct {
	*Service
	store   *sqlite.Store
	secrets *secrets
	files   *noFiles
	class   appliance.Class
	who     map[string]appliance.Principal
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	box, err := keys.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "bwenge.db"), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	r := &rig{store: store, secrets: &secrets{}, files: &noFiles{}, who: map[string]appliance.Principal{}}
	r.Service = New(store, r.secrets, []Eraser{r.files}, nil, time.Now)
	r.Lists = asText{}
	for name, role := range map[string]appliance.Role{"owner": appliance.RoleOwner, "second owner": appliance.RoleOwner, "admin": appliance.RoleAdmin,
		"second admin": appliance.RoleAdmin, "teacher": appliance.RoleTeacher, "other teacher": appliance.RoleTeacher} {
		u, err := store.AddUser(t.Context(), appliance.DefaultOrg, appliance.NewUser{User: appliance.User{Role: role, Name: name, Username: strings.ReplaceAll(name, " ", ".")}})
		if err != nil {
			t.Fatal(err)
		}
		r.who[name] = appliance.Principal{Org: appliance.DefaultOrg, User: u.ID, Role: role, Name: name}
	}
	if r.class, err = r.AddClass(t.Context(), r.who["teacher"], "P5 Blue", appliance.SignInPictures); err != nil {
		t.Fatal(err)
	}
	return r
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Reason
}

func TestWhoManagesWhom(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	pupil, secret, err := r.AddStudent(ctx, r.who["teacher"], "Uwase Marie", []appliance.ClassID{r.class.ID})
	if err != nil || len(secret.Pictures) != 3 {
		t.Fatal(secret, err)
	}
	for _, c := range []struct {
		who, whom string
		want      string
	}{
		{"teacher", "", ""},
		{"other teacher", "", "not_your_pupil"},
		{"admin", "", ""},
		{"owner", "", ""},
		{"teacher", "other teacher", "role_too_low"},
		{"teacher", "owner", "role_too_low"},
		{"admin", "teacher", ""},
		{"admin", "second admin", "role_too_low"},
		{"admin", "owner", "role_too_low"},
		{"owner", "second owner", ""},
	} {
		id := pupil.ID
		if c.whom != "" {
			id = r.who[c.whom].User
		}
		if _, err := r.ResetSignIn(ctx, r.who[c.who], id); reasonOf(err) != c.want {
			t.Errorf("%s resets %s: %v", c.who, c.whom, err)
		}
	}
	teacher := r.who["teacher"]
	self, err := r.store.User(ctx, appliance.DefaultOrg, teacher.User)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []appliance.Role{appliance.RoleAdmin, appliance.RoleOwner, "god"} {
		self.Role = role
		if _, err := r.UpdateMember(ctx, r.who["admin"], self); role != appliance.RoleAdmin && reasonOf(err) != "role_too_low" {
			t.Errorf("an admin makes a teacher %s: %v", role, err)
		}
	}
	if _, _, err := r.AddStudent(ctx, r.who["other teacher"], "X", []appliance.ClassID{r.class.ID}); reasonOf(err) != "not_your_class" {
		t.Error(err)
	}
	if err := r.RemoveMember(ctx, r.who["owner"], r.who["second owner"].User); err != nil {
		t.Error(err)
	}
	if err := r.RemoveMember(ctx, r.who["owner"], r.who["owner"].User); reasonOf(err) != "last_owner" {
		t.Error("the last owner goes:", err)
	}
	for role, want := range map[appliance.Role]string{appliance.RoleOwner: "role_too_low", appliance.RoleAdmin: "", appliance.RoleStudent: "role_invited"} {
		if _, err := r.Invite(ctx, r.who["admin"], role, "", "", nil); reasonOf(err) != want {
			t.Errorf("an admin invites %s: %v", role, err)
		}
	}
}

// Two admins who change one thing: the second is told, and nothing is lost.
func TestTwoAdmins(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	seen, err := r.Organization(ctx, r.who["admin"])
	if err != nil {
		t.Fatal(err)
	}
	first, second := seen, seen
	first.Name, second.Name = "First", "Second"
	if _, err := r.UpdateOrganization(ctx, r.who["admin"], first); err != nil {
		t.Fatal(err)
	}
	_, err = r.UpdateOrganization(ctx, r.who["second admin"], second)
	if reasonOf(err) != "changed_meanwhile" {
		t.Fatal(err)
	}
	if current, ok := problem.Of(err).Params["current"].(appliance.Organization); !ok || current.Name != "First" {
		t.Error("what it is now is not told:", problem.Of(err).Params)
	}
}

func TestImport(t *testing.T) {
	r := newRig(t)
	ctx, teacher := t.Context(), r.who["teacher"]
	request := appliance.ImportRequest{ClassID: r.class.ID, Text: "Uwase Marie\n=1+1\nMugisha Jean\nuwase marie"}
	preview, err := r.Preview(ctx, teacher, request)
	if err != nil || preview.Add != 2 || preview.Errors != 2 {
		t.Fatalf("%+v %v", preview, err)
	}
	if _, _, err := r.Import(ctx, teacher, request); reasonOf(err) != "roster_errors" {
		t.Fatal("a list with errors is loaded:", err)
	}
	request.SkipErrors = true
	if _, _, err := r.Import(ctx, r.who["other teacher"], request); reasonOf(err) != "not_your_class" {
		t.Error(err)
	}
	loaded, users, err := r.Import(ctx, teacher, request)
	if err != nil || len(users) != 2 || loaded.Added != 2 {
		t.Fatal(loaded, users, err)
	}
	if again, err := r.Preview(ctx, teacher, request); err != nil || again.Same != 2 || again.Add != 0 {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := r.UndoImport(ctx, r.who["other teacher"], loaded.ID); reasonOf(err) != "import_not_found" {
		t.Error("another teacher takes it back:", err)
	}
	if _, err := r.UndoImport(ctx, teacher, loaded.ID); err != nil {
		t.Fatal(err)
	}
	if page, err := r.Members(ctx, teacher, appliance.UserFilter{Role: appliance.RoleStudent}); err != nil || page.Total != 0 {
		t.Error(page.Total, err)
	}
	if _, err := r.UndoImport(ctx, teacher, loaded.ID); reasonOf(err) != "import_undone" {
		t.Error(err)
	}
}

// What is doubtful in a list makes nobody a pupil, and a list whose columns are
// not clear is not loaded before somebody has said what they are.
func TestImportAsks(t *testing.T) {
	r := newRig(t)
	ctx, admin := t.Context(), r.who["admin"]
	request := appliance.ImportRequest{Text: "Code;Name;Class;Role\n007;Uwase Marie;P5, Chess;pupil\n008;Habimana Paul;P5;teacher\n009;Keza Ann;P5;prefect\n010;Ndoli Eric;P5;pupil\n;Total 2;;\n"}
	preview, err := r.Preview(ctx, admin, request)
	if err != nil || preview.Add != 2 || preview.Left != 2 || preview.Ask != 1 || preview.Errors != 0 || preview.Unsure {
		t.Fatalf("%+v %v", preview, err)
	}
	request.Pupils = []appliance.ImportLine{{Line: 4}}
	made, users, err := r.Import(ctx, admin, request)
	if err != nil || made.Added != 3 {
		t.Fatal(made, err)
	}
	for _, u := range users {
		if u.Name == "Uwase Marie" && len(u.Classes) != 2 {
			t.Error("one of two classes is missing:", u.Classes)
		}
	}
	request.Text = "Code;Name;Class\n007;Uwase Marie;Chess\n010;Ndoli Erik;P5\n009;Keza Ann;Chess\n0011;New Pupil;P5"
	preview, err = r.Preview(ctx, admin, request)
	if err != nil || preview.Same != 2 || preview.Join != 1 || preview.Add != 1 || preview.Changed != 1 || preview.Rows[1].KnownAs != "Ndoli Eric" {
		t.Errorf("%+v %v", preview, err)
	}
	// An identifier that the box knows under another name joins nobody.
	request.Text, request.Pupils = "Code;Name;Class\n007;Gasana Paul;P5", nil
	if preview, err = r.Preview(ctx, admin, request); err != nil || preview.Ask != 1 || preview.Rows[0].Why.Reason != "roster_other_name" {
		t.Errorf("%+v %v", preview, err)
	}
	request.Pupils = []appliance.ImportLine{{Line: 2}}
	if preview, err = r.Preview(ctx, admin, request); err != nil || preview.Add != 1 || preview.Rows[0].ExternalID != "" {
		t.Errorf("%+v %v", preview, err)
	}
	unsure := appliance.ImportRequest{Text: "Marie;Kigali;Paul\nJean;Huye;Ann", NewClass: "P9"}
	if preview, err = r.Preview(ctx, admin, unsure); err != nil || !preview.Unsure || len(preview.Tables) != 1 || len(preview.Tables[0].Sample) != 2 {
		t.Errorf("%+v %v", preview, err)
	}
	if _, _, err := r.Import(ctx, admin, unsure); reasonOf(err) != "roster_unsure" {
		t.Error(err)
	}
	unsure.Tables = []appliance.ImportTable{{Columns: []appliance.ImportColumn{{Meaning: "first"}, {Meaning: "none"}, {Meaning: "last"}}}}
	if made, _, err := r.Import(ctx, admin, unsure); err != nil || made.Added != 2 {
		t.Error(made, err)
	}
}

// A district's list of five thousand pupils in 125 classes.
func TestLongImport(t *testing.T) {
	r := newRig(t)
	var csv strings.Builder
	csv.WriteString("name,class\n")
	for i := range 5000 {
		fmt.Fprintf(&csv, "Pupil %d,Class %d\n", i, i%125)
	}
	request := appliance.ImportRequest{Files: []appliance.ImportFile{{Name: "all.csv", Content: []byte(csv.String())}}}
	preview, err := r.Preview(t.Context(), r.who["admin"], request)
	if err != nil || preview.Add != 5000 {
		t.Fatal(preview.Add, err)
	}
	loaded, _, err := r.Import(t.Context(), r.who["admin"], request)
	if err != nil || loaded.Added != 5000 {
		t.Fatal(loaded, err)
	}
	if page, err := r.Classes(t.Context(), r.who["admin"], "", "", 100); err != nil || page.Total != 126 {
		t.Error(page.Total, err)
	}
}

func TestCards(t *testing.T) {
	r := newRig(t)
	if _, _, err := r.AddStudent(t.Context(), r.who["teacher"], "Uwase Marie", []appliance.ClassID{r.class.ID}); err != nil {
		t.Fatal(err)
	}
	var pdf bytes.Buffer
	if err := r.CardsPDF(t.Context(), r.who["other teacher"], r.class.ID, "", appliance.BoxAddress{URL: "http://box"}, &pdf); reasonOf(err) != "not_your_class" || pdf.Len() > 0 {
		t.Error(err)
	}
	if err := r.CardsPDF(t.Context(), r.who["teacher"], r.class.ID, "", appliance.BoxAddress{URL: "http://box"}, &pdf); err != nil || !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF")) {
		t.Error(err)
	}
}

func TestErasingASchool(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	if _, _, err := r.CreateOrganization(ctx, r.who["admin"], "Other", "en"); reasonOf(err) != "role_too_low" {
		t.Error(err)
	}
	o, i, err := r.CreateOrganization(ctx, r.who["owner"], "École d'à côté", "fr")
	if err != nil || o.Slug != "ecole-da-cote" || i.Role != appliance.RoleOwner {
		t.Fatal(o, i, err)
	}
	guest := appliance.Principal{Org: o.ID, Role: appliance.RoleOwner}
	if err := r.EraseOrganization(ctx, guest, "something else"); reasonOf(err) != "name_differs" {
		t.Error(err)
	}
	if err := r.EraseOrganization(ctx, guest, "École d'à côté"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Organization(ctx, o.ID); problem.CodeOf(err) != problem.NotFound {
		t.Error(err)
	}
	if _, err := r.store.DataKey(ctx, o.ID); err == nil {
		t.Error("its key is still there")
	}
	if len(r.files.erased) != 1 || r.files.erased[0] != o.ID {
		t.Error(r.files.erased)
	}
	if page, err := r.Members(ctx, r.who["owner"], appliance.UserFilter{}); err != nil || page.Total != 6 {
		t.Error("the other school has lost people:", page.Total, err)
	}
	// The box's first school leaves a box that can be set up anew.
	if err := r.EraseOrganization(ctx, r.who["owner"], "This box"); err != nil {
		t.Fatal(err)
	}
	if needs, err := r.store.NeedsSetup(ctx); err != nil || !needs {
		t.Error(needs, err)
	}
	again, _, err := r.store.ClaimOrganization(ctx, appliance.Organization{Name: "New", Slug: "new", Language: "en"},
		appliance.NewUser{User: appliance.User{Role: appliance.RoleOwner, Name: "New owner", Username: "new"}})
	if err != nil || again.ID == appliance.DefaultOrg || again.ID == "" {
		t.Error("the id of an erased school is used again:", again.ID, err)
	}
	if page, err := r.store.Users(ctx, again.ID, appliance.UserFilter{}); err != nil || page.Total != 1 {
		t.Error(page, err)
	}
}

// An invitation goes out by a real conversation with a mail server.
func TestMail(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 mail\r\n")
		var all strings.Builder
		inText := false
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			switch {
			case inText && line == ".":
				inText = false
				fmt.Fprint(conn, "250 ok\r\n")
			case inText:
			case strings.HasPrefix(line, "DATA"):
				inText = true
				fmt.Fprint(conn, "354 go\r\n")
			case strings.HasPrefix(line, "QUIT"):
				fmt.Fprint(conn, "221 bye\r\n")
				got <- all.String()
				return
			default:
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	mail, err := NewSMTP("smtp://" + ln.Addr().String() + "?from=box@school.example")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.mail = mail
	i, err := r.Invite(t.Context(), r.who["owner"], appliance.RoleTeacher, "guest@school.example", "", func(code string) string { return "http://box/invite/" + code })
	if err != nil {
		t.Fatal(err)
	}
	text := <-got
	for _, want := range []string{"RCPT TO:<guest@school.example>", "http://box/invite/" + i.Code, "From: box@school.example"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if mail.Send(t.Context(), "a@b\r\nBcc: everybody", "x", "y") == nil {
		t.Error("an address of several lines is sent")
	}
	if _, err := NewSMTP("not an address"); err == nil {
		t.Error("a wrong address passes")
	}
}
