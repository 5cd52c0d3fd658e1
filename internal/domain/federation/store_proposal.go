package federation

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
)

func (s *Service) addProposal(ctx context.Context, tx *db.Tx, p Proposal) error {
	doc, err := json.Marshal(p.Settings)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO federation_proposal (id, provider, settings, secret, base, why, state, proposed_by, at_ms, decided_by, decided_ms, decided_why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, '')`,
		p.ID, p.Key, string(doc), s.d.Vault.SealText("federation_proposal.secret."+p.ID, p.Secret), p.Base, p.Why, p.State, p.By, p.At.UnixMilli())
	return err
}

const selectProposal = `SELECT id, provider, CAST(settings AS TEXT), secret, base, why, state, proposed_by, at_ms, decided_by, decided_ms, decided_why FROM federation_proposal `

func (s *Service) scanProposal(r *db.Rows) (Proposal, error) {
	var p Proposal
	var key, doc string
	var secret []byte
	var at, decided int64
	err := r.Scan(&p.ID, &key, &doc, &secret, &p.Base, &p.Why, &p.State, &p.By, &at, &p.DecidedBy, &decided, &p.DecidedWhy)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &p.Settings)
	}
	if err != nil {
		return p, err
	}
	p.Key, p.At = key, time.UnixMilli(at)
	if decided > 0 {
		p.DecidedAt = time.UnixMilli(decided)
	}
	p.Secret, err = s.d.Vault.OpenText("federation_proposal.secret."+p.ID, secret)
	return p, err
}

func (s *Service) proposals(ctx context.Context, q db.Q) ([]Proposal, error) {
	return db.All(ctx, q, s.scanProposal, selectProposal+`ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, id DESC LIMIT 100`)
}

func (s *Service) proposal(ctx context.Context, q db.Q, id string) (Proposal, error) {
	return db.One(ctx, q, errNoAsk, s.scanProposal, selectProposal+`WHERE id = $1`, id)
}

// decide ends an open proposal, once. What was proposed as a secret is not kept beyond it.
func decide(ctx context.Context, tx *db.Tx, id, state, by, why string, now time.Time) error {
	return tx.Exec1(ctx, errDecided, `UPDATE federation_proposal SET state = $1, decided_by = $2, decided_ms = $3, decided_why = $4, secret = NULL WHERE id = $5 AND state = 'open'`,
		state, by, now.UnixMilli(), why, id)
}
