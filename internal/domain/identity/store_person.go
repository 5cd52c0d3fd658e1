package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

const personColumns = `id, number_kind, number, name, sex, birth, phone, address, level, alive, merged_into, verified_ms`

func (s *Service) scanPerson(r *db.Rows) (Person, error) {
	var p Person
	var sealed [6][]byte
	var verified int64
	err := r.Scan(&p.ID, &p.NumberKind, &sealed[0], &sealed[1], &sealed[2], &sealed[3], &sealed[4], &sealed[5], &p.Level, &p.Alive, &p.mergedInto, &verified)
	if err != nil {
		return p, err
	}
	if verified > 0 {
		p.VerifiedAt = time.UnixMilli(verified)
	}
	for i, f := range p.sealed() {
		if *f.text, err = s.v.OpenText(f.aad, sealed[i]); err != nil {
			return p, err
		}
	}
	return p, nil
}

type sealedField struct {
	aad  string
	text *string
}

// sealed lists the personal columns in the order of personColumns.
func (p *Person) sealed() [6]sealedField {
	at := func(column string) string { return "identity_person." + column + "." + p.ID }
	return [6]sealedField{
		{at("number"), &p.Number},
		{at("name"), &p.Name},
		{at("sex"), &p.Sex},
		{at("birth"), &p.Birth},
		{at("phone"), &p.Phone},
		{at("address"), &p.Address},
	}
}

// findPerson looks a person up by a column of ours: id or number_key.
func (s *Service) findPerson(ctx context.Context, q db.Q, column, value string) (Person, error) {
	return db.One(ctx, q, errNoPerson, s.scanPerson, `SELECT `+personColumns+` FROM identity_person WHERE `+column+` = $1`, value)
}

// savePerson writes a person as it is now; a new one is added.
func (s *Service) savePerson(ctx context.Context, tx *db.Tx, now time.Time, p Person) error {
	var numberKey *string
	if p.Number != "" {
		k := s.SubjectOf(p.Number)
		numberKey = &k
	}
	var verified int64
	if !p.VerifiedAt.IsZero() {
		verified = p.VerifiedAt.UnixMilli()
	}
	args := []any{p.ID, numberKey, p.NumberKind, s.phoneKey(p.Phone)}
	for _, f := range p.sealed() {
		args = append(args, s.v.SealText(f.aad, *f.text))
	}
	args = append(args, p.Level, p.Alive, p.mergedInto, verified, now.UnixMilli())
	_, err := tx.ExecContext(ctx, `INSERT INTO identity_person (id, number_key, number_kind, phone_key, number, name, sex, birth, phone, address, level, alive, merged_into, verified_ms, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET number_key = excluded.number_key, number_kind = excluded.number_kind, phone_key = excluded.phone_key, number = excluded.number,
			name = excluded.name, sex = excluded.sex, birth = excluded.birth, phone = excluded.phone, address = excluded.address, level = excluded.level,
			alive = excluded.alive, merged_into = excluded.merged_into, verified_ms = excluded.verified_ms`, args...)
	if err != nil || p.Level < LevelChecked {
		return err
	}
	return addProof(ctx, tx, p.ID, Proof{Level: LevelChecked, Method: ByRegistry, VerifiedAt: p.VerifiedAt})
}

// account is a phone with which somebody signs in.
type account struct{ id, personID string }

func scanAccount(r *db.Rows) (account, error) {
	var a account
	err := r.Scan(&a.id, &a.personID)
	return a, err
}

// accountOf gives the account of a phone, or none.
func (s *Service) accountOf(ctx context.Context, q db.Q, phone string) (account, error) {
	all, err := db.All(ctx, q, scanAccount, `SELECT id, person_id FROM identity_account WHERE phone_key = $1`, s.phoneKey(phone))
	if err != nil || len(all) == 0 {
		return account{}, err
	}
	return all[0], nil
}

// accountsOf counts the accounts of a person.
func accountsOf(ctx context.Context, q db.Q, personID string) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM identity_account WHERE person_id = $1`, personID).Scan(&n)
	return n, err
}

// addAccount gives a person a phone that has just answered.
func (s *Service) addAccount(ctx context.Context, tx *db.Tx, now time.Time, id, phone, personID string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO identity_account (id, phone_key, phone, person_id, created_ms) VALUES ($1, $2, $3, $4, $5)`,
		id, s.phoneKey(phone), s.v.SealText("identity_account.phone."+id, phone), personID, now.UnixMilli())
	if err != nil {
		return err
	}
	return addProof(ctx, tx, personID, Proof{Level: LevelPhone, Method: BySMS, VerifiedAt: now})
}

// moveAccounts gives a shell's accounts, sessions, devices and proofs to the person it turned out to be, and ends its access tokens.
func moveAccounts(ctx context.Context, tx *db.Tx, now time.Time, from, into string) error {
	for _, q := range []string{
		`UPDATE identity_account SET person_id = $1 WHERE person_id = $2`,
		`UPDATE identity_session SET person_id = $1, firm_id = '', for_person = '', mandate_id = '' WHERE person_id = $2`,
		`UPDATE identity_outside SET person_id = $1 WHERE person_id = $2`,
		`UPDATE identity_person SET merged_into = $1 WHERE id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, q, into, from); err != nil {
			return err
		}
	}
	if err := moveProofs(ctx, tx, from, into); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE identity_device SET owner = $1 WHERE owner = $2 AND NOT EXISTS
		(SELECT 1 FROM identity_device o WHERE o.owner = $1 AND o.device_key = identity_device.device_key)`, personOwner(into), personOwner(from)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE identity_token SET ended_ms = $1 WHERE person_id = $2 AND ended_ms = 0`, now.UnixMilli(), from)
	return err
}

// dropLinks forgets the outside accounts and the devices of a person.
func dropLinks(ctx context.Context, tx *db.Tx, personID string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM identity_outside WHERE person_id = $1`, personID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM identity_device WHERE owner = $1`, personOwner(personID))
	return err
}

func dropAccounts(ctx context.Context, tx *db.Tx, personID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM identity_account WHERE person_id = $1`, personID)
	return err
}
