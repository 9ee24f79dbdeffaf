package roster

import (
	"path"
	"strings"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// oneRosterOf joins OneRoster's files: users.csv with role student, and, if they
// are there, the classes that they are enrolled in.
func oneRosterOf(sheets []Sheet, said Said) (rows []Row, ok bool, err error) {
	one := map[string]Sheet{}
	for _, s := range sheets {
		name := strings.ReplaceAll(s.File, "\\", "/")
		one[strings.ToLower(strings.TrimSuffix(path.Base(name), path.Ext(name)))] = s
	}
	users := one["users"]
	if len(users.Rows) == 0 {
		return nil, false, nil
	}
	at := index(users.Rows[0])
	if _, ok := at["sourcedid"]; !ok {
		return nil, false, nil // another program's users.csv
	}
	for _, need := range []string{"givenname", "familyname"} {
		if _, ok := at[need]; !ok {
			return nil, false, fail("roster_columns", "users.csv is not a OneRoster file: a column is missing.",
				"Export it again as OneRoster CSV 1.1 or 1.2.", nil).(*problem.Error).With("column", need)
		}
	}
	classesOf := enrolled(one["classes"], one["enrollments"])
	for i, r := range users.Rows[1:] {
		get := func(column string) string {
			if n, ok := at[column]; ok {
				return field(r, n)
			}
			return ""
		}
		if strings.Join(r, "") == "" {
			continue
		}
		row := clean(Row{File: users.File, Line: i + 2, Name: strings.TrimSpace(get("givenname") + " " + get("familyname")), ExternalID: get("sourcedid")})
		row.Classes = classesOf[row.ExternalID]
		row = clean(row)
		if row.ExternalID == "" {
			row.Problem = rosterProblem("roster_no_id", "This line has no sourcedId.", "Export the file again.")
		}
		if role := get("role"); role != "" && !strings.EqualFold(role, "student") {
			row.leave("roster_role", "The list says that this is no pupil: "+short(role, 40)+".")
		} else if strings.EqualFold(get("status"), "tobedeleted") {
			row.leave("roster_gone", "The list says that this pupil has left.")
		}
		rows = append(rows, row)
	}
	rows, err = finish(rows, said.Pupils)
	return rows, true, err
}

func index(header []string) map[string]int {
	at := map[string]int{}
	for i, name := range header {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	return at
}

// enrolled is the names of the classes of each user.
func enrolled(classes, enrollments Sheet) map[string][]string {
	of := map[string][]string{}
	title := map[string]string{}
	if len(classes.Rows) > 0 {
		at := index(classes.Rows[0])
		for _, r := range classes.Rows[1:] {
			title[field(r, where(at, "sourcedid"))] = field(r, where(at, "title"))
		}
	}
	if len(enrollments.Rows) == 0 {
		return of
	}
	at := index(enrollments.Rows[0])
	for _, r := range enrollments.Rows[1:] {
		if role := field(r, where(at, "role")); role != "" && !strings.EqualFold(role, "student") {
			continue
		}
		class := field(r, where(at, "classsourcedid"))
		if name := title[class]; name != "" {
			class = name
		}
		user := field(r, where(at, "usersourcedid"))
		if class != "" && user != "" && len(of[user]) < maxClasses {
			of[user] = append(of[user], class)
		}
	}
	return of
}

func where(at map[string]int, column string) int {
	if i, ok := at[column]; ok {
		return i
	}
	return -1
}
