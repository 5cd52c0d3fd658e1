package identity_test

import (
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/identity"
)

func TestALegalRepresentativeActsForTheFirm(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		shell := k.actor(t, k.signIn(t, linPhone))
		if fs, err := k.FirmsOf(ctx, shell.PersonID); err != nil || len(fs) != 0 {
			t.Errorf("an unverified person has firms: %v %v", fs, err)
		}
		token, err := k.VerifyName(ctx, shell, lin, linNumber)
		if err != nil {
			t.Fatal(err)
		}
		a := k.actor(t, token)
		fs, err := k.FirmsOf(ctx, a.PersonID)
		if err != nil || len(fs) != 2 || fs[0].ID == "" || fs[0].CreditCode != linFirm || fs[0].Name != "清澜小满餐饮有限公司" {
			t.Fatalf("firms %+v %v", fs, err)
		}
		other, err := k.EnsureFirm(ctx, "91580103MA7QHF306N")
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "another's firm", k.ActFor(ctx, a, identity.KindFirm, other.ID), "identity.not_legal_person")
		wantErr(t, "no such firm", k.ActFor(ctx, a, identity.KindFirm, "nothing"), "identity.not_legal_person")
		wantErr(t, "level 1", k.ActFor(ctx, authz.Actor{PersonID: a.PersonID, Level: 1, SessionID: a.SessionID}, identity.KindFirm, fs[0].ID), "identity.need_level")
		k.reg.Switch("firms", false)
		wantErr(t, "registry off", k.ActFor(ctx, a, identity.KindFirm, fs[0].ID), "identity.registry_away")
		if f, err := k.EnsureFirm(ctx, linFirm); err != nil || f.Name == "" {
			t.Errorf("a firm seen before: %+v %v", f, err)
		}
		k.reg.Switch("firms", true)
		if err := k.ActFor(ctx, a, identity.KindFirm, fs[0].ID); err != nil {
			t.Fatal(err)
		}
		if a = k.actor(t, token); a.FirmID != fs[0].ID || a.OnBehalf() != "firm:"+fs[0].ID {
			t.Errorf("actor %+v", a)
		}
		// Replaced as legal representative: the registry is asked again after an hour.
		k.reg.SetFirm(linFirm, "legal_person_id", "580102196008303179")
		for range 2 {
			k.pass(29 * time.Minute)
			if k.actor(t, token).FirmID == "" {
				t.Error("the registry was asked too early")
			}
		}
		k.pass(2 * time.Minute)
		if a = k.actor(t, token); a.FirmID != "" || !a.Signed() {
			t.Errorf("no longer the representative: %+v", a)
		}
		if _, err := k.EnsureFirm(ctx, "91580102MACXM7P15R"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("unknown code = %v", err)
		}
	})
}

func TestATokenForAFirmNeverActsForThePerson(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		session, a := k.verified(t, linPhone, lin, linNumber)
		fs, err := k.FirmsOf(ctx, a.PersonID)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ActFor(ctx, a, identity.KindFirm, fs[0].ID); err != nil {
			t.Fatal(err)
		}
		_, secret, err := k.CreateToken(ctx, k.actor(t, session), "开放接口", 30)
		if err != nil {
			t.Fatal(err)
		}
		k.pass(2 * time.Hour)
		if got := k.actor(t, secret); got.FirmID != fs[0].ID {
			t.Errorf("actor %+v", got)
		}
		k.pass(2 * time.Hour)
		k.reg.Switch("firms", false)
		if _, err := k.Actor(ctx, secret); errs.KindOf(err) != errs.Unavailable {
			t.Errorf("registry off: %v", err)
		}
		k.reg.Switch("firms", true)
		k.reg.SetFirm(linFirm, "legal_person_id", "580102196008303179")
		if got := k.actor(t, secret); got.Signed() {
			t.Errorf("no longer the representative: %+v", got)
		}
	})
}

func TestPrefillIsLive(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, a := k.verified(t, linPhone, lin, linNumber)
		f, err := k.EnsureFirm(ctx, linFirm)
		if err != nil {
			t.Fatal(err)
		}
		k.reg.SetPerson(linNumber, "household_address", "清澜市清江区柳桥街道新居1号")
		k.reg.SetFirm(linFirm, "scope", "餐饮服务")
		known, up, err := k.Prefill(ctx, a.PersonID, f.ID)
		if err != nil || !up {
			t.Fatal(up, err)
		}
		for term, want := range map[string]identity.Known{
			"person.name":                 {Value: lin, Source: identity.SourcePopulation},
			"person.address":              {Value: "清澜市清江区柳桥街道新居1号", Source: identity.SourcePopulation},
			"person.phone":                {Value: linPhone, Source: identity.SourceAccount},
			"person.sex":                  {Value: "女", Source: identity.SourcePopulation},
			"firm.scope":                  {Value: "餐饮服务", Source: identity.SourceFirms},
			"firm.legal_person.id_number": {Value: linNumber, Source: identity.SourceFirms},
			"premises.address":            {Value: "清澜市清江区望江街道石栏路58号一层", Source: identity.SourceFirms},
		} {
			if known[term] != want {
				t.Errorf("%s = %+v, want %+v", term, known[term], want)
			}
		}
		docs, err := k.HeldDocuments(ctx, a.PersonID, f.ID)
		if err != nil || len(docs) != 2 || docs[0].Type != "id-card" || docs[1].Type != "business-licence" || docs[1].HolderNumber != linFirm || docs[1].ValidFrom != "2026-03-16" {
			t.Errorf("documents %+v %v", docs, err)
		}
		k.reg.Switch("population", false)
		k.reg.Switch("firms", false)
		known, up, err = k.Prefill(ctx, a.PersonID, f.ID)
		if err != nil || up || known["person.name"].Source != identity.SourceAccount || known["firm.credit_code"].Value != linFirm {
			t.Errorf("registries off: %v %v %v", known, up, err)
		}
		for _, term := range []string{"person.address", "firm.scope", "firm.legal_person.name"} {
			if v, ok := known[term]; ok {
				t.Errorf("%s = %+v although nobody confirmed it", term, v)
			}
		}
		_, err = k.HeldDocuments(ctx, a.PersonID, "")
		wantErr(t, "documents while off", err, "identity.registry_away")
	})
}

func TestThePersonAtTheWindow(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		clerk := authz.Actor{StaffID: "he-jing", Roles: []authz.Role{authz.Clerk}, AgencyID: "hall", Via: "page"}
		ctx := authz.With(t.Context(), clerk)
		p, err := k.EnsurePerson(ctx, "沈玉英", "580102194103071821", "", "")
		if err != nil || p.Level != 2 || p.Birth != "1941-03-07" || p.Address == "" || p.Phone != "" {
			t.Fatalf("%+v %v", p, err)
		}
		again, err := k.EnsurePerson(ctx, "沈玉英", "580102194103071821", "citizen", "19900000102")
		if err != nil || again.ID != p.ID || again.Phone != "19900000102" {
			t.Errorf("%+v %v", again, err)
		}
		_, err = k.EnsurePerson(ctx, "沈玉英", "580102194103071821", "hkmt", "12")
		if e := errs.As(err); e == nil || len(e.Fields) != 2 || e.Fields[0].Key != "identity.kind_differs" || e.Fields[1].Path != "phone" {
			t.Errorf("kind and phone wrong: %v", err)
		}
		_, err = k.EnsurePerson(ctx, "沈玉", "580102194103071821", "", "")
		wantErr(t, "wrong name", err, "identity.name_mismatch")
		_, err = k.EnsurePerson(ctx, "罗守正", "580102193802112317", "", "")
		wantErr(t, "dead", err, "identity.dead")

		k.reg.Switch("population", false)
		kenji, err := k.EnsurePerson(ctx, "NAKAMURA KENJI", "JPN580175031210", "permanent_old", "")
		if err != nil || kenji.Level != 0 || kenji.Birth != "" || kenji.NumberKind != "permanent_old" {
			t.Errorf("declared: %+v %v", kenji, err)
		}
		_, err = k.EnsurePerson(ctx, "沈小英", "580102194103071821", "", "")
		wantErr(t, "another name for a confirmed number", err, "identity.name_mismatch")
		k.reg.Switch("population", true)
		now, err := k.EnsurePerson(ctx, "NAKAMURA KENJI", "JPN580175031210", "", "")
		if err != nil || now.ID != kenji.ID || now.Level != 2 || now.Birth != "1975-03-12" {
			t.Errorf("checked the next time: %+v %v", now, err)
		}
		// She later signs in at home: the same person.
		if _, a := k.verified(t, "19900000102", "沈玉英", "580102194103071821"); a.PersonID != p.ID {
			t.Errorf("at home she is %s, at the window %s", a.PersonID, p.ID)
		}
	})
}
