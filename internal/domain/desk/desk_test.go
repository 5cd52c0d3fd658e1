package desk_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/desk"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

type posts map[string]org.Post

func (p posts) Post(_ context.Context, key string) (org.Post, error) {
	if x, ok := p[key]; ok {
		return x, nil
	}
	return org.Post{}, errs.New(errs.NotFound, "base.not_found")
}

type kit struct {
	*desk.Service
	*testing.T
	d   *db.DB
	now time.Time
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) refused(err error, key string) {
	k.Helper()
	if errs.Is(err, key) {
		return
	}
	if e := errs.As(err); e != nil {
		for _, f := range e.Fields {
			if f.Key == key {
				return
			}
		}
	}
	k.Errorf("%v, want %s", err, key)
}

var (
	zhou = authz.Actor{StaffID: "zhou", AgencyID: "market", Posts: []string{"review"}}
	lu   = authz.Actor{StaffID: "lu", AgencyID: "market", Posts: []string{"decide"}}
	away = authz.Actor{StaffID: "xu", AgencyID: "civil", Posts: []string{"civil"}}
	him  = authz.Actor{PersonID: "p1"}
)

func each(t *testing.T, f func(*kit)) {
	dbtest.Each(t, []db.Room{job.Schema, audit.Schema, desk.Schema}, func(t *testing.T, d *db.DB) {
		k := &kit{T: t, d: d, now: time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)}
		log := audit.NewLog(d, func() time.Time { return k.now }, slog.New(slog.DiscardHandler))
		t.Cleanup(log.Close)
		k.Service = desk.New(desk.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: func() time.Time { return k.now }, Posts: posts{
			"review": {Key: "review", Agency: "market", Acts: []string{flow.Review}}, "decide": {Key: "decide", Agency: "market", Acts: []string{flow.Decide}}, "civil": {Key: "civil", Agency: "civil", Acts: []string{flow.Decide}},
		}})
		f(k)
	})
}

func TestFilters(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		_, err := k.SaveFilter(ctx, zhou, desk.Filter{Name: "  "})
		k.refused(err, "desk.filter_name")
		a, err := k.SaveFilter(ctx, zhou, desk.Filter{Name: "快到期", Conditions: desk.Conditions{Days: 2}, Standard: true})
		k.ok(err)
		b, err := k.SaveFilter(ctx, zhou, desk.Filter{Name: "网上", Conditions: desk.Conditions{Channel: "online"}, Standard: true})
		k.ok(err)
		again, err := k.SaveFilter(ctx, zhou, desk.Filter{Name: "快到期", Conditions: desk.Conditions{Days: 3}})
		k.ok(err)
		if again.ID != a.ID {
			t.Error("the same name made a second filter")
		}
		fs, err := k.Filters(ctx, zhou)
		k.ok(err)
		if len(fs) != 2 || fs[0].Standard || !fs[1].Standard || fs[0].Conditions.Days != 3 {
			t.Errorf("%+v", fs)
		}
		if other, _ := k.Filters(ctx, lu); len(other) != 0 {
			t.Error("a colleague sees them")
		}
		k.refused(k.DropFilter(ctx, lu, b.ID), "desk.gone")
		k.refused(k.StandardFilter(ctx, lu, b.ID), "desk.gone")
		k.ok(k.StandardFilter(ctx, zhou, ""))
		k.ok(k.DropFilter(ctx, zhou, b.ID))
		if fs, _ = k.Filters(ctx, zhou); len(fs) != 1 || fs[0].Standard {
			t.Errorf("%+v", fs)
		}
		_, err = k.Filters(ctx, him)
		k.refused(err, "desk.staff_only")
	})
}

func TestNotesAreTheAuthorsOnlyAndSealed(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		k.ok(k.AddNote(ctx, zhou, "c1", "k1", "电话里说周三补图"))
		k.ok(k.AddNote(ctx, zhou, "c1", "k1", "电话里说周三补图"))
		k.refused(k.AddNote(ctx, zhou, "c1", "k2", " \n"), "desk.note_text")
		ns, err := k.Notes(ctx, zhou, "c1")
		k.ok(err)
		if len(ns) != 1 || ns[0].Text != "电话里说周三补图" {
			t.Fatalf("%+v", ns)
		}
		for _, who := range []authz.Actor{lu, away} {
			if ns, _ := k.Notes(ctx, who, "c1"); len(ns) != 0 {
				t.Errorf("%s reads them", who.StaffID)
			}
			k.refused(k.DropNote(ctx, who, "c1", ns[0].ID), "desk.gone")
		}
		var raw []byte
		k.ok(k.d.R().QueryRowContext(ctx, `SELECT text FROM desk_note`).Scan(&raw))
		if bytes.Contains(raw, []byte("周三")) {
			t.Error("a note lies open in the database")
		}
		k.ok(k.DropNote(ctx, zhou, "c1", ns[0].ID))
		dbtest.WantCounts(t, k.d, map[string]int{"desk_note": 0})
	})
}

func TestPhrases(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		_, err := k.AddPhrase(ctx, zhou, "齐全", "{申请人}提交的材料齐全。", false)
		k.ok(err)
		_, err = k.AddPhrase(ctx, zhou, "共用", "x", true)
		k.refused(err, "desk.share_heads")
		p, err := k.AddPhrase(ctx, lu, "符合条件", "经审查，符合法定条件。", true)
		k.ok(err)
		_, err = k.AddPhrase(ctx, lu, "", "", false)
		k.refused(err, "desk.phrase_title")
		for _, c := range []struct {
			who  authz.Actor
			want int
		}{{zhou, 2}, {lu, 1}, {away, 0}} {
			if ps, err := k.Phrases(ctx, c.who); err != nil || len(ps) != c.want {
				t.Errorf("%s has %+v %v", c.who.StaffID, ps, err)
			}
		}
		k.refused(k.DropPhrase(ctx, zhou, p.ID), "desk.gone")
		k.refused(k.DropPhrase(ctx, away, p.ID), "desk.gone")
		k.ok(k.DropPhrase(ctx, lu, p.ID))
	})
}

func TestFill(t *testing.T) {
	facts := map[string]string{"申请人": "罗*满", "受理日期": ""}
	for in, want := range map[string]string{
		"{申请人}：材料齐全": "罗*满：材料齐全", "{受理日期}受理": "{受理日期}受理", "没有{空 位}": "没有{空 位}", "{申请人}{申请人}": "罗*满罗*满", "{": "{",
	} {
		if got := desk.Fill(in, facts); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestUnsentTextIsKeptUntilItIsSent(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		keep := func(who authz.Actor, text string) {
			t.Helper()
			_, err := k.Keep(ctx, who, desk.Unsent{Case: "c1", Act: "opinion@review", Version: 4, Form: map[string][]string{"text": {text}, "outcome": {"pass"}}})
			k.ok(err)
		}
		keep(zhou, "材料")
		keep(zhou, "材料齐全")
		keep(lu, "别的话")
		u, ok, err := k.Kept(ctx, zhou, "c1", "opinion@review")
		k.ok(err)
		if !ok || u.Form["text"][0] != "材料齐全" || u.Version != 4 {
			t.Errorf("%+v", u)
		}
		if _, ok, _ := k.Kept(ctx, zhou, "c1", "opinion@other"); ok {
			t.Error("the text of one step is offered at another")
		}
		_, err = k.Keep(ctx, zhou, desk.Unsent{Case: "c1", Act: "x", Form: map[string][]string{"text": {string(make([]byte, 300<<10))}}})
		k.refused(err, "desk.unsent_large")
		k.ok(k.Forget(ctx, zhou, "c1", "opinion@review"))
		if us, _ := k.AllKept(ctx, zhou, ""); len(us) != 0 {
			t.Errorf("%+v", us)
		}
		if us, _ := k.AllKept(ctx, lu, "c1"); len(us) != 1 {
			t.Error("a colleague's text went with it")
		}
		k.now = k.now.AddDate(0, 0, 91)
		k.ok(k.Sweep(ctx))
		dbtest.WantCounts(t, k.d, map[string]int{"desk_unsent": 0})
	})
}

func TestWhatIsNewSinceTheLastLook(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		look := func(s desk.Seen) (desk.Seen, bool) {
			t.Helper()
			was, had, err := k.Look(ctx, zhou, "c1", s)
			k.ok(err)
			return was, had
		}
		first := desk.Seen{Version: 3, Rows: []desk.SeenRow{{"area", "面积", "86"}}, Files: []desk.SeenFile{{"f1", "图.png"}}}
		if _, had := look(first); had {
			t.Error("the first look has nothing before it")
		}
		if _, had := look(first); had {
			t.Error("a reload is no second visit")
		}
		second := desk.Seen{Version: 5, Rows: []desk.SeenRow{{"area", "面积", "120"}, {"name", "店名", "小满"}}, Files: []desk.SeenFile{{"f2", "新图.png"}}}
		was, had := look(second)
		if !had || was.Version != 3 {
			t.Fatalf("%+v %v", was, had)
		}
		rows, files := desk.Since(was, second)
		if len(rows) != 2 || rows[0].Old != "86" || rows[0].New != "120" || rows[1].Old != "" || len(files) != 2 || !files[0].Added || files[1].Added {
			t.Errorf("%+v %+v", rows, files)
		}
		k.now = k.now.Add(5 * time.Minute)
		if was, had = look(second); !had || was.Version != 3 {
			t.Error("a reload hides what is new")
		}
		k.now = k.now.Add(time.Hour)
		if was, had = look(second); !had || was.Version != 5 {
			t.Error("an hour later it is no longer new")
		}
		at, err := k.LookedAt(ctx, zhou, []string{"c1", "c2"})
		k.ok(err)
		if len(at) != 1 || at["c1"] != 5 {
			t.Errorf("%v", at)
		}
	})
}

func TestARunIsBegunOnceAndGoneOnWith(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		run := desk.Batch{Act: "accept", Input: map[string]string{"text": "同意"}, Lines: []desk.Line{{Case: "c1", Version: 2}, {Case: "c2", Version: 7}}}
		a, err := k.Begin(ctx, zhou, "key", run)
		k.ok(err)
		k.ok(k.Told(ctx, a.ID, 0, desk.Line{Case: "c1", Outcome: desk.LineDone}))
		k.ok(k.Told(ctx, a.ID, 0, desk.Line{Case: "c1", Outcome: desk.LineNot, Why: "太晚"}))
		b, err := k.Begin(ctx, zhou, "key", desk.Batch{Act: "accept", Lines: []desk.Line{{Case: "c9"}}})
		k.ok(err)
		if b.ID != a.ID || len(b.Lines) != 2 || b.Lines[0].Outcome != desk.LineDone || b.Lines[1].Outcome != desk.LineOpen || b.Input["text"] != "同意" {
			t.Errorf("%+v", b)
		}
		_, err = k.Batch(ctx, lu, a.ID)
		k.refused(err, "desk.gone")
		_, err = k.Begin(ctx, zhou, "", run)
		k.refused(err, "desk.key_missing")
		_, err = k.Begin(ctx, zhou, "k2", desk.Batch{Act: "accept"})
		k.refused(err, "desk.batch_size")
	})
}

func TestKeysCanBeSwitchedOff(t *testing.T) {
	each(t, func(k *kit) {
		ctx := t.Context()
		for _, off := range []bool{true, true, false} {
			k.ok(k.SwitchKeys(ctx, zhou, off))
			if got, err := k.NoKeys(ctx, zhou); err != nil || got != off {
				t.Errorf("%v %v", got, err)
			}
		}
		if off, _ := k.NoKeys(ctx, lu); off {
			t.Error("a colleague's keys went off")
		}
	})
}
