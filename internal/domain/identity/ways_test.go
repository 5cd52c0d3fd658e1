package identity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

const password = "correct horse 9"

// member is a verified person with a password.
func (k *kit) member(t *testing.T) (token string, a authz.Actor) {
	t.Helper()
	token, a = k.verified(t, linPhone, lin, linNumber)
	k.f.passwords["person:"+a.PersonID] = password
	return token, a
}

func TestAPasswordNeedsASecondStepOnANewDevice(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		owner := "person:" + a.PersonID
		k.pass(2 * time.Minute)
		in, err := k.SignInWithPassword(ctx, linPhone, password, from)
		if err != nil || in.Token == "" || k.actor(t, in.Token).Level != 2 {
			t.Fatalf("at home: %+v %v", in, err)
		}
		away := at("library", "203.0.113.8")
		away.Agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
		in, err = k.SignInWithPassword(ctx, linPhone, password, away)
		if err != nil || in.Token != "" || !slices.Equal(in.Needs, []string{identity.WaySMS}) {
			t.Fatalf("in the library: %+v %v", in, err)
		}
		done, err := k.SecondFactor(ctx, in.Ticket, identity.WaySMS, k.lastCode(t, linPhone), away)
		if err != nil || done.PersonID != a.PersonID {
			t.Fatal(done, err)
		}
		last := k.sent[len(k.sent)-1]
		if last.Template != "identity.new_device" || last.To.Person != a.PersonID || last.To.Phone != linPhone || last.Data["device"] != "Firefox · Linux" || last.Data["when"] == "" {
			t.Errorf("told %+v", last)
		}
		before := len(k.sent)
		if in, err = k.SignInWithPassword(ctx, linPhone, password, away); err != nil || in.Token == "" || len(k.sent) != before {
			t.Errorf("the same device again: %+v %v", in, err)
		}
		k.f.has(owner, factor.Methods{TOTP: true, RecoveryLeft: 1})
		cafe := at("cafe", "203.0.113.9")
		if in, err = k.SignInWithPassword(ctx, linPhone, password, cafe); err != nil || !slices.Equal(in.Needs, []string{identity.WayTOTP, identity.WayRecovery}) || len(k.sent) != before {
			t.Fatalf("with an app: %+v %v", in, err)
		}
		wantErr(t, "a text message instead of the app", k.SendSecondCode(ctx, in.Ticket, cafe), "identity.way_unknown")
		_, err = k.SecondFactor(ctx, in.Ticket, identity.WayRecovery, "wrong", cafe)
		wantErr(t, "wrong recovery code", err, "identity.recovery_code_wrong")
		if done, err = k.SecondFactor(ctx, in.Ticket, identity.WayRecovery, "ABCD-1234", cafe); err != nil || done.Token == "" {
			t.Error(done, err)
		}
		if in, err = k.SignInWithPassword(ctx, linPhone, password, identity.From{}); err != nil || in.Token != "" {
			t.Errorf("without a device cookie: %+v %v", in, err)
		}
		k.pass(11 * time.Minute)
		_, err = k.SecondFactor(ctx, in.Ticket, identity.WayTOTP, "123456", identity.From{})
		wantErr(t, "after ten minutes", err, "identity.step_ended")
	})
}

// Whether there is an account, or it has a password, is told neither by the answer nor by the work done.
func TestAnAccountCannotBeFoundOut(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		shell := k.actor(t, k.signIn(t, "19900000102"))
		stranger := at("stranger", "203.0.113.5")
		for what, c := range map[string]struct{ phone, owner string }{
			"no account":      {"18800000000", ""},
			"no password set": {"19900000102", "person:" + shell.PersonID},
			"wrong password":  {linPhone, "person:" + a.PersonID},
		} {
			k.f.checked = nil
			_, err := k.SignInWithPassword(ctx, c.phone, "wrong", stranger)
			wantErr(t, what, err, "identity.login_wrong")
			if !slices.Equal(k.f.checked, []string{c.owner}) {
				t.Errorf("%s: looked at %q", what, k.f.checked)
			}
		}
		for range 4 {
			_, _ = k.SignInWithPassword(ctx, "18800000000", "wrong", stranger)
		}
		_, err := k.SignInWithPassword(ctx, "18800000000", "wrong", stranger)
		wantErr(t, "no account, too often", err, "identity.try_later")
		if err := k.RequestCode(ctx, "18800000000", stranger); err != nil {
			t.Errorf("a code for a phone without an account: %v", err)
		}
	})
}

func TestPasskeys(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		owner := "person:" + a.PersonID
		k.f.has(owner, factor.Methods{Passkeys: []factor.Passkey{{ID: "pk"}}})
		signIn := func() authz.Actor {
			c, err := k.BeginPasskeySignIn(ctx, from)
			if err != nil {
				t.Fatal(err)
			}
			in, err := k.FinishPasskeySignIn(ctx, c.ID, []byte(owner), from)
			if err != nil || in.PersonID != a.PersonID {
				t.Fatal(in, err)
			}
			if _, err := k.FinishPasskeySignIn(ctx, c.ID, []byte(owner), from); err == nil {
				t.Error("a challenge served twice")
			}
			return k.actor(t, in.Token)
		}
		if b := signIn(); b.Level != 2 {
			t.Errorf("level %d", b.Level)
		}
		clerk := authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}, AgencyID: "hall"}
		wantErr(t, "no basis", k.AddCounterProof(ctx, clerk, a.PersonID, " "), "identity.basis_needed")
		if err := k.AddCounterProof(ctx, authz.Actor{PersonID: a.PersonID, Roles: []authz.Role{authz.Person}}, a.PersonID, "本人到场"); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a person vouches for themself: %v", err)
		}
		if err := k.AddCounterProof(ctx, clerk, a.PersonID, "本人持身份证到场"); err != nil {
			t.Fatal(err)
		}
		if b := signIn(); b.Level != 4 {
			t.Errorf("counter and passkey: level %d", b.Level)
		}
		if b := k.actor(t, k.signInLater(t, linPhone)); b.Level != 3 {
			t.Errorf("counter and text message: level %d", b.Level)
		}
		b := signIn()
		ps, err := k.Proofs(ctx, a.PersonID)
		if err != nil || !slices.ContainsFunc(ps, func(p identity.Proof) bool {
			return p.Method == identity.ByCounterPasskey && p.Session == b.SessionID && p.Issuer == "hall" && !p.Expires.IsZero()
		}) {
			t.Errorf("%+v %v", ps, err)
		}
		k.pass(5*366*24*time.Hour + time.Hour)
		if b := signIn(); b.Level != 2 {
			t.Errorf("after the counter's proof ran out: level %d", b.Level)
		}
	})
}

func TestCertificates(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		ask, err := k.CertChallenge(ctx)
		if err != nil {
			t.Fatal(err)
		}
		with := func(cert, sig string) (identity.SignedIn, error) {
			return k.SignInWithCertificate(ctx, ask.ID, []byte(cert), []byte(sig), from)
		}
		_, err = with(lin+"/"+linNumber, "bad")
		wantErr(t, "bad signature", err, "factor.cert_signature")
		_, err = with("清澜小满餐饮有限公司/"+linFirm, "good")
		wantErr(t, "a firm's certificate", err, "identity.certificate_firm")
		_, err = with("CN=server/example", "good")
		wantErr(t, "nobody's certificate", err, "identity.certificate_nobody")
		_, err = with("林大满/"+linNumber, "good")
		wantErr(t, "the registry knows another name", err, "identity.name_mismatch")
		in, err := with(lin+"/"+linNumber, "good")
		if err != nil {
			t.Fatal(err)
		}
		a := k.actor(t, in.Token)
		if p, err := k.Person(ctx, a.PersonID); a.Level != 4 || err != nil || p.Number != linNumber || p.Phone != "" {
			t.Errorf("%+v %+v %v", a, p, err)
		}
		again, err := k.SignInWithClientCert(ctx, []byte(lin+"/"+linNumber), from)
		if err != nil || again.PersonID != a.PersonID {
			t.Errorf("by the connection: %+v %v", again, err)
		}
	})
}

func TestSteppingUp(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, a := k.member(t)
		k.pass(11 * time.Minute)
		wantErr(t, "not fresh", k.Fresh(a, 10*time.Minute), "identity.fresh_needed")
		step := func(method, answer string) {
			t.Helper()
			fresh, err := k.StepUp(ctx, k.actor(t, token), method, answer, from)
			if err != nil {
				t.Fatal(err)
			}
			if k.actor(t, token).Signed() {
				t.Errorf("%s: the old token works", method)
			}
			token = fresh
			if b := k.actor(t, token); b.SessionID != a.SessionID || k.Fresh(b, time.Second) != nil {
				t.Errorf("%s: %+v", method, b)
			}
		}
		_, err := k.StepUp(ctx, a, identity.WayPassword, "wrong", from)
		wantErr(t, "wrong password", err, "identity.password_wrong")
		step(identity.WayPassword, password)
		if err := k.SendStepUpCode(ctx, a, from); err != nil {
			t.Fatal(err)
		}
		step(identity.WaySMS, k.lastCode(t, linPhone))
		_, err = k.StepUp(ctx, a, identity.WayCertificate, identity.CertificateAnswer("ask", []byte("沈玉英/580102194103071821"), []byte("good")), from)
		wantErr(t, "another's certificate", err, "identity.certificate_other")
		step(identity.WayCertificate, identity.CertificateAnswer("ask", []byte(lin+"/"+linNumber), []byte("good")))
		if k.actor(t, token).Level != 4 {
			t.Error("a certificate is level 4")
		}
		auth, _ := k.Auth(ctx, a.SessionID)
		if !slices.Equal(auth.AMR, []string{"sms", "pwd", "sc", "mfa"}) || auth.Level != 4 {
			t.Errorf("%+v", auth)
		}
		ways, err := k.StepUpWays(ctx, k.actor(t, token), 3)
		if err != nil || len(ways) == 0 {
			t.Error(ways, err)
		}
		if b := k.actor(t, k.signInLater(t, linPhone)); b.Level != 2 {
			t.Errorf("the certificate counts in another session: %d", b.Level)
		}
		if _, err := k.StepUp(ctx, authz.Actor{PersonID: a.PersonID}, identity.WayPassword, password, from); errs.KindOf(err) != errs.Unauthorized {
			t.Errorf("without a session: %v", err)
		}
	})
}

func TestTheFaceCheck(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		shell := k.actor(t, k.signIn(t, "19900000102"))
		_, err := k.BeginFace(ctx, shell, "/back")
		wantErr(t, "nobody knows whose face", err, "identity.need_level")
		token, a := k.member(t)
		begin := func() string {
			t.Helper()
			url, err := k.BeginFace(ctx, a, "/back")
			if err != nil {
				t.Fatal(err)
			}
			id, _, _ := strings.Cut(strings.TrimPrefix(url, "https://face.example/"), "?")
			return id
		}
		id := begin()
		if !slices.Equal(k.face.asked, []string{lin + "/" + linNumber}) {
			t.Errorf("asked for %v", k.face.asked)
		}
		_, err = k.FinishFace(ctx, shell, id)
		wantErr(t, "another comes back", err, "identity.face_gone")
		k.face.result = identity.FaceResult{}
		_, err = k.FinishFace(ctx, a, id)
		wantErr(t, "not done yet", err, "identity.face_pending")
		k.face.result = identity.FaceResult{Done: true}
		_, err = k.FinishFace(ctx, a, id)
		wantErr(t, "not passed", err, "identity.face_failed")
		k.face.result = identity.FaceResult{Done: true, Passed: true}
		_, err = k.FinishFace(ctx, a, id)
		wantErr(t, "the failed one again", err, "identity.face_gone")
		k.face.result.At = k.now().Add(-11 * time.Minute)
		_, err = k.FinishFace(ctx, a, begin())
		wantErr(t, "an old answer", err, "identity.face_gone")
		k.face.result.At = time.Time{}
		fresh, err := k.FinishFace(ctx, a, begin())
		if err != nil || k.actor(t, fresh).Level != 3 || k.actor(t, token).Signed() {
			t.Fatalf("level %d %v", k.actor(t, fresh).Level, err)
		}
		for range 7 {
			begin()
		}
		_, err = k.BeginFace(ctx, a, "/back")
		wantErr(t, "eleventh of the day", err, "identity.face_day")
		k.pass(24 * time.Hour)
		k.face.err = errs.New(errs.Unavailable, "x.y")
		a = k.actor(t, k.signIn(t, linPhone))
		_, err = k.BeginFace(ctx, a, "/back")
		wantErr(t, "provider away", err, "identity.face_away")
	})
}

func TestSigningInByQR(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.member(t)
		screen := identity.From{Origin: "198.51.100.20", Agent: "Mozilla/5.0 (Windows NT 10.0) Edg/140", Device: "kiosk"}
		start := func() identity.QR {
			t.Helper()
			q, err := k.StartQR(ctx, screen)
			if err != nil || len(q.Match) != 2 || q.Code == q.Secret {
				t.Fatal(q, err)
			}
			return q
		}
		poll := func(secret, want string) identity.SignedIn {
			t.Helper()
			state, in, err := k.PollQR(ctx, secret)
			if err != nil || state != want {
				t.Errorf("state %s, want %s: %v", state, want, err)
			}
			return in
		}
		q := start()
		poll(q.Secret, identity.QRWaiting)
		poll(q.Code, identity.QRExpired)
		shell := k.actor(t, k.signIn(t, "19900000102"))
		_, err := k.SeeQR(ctx, shell, q.Code)
		wantErr(t, "level 1", err, "identity.need_level")
		ask, err := k.SeeQR(ctx, a, " "+strings.ToLower(q.Code))
		if err != nil || ask.Match != q.Match || ask.Agent != "Edge · Windows" || ask.Origin != "198.51.100.20" {
			t.Errorf("%+v %v", ask, err)
		}
		poll(q.Secret, identity.QRSeen)
		_, other := k.verified(t, "19900000110", "周𠮷祥", "580102197006190734")
		wantErr(t, "another approves", k.ApproveQR(ctx, other, q.Code), "identity.qr_gone")
		if err := k.ApproveQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "approve twice", k.ApproveQR(ctx, a, q.Code), "identity.qr_gone")
		in := poll(q.Secret, identity.QRApproved)
		if b := k.actor(t, in.Token); b.PersonID != a.PersonID || b.Level != 2 || b.SessionID == a.SessionID {
			t.Errorf("%+v", b)
		}
		if poll(q.Secret, identity.QRExpired).Token != "" {
			t.Error("the session was given twice")
		}
		q = start()
		if err := k.RefuseQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		poll(q.Secret, identity.QRRefused)
		q = start()
		k.pass(2 * time.Minute)
		wantErr(t, "too late", k.ApproveQR(ctx, a, q.Code), "identity.qr_gone")
		poll(q.Secret, identity.QRExpired)
		q = start()
		if err := k.ApproveQR(ctx, a, q.Code); err != nil {
			t.Fatal(err)
		}
		if err := k.EndSession(ctx, a, a.SessionID); err != nil {
			t.Fatal(err)
		}
		poll(q.Secret, identity.QRExpired)
		dbtest.WantCounts(t, k.d, map[string]int{"identity_qr": 4})
	})
}
