package cases

import (
	"context"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// present is the removed_round of a file that is part of the application.
const present = -1

const selectFile = `SELECT id, material, source, name, proof, size, mime, round, removed_round, added_ms, checked_by, checked_ms, blob_id, digest FROM cases_material `

func (s *Service) scanFile(r *db.Rows) (File, error) {
	var f File
	var name, proof, digest []byte
	var removed int
	var added, checked int64
	err := r.Scan(&f.ID, &f.Material, &f.Source, &name, &proof, &f.Size, &f.MIME, &f.Round, &removed, &added, &f.By, &checked, &f.blobID, &digest)
	if err != nil {
		return f, err
	}
	f.Removed, f.Added, f.Checked = removed != present, db.Instant(added), db.Instant(checked)
	if f.Name, err = s.Vault.OpenText(aad("material", "name", f.ID), name); err != nil {
		return f, err
	}
	if len(digest) > 0 {
		if f.digest, err = s.Vault.OpenText(aad("material", "digest", f.ID), digest); err != nil {
			return f, err
		}
	}
	if len(proof) == 0 {
		return f, nil
	}
	f.Proof = &Proof{}
	return f, s.openJSON(aad("material", "proof", f.ID), proof, f.Proof)
}

// findFiles gives all files of a case in the order they came, removed ones too.
func (s *Service) findFiles(ctx context.Context, q db.Q, id string) ([]File, error) {
	return db.All(ctx, q, s.scanFile, selectFile+`WHERE case_id = $1 ORDER BY id`, id)
}

func (s *Service) file(ctx context.Context, id, fileID string) (File, error) {
	return db.One(ctx, s.DB.R(), notFound(), s.scanFile, selectFile+`WHERE case_id = $1 AND id = $2`, id, fileID)
}

func (s *Service) fileByKey(ctx context.Context, id, key string) (File, bool, error) {
	fs, err := db.All(ctx, s.DB.R(), s.scanFile, selectFile+`WHERE case_id = $1 AND client_key = $2`, id, key)
	if err != nil || len(fs) == 0 {
		return File{}, false, err
	}
	return fs[0], true, nil
}

func countFiles(ctx context.Context, q db.Q, id, material string) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases_material WHERE case_id = $1 AND material = $2 AND removed_round = $3`, id, material, present).Scan(&n)
	return n, err
}

// touchFilesTx moves the case's file counter, if files may change now: a submission that was checked against the old files then fails.
func (s *Service) touchFilesTx(ctx context.Context, tx *db.Tx, id, source string, now int64) error {
	states := `('draft', 'correction')`
	if source == SourceOfficer {
		states = `('accepted', 'reviewing', 'suspended')`
	}
	if source == touchLater {
		states = `('accepted', 'reviewing', 'suspended', 'decided', 'certified', 'delivered', 'concluded')`
	}
	if source == SourceWindow {
		states = `('decided', 'certified')`
	}
	return tx.Exec1(ctx, errs.New(errs.Conflict, "cases.files_closed"), `UPDATE cases_case SET files_version = files_version + 1, updated_ms = $1
		WHERE id = $2 AND state IN `+states, now, id)
}

func (s *Service) putFileTx(ctx context.Context, tx *db.Tx, id, clientKey, by string, f File) error {
	var proof []byte
	if f.Proof != nil {
		var err error
		if proof, err = s.sealJSON(aad("material", "proof", f.ID), f.Proof); err != nil {
			return err
		}
	}
	var digest []byte
	if f.digest != "" {
		digest = s.Vault.SealText(aad("material", "digest", f.ID), f.digest)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_material (id, case_id, material, source, client_key, blob_id, name, proof, size, mime, round, removed_round, added_by, added_ms, checked_by, checked_ms, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', 0, $15)`, f.ID, id, f.Material, f.Source, clientKey, f.blobID,
		s.Vault.SealText(aad("material", "name", f.ID), f.Name), proof, f.Size, f.MIME, f.Round, present, by, db.Millis(f.Added), digest)
	return err
}

// removeFileTx takes a file out of the application. One that was submitted before stays on record with the round that dropped it; its bytes too.
func (s *Service) removeFileTx(ctx context.Context, tx *db.Tx, r record, f File) error {
	if f.Round < r.Round {
		_, err := tx.ExecContext(ctx, `UPDATE cases_material SET removed_round = $1 WHERE id = $2`, r.Round, f.ID)
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM cases_material WHERE id = $1`, f.ID); err != nil || f.blobID == "" {
		return err
	}
	return s.Blobs.DropTx(ctx, tx, f.blobID)
}

func checkFileTx(ctx context.Context, tx *db.Tx, fileID, staff string, at int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE cases_material SET checked_by = $1, checked_ms = $2 WHERE id = $3 AND checked_ms = 0`, staff, at, fileID)
	return err
}
