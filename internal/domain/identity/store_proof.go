package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

const proofColumns = `id, level, method, verified_ms, expires_ms, issuer, session_id`

func scanProof(r *db.Rows, more ...any) (Proof, error) {
	var p Proof
	var verified, expires int64
	err := r.Scan(append(more, &p.ID, &p.Level, &p.Method, &verified, &expires, &p.Issuer, &p.Session)...)
	p.VerifiedAt = time.UnixMilli(verified)
	if expires > 0 {
		p.Expires = time.UnixMilli(expires)
	}
	return p, err
}

// Proofs lists how a person's levels were proved, the newest first; those of sessions that are over are not kept.
func (s *Service) Proofs(ctx context.Context, personID string) ([]Proof, error) {
	return db.All(ctx, s.d.R(), func(r *db.Rows) (Proof, error) { return scanProof(r) },
		`SELECT `+proofColumns+` FROM identity_proof WHERE person_id = $1 ORDER BY verified_ms DESC, id DESC`, personID)
}

// standing is what every request asks of a person: whether they live, and the proofs that count in a session. No sealed column is opened for it.
func standing(ctx context.Context, q db.Q, personID, sessionID string) (alive bool, proofs []Proof, err error) {
	all, err := db.All(ctx, q, func(r *db.Rows) (Proof, error) { return scanProof(r, &alive) },
		`SELECT p.alive, COALESCE(f.id, ''), COALESCE(f.level, 0), COALESCE(f.method, ''), COALESCE(f.verified_ms, 0), COALESCE(f.expires_ms, 0), COALESCE(f.issuer, ''), COALESCE(f.session_id, '')
		FROM identity_person p LEFT JOIN identity_proof f ON f.person_id = p.id AND f.session_id IN ('', $2) WHERE p.id = $1`, personID, sessionID)
	if err == nil && len(all) == 0 {
		err = db.ErrNoRows
	}
	return alive, all, err
}

// addProof writes a proof; the same method proved again, standing or in the same session, takes the older one's place.
func addProof(ctx context.Context, tx *db.Tx, personID string, p Proof) error {
	var expires int64
	if !p.Expires.IsZero() {
		expires = p.Expires.UnixMilli()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO identity_proof (id, person_id, level, method, verified_ms, expires_ms, issuer, session_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (person_id, method, session_id) DO UPDATE SET level = excluded.level, verified_ms = excluded.verified_ms, expires_ms = excluded.expires_ms, issuer = excluded.issuer`,
		ident.New(), personID, p.Level, p.Method, p.VerifiedAt.UnixMilli(), expires, p.Issuer, p.Session)
	return err
}

// moveProofs gives a shell's proofs to the person it turned out to be; where both have one, the person's stays.
func moveProofs(ctx context.Context, tx *db.Tx, from, into string) error {
	_, err := tx.ExecContext(ctx, `UPDATE identity_proof SET person_id = $1 WHERE person_id = $2 AND NOT EXISTS
		(SELECT 1 FROM identity_proof o WHERE o.person_id = $1 AND o.method = identity_proof.method AND o.session_id = identity_proof.session_id)`, into, from)
	return err
}
