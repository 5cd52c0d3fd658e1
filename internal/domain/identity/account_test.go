package identity_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// ended counts the events of ended sessions.
func (k *kit) ended(t *testing.T) int {
	t.Helper()
	return dbtest.Count(t, k.d, "event_event", "topic = 'identity.session_ended'")
}

func TestMyDevices(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		one := k.signIn(t, linPhone)
		k.pass(time.Minute)
		two := k.signInFrom(t, linPhone, identity.From{Origin: "203.0.113.8", Agent: "Mozilla/5.0 (iPhone) Safari/604", Device: "phone"})
		k.pass(time.Minute)
		three := k.signInFrom(t, linPhone, at("tablet", "203.0.113.9"))
		a := k.actor(t, one)
		list, err := k.Sessions(ctx, a)
		if err != nil || len(list) != 3 || !list[2].Current || list[0].Current || list[1].Agent != "Safari · iPhone" || list[1].Origin != "203.0.113.8" {
			t.Fatalf("%+v %v", list, err)
		}
		stranger := k.actor(t, k.signIn(t, "19900000102"))
		wantErr(t, "another's session", k.EndSession(ctx, stranger, list[1].ID), "identity.session_unknown")
		if err := k.EndSession(ctx, a, list[1].ID); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, two).Signed() || !k.actor(t, three).Signed() || k.ended(t) != 1 {
			t.Error("the wrong session ended")
		}
		if err := k.EndOthers(ctx, a); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, three).Signed() || !k.actor(t, one).Signed() || k.ended(t) != 2 {
			t.Error("the others are open, or this one ended")
		}
		if err := k.EndOthers(ctx, a); err != nil {
			t.Errorf("nothing to end: %v", err)
		}
		if err := k.SignOut(ctx, one); err != nil || k.ended(t) != 3 {
			t.Error("signing out is not told", err)
		}
		warned := 0
		for _, m := range k.sent {
			if m.Template == "identity.new_device" {
				warned++
			}
		}
		if warned != 2 {
			t.Errorf("warned of %d new devices, want 2: the first is none", warned)
		}
	})
}

func TestTheOldestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		var tokens []string
		for range 11 {
			tokens = append(tokens, k.signIn(t, linPhone))
			k.pass(time.Minute)
		}
		if k.actor(t, tokens[0]).Signed() || !k.actor(t, tokens[1]).Signed() || k.ended(t) != 1 {
			t.Error("a person has more than ten sessions, or lost too many")
		}
		k.setPassword(t, "zhou-min")
		tokens = nil
		for range 4 {
			tokens = append(tokens, k.staffToken(t))
			k.pass(time.Minute)
		}
		if k.actor(t, tokens[0]).Signed() || !k.actor(t, tokens[1]).Signed() || k.ended(t) != 2 {
			t.Error("staff have more than three sessions, or lost too many")
		}
	})
}

func TestSessionsThatAreOverByTheClockAreTold(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.setPassword(t, "zhou-min")
		k.signIn(t, linPhone)
		k.staffToken(t)
		k.pass(30 * time.Minute)
		for _, want := range []int{1, 1} {
			if err := k.Sweep(ctx); err != nil || k.ended(t) != want {
				t.Errorf("%d ended, want %d: %v", k.ended(t), want, err)
			}
		}
		k.pass(12 * time.Hour)
		if err := k.Sweep(ctx); err != nil || k.ended(t) != 2 {
			t.Errorf("a locked session of yesterday: %d %v", k.ended(t), err)
		}
	})
}

func TestDeathEndsEverything(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, a := k.member(t)
		_, secret, err := k.CreateToken(ctx, a, "脚本", 30)
		if err != nil {
			t.Fatal(err)
		}
		k.reg.SetPerson(linNumber, "alive", "false")
		clerk := authz.With(ctx, authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}})
		for range 2 {
			_, err = k.EnsurePerson(clerk, lin, linNumber, "", "")
			wantErr(t, "at the window", err, "identity.dead")
		}
		if k.actor(t, token).Signed() || k.actor(t, secret).Signed() {
			t.Error("the dead are signed in")
		}
		if !slices.Equal(k.f.ended, []string{"person:" + a.PersonID}) {
			t.Errorf("factors ended: %v", k.f.ended)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'identity.died'"); n != 1 || k.ended(t) != 1 {
			t.Errorf("%d deaths, %d sessions ended", n, k.ended(t))
		}
		_, err = k.SignInWithPassword(ctx, linPhone, password, from)
		wantErr(t, "password of the dead", err, "identity.login_wrong")
	})
}

func TestAMandateIsAskedAtEveryRequest(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, a := k.member(t)
		mother, err := k.EnsurePerson(authz.With(ctx, authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}}), "沈玉英", "580102194103071821", "", "")
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "no mandate", k.ActFor(ctx, a, identity.KindPerson, mother.ID), "identity.no_mandate")
		scope := &authz.Scope{Items: []string{"elder-card"}, Acts: []string{authz.ActApply}}
		key := a.PersonID + " person " + mother.ID
		k.man.set(key, scope)
		if err := k.ActFor(ctx, a, identity.KindPerson, mother.ID); err != nil {
			t.Fatal(err)
		}
		b := k.actor(t, token)
		if b.ForPerson != mother.ID || b.MandateID != "m1" || b.Scope != scope || b.Principal() != mother.ID || b.FirmID != "" {
			t.Errorf("%+v", b)
		}
		_, _, err = k.CreateToken(ctx, b, "程序", 1)
		wantErr(t, "a token under a mandate", err, "identity.token_mandate")
		asked := k.man.asked
		k.actor(t, token)
		if k.man.asked != asked+1 {
			t.Error("the mandate was not asked")
		}
		k.man.revoke(key)
		if b = k.actor(t, token); b.ForPerson != "" || b.MandateID != "" || b.Scope != nil || !b.Signed() {
			t.Errorf("after revocation %+v", b)
		}
		p, lost, err := k.LostPrincipal(ctx, b)
		if err != nil || !lost || p.Kind != identity.KindPerson || p.ID != mother.ID {
			t.Errorf("%+v %v %v", p, lost, err)
		}
		if _, lost, _ = k.LostPrincipal(ctx, b); lost {
			t.Error("said twice")
		}
		other, err := k.EnsureFirm(ctx, "91580103MA7QHF306N")
		if err != nil {
			t.Fatal(err)
		}
		k.man.set(a.PersonID+" firm "+other.ID, nil)
		if err := k.ActFor(ctx, b, identity.KindFirm, other.ID); err != nil {
			t.Fatal(err)
		}
		if b = k.actor(t, token); b.FirmID != other.ID || b.MandateID != "m1" || b.OnBehalf() != "firm:"+other.ID {
			t.Errorf("an agent of the firm %+v", b)
		}
		if err := k.ActFor(ctx, b, "", ""); err != nil || k.actor(t, token).OnBehalf() != "" {
			t.Error("still acting for the firm", err)
		}
	})
}

func TestChangingThePhone(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		const next = "18800000002"
		token, a := k.member(t)
		if err := k.SendPhoneCode(ctx, a, next, from); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "wrong code", k.ChangePhone(ctx, a, next, "x", from), "identity.code_wrong")
		wantErr(t, "the code of another phone", k.ChangePhone(ctx, a, "18800000003", k.lastCode(t, next), from), "identity.code_expired")
		if err := k.ChangePhone(ctx, a, next, k.lastCode(t, next), from); err != nil {
			t.Fatal(err)
		}
		told := k.sent[len(k.sent)-1]
		if told.Template != "identity.phone_changed" || told.To.Phone != linPhone || told.Data["phone"] != "188****0002" {
			t.Errorf("the old phone was told %+v", told)
		}
		if b := k.actor(t, k.signInLater(t, next)); b.PersonID != a.PersonID || b.Level != 2 {
			t.Errorf("with the new phone %+v", b)
		}
		if b := k.actor(t, k.signInLater(t, linPhone)); b.PersonID == a.PersonID {
			t.Error("whoever has the old phone now comes into the account")
		}
		_, other := k.verified(t, "19900000110", "周𠮷祥", "580102197006190734")
		if err := k.SendPhoneCode(ctx, other, next, from); errs.KindOf(err) == errs.TooMany {
			k.pass(2 * time.Minute)
			err = k.SendPhoneCode(ctx, other, next, from)
			if err != nil {
				t.Fatal(err)
			}
		}
		wantErr(t, "another person's phone", k.ChangePhone(ctx, other, next, k.lastCode(t, next), from), "identity.phone_taken")
		k.pass(11 * time.Minute)
		wantErr(t, "not fresh", k.SendPhoneCode(ctx, k.actor(t, token), "18800000009", from), "identity.fresh_needed")
	})
}

func TestRecoveryTakesTwoWays(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		const next = "18800000002"
		old, a := k.member(t)
		owner := "person:" + a.PersonID
		k.f.has(owner, factor.Methods{TOTP: true, RecoveryLeft: 1, Passkeys: []factor.Passkey{{ID: "pk"}}})
		lost := at("new phone", "203.0.113.40")
		begin := func(name, number string) string {
			t.Helper()
			ticket, ways, err := k.BeginRecovery(ctx, name, number, lost)
			if err != nil || slices.Contains(ways, identity.WaySMS) || len(ways) != 5 {
				t.Fatal(ways, err)
			}
			return ticket
		}
		// The same answers for a wrong name, an unknown person and a wrong password.
		for _, who := range [][2]string{{"林大满", linNumber}, {"沈玉英", "580102194103071821"}, {lin, linNumber}} {
			ticket := begin(who[0], who[1])
			for _, way := range []string{identity.WayPassword, identity.WayTOTP, identity.WayRecovery} {
				wantErr(t, who[0]+" "+way, k.ProveRecovery(ctx, ticket, way, "wrong", lost), "identity.recovery_wrong")
				k.pass(time.Minute)
			}
			wantErr(t, "a text message", k.ProveRecovery(ctx, ticket, identity.WaySMS, "1", lost), "identity.way_unknown")
			wantErr(t, "before the second way", k.SendRecoveryCode(ctx, ticket, next, lost), "identity.step_ended")
			k.pass(48 * time.Hour)
		}
		if c, err := k.BeginRecoveryPasskey(ctx, begin("林大满", linNumber)); err != nil || k.f.owners[c.ID] {
			t.Errorf("the challenge names whose passkeys: %v", err)
		}
		ticket := begin(lin, linNumber)
		wantErr(t, "from another device", k.ProveRecovery(ctx, ticket, identity.WayPassword, password, from), "identity.step_ended")
		if err := k.ProveRecovery(ctx, ticket, identity.WayPassword, password, lost); err != nil {
			t.Fatal(err)
		}
		// A password alone would make the second step on a new device worth nothing.
		wantErr(t, "with a password alone", k.SendRecoveryCode(ctx, ticket, next, lost), "identity.step_ended")
		if more, err := k.RecoveryNeeds(ctx, ticket, lost); err != nil || len(more) != 4 || slices.Contains(more, identity.WayPassword) {
			t.Errorf("needed still: %v %v", more, err)
		}
		if _, err := k.RecoveryNeeds(ctx, ticket, from); !errs.Is(err, "identity.step_ended") {
			t.Errorf("from another device: %v", err)
		}
		k.f.apart = 0
		if err := k.ProveRecovery(ctx, ticket, identity.WayTOTP, "123456", lost); err != nil || k.f.apart != 1 {
			t.Fatal(err, k.f.apart)
		}
		if more, err := k.RecoveryNeeds(ctx, ticket, lost); err != nil || len(more) != 0 {
			t.Errorf("needed still: %v %v", more, err)
		}
		_, err := k.SecondFactor(ctx, ticket, identity.WayPassword, password, lost)
		wantErr(t, "a recovery is no sign-in", err, "identity.way_unknown")
		if err := k.SendRecoveryCode(ctx, ticket, next, lost); err != nil {
			t.Fatal(err)
		}
		_, err = k.Recover(ctx, ticket, next, "x", lost)
		wantErr(t, "wrong code", err, "identity.code_wrong")
		in, err := k.Recover(ctx, ticket, next, k.lastCode(t, next), lost)
		if err != nil || in.PersonID != a.PersonID {
			t.Fatal(in, err)
		}
		if p, err := k.Person(ctx, a.PersonID); err != nil || p.Phone != next || k.actor(t, old).Signed() {
			t.Errorf("%+v %v", p, err)
		}
		_, err = k.Recover(ctx, ticket, next, k.lastCode(t, next), lost)
		wantErr(t, "the ticket again", err, "identity.step_ended")
		// By face.
		ticket = begin(lin, linNumber)
		url, err := k.BeginRecoveryFace(ctx, ticket, "/")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ProveRecovery(ctx, ticket, identity.WayFace, url[len("https://face.example/"):len("https://face.example/")+36], lost); err != nil {
			t.Error(err)
		}
		k.pass(21 * time.Minute)
		wantErr(t, "after twenty minutes", k.SendRecoveryCode(ctx, ticket, next, lost), "identity.step_ended")
	})
}

func TestRecoveryAtACounter(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		token, a := k.member(t)
		clerk := authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}, AgencyID: "hall", Via: "page"}
		if err := k.RecoverAtCounter(ctx, a, a.PersonID, "18800000002", "本人到场办理"); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("by themself: %v", err)
		}
		wantErr(t, "no basis", k.RecoverAtCounter(ctx, clerk, a.PersonID, "18800000002", "是"), "identity.basis_needed")
		if err := k.RecoverAtCounter(ctx, clerk, a.PersonID, "18800000002", "本人持身份证到场，原号码停用"); err != nil {
			t.Fatal(err)
		}
		if k.actor(t, token).Signed() {
			t.Error("what was signed in before goes on")
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'identity.phone_set' AND actor = 'staff:he-jing' AND reason <> ''"); n != 1 {
			t.Errorf("%d entries with the basis", n)
		}
	})
}

// What was there before levels became data has them afterwards.
func TestOlderDataGetsItsProofs(t *testing.T) {
	dbtest.Each(t, rooms[:3], func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Migrate(ctx, identity.Schema); err != nil {
			t.Fatal(err)
		}
		// Undo the second migration's fill on rows written as the first left them, then fill again with its own statements.
		exec := func(q string, args ...any) {
			t.Helper()
			if _, err := d.Raw().ExecContext(ctx, q, args...); err != nil {
				t.Fatal(err)
			}
		}
		for i, level := range []int{0, 1, 2} {
			exec(`INSERT INTO identity_person (id, number_kind, phone_key, level, alive, merged_into, verified_ms, created_ms) VALUES ($1, '', '', $2, $3, '', 5, 4)`, fmt.Sprintf("p%d", i), level, true)
			if level > 0 {
				exec(`INSERT INTO identity_account (id, phone_key, phone, person_id, created_ms) VALUES ($1, $1, $2, $3, 4)`, fmt.Sprintf("a%d", i), []byte("x"), fmt.Sprintf("p%d", i))
			}
		}
		for _, q := range migrationFills(t) {
			exec(q)
		}
		k := newKit(t, d)
		for i, want := range [][]string{nil, {"1 sms"}, {"2 registry", "1 sms"}} {
			ps, err := k.Proofs(ctx, fmt.Sprintf("p%d", i))
			var got []string
			for _, p := range ps {
				got = append(got, fmt.Sprint(p.Level, " ", p.Method))
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("person %d: %v, want %v: %v", i, got, want, err)
			}
		}
	})
}

// migrationFills are the statements of the second migration that fill identity_proof.
func migrationFills(t *testing.T) []string {
	t.Helper()
	text, err := fs.ReadFile(identity.Schema.Files, "migrations/0002_levels_devices_sessions.sql")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, q := range strings.Split(string(text), ";\n") {
		if i := strings.Index(q, "INSERT INTO identity_proof"); i >= 0 {
			out = append(out, q[i:])
		}
	}
	if len(out) != 2 {
		t.Fatalf("%d statements", len(out))
	}
	return out
}
