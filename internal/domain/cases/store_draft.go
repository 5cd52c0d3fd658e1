package cases

import (
	"context"

	"tongban/internal/base/db"
)

func (s *Service) byClientKey(ctx context.Context, owner, key string) (string, error) {
	ids, err := db.All(ctx, s.DB.R(), scanText, `SELECT id FROM cases_case WHERE owner = $1 AND client_key = $2`, owner, key)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

func scanText(r *db.Rows) (string, error) {
	var s string
	return s, r.Scan(&s)
}

// saveDraftTx writes the answers of a draft or of an application under correction.
func (s *Service) saveDraftTx(ctx context.Context, tx *db.Tx, r record, version int64, miss error) error {
	body, err := s.sealJSON(aad("case", "content", r.ID), r.content)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, miss, `UPDATE cases_case SET content = $1, phone_blind = $2, version = $3, updated_ms = $4
		WHERE id = $5 AND version = $6 AND state IN ('draft', 'correction')`, body, r.phoneBlind, r.Version, db.Millis(r.Updated), r.ID, version)
}

// deleteDraftTx removes a draft with its files; a submitted case is never touched.
func (s *Service) deleteDraftTx(ctx context.Context, tx *db.Tx, id string) error {
	blobs, err := db.All(ctx, tx, scanText, `SELECT blob_id FROM cases_material WHERE case_id = $1 AND blob_id <> ''`, id)
	if err != nil {
		return err
	}
	if err := tx.Exec1(ctx, notFound(), `DELETE FROM cases_case WHERE id = $1 AND state = 'draft'`, id); err != nil {
		return err
	}
	for _, b := range blobs {
		if err := s.Blobs.DropTx(ctx, tx, b); err != nil {
			return err
		}
	}
	for _, t := range []string{"cases_material", "cases_history", "cases_event", "cases_signature", "cases_choice", "cases_target", "cases_opinion", "cases_task"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+t+` WHERE case_id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// oldDrafts gives drafts nobody has touched since a time.
func (s *Service) oldDrafts(ctx context.Context, before int64, limit int) ([]record, error) {
	return db.All(ctx, s.DB.R(), s.scanRecord, selectCase+`WHERE state = 'draft' AND updated_ms < $1 ORDER BY updated_ms LIMIT $2`, before, limit)
}

// draftsOf gives the drafts kept under these names, newest first.
func (s *Service) draftsOf(ctx context.Context, owners []string) ([]record, error) {
	return db.All(ctx, s.DB.R(), s.scanRecord, selectCase+`WHERE state = 'draft' AND owner IN (`+db.In(1, len(owners))+`) ORDER BY updated_ms DESC LIMIT 200`, db.Args(owners)...)
}

// mergeTx gives what belonged to one person to another.
func mergeTx(ctx context.Context, tx *db.Tx, from, into string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE cases_case SET owner = REPLACE(owner, $1, $2) WHERE person_id = $3 AND clerk_id = ''`,
		"person:"+from, "person:"+into, from); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE cases_case SET acting_id = $1 WHERE acting_id = $2`, into, from); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE cases_handout SET person_id = $1 WHERE person_id = $2`, into, from); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE cases_case SET person_id = $1 WHERE person_id = $2`, into, from)
	return err
}
