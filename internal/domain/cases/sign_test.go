package cases_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

// signed makes the food licence one whose commitment is signed.
func (k *kit) signedItem() {
	it := foodItem()
	it.Commitment = &catalog.Commitment{Told: []string{"经营场所应当符合卫生要求"}, Promised: []string{"已经符合告知的条件"}, Consequence: "撤销许可"}
	k.items.all["food"] = it
}

func TestWhatIsSentIsWhatWasSigned(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.signedItem()
		d := k.filled(elder, "c1")
		send := func() error {
			_, err := k.Submit(ctx, elder, d.ID, d.Version)
			return err
		}
		sign := func(a authz.Actor) string {
			sg, needed, err := k.ToSign(ctx, a, d.ID)
			if err != nil || !needed {
				t.Fatalf("%+v %v", sg, err)
			}
			if _, err := k.AskSignature(ctx, a, d.ID, "/back"); err != nil {
				t.Fatal(err)
			}
			return sg.Text
		}
		k.refused(send(), "cases.sign_needed")
		first := sign(elder)
		for _, want := range []string{"食品经营许可（新办）", "罗小满", "经营场所应当符合卫生要求", "已经符合告知的条件", "撤销许可", "布局图、营业执照", "SM3"} {
			if !strings.Contains(first, want) {
				t.Errorf("the signer does not read %q in:\n%s", want, first)
			}
		}
		// Every change after the signature asks again: an answer, the contact, a file that came, a file that went.
		texts := map[string]bool{first: true}
		change := func(name string, f func() error) {
			t.Helper()
			k.ok(f())
			var err error
			d, err = k.Case(ctx, elder, d.ID)
			k.ok(err)
			k.refused(send(), "cases.sign_needed")
			if s := sign(elder); texts[s] {
				t.Errorf("%s: the words are the same", name)
			} else {
				texts[s] = true
			}
		}
		change("an answer", func() error {
			p := answers
			p.Form = form.Answers{"address": "清江区滨河路20号", "area": "86", "fee": "1000.50"}
			_, err := k.SaveDraft(ctx, elder, d.ID, d.Version, p)
			return err
		})
		change("the contact", func() error {
			p := answers
			p.Contact.Phone = "13912345678"
			_, err := k.SaveDraft(ctx, elder, d.ID, d.Version, p)
			return err
		})
		var added cases.File
		change("a file", func() error {
			added = k.upload(elder, d.ID, "note", "u9")
			return nil
		})
		change("another file of the same name", func() error {
			k.ok(k.RemoveMaterial(ctx, elder, d.ID, added.ID))
			_, err := k.Attach(ctx, elder, d.ID, cases.Upload{Material: "note", ClientKey: "u10", Name: added.Name, Body: strings.NewReader(string(png) + "x")})
			return err
		})
		k.ok(send())
		k.ok(send()) // the same click again
		own, err := k.Case(ctx, elder, d.ID)
		k.ok(err)
		if len(own.Signatures) != 1 || own.Signatures[0].ID != "sig-case:"+d.ID+":1" || !texts[own.Signatures[0].Text] || own.Signatures[0].Round != 1 {
			t.Errorf("%+v", own.Signatures)
		}
		desk, err := k.Case(ctx, staff("zhou"), d.ID)
		k.ok(err)
		if len(desk.Signatures) != 1 || desk.Signatures[0].Text != "" {
			t.Errorf("the desk reads %+v", desk.Signatures)
		}
		// The answer to a correction notice is signed too.
		_, err = k.RequestCorrection(ctx, staff("zhou"), d.ID, k.v(d.ID), []cases.Defect{{Kind: cases.OnField, Key: "area", Text: "不符"}})
		k.ok(err)
		_, err = k.Resubmit(ctx, elder, d.ID, k.v(d.ID))
		k.refused(err, "cases.sign_needed")
		sign(elder)
		_, err = k.Resubmit(ctx, elder, d.ID, k.v(d.ID))
		k.ok(err)
		if n := dbtest.Count(t, k.d, "cases_signature", "case_id = $1", d.ID); n != 2 {
			t.Errorf("%d signatures for two submissions", n)
		}
	})
}

func TestWhoSignsMustMayAndProveIt(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.signedItem()
		applies, signs := forOld(scope("food", authz.ActApply)), forOld(scope("food", authz.ActApply, authz.ActSign))
		d := k.filled(applies, "c1")
		_, err := k.Submit(ctx, applies, d.ID, d.Version)
		k.refused(err, "cases.out_of_scope_person")
		_, err = k.AskSignature(ctx, signs, d.ID, "/back")
		k.ok(err)
		_, err = k.Submit(ctx, elder, d.ID, d.Version)
		k.refused(err, "cases.sign_needed") // the signature is the agent's
		it := k.items.all["food"]
		it.Levels.Sign = 4
		k.items.all["food"] = it
		_, err = k.Submit(ctx, signs, d.ID, d.Version)
		if e := errs.As(err); e == nil || e.Key != "base.level_needed" || e.Params["need"] != 4 {
			t.Errorf("%v", err)
		}
		signs.Level = 4
		_, err = k.Submit(ctx, signs, d.ID, d.Version)
		k.ok(err)
		var used []string
		for _, e := range k.acted() {
			used = append(used, e.Act+":"+e.Scope)
		}
		if got := strings.Join(used[len(used)-2:], " "); got != "sign:sign submit:apply" {
			t.Errorf("told: %s", got)
		}
	})
}

func TestWithoutASigningServiceNothingIsSentUnsigned(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.signedItem()
		k.Signatures = nil
		d := k.filled(elder, "c1")
		_, err := k.Submit(ctx, elder, d.ID, d.Version)
		k.refused(err, "cases.sign_unavailable")
		// On paper at the window all the same.
		d, err = k.CreateDraftFor(ctx, staff("chen"), "food", "w1", cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x"})
		k.ok(err)
		_, err = k.SaveDraft(ctx, staff("chen"), d.ID, d.Version, answers)
		k.ok(err)
		k.upload(staff("chen"), d.ID, "plan", "u1")
		d, err = k.Case(ctx, staff("chen"), d.ID)
		k.ok(err)
		_, err = k.Submit(ctx, staff("chen"), d.ID, d.Version)
		k.ok(err)
	})
}
