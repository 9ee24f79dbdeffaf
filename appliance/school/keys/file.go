package keys

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"

	"github.com/minio/sio"
)

// A sealed file is a header and then DARE 2.0 (minio/sio): packages of 64 kB,
// each authenticated in its place, so that any part can be read alone.
var magic = []byte("bwenge sealed 1\n")

const headerSize = 16 + size // magic and the file's salt

// ErrNotSealed says that a file does not begin as a sealed one.
var ErrNotSealed = errors.New("not a sealed file")

func (k *DataKey) config(salt []byte) sio.Config {
	return sio.Config{MinVersion: sio.Version20, CipherSuites: []byte{sio.AES_256_GCM}, Key: derive(k.files, "file "+string(salt))}
}

// Writer seals what is written to it. Close writes the end and leaves w open.
func (k *DataKey) Writer(w io.Writer) (io.WriteCloser, error) {
	salt := make([]byte, size)
	_, _ = rand.Read(salt)
	if _, err := w.Write(append(bytes.Clone(magic), salt...)); err != nil {
		return nil, err
	}
	return sio.EncryptWriter(keepOpen{w}, k.config(salt))
}

type keepOpen struct{ io.Writer }

// Reader reads a sealed file of size bytes at any place. Damage shows when the damaged part
// is read.
func (k *DataKey) Reader(r io.ReaderAt, size int64) (*io.SectionReader, error) {
	header := make([]byte, headerSize)
	if _, err := r.ReadAt(header, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.HasPrefix(header, magic) {
		return nil, ErrNotSealed
	}
	body := io.NewSectionReader(r, headerSize, size-headerSize)
	plain, err := sio.DecryptedSize(uint64(body.Size()))
	if err != nil {
		return nil, err
	}
	at, err := sio.DecryptReaderAt(body, k.config(header[len(magic):]))
	if err != nil {
		return nil, err
	}
	if plain > 0 && !complete(body) {
		return nil, errors.New("a sealed file is cut off")
	}
	return io.NewSectionReader(at, 0, int64(plain)), nil
}

// complete reports whether the last package says that it is the last one: the
// high bit of the nonce in its header (DARE 2.0), which is authenticated when
// the package is read.
func complete(body *io.SectionReader) bool {
	const pack = 64<<10 + 32 // and its header and tag
	header := make([]byte, 5)
	_, err := body.ReadAt(header, (body.Size()-1)/pack*pack)
	return err == nil && header[4]&0x80 != 0
}
