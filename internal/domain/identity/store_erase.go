package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// EndAccountTx ends a person's account at their own wish (个人信息保护法 47): sessions, access tokens, phones, devices, links to outside providers and
// what was being proved. Who they are stays where the law keeps it (档案法, 行政许可法): the person a case or licence names keeps name and number, but no
// phone, and only the level the registry gave; a shell of which only the phone was known is emptied. It is the last of what ends with an account.
func (s *Service) EndAccountTx(ctx context.Context, tx *db.Tx, now time.Time, personID string) error {
	p, err := s.findPerson(ctx, tx, "id", personID)
	if err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, now, personOwner(personID), ""); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM identity_account WHERE person_id = $1`,
		`DELETE FROM identity_outside WHERE person_id = $1`,
		`DELETE FROM identity_face WHERE person_id = $1`,
		`DELETE FROM identity_qr WHERE person_id = $1`,
		`DELETE FROM identity_proof WHERE person_id = $1 AND method <> 'registry'`,
	} {
		if _, err := tx.ExecContext(ctx, q, personID); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`DELETE FROM identity_device WHERE owner = $1`, `DELETE FROM identity_step WHERE owner = $1`, `DELETE FROM identity_stash WHERE owner = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, personOwner(personID)); err != nil {
			return err
		}
	}
	p.Phone, p.Level = "", min(p.Level, LevelChecked)
	if p.Number == "" {
		p = Person{ID: p.ID, Alive: p.Alive}
	}
	if err := s.savePerson(ctx, tx, now, p); err != nil {
		return err
	}
	a := authz.Actor{PersonID: personID, Via: "page"}
	return s.record(ctx, tx, now, a, "identity.account_end", personOwner(personID), p.Number)
}
