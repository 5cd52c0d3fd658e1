package privacy

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func (s *Service) addDelay(ctx context.Context, tx *db.Tx, d Delay) error {
	staff, err := json.Marshal(append([]string{}, d.Staff...))
	if err != nil {
		return err
	}
	seal := func(column, text string) []byte { return s.d.Vault.SealText("privacy_delay."+column+"."+d.ID, text) }
	_, err = tx.ExecContext(ctx, `INSERT INTO privacy_delay (id, subject, number, agency, staff, basis, why, state, proposed_by, at_ms, until, decided_by, from_ms, reveal_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, 0)`,
		d.ID, d.subject, seal("number", d.Number), d.Agency, string(staff), seal("basis", d.Basis), seal("why", d.Why), d.State, d.By, d.At.UnixMilli(), d.Until)
	return err
}

const selectDelay = `SELECT id, subject, number, agency, CAST(staff AS TEXT), basis, why, state, proposed_by, at_ms, until, decided_by, from_ms, reveal_ms FROM privacy_delay `

func (s *Service) scanDelay(r *db.Rows) (Delay, error) {
	var d Delay
	var staff string
	var number, basis, why []byte
	var at, from, reveal int64
	err := r.Scan(&d.ID, &d.subject, &number, &d.Agency, &staff, &basis, &why, &d.State, &d.By, &at, &d.Until, &d.DecidedBy, &from, &reveal)
	if err == nil {
		err = json.Unmarshal([]byte(staff), &d.Staff)
	}
	if err != nil {
		return d, err
	}
	d.At = time.UnixMilli(at)
	if from > 0 {
		d.From, d.Reveal = time.UnixMilli(from), time.UnixMilli(reveal)
	}
	for column, to := range map[string]struct {
		sealed []byte
		text   *string
	}{"number": {number, &d.Number}, "basis": {basis, &d.Basis}, "why": {why, &d.Why}} {
		if *to.text, err = s.d.Vault.OpenText("privacy_delay."+column+"."+d.ID, to.sealed); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (s *Service) delay(ctx context.Context, q db.Q, id string) (Delay, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "privacy.no_delay"), s.scanDelay, selectDelay+`WHERE id = $1`, id)
}

func (s *Service) delays(ctx context.Context, q db.Q) ([]Delay, error) {
	return db.All(ctx, q, s.scanDelay, selectDelay+`ORDER BY id DESC LIMIT 200`)
}

// ordersOn lists the orders that hold or held looks at a subject back.
func (s *Service) ordersOn(ctx context.Context, subject string) ([]Delay, error) {
	return db.All(ctx, s.d.DB.R(), s.scanDelay, selectDelay+`WHERE subject = $1 AND state IN ('active', 'lifted') ORDER BY id`, subject)
}

func setDelay(ctx context.Context, tx *db.Tx, d Delay, was string) error {
	var from, reveal int64
	if !d.From.IsZero() {
		from, reveal = d.From.UnixMilli(), d.Reveal.UnixMilli()
	}
	return tx.Exec1(ctx, errDecided, `UPDATE privacy_delay SET state = $1, decided_by = $2, from_ms = $3, reveal_ms = $4 WHERE id = $5 AND state = $6`,
		d.State, d.DecidedBy, from, reveal, d.ID, was)
}
