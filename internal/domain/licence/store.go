package licence

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "licence", Files: files}

// nextSerial takes the next serial of a series; see paper's series: no gap after a rollback, never the same twice.
func nextSerial(ctx context.Context, tx *db.Tx, typeKey, scope string) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `INSERT INTO licence_series (type_key, scope, last) VALUES ($1, $2, 1)
		ON CONFLICT (type_key, scope) DO UPDATE SET last = licence_series.last + 1 RETURNING last`, typeKey, scope).Scan(&n)
	return n, err
}

const licenceColumns = `id, identifier, number, type_key, type_version, type_name, holder_kind, subject, person_id, firm_id, content, agency, case_id, item_key,
	state, reason, state_ms, valid_from, valid_until, trust, test, file_state, failure, blob_id, digest, issued_ms, edition, previous`

const selectLicence = `SELECT ` + licenceColumns + ` FROM licence_licence `

func (s *Service) scan(r *db.Rows) (Licence, error) {
	var l Licence
	var sealed, reason []byte
	var issued, moved int64
	err := r.Scan(&l.ID, &l.Identifier, &l.Number, &l.Type, &l.TypeVersion, &l.TypeName, &l.HolderKind, &l.Subject, &l.PersonID, &l.FirmID, &sealed, &l.AgencyKey,
		&l.CaseID, &l.ItemKey, &l.State, &reason, &moved, &l.ValidFrom, &l.ValidUntil, &l.Trust, &l.Test, &l.File, &l.Failure, &l.BlobID, &l.Digest, &issued,
		&l.Edition, &l.Previous)
	if err != nil {
		return l, err
	}
	l.Issued, l.StateAt = time.UnixMilli(issued), time.UnixMilli(moved)
	if l.Reason, err = s.d.Vault.OpenText("licence_licence.reason."+l.ID, reason); err != nil {
		return l, err
	}
	return l, s.open(&l, sealed)
}

func (s *Service) open(l *Licence, sealed []byte) error {
	b, err := s.d.Vault.Open("licence_licence.content."+l.ID, sealed)
	if err != nil {
		return err
	}
	var c content
	if err := json.Unmarshal(b, &c); err != nil {
		return err
	}
	l.HolderName, l.HolderNumber, l.AgencyName, l.seal, l.Fields = c.HolderName, c.HolderNumber, c.Agency, c.Seal, c.Fields
	return nil
}

func (s *Service) list(ctx context.Context, where string, args ...any) ([]Licence, error) {
	return db.All(ctx, s.d.DB.R(), s.scan, selectLicence+where, args...)
}

// Held gives every licence of a holder, newest first. number is an ID number or a credit code.
func (s *Service) Held(ctx context.Context, number string) ([]Licence, error) {
	return s.list(ctx, `WHERE subject = $1 ORDER BY issued_ms DESC, id DESC`, s.subject(number))
}

// Usable gives the holder's licences of a type that are in force today and have their file: those that may stand for a material.
func (s *Service) Usable(ctx context.Context, number, typeKey string) ([]Licence, error) {
	return s.list(ctx, `WHERE subject = $1 AND type_key = $2 AND state = 'valid' AND file_state = 'ready' AND (valid_until = '' OR valid_until >= $3)
		ORDER BY issued_ms DESC, id DESC`, s.subject(number), typeKey, Today(s.d.Now()))
}

// OfCase gives the licences of a case.
func (s *Service) OfCase(ctx context.Context, caseID string) ([]Licence, error) {
	return s.list(ctx, `WHERE case_id = $1 ORDER BY issued_ms, id`, caseID)
}

// FailedFiles gives the licences whose file could not be made, oldest first, at most a hundred.
func (s *Service) FailedFiles(ctx context.Context) ([]Licence, error) {
	return s.list(ctx, `WHERE file_state = 'failed' ORDER BY issued_ms LIMIT 100`)
}

func (s *Service) one(ctx context.Context, q db.Q, where string, args ...any) (Licence, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "licence.not_found"), s.scan, selectLicence+where, args...)
}

func (s *Service) get(ctx context.Context, q db.Q, id string) (Licence, error) {
	return s.one(ctx, q, `WHERE id = $1`, id)
}

func (s *Service) ofCaseAndType(ctx context.Context, q db.Q, caseID, typeKey string) (Licence, error) {
	return s.one(ctx, q, `WHERE case_id = $1 AND type_key = $2 ORDER BY edition LIMIT 1`, caseID, typeKey)
}

func (s *Service) byIdentifier(ctx context.Context, identifier string) (Licence, error) {
	return db.One(ctx, s.d.DB.R(), errs.New(errs.NotFound, "licence.unknown_identifier"), s.scan, selectLicence+`WHERE identifier = $1`, identifier)
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, l Licence, sole bool) error {
	b, err := json.Marshal(content{l.HolderName, l.HolderNumber, l.AgencyName, l.seal, l.Fields})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO licence_licence (`+licenceColumns+`, sole)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, $16, $17, $18, $19, $20, $21, '', '', '', $22, $23, $24, $25)`,
		l.ID, l.Identifier, l.Number, l.Type, l.TypeVersion, l.TypeName, l.HolderKind, l.Subject, l.PersonID, l.FirmID,
		s.d.Vault.Seal("licence_licence.content."+l.ID, b), l.AgencyKey, l.CaseID, l.ItemKey, string(l.State), l.StateAt.UnixMilli(), l.ValidFrom, l.ValidUntil,
		l.Trust, l.Test, string(l.File), l.Issued.UnixMilli(), l.Edition, l.Previous, sole)
	if db.Unique(err) {
		return errs.Wrap(err, errs.Conflict, "licence.issued_meanwhile")
	}
	return err
}

// makeRoom closes the holder's licences of the type whose last day is over, and refuses when one is still in force.
func makeRoom(ctx context.Context, tx *db.Tx, l Licence, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE licence_licence SET state = 'expired', state_ms = $1 WHERE type_key = $2 AND subject = $3 AND state = 'valid'
		AND valid_until <> '' AND valid_until < $4`, now.UnixMilli(), l.Type, l.Subject, l.ValidFrom)
	if err != nil {
		return err
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM licence_licence WHERE type_key = $1 AND subject = $2 AND state IN ('valid', 'suspended')`, l.Type, l.Subject).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return errs.New(errs.Conflict, "licence.already_held", errs.P{"type": l.TypeName})
	}
	return nil
}

func (s *Service) moveState(ctx context.Context, tx *db.Tx, now time.Time, l Licence, to State, reason string) error {
	err := tx.Exec1(ctx, errs.New(errs.Conflict, "licence.state", stateParams(l.State, to)),
		`UPDATE licence_licence SET state = $1, reason = $2, state_ms = $3 WHERE id = $4 AND state = $5`,
		string(to), s.d.Vault.SealText("licence_licence.reason."+l.ID, reason), now.UnixMilli(), l.ID, string(l.State))
	if db.Unique(err) {
		return errs.Wrap(err, errs.Conflict, "licence.already_held", errs.P{"type": l.TypeName})
	}
	return err
}

func stateParams(from, to State) errs.P {
	return errs.P{"from": i18n.Key("licence.state_" + string(from)), "to": i18n.Key("licence.state_" + string(to))}
}

// markReady stores the file of a licence that has none; false when another run was first.
func markReady(ctx context.Context, tx *db.Tx, id, blobID, digest string) (bool, error) {
	return changed(ctx, tx, `UPDATE licence_licence SET file_state = 'ready', failure = '', blob_id = $1, digest = $2 WHERE id = $3 AND file_state <> 'ready'`, blobID, digest, id)
}

func setFile(ctx context.Context, tx *db.Tx, id string, from, to FileState, failure string) (bool, error) {
	return changed(ctx, tx, `UPDATE licence_licence SET file_state = $1, failure = $2 WHERE id = $3 AND file_state = $4`, string(to), failure, id, string(from))
}

func changed(ctx context.Context, tx *db.Tx, q string, args ...any) (bool, error) {
	r, err := tx.ExecContext(ctx, q, args...)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func insertUse(ctx context.Context, tx *db.Tx, u Use) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO licence_use (id, licence_id, how, detail, by_actor, at_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		ident.New(), u.LicenceID, u.How, u.Detail, u.By, u.At.UnixMilli())
	return err
}

func uses(ctx context.Context, q db.Q, id string) ([]Use, error) {
	return db.All(ctx, q, func(r *db.Rows) (Use, error) {
		var u Use
		var at int64
		err := r.Scan(&u.LicenceID, &u.How, &u.Detail, &u.By, &at)
		u.At = time.UnixMilli(at)
		return u, err
	}, `SELECT licence_id, how, detail, by_actor, at_ms FROM licence_use WHERE licence_id = $1 ORDER BY at_ms DESC, id DESC LIMIT 100`, id)
}

// row is what the register says to a verifier.
type row struct {
	id, digest string
	state      State
}

func lookup(ctx context.Context, q db.Q, identifier string) (row, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "licence.unknown_identifier"), func(r *db.Rows) (row, error) {
		var v row
		return v, r.Scan(&v.id, &v.digest, &v.state)
	}, `SELECT id, digest, state FROM licence_licence WHERE identifier = $1`, identifier)
}
