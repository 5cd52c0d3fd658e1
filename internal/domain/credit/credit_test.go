package credit_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/credit"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// The real rooms satisfy what this room asks for.
var (
	_ credit.Papers  = (*paper.Service)(nil)
	_ credit.Notices = (*notify.Service)(nil)
	_ credit.People  = (*identity.Service)(nil)
	_ credit.Offices = (*org.Service)(nil)
)

var told = db.Room{Name: "told", Files: fstest.MapFS{"migrations/0001_told.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE told_row (id TEXT PRIMARY KEY, what TEXT NOT NULL, body {{json}} NOT NULL);")}}}

func tell(ctx context.Context, tx *db.Tx, what string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO told_row (id, what, body) VALUES ($1, $2, $3)`, ident.New(), what, string(b))
	return err
}

type neighbours struct{}

func (neighbours) IssueTx(ctx context.Context, tx *db.Tx, _ time.Time, r paper.Request) (paper.Paper, error) {
	return paper.Paper{ID: ident.New()}, tell(ctx, tx, "paper "+r.Act, r.Values)
}

func (neighbours) SendTx(ctx context.Context, tx *db.Tx, _ time.Time, m notify.Message) error {
	return tell(ctx, tx, m.Template, m.Data)
}

func (neighbours) Person(_ context.Context, id string) (identity.Person, error) {
	return identity.Person{ID: id, Name: "罗小满", Number: numbers[id], Phone: "13812345678"}, nil
}

func (neighbours) PersonByNumber(_ context.Context, number string) (identity.Person, error) {
	for id, n := range numbers {
		if n == number {
			return identity.Person{ID: id, Number: n}, nil
		}
	}
	return identity.Person{}, errs.New(errs.NotFound, "identity.no_person")
}

func (neighbours) Firm(_ context.Context, id string) (identity.Firm, error) {
	return identity.Firm{ID: id, CreditCode: firmCode, Name: "清澜小满餐饮店"}, nil
}

func (neighbours) Agency(_ context.Context, key string) (org.Agency, error) {
	return org.Agency{Key: key, Name: "清江区" + key}, nil
}

var numbers = map[string]string{"p1": "11010519491231002X", "p2": "580102194103071821"}

const firmCode = "91350100M000100Y43"

type kit struct {
	*credit.Service
	t   *testing.T
	d   *db.DB
	mu  sync.Mutex
	at  time.Time
	run *job.Runner
}

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) set(day string) {
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" 10:00", clock.Shanghai)
	k.ok(err)
	k.mu.Lock()
	k.at = at
	k.mu.Unlock()
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) refused(err error, key string) {
	k.t.Helper()
	if !errs.Is(err, key) {
		k.t.Errorf("error %v, want %s", err, key)
	}
}

func (k *kit) told(what string) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, "told_row", "what = $1", what)
}

func each(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, []db.Room{job.Schema, event.Schema, audit.Schema, credit.Schema, told}, func(t *testing.T, d *db.DB) {
		k := &kit{t: t, d: d}
		k.set("2026-03-02")
		log := audit.NewLog(d, k.now, slog.New(slog.DiscardHandler))
		t.Cleanup(log.Close)
		n := neighbours{}
		k.Service = credit.New(credit.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Audit: log, Papers: n, Notices: n, People: n, Offices: n, Now: k.now})
		k.run = job.NewRunner(d, k.now, slog.New(slog.DiscardHandler))
		for kind, w := range k.Workers() {
			k.run.Handle(kind, w)
		}
		k.run.Handle(event.DeliverKind, event.NewBus(d).Deliver)
		f(t, k)
	})
}

func officer(agency string) authz.Actor {
	return authz.Actor{StaffID: "zhou", AgencyID: agency, Roles: []authz.Role{authz.Officer}, Via: "page", Origin: "10.0.0.1"}
}

func citizen(id string) authz.Actor {
	return authz.Actor{PersonID: id, Roles: []authz.Role{authz.Person}, Via: "page"}
}

var good = credit.Decision{
	Name: "罗小满", Number: numbers["p1"], Ground: credit.FalsePromise, Reason: "承诺的场所并不存在", Basis: "国办发〔2020〕42号", Item: "食品经营许可", CaseNo: "清江市监失信〔2026〕1号",
}

func TestAnEntryIsADecisionOnPaperAndTold(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, market := t.Context(), officer("market")
		for name, change := range map[string]func(*credit.Decision){
			"no number":  func(d *credit.Decision) { d.Number = "123" },
			"no name":    func(d *credit.Decision) { d.Name = "" },
			"no ground":  func(d *credit.Decision) { d.Ground = "rumour" },
			"no reason":  func(d *credit.Decision) { d.Reason = "不好" },
			"no basis":   func(d *credit.Decision) { d.Basis = " " },
			"no ref":     func(d *credit.Decision) { d.CaseNo = "" },
			"no item":    func(d *credit.Decision) { d.Item = "" },
			"no day":     func(d *credit.Decision) { d.Until = "soon" },
			"ends first": func(d *credit.Decision) { d.From, d.Until = "2026-03-02", "2026-03-01" },
		} {
			d := good
			change(&d)
			if _, err := k.Enter(ctx, market, d); !errs.Is(err, "credit.incomplete") || len(errs.As(err).Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		clerk := officer("market")
		clerk.Roles = []authz.Role{authz.Clerk}
		_, err := k.Enter(ctx, clerk, good)
		k.refused(err, "credit.no_right")
		id, err := k.Enter(ctx, market, good)
		k.ok(err)
		_, err = k.Enter(ctx, market, good)
		k.refused(err, "credit.entered_already")
		if k.told("paper credit") != 1 || k.told("credit.entered") != 1 {
			t.Errorf("%d papers, %d messages", k.told("paper credit"), k.told("credit.entered"))
		}
		for _, hidden := range []string{"罗小满", numbers["p1"], "场所"} {
			if n := dbtest.Count(t, k.d, "credit_entry", "CAST(who AS TEXT) LIKE $1 OR CAST(said AS TEXT) LIKE $1 OR subject LIKE $1", "%"+hidden+"%"); n != 0 {
				t.Errorf("%s stands open in the table", hidden)
			}
		}
		bar, err := k.Bar(ctx, k.Subject(numbers["p1"]))
		k.ok(err)
		if bar == nil || bar.Entry != id || bar.Ground != credit.FalsePromise || bar.By != "清江区market" {
			t.Errorf("%+v", bar)
		}
		if bar, err := k.Bar(ctx, k.Subject(numbers["p2"])); err != nil || bar != nil {
			t.Errorf("somebody else is barred: %+v %v", bar, err)
		}
		k.set("2036-03-02") // without a day it lasts until it is repaired
		if bar, err = k.Bar(ctx, k.Subject(numbers["p1"])); err != nil || bar == nil {
			t.Errorf("ended by itself: %v", err)
		}
	})
}

func TestWhoReadsTheList(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, err := k.Enter(ctx, officer("market"), good)
		k.ok(err)
		p, err := k.List(ctx, officer("market"), credit.Filter{})
		k.ok(err)
		if len(p.Entries) != 1 || p.Entries[0].Name == "罗小满" || strings.Contains(p.Entries[0].Number, "19491231") || p.Entries[0].Reason != good.Reason {
			t.Errorf("%+v", p.Entries)
		}
		if p, err = k.List(ctx, officer("civil"), credit.Filter{}); err != nil || len(p.Entries) != 0 {
			t.Errorf("another agency lists %d, %v", len(p.Entries), err)
		}
		if p, err = k.List(ctx, officer("civil"), credit.Filter{Number: numbers["p1"]}); err != nil || len(p.Entries) != 1 {
			t.Errorf("by number: %d, %v", len(p.Entries), err)
		}
		_, err = k.Entry(ctx, officer("civil"), id)
		k.refused(err, "credit.not_found")
		_, err = k.Entry(ctx, officer("market"), id)
		k.ok(err)
		subject := k.Subject(numbers["p1"])
		if n := dbtest.Count(t, k.d, "audit_entry", "subject = $1 AND what = 'credit.read'", subject); n != 3 {
			t.Errorf("%d looks on record", n)
		}
		_, err = k.List(ctx, authz.Actor{StaffID: "x", AgencyID: "market", Roles: []authz.Role{authz.Auditor}}, credit.Filter{})
		k.refused(err, "credit.no_right")
		mine, err := k.Mine(ctx, citizen("p1"))
		k.ok(err)
		if len(mine) != 1 || mine[0].Name != "罗小满" || mine[0].Number != numbers["p1"] {
			t.Errorf("own: %+v", mine)
		}
		if mine, err = k.Mine(ctx, citizen("p2")); err != nil || len(mine) != 0 {
			t.Errorf("a stranger sees %d, %v", len(mine), err)
		}
	})
}

func TestRepair(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, market := t.Context(), officer("market")
		id, err := k.Enter(ctx, market, good)
		k.ok(err)
		k.refused(k.DecideRepair(ctx, market, id, true, "已经改正，准予修复"), "credit.nothing_asked")
		k.refused(k.AskRepair(ctx, citizen("p2"), id, "我已经改正了错误"), "credit.not_found")
		k.refused(k.AskRepair(ctx, citizen("p1"), id, "好"), "credit.incomplete")
		k.ok(k.AskRepair(ctx, citizen("p1"), id, "我已经改正了错误"))
		k.refused(k.AskRepair(ctx, citizen("p1"), id, "我已经改正了错误"), "credit.asked_already")
		k.refused(k.DecideRepair(ctx, officer("civil"), id, true, "已经改正，准予修复"), "credit.not_found")
		k.refused(k.DecideRepair(ctx, market, id, true, ""), "credit.incomplete")
		k.ok(k.DecideRepair(ctx, market, id, false, "整改还没有完成，请补正后再申请"))
		if bar, err := k.Bar(ctx, k.Subject(numbers["p1"])); err != nil || bar == nil || k.told("credit.repair_refused") != 1 {
			t.Errorf("refused: %+v %v", bar, err)
		}
		k.ok(k.AskRepair(ctx, citizen("p1"), id, "整改已经全部完成"))
		k.ok(k.DecideRepair(ctx, market, id, true, "复查合格，准予修复"))
		if bar, err := k.Bar(ctx, k.Subject(numbers["p1"])); err != nil || bar != nil || k.told("credit.repaired") != 1 {
			t.Errorf("repaired: %+v %v", bar, err)
		}
		k.refused(k.AskRepair(ctx, citizen("p1"), id, "整改已经全部完成"), "credit.not_active")
		mine, err := k.Mine(ctx, citizen("p1"))
		k.ok(err)
		if mine[0].State != credit.Repaired || mine[0].Repair == nil || mine[0].Repair.Answer != "复查合格，准予修复" {
			t.Errorf("%+v", mine[0])
		}
	})
}

func TestEntriesEndOnTheirDay(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d := good
		d.Until = "2026-06-30"
		_, err := k.Enter(ctx, officer("market"), d)
		k.ok(err)
		k.ok(k.Schedule(ctx))
		for _, x := range []struct {
			day     string
			barred  bool
			expired int
		}{{"2026-06-30", true, 0}, {"2026-07-01", false, 1}, {"2026-07-02", false, 1}} {
			k.set(x.day)
			bar, err := k.Bar(ctx, k.Subject(numbers["p1"]))
			k.ok(err)
			if (bar != nil) != x.barred { // before the job has run
				t.Errorf("%s: %+v", x.day, bar)
			}
			k.ok(k.run.Drain(ctx))
			if n := dbtest.Count(t, k.d, "credit_entry", "state = 'expired'"); n != x.expired {
				t.Errorf("%s: %d expired", x.day, n)
			}
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'credit.expired'"); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestAListIsReadInWithAReport(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, market := t.Context(), officer("market")
		_, err := k.Import(ctx, market, strings.NewReader("名称,号码\n甲,1\n"))
		k.refused(err, "credit.list_heading")
		_, err = k.Import(ctx, market, strings.NewReader(""))
		k.refused(err, "credit.list_heading")
		list := "\ufeff失信主体名称,统一社会信用代码,失信事实,认定机关,文号,认定日期,截止日期\n" +
			"清澜小满餐饮店," + firmCode + ",拒不履行处罚决定,清澜市市场监督管理局,清市监〔2026〕7号,2026/1/5,\n" +
			"某人,123,x,某局,1,2026-01-05,\n" +
			"某人," + numbers["p2"] + ",,某局,1,2026-13-05,\n" +
			"罗小满," + numbers["p1"] + ",虚假承诺,某局,2,20260105,2026-02-01\n" +
			"\"断行,1\n"
		rep, err := k.Import(ctx, market, strings.NewReader(list))
		k.ok(err)
		if rep.Read != 5 || rep.Added != 2 || rep.Known != 0 || rep.Wrong != 3 || len(rep.Findings) != 4 || rep.Findings[0].Line != 3 || rep.Findings[0].Key != "credit.number_wrong" {
			t.Errorf("%+v", rep)
		}
		again, err := k.Import(ctx, market, strings.NewReader(list))
		k.ok(err)
		if again.Added != 0 || again.Known != 2 {
			t.Errorf("read in again: %+v", again)
		}
		if bar, err := k.Bar(ctx, k.Subject(firmCode)); err != nil || bar == nil || bar.Ground != credit.Serious || bar.By != "清澜市市场监督管理局" {
			t.Errorf("%+v %v", bar, err)
		}
		if bar, err := k.Bar(ctx, k.Subject(numbers["p1"])); err != nil || bar != nil {
			t.Errorf("a day that has passed bars: %+v %v", bar, err)
		}
		_, err = k.Import(ctx, citizen("p1"), strings.NewReader(list))
		k.refused(err, "credit.no_right")
	})
}
