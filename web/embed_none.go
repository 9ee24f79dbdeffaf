//go:build !webdist

package web

import (
	"embed"
	"io/fs"
)

//go:embed placeholder
var placeholder embed.FS

// Files returns a single page that says how to build the web app in.
func Files() fs.FS {
	files, err := fs.Sub(placeholder, "placeholder")
	if err != nil {
		panic(err) // the path is a constant, and valid
	}
	return files
}
