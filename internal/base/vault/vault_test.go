package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tongban/internal/base/vault"
)

func TestSealedDataOpensOnlyInItsPlace(t *testing.T) {
	k := vault.NewKeys()
	v := vault.New(k)
	plain := []byte("11010519491231002X")
	s := v.Seal("identity_person.id_number.1", plain)
	if bytes.Contains(s, plain) {
		t.Fatal("the number stands readable in its sealed form")
	}
	if got, err := v.Open("identity_person.id_number.1", s); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := v.Open("identity_person.id_number.2", s); err == nil {
		t.Error("opened in another row")
	}
	if _, err := vault.New(vault.NewKeys()).Open("identity_person.id_number.1", s); err == nil {
		t.Error("opened with another key file")
	}
	for i := range s {
		bad := bytes.Clone(s)
		bad[i] ^= 1
		if _, err := v.Open("identity_person.id_number.1", bad); err == nil {
			t.Fatalf("byte %d altered, still opened", i)
		}
	}
}

func TestARotatedKeyStillOpensOldData(t *testing.T) {
	k := vault.NewKeys()
	old := vault.New(k).Seal("t.c.1", []byte("a"))
	k.Master["k2"], k.Active = vault.NewKeys().Master["k1"], "k2"
	if got, err := vault.New(k).Open("t.c.1", old); err != nil || string(got) != "a" {
		t.Errorf("Open = %q, %v", got, err)
	}
}

func TestBlindDependsOnKeyKindAndValue(t *testing.T) {
	k := vault.NewKeys()
	v := vault.New(k)
	if v.Blind("id", "1") != vault.New(k).Blind("id", "1") {
		t.Error("not stable")
	}
	if v.Blind("id", "1") == v.Blind("phone", "1") || v.Blind("id", "1") == v.Blind("id", "2") || v.Blind("id", "1") == vault.New(vault.NewKeys()).Blind("id", "1") {
		t.Error("two different things share an index")
	}
	if got := v.BlindGrams("name", "买买提·买买"); len(got) != 4 {
		t.Errorf("%d grams, want 4 different ones", len(got))
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "vault.json")
	if err := vault.SaveKeys(path, vault.NewKeys()); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LoadKeys(path); err != nil {
		t.Error(err)
	}
	if err := vault.SaveKeys(path, vault.NewKeys()); err == nil {
		t.Error("an existing key file was overwritten")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LoadKeys(path); err == nil {
		t.Error("a key file that everyone can read was accepted")
	}
}
