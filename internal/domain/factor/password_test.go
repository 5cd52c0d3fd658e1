package factor_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // the format of the list
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

func TestAPasswordIsCheckedAndRenewedUnderANewCost(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		must(t, w.setPassword(owner, good))
		for password, want := range map[string]bool{good: true, good + " ": false, "": false, strings.Repeat("a", 5000): false, "梧桐 ｒain-7-lantern": true} {
			ok, must, err := w.s.CheckPassword(t.Context(), owner, password)
			if ok != want || must || err != nil {
				t.Errorf("%.30q: %v, %v, %v", password, ok, must, err)
			}
		}
		if ok, _, err := w.s.CheckPassword(t.Context(), "", good); ok || err != nil {
			t.Errorf("no owner: %v, %v", ok, err)
		}
		if n := dbtest.Count(t, d, "factor_password", "hash LIKE '$argon2id$v=19$m=64,t=1,p=1$%'"); n != 1 {
			t.Error("not under the cost that was set")
		}
		w.deps.Cost = factor.Cost{Memory: 128, Time: 2, Lanes: 1}
		s2, err := factor.New(w.deps)
		must(t, err)
		if ok, _, err := s2.CheckPassword(t.Context(), owner, "wrong"); ok || err != nil || dbtest.Count(t, d, "factor_password", "hash LIKE '%m=128,t=2%'") != 0 {
			t.Error("renewed by a wrong password")
		}
		for range 2 {
			if ok, _, err := s2.CheckPassword(t.Context(), owner, good); !ok || err != nil {
				t.Errorf("after the cost changed: %v, %v", ok, err)
			}
		}
		if dbtest.Count(t, d, "factor_password", "hash LIKE '%m=128,t=2%'") != 1 {
			t.Error("the hash was not renewed")
		}
		w.wantAudit("password_set", 1)
		w.wantTold("password_set", 1)
	})
}

func TestPasswordsThatAreRefused(t *testing.T) {
	list := filepath.Join(t.TempDir(), "pwned.txt")
	var lines []string
	for i := range 5000 {
		lines = append(lines, fmt.Sprintf("%X:%d", sha1.Sum(fmt.Appendf(nil, "leaked-number-%d", i)), i)) //nolint:gosec // as above
	}
	slices.Sort(lines)
	must(t, os.WriteFile(list, []byte(strings.Join(lines, "\r\n")+"\r\n"), 0o600))
	leaks, err := factor.OpenBreached(list)
	must(t, err)
	t.Cleanup(func() { must(t, leaks.Close()) })
	w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Breached, d.Words = leaks, []string{"lanzhou"} })
	related := []string{"wangxm", "王小梅", "13857209164"}
	for password, want := range map[string]string{
		"Kurz-11-zei":                 "factor.password_short",
		strings.Repeat("aB3-", 40):    "factor.password_long",
		"onlyletterslong":             "factor.password_plain",
		"leaked-number-0":             "factor.password_breached",
		"leaked-number-4999":          "factor.password_breached",
		"leaked-number-2500":          "factor.password_breached",
		"1qaz2wsx3edc":                "factor.password_breached",
		"Lantern-WangXM-0417":         "factor.password_related",
		"wangxiaomei-lantern8":        "factor.password_related",
		"我是王小梅lantern-8":              "factor.password_related",
		"lantern-57209164-x":          "factor.password_related", // the end of the phone
		"Qinglan2026!!":               "factor.password_guess",
		"zhengwu-20260320":            "factor.password_guess",
		"Password1234!":               "factor.password_guess",
		"baseball2024":                "factor.password_guess",
		"abababababab12":              "factor.password_guess",
		"qwertyuiop1234567890":        "factor.password_guess",
		"lantern\x00quartz-8":         "factor.password_broken",
		"leaked-number-5000":          "",
		good:                          "",
		"四处是青山-绿水-8-好吗好吗":             "",
		"correct horse battery 9":     "",
		strings.Repeat("钥", 40) + "1": "factor.password_guess",
	} {
		err := w.setPassword(owner, password, related...)
		if want == "" && err != nil || want != "" && !errs.Is(err, want) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
	if _, err := factor.OpenBreached(os.Args[0]); err == nil {
		t.Error("a program was taken for a list")
	}
}

func TestTheSigningPasswordIsAnother(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	must(t, w.setPassword(owner, good))
	if err := w.s.SetSignPassword(t.Context(), person, owner, nil, good); !errs.Is(err, "factor.password_same") {
		t.Errorf("the same twice: %v", err)
	}
	must(t, w.s.SetSignPassword(t.Context(), person, owner, nil, good2))
	if err := w.setPassword(owner, good2); !errs.Is(err, "factor.password_same") {
		t.Errorf("the signing one for signing in: %v", err)
	}
	if ok, _, _ := w.s.CheckPassword(t.Context(), owner, good2); ok {
		t.Error("one can sign in with the signing password")
	}
	m, err := w.s.Methods(t.Context(), owner)
	if err != nil || !m.Password || !m.SignPassword {
		t.Errorf("%+v, %v", m, err)
	}
	must(t, w.s.RemoveSignPassword(t.Context(), person, owner))
	if err := w.s.RemoveSignPassword(t.Context(), person, owner); errs.KindOf(err) != errs.NotFound {
		t.Errorf("twice: %v", err)
	}
}

func TestAnAdoptedHashIsReadStrictly(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	adopt := func(hash string) error {
		return w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return w.s.AdoptPasswordTx(ctx, tx, w.now, "staff:1", hash, true)
		})
	}
	// echo -n "Adopted-from-99" | argon2 under m=64,t=1,p=1
	const phc = "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, bad := range []string{"", "x", phc, strings.Replace(phc, "m=4294967295", "m=64,t=1", 1), strings.Replace(phc, "argon2id", "argon2i", 1)} {
		if err := adopt(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	must(t, adopt(strings.Replace(phc, "4294967295", "64", 1)))
	if has, err := w.s.HasPassword(t.Context(), "staff:1"); !has || err != nil {
		t.Errorf("adopted: %v, %v", has, err)
	}
}

func TestWhoWaitsTooLongForAPlaceIsTold(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.s.CheckPassword(ctx, owner, good); err == nil {
		t.Error("hashed for somebody who went away")
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	d := dbtest.SQLite(b, all...)
	w := newWorld(b, d, func(d *factor.Deps) { d.Cost = factor.DefaultCost })
	must(b, w.setPassword(owner, good))
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if ok, _, err := w.s.CheckPassword(b.Context(), owner, good); !ok || err != nil {
				b.Error(ok, err)
			}
		}
	})
}
