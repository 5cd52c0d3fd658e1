package crash

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/seal"
)

// insider looks at a server's data from within, while the server runs.
type insider struct {
	t *testing.T
	a *app.App
}

func inside(t *testing.T, s *server) *insider {
	t.Helper()
	o := app.Options{
		Database: s.db, FilesDir: filepath.Join(s.dir, "files"), VaultKeys: filepath.Join(s.dir, "keys", "vault.json"), SealKeys: filepath.Join(s.dir, "keys", "seals"),
		PublicURL: s.base, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(s.dir, "tongban.db")
	}
	a, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := errors.Join(a.Org.Ready(t.Context()), a.Catalog.Ready(t.Context())); err != nil {
		t.Fatal(err)
	}
	return &insider{t, a}
}

// minutePasses lets the minute go by for which a killed process still holds its jobs and keys: what was taken before the kill counts as taken
// two minutes earlier. What the new process took stays.
func (in *insider) minutePasses(killedAt time.Time) {
	in.t.Helper()
	const gone, lease = 120_000, 60_000
	at := killedAt.UnixMilli()
	in.exec(`UPDATE job_job SET lease_ms = lease_ms - $1 WHERE state = 'run' AND lease_ms <= $2`, gone, at+lease)
	in.exec(`UPDATE idem_answer SET at_ms = at_ms - $1 WHERE state = 'run' AND at_ms <= $2`, gone, at)
}

func (in *insider) exec(q string, args ...any) {
	in.t.Helper()
	if _, err := in.a.DB.Raw().ExecContext(in.t.Context(), q, args...); err != nil {
		in.t.Fatalf("%s: %v", q, err)
	}
}

// number gives the one number a query answers.
func (in *insider) number(q string, args ...any) int64 {
	in.t.Helper()
	var n int64
	if err := in.a.DB.R().QueryRowContext(in.t.Context(), q, args...).Scan(&n); err != nil {
		in.t.Fatalf("%s: %v", q, err)
	}
	return n
}

// none fails for every row of a query: its first column says what, the second which.
func (in *insider) none(why, q string, args ...any) {
	in.t.Helper()
	for _, r := range rowsOf(in, func(r *db.Rows) (string, error) {
		var a, b string
		err := r.Scan(&a, &b)
		return a + " " + b, err
	}, q, args...) {
		in.t.Errorf("%s: %s", why, r)
	}
}

func rowsOf[T any](in *insider, scan func(*db.Rows) (T, error), q string, args ...any) []T {
	in.t.Helper()
	out, err := db.All(in.t.Context(), in.a.DB.R(), scan, q, args...)
	if err != nil {
		in.t.Fatalf("%s: %v", q, err)
	}
	return out
}

// settle waits until no job is under way, due or waiting for another try, and everything is in the audit chain.
func (in *insider) settle() {
	in.t.Helper()
	err := poll(90*time.Second, func() error {
		ws, err := db.All(in.t.Context(), in.a.DB.R(), scanWaiting, `SELECT id, state, last_error FROM job_job
			WHERE state IN ('run', 'dead') OR (state = 'ready' AND (attempt > 0 OR due_ms <= $1)) ORDER BY state`, time.Now().UnixMilli())
		switch {
		case err != nil: // a connection of before the fault
			return err
		case len(ws) > 0 && ws[0].state == "dead":
			return fatal{fmt.Errorf("job %s is dead: %s", ws[0].id, ws[0].problem)}
		case len(ws) > 0:
			return fmt.Errorf("job %s is %s: %s", ws[0].id, ws[0].state, ws[0].problem)
		}
		var n int
		err = in.a.DB.R().QueryRowContext(in.t.Context(), `SELECT COUNT(*) FROM audit_entry WHERE seq IS NULL`).Scan(&n)
		if err == nil && n > 0 {
			err = fmt.Errorf("%d audit entries without a number", n)
		}
		return err
	})
	if err != nil {
		in.t.Fatal("the jobs do not settle: ", err)
	}
}

type waiting struct{ id, state, problem string }

func scanWaiting(r *db.Rows) (waiting, error) {
	var w waiting
	return w, r.Scan(&w.id, &w.state, &w.problem)
}

// check looks at the tables.
func (in *insider) check(w *world) {
	in.t.Helper()
	if n, err := audit.Verify(in.t.Context(), in.a.DB.R()); err != nil {
		in.t.Errorf("audit chain after %d entries: %v", n, err)
	}
	in.none("a job is dead", `SELECT id, last_error FROM job_job WHERE state = 'dead'`)
	if n := in.number(`SELECT COUNT(*) FROM cases_case`); int(n) != begun(w) {
		in.t.Errorf("%d cases in the table, %d were begun", n, begun(w))
	}
	in.series()
	in.outbox()
	in.papers()
	in.files()
	in.messages()
	for _, d := range w.drafts {
		in.application(d)
	}
}

func begun(w *world) int {
	n := 0
	for _, d := range w.drafts {
		if d.id != "" {
			n++
		}
	}
	return n
}

// application compares one case with what its clients were told.
func (in *insider) application(d *draft) {
	in.t.Helper()
	if d.id == "" {
		return
	}
	got := rowsOf(in, func(r *db.Rows) (step, error) {
		var s step
		return s, r.Scan(&s.version, &s.act)
	}, `SELECT version, act FROM cases_history WHERE case_id = $1 ORDER BY version`, d.id)
	if fmt.Sprint(got) != fmt.Sprint(d.history) {
		in.t.Errorf("case %s: history %v, acknowledged %v", d.id, got, d.history)
	}
	if v := in.number(`SELECT version FROM cases_case WHERE id = $1`, d.id); v != d.version {
		in.t.Errorf("case %s: version %d, acknowledged %d", d.id, v, d.version)
	}
	if n := in.number(`SELECT COUNT(*) FROM cases_material WHERE case_id = $1`, d.id); int(n) != len(d.uploads)+len(d.proofs) {
		in.t.Errorf("case %s: %d materials, acknowledged %d", d.id, n, len(d.uploads)+len(d.proofs))
	}
	for _, u := range d.uploads {
		if n := in.number(`SELECT COUNT(*) FROM cases_material m JOIN blob_file b ON b.id = m.blob_id WHERE m.id = $1 AND m.client_key = $2`, u.id, u.key); n != 1 {
			in.t.Errorf("case %s: file %s is there %d times", d.id, u.id, n)
		}
	}
	for act, n := range map[string]int{"create": 1, "attach": len(d.uploads), "use_licence": len(d.proofs), "submit": sentTimes(d)} {
		if got := in.number(`SELECT COUNT(*) FROM audit_entry WHERE act = $1 AND object = $2`, "cases."+act, "case:"+d.id); int(got) != n {
			in.t.Errorf("case %s: %d audit entries of %s, want %d", d.id, got, act, n)
		}
	}
	if d.receipt.CaseNo == "" {
		return
	}
	if n := in.number(`SELECT COUNT(*) FROM cases_case WHERE id = $1 AND case_no = $2`, d.id, d.receipt.CaseNo); n != 1 {
		in.t.Errorf("case %s has lost its number %s", d.id, d.receipt.CaseNo)
	}
	in.clock(d)
}

func sentTimes(d *draft) int {
	if d.receipt.CaseNo == "" {
		return 0
	}
	return 1
}

// clock replays the events of a case: the stored deadlines must be what they say.
func (in *insider) clock(d *draft) {
	in.t.Helper()
	c, err := in.a.Cases.Replay(in.t.Context(), d.id)
	if err != nil {
		in.t.Errorf("case %s: replay: %v", d.id, err)
		return
	}
	want := [3]int64{ms(c.LegalDue), ms(c.PromisedDue), ms(c.StepDue)}
	got := rowsOf(in, func(r *db.Rows) (string, error) {
		var phase string
		var at [3]int64
		err := r.Scan(&phase, &at[0], &at[1], &at[2])
		return fmt.Sprint(phase, at), err
	}, `SELECT phase, due_ms, promised_ms, step_due_ms FROM cases_case WHERE id = $1`, d.id)
	if len(got) != 1 || got[0] != fmt.Sprint(c.Phase, want) {
		in.t.Errorf("case %s: stored clock %v, replayed %v", d.id, got, fmt.Sprint(c.Phase, want))
	}
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// series checks that numbers were given without gaps and never twice.
func (in *insider) series() {
	in.t.Helper()
	in.none("a case number twice", `SELECT case_no, COUNT(*) FROM cases_case WHERE case_no IS NOT NULL GROUP BY case_no HAVING COUNT(*) > 1`)
	in.none("gap in the case numbers", `SELECT s.code, s.day FROM cases_series s
		WHERE s.last <> (SELECT COUNT(*) FROM cases_case c WHERE c.case_no LIKE s.code || s.day || '%')`)
	in.none("gap in the licence numbers", `SELECT s.type_key, s.scope FROM licence_series s WHERE s.last <> (SELECT COUNT(*) FROM licence_licence l WHERE l.type_key = s.type_key)`)
	in.none("more than one licence of a case", `SELECT case_id, COUNT(*) FROM licence_licence GROUP BY case_id HAVING COUNT(*) > 1`)
	type line struct{ agency, act, number string }
	numbers := map[string]map[int]bool{}
	for _, l := range rowsOf(in, func(r *db.Rows) (line, error) {
		var l line
		return l, r.Scan(&l.agency, &l.act, &l.number)
	}, `SELECT agency, act, number FROM paper_paper`) {
		series := l.agency + " " + l.act
		m := serial.FindStringSubmatch(l.number)
		if m == nil {
			in.t.Errorf("paper number %q has no serial", l.number)
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if numbers[series] == nil {
			numbers[series] = map[int]bool{}
		}
		if numbers[series][n] {
			in.t.Errorf("paper number %s twice", l.number)
		}
		numbers[series][n] = true
	}
	for series, ns := range numbers {
		for n := 1; n <= len(ns); n++ {
			if !ns[n] {
				in.t.Errorf("gap in the paper numbers of %s: no %d of %d", series, n, len(ns))
			}
		}
	}
}

var serial = regexp.MustCompile(`(\d+)号$`)

// topics says which event of the outbox goes with which legal event.
var topics = map[string]string{
	"submitted": "cases.submitted", "received": "cases.received", "accepted": "cases.accepted", "correction_requested": "cases.correction_requested",
	"resubmitted": "cases.resubmitted", "step_done": "cases.step_done", "decided": "cases.decided", "certified": "cases.certified",
}

// outbox checks that every legal event was told exactly once and that whoever listens has acted on it once.
func (in *insider) outbox() {
	in.t.Helper()
	legal, told := map[string]int{}, map[string]int{}
	for _, r := range rowsOf(in, scanPair, `SELECT case_id, kind FROM cases_event`) {
		if topic := topics[r[1]]; topic != "" {
			legal[topic+" of "+r[0]]++
		}
	}
	for _, r := range rowsOf(in, scanPair, `SELECT data, topic FROM event_event WHERE topic LIKE 'cases.%'`) {
		var f struct {
			CaseID string `json:"case_id"`
		}
		if err := json.Unmarshal([]byte(r[0]), &f); err != nil {
			in.t.Errorf("event %s: %v", r[1], err)
		}
		told[r[1]+" of "+f.CaseID]++
	}
	for _, k := range keysOf(legal, told) {
		if legal[k] != told[k] {
			in.t.Errorf("%s: %d legal events, %d in the outbox", k, legal[k], told[k])
		}
	}
	in.none("an event was never delivered", `SELECT e.topic, e.id FROM event_event e
		WHERE NOT EXISTS (SELECT 1 FROM job_job j WHERE j.id = 'event.deliver:' || e.id AND j.state = 'done')`)
	in.none("supervision does not watch", `SELECT c.case_no, c.state FROM cases_case c WHERE c.state <> 'draft'
		AND NOT EXISTS (SELECT 1 FROM supervision_watch w WHERE w.case_id = c.id AND w.case_no = c.case_no)`)
	in.none("cannot be rated", `SELECT e.case_id, e.kind FROM cases_event e WHERE e.kind IN ('submitted', 'decided')
		AND 1 <> (SELECT COUNT(*) FROM rating_contact r WHERE r.case_id = e.case_id AND r.kind = CASE e.kind WHEN 'submitted' THEN 'online_submit' ELSE 'decision' END)`)
}

func scanPair(r *db.Rows) ([2]string, error) {
	var p [2]string
	return p, r.Scan(&p[0], &p[1])
}

func keysOf(ms ...map[string]int) []string {
	seen := map[string]bool{}
	var out []string
	for _, m := range ms {
		for k := range m {
			if !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	return out
}

// paperOf says which paper goes with which legal event.
var paperOf = map[string]string{"submitted": "receipt", "accepted": "accept", "correction_requested": "correction", "inspected": "inspection", "decided": "grant"}

// papers checks that each act has its paper, once, ready, and with the bytes that were signed; and so for licences.
func (in *insider) papers() {
	in.t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, r := range rowsOf(in, scanPair, `SELECT e.case_id, e.kind FROM cases_event e JOIN cases_case c ON c.id = e.case_id WHERE NOT (e.kind = 'accepted' AND c.item_key = 'elder-card')`) {
		if act := paperOf[r[1]]; act != "" {
			want[act+" of "+r[0]]++
		}
	}
	for _, r := range rowsOf(in, scanPair, `SELECT case_id, act FROM paper_paper`) {
		got[r[1]+" of "+r[0]]++
	}
	for _, k := range keysOf(want, got) {
		if want[k] != got[k] {
			in.t.Errorf("paper %s: %d, want %d", k, got[k], want[k])
		}
	}
	in.none("paper not ready", `SELECT id, state || ' ' || failure FROM paper_paper WHERE state <> 'ready'`)
	in.none("licence not ready", `SELECT id, file_state || ' ' || failure FROM licence_licence WHERE file_state <> 'ready'`)
	in.none("granted without a licence", `SELECT e.case_id, e.kind FROM cases_event e WHERE e.kind = 'decided'
		AND 1 <> (SELECT COUNT(*) FROM licence_licence l JOIN cases_case c ON c.licence_id = l.id WHERE l.case_id = e.case_id AND c.id = e.case_id)`)
	for _, table := range []string{"paper_paper", "licence_licence"} {
		for _, r := range rowsOf(in, scanPair, `SELECT blob_id, digest FROM `+table) {
			b, err := in.a.Blobs.Bytes(r[0])
			sum := seal.Digest(b)
			if err != nil || hex.EncodeToString(sum[:]) != r[1] {
				in.t.Errorf("%s: the file %s is not what was signed: %v", table, r[0], err)
			}
		}
	}
}

// files checks that every row names a file that can be read, and that a file has one owner.
func (in *insider) files() {
	in.t.Helper()
	for _, r := range rowsOf(in, scanPair, `SELECT id, owner FROM blob_file`) {
		if _, err := in.a.Blobs.Bytes(r[0]); err != nil {
			in.t.Errorf("file %s of %s: %v (%v)", r[0], r[1], err, errs.KindOf(err))
		}
	}
	in.none("a material without its file", `SELECT m.case_id, m.id FROM cases_material m WHERE m.blob_id <> '' AND NOT EXISTS (SELECT 1 FROM blob_file b WHERE b.id = m.blob_id)`)
}

// templateOf says which message goes with which legal event.
var templateOf = map[string][]string{
	"submitted": {"case.submitted"}, "received": {"case.received"}, "accepted": {"case.accepted"}, "correction_requested": {"case.correction"},
	"resubmitted": {"case.resubmitted"}, "inspected": {"case.inspection"}, "decided": {"case.granted", "case.licence_issued"},
}

// messages checks that people were told of each act, once.
func (in *insider) messages() {
	in.t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, r := range rowsOf(in, scanTriple, `SELECT e.case_id, e.kind, CAST(e.version AS TEXT) FROM cases_event e JOIN cases_case c ON c.id = e.case_id
		WHERE NOT (e.kind = 'accepted' AND c.item_key = 'elder-card')`) {
		for _, tpl := range templateOf[r[1]] {
			want[r[0]+":"+tpl+":"+r[2]]++
		}
	}
	for _, r := range rowsOf(in, scanPair, `SELECT msg_key, template FROM notify_message WHERE channel = 'app' AND template LIKE 'case.%'`) {
		got[r[0]]++
	}
	for _, k := range keysOf(want, got) {
		if want[k] != got[k] {
			in.t.Errorf("message %s: %d, want %d", k, got[k], want[k])
		}
	}
}

func scanTriple(r *db.Rows) ([3]string, error) {
	var p [3]string
	return p, r.Scan(&p[0], &p[1], &p[2])
}
