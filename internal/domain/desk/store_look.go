package desk

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
)

func lookAAD(staff, caseID string) string { return "desk_look.seen." + staff + ":" + caseID }

type looks struct{ last, prior *Seen }

// lookTx gives the last look and the visit before it; nil where there was none.
func (s *Service) lookTx(ctx context.Context, tx *db.Tx, staff, caseID string) (last, prior *Seen, err error) {
	got, err := db.All(ctx, tx, func(r *db.Rows) (looks, error) {
		var a, b []byte
		var at, before int64
		if err := r.Scan(&a, &at, &b, &before); err != nil {
			return looks{}, err
		}
		l := looks{last: &Seen{}}
		if err := s.open(lookAAD(staff, caseID), a, l.last); err != nil {
			return l, err
		}
		l.last.At = time.UnixMilli(at)
		if len(b) == 0 {
			return l, nil
		}
		l.prior = &Seen{}
		err := s.open(lookAAD(staff, caseID), b, l.prior)
		l.prior.At = time.UnixMilli(before)
		return l, err
	}, `SELECT seen, at_ms, prior, prior_ms FROM desk_look WHERE staff = $1 AND case_id = $2`, staff, caseID)
	if err != nil || len(got) == 0 {
		return nil, nil, err
	}
	return got[0].last, got[0].prior, nil
}

func (s *Service) putLookTx(ctx context.Context, tx *db.Tx, staff, caseID string, is Seen, prior *Seen) error {
	b, err := s.seal(lookAAD(staff, caseID), is)
	if err != nil {
		return err
	}
	var p []byte
	var at int64
	if prior != nil {
		if p, err = s.seal(lookAAD(staff, caseID), *prior); err != nil {
			return err
		}
		at = prior.At.UnixMilli()
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO desk_look (staff, case_id, version, seen, at_ms, prior, prior_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (staff, case_id) DO UPDATE SET version = excluded.version, seen = excluded.seen, at_ms = excluded.at_ms, prior = excluded.prior, prior_ms = excluded.prior_ms`,
		staff, caseID, is.Version, b, is.At.UnixMilli(), p, at)
	return err
}

type lookedAt struct {
	id      string
	version int64
}

func (s *Service) lookedAt(ctx context.Context, staff string, ids []string) (map[string]int64, error) {
	got, err := db.All(ctx, s.d.DB.R(), func(r *db.Rows) (l lookedAt, err error) { return l, r.Scan(&l.id, &l.version) },
		`SELECT case_id, version FROM desk_look WHERE staff = $1 AND case_id IN (`+db.In(2, len(ids))+`)`, append([]any{staff}, db.Args(ids)...)...)
	out := map[string]int64{}
	for _, l := range got {
		out[l.id] = l.version
	}
	return out, err
}

func (s *Service) putBatchTx(ctx context.Context, tx *db.Tx, staff, key string, b Batch) error {
	in, err := json.Marshal(b.Input)
	if err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO desk_batch (id, staff, client_key, act, input, at_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (staff, client_key) DO NOTHING`,
		b.ID, staff, key, b.Act, s.d.Vault.Seal("desk_batch.input."+b.ID, in), b.At.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 { // it stands already
		return err
	}
	for i, l := range b.Lines {
		if _, err := tx.ExecContext(ctx, `INSERT INTO desk_line (batch_id, ord, case_id, version, outcome) VALUES ($1, $2, $3, $4, '')`, b.ID, i, l.Case, l.Version); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) batchID(ctx context.Context, staff, key string) (string, error) {
	return db.One(ctx, s.d.DB.R(), gone(), func(r *db.Rows) (id string, err error) { return id, r.Scan(&id) }, `SELECT id FROM desk_batch WHERE staff = $1 AND client_key = $2`, staff, key)
}

func (s *Service) putLineTx(ctx context.Context, tx *db.Tx, id string, ord int, l Line) error {
	_, err := tx.ExecContext(ctx, `UPDATE desk_line SET outcome = $1, why = $2 WHERE batch_id = $3 AND ord = $4 AND outcome = ''`,
		l.Outcome, s.d.Vault.SealText("desk_line.why."+id+":"+l.Case, l.Why), id, ord)
	return err
}

func (s *Service) batch(ctx context.Context, staff, id string) (Batch, error) {
	b, err := db.One(ctx, s.d.DB.R(), gone(), func(r *db.Rows) (Batch, error) {
		var b Batch
		var in []byte
		var at int64
		if err := r.Scan(&b.ID, &b.Act, &in, &at); err != nil {
			return b, err
		}
		b.At = time.UnixMilli(at)
		return b, s.open("desk_batch.input."+b.ID, in, &b.Input)
	}, `SELECT id, act, input, at_ms FROM desk_batch WHERE staff = $1 AND id = $2`, staff, id)
	if err != nil {
		return b, err
	}
	b.Lines, err = db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Line, error) {
		var l Line
		var why []byte
		if err := r.Scan(&l.Case, &l.Version, &l.Outcome, &why); err != nil || len(why) == 0 {
			return l, err
		}
		var err error
		l.Why, err = s.d.Vault.OpenText("desk_line.why."+id+":"+l.Case, why)
		return l, err
	}, `SELECT case_id, version, outcome, why FROM desk_line WHERE batch_id = $1 ORDER BY ord`, id)
	return b, err
}
