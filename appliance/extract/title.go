package extract

import (
	"path"
	"strings"
	"unicode/utf8"
)

// maxTitle is the longest display name, in bytes.
const maxTitle = 200

// SafeTitle makes a name to show of the name that a file came with: its last
// path element, without control and invisible characters and without the marks
// that turn the writing direction ("exam‮fdp.exe"), at most 200 bytes of valid
// UTF-8. It is never empty and cleaning it again changes nothing. It is a title
// and must not be used as a path, though it would be a harmless one.
func SafeTitle(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.ReplaceAll(name, `\`, "/")
	name = cleanLine(strings.TrimRight(name, "/"))
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r == ':' || r == 0 {
			return ' '
		}
		return r
	}, name)
	name = shorten(trimTitle(name))
	if name == "" {
		return "untitled"
	}
	return name
}

// trimTitle takes away what hides files or means a folder.
func trimTitle(s string) string {
	return strings.TrimRight(strings.TrimLeft(cleanLine(s), ". "), " ")
}

// shorten cuts a name to maxTitle bytes and keeps a short extension.
func shorten(name string) string {
	if len(name) <= maxTitle {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	const dots = "…"
	stem := clip(strings.TrimSuffix(name, ext), maxTitle-len(ext)-len(dots))
	return strings.TrimRight(stem, " ") + dots + ext
}
