package counter

import (
	"context"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectPhone = `SELECT id, case_id, staff, agency, made_ms, expires_ms, closed_ms, files, bytes FROM counter_phone `

func scanPhone(r *db.Rows) (Phone, error) {
	var p Phone
	var made, expires, closed int64
	err := r.Scan(&p.ID, &p.CaseID, &p.staff, &p.agency, &made, &expires, &closed, &p.Files, &p.bytes)
	p.Made, p.Expires, p.Closed = db.Instant(made), db.Instant(expires), db.Instant(closed)
	return p, err
}

func (s *Service) findPhone(ctx context.Context, column, value string) (Phone, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), scanPhone, selectPhone+`WHERE `+column+` = $1`, value)
}

func (s *Service) openPhone(ctx context.Context, caseID, staff string, now int64) (Phone, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), scanPhone, selectPhone+`WHERE case_id = $1 AND staff = $2 AND closed_ms = 0 AND expires_ms > $3 AND files < $4 ORDER BY made_ms DESC LIMIT 1`,
		caseID, staff, now, PhoneFiles)
}

func putPhoneTx(ctx context.Context, tx *db.Tx, p Phone, token string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO counter_phone (id, token, case_id, staff, agency, made_ms, expires_ms, closed_ms, files, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)`,
		p.ID, token, p.CaseID, p.staff, p.agency, db.Millis(p.Made), db.Millis(p.Expires))
	return err
}

func closePhoneTx(ctx context.Context, tx *db.Tx, id string, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE counter_phone SET closed_ms = $1 WHERE id = $2 AND closed_ms = 0`, now, id)
	return err
}

// countPageTx counts a page against the phone's bounds, unless its time ended while the bytes were under way.
func countPageTx(ctx context.Context, tx *db.Tx, id string, size, now int64) error {
	return tx.Exec1(ctx, errs.New(errs.Gone, "counter.phone_over"), `UPDATE counter_phone SET files = files + 1, bytes = bytes + $1
		WHERE id = $2 AND closed_ms = 0 AND expires_ms > $3 AND files < $4`, size, id, now, PhoneFiles)
}

func (s *Service) putPageTx(ctx context.Context, tx *db.Tx, x PhonePage, key, origin string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO counter_page (id, phone_id, case_id, material, client_key, name, origin, blob_id, size, mime, state, file_id, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12)`, x.ID, x.PhoneID, x.CaseID, x.Material, key, s.d.Vault.SealText("counter_page.name."+x.ID, x.Name),
		s.d.Vault.SealText("counter_page.origin."+x.ID, origin), x.blobID, x.Size, x.MIME, x.State, db.Millis(x.At))
	return err
}

const selectPage = `SELECT id, phone_id, case_id, material, name, blob_id, size, mime, state, file_id, at_ms FROM counter_page `

func (s *Service) scanPage(r *db.Rows) (PhonePage, error) {
	var x PhonePage
	var name []byte
	var at int64
	if err := r.Scan(&x.ID, &x.PhoneID, &x.CaseID, &x.Material, &name, &x.blobID, &x.Size, &x.MIME, &x.State, &x.FileID, &at); err != nil {
		return x, err
	}
	x.At = db.Instant(at)
	var err error
	x.Name, err = s.d.Vault.OpenText("counter_page.name."+x.ID, name)
	return x, err
}

func (s *Service) pages(ctx context.Context, phone string) ([]PhonePage, error) {
	return db.All(ctx, s.d.DB.R(), s.scanPage, selectPage+`WHERE phone_id = $1 ORDER BY at_ms, id`, phone)
}

func (s *Service) pageByKey(ctx context.Context, phone, key string) (PhonePage, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), s.scanPage, selectPage+`WHERE phone_id = $1 AND client_key = $2`, phone, key)
}

func settlePageTx(ctx context.Context, tx *db.Tx, id, state, file string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "counter.page_moved"), `UPDATE counter_page SET state = $1, file_id = $2, blob_id = '' WHERE id = $3 AND state = 'waiting'`, state, file, id)
}

// dropPagesTx throws away what nobody confirmed since a time.
func (s *Service) dropPagesTx(ctx context.Context, tx *db.Tx, before int64) error {
	old, err := db.All(ctx, tx, s.scanPage, selectPage+`WHERE state = 'waiting' AND at_ms < $1 LIMIT 500`, before)
	if err != nil {
		return err
	}
	for _, x := range old {
		if err := settlePageTx(ctx, tx, x.ID, PageDropped, ""); err != nil {
			return err
		}
		if err := s.d.Blobs.DropTx(ctx, tx, x.blobID); err != nil {
			return err
		}
	}
	return nil
}

// pagesWaiting counts what came from phones of a clerk and was not confirmed.
func (s *Service) pagesWaiting(ctx context.Context, staff string) (n int, err error) {
	err = s.d.DB.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM counter_page p JOIN counter_phone f ON f.id = p.phone_id WHERE f.staff = $1 AND p.state = 'waiting'`, staff).Scan(&n)
	return n, db.Classify(err)
}
