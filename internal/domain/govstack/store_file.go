package govstack

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func aad(table, column, id string) string { return "govstack_" + table + "." + column + "." + id }

func (s *Service) putApplicantTx(ctx context.Context, tx *db.Tx, member, blind string, who Applicant, at time.Time) error {
	b, err := json.Marshal(who)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO govstack_applicant (member_id, blind, who, at_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (member_id, blind) DO UPDATE SET who = excluded.who, at_ms = excluded.at_ms`, member, blind, s.Vault.Seal(aad("applicant", "who", member+blind), b), at.UnixMilli())
	return err
}

func (s *Service) knownApplicant(ctx context.Context, member, blind string) (who Applicant, ok bool, err error) {
	rows, err := db.All(ctx, s.DB.R(), func(r *db.Rows) ([]byte, error) {
		var b []byte
		return b, r.Scan(&b)
	}, `SELECT who FROM govstack_applicant WHERE member_id = $1 AND blind = $2`, member, blind)
	if err != nil || len(rows) == 0 {
		return who, false, err
	}
	plain, err := s.Vault.Open(aad("applicant", "who", member+blind), rows[0])
	if err != nil {
		return who, false, err
	}
	return who, true, json.Unmarshal(plain, &who)
}

const selectFile = `SELECT case_id, member_id, key, item, applicant, said, CAST(documents AS TEXT), at_ms FROM govstack_file `

func (s *Service) scanFile(r *db.Rows) (file, error) {
	var f file
	var sealed []byte
	var docs string
	var at int64
	if err := r.Scan(&f.caseID, &f.memberID, &f.key, &f.item, &f.applicant, &sealed, &docs, &at); err != nil {
		return f, err
	}
	f.at = time.UnixMilli(at)
	plain, err := s.Vault.Open(aad("file", "said", f.caseID), sealed)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(plain, &f.said); err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(docs), &f.documents)
}

func (s *Service) putFileTx(ctx context.Context, tx *db.Tx, f file) error {
	b, err := json.Marshal(f.said)
	if err != nil {
		return err
	}
	docs, err := json.Marshal(append([]string{}, f.documents...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO govstack_file (case_id, member_id, key, item, applicant, said, documents, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		f.caseID, f.memberID, f.key, f.item, f.applicant, s.Vault.Seal(aad("file", "said", f.caseID), b), string(docs), f.at.UnixMilli())
	return err
}

func addDocumentsTx(ctx context.Context, tx *db.Tx, caseID string, ids []string) error {
	docs, err := json.Marshal(append([]string{}, ids...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE govstack_file SET documents = $1 WHERE case_id = $2`, string(docs), caseID)
	return err
}

func (s *Service) fileOf(ctx context.Context, member, caseID string) (file, error) {
	return db.One(ctx, s.DB.R(), errs.New(errs.NotFound, "govstack.application_unknown"), s.scanFile, selectFile+`WHERE case_id = $1 AND member_id = $2`, caseID, member)
}

func (s *Service) fileByKey(ctx context.Context, member, key string) (file, bool, error) {
	fs, err := db.All(ctx, s.DB.R(), s.scanFile, selectFile+`WHERE member_id = $1 AND key = $2`, member, key)
	if err != nil || len(fs) == 0 {
		return file{}, false, err
	}
	return fs[0], true, nil
}

func (s *Service) listFiles(ctx context.Context, member string, q ApplicationFilter, blind string) ([]file, error) {
	order := ""
	if q.Desc {
		order = " DESC"
	}
	return db.All(ctx, s.DB.R(), s.scanFile, selectFile+`WHERE member_id = $1 AND (CAST($2 AS TEXT) = '' OR item = $2) AND (CAST($3 AS TEXT) = '' OR applicant = $3)
		ORDER BY at_ms`+order+`, case_id`+order+` LIMIT $4 OFFSET $5`, member, q.Service, blind, q.Limit, q.Offset)
}

func (s *Service) putDocumentTx(ctx context.Context, tx *db.Tx, d Document) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO govstack_document (id, member_id, material, blob_id, name, mime, size, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		d.ID, d.memberID, d.Material, d.blobID, s.Vault.SealText(aad("document", "name", d.ID), d.Name), d.MIME, d.Size, d.At.UnixMilli())
	return err
}

const selectDocument = `SELECT id, member_id, material, blob_id, name, mime, size, at_ms FROM govstack_document `

func (s *Service) scanDocument(r *db.Rows) (Document, error) {
	var d Document
	var name []byte
	var at int64
	err := r.Scan(&d.ID, &d.memberID, &d.Material, &d.blobID, &name, &d.MIME, &d.Size, &at)
	if err != nil {
		return d, err
	}
	d.At = time.UnixMilli(at)
	d.Name, err = s.Vault.OpenText(aad("document", "name", d.ID), name)
	return d, err
}

func (s *Service) document(ctx context.Context, member, id string) (Document, error) {
	return db.One(ctx, s.DB.R(), errs.New(errs.NotFound, "govstack.document_unknown"), s.scanDocument, selectDocument+`WHERE id = $1 AND member_id = $2`, id, member)
}

func (s *Service) oldDocuments(ctx context.Context, before time.Time, limit int) ([]Document, error) {
	return db.All(ctx, s.DB.R(), s.scanDocument, selectDocument+`WHERE at_ms < $1 ORDER BY at_ms, id LIMIT $2`, before.UnixMilli(), limit)
}

// deleteDocumentTx tells whether the row was still there: its file is dropped once.
func deleteDocumentTx(ctx context.Context, tx *db.Tx, id string) (bool, error) {
	r, err := tx.ExecContext(ctx, `DELETE FROM govstack_document WHERE id = $1`, id)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
