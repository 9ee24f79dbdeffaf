package appliance

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/bwenge-os/bwenge/internal/problem"
)

// maxName is the longest name of a person, class or school, in letters.
const maxName = 80

// CleanName makes a name fit to store and to show: composed, without doubled
// spaces. Characters that hide or turn what follows them, and beginnings that a
// spreadsheet would take for a formula, are refused.
func CleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(name, "\uFFFD"))), " ")
	bad := func(reason, message, hint string) (string, error) {
		return "", problem.New(problem.Invalid, reason, message, hint, nil)
	}
	switch {
	case name == "":
		return bad("name_empty", "The name is empty.", "Type a name.")
	case utf8.RuneCountInString(name) > maxName:
		return bad("name_long", "The name is too long.", "Use at most 80 letters.")
	case strings.ContainsRune("=+-@", rune(name[0])):
		return bad("name_formula", "The name begins with a sign that spreadsheets take for a formula.", "Remove the =, +, - or @ at its start.")
	case strings.ContainsFunc(name, func(r rune) bool {
		return r == '\uFFFD' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
	}):
		return bad("name_characters", "The name holds characters that cannot be shown.", "Type it again by hand.")
	}
	return name, nil
}

// maxLabel is the longest title, subject or name of a folder, in bytes.
const maxLabel = 200

// CleanLabel makes a title or the like fit to show: composed, in one line,
// without characters that hide or turn what follows them.
func CleanLabel(text string) string {
	text = OneLine(text)
	if len(text) > maxLabel {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:maxLabel], ""))
	}
	return text
}

// OneLine composes a text and puts it into one line, without characters that hide
// or turn what follows them.
func OneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// maxFolders is how deep folders are kept.
const maxFolders = 8

// CleanFolder makes a path of folders fit to show: names joined by "/".
func CleanFolder(path string) string {
	var names []string
	for name := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		if name = CleanLabel(name); name != "" && name != "." && name != ".." && len(names) < maxFolders {
			names = append(names, name)
		}
	}
	return strings.Join(names, "/")
}
