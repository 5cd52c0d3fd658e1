// Package vault keeps personal data unreadable to whoever holds the database, the files or a backup without the key file: SM4-GCM
// encryption of columns and data keys, and blind indexes (HMAC-SM3) for exact look-up. Keys come from a file that `tongban init` or `demo`
// makes; they are never in the database. It owns no tables; every room may call it.
package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"hash"
	"strings"
	"sync"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Sealed data is: format byte, key id length, key id, 12-byte nonce, SM4-GCM ciphertext with its 16-byte tag. The additional data is
// "table.column.id", so that a sealed value cannot be moved to another row.
const format = 1

// ErrSealed means that sealed data was altered, moved, or belongs to another key file.
var ErrSealed = errors.New("vault: cannot open: altered, moved or sealed with other keys")

// Vault seals and opens. It is safe for concurrent use.
type Vault struct {
	keys  Keys
	mu    sync.RWMutex
	aeads map[string]cipher.AEAD // by key id and column
}

// New makes a vault of a key set.
func New(k Keys) *Vault { return &Vault{keys: k, aeads: map[string]cipher.AEAD{}} }

// column is the part of the additional data before its last dot: each column has a key of its own, derived from the master key.
func column(aad string) string {
	if i := strings.LastIndexByte(aad, '.'); i > 0 {
		return aad[:i]
	}
	return aad
}

func (v *Vault) aead(keyID, aad string) (cipher.AEAD, error) {
	name := keyID + "\x00" + column(aad)
	v.mu.RLock()
	a := v.aeads[name]
	v.mu.RUnlock()
	if a != nil {
		return a, nil
	}
	master, ok := v.keys.Master[keyID]
	if !ok {
		return nil, ErrSealed
	}
	k, err := hkdf.Key(newSM3, master, nil, "tongban column "+column(aad), sm4.BlockSize)
	if err != nil {
		return nil, err
	}
	block, err := sm4.NewCipher(k)
	if err != nil {
		return nil, err
	}
	if a, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.aeads[name] = a
	v.mu.Unlock()
	return a, nil
}

func newSM3() hash.Hash { return sm3.New() }

// Seal encrypts plain for the place aad = "table.column.id". It panics only if the key set is broken, which loading it excludes.
func (v *Vault) Seal(aad string, plain []byte) []byte {
	a, err := v.aead(v.keys.Active, aad)
	if err != nil {
		panic("vault: active key missing")
	}
	out := make([]byte, 0, 2+len(v.keys.Active)+12+len(plain)+16)
	out = append(out, format, byte(len(v.keys.Active)))
	out = append(out, v.keys.Active...)
	nonce := make([]byte, a.NonceSize())
	_, _ = rand.Read(nonce)
	return a.Seal(append(out, nonce...), nonce, plain, []byte(aad))
}

// Open undoes Seal for the same place; ErrSealed otherwise. Opening nothing gives nothing.
func (v *Vault) Open(aad string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if len(sealed) < 2 || sealed[0] != format || len(sealed) < 2+int(sealed[1])+12+16 {
		return nil, ErrSealed
	}
	n := 2 + int(sealed[1])
	a, err := v.aead(string(sealed[2:n]), aad)
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, sealed[n:n+12], sealed[n+12:], []byte(aad))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// SealText is Seal for text; empty text is not sealed.
func (v *Vault) SealText(aad, text string) []byte {
	if text == "" {
		return nil
	}
	return v.Seal(aad, []byte(text))
}

// OpenText is Open for text.
func (v *Vault) OpenText(aad string, sealed []byte) (string, error) {
	b, err := v.Open(aad, sealed)
	return string(b), err
}

// Blind is the look-up key of a value that must not stand readable in the database: 32 hex digits of HMAC-SM3 over kind and value.
// A plain hash of an ID number could be found by trying all of them; this cannot, without the key.
func (v *Vault) Blind(kind, value string) string {
	m := hmac.New(newSM3, v.keys.Index)
	m.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// BlindGrams gives the blind keys of every two neighbouring characters of a name, without repeats, so that a name can be searched by a part.
func (v *Vault) BlindGrams(kind, name string) []string {
	rs := []rune(name)
	seen := map[string]bool{}
	var out []string
	for i := 0; i+1 < len(rs); i++ {
		if g := v.Blind(kind+".gram", string(rs[i:i+2])); !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}
