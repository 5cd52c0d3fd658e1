package crash

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/db"
)

// line is one row of a case's history.
type line struct {
	version         int64
	act, actor      string
	from, to, owner string
}

// judge compares a case with what was acknowledged and with the model.
func (in *insider) judge(p *played) {
	in.t.Helper()
	lines := rowsOf(in, func(r *db.Rows) (line, error) {
		var l line
		return l, r.Scan(&l.version, &l.act, &l.actor, &l.from, &l.to, &l.owner)
	}, `SELECT h.version, h.act, h.actor, h.from_state, h.to_state, c.owner FROM cases_history h JOIN cases_case c ON c.id = h.case_id WHERE h.case_id = $1 ORDER BY h.version`, p.id)
	for i, l := range lines {
		if l.version != int64(i+1) {
			in.t.Errorf("case %s: version %d in place %d", p.id, l.version, i+1)
		}
	}
	done := map[int64]*attempt{}
	for _, a := range p.tries {
		if a.status/100 != 2 {
			continue
		}
		if b := done[a.asked+1]; b != nil && (b.act != a.act || b.by != a.by || string(b.body) != string(a.body)) {
			in.t.Errorf("case %s: version %d was acknowledged to %s by %s and to %s by %s", p.id, a.asked+1, a.act, a.by, b.act, b.by)
		}
		if a.version <= a.asked {
			in.t.Errorf("case %s: %s by %s at version %d was told version %d", p.id, a.act, a.by, a.asked, a.version)
		}
		if b := done[a.asked+1]; b == nil || a.version < b.version { // a repeat is told how the case stands then
			done[a.asked+1] = a
		}
	}
	for _, l := range lines {
		if l.version > p.before {
			in.path(p, l, done[l.version])
		}
		delete(done, l.version)
	}
	for v, a := range done {
		in.t.Errorf("case %s: lost: %s by %s, acknowledged as version %d", p.id, a.act, a.by, v)
	}
	in.clock(&draft{id: p.id})
	in.once(p.id)
}

// path checks one step against the model and against what was told.
func (in *insider) path(p *played, l line, told *attempt) {
	in.t.Helper()
	by := l.actor
	if !leads(l.from, l.act, l.to) {
		in.t.Errorf("case %s: %s led from %s to %s", p.id, l.act, l.from, l.to)
	}
	switch {
	case strings.HasPrefix(by, "person:") && !strings.HasPrefix(l.owner, by):
		in.t.Errorf("case %s: %s by %s, who does not own it", p.id, l.act, by)
	case strings.HasPrefix(by, "staff:") && !slices.Contains(who[l.act], by):
		in.t.Errorf("case %s: %s by %s, who may not", p.id, l.act, by)
	}
	switch {
	case told == nil:
		in.t.Errorf("case %s: %s by %s is there, and nobody was told", p.id, l.act, by)
	case told.act != l.act || told.version == l.version && told.state != l.to || strings.HasPrefix(told.by, "staff:") && told.by != by:
		in.t.Errorf("case %s: version %d is %s by %s, %s was told %s and %s", p.id, l.version, l.act, by, told.by, told.act, told.state)
	}
}

// once checks what a case has at most one of.
func (in *insider) once(id string) {
	in.t.Helper()
	type q struct {
		what, query string
	}
	for _, x := range []q{
		{"decision", `SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind = 'decided'`},
		{"acceptance", `SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind IN ('accepted', 'deemed_accepted')`},
		{"licence in force", `SELECT COUNT(*) FROM licence_licence WHERE case_id = $1`},
		{"extension", `SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind = 'extended'`},
		{"end", `SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind IN ('decided', 'withdrawn', 'refused_acceptance', 'terminated', 'voided', 'transferred', 'lapsed')`},
		{"paper of a decision", `SELECT COUNT(*) FROM paper_paper WHERE case_id = $1 AND act IN ('grant', 'refuse')`},
	} {
		if n := in.number(x.query, id); n > 1 {
			in.t.Errorf("case %s has %d of what there is one: %s", id, n, x.what)
		}
	}
	granted := in.number(`SELECT COUNT(*) FROM cases_case WHERE id = $1 AND outcome = 'grant'`, id)
	if n := in.number(`SELECT COUNT(*) FROM licence_licence l JOIN cases_case c ON c.licence_id = l.id WHERE c.id = $1`, id); n != granted {
		in.t.Errorf("case %s: granted %d, licences %d", id, granted, n)
	}
	for kind, act := range map[string]string{"submitted": "receipt", "accepted": "accept", "correction_requested": "correction", "inspected": "inspection"} {
		events := in.number(`SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind = $2`, id, kind)
		if papers := in.number(`SELECT COUNT(*) FROM paper_paper WHERE case_id = $1 AND act = $2`, id, act); papers != events {
			in.t.Errorf("case %s: %d papers %s for %d acts", id, papers, act, events)
		}
	}
	if decided, papers := in.number(`SELECT COUNT(*) FROM cases_event WHERE case_id = $1 AND kind = 'decided'`, id), in.number(`SELECT COUNT(*) FROM paper_paper WHERE case_id = $1 AND act IN ('grant', 'refuse')`, id); decided != papers {
		in.t.Errorf("case %s: %d decisions, %d papers of them", id, decided, papers)
	}
}

// wholeTables looks for rows that belong to nothing, numbers given twice, and what was never told.
func (in *insider) wholeTables() {
	in.t.Helper()
	for _, table := range []string{"cases_task", "cases_material", "cases_event", "cases_history", "cases_snapshot", "cases_opinion", "cases_correction", "cases_inspection"} {
		in.none("orphan of "+table, fmt.Sprintf(`SELECT x.case_id, '%s' FROM %s x LEFT JOIN cases_case c ON c.id = x.case_id WHERE c.id IS NULL`, table, table))
	}
	in.none("work waits on a case that is over", `SELECT t.id, c.state FROM cases_task t JOIN cases_case c ON c.id = t.case_id
		WHERE t.closed_ms = 0 AND c.state IN ('refused', 'withdrawn', 'terminated', 'voided', 'transferred', 'lapsed', 'concluded')`)
	in.none("two tasks of one step wait", `SELECT case_id, step FROM cases_task WHERE closed_ms = 0 GROUP BY case_id, step, post HAVING COUNT(*) > 1`)
	in.none("history and version differ", `SELECT c.id, c.state FROM cases_case c WHERE c.version <> (SELECT COUNT(*) FROM cases_history h WHERE h.case_id = c.id)`)
	in.none("a case number twice", `SELECT case_no, COUNT(*) FROM cases_case WHERE case_no IS NOT NULL GROUP BY case_no HAVING COUNT(*) > 1`)
	in.none("a licence number twice", `SELECT number, COUNT(*) FROM licence_licence GROUP BY number HAVING COUNT(*) > 1`)
	in.none("a paper number twice", `SELECT number, COUNT(*) FROM paper_paper GROUP BY number HAVING COUNT(*) > 1`)
	in.none("not delivered", `SELECT id, last_error FROM job_job WHERE state = 'dead'`)
	in.everythingTold()
	in.files()
}

// everythingTold checks that each legal event of a kind others hear of went out once.
func (in *insider) everythingTold() {
	in.t.Helper()
	for kind, topic := range topics {
		legal := in.number(`SELECT COUNT(*) FROM cases_event WHERE kind = $1`, kind)
		if told := in.number(`SELECT COUNT(*) FROM event_event WHERE topic = $1`, topic); told != legal {
			in.t.Errorf("%s: %d legal events, %d in the outbox", topic, legal, told)
		}
	}
}
