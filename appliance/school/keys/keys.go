// Package keys holds the box's secrets. One key, in a file of its own beside
// the database, wraps a data key for each organization; what an organization
// wants kept from whoever finds the disk is sealed with that. An organization
// that is erased loses its data key first, and with it everything sealed.
package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	size     = 32 // bytes of every key: AES-256, HMAC-SHA256
	fileName = "box.key"
)

// Box is the box's own key.
type Box struct {
	secret []byte
	dir    string
}

// Open reads the box's key below dir, or makes it. It must not be lost: without
// it nothing that was sealed can be read again.
func Open(dir string) (*Box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileName)
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, size)
		_, _ = rand.Read(secret) // never fails
		err = WriteDurably(path, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("the box's key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case len(secret) != size:
		return nil, problem.New(problem.Unavailable, "key_damaged", "The box's key "+path+" is damaged.",
			"Put the file back from a backup. Without it, names, messages and files cannot be read.", nil)
	case info.Mode().Perm()&0o077 != 0:
		return nil, problem.New(problem.Unavailable, "key_readable", "Others on this machine can read the box's key "+path+".",
			"Run chmod 600 on it.", nil)
	}
	return &Box{secret, dir}, nil
}

// WriteDurably writes a file that only its owner reads. It appears whole and
// stays, also over a power cut.
func WriteDurably(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is none
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// derive makes a key for one purpose (RFC 5869).
func derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "bwenge "+purpose, size)
	if err != nil {
		panic(err) // only for lengths that SHA-256 cannot give
	}
	return key
}

// MAC proves that the box itself wrote parts, for one purpose.
func (b *Box) MAC(purpose string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, derive(b.secret, "mac "+purpose))
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return h.Sum(nil)
}

// SigningKey signs access tokens.
func (b *Box) SigningKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(derive(b.secret, "signing"))
}

// NewDataKey makes a data key for an organization, wrapped.
func (b *Box) NewDataKey(org appliance.OrgID) []byte {
	key := make([]byte, size)
	_, _ = rand.Read(key)
	return seal(derive(b.secret, "data-key"), key, string(org))
}

// DataKey unwraps an organization's data key. One that was wrapped for another
// organization or by another box is an error.
func (b *Box) DataKey(org appliance.OrgID, wrapped []byte) (*DataKey, error) {
	key, err := open(derive(b.secret, "data-key"), wrapped, string(org))
	if err != nil {
		return nil, problem.New(problem.Unavailable, "key_mismatch", "The school's data key cannot be opened with this box's key.",
			"Put back the key file that belongs to this data, from the same backup.", err)
	}
	return &DataKey{fields: derive(key, "fields"), files: derive(key, "files")}, nil
}

// DataKey seals what belongs to one organization.
type DataKey struct{ fields, files []byte }

// Seal encrypts a field with AES-256-GCM. What is sealed in one context, such
// as a column, does not open in another.
func (k *DataKey) Seal(plain []byte, context string) []byte { return seal(k.fields, plain, context) }

// Open decrypts what Seal made.
func (k *DataKey) Open(sealed []byte, context string) ([]byte, error) {
	return open(k.fields, sealed, context)
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is ours
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func seal(key, plain []byte, context string) []byte {
	return gcm(key).Seal(nil, nil, plain, []byte(context))
}

func open(key, sealed []byte, context string) ([]byte, error) {
	return gcm(key).Open(nil, nil, sealed, []byte(context))
}
