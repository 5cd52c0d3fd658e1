package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/errs"
)

var noon = at("2026-03-16T12:00:00+08:00")

func ring(t *testing.T, test bool, agencies ...string) *Keyring {
	t.Helper()
	k, err := NewKeyring(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.EnsureCA("清澜市电子印章测试根", noon, test); err != nil {
		t.Fatal(err)
	}
	for _, a := range agencies {
		if err := k.EnsureAgency(a, "清澜市清江区市场监督管理局", noon); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func TestKeysAreMadeOnceAndReadBack(t *testing.T) {
	k := ring(t, true, "market")
	s, err := k.Signer("market")
	if err != nil {
		t.Fatal(err)
	}
	if err := k.EnsureAgency("market", "另一个名称", noon); err != nil {
		t.Fatal(err)
	}
	again, err := NewKeyring(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	s2, err := again.Signer("market")
	if err != nil || !s2.Chain()[0].Equal(s.Chain()[0]) || !again.Test() || string(again.TrustPEM()) != string(k.TrustPEM()) {
		t.Errorf("read back: %v, test %v", err, again.Test())
	}
	for _, n := range []string{"ca.key", "agency-market.key"} {
		if st, err := os.Stat(filepath.Join(k.dir, n)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", n, st.Mode(), err)
		}
	}
	if _, err := again.Signer("civil"); !errs.Is(err, "paper.no_key") {
		t.Errorf("agency without keys: %v", err)
	}
	if _, err := again.Signer("../ca"); err == nil {
		t.Error("a path was taken for an agency")
	}
}

func TestAnAgencyMadeBesideARunningProgramIsFound(t *testing.T) {
	k := ring(t, false)
	other, err := NewKeyring(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.EnsureAgency("civil", "清澜市清江区民政局", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Signer("civil"); err != nil || k.Test() {
		t.Errorf("%v, test %v", err, k.Test())
	}
}

func TestBadKeyFilesAreRefusedByName(t *testing.T) {
	k := ring(t, true, "market", "civil")
	if err := os.Chmod(filepath.Join(k.dir, "agency-market.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeyring(k.dir); err == nil || !strings.Contains(err.Error(), "agency-market.key") {
		t.Errorf("readable key: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(k.dir, "agency-civil.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "agency-market.key"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(k.dir, "agency-market.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeyring(k.dir); err == nil || !strings.Contains(err.Error(), "agency-market") {
		t.Errorf("another agency's key: %v", err)
	}
	empty, err := NewKeyring(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.EnsureAgency("market", "局", noon); !errs.Is(err, "paper.no_authority") {
		t.Errorf("no authority: %v", err)
	}
}
