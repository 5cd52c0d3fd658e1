package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// beginFace counts the check, because each costs money, and notes for whom and within what it was begun. Checks of who is not signed in have a count of
// their own, so that strangers who know name and number cannot use up the owner's.
func (s *Service) beginFace(ctx context.Context, count, personID, name, number, within, back string) (url string, err error) {
	if s.deps.Face == nil {
		return "", errs.New(errs.Unavailable, "identity.face_away")
	}
	var wait time.Duration
	err = s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		wait, err = take(ctx, tx, s.now(), count+s.SubjectOf(number), faceTries)
		return err
	})
	if err == nil && wait > 0 {
		err = errs.New(errs.TooMany, "identity.face_day", errs.P{"seconds": seconds(wait)})
	}
	if err != nil {
		return "", err
	}
	id, url, err := s.deps.Face.Begin(ctx, name, number, back)
	if err != nil {
		return "", errs.Wrap(err, errs.Unavailable, "identity.face_away")
	}
	return url, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		_, err := tx.ExecContext(ctx, `INSERT INTO identity_face (id, person_id, session_id, created_ms, ends_ms, used_ms) VALUES ($1, $2, $3, $4, $5, 0)`,
			id, personID, within, now.UnixMilli(), now.Add(faceLife).UnixMilli())
		return err
	})
}

// facePassed asks the provider and uses the check up.
func (s *Service) facePassed(ctx context.Context, personID, within, id string) error {
	gone := errs.New(errs.Gone, "identity.face_gone")
	now := s.now()
	if s.deps.Face == nil {
		return gone
	}
	if _, err := db.One(ctx, s.d.R(), gone, scanText, `SELECT id FROM identity_face WHERE id = $1 AND person_id = $2 AND session_id = $3 AND used_ms = 0 AND ends_ms > $4`,
		id, personID, within, now.UnixMilli()); err != nil {
		return err
	}
	r, err := s.deps.Face.Result(ctx, id)
	switch {
	case err != nil:
		return errs.Wrap(err, errs.Unavailable, "identity.face_away")
	case !r.Done:
		return errs.New(errs.Conflict, "identity.face_pending")
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.Exec1(ctx, gone, `UPDATE identity_face SET used_ms = $1 WHERE id = $2 AND used_ms = 0`, now.UnixMilli(), id)
	})
	switch {
	case err != nil:
		return err
	case !r.Passed:
		return errs.New(errs.Invalid, "identity.face_failed")
	case now.Sub(r.At) > faceFresh || r.At.Sub(now) > time.Minute:
		return gone
	}
	return nil
}
