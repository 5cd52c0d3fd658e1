package identity_test

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/identity"
)

func province(subject string, level int) identity.Outside {
	return identity.Outside{Issuer: "https://province.example", Subject: subject, Level: level, AMR: []string{"pwd"}}
}

func (k *kit) outside(t *testing.T, o identity.Outside) authz.Actor {
	t.Helper()
	in, err := k.SignInOutside(t.Context(), o, from)
	if err != nil || in.Token == "" {
		t.Fatalf("%+v %v", in, err)
	}
	return k.actor(t, in.Token)
}

func TestComingFromAnOutsideProvider(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		o := province("s1", 2)
		a := k.outside(t, o)
		if a.Level != 1 {
			t.Errorf("level %d believed without a name", a.Level)
		}
		o.Name, o.Number = "林大满", linNumber
		_, err := k.SignInOutside(ctx, o, from)
		wantErr(t, "the registry knows another name", err, "identity.name_mismatch")
		o.Name = lin
		k.reg.Switch("population", false)
		_, err = k.SignInOutside(ctx, o, from)
		wantErr(t, "registry away", err, "identity.registry_away")
		k.reg.Switch("population", true)
		b := k.outside(t, o)
		if b.PersonID != a.PersonID || b.Level != 2 {
			t.Errorf("the shell has a name now: %+v", b)
		}
		auth, err := k.Auth(ctx, b.SessionID)
		if err != nil || !slices.Equal(auth.AMR, []string{"fed", "pwd"}) {
			t.Errorf("%+v %v", auth, err)
		}
		other := o
		other.Name, other.Number = "沈玉英", "580102194103071821"
		_, err = k.SignInOutside(ctx, other, from)
		wantErr(t, "the subject is another person today", err, "identity.other_number")
		dbtest.WantCounts(t, k.d, map[string]int{"identity_person": 1, "identity_outside": 1, "identity_account": 0})
	})
}

func TestAFederatedSessionHasTheProvidersLevelOnly(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		clerk := authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}, AgencyID: "hall"}
		o := province("s1", 3)
		o.Name, o.Number, o.AuthTime = lin, linNumber, k.now().Add(-time.Hour)
		a := k.outside(t, o)
		if a.Level != 3 || !a.AuthTime.Equal(k.now().Add(-time.Hour)) {
			t.Errorf("%+v", a)
		}
		if err := k.AddCounterProof(ctx, clerk, a.PersonID, "本人持身份证到场"); err != nil {
			t.Fatal(err)
		}
		o.Level = 2
		a = k.outside(t, o)
		if a.Level != 2 {
			t.Errorf("level %d, the provider said 2", a.Level)
		}
		q, err := k.StartQR(ctx, at("screen", "198.51.100.1"))
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ApproveQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		if _, in, err := k.PollQR(ctx, q.Secret); err != nil || k.actor(t, in.Token).Level != 2 {
			t.Errorf("a QR code made level %d of it: %v", k.actor(t, in.Token).Level, err)
		}
		url, err := k.BeginFace(ctx, a, "/")
		if err != nil {
			t.Fatal(err)
		}
		token, err := k.FinishFace(ctx, a, url[len("https://face.example/"):len("https://face.example/")+36])
		if err != nil || k.actor(t, token).Level != 3 {
			t.Errorf("what was proved in the session does not count: %v", err)
		}
		o.Level = 9
		if a := k.outside(t, o); a.Level != 4 {
			t.Errorf("level %d", a.Level)
		}
	})
}

// Who knows a name and a number and has a weak account somewhere does not come into the account here.
func TestAnAccountIsNeverMovedSilently(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, owner := k.member(t)
		k.pass(2 * time.Minute)
		o := province("thief", 2)
		o.Name, o.Number, o.Phone = lin, linNumber, "18800000001"
		stranger := at("thief", "203.0.113.66")
		in, err := k.SignInOutside(ctx, o, stranger)
		if err != nil || in.Token != "" || !slices.Equal(in.Needs, []string{identity.WaySMS}) || k.lastCode(t, linPhone) == "" {
			t.Fatalf("%+v %v", in, err)
		}
		dbtest.WantCounts(t, k.d, map[string]int{"identity_outside": 0})
		done, err := k.SecondFactor(ctx, in.Ticket, identity.WaySMS, k.lastCode(t, linPhone), stranger)
		if err != nil || done.PersonID != owner.PersonID || k.actor(t, done.Token).Level != 2 {
			t.Fatalf("%+v %v", done, err)
		}
		if a := k.outside(t, o); a.PersonID != owner.PersonID {
			t.Errorf("linked to %s", a.PersonID)
		}
		same := province("same phone", 2)
		same.Name, same.Number, same.Phone = lin, linNumber, linPhone
		if a := k.outside(t, same); a.PersonID != owner.PersonID {
			t.Errorf("the same phone: %s", a.PersonID)
		}
		seen := province("seen", 3)
		seen.Name, seen.Number = lin, linNumber
		if a := k.outside(t, seen); a.PersonID != owner.PersonID || a.Level != 3 {
			t.Errorf("a real person: %+v", a)
		}
		if _, err := k.SignInOutside(ctx, identity.Outside{Issuer: "x"}, from); err == nil {
			t.Error("nobody signed in")
		}
	})
}

func TestAShellFromOutsideJoinsThePerson(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		shell := k.outside(t, province("s1", 1))
		_, a := k.member(t)
		o := province("s1", 3)
		o.Name, o.Number = lin, linNumber
		b := k.outside(t, o)
		if b.PersonID != a.PersonID {
			t.Errorf("%s, want %s", b.PersonID, a.PersonID)
		}
		if p, err := k.Person(ctx, shell.PersonID); err != nil || p.ID != a.PersonID {
			t.Errorf("the shell's id gives %s, %v", p.ID, err)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'identity.merged'"); n != 1 || !slices.Contains(k.f.moved, "person:"+shell.PersonID+" person:"+a.PersonID) {
			t.Errorf("%d merges, factors moved %v", n, k.f.moved)
		}
		// A shell's holder proves name and number here, in the federated session itself.
		other := k.outside(t, province("s2", 1))
		token, err := k.VerifyName(ctx, other, "周𠮷祥", "580102197006190734")
		if err != nil || k.actor(t, token).Level != 2 {
			t.Errorf("level %d %v", k.actor(t, token).Level, err)
		}
		if a := k.outside(t, province("s2", 1)); a.Level != 1 {
			t.Errorf("the next session has level %d", a.Level)
		}
	})
}
