package box

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// ListFiles resolves folders into the files below them, in name order; hidden
// ones are left out.
func ListFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		// A path that is not there fails as a file of its own, after the others.
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			files = append(files, path)
			continue
		}
		var below []string
		err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case p != path && d.Name()[0] == '.':
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				below = append(below, p)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		sort.Strings(below)
		files = append(files, below...)
	}
	return files, nil
}
