package counterweb_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/counter"
	"tongban/internal/engine/form"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 300)...)

// old is the visitor of most tests, as a clerk types her.
func old(purpose string) counter.SignIn {
	return counter.SignIn{Kind: counter.Self, Purpose: purpose, Who: counter.Who{Name: oldName, Number: oldNumber, Phone: phone}}
}

func (k *kit) signIn(purpose string) counter.Visitor {
	k.t.Helper()
	v, err := k.SignIn(k.t.Context(), k.staff("he-jing"), "", old(purpose))
	k.ok(err)
	return v
}

// card makes what an agent answers to a question.
func card(q counter.ReaderQuestion, until string) (text, proof string) {
	b, _ := json.Marshal(counter.Card{Name: oldName, Sex: "女", Birth: "1940-02-03", Number: oldNumber, ValidFrom: "2006-04-01", ValidUntil: until})
	return string(b), counter.Proof(secret, q.Nonce, string(b))
}

func TestACardIsReadOnceByWhoAskedForIt(t *testing.T) {
	each(t, func(k *kit) {
		ctx, clerk := k.t.Context(), k.staff("he-jing")
		q, err := k.Ask(ctx, clerk)
		k.ok(err)
		text, proof := card(q, "")
		in := counter.SignIn{Kind: counter.Self, Purpose: counter.ToApply, Nonce: q.Nonce, Card: text, Proof: proof}
		forged := in
		forged.Card = strings.Replace(text, oldNumber, daughterNumber, 1)
		for name, try := range map[string]func() error{
			"another card under the same proof": func() error { _, err := k.SignIn(ctx, clerk, "", forged); return err },
			"another clerk":                     func() error { _, err := k.SignIn(ctx, k.staff("ma-qiang"), "", in); return err },
		} {
			if err := try(); errs.KindOf(err) != errs.Invalid {
				k.t.Errorf("%s: %v", name, err)
			}
		}
		v, err := k.SignIn(ctx, clerk, "", in)
		k.ok(err)
		if v.Source != counter.ByReader || v.Name != "沈*月" || strings.Contains(v.Number, oldNumber[6:14]) {
			k.t.Errorf("%+v", v)
		}
		if _, err := k.SignIn(ctx, clerk, "", in); errs.KindOf(err) != errs.Invalid {
			k.t.Errorf("the same read again: %v", err)
		}
		q, err = k.Ask(ctx, clerk)
		k.ok(err)
		in.Nonce = q.Nonce
		in.Card, in.Proof = card(q, "2026-03-09")
		_, err = k.SignIn(ctx, clerk, "", in)
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "counter.card_expired" {
			k.t.Errorf("an expired card: %v", err)
		}
		q, err = k.Ask(ctx, clerk)
		k.ok(err)
		in.Nonce = q.Nonce
		in.Card, in.Proof = card(q, "")
		k.at = k.at.Add(3 * time.Minute)
		if _, err := k.SignIn(ctx, clerk, "", in); errs.KindOf(err) != errs.Invalid {
			k.t.Errorf("a late read: %v", err)
		}
		if dbtest.Count(k.t, k.d, "audit_entry", "act = 'counter.sign_in'") != 1 {
			k.t.Error("signing in is not on record once")
		}
	})
}

func TestSeveralThingsInOneGoAreOneTrip(t *testing.T) {
	each(t, func(k *kit) {
		ctx, clerk := k.t.Context(), k.staff("he-jing")
		v := k.signIn(counter.ToApply)
		if again := k.signIn(counter.ToApply); again.ID != v.ID {
			k.t.Error("who is here already was signed in twice")
		}
		ds, err := k.Begin(ctx, clerk, v.ID, []string{"elder-card", "birth-registration", "food-licence-new"})
		k.ok(err)
		if ds[0].Err != nil || ds[1].Err != nil || ds[2].Err == nil {
			k.t.Fatalf("%+v", ds)
		}
		if _, err := k.Begin(ctx, clerk, v.ID, []string{"elder-card"}); err != nil {
			k.t.Fatal(err)
		}
		ls, err := k.Lines(ctx, clerk, v.ID)
		k.ok(err)
		if len(ls) != 2 {
			k.t.Fatalf("%d things", len(ls))
		}
		elder := ds[0].CaseID
		d, err := k.cases.Case(ctx, clerk, elder)
		k.ok(err)
		answers := form.Answers{"household_address": "清江区柳桥路9号", "phone": phone, "live_address": "柳桥路9号", "delivery": "window", "truth": true}
		_, err = k.cases.SaveDraft(ctx, clerk, elder, d.Version, cases.Patch{Scenario: map[string]string{"residence": "household", "photo": "id-card"}, Form: answers, Contact: d.Contact})
		k.ok(err)
		got, err := k.Carry(ctx, clerk, v.ID, ds[1].CaseID)
		k.ok(err)
		birth, err := k.cases.Case(ctx, clerk, ds[1].CaseID)
		k.ok(err)
		if got.Answers == 0 || birth.Answers["live_address"] != "柳桥路9号" {
			k.t.Errorf("carried %+v: %v", got, birth.Answers)
		}
		if more, err := k.Carry(ctx, clerk, v.ID, ds[1].CaseID); err != nil || more.Answers != 0 {
			k.t.Errorf("carried again: %+v %v", more, err)
		}
		sent, err := k.Send(ctx, clerk, v.ID)
		k.ok(err)
		if len(sent) != 2 || sent[0].Err != nil || sent[1].Err == nil {
			k.t.Fatalf("%+v", sent)
		}
		officer := k.staff("xu-hui")
		c, err := k.cases.Case(ctx, officer, elder)
		k.ok(err)
		if c.Outcome == "" {
			_, err = k.cases.DecideOnTheSpot(ctx, officer, elder, c.Version, cases.Decision{Outcome: cases.Grant})
			k.ok(err)
		}
		if _, err := k.HandOut(ctx, clerk, v.ID, []string{elder}, false); errs.KindOf(err) != errs.Invalid {
			k.t.Errorf("handed out unchecked: %v", err)
		}
		out, err := k.HandOut(ctx, clerk, v.ID, []string{elder}, true)
		k.ok(err)
		if out[0].Err != nil {
			k.t.Fatal(out[0].Err)
		}
		trips, err := k.cases.Trips(ctx, clerk, elder)
		k.ok(err)
		if len(trips) != 1 {
			k.t.Errorf("handing in and fetching in one go are %d trips", len(trips))
		}
		k.at = k.at.Add(12 * time.Minute)
		k.ok(k.End(ctx, clerk, v.ID, "partly"))
		sum, err := k.Summary(ctx, clerk, "")
		k.ok(err)
		if n := sum.Counts; n.Visitors != 1 || n.Served != 1 || n.ByHand != 1 || n.Submitted != 1 || n.Delivered != 1 || n.Serving != 720 || len(sum.Drafts) != 1 {
			k.t.Errorf("%+v", sum)
		}
	})
}

func TestWhoServesWhom(t *testing.T) {
	each(t, func(k *kit) {
		ctx, a, b := k.t.Context(), k.staff("he-jing"), k.staff("ma-qiang")
		v := k.signIn(counter.ToAsk)
		if err := k.End(ctx, a, v.ID, "done"); errs.KindOf(err) != errs.Invalid {
			k.t.Errorf("ended before it began: %v", err)
		}
		k.ok(k.Call(ctx, a, v.ID, false))
		if err := k.Call(ctx, b, v.ID, false); !errs.Is(err, "counter.served") {
			k.t.Errorf("called twice: %v", err)
		}
		k.ok(k.Call(ctx, b, v.ID, true))
		if err := k.End(ctx, a, v.ID, "done"); !errs.Is(err, "counter.served") {
			k.t.Errorf("ended by who does not serve: %v", err)
		}
		if _, err := k.Visitor(ctx, k.staff("xu-hui"), v.ID); errs.KindOf(err) != errs.NotFound {
			k.t.Errorf("seen at another agency: %v", err)
		}
		if _, err := k.Today(ctx, k.staff("zhou-min"), ""); errs.KindOf(err) != errs.Forbidden {
			k.t.Errorf("listed by an officer who is no clerk: %v", err)
		}
		k.ok(k.End(ctx, b, v.ID, "done"))
		k.at = k.at.Add(counter.Keep + 48*time.Hour)
		k.ok(k.Sweep(ctx))
		if n := dbtest.Count(k.t, k.d, "counter_visitor", "who IS NOT NULL OR subject <> ''"); n != 0 {
			k.t.Errorf("%d visitors are still named", n)
		}
	})
}

func TestThePhoneSendsOnlyForOneCaseAndOnlyForAWhile(t *testing.T) {
	each(t, func(k *kit) {
		ctx, clerk := k.t.Context(), k.staff("he-jing")
		v := k.signIn(counter.ToApply)
		ds, err := k.Begin(ctx, clerk, v.ID, []string{"elder-card"})
		k.ok(err)
		id := ds[0].CaseID
		d, err := k.cases.Case(ctx, clerk, id)
		k.ok(err)
		_, err = k.cases.SaveDraft(ctx, clerk, id, d.Version, cases.Patch{Scenario: map[string]string{"residence": "household", "photo": "upload"}, Form: d.Answers, Contact: d.Contact})
		k.ok(err)
		if _, err := k.OpenPhone(ctx, k.staff("ma-qiang"), id); errs.KindOf(err) != errs.NotFound {
			k.t.Errorf("opened by a colleague: %v", err)
		}
		p, err := k.OpenPhone(ctx, clerk, id)
		k.ok(err)
		token := k.Token(p.ID)
		if dbtest.Count(k.t, k.d, "counter_phone", "token = $1", token) != 0 {
			k.t.Error("the token stands in the database")
		}
		nobody := k.as("")
		page := nobody.Get("/u/"+token, 200).Wants("老年人优待证申领", "近期免冠照片").Lacks(oldName, "沈*月", phone)
		nobody.Get("/u/"+strings.Repeat("0", 32), http.StatusNotFound).Wants("网址不对")
		action, values := page.Form("#f-photo-box form")
		nobody.Upload(action, values, "photo", "a.png", []byte("MZ\x90 no picture"), 422)
		nobody.Upload(action, values, "photo", "自拍.png", png, 200).Wants("自拍.png")
		nobody.Upload(action, values, "photo", "自拍.png", png, 422) // one photograph is enough
		window := k.as("he-jing").Get("/window/phones/"+p.ID, 200).Wants("自拍.png", "近期免冠照片")
		if window.Find("svg.qr").Length() != 1 {
			k.t.Error("no QR code")
		}
		k.as("ma-qiang").Get("/window/phones/"+p.ID, http.StatusNotFound)
		img := window.Find("#arrivals img").AttrOr("src", "")
		if got := k.as("he-jing").Get(img, 200); !bytes.Equal(got.Raw, png) {
			k.t.Error("the page shows another picture")
		}
		k.as("he-jing").Get("/window/phones/"+p.ID+"?seen="+seen(window.Find("#arrivals").AttrOr("hx-get", "")), http.StatusNoContent)
		taken := window.Submit("#arrivals form", url.Values{"act": {"take"}}, 200).Wants("已收下")
		_ = taken
		d, err = k.cases.Case(ctx, clerk, id)
		k.ok(err)
		source := ""
		for _, s := range d.Slots {
			for _, f := range s.Files {
				if s.Material.Key == "photo" {
					source = f.Source
				}
			}
		}
		if source != cases.SourcePhone {
			k.t.Errorf("the file's source is %q", source)
		}
		k.ok(k.ClosePhone(ctx, clerk, p.ID))
		nobody.Get("/u/"+token, http.StatusGone).Wants("已经结束")
		again, err := k.OpenPhone(ctx, clerk, id)
		k.ok(err)
		k.at = k.at.Add(counter.PhoneFor)
		nobody.Get("/u/"+k.Token(again.ID), http.StatusGone).Wants("十分钟")
		_, err = k.SendPage(ctx, "", k.Token(again.ID), "key", "photo", "b.png", bytes.NewReader(png))
		if errs.KindOf(err) != errs.Gone {
			k.t.Errorf("sent too late: %v", err)
		}
	})
}

func seen(href string) string {
	_, s, _ := strings.Cut(href, "seen=")
	return s
}

func TestAShiftIsHandedOverSealed(t *testing.T) {
	each(t, func(k *kit) {
		ctx, a, b := k.t.Context(), k.staff("he-jing"), k.staff("ma-qiang")
		if err := k.EndShift(ctx, a, "x"); errs.KindOf(err) != errs.NotFound {
			k.t.Errorf("ended without a shift: %v", err)
		}
		k.ok(k.BeginShift(ctx, a, "3"))
		k.ok(k.BeginShift(ctx, a, "4"))
		const note = "沈阿姨明天来取证"
		k.ok(k.EndShift(ctx, a, note))
		if dbtest.Count(k.t, k.d, "counter_shift", "CAST(note AS TEXT) LIKE '%沈阿姨%'") != 0 {
			k.t.Error("the note stands readable in the database")
		}
		ns, err := k.Notes(ctx, b)
		k.ok(err)
		if len(ns) != 1 || ns[0].Note != note || ns[0].Desk != "4" {
			k.t.Fatalf("%+v", ns)
		}
		if err := k.TakeOver(ctx, k.staff("xu-hui"), ns[0].ID); errs.KindOf(err) != errs.NotFound {
			k.t.Errorf("taken over by another agency: %v", err)
		}
		k.ok(k.TakeOver(ctx, b, ns[0].ID))
		if ns, err = k.Notes(ctx, b); err != nil || len(ns) != 0 {
			k.t.Errorf("%+v %v", ns, err)
		}
	})
}

func TestThePagesOfTheWindow(t *testing.T) {
	k := open(t, dbtest.SQLite(t, rooms...))
	c := k.as("he-jing")
	page := c.Get("/window/visitors", 200).Wants("今日到场", "现在没有人等候")
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' "+readerURL+";") {
		t.Errorf("the page cannot reach the reader: %s", csp)
	}
	if csp := c.Get("/window/shift", 200).Header.Get("Content-Security-Policy"); strings.Contains(csp, readerURL) {
		t.Error("another page may reach the reader")
	}
	page.Submit("form[data-reader-form]", url.Values{"line": {"580102194002030028"}}, 422).Wants("校验位")
	page.Submit("form[data-reader-form]", url.Values{"line": {"580102196008303179"}}, 422).Wants("请刷证，或者填写姓名")
	visitor := page.Submit("form[data-reader-form]", url.Values{"line": {oldNumber}, "phone": {phone}}, 200).Wants("沈*月", "键盘式读卡器", "选事项").Lacks(oldName, oldNumber)
	begun := visitor.Submit("form[action$='/items']", url.Values{"item": {"elder-card", "birth-registration"}}, 200).Wants("已加上 2 件", "这次要办", "还差")
	begun.Submit("form[action$='/items']", nil, 422).Wants("请勾选至少一个事项")
	c.Get("/window/visitors", 200).Wants("沈*月", "何静")
	c.Post("/window/visitors", url.Values{"kind": {"enquiry"}, "purpose": {"ask"}, "why": {"公交卡"}}, 200).Wants("已记一次咨询", "匿名咨询")
	c.Get("/window/shift", 200).Wants("本班小结", "没有提交的申请")
	k.as("zhou-min").Get("/window/visitors", http.StatusForbidden)
	k.as("xu-hui").Get(visitor.URL.Path, http.StatusNotFound)
}
