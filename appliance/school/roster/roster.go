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
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

// MaxRows is the longest list that is read.
const MaxRows = 5000

// maxBytes bounds what one file may unpack to.
const maxBytes = 16 << 20

// Row is one pupil of a list. Class is empty where the list names none.
type Row struct {
	File       string // empty for a pasted list
	Line       int    // 1-based, as an editor counts
	Name       string
	Class      string
	ExternalID string
	Problem    *problem.Problem // why this line cannot be used
}

func rosterProblem(reason, message, hint string) *problem.Problem {
	return &problem.Problem{Code: problem.Invalid, Reason: reason, Message: message, Hint: hint}
}

func fail(reason, message, hint string, cause error) error {
	return problem.New(problem.Invalid, reason, message, hint, cause)
}

var numbered = regexp.MustCompile(`^\s*\d{1,4}\s*[.)\-:]\s*`)

// Text reads a pasted list: a name on each line, or a table copied from a
// spreadsheet, of which the column with the names is taken.
func Text(text string) ([]Row, error) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if strings.ContainsAny(text, "\t;") || looksLikeTable(text) {
		return table("", []byte(text))
	}
	var rows []Row
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		rows = append(rows, clean(Row{Line: i + 1, Name: numbered.ReplaceAllString(line, "")}))
	}
	return finish(rows)
}

// looksLikeTable reports whether the first line names columns.
func looksLikeTable(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.Contains(first, ",") && columnsOf(strings.Split(first, ",")).named()
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
	if r.Class != "" {
		if r.Class, err = appliance.CleanName(r.Class); err != nil {
			p := problem.Of(err)
			r.Problem = &p
		}
	}
	return r
}

// finish bounds a list and marks what stands in it twice.
func finish(rows []Row) ([]Row, error) {
	if len(rows) == 0 {
		return nil, fail("roster_empty", "The list holds no names.", "Write or paste the names, one on each line.", nil)
	}
	if len(rows) > MaxRows {
		return nil, problem.New(problem.TooLarge, "roster_long", "The list is too long.",
			"Load at most 5,000 pupils at once: split the list.", nil).With("limit", MaxRows)
	}
	seen := map[string]int{}
	for i := range rows {
		r := &rows[i]
		if r.Problem != nil {
			continue
		}
		key := strings.ToLower(r.Name) + "\x00" + strings.ToLower(r.Class)
		if r.ExternalID != "" {
			key = "id\x00" + r.ExternalID + "\x00" + strings.ToLower(r.Class)
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

// Files reads CSV files: OneRoster's users, classes and enrollments together or
// in a ZIP, or one table of any other form.
func Files(files []File) ([]Row, error) {
	var all []File
	for _, f := range files {
		if bytes.HasPrefix(f.Content, []byte("PK\x03\x04")) {
			inner, err := unzip(f)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		all = append(all, f)
	}
	one := map[string]File{}
	for _, f := range all {
		one[strings.ToLower(strings.TrimSuffix(path.Base(strings.ReplaceAll(f.Name, "\\", "/")), path.Ext(f.Name)))] = f
	}
	if users, ok := one["users"]; ok {
		return oneRoster(users, one["classes"], one["enrollments"])
	}
	var rows []Row
	for _, f := range all {
		some, err := table(f.Name, f.Content)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return finish(rows)
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
	if len(files) == 0 {
		return nil, fail("roster_unreadable", "The ZIP file holds no CSV files.", "Export the roster as OneRoster CSV.", nil)
	}
	return files, nil
}

// decode makes UTF-8 of what spreadsheets save: UTF-8 or UTF-16 with a mark,
// plain UTF-8, or, if it is not that, Windows-1252.
func decode(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(content)
		return string(out), err
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return string(content[3:]), nil
	case utf8.Valid(content):
		return string(content), nil
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(content)
	return string(out), err
}

// readCSV returns a file's records with their lines.
func readCSV(name string, content []byte) (records [][]string, lines []int, err error) {
	text, err := decode(content)
	if err != nil || strings.ContainsRune(text, 0) {
		return nil, nil, fail("roster_unreadable", "The file is not a table of text.", "Save it as CSV (UTF-8) and try again.", err).(*problem.Error).With("file", name)
	}
	first, _, _ := strings.Cut(text, "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ','
	for _, c := range []rune{'\t', ';'} {
		if strings.ContainsRune(first, c) && strings.Count(first, string(c)) >= strings.Count(first, ",") {
			r.Comma = c
			break
		}
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return records, lines, nil
		}
		if err != nil {
			return nil, nil, fail("roster_unreadable", "The table cannot be read.", "Save it as CSV again.", err)
		}
		line, _ := r.FieldPos(0)
		if len(records) > MaxRows+10 {
			return records, lines, nil // finish says that it is too long
		}
		records, lines = append(records, record), append(lines, line)
	}
}
