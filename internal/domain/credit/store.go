package credit

import (
	"context"
	"embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "credit", Files: files}

type who struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

type said struct {
	Reason string `json:"reason"`
	Basis  string `json:"basis"`
}

func place(column, id string) string { return "credit_entry." + column + "." + id }

// putTx writes an entry; false means that this decision stands in the list already.
func (s *Service) putTx(ctx context.Context, tx *db.Tx, e Entry, by string) (bool, error) {
	w, err := json.Marshal(who{e.Name, e.Number})
	if err != nil {
		return false, err
	}
	x, err := json.Marshal(said{e.Reason, e.Basis})
	if err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO credit_entry (id, subject, kind, who, said, ground, agency, decided_by, source, ref, case_id, paper_id, person_id, entered_by,
		entered_ms, from_date, until_date, state, ended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0)
		ON CONFLICT (subject, source, decided_by, ground, ref) DO NOTHING`,
		e.ID, e.subject, e.Kind, s.d.Vault.Seal(place("who", e.ID), w), s.d.Vault.Seal(place("said", e.ID), x), e.Ground, e.Agency, e.By, e.Source, e.Ref, e.CaseID, e.PaperID,
		e.personID, by, e.Entered.UnixMilli(), e.From, e.Until, e.State)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

const selectEntry = `SELECT id, subject, kind, who, said, ground, agency, decided_by, source, ref, case_id, paper_id, person_id, entered_ms, from_date, until_date, state, ended_ms FROM credit_entry `

func (s *Service) scan(r *db.Rows) (Entry, error) {
	var e Entry
	var w, x []byte
	var entered, ended int64
	err := r.Scan(&e.ID, &e.subject, &e.Kind, &w, &x, &e.Ground, &e.Agency, &e.By, &e.Source, &e.Ref, &e.CaseID, &e.PaperID, &e.personID, &entered, &e.From, &e.Until, &e.State, &ended)
	if err != nil {
		return e, err
	}
	e.Entered = time.UnixMilli(entered)
	if ended > 0 {
		e.Ended = time.UnixMilli(ended)
	}
	var of who
	if err := s.open(place("who", e.ID), w, &of); err != nil {
		return e, err
	}
	var words said
	if err := s.open(place("said", e.ID), x, &words); err != nil {
		return e, err
	}
	e.Name, e.Number, e.Reason, e.Basis = of.Name, of.Number, words.Reason, words.Basis
	return e, nil
}

func (s *Service) open(at string, sealed []byte, v any) error {
	b, err := s.d.Vault.Open(at, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func (s *Service) entry(ctx context.Context, q db.Q, id string) (Entry, error) {
	return db.One(ctx, q, notFound(), s.scan, selectEntry+`WHERE id = $1`, id)
}

// bars gives the entries that stand against a promise on a day, the first entered first.
func (s *Service) bars(ctx context.Context, subject, day string) ([]Entry, error) {
	return db.All(ctx, s.d.DB.R(), s.scan, selectEntry+`WHERE subject = $1 AND state = 'active' AND from_date <= $2 AND (until_date = '' OR until_date >= $2) ORDER BY id LIMIT 1`, subject, day)
}

// query narrows what is read; empty fields do not.
type query struct {
	subject, agency, state, after string
	limit                         int
}

func (s *Service) find(ctx context.Context, q query) ([]Entry, error) {
	var parts []string
	var args []any
	for _, c := range []struct{ cond, value string }{{"subject = ", q.subject}, {"agency = ", q.agency}, {"state = ", q.state}, {"id < ", q.after}} {
		if c.value != "" {
			args = append(args, c.value)
			parts = append(parts, c.cond+"$"+strconv.Itoa(len(args)))
		}
	}
	args = append(args, q.limit)
	return db.All(ctx, s.d.DB.R(), s.scan, selectEntry+"WHERE "+strings.Join(parts, " AND ")+" ORDER BY id DESC LIMIT $"+strconv.Itoa(len(args)), args...)
}

func (s *Service) passed(ctx context.Context, day string, limit int) ([]string, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (id string, err error) { return id, r.Scan(&id) },
		`SELECT id FROM credit_entry WHERE state = 'active' AND until_date <> '' AND until_date < $1 ORDER BY until_date LIMIT $2`, day, limit)
}

// endTx ends an entry that is in force; errs.Conflict credit.not_active when it is not.
func endTx(ctx context.Context, tx *db.Tx, id, state string, at time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "credit.not_active"), `UPDATE credit_entry SET state = $1, ended_ms = $2 WHERE id = $3 AND state = 'active'`, state, at.UnixMilli(), id)
}

func (s *Service) putRepairTx(ctx context.Context, tx *db.Tx, r Repair) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO credit_repair (id, entry_id, person_id, text, at_ms, state, answer, decided_by, decided_ms) VALUES ($1, $2, $3, $4, $5, $6, NULL, '', 0)`,
		r.ID, r.EntryID, r.personID, s.d.Vault.SealText("credit_repair.text."+r.ID, r.Text), r.At.UnixMilli(), r.State)
	return err
}

func (s *Service) decideRepairTx(ctx context.Context, tx *db.Tx, r Repair, by string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "credit.nothing_asked"), `UPDATE credit_repair SET state = $1, answer = $2, decided_by = $3, decided_ms = $4 WHERE id = $5 AND state = 'asked'`,
		r.State, s.d.Vault.SealText("credit_repair.answer."+r.ID, r.Answer), by, r.Decided.UnixMilli(), r.ID)
}

// withRepairs adds to each entry its newest application for repair.
func (s *Service) withRepairs(ctx context.Context, es []Entry) ([]Entry, error) {
	if len(es) == 0 {
		return es, nil
	}
	at := map[string]int{}
	ids := make([]string, 0, len(es))
	for i, e := range es {
		at[e.ID] = i
		ids = append(ids, e.ID)
	}
	rs, err := db.All(ctx, s.d.DB.R(), s.scanRepair, `SELECT id, entry_id, person_id, text, at_ms, state, answer, decided_ms FROM credit_repair
		WHERE entry_id IN (`+db.In(1, len(ids))+`) ORDER BY id`, db.Args(ids)...)
	for _, r := range rs {
		es[at[r.EntryID]].Repair = &r
	}
	return es, err
}

func (s *Service) scanRepair(rows *db.Rows) (Repair, error) {
	var r Repair
	var text, answer []byte
	var at, decided int64
	err := rows.Scan(&r.ID, &r.EntryID, &r.personID, &text, &at, &r.State, &answer, &decided)
	if err != nil {
		return r, err
	}
	r.At = time.UnixMilli(at)
	if r.Text, err = s.d.Vault.OpenText("credit_repair.text."+r.ID, text); err != nil || len(answer) == 0 {
		return r, err
	}
	r.Decided = time.UnixMilli(decided)
	r.Answer, err = s.d.Vault.OpenText("credit_repair.answer."+r.ID, answer)
	return r, err
}
