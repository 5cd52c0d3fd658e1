package mandate

import (
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/engine/clock"
)

// at reads a moment in China.
func at(s string) time.Time {
	v, err := time.ParseInLocation("2006-01-02 15:04:05.000", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	return v
}

func TestNow(t *testing.T) {
	standing := Mandate{Kind: Family, State: Active, Ground: BySelf, Term: Term{"2026-03-01", "2026-12-31"}, Scope: authz.Scope{Items: []string{"pension"}, Acts: []string{"apply", "view"}}}
	with := func(change func(m *Mandate)) Mandate { m := standing; change(&m); return m }
	asked := with(func(m *Mandate) { m.State, m.AnswerBy = Asked, at("2026-03-31 09:00:00.000") })
	ended := func(w Why) Mandate { return with(func(m *Mandate) { m.State, m.Why = Ended, w }) }
	guardian := with(func(m *Mandate) {
		m.Kind, m.Ground, m.Term, m.Scope = Guardian, ByRegistry, minority("2026-03-01", "2013-06-01"), everything
	})
	agent := with(func(m *Mandate) { m.Kind, m.ForKind = Agent, ForFirm })
	marked := with(func(m *Mandate) { m.Kind, m.ConfirmBy = Agent, at("2026-07-01 12:00:00.000") })
	const noon = "2026-06-15 12:00:00.000"
	for _, c := range []struct {
		name string
		m    Mandate
		f    Facts
		at   string
		want Why
	}{
		{"in the middle", standing, Facts{}, noon, Covers},
		{"the last moment before the first day", standing, Facts{}, "2026-02-28 23:59:59.999", NotYet},
		{"0:00 of the first day in China", standing, Facts{}, "2026-03-01 00:00:00.000", Covers},
		{"the last moment of the last day", standing, Facts{}, "2026-12-31 23:59:59.999", Covers},
		{"0:00 of the new year", standing, Facts{}, "2027-01-01 00:00:00.000", Expired},
		{"years later", standing, Facts{}, "2036-01-01 00:00:00.000", Expired},
		{"one day only", with(func(m *Mandate) { m.Term = Term{"2026-06-15", "2026-06-15"} }), Facts{}, noon, Covers},
		{"one day only, the day after", with(func(m *Mandate) { m.Term = Term{"2026-06-15", "2026-06-15"} }), Facts{}, "2026-06-16 00:00:00.000", Expired},
		{"until 29 February", with(func(m *Mandate) { m.Term = Term{"2027-03-01", "2028-02-29"} }), Facts{}, "2028-02-29 23:59:59.999", Covers},
		{"after 29 February", with(func(m *Mandate) { m.Term = Term{"2027-03-01", "2028-02-29"} }), Facts{}, "2028-03-01 00:00:00.000", Expired},
		{"a date nobody can read never begins", with(func(m *Mandate) { m.Term = Term{"2026-3-1", "2026-12-31"} }), Facts{}, noon, NotYet},
		{"an end nobody can read is over", with(func(m *Mandate) { m.Term = Term{"2026-03-01", "soon"} }), Facts{}, noon, Expired},
		{"asked", asked, Facts{}, "2026-03-15 12:00:00.000", NotAccepted},
		{"asked, a moment before the time to answer ends", asked, Facts{}, "2026-03-31 08:59:59.999", NotAccepted},
		{"asked, nobody answered", asked, Facts{}, "2026-03-31 09:00:00.000", Unanswered},
		{"asked, and the term is over", asked, Facts{}, "2027-01-01 00:00:00.000", Expired},
		{"refused", ended(Refused), Facts{}, noon, Refused},
		{"revoked", ended(Revoked), Facts{}, noon, Revoked},
		{"revoked stays revoked after the term", ended(Revoked), Facts{}, "2028-01-01 00:00:00.000", Revoked},
		{"released", ended(Released), Facts{}, noon, Released},
		{"ended at a counter", ended(AtCounter), Facts{}, noon, AtCounter},
		{"merged", ended(Merged), Facts{}, noon, Merged},
		{"the one acted for died", standing, Facts{ForDied: true}, noon, Died},
		{"the holder died", standing, Facts{HolderDied: true}, noon, Died},
		{"died while asked", asked, Facts{HolderDied: true}, "2026-03-15 12:00:00.000", Died},
		{"death overrules the end of the term", standing, Facts{ForDied: true}, "2027-01-01 00:00:00.000", Died},
		{"the firm was struck off", agent, Facts{FirmGone: true}, noon, FirmEnded},
		{"guardian", guardian, Facts{}, noon, Covers},
		{"guardian, the evening before the 18th birthday", guardian, Facts{}, "2031-05-31 23:59:59.999", Covers},
		{"guardian, 0:00 of the 18th birthday", guardian, Facts{}, "2031-06-01 00:00:00.000", OfAge},
		{"guardian by papers, wrong term, the birthday decides", with(func(m *Mandate) { m.Kind, m.Term = Guardian, Term{"2026-03-01", "2035-01-01"} }), Facts{WardBirth: "2008-06-15"}, "2026-06-15 00:00:00.000", OfAge},
		{"guardian by papers, the day before", with(func(m *Mandate) { m.Kind, m.Term = Guardian, Term{"2026-03-01", "2035-01-01"} }), Facts{WardBirth: "2008-06-15"}, "2026-06-14 23:59:59.999", Covers},
		{"guardian by papers, shorter term", with(func(m *Mandate) { m.Kind, m.Ground = Guardian, ByPresence }), Facts{}, "2027-01-01 00:00:00.000", Expired},
		{"a birthday is nothing to other kinds", standing, Facts{WardBirth: "1941-03-07"}, noon, Covers},
		{"to be confirmed, still time", marked, Facts{}, "2026-07-01 11:59:59.999", Covers},
		{"to be confirmed, time is over", marked, Facts{}, "2026-07-01 12:00:00.000", Unconfirmed},
		{"to be confirmed, not begun", with(func(m *Mandate) { m.Term.From, m.ConfirmBy = "2026-07-01", at("2026-08-01 00:00:00.000") }), Facts{}, noon, NotYet},
	} {
		if got := Now(c.m, c.f, at(c.at)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := Now(c.m, c.f, at(c.at).UTC()); got != c.want {
			t.Errorf("%s, asked in UTC: %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		act, item string
		want      Why
	}{
		{"apply", "pension", Covers},
		{"apply", "food", OutOfScope},
		{"sign", "pension", OutOfScope},
		{"view", "", Covers},
		{"collect", "", OutOfScope},
		{"*", "pension", OutOfScope}, // nobody may ask for everything and be told yes
	} {
		if got := May(standing, Facts{}, c.act, c.item, at(noon)); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.act, c.item, got, c.want)
		}
	}
	if got := May(guardian, Facts{}, "sign", "anything", at(noon)); got != Covers {
		t.Errorf("a guardian signs: %q", got)
	}
	if got := May(standing, Facts{}, "apply", "pension", at("2027-01-01 00:00:00.000")); got != Expired {
		t.Errorf("in scope but over: %q", got)
	}
}

func TestAdulthood(t *testing.T) {
	for birth, want := range map[string]string{"2013-06-01": "2031-06-01", "2008-02-29": "2026-02-28", "2010-12-31": "2028-12-31", "2010-02-28": "2028-02-28", "nonsense": ""} {
		got := Adulthood(birth)
		if want == "" {
			if !got.IsZero() {
				t.Errorf("%s: %v", birth, got)
			}
			continue
		}
		if got.Format("2006-01-02 15:04") != want+" 00:00" {
			t.Errorf("%s: %v, want %s", birth, got, want)
		}
	}
	if got := minority("2026-11-21", "2013-06-01"); got != (Term{"2026-11-21", "2031-05-31"}) {
		t.Errorf("%+v", got)
	}
}

func TestTerms(t *testing.T) {
	c := Config{}.withDefaults()
	for _, x := range []struct {
		from, until string
		want        []string
	}{
		{"2026-11-21", "2026-11-21", nil},
		{"2026-11-21", "2029-11-20", nil},
		{"2026-11-21", "2029-11-21", []string{"mandate.until_long"}},
		{"2028-02-29", "2031-02-28", []string{"mandate.from_far"}},
		{"2026-11-20", "2027-01-01", []string{"mandate.from_past"}},
		{"2027-02-19", "2027-03-01", nil},
		{"2027-02-20", "2027-03-01", []string{"mandate.from_far"}},
		{"2026-12-01", "2026-11-30", []string{"mandate.until_before"}},
		{"2026-13-01", "2026-02-30", []string{"mandate.date_wrong", "mandate.date_wrong"}},
		{"", "", []string{"mandate.date_wrong", "mandate.date_wrong"}},
	} {
		fs := Term{x.from, x.until}.findings("2026-11-21", c)
		if len(fs) != len(x.want) {
			t.Errorf("%s–%s: %+v, want %v", x.from, x.until, fs, x.want)
			continue
		}
		for i := range fs {
			if fs[i].Key != x.want[i] {
				t.Errorf("%s–%s: %s, want %s", x.from, x.until, fs[i].Key, x.want[i])
			}
		}
	}
	a := Term{"2026-01-01", "2026-06-30"}
	if !a.overlaps(Term{"2026-06-30", "2026-07-01"}) || a.overlaps(Term{"2026-07-01", "2026-08-01"}) || !a.overlaps(a) {
		t.Error("overlaps")
	}
}

func TestScopeIsWhatIsKnown(t *testing.T) {
	known := []Item{{"food", "食品经营许可"}, {"card", "老年人优待证"}}
	for _, c := range []struct {
		in          authz.Scope
		items, acts int
		findings    int
	}{
		{authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}, 1, 4, 0},
		{authz.Scope{Items: []string{"*", "food"}, Acts: []string{"apply"}}, 1, 2, 0}, // who applies also sees
		{authz.Scope{Items: []string{"food", "food"}, Acts: []string{"view"}}, 1, 1, 0},
		{authz.Scope{Items: []string{"food", "gone"}, Acts: []string{"view"}}, 1, 1, 1},
		{authz.Scope{Acts: []string{"view"}}, 0, 1, 1},
		{authz.Scope{Items: []string{"food"}, Acts: []string{"rule"}}, 1, 0, 1},
		{authz.Scope{}, 0, 0, 2},
	} {
		out, fs := checkScope(c.in, known)
		if len(out.Items) != c.items || len(out.Acts) != c.acts || len(fs) != c.findings {
			t.Errorf("%+v: %+v %+v", c.in, out, fs)
		}
	}
}

func TestStruckOff(t *testing.T) {
	for status, want := range map[string]bool{"存续": false, "吊销，未注销": false, "吊销，已注销": true, "注销": true, "": false} {
		if struckOff(status) != want {
			t.Error(status)
		}
	}
}
