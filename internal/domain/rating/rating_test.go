package rating_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/rating"
	"tongban/internal/engine/clock"
)

// Friday 20 March 2026, an ordinary working day.
var friday = time.Date(2026, 3, 20, 10, 0, 0, 0, clock.Shanghai)

type heads map[string]cases.Case

func (h heads) Head(_ context.Context, id string) (cases.Case, error) {
	c, ok := h[id]
	if !ok {
		return c, errs.New(errs.NotFound, "cases.not_found")
	}
	return c, nil
}

var all = []db.Room{job.Schema, event.Schema, audit.Schema, rating.Schema}

type world struct {
	t   *testing.T
	d   *db.DB
	s   *rating.Service
	now time.Time
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, d: d, now: friday}
	log := audit.NewLog(d, func() time.Time { return w.now }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(log.Close)
	name := func(_ context.Context, key string) string { return "名称" + key }
	w.s = rating.New(rating.Deps{
		DB: d, Vault: vault.New(vault.NewKeys()), Audit: log, Now: func() time.Time { return w.now }, AgencyName: name, ItemName: name,
		Cases: heads{
			"c1": {ID: "c1", PersonID: "p1", Channel: cases.Online, ItemName: "食品经营许可", AgencyName: "市场监督管理局"},
			"c2": {ID: "c2", PersonID: "p2", Channel: cases.Window},
			"c3": {ID: "c3", PersonID: "p3", ApplicantKind: cases.ByPerson, ActingID: "p4", MandateID: "m1", Channel: cases.Online},
			"c5": {ID: "c5", PersonID: "p3", ApplicantKind: cases.ByPerson, ActingID: "p4", Channel: cases.Window},
		},
		Calendar: func(context.Context) clock.Calendar { return clock.Embedded() },
	})
	return w
}

// tell publishes an event of the cases room and delivers it, twice: delivery is at least once.
func (w *world) tell(e event.Event) {
	w.t.Helper()
	if err := w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, w.now, e) }); err != nil {
		w.t.Fatal(err)
	}
	data, _ := json.Marshal(e)
	for _, l := range w.s.Listeners() {
		for range 2 {
			if l.Topic != e.Topic() {
				continue
			}
			err := w.d.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: e.Topic(), At: w.now, Data: data})
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func fact(id, by string) cases.Fact {
	return cases.Fact{CaseID: id, Agency: "a-" + id, ItemKey: "i-" + id, By: by, At: friday}
}

var (
	person  = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Via: "page"}
	officer = authz.Actor{StaffID: "s1", AgencyID: "a-c1", Roles: []authz.Role{authz.Officer}, Via: "page"}
)

func (w *world) first() rating.Rateable {
	w.t.Helper()
	cs, err := w.s.ForCase(w.t.Context(), person, "c1")
	if err != nil || len(cs) == 0 {
		w.t.Fatalf("no contact: %v", err)
	}
	return cs[0]
}

func TestEventsBecomeContactsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		e       event.Event
		kind    string
		channel string
	}{
		"online":           {cases.SubmittedEvent{Fact: fact("c1", "person:p1")}, "online_submit", "online"},
		"at the window":    {cases.SubmittedEvent{Fact: fact("c2", "staff:s1")}, "window_visit", "window"},
		"resubmitted":      {cases.ResubmittedEvent{Fact: fact("c1", "person:p1"), Round: 2}, "", ""},
		"resubmitted here": {cases.ResubmittedEvent{Fact: fact("c2", "staff:s1"), Round: 2}, "window_visit", "window"},
		"decided":          {cases.DecidedEvent{Fact: fact("c1", "staff:s1")}, "decision", "online"},
		"decided, window":  {cases.DecidedEvent{Fact: fact("c2", "staff:s1")}, "decision", "window"},
		"not accepted":     {cases.RefusedAcceptanceEvent{Fact: fact("c1", "staff:s1")}, "decision", "online"},
		"handed out":       {cases.DeliveredEvent{Fact: fact("c1", "staff:s1"), How: cases.DeliverWindow}, "window_visit", "window"},
		"opened online":    {cases.DeliveredEvent{Fact: fact("c1", "person:p1"), How: cases.DeliverOnline}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t, all...))
			w.tell(c.e)
			want := 1
			if c.kind == "" {
				want = 0
			}
			if n := dbtest.Count(t, w.d, "rating_contact", ""); n != want {
				t.Fatalf("%d contacts, want %d", n, want)
			}
			if want == 1 && dbtest.Count(t, w.d, "rating_contact", "kind = $1 AND channel = $2", c.kind, c.channel) != 1 {
				t.Error("another kind or channel")
			}
		})
	}
}

func TestRatingIsCheckedAndOnlyOnesOwn(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, all...))
	w.tell(cases.SubmittedEvent{Fact: fact("c1", "person:p1")})
	id := w.first().ID
	for name, c := range map[string]struct {
		who  authz.Actor
		in   rating.Input
		want string
	}{
		"no grade":     {person, rating.Input{}, "rating.invalid"},
		"grade 6":      {person, rating.Input{Grade: 6}, "rating.invalid"},
		"501":          {person, rating.Input{Grade: 1, Text: strings.Repeat("好", 501)}, "rating.invalid"},
		"unknown tag":  {person, rating.Input{Grade: 1, Tags: []string{"<b>"}}, "rating.invalid"},
		"stranger":     {authz.Actor{PersonID: "p2"}, rating.Input{Grade: 1}, "rating.no_contact"},
		"staff":        {officer, rating.Input{Grade: 1}, "rating.only_person"},
		"broken UTF-8": {person, rating.Input{Grade: 1, Text: "a\xff"}, "rating.invalid"},
	} {
		if _, err := w.s.Rate(t.Context(), c.who, id, c.in); !errs.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := w.s.ForCase(t.Context(), authz.Actor{PersonID: "p2"}, "c1"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("another person's case: %v", err)
	}
	// A tag of the other list is dropped: without scripts a person sees both.
	g, err := w.s.Rate(t.Context(), person, id, rating.Input{Grade: 2, Tags: []string{"slow", "fast"}, Text: strings.Repeat("好", 500)})
	if err != nil || len(g.Tags) != 1 || g.Tags[0] != "fast" {
		t.Errorf("tags %v, %v", g.Tags, err)
	}
	if again := w.first(); again.Given == nil || again.Given.Grade != 2 || len([]rune(again.Given.Text)) != 500 {
		t.Errorf("read again: %+v", again.Given)
	}
	dbtest.WantCounts(t, w.d, map[string]int{"rating_rating": 1, "rating_answer": 0})
}

func TestWhoWasServedRatesAndNobodyElse(t *testing.T) {
	ways := func(rs []rating.Rateable) string {
		var out []string
		for _, r := range rs {
			out = append(out, r.Occurrence)
		}
		return strings.Join(out, " ")
	}
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		at := friday
		next := func(id, by string) cases.Fact {
			at = at.Add(time.Minute)
			f := fact(id, by)
			f.At = at
			return f
		}
		w.tell(cases.SubmittedEvent{Fact: next("c3", "person:p4")}) // under a mandate
		w.tell(cases.DecidedEvent{Fact: next("c3", "staff:s1")})
		w.tell(cases.DeliveredEvent{Fact: next("c3", "staff:s1"), How: cases.DeliverWindow, Taker: "p5"})
		w.tell(cases.SubmittedEvent{Fact: next("c5", "staff:s1")}) // p4 stood at the counter for p3
		w.tell(cases.DeliveredEvent{Fact: next("c5", "staff:s1"), How: cases.DeliverWindow})
		for name, c := range map[string]struct {
			who  authz.Actor
			id   string
			want string // occurrences, newest first; "-" is not found
		}{
			"the principal rates the decision":         {authz.Actor{PersonID: "p3"}, "c3", "decision"},
			"the agent rates the sending":              {authz.Actor{PersonID: "p4"}, "c3", "submit"},
			"also while acting":                        {authz.Actor{PersonID: "p4", ForPerson: "p3", MandateID: "m1"}, "c3", "submit"},
			"who fetched it rates the window":          {authz.Actor{PersonID: "p5"}, "c3", "deliver"},
			"who stood at the counter rates the visit": {authz.Actor{PersonID: "p4"}, "c5", "submit"},
			"the applicant rates what they fetched":    {authz.Actor{PersonID: "p3"}, "c5", "deliver"},
			"another holder of a mandate has none":     {authz.Actor{PersonID: "p6", ForPerson: "p3", MandateID: "m2"}, "c3", ""},
			"acting for a firm opens nothing":          {authz.Actor{PersonID: "p6", ForPerson: "p3", FirmID: "f1", MandateID: "m2"}, "c3", "-"},
			"a stranger":                               {authz.Actor{PersonID: "p6"}, "c3", "-"},
			"nobody":                                   {authz.Actor{}, "c3", "-"},
		} {
			rs, err := w.s.ForCase(t.Context(), c.who, c.id)
			if got := ways(rs); c.want == "-" && !errs.Is(err, "rating.no_contact") || c.want != "-" && (err != nil || got != c.want) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
		rs, err := w.s.ForCase(t.Context(), authz.Actor{PersonID: "p4"}, "c3")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Rate(t.Context(), authz.Actor{PersonID: "p3"}, rs[0].ID, rating.Input{Grade: 1}); !errs.Is(err, "rating.no_contact") {
			t.Errorf("the principal rates what the agent met: %v", err)
		}
		if _, err := w.s.Rate(t.Context(), authz.Actor{PersonID: "p4"}, rs[0].ID, rating.Input{Grade: 1}); err != nil {
			t.Error(err)
		}
	})
}

func TestOncePerContactWhateverHappensAtOnce(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.tell(cases.DecidedEvent{Fact: fact("c1", "staff:s1")})
		id := w.first().ID
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 8 {
			wg.Go(func() {
				_, err := w.s.Rate(t.Context(), person, id, rating.Input{Grade: 5, Text: "等了两个小时"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !errs.Is(err, "rating.already") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d ratings were taken", won)
		}
		dbtest.WantCounts(t, d, map[string]int{"rating_rating": 1, "rating_answer": 1})
		if n := dbtest.Count(t, d, "event_event", "topic = 'rating.bad'"); n != 1 {
			t.Errorf("rating.bad told %d times", n)
		}
	})
}

func TestABadRatingIsVerifiedAndAnsweredWithoutShowingTheRater(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.tell(cases.DecidedEvent{Fact: fact("c1", "staff:s1")})
		text := "等了两小时，电话 13812345678，证件 330102199003071224"
		if _, err := w.s.Rate(t.Context(), person, w.first().ID, rating.Input{Grade: 4, Tags: []string{"slow"}, Text: text}); err != nil {
			t.Fatal(err)
		}
		p, err := w.s.BadRatings(t.Context(), officer, rating.BadFilter{})
		if err != nil || len(p.Rows) != 1 {
			t.Fatalf("%d rows, %v", len(p.Rows), err)
		}
		id := p.Rows[0].ID
		// One working day from Friday is Monday; fifteen end on 13 April, because 4 to 6 April 2026 is 清明节.
		if got := p.Rows[0].VerifyDue.Format(time.DateOnly) + " " + p.Rows[0].FixDue.Format(time.DateOnly); got != "2026-03-23 2026-04-13" {
			t.Errorf("due %s", got)
		}
		b, err := w.s.BadRating(t.Context(), officer, id)
		if err != nil || b.Text != "等了两小时，电话 ******，证件 ******" {
			t.Errorf("text %q, %v", b.Text, err)
		}
		dump, _ := json.Marshal(b)
		for _, secret := range []string{`"c1"`, `"p1"`, w.first().ID, "13812345678", "10:00"} {
			if strings.Contains(string(dump), secret) {
				t.Errorf("the officer's view holds %q: %s", secret, dump)
			}
		}
		stranger := officer
		stranger.AgencyID = "other"
		if _, err := w.s.BadRating(t.Context(), stranger, id); errs.KindOf(err) != errs.NotFound {
			t.Errorf("another agency: %v", err)
		}
		answer := "经核实窗口少开一个，已增开并向您致歉。"
		for i, c := range []struct {
			do   func() error
			want string
		}{
			{func() error { return w.s.Answer(t.Context(), officer, id, answer) }, "rating.not_verified"},
			{func() error { return w.s.Verify(t.Context(), officer, id, "no") }, "rating.invalid"},
			{func() error { return w.s.Verify(t.Context(), stranger, id, "clear") }, "rating.no_bad"},
			{func() error { return w.s.Verify(t.Context(), officer, id, "clear") }, ""},
			{func() error { return w.s.Verify(t.Context(), officer, id, "clear") }, "rating.verified_before"},
			{func() error { return w.s.Answer(t.Context(), officer, id, "已处理") }, "rating.invalid"},
			{func() error { return w.s.Answer(t.Context(), officer, id, answer) }, ""},
			{func() error { return w.s.Answer(t.Context(), officer, id, answer) }, "rating.not_verified"},
		} {
			if err := c.do(); (err == nil) != (c.want == "") || c.want != "" && !errs.Is(err, c.want) {
				t.Errorf("step %d: %v, want %q", i, err, c.want)
			}
		}
		if got := w.first().Answer; got != answer {
			t.Errorf("the rater reads %q", got)
		}
		if n := dbtest.Count(t, d, "audit_entry", "actor LIKE 'person:%' OR object LIKE 'case:%'"); n != 0 {
			t.Errorf("%d audit entries name the rater", n)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'read' AND actor = 'staff:s1'"); n != 1 {
			t.Errorf("%d readings on record", n)
		}
		if p, err := w.s.BadRatings(t.Context(), officer, rating.BadFilter{Done: true}); err != nil || len(p.Rows) != 1 {
			t.Errorf("answered: %d, %v", len(p.Rows), err)
		}
	})
}

func TestFiguresCountWhatWasSaidAndLeaveTheSilentApart(t *testing.T) {
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.tell(cases.SubmittedEvent{Fact: fact("c1", "person:p1")})
		w.tell(cases.DecidedEvent{Fact: fact("c1", "staff:s1")})
		w.tell(cases.SubmittedEvent{Fact: fact("c2", "staff:s1")})
		fs, err := w.s.Figures(t.Context(), "")
		if err != nil || len(fs) != 2 || fs[0].Contacts != 2 || fs[0].Rated() != 0 {
			t.Fatalf("%+v, %v", fs, err)
		}
		if _, ok := fs[0].Satisfied(); ok {
			t.Error("nobody rated, and yet there is a share")
		}
		if _, err := w.s.Rate(t.Context(), person, w.first().ID, rating.Input{Grade: 5}); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		fs, err = w.s.Figures(t.Context(), "a-c1")
		if err != nil || len(fs) != 1 {
			t.Fatalf("%+v, %v", fs, err)
		}
		if share, ok := fs[0].Satisfied(); share != 0 || !ok || fs[0].Unrated() != 1 || fs[0].BadCount() != 1 || fs[0].ItemName != "名称i-c1" {
			t.Errorf("%+v", fs[0])
		}
	})
}
