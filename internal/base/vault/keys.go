package vault

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Keys is the content of the key file. Master keys are 32 bytes by id; Active names the one that seals; older ones still open.
// Index is the key of the blind indexes and never changes, or nothing would be found again.
type Keys struct {
	Active string            `json:"active"`
	Master map[string][]byte `json:"master"`
	Index  []byte            `json:"index"`
}

const keySize = 32

// NewKeys makes a fresh key set.
func NewKeys() Keys {
	k := Keys{Active: "k1", Master: map[string][]byte{"k1": make([]byte, keySize)}, Index: make([]byte, keySize)}
	_, _ = rand.Read(k.Master["k1"])
	_, _ = rand.Read(k.Index)
	return k
}

// Check reports the first thing wrong with a key set.
func (k Keys) Check() error {
	if len(k.Master[k.Active]) != keySize {
		return fmt.Errorf("key file: active key %q is missing or not %d bytes", k.Active, keySize)
	}
	if len(k.Active) > 200 {
		return errors.New("key file: the key id is too long")
	}
	if len(k.Index) != keySize {
		return fmt.Errorf("key file: index key is not %d bytes", keySize)
	}
	for id, m := range k.Master {
		if len(m) != keySize {
			return fmt.Errorf("key file: key %q is not %d bytes", id, keySize)
		}
	}
	return nil
}

// LoadKeys reads a key file. It refuses one that others than its owner may read.
func LoadKeys(path string) (Keys, error) {
	var k Keys
	st, err := os.Stat(path)
	if err != nil {
		return k, fmt.Errorf("key file %s: %w", path, err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return k, fmt.Errorf("key file %s may be read by others (mode %o); run: chmod 600 %s", path, st.Mode().Perm(), path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, fmt.Errorf("key file %s cannot be read: %w", path, err)
	}
	return k, k.Check()
}

// SaveKeys writes a key file with mode 0600; it never overwrites one.
func SaveKeys(path string, k Keys) error {
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}
