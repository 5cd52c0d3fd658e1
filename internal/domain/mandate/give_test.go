package mandate_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/mandate"
)

func TestNobodyHoldsTheSameTwiceWhateverTheRace(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, giver, helper := t.Context(), k.as(t, shen, shenNumber, ""), k.as(t, he, heNumber, "19900000103")
		named := mandate.Named{Name: he, Number: heNumber}
		// Two at the same moment: one is written.
		var wg sync.WaitGroup
		got := make([]error, 2)
		for i := range got {
			wg.Go(func() {
				_, got[i] = k.give(t, giver, mandate.Family, named, all, mandate.Term{From: "2026-11-21", Until: "2027-11-20"})
			})
		}
		wg.Wait()
		if (got[0] == nil) == (got[1] == nil) || !errs.Is(errors.Join(got...), "mandate.duplicate") {
			t.Fatalf("two given at once: %v", got)
		}
		_, err := k.give(t, giver, mandate.Care, named, all, mandate.Term{From: "2027-01-01", Until: "2027-12-31"})
		wantErr(t, "another kind, overlapping", err, "mandate.duplicate")
		if _, err := k.give(t, giver, mandate.Family, named, all, mandate.Term{From: "2027-01-01", Until: "2027-01-31"}); err == nil {
			t.Error("inside the days of another")
		}
		// By phone the duplicate shows when they accept.
		_, err = k.give(t, giver, mandate.Family, mandate.Named{Name: he, Phone: "199 0000 0103"}, all, mandate.Term{From: "2026-11-21", Until: "2027-01-31"})
		if err != nil {
			t.Fatal(err)
		}
		l, err := k.Mine(ctx, helper)
		if err != nil || len(l.Asked) != 2 {
			t.Fatalf("%+v, %v", l, err)
		}
		// Four acceptances of two mandates: one wins.
		acc := make([]error, 4)
		for i := range acc {
			wg.Go(func() { acc[i] = k.Accept(ctx, helper, l.Asked[i%2].ID) })
		}
		wg.Wait()
		won := 0
		for _, err := range acc {
			if err == nil {
				won++
			} else if !errs.Is(err, "mandate.moved") && !errs.Is(err, "mandate.duplicate") {
				t.Errorf("lost with %v", err)
			}
		}
		if won != 1 || dbtest.Count(t, k.d, "mandate_mandate", "state = 'active'") != 1 {
			t.Errorf("%d won", won)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'mandate.started'"); n != 1 {
			t.Errorf("%d started", n)
		}
	})
}

func TestInvitedByPhone(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, giver, helper, other := t.Context(), k.as(t, shen, shenNumber, ""), k.as(t, he, heNumber, "19900000103"), k.as(t, gao, gaoNumber, "19900000104")
		id := k.given(t, giver, mandate.Family, mandate.Named{Name: gao, Phone: "19900000103"}, "2027-01-31") // the phone is He's, the name another's
		if got := k.told(t); got != "mandate.asked>19900000103" {
			t.Errorf("told %q", got)
		}
		wantErr(t, "another name", k.Accept(ctx, helper, id), "mandate.name_differs")
		wantErr(t, "another phone", k.Accept(ctx, other, id), "mandate.none")
		if _, err := k.End(ctx, giver, id); err != nil {
			t.Fatal(err)
		}
		id = k.given(t, giver, mandate.Family, mandate.Named{Name: he, Phone: "19900000103"}, "2027-01-31")
		low := helper
		low.Level = 1
		wantErr(t, "level 1", k.Accept(ctx, low, id), "base.level_needed")
		k.accept(t, helper, id)
		k.wantMay(t, "accepted", true, helper.PersonID, "person", giver.PersonID)
		k.sealed(t, he, heNumber, "19900000103", "老年人优待证")
		// Nobody answers for 30 days.
		id = k.given(t, giver, mandate.Family, mandate.Named{Name: gao, Phone: "19900000104"}, "2027-06-30")
		k.told(t)
		k.pass(30 * 24 * time.Hour)
		wantErr(t, "too late", k.Accept(ctx, other, id), "mandate.over")
		if got := k.told(t); !strings.Contains(got, "mandate.ended>"+giver.PersonID) {
			t.Errorf("told %q", got)
		}
		if got := k.why(t, giver, id); got != mandate.Unanswered {
			t.Errorf("why %q", got)
		}
	})
}

func TestWhoMayBeNamed(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, giver, boss := t.Context(), k.as(t, shen, shenNumber, ""), k.boss(t)
		d, err := k.NewDraft(ctx, giver, mandate.Care)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			n    mandate.Named
			want string
		}{
			{mandate.Named{Name: "", Number: heNumber}, "cnid.name_empty"},
			{mandate.Named{Name: he}, "mandate.number_or_phone"},
			{mandate.Named{Name: he, Number: "123"}, "cnid.id_length"},
			{mandate.Named{Name: he, Phone: "12345"}, "cnid.mobile_wrong"},
			{mandate.Named{Name: "何怀仁", Number: heNumber}, "mandate.no_such_person"},
			{mandate.Named{Name: "罗守正", Number: luoNumber}, "mandate.no_such_person"},
			{mandate.Named{Name: zijin, Number: zijinNo}, "mandate.minor_holder"},
			{mandate.Named{Name: shen, Number: shenNumber}, "mandate.self"},
		} {
			_, err := k.SetWho(ctx, giver, d.ID, c.n)
			wantErr(t, c.n.Name+" "+c.n.Number+c.n.Phone, err, c.want)
		}
		f, err := k.NewDraft(ctx, boss, mandate.Agent)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.SetWho(ctx, boss, f.ID, mandate.Named{Name: lin, Number: linNumber})
		wantErr(t, "the representative themself", err, "mandate.self_firm")
		k.reg.Switch("population", false)
		_, err = k.SetWho(ctx, giver, d.ID, mandate.Named{Name: gao, Number: gaoNumber})
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("registry away: %v", err)
		}
		k.reg.Switch("population", true)
		_, err = k.Give(ctx, giver, d.ID, true)
		wantErr(t, "nothing filled in", err, "mandate.step_who_missing")
		// The form is no place to try out lists of names and numbers.
		for range 25 {
			_, err = k.SetWho(ctx, giver, d.ID, mandate.Named{Name: he, Number: heNumber})
		}
		wantErr(t, "the 25th", err, "mandate.lookups")
		k.pass(24 * time.Hour)
		if d, err = k.NewDraft(ctx, giver, mandate.Care); err == nil {
			_, err = k.SetWho(ctx, giver, d.ID, mandate.Named{Name: he, Number: heNumber})
		}
		if err != nil {
			t.Errorf("the next day: %v", err)
		}
		_, err = k.Give(ctx, giver, d.ID, true)
		wantErr(t, "half filled in", err, "mandate.step_term_missing")
	})
}

func TestAPersonHelpsTenPeople(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		deps := k.deps
		deps.HelpsAtMost = 2
		k.use(deps)
		helper := k.as(t, he, heNumber, "")
		mother := k.as(t, qin, qinNumber, "")
		to := mandate.Named{Name: he, Number: heNumber}
		for _, g := range []authz.Actor{k.as(t, shen, shenNumber, ""), k.as(t, gao, gaoNumber, "")} {
			k.accept(t, helper, k.given(t, g, mandate.Care, to, "2026-12-31"))
		}
		boss := k.boss(t)
		k.accept(t, helper, k.given(t, boss, mandate.Agent, to, "2026-12-31")) // firms do not count
		id := k.given(t, mother, mandate.Family, to, "2027-06-30")
		wantErr(t, "the third", k.Accept(t.Context(), helper, id), "mandate.helps_many")
		k.set("2027-01-01 00:00") // the others are over, though no job wrote it down; but so is the time to answer
		id = k.given(t, k.as(t, shen, shenNumber, ""), mandate.Family, to, "2027-06-30")
		k.accept(t, helper, id)
	})
}

// signer is a person who signs what they are asked.
type signer struct{ asked, signed []factor.Ask }

func (s *signer) AskSignature(_ context.Context, _ authz.Actor, a factor.Ask) (string, error) {
	s.asked = append(s.asked, a)
	return "ask-1", nil
}

func (s *signer) SignatureOf(_ context.Context, owner, object, text string) (factor.Signature, bool, error) {
	for _, a := range s.signed {
		if a.Object == object && a.Text == text && strings.HasPrefix(owner, "person:") {
			return factor.Signature{ID: "sig-1"}, true, nil
		}
	}
	return factor.Signature{}, false, nil
}

func TestAPersonSignsWhatTheyGive(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		sg := &signer{}
		deps := k.deps
		deps.Signed = sg
		k.use(deps)
		ctx, giver := t.Context(), k.as(t, shen, shenNumber, "")
		d, err := k.NewDraft(ctx, giver, mandate.Care)
		if err == nil {
			_, err = k.SetWho(ctx, giver, d.ID, mandate.Named{Name: he, Number: heNumber})
		}
		if err == nil {
			_, err = k.SetWhat(ctx, giver, d.ID, authz.Scope{Items: []string{"card"}, Acts: []string{authz.ActApply}})
		}
		if err == nil {
			_, err = k.SetTerm(ctx, giver, d.ID, mandate.Term{From: "2026-11-21", Until: "2027-11-20"})
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Give(ctx, giver, d.ID, false)
		wantErr(t, "not ticked", err, "mandate.agree_missing")
		g, err := k.Give(ctx, giver, d.ID, true)
		if err != nil || g.SignURL != "/my/sign/ask-1" || g.MandateID != "" {
			t.Fatalf("%+v, %v", g, err)
		}
		for _, s := range []string{shen, he, "老年人优待证", "2027-11-20"} {
			if !strings.Contains(sg.asked[0].Text, s) {
				t.Errorf("the declaration does not say %s: %s", s, sg.asked[0].Text)
			}
		}
		if strings.Contains(sg.asked[0].Text, heNumber) {
			t.Error("the whole number")
		}
		sg.signed = sg.asked
		// What was signed is not what is given: the signature does not count.
		if _, err := k.SetTerm(ctx, giver, d.ID, mandate.Term{From: "2026-11-21", Until: "2028-11-20"}); err != nil {
			t.Fatal(err)
		}
		if g, err := k.Give(ctx, giver, d.ID, true); err != nil || g.SignURL == "" {
			t.Fatalf("%+v, %v", g, err)
		}
		sg.signed = sg.asked
		if g, err = k.Give(ctx, giver, d.ID, true); err != nil || g.MandateID != d.ID {
			t.Fatalf("%+v, %v", g, err)
		}
		if n := dbtest.Count(t, k.d, "mandate_mandate", "ground = 'signed' AND signature = 'sig-1'"); n != 1 {
			t.Error("the signature is not kept")
		}
		_, err = k.Give(ctx, giver, d.ID, true)
		wantErr(t, "once more", err, "mandate.none")
	})
}

func TestAtTheCounter(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		in := mandate.Counter{
			Kind: mandate.Care, Giver: mandate.Named{Name: shen, Number: shenNumber}, Holder: mandate.Named{Name: he, Number: heNumber}, Scope: all, Until: "2027-11-20",
			Ground: mandate.ByPresence, Basis: "沈玉英本人到场，出示居民身份证原件，口述委托", HolderPresent: true,
		}
		_, err := k.RecordAtCounter(ctx, authz.Actor{PersonID: "p", Roles: []authz.Role{authz.Person}}, in)
		wantErr(t, "not a clerk", err, "base.forbidden")
		bad := in
		bad.Basis, bad.Ground, bad.Kind = "到场", "said", "friend"
		_, err = k.RecordAtCounter(ctx, k.clerk, bad)
		for _, key := range []string{"mandate.basis_length", "mandate.ground_missing", "mandate.kind_missing"} {
			wantErr(t, "bad input", err, key)
		}
		m, err := k.RecordAtCounter(ctx, k.clerk, in)
		if err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "both present", true, m.HolderID, "person", m.ForID)
		_, err = k.RecordAtCounter(ctx, k.clerk, in)
		wantErr(t, "twice", err, "mandate.duplicate")
		if got := k.told(t); got != "mandate.recorded>"+m.ForID {
			t.Errorf("told %q", got)
		}
		if v, _, err := k.One(ctx, k.as(t, he, heNumber, ""), m.ID); err != nil || v.Basis != "" {
			t.Errorf("the holder reads what the window saw of the giver's papers: %q, %v", v.Basis, err)
		}
		if v, _, err := k.One(ctx, k.as(t, shen, shenNumber, ""), m.ID); err != nil || v.Basis != in.Basis {
			t.Errorf("the giver reads %q, %v", v.Basis, err)
		}
		k.sealed(t, shen, he, shenNumber, "出示居民身份证")
		if n := dbtest.Count(t, k.d, "mandate_mandate", "given_by = 'staff:zhang' AND agency = 'hall' AND basis IS NOT NULL"); n != 1 {
			t.Error("who recorded it is not kept")
		}
		k.as(t, gao, gaoNumber, "") // known here, and no side of it
		wantErr(t, "ended by whom it does not concern", k.EndAtCounter(ctx, k.clerk, m.ID, gaoNumber, "本人到场申请终止授权"), "mandate.none")
		vs, err := k.StandingAtCounter(ctx, k.clerk, shen, shenNumber)
		if err != nil || len(vs) != 1 || vs[0].Held != "贺*仁" || vs[0].Giver != "沈*英" {
			t.Fatalf("%+v, %v", vs, err)
		}
		if err := k.EndAtCounter(ctx, k.clerk, m.ID, shenNumber, "本人到场申请终止授权，已核验身份证"); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "ended at the counter", false, m.HolderID, "person", m.ForID)
		// The helper is not there: they accept online.
		in.HolderPresent, in.Ground = false, mandate.ByNotary
		if m, err = k.RecordAtCounter(ctx, k.clerk, in); err != nil {
			t.Fatal(err)
		}
		k.wantMay(t, "not accepted", false, m.HolderID, "person", m.ForID)
		k.accept(t, k.as(t, he, heNumber, ""), m.ID)
		k.wantMay(t, "accepted", true, m.HolderID, "person", m.ForID)
		// A guardian by papers, and a firm's agent by letter.
		m, err = k.RecordAtCounter(ctx, k.clerk, mandate.Counter{
			Kind: mandate.Guardian, Giver: mandate.Named{Name: zijin, Number: zijinNo}, Holder: mandate.Named{Name: gao, Number: gaoNumber},
			Ground: mandate.ByPresence, Basis: "居民委员会指定监护人的决定书，2026年10月",
		})
		if err != nil || m.Term.Until != "2031-05-31" {
			t.Fatalf("%+v, %v", m, err)
		}
		m, err = k.RecordAtCounter(ctx, k.clerk, mandate.Counter{
			Kind: mandate.Agent, Giver: mandate.Named{Number: linFirm}, Holder: mandate.Named{Name: gao, Number: gaoNumber}, Scope: authz.Scope{Items: []string{"food"}, Acts: []string{authz.ActApply}},
			Until: "2026-12-31", Ground: mandate.ByNotary, Basis: "盖公章的授权委托书，2026年11月20日", HolderPresent: true,
		})
		if err != nil || m.ForKind != "firm" {
			t.Fatalf("%+v, %v", m, err)
		}
		if vs, err := k.Recorded(ctx, k.clerk); err != nil || len(vs) != 4 {
			t.Errorf("%d, %v", len(vs), err)
		}
	})
}
