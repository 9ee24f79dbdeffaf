package box

import (
	"context"
	"os"
	"path/filepath"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/appliance/knowledge/extract"
)

// lists reads class lists: like all files, in a sandboxed child.
type lists struct {
	reader *extract.Reader
	dir    string // for files on their way
}

// maxListRows is more than any list that is loaded.
const maxListRows = 100_000

func (l lists) Rows(ctx context.Context, content []byte) ([]appliance.Table, error) {
	dir, err := os.MkdirTemp(l.dir, "list-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "list")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return nil, err
	}
	return l.reader.Rows(ctx, file, dir, maxListRows)
}
