package keys

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// ErrAltered says that a file beside the key is not as the box wrote it.
var ErrAltered = errors.New("the file was not written by this box")

// Keep writes a file beside the key. It can be read by anybody who can read the
// folder, and be changed unnoticed by nobody who has not the key.
func (b *Box) Keep(name string, content []byte) error {
	mark := hex.EncodeToString(b.MAC("kept file", []byte(name), content))
	return WriteDurably(filepath.Join(b.dir, name), append([]byte(mark+"\n"), content...))
}

// Kept reads what Keep wrote: ErrAltered if it is something else, fs.ErrNotExist
// if there is nothing.
func (b *Box) Kept(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		return nil, err
	}
	line, content, _ := bytes.Cut(text, []byte("\n"))
	mark, err := hex.DecodeString(string(line))
	if err != nil || !hmac.Equal(mark, b.MAC("kept file", []byte(name), content)) {
		return nil, ErrAltered
	}
	return content, nil
}
