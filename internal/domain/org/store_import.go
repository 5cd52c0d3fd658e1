package org

import (
	"context"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func (s *Service) putImport(ctx context.Context, tx *db.Tx, im Import) error {
	doc, err := json.Marshal(importDoc{im.rows, im.New, im.Changed, im.Same})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO org_import (id, by_staff, at_ms, doc, findings, state, total, done, made, proposal)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '')`, im.ID, im.By, db.Millis(im.At), s.vault.Seal("org_import.doc."+im.ID, doc), s.sealFindings(im), im.State, im.Total)
	return err
}

func (s *Service) importOf(ctx context.Context, q db.Q, id string) (Import, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "org.no_import"), func(r *db.Rows) (Import, error) {
		im := Import{ID: id}
		var when int64
		var sealed, found []byte
		err := r.Scan(&im.By, &when, &sealed, &found, &im.State, &im.Total, &im.Done, &im.Made, &im.Proposal)
		if err != nil {
			return im, err
		}
		im.At = db.Instant(when)
		if found, err = s.vault.Open("org_import.findings."+id, found); err != nil {
			return im, err
		}
		if err := json.Unmarshal(found, &im.Findings); err != nil {
			return im, err
		}
		b, err := s.vault.Open("org_import.doc."+id, sealed)
		if err != nil {
			return im, err
		}
		var doc importDoc
		err = json.Unmarshal(b, &doc)
		im.rows, im.New, im.Changed, im.Same = doc.Rows, doc.New, doc.Changed, doc.Same
		return im, err
	}, `SELECT by_staff, at_ms, doc, findings, state, total, done, made, proposal FROM org_import WHERE id = $1`, id)
}

// sealFindings: a finding quotes what was typed, which may be anything.
func (s *Service) sealFindings(im Import) []byte {
	return s.vault.Seal("org_import.findings."+im.ID, []byte(textOf(im.Findings)))
}

func errImportMoved() error { return errs.New(errs.Conflict, "org.import_moved") }

// linkImport ties a checked table to its proposal; it can be proposed again after a refusal.
func linkImport(ctx context.Context, tx *db.Tx, id, proposal string) error {
	return tx.Exec1(ctx, errImportMoved(), `UPDATE org_import SET state = $1, proposal = $2 WHERE id = $3 AND state IN ($4, $5)`,
		importProposed, proposal, id, importChecked, importRefused)
}

func turnImport(ctx context.Context, tx *db.Tx, id, from, to string) error {
	return tx.Exec1(ctx, errImportMoved(), `UPDATE org_import SET state = $1 WHERE id = $2 AND state = $3`, to, id, from)
}

// stepImport moves on from the row the step began with.
func (s *Service) stepImport(ctx context.Context, tx *db.Tx, im Import, done int, state string) error {
	return tx.Exec1(ctx, errImportMoved(), `UPDATE org_import SET done = $1, made = $2, findings = $3, state = $4 WHERE id = $5 AND done = $6 AND state = $7`,
		done, im.Made, s.sealFindings(im), state, im.ID, im.Done, importApproved)
}
