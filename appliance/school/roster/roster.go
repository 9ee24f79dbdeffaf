// Package roster reads the lists of pupils that schools have: names pasted from
// anywhere, tables saved as CSV, and OneRoster CSV (1.1 and 1.2), in the
// encodings that spreadsheets write. It finds what is wrong line by line and
// changes nothing.
package roster

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// MaxRows is the longest list that is read.
const MaxRows = 5000

// maxBytes bounds what one file may unpack to.
const maxBytes = 16 << 20

// Sheet is a table as it stands in a file: its rows from the first, empty ones
// too.
type Sheet struct {
	File, Name string // empty for a pasted list
	Rows       [][]string
}

// List is what was found in sheets.
type List struct {
	Rows   []Row
	Tables []appliance.ImportTable
	Unsure bool // somebody has to say what the columns are
}

// Left and Ask are the states of rows that nobody becomes a pupil by.
const (
	Left = "left" // no pupil
	Ask  = "ask"  // doubtful
)

// Row is one line of a list. Classes is empty where the list names none.
type Row struct {
	File, Sheet string // empty for a pasted list
	Line        int    // 1-based, as an editor or a spreadsheet counts
	Name        string
	Classes     []string
	ExternalID  string
	Problem     *problem.Problem // why this line cannot be used
	State       string           // Left, Ask, or empty for a pupil
	Why         *problem.Problem // it is left out or asked about
}

func (r *Row) leave(reason, message string) {
	r.State, r.Problem, r.Why = Left, nil, rosterProblem(reason, message, "")
}

func (r *Row) doubt(reason, message string) {
	r.State, r.Problem, r.Why = Ask, nil, rosterProblem(reason, message, "Say whether this is a pupil.")
}

// at is where the row stands.
func (r *Row) at() appliance.ImportLine {
	return appliance.ImportLine{File: r.File, Sheet: r.Sheet, Line: r.Line}
}

// OtherName deals with a row whose identifier is that of somebody of another
// name. It is asked about; a pupil is entered without the identifier then, and
// never becomes the other one.
func (r *Row) OtherName(accepted []appliance.ImportLine) {
	if slices.Contains(accepted, r.at()) {
		r.ExternalID = ""
		return
	}
	r.doubt("roster_other_name", "Somebody of another name has this identifier.")
	r.Why.Hint = "Say whether this is a pupil: they are entered without the identifier then. If it is the same person, correct the name first."
}

func rosterProblem(reason, message, hint string) *problem.Problem {
	return &problem.Problem{Code: problem.Invalid, Reason: reason, Message: message, Hint: hint}
}

func fail(reason, message, hint string, cause error) error {
	return problem.New(problem.Invalid, reason, message, hint, cause)
}

var numbered = regexp.MustCompile(`^\s*\d{1,4}\s*[.)\-:]\s*`)

// Pasted is a pasted list as a sheet: a name on each line, or a table copied
// from a spreadsheet.
func Pasted(text string) (Sheet, error) {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\r", "\n")
	if strings.ContainsAny(text, "\t;") || looksLikeTable(text) {
		return readCSV(text)
	}
	var sheet Sheet
	for line := range strings.SplitSeq(text, "\n") {
		if len(sheet.Rows) > MaxRows*2 {
			break // finish says that it is too long
		}
		sheet.Rows = append(sheet.Rows, []string{strings.TrimSpace(line)})
	}
	return sheet, nil
}

// Lines returns the lines of a sheet of one column, which may be a table that
// was not seen as one; "" if there are several columns.
func Lines(s Sheet) string {
	lines := make([]string, len(s.Rows))
	for i, row := range s.Rows {
		if len(row) > 1 {
			return ""
		}
		lines[i] = strings.Join(row, "")
	}
	return strings.Join(lines, "\n")
}

// looksLikeTable reports whether one of the first lines names columns.
func looksLikeTable(text string) bool {
	for i, line := range strings.Split(text, "\n") {
		if i > 10 {
			break
		}
		if strings.HasPrefix(strings.ToLower(line), "sep=") {
			return true
		}
		if cells := strings.Split(line, ","); len(cells) > 1 {
			if _, known := headingsOf(cells); known > 1 {
				return true
			}
		}
	}
	return false
}

// clean makes a row's name fit to store, or says why it cannot be.
func clean(r Row) Row {
	name, err := appliance.CleanName(r.Name)
	if err != nil {
		p := problem.Of(err)
		r.Problem, r.Name = &p, strings.ToValidUTF8(strings.TrimSpace(r.Name), "?")
		if letters := []rune(r.Name); len(letters) > 100 {
			r.Name = string(letters[:100]) + "…"
		}
		return r
	}
	r.Name = name
	r.Classes = slices.Clone(r.Classes)
	for i, class := range r.Classes {
		if r.Classes[i], err = appliance.CleanName(class); err != nil {
			p := problem.Of(err)
			r.Problem = &p
		}
	}
	return r
}

// finish bounds a list and marks what stands in it twice.
func finish(rows []Row, accepted []appliance.ImportLine) ([]Row, error) {
	if len(rows) == 0 {
		return nil, fail("roster_empty", "The list holds no names.", "Write or paste the names, one on each line.", nil)
	}
	if len(rows) > MaxRows {
		return nil, errLong()
	}
	seen, named := map[string]int{}, map[string]string{}
	for i := range rows {
		r := &rows[i]
		if r.Problem != nil || r.State != "" {
			continue
		}
		if name, ok := named[r.ExternalID]; ok && !SameName(name, r.Name) {
			if r.OtherName(accepted); r.State != "" {
				continue
			}
		} else if r.ExternalID != "" {
			named[r.ExternalID] = r.Name
		}
		classes := strings.ToLower(strings.Join(r.Classes, "\x00"))
		key := strings.ToLower(r.Name) + "\x00" + classes
		if r.ExternalID != "" {
			key = "id\x00" + r.ExternalID + "\x00" + classes
		}
		if before, ok := seen[key]; ok {
			r.Problem = rosterProblem("roster_twice", "This pupil stands in the list twice.",
				"Leave the line out, or add a letter to tell two pupils of the same name apart.")
			r.Problem.Params = map[string]any{"line": before}
			continue
		}
		seen[key] = r.Line
	}
	return rows, nil
}

// File is one file of a roster.
type File struct {
	Name    string
	Content []byte
}

// Unpack takes the CSV files out of ZIPs: OneRoster's come together. Workbooks
// are ZIPs too, and stay as they are.
func Unpack(files []File) (all []File, err error) {
	for _, f := range files {
		if !bytes.HasPrefix(f.Content, []byte("PK\x03\x04")) {
			all = append(all, f)
			continue
		}
		inner, err := unzip(f)
		if err != nil {
			return nil, err
		}
		if len(inner) == 0 {
			inner = []File{f}
		}
		all = append(all, inner...)
	}
	return all, nil
}

func unzip(f File) ([]File, error) {
	r, err := zip.NewReader(bytes.NewReader(f.Content), int64(len(f.Content)))
	if err != nil {
		return nil, fail("roster_unreadable", "The ZIP file is damaged.", "Export it again.", err)
	}
	var files []File
	var total int64
	for _, entry := range r.File {
		if !strings.EqualFold(path.Ext(entry.Name), ".csv") {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return nil, fail("roster_unreadable", "The ZIP file is damaged.", "Export it again.", err)
		}
		data, err := io.ReadAll(io.LimitReader(content, maxBytes+1))
		content.Close()
		if total += int64(len(data)); err != nil || total > maxBytes {
			return nil, fail("roster_unreadable", "The ZIP file is damaged or too large.", "Export only the pupils that are needed.", err)
		}
		files = append(files, File{entry.Name, data})
	}
	return files, nil
}

// readCSV is pasted text as a sheet.
func readCSV(text string) (Sheet, error) {
	var sheet Sheet
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ','
	first, rest, _ := strings.Cut(text, "\n")
	if said, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(first)), "sep="); ok && len(said) == 1 {
		r = csv.NewReader(strings.NewReader("\n" + rest)) // lines count on
		r.Comma = rune(said[0])
	} else {
		for _, c := range []rune{'\t', ';'} {
			if n := strings.Count(text, string(c)); n > 0 && n >= strings.Count(text, ",") {
				r.Comma = c
				break
			}
		}
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) || len(sheet.Rows) > 2*MaxRows { // finish says that it is too long
			return sheet, nil
		}
		if err != nil {
			return sheet, fail("roster_unreadable", "The table cannot be read.", "Copy it again.", err)
		}
		line, _ := r.FieldPos(0)
		for len(sheet.Rows) < line-1 {
			sheet.Rows = append(sheet.Rows, nil)
		}
		sheet.Rows = append(sheet.Rows, record)
	}
}
