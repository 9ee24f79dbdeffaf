package roster

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// show is a list in short: names, classes, ids, and the reasons of problems (!),
// of lines left out (-) and of questions (?).
func show(list List) string {
	var b strings.Builder
	for _, r := range list.Rows {
		fmt.Fprintf(&b, "%d:%s", r.Line, r.Name)
		if len(r.Classes) > 0 {
			b.WriteString("/" + strings.Join(r.Classes, "+"))
		}
		if r.ExternalID != "" {
			b.WriteString("#" + r.ExternalID)
		}
		switch {
		case r.Problem != nil:
			b.WriteString("!" + r.Problem.Reason)
		case r.State == Left:
			b.WriteString("-" + r.Why.Reason)
		case r.State == Ask:
			b.WriteString("?" + r.Why.Reason)
		}
		b.WriteString(" ")
	}
	if list.Unsure {
		b.WriteString("unsure")
	}
	return strings.TrimSpace(b.String())
}

func paste(text string, said Said) (List, error) {
	sheet, err := Pasted(text)
	if err != nil {
		return List{}, err
	}
	return Read([]Sheet{sheet}, said)
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
		rows, err := paste(c.text, Said{})
		if err != nil || show(rows) != c.want {
			t.Errorf("%s: %s, %v", c.name, show(rows), err)
		}
	}
	if _, err := paste(" \n ", Said{}); problem.Of(err).Reason != "roster_empty" {
		t.Error(err)
	}
	if _, err := paste(strings.Repeat("Uwase\n", MaxRows+1), Said{}); problem.Of(err).Reason != "roster_long" {
		t.Error(err)
	}
}

func TestOneRoster(t *testing.T) {
	files := []File{
		{"users.csv", []byte("sourcedId,status,role,givenName,familyName\nu1,active,student,Marie,Uwase\nu2,active,teacher,Paul,Habimana\nu3,active,student,Jean,Mugisha\nu4,tobedeleted,student,Old,Pupil\n,active,student,No,Id\n")},
		{"classes.csv", []byte("sourcedId,title\nc1,P5 Blue\nc2,P6\n")},
		{"enrollments.csv", []byte("sourcedId,classSourcedId,userSourcedId,role\ne1,c1,u1,student\ne2,c2,u1,student\ne3,c1,u3,student\ne4,c1,u2,teacher\n")},
	}
	const want = "2:Marie Uwase/P5 Blue+P6#u1 3:Paul Habimana#u2-roster_role 4:Jean Mugisha/P5 Blue#u3 5:Old Pupil#u4-roster_gone 6:No Id!roster_no_id"
	read := func(files []File) (List, error) {
		files, err := Unpack(files)
		var sheets []Sheet
		for _, f := range files {
			sheet, bad := readCSV(string(f.Content))
			sheet.File = f.Name
			sheets, err = append(sheets, sheet), errors.Join(err, bad)
		}
		if err != nil {
			return List{}, err
		}
		return Read(sheets, Said{})
	}
	if list, err := read(files); err != nil || show(list) != want {
		t.Error(show(list), err)
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
	if list, err := read([]File{{"roster.zip", packed.Bytes()}}); err != nil || show(list) != want {
		t.Error(show(list), err)
	}
	if _, err := read([]File{{"users.csv", []byte("sourcedId,name\n1,x\n")}}); problem.Of(err).Reason != "roster_columns" {
		t.Error(err)
	}
}

func TestListsAsSchoolsHaveThem(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"title rows", "École de la Colline;Liste des élèves;Année 2026\n;;\nN°;Nom;Prénom;Classe\n1;N'Dour;Awa;P4 Jaune\n2;MUGABO;Jean-Pierre;P4 Jaune\n;;;\nTotal;2;;",
			"4:Awa N'Dour/P4 Jaune 5:Jean-Pierre MUGABO/P4 Jaune 7:Total · 2-roster_sum"},
		{"sep", "sep=;\nNom;Prénom;Classe\nN'Dour;Awa;P4", "3:Awa N'Dour/P4"},
		{"english title", "Hill School - Class list P6\n\nNo.,Learner's name,Sex,Class\n1,Achieng Mary,F,P6\n2,O'Brien Tom,M,P6", "4:Achieng Mary/P6 5:O'Brien Tom/P6"},
		{"kinyarwanda", "No\tAmazina y’umunyeshuri\tIgitsina\tIcyiciro\n1\tUwase Marie\tGore\tP5", "2:Uwase Marie/P5"},
		{"swahili", "Namba ya usajili;Majina ya wanafunzi;Darasa\n007;Juma Ali;Darasa la 5", "2:Juma Ali/Darasa la 5#007"},
		{"kolibri", "Database ID (UUID),Username (USERNAME),Full name (FULL_NAME),User type (USER_TYPE),Identifier (IDENTIFIER),Learner enrollment (ENROLLED_IN),Coach assignment (ASSIGNED_TO)\n" +
			"aa01,mukamanat,Natasha Mukamana,LEARNER,S-101,P5 Blue,\naa02,okelloj,\"Okello, Joseph\",LEARNER,,\"P5 Blue,Science club\",\naa03,tchb,Paul Barongo,CLASS_COACH,,,P5 Blue\naa04,x,Grace Atim,FACILITY_COACH,,,\naa05,y,Ann Root,SUPERUSER,,,",
			"2:Natasha Mukamana/P5 Blue#S-101 3:Okello, Joseph/P5 Blue+Science club#aa02 4:Paul Barongo#aa03-roster_role 5:Grace Atim#aa04-roster_role 6:Ann Root#aa05-roster_role"},
		{"kolibri plain", "UUID,USERNAME,FULL_NAME,USER_TYPE,ENROLLED_IN\na,b,Natasha Mukamana,LEARNER,P5\nc,d,Paul Barongo,CLASS_COACH,", "2:Natasha Mukamana/P5#a 3:Paul Barongo#c-roster_role"},
		{"moodle", "username,firstname,lastname,email,cohort1,cohort2,profile_field_class\nnmuka,Natasha,Mukamana,n@example.test,P5 Blue,Chess,\njoke,Joseph,Okello,j@example.test,P6,,",
			"2:Natasha Mukamana/P5 Blue+Chess#nmuka 3:Joseph Okello/P6#joke"},
		{"roles by hand", "Name;Class;Role\nUwase Marie;P5;pupil\nHabimana Paul;P5;Class teacher\nMugisha Jean;P5;élève\nKeza Ann;P5;prefect\nNdoli Eric;P5;parent",
			"2:Uwase Marie/P5 3:Habimana Paul/P5-roster_role 4:Mugisha Jean/P5 5:Keza Ann/P5?roster_role_unknown 6:Ndoli Eric/P5-roster_role"},
		{"only the teacher has a role", "Name;Role\nUwase Marie;\nMugisha Jean;\nKeza Ann;\nHabimana Paul;umwarimu", "2:Uwase Marie 3:Mugisha Jean 4:Keza Ann 5:Habimana Paul-roster_role"},
		{"titles of adults", "Name;Class\nUwase Marie;P5\nMugisha Jean;P5\nMr. Habimana Paul;P5", "2:Uwase Marie/P5 3:Mugisha Jean/P5 4:Mr. Habimana Paul/P5?roster_adult"},
		{"parents beside", "Student name;Parent's name;Class\nUwase Marie;Uwase Paul;P5", "2:Uwase Marie/P5"},
		{"sdms", "Code SDMS;Identifiant;Noms et prénoms\n0012345;9;Uwase Marie", "2:Uwase Marie#0012345"},
		{"pages", "Name;Class\nUwase Marie;P5\nName;Class\nKeza Ann;P5\nPrepared by: Paul;", "2:Uwase Marie/P5 3:Name/Class-roster_heading 4:Keza Ann/P5 5:Prepared by: Paul-roster_sum"},
		{"a heading among them", "Name;Class;Sex\nUwase Marie;P5;F\nTop stream;;\nKeza Ann;P5;F", "2:Uwase Marie/P5 3:Top stream?roster_alone 4:Keza Ann/P5"},
		{"surname, given", "Surname,Given names,Class\nUWASE,Marie Rose,P5\n", "2:Marie Rose UWASE/P5"},
		{"unsure", "Marie;Kigali;Paul\nJean;Huye;Ann\nEric;Musanze;Rose", "1:Kigali 2:Huye 3:Musanze unsure"},
		{"staff", "List of teachers;\nName;Subject\nPaul Barongo;Maths\nAnn Keza;Music", "3:Paul Barongo?roster_adult 4:Ann Keza?roster_adult unsure"},
	} {
		list, err := paste(c.text, Said{})
		if err != nil || show(list) != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.name, show(list), err, c.want)
		}
	}
	for text, reason := range map[string]string{
		"The cow is an animal that eats grass.\nIt gives milk, and its calves are born in spring.\nFarmers are fond of them.": "roster_not_names",
		"La vache est un animal.\nElle donne du lait aux enfants dans le village et les paysans.\nOn la garde avec soin.":     "roster_not_names",
		"Item;Price\nSugar;1200\nRice;900":                                      "roster_not_pupils",
		"Article;Quantité;Prix unitaire\nStylo bleu;40;100\nCahier vert;12;350": "roster_not_pupils",
	} {
		if list, err := paste(text, Said{}); problem.Of(err).Reason != reason {
			t.Errorf("%.30q: %s, %v", text, show(list), err)
		}
	}
	if list, err := paste("White sugar;1200\nBrown rice;900\nGreen beans;700", Said{}); err == nil && !list.Unsure {
		t.Errorf("prices without names of columns: %s", show(list))
	}
}

// Numbers that only count a class's pupils say nothing of who somebody is, and
// an identifier under another name is asked about.
func TestNumbersAreNoIdentifiers(t *testing.T) {
	sheets := []Sheet{
		{Name: "S1A", Rows: [][]string{{"ID", "Name", "Class"}, {"1", "Uwase Marie", "S1A"}, {"2", "Mugisha Jean", "S1A"}, {"3", "Keza Ann", "S1A"}}},
		{Name: "S1B", Rows: [][]string{{"Reg No", "Name", "Class"}, {"1.", "Ndoli Eric", "S1B"}, {"2.", "Gasana Paul", "S1B"}, {"", "Total", ""}}},
	}
	list, err := Read(sheets, Said{})
	if got := show(list); err != nil || got != "2:Uwase Marie/S1A 3:Mugisha Jean/S1A 4:Keza Ann/S1A 2:Ndoli Eric/S1B 3:Gasana Paul/S1B 4:Total-roster_sum" {
		t.Error(got, err)
	}
	ids := []appliance.ImportColumn{{Meaning: "id"}, {Meaning: "name"}, {Meaning: "class"}}
	said := Said{Tables: []appliance.ImportTable{{Sheet: "S1A", Header: 1, Columns: ids}, {Sheet: "S1B", Header: 1, Columns: ids}}}
	sheets[1].Rows = [][]string{{"ID", "Name", "Class"}, {"1", "Marie UWASE", "S1B"}, {"2", "Gasana Paul", "S1B"}, {"3", "Keza Jeanne", "S1B"}}
	list, err = Read(sheets, said)
	const before = "2:Uwase Marie/S1A#1 3:Mugisha Jean/S1A#2 4:Keza Ann/S1A#3 2:Marie UWASE/S1B#1 "
	if got := show(list); err != nil || got != before+"3:Gasana Paul/S1B#2?roster_other_name 4:Keza Jeanne/S1B#3?roster_other_name" {
		t.Error(got, err)
	}
	said.Pupils = []appliance.ImportLine{{Sheet: "S1B", Line: 3}}
	list, err = Read(sheets, said)
	if got := show(list); err != nil || got != before+"3:Gasana Paul/S1B 4:Keza Jeanne/S1B#3?roster_other_name" {
		t.Error(got, err)
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Uwase Marie", "MARIE  Uwasé", true}, {"Ndoli Eric", "Ndoli Erik", true}, {"Uwase M.", "Uwase Marie Rose", true},
		{"Jean Mugabo", "Jean Habimana", false}, {"Uwase Marie", "Ndoli Eric", false}, {"李", "李", true},
	} {
		if SameName(c.a, c.b) != c.same || SameName(c.b, c.a) != c.same {
			t.Errorf("%s, %s: want %v", c.a, c.b, c.same)
		}
	}
}

// A list that is too long is refused before its lines are looked at.
func TestTooManyLines(t *testing.T) {
	rows := [][]string{{"Name", "Class"}}
	for range MaxRows + 1 {
		rows = append(rows, []string{"Uwase Marie", "P5"})
	}
	if _, err := Read([]Sheet{{Rows: rows}}, Said{}); problem.Of(err).Reason != "roster_long" {
		t.Error(err)
	}
}

// What somebody says of columns and lines outweighs the proposal.
func TestWhatIsSaidOfAList(t *testing.T) {
	const text = "Marie;Kigali;Paul\nJean;Huye;Ann\nEric;Musanze;Rose"
	list, err := paste(text, Said{Tables: []appliance.ImportTable{{Columns: []appliance.ImportColumn{{Meaning: "first"}, {Meaning: "class"}, {Meaning: "last"}}}}})
	if err != nil || show(list) != "1:Marie Paul/Kigali 2:Jean Ann/Huye 3:Eric Rose/Musanze" {
		t.Error(show(list), err)
	}
	list, err = paste("About\tx\nWho\tWhere\nMarie Uwase\tP5", Said{Tables: []appliance.ImportTable{{Header: 2, Columns: []appliance.ImportColumn{{Meaning: "name"}, {Meaning: "class"}}}}})
	if err != nil || show(list) != "3:Marie Uwase/P5" {
		t.Error(show(list), err)
	}
	const doubtful = "Name;Class\nUwase Marie;P5\nMr. Bean;P5\nDr. No;P5\nKeza Ann;P5"
	list, err = paste(doubtful, Said{Pupils: []appliance.ImportLine{{Line: 3}}})
	if err != nil || show(list) != "2:Uwase Marie/P5 3:Mr. Bean/P5 4:Dr. No/P5?roster_adult 5:Keza Ann/P5" {
		t.Error(show(list), err)
	}
}

func FuzzPasted(f *testing.F) {
	f.Add("sourcedId,givenName,familyName\n1,a,b")
	f.Add("name;class\n\"a;b\n")
	f.Add("sep=;\nTotal;Role\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, _ := paste(text, Said{})
		for _, r := range list.Rows {
			if r.Problem == nil && r.State == "" && (r.Name == "" || len([]rune(r.Name)) > 80) {
				t.Errorf("%q passed", r.Name)
			}
		}
	})
}
