package roster

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// show is a list in short: names, classes, ids and the reasons of problems.
func show(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d:%s", r.Line, r.Name)
		if r.Class != "" {
			b.WriteString("/" + r.Class)
		}
		if r.ExternalID != "" {
			b.WriteString("#" + r.ExternalID)
		}
		if r.Problem != nil {
			b.WriteString("!" + r.Problem.Reason)
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func TestText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lines", "Uwase Marie\n\n  Mugisha   Jean \r\n", "1:Uwase Marie 3:Mugisha Jean"},
		{"numbers", "1. Uwase\n2) Mugisha\n3 - Keza", "1:Uwase 2:Mugisha 3:Keza"},
		{"last, first", "Uwase, Marie\nMugisha, Jean", "1:Uwase, Marie 2:Mugisha, Jean"},
		{"spreadsheet", "1\tUwase Marie\tF\n2\tMugisha Jean\tM", "1:Uwase Marie 2:Mugisha Jean"},
		{"headed", "No;Prénom;Nom;Classe\n1;Marie;Uwase;P5\n2;Jean;Mugisha;P6", "2:Marie Uwase/P5 3:Jean Mugisha/P6"},
		{"twice", "Uwase\nKeza\nuwase", "1:Uwase 2:Keza 3:uwase!roster_twice"},
		{"formula", "=HYPERLINK(1)\n+1\n@x\nKeza", "1:=HYPERLINK(1)!name_formula 2:+1!name_formula 3:@x!name_formula 4:Keza"},
		{"direction", "Ke\u202eza", "1:Ke\u202eza!name_characters"},
		{"composed", "E\u0301lise", "1:Élise"},
	} {
		rows, err := Text(c.text)
		if err != nil || show(rows) != c.want {
			t.Errorf("%s: %s, %v", c.name, show(rows), err)
		}
	}
	if _, err := Text(" \n "); problem.Of(err).Reason != "roster_empty" {
		t.Error(err)
	}
	if _, err := Text(strings.Repeat("Name\n", MaxRows+1)); problem.Of(err).Reason != "roster_long" {
		t.Error(err)
	}
}

func TestEncodings(t *testing.T) {
	const text = "Nom complet,Classe\nÉlise Nkurunziza,P5\n"
	latin, _ := charmap.Windows1252.NewEncoder().String(text)
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	for _, content := range []string{text, "\xef\xbb\xbf" + text, latin, wide} {
		rows, err := Files([]File{{"list.csv", []byte(content)}})
		if err != nil || show(rows) != "2:Élise Nkurunziza/P5" {
			t.Errorf("%q: %s, %v", content[:8], show(rows), err)
		}
	}
	if _, err := Files([]File{{"photo.csv", []byte("\x89PNG\x00\x01\x02")}}); problem.CodeOf(err) != problem.Invalid {
		t.Error(err)
	}
}

func TestOneRoster(t *testing.T) {
	files := []File{
		{"users.csv", []byte("sourcedId,status,role,givenName,familyName\nu1,active,student,Marie,Uwase\nu2,active,teacher,Paul,Habimana\nu3,active,student,Jean,Mugisha\nu4,tobedeleted,student,Old,Pupil\n,active,student,No,Id\n")},
		{"classes.csv", []byte("sourcedId,title\nc1,P5 Blue\nc2,P6\n")},
		{"enrollments.csv", []byte("sourcedId,classSourcedId,userSourcedId,role\ne1,c1,u1,student\ne2,c2,u1,student\ne3,c1,u3,student\ne4,c1,u2,teacher\n")},
	}
	const want = "2:Marie Uwase/P5 Blue#u1 2:Marie Uwase/P6#u1 4:Jean Mugisha/P5 Blue#u3 6:No Id!roster_no_id"
	if rows, err := Files(files); err != nil || show(rows) != want {
		t.Error(show(rows), err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, f := range files {
		w, err := z.Create("export/" + f.Name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(f.Content)
	}
	_ = z.Close()
	if rows, err := Files([]File{{"roster.zip", packed.Bytes()}}); err != nil || show(rows) != want {
		t.Error(show(rows), err)
	}
	if _, err := Files([]File{{"users.csv", []byte("name\nx\n")}}); problem.Of(err).Reason != "roster_columns" {
		t.Error(err)
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("users.csv", []byte("sourcedId,givenName,familyName\n1,a,b"))
	f.Add("x.csv", []byte("name;class\n\"a;b\n"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		rows, _ := Files([]File{{name, content}})
		for _, r := range rows {
			if r.Problem == nil && (r.Name == "" || len([]rune(r.Name)) > 80) {
				t.Errorf("%q passed", r.Name)
			}
		}
	})
}
