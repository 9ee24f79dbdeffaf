package roster

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// columns says where in a table what stands; -1 is nowhere.
type columns struct{ name, first, last, class, id int }

func (c columns) named() bool { return c.name >= 0 || c.first >= 0 || c.last >= 0 }

// headings are the names of columns, folded, in the languages of the box.
var headings = map[string]string{
	"name": "name", "full name": "name", "fullname": "name", "full_name": "name", "student": "name", "student name": "name", "pupil": "name", "learner": "name", "names": "name",
	"nom complet": "name", "nom et prenom": "name", "noms": "name", "eleve": "name", "amazina": "name", "izina": "name", "umunyeshuri": "name", "jina": "name", "jina kamili": "name", "mwanafunzi": "name",
	"first name": "first", "firstname": "first", "given name": "first", "givenname": "first", "prenom": "first", "prenoms": "first", "jina la kwanza": "first", "izina rya mbere": "first",
	"last name": "last", "lastname": "last", "surname": "last", "family name": "last", "familyname": "last", "nom": "last", "nom de famille": "last", "jina la ukoo": "last", "izina ry'umuryango": "last",
	"class": "class", "class name": "class", "grade": "class", "classe": "class", "ishuri": "class", "darasa": "class", "enrolled_in": "class",
	"id": "id", "identifier": "id", "student id": "id", "number": "", "no": "", "#": "",
}

func foldHeading(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(strings.TrimSpace(text))) {
		if r < 0x300 || r > 0x36f {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func columnsOf(header []string) columns {
	c := columns{-1, -1, -1, -1, -1}
	for i, text := range header {
		switch headings[foldHeading(text)] {
		case "name":
			c.name = i
		case "first":
			c.first = i
		case "last":
			c.last = i
		case "class":
			c.class = i
		case "id":
			c.id = i
		}
	}
	return c
}

func field(record []string, i int) string {
	if i < 0 || i >= len(record) {
		return ""
	}
	return strings.TrimSpace(record[i])
}

// table reads a table with or without a heading.
func table(file string, content []byte) ([]Row, error) {
	records, lines, err := readCSV(file, content)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, nil
	}
	c := columnsOf(records[0])
	if c.named() {
		records, lines = records[1:], lines[1:]
	} else {
		c = columns{wordiest(records), -1, -1, -1, -1}
	}
	var rows []Row
	for i, record := range records {
		name := field(record, c.name)
		if c.name < 0 {
			name = strings.TrimSpace(field(record, c.first) + " " + field(record, c.last))
		}
		if name == "" && strings.Join(record, "") == "" {
			continue
		}
		rows = append(rows, clean(Row{File: file, Line: lines[i], Name: name, Class: field(record, c.class), ExternalID: field(record, c.id)}))
	}
	if file == "" {
		return finish(rows)
	}
	return rows, nil
}

// wordiest is the column with the most letters: the names, not the numbers.
func wordiest(records [][]string) int {
	var letters []int
	for _, record := range records {
		for i, f := range record {
			for len(letters) <= i {
				letters = append(letters, 0)
			}
			letters[i] += len(strings.Trim(f, "0123456789 ./-"))
		}
	}
	best := 0
	for i, n := range letters {
		if n > letters[best] {
			best = i
		}
	}
	return best
}

// oneRoster joins OneRoster's files: users.csv with role student, and, if they
// are there, the classes that they are enrolled in.
func oneRoster(users, classes, enrollments File) ([]Row, error) {
	records, lines, err := readCSV(users.Name, users.Content)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return finish(nil)
	}
	at := index(records[0])
	for _, need := range []string{"sourcedid", "givenname", "familyname"} {
		if _, ok := at[need]; !ok {
			return nil, fail("roster_columns", "users.csv is not a OneRoster file: a column is missing.",
				"Export it again as OneRoster CSV 1.1 or 1.2.", nil).(*problem.Error).With("column", need)
		}
	}
	classesOf, err := enrolled(classes, enrollments)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, r := range records[1:] {
		get := func(column string) string {
			if n, ok := at[column]; ok {
				return field(r, n)
			}
			return ""
		}
		if role := get("role"); role != "" && !strings.EqualFold(role, "student") || strings.EqualFold(get("status"), "tobedeleted") {
			continue
		}
		if strings.Join(r, "") == "" {
			continue
		}
		row := clean(Row{File: users.Name, Line: lines[i+1], Name: strings.TrimSpace(get("givenname") + " " + get("familyname")), ExternalID: get("sourcedid")})
		if row.ExternalID == "" && row.Problem == nil {
			row.Problem = rosterProblem("roster_no_id", "This line has no sourcedId.", "Export the file again.")
		}
		names := classesOf[row.ExternalID]
		if len(names) == 0 {
			rows = append(rows, row)
		}
		for _, name := range names {
			row.Class = name
			rows = append(rows, clean(row))
		}
	}
	return finish(rows)
}

func index(header []string) map[string]int {
	at := map[string]int{}
	for i, name := range header {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	return at
}

// enrolled is the names of the classes of each user.
func enrolled(classes, enrollments File) (map[string][]string, error) {
	of := map[string][]string{}
	if enrollments.Content == nil {
		return of, nil
	}
	title := map[string]string{}
	if classes.Content != nil {
		records, _, err := readCSV(classes.Name, classes.Content)
		if err != nil {
			return nil, err
		}
		for i, r := range records {
			if at := index(records[0]); i > 0 {
				title[field(r, where(at, "sourcedid"))] = field(r, where(at, "title"))
			}
		}
	}
	records, _, err := readCSV(enrollments.Name, enrollments.Content)
	if err != nil || len(records) == 0 {
		return of, err
	}
	at := index(records[0])
	for _, r := range records[1:] {
		if role := field(r, where(at, "role")); role != "" && !strings.EqualFold(role, "student") {
			continue
		}
		class := field(r, where(at, "classsourcedid"))
		if name := title[class]; name != "" {
			class = name
		}
		user := field(r, where(at, "usersourcedid"))
		if class != "" && user != "" {
			of[user] = append(of[user], class)
		}
	}
	return of, nil
}

func where(at map[string]int, column string) int {
	if i, ok := at[column]; ok {
		return i
	}
	return -1
}
