package identity_test

import (
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

func TestACodeOpensASessionOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		if err := k.RequestCode(ctx, "+86 199-0000-0101", from); err != nil {
			t.Fatal(err)
		}
		in, err := k.SignInWithCode(ctx, "１９９ 0000 0101", k.lastCode(t, linPhone), from)
		if err != nil || in.Ticket != "" || in.Staff {
			t.Fatal(in, err)
		}
		token := in.Token
		a := k.actor(t, token)
		if a.PersonID == "" || a.Level != 1 || !a.Is(authz.Person) || a.SessionID == "" || !a.AuthTime.Equal(k.now()) {
			t.Fatalf("actor = %+v", a)
		}
		_, err = k.SignInWithCode(ctx, linPhone, k.lastCode(t, linPhone), from)
		wantErr(t, "the code again", err, "identity.code_expired")
		k.pass(time.Minute)
		if b := k.actor(t, k.signIn(t, linPhone)); b.PersonID != a.PersonID || b.SessionID == a.SessionID {
			t.Errorf("second sign-in: %+v", b)
		}
		dbtest.WantCounts(t, k.d, map[string]int{"identity_account": 1, "identity_person": 1, "identity_session": 2})
		if err := k.SignOut(ctx, token); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, token).Signed() {
			t.Error("signed in after signing out")
		}
	})
}

func TestCodesAreLimited(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		ask := func(phone, device, origin string) error { return k.RequestCode(ctx, phone, at(device, origin)) }
		wantErr(t, "not a phone", ask("12345", "d", ""), "base.invalid")
		for i, gap := range []time.Duration{1, 1, 1, 2, 2, 5, 5, 10, 10} {
			if err := ask(linPhone, "d", ""); err != nil {
				t.Fatalf("code %d: %v", i, err)
			}
			k.pass(gap*time.Minute - time.Second)
			wantErr(t, "too early", ask(linPhone, "other", "198.51.100.9"), "identity.code_wait")
			k.pass(time.Second)
		}
		if err := ask(linPhone, "d", ""); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "eleventh of the day", ask(linPhone, "d", ""), "identity.code_day")
		k.pass(24 * time.Hour)
		if err := ask(linPhone, "d", ""); err != nil {
			t.Errorf("the next day: %v", err)
		}
		for i := range 30 {
			if err := ask("1990000"+string(rune('1'+i/10))+"0"+string(rune('0'+i%10))+"0", "d", "192.0.2.1"); err != nil {
				t.Fatalf("origin %d: %v", i, err)
			}
		}
		before := len(k.sent)
		wantErr(t, "31st of one address", ask("19900009999", "d", "192.0.2.1"), "identity.code_wait")
		if len(k.sent) != before {
			t.Error("a refused request sent a message")
		}
		if err := ask("19900009999", "d", "192.0.2.2"); err != nil {
			t.Errorf("a refused request counted for the phone: %v", err)
		}
	})
}

func TestTextMessagesHaveADailyBudget(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.signIn(t, linPhone)
		phone := func(i int) string {
			return "1880000" + string(rune('0'+i/1000%10)) + string(rune('0'+i/100%10)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
		}
		for i := range 59 {
			if err := k.RequestCode(ctx, phone(i), at("bot", "")); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		wantErr(t, "over the budget", k.RequestCode(ctx, phone(999), at("bot", "")), "identity.code_budget")
		k.pass(2 * time.Minute)
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Errorf("a known device is held up by what strangers spent: %v", err)
		}
		k.pass(24 * time.Hour)
		if err := k.RequestCode(ctx, phone(999), at("bot", "")); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestStrangersCannotSpoilACode(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.signIn(t, linPhone) // the device is known from now on
		k.pass(2 * time.Minute)
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		code := k.lastCode(t, linPhone)
		stranger := at("stranger", "203.0.113.5")
		if err := k.RequestCode(ctx, linPhone, stranger); err != nil {
			t.Fatal(err)
		}
		for range 6 {
			if _, err := k.SignInWithCode(ctx, linPhone, "000000", stranger); err == nil {
				t.Fatal("a guess came through")
			}
		}
		_, err := k.SignInWithCode(ctx, linPhone, code, stranger)
		wantErr(t, "the owner's code elsewhere", err, "identity.code_tries")
		if _, err := k.SignInWithCode(ctx, linPhone, code, from); err != nil {
			t.Errorf("the owner's own code: %v", err)
		}
	})
}

func TestWrongAndOldCodes(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		wrong := func(code string) error {
			_, err := k.SignInWithCode(ctx, linPhone, code, from)
			return err
		}
		wantErr(t, "nothing asked for", wrong("123456"), "identity.code_expired")
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		right := k.lastCode(t, linPhone)
		for i := range 4 {
			err := wrong("x" + right)
			wantErr(t, "wrong", err, "identity.code_wrong")
			if e := errs.As(err); e.Params["left"] != 4-i || e.Fields[0].Path != "code" {
				t.Errorf("wrong code %d: %+v", i, e)
			}
		}
		wantErr(t, "fifth", wrong("000 000 0"), "identity.code_tries")
		wantErr(t, "right but too late", wrong(right), "identity.code_tries")

		k.pass(time.Minute)
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		right = k.lastCode(t, linPhone)
		k.pass(5 * time.Minute)
		wantErr(t, "after five minutes", wrong(right), "identity.code_expired")
		if err := k.RequestCode(ctx, linPhone, from); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "another phone's code", func() error {
			_, err := k.SignInWithCode(ctx, "19900000102", k.lastCode(t, linPhone), from)
			return err
		}(), "identity.code_expired")
		if err := wrong(" " + k.lastCode(t, linPhone) + " "); err != nil {
			t.Errorf("with blanks: %v", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token := k.signIn(t, linPhone)
		a := k.actor(t, token)
		for range 23 { // eleven and a half hours of a page each half hour
			k.pass(29*time.Minute + 59*time.Second)
			if !k.actor(t, token).Signed() {
				t.Fatal("an active session ended")
			}
		}
		ends, err := k.SessionEnds(ctx, a)
		if err != nil || ends.Sub(k.now()) >= 31*time.Minute {
			t.Errorf("ends %v from now, %v", ends.Sub(k.now()), err)
		}
		k.pass(29 * time.Minute)
		_ = k.actor(t, token)
		k.pass(10 * time.Minute)
		if k.actor(t, token).Signed() {
			t.Error("a session outlived twelve hours")
		}

		token = k.signIn(t, linPhone)
		k.pass(20 * time.Minute)
		if ends, err = k.Extend(ctx, k.actor(t, token)); err != nil || !ends.Equal(k.now().Add(30*time.Minute)) {
			t.Errorf("extended to %v, %v", ends, err)
		}
		k.pass(30 * time.Minute)
		if k.actor(t, token).Signed() {
			t.Error("an idle session is open")
		}
		if _, err := k.VerifyName(ctx, authz.Actor{}, lin, linNumber); errs.KindOf(err) != errs.Unauthorized {
			t.Errorf("visitor verifies: %v", err)
		}
	})
}
