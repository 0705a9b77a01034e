package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ParseKey reads a key from its text form, 64 hexadecimal digits. Its errors never
// hold the text.
func ParseKey(s string) ([]byte, error) {
	s = strings.TrimSpace(s)
	if len(s) != 2*KeySize {
		return nil, fmt.Errorf("seal: a key is %d hexadecimal digits, this has %d characters; make one with `openssl rand -hex %d`", 2*KeySize, len(s), KeySize)
	}
	key, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("seal: a key is %d hexadecimal digits, this has other characters; make one with `openssl rand -hex %d`", 2*KeySize, KeySize)
	}
	return key, nil
}

// LoadOrCreateKey returns the key in the file at path, making the file (mode 0600)
// with a random key when there is none. Two processes that do so at the same time
// get the same key. The folder must exist.
func LoadOrCreateKey(path string) ([]byte, error) {
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("seal: make key file %s: %w", path, err)
	}
	return loadKey(path)
}

func loadKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("seal: key file %s may be read by others (mode %04o); run `chmod 600 %s`", path, info.Mode().Perm(), path)
	}
	if info.Size() > 4<<10 {
		return nil, fmt.Errorf("seal: %s is no key file: it has %d bytes", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// createKey writes a whole file beside path and links it into place, so that nobody
// reads half a key and a key that exists is never replaced.
func createKey(path string) error {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // the link keeps the content
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
