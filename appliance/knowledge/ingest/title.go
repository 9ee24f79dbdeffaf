package ingest

import (
	"path"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
)

// maxTitle is the longest title, in bytes: longer names come from mistakes.
const maxTitle = 200

// cleanTitle makes a file's name fit to show: no folders, no control characters
// and none that turn the direction of writing, which can make "exe.pdf" look
// like "fdp.exe". It is never used as a path.
func cleanTitle(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Trim(appliance.OneLine(name), ". /")
	if len(name) > maxTitle {
		// The ending says what kind of file it was.
		ext := path.Ext(name)
		if len(ext) > 10 {
			ext = ""
		}
		name = strings.TrimSpace(strings.ToValidUTF8(name[:maxTitle-len(ext)-len("…")], "")) + "…" + ext
	}
	if name == "" {
		return "file"
	}
	return name
}
