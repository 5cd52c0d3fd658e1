package identity_test

import (
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

func TestNamesAndNumbersOfEveryKind(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		for i, p := range []struct{ phone, name, number, kind, sex, birth string }{
			{"19900000110", "周𠮷祥", "580102197006190734", "citizen", "男", "1970-06-19"},
			{"19900000107", "迪丽努尔•艾山江", "580427198511030481", "citizen", "女", "1985-11-03"},
			{"19900000104", "高云", "５８010319890922449x", "citizen", "男", "1989-09-22"},
			{"19900000111", "陈嘉晞", "810000199403116043", "hkmt", "女", "1994-03-11"},
			{"19900000112", "Dubois Marie  Claire", "95825019880714126X", "permanent", "女", "1988-07-14"},
			{"19900000113", "NAKAMURA KENJI", "jpn580175031210", "permanent_old", "男", "1975-03-12"},
		} {
			old := k.actor(t, k.signIn(t, p.phone))
			token, err := k.VerifyName(t.Context(), old, p.name, p.number)
			if err != nil {
				t.Errorf("%d %s: %v", i, p.kind, err)
				continue
			}
			a := k.actor(t, token)
			is, err := k.Person(t.Context(), a.PersonID)
			if err != nil || a.Level != 2 || is.NumberKind != p.kind || is.Sex != p.sex || is.Birth != p.birth || is.Phone != p.phone || is.Address == "" {
				t.Errorf("%s: actor %+v person %+v %v", p.kind, a, is, err)
			}
			byNumber, err := k.PersonByNumber(t.Context(), is.Number)
			if err != nil || byNumber.ID != is.ID {
				t.Errorf("%s by number: %v", p.kind, err)
			}
		}
		dbtest.WantCounts(t, k.d, map[string]int{"event_event": 6})
	})
}

func TestSteppingUpRotatesTheToken(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		fixed := k.signIn(t, linPhone) // somebody else may know this one
		token, err := k.VerifyName(t.Context(), k.actor(t, fixed), lin, linNumber)
		if err != nil {
			t.Fatal(err)
		}
		if k.actor(t, fixed).Signed() {
			t.Error("the token from before the step up still works")
		}
		if a := k.actor(t, token); a.Level != 2 {
			t.Errorf("actor %+v", a)
		}
	})
}

func TestWrongNamesAreCountedAndNotExplained(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		a := k.actor(t, k.signIn(t, linPhone))
		try := func(name, number string) error {
			_, err := k.VerifyName(t.Context(), a, name, number)
			return err
		}
		err := try("<b>", "580102199605182640")
		if e := errs.As(err); e == nil || len(e.Fields) != 2 || e.Fields[0].Key != "cnid.name_chars" || e.Fields[1].Key != "cnid.id_check" {
			t.Errorf("both fields wrong: %v", err)
		}
		wantErr(t, "wrong name", try("林大满", linNumber), "identity.name_mismatch")
		wantErr(t, "number of nobody", try(lin, "110101199003070070"), "identity.name_mismatch")
		k.reg.Switch("population", false)
		for range 6 {
			wantErr(t, "registry off", try(lin, linNumber), "identity.registry_away")
		}
		k.reg.Switch("population", true)
		for range 3 {
			wantErr(t, "wrong name", try("林大满", linNumber), "identity.name_mismatch")
		}
		wantErr(t, "sixth", try(lin, linNumber), "identity.verify_day")
		k.pass(24 * time.Hour)
		a = k.actor(t, k.signIn(t, linPhone))
		if err := try(lin, linNumber); err != nil {
			t.Errorf("the next day: %v", err)
		}
		a = k.actor(t, k.signInLater(t, linPhone))
		wantErr(t, "becoming another", try("沈玉英", "580102194103071821"), "identity.other_number")
	})
}

func (k *kit) signInLater(t *testing.T, phone string) string {
	t.Helper()
	k.pass(time.Minute)
	return k.signIn(t, phone)
}

func TestTheSameNumberOnAnotherPhone(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, first := k.verified(t, linPhone, lin, linNumber)
		// Who only knows name and number does not get in.
		stranger := k.actor(t, k.signIn(t, "19900000555"))
		_, err := k.VerifyName(ctx, stranger, lin, linNumber)
		wantErr(t, "a stranger's phone", err, "identity.other_phone")
		if k.actor(t, k.signInLater(t, "19900000555")).Level != 1 {
			t.Error("the stranger was raised")
		}
		// A new phone of hers, which the registry holds: the shell is linked to her.
		k.reg.SetPerson(linNumber, "phone", "19900000777")
		shell := k.actor(t, k.signIn(t, "19900000777"))
		token, err := k.VerifyName(ctx, shell, lin, linNumber)
		if err != nil {
			t.Fatal(err)
		}
		if a := k.actor(t, token); a.PersonID != first.PersonID || a.Level != 2 {
			t.Errorf("linked actor %+v, want person %s", a, first.PersonID)
		}
		if p, err := k.Person(ctx, shell.PersonID); err != nil || p.ID != first.PersonID {
			t.Errorf("the shell's id gives %s, %v", p.ID, err)
		}
		if a := k.actor(t, k.signInLater(t, "19900000777")); a.PersonID != first.PersonID {
			t.Errorf("signing in again gives %+v", a)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'identity.merged'"); n != 1 {
			t.Errorf("%d merge events", n)
		}
	})
}

func TestTheDeadDoNotSignIn(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		a := k.actor(t, k.signIn(t, "19900000888"))
		_, err := k.VerifyName(ctx, a, "罗守正", "580102193802112317")
		wantErr(t, "verify", err, "identity.dead")

		token, lin1 := k.verified(t, linPhone, lin, linNumber)
		secretOf, secret, err := k.CreateToken(ctx, lin1, "脚本", 30)
		if err != nil {
			t.Fatal(err)
		}
		k.reg.SetPerson(linNumber, "alive", "false")
		k.pass(time.Minute)
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		_, err = k.SignInWithCode(ctx, linPhone, k.lastCode(t, linPhone), from)
		wantErr(t, "sign in", err, "identity.dead")
		for what, tok := range map[string]string{"session": token, "token " + secretOf.ID: secret} {
			if k.actor(t, tok).Signed() {
				t.Errorf("the dead person's %s works", what)
			}
		}
		k.reg.Switch("population", false)
		k.pass(time.Minute)
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		_, err = k.SignInWithCode(ctx, linPhone, k.lastCode(t, linPhone), from)
		wantErr(t, "sign in while the registry is off", err, "identity.dead")
	})
}

func TestWhatTheRegistryCorrectsIsKeptAtSignIn(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		_, a := k.verified(t, linPhone, lin, linNumber)
		k.reg.SetPerson(linNumber, "household_address", "清澜市清江区新居1号")
		k.reg.SetPerson(linNumber, "name", "林晓满")
		k.signInLater(t, linPhone)
		if p, err := k.Person(t.Context(), a.PersonID); err != nil || p.Address != "清澜市清江区新居1号" || p.Name != "林晓满" || p.Level != 2 || p.Phone != linPhone {
			t.Errorf("%+v %v", p, err)
		}
	})
}

func TestPeopleSignInWhileTheRegistryIsAway(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.verified(t, linPhone, lin, linNumber)
		k.http.Close() // not even a 503
		if a := k.actor(t, k.signInLater(t, linPhone)); a.Level != 2 {
			t.Errorf("actor %+v", a)
		}
	})
}
