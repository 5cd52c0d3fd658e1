package govstack

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// hashOf is what stands for a token in the database. Tokens are random, so a plain hash cannot be reversed.
func hashOf(token string) string {
	sum := sm3.Sum([]byte(token))
	return hex.EncodeToString(sum[:])
}

const selectMember = `SELECT id, client, state, version, CAST(data AS TEXT), token_hash, open, since_ms FROM govstack_member `

func scanMember(r *db.Rows) (Member, error) {
	var m Member
	var data string
	var since int64
	if err := r.Scan(&m.ID, &m.Client, &m.State, &m.Version, &data, &m.tokenHash, &m.open, &since); err != nil {
		return m, err
	}
	m.Since, m.HasToken = time.UnixMilli(since), m.tokenHash != ""
	return m, json.Unmarshal([]byte(data), &m)
}

func errNoMember() error { return errs.New(errs.NotFound, "govstack.member_unknown") }

func errMoved() error { return errs.New(errs.Conflict, "govstack.moved_meanwhile") }

func (s *Service) members(ctx context.Context) ([]Member, error) {
	return db.All(ctx, s.DB.R(), scanMember, selectMember+`ORDER BY client`)
}

func (s *Service) member(ctx context.Context, q db.Q, id string) (Member, error) {
	return db.One(ctx, q, errNoMember(), scanMember, selectMember+`WHERE id = $1`, id)
}

func (s *Service) memberOf(ctx context.Context, q db.Q, client string) (Member, error) {
	return db.One(ctx, q, errNoMember(), scanMember, selectMember+`WHERE client = $1`, client)
}

func insertMember(ctx context.Context, tx *db.Tx, m Member, now time.Time) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO govstack_member (id, client, state, version, data, token_hash, open, since_ms) VALUES ($1, $2, $3, 1, $4, '', $5, $6)`,
		m.ID, m.Client, m.State, string(data), false, now.UnixMilli())
	return err
}

// putMember makes a grant the one in force; base is the version it was made of.
func putMember(ctx context.Context, tx *db.Tx, m Member, base int64, now time.Time) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, errMoved(), `UPDATE govstack_member SET state = 'active', version = version + 1, data = $1, since_ms = $2 WHERE id = $3 AND version = $4`,
		string(data), now.UnixMilli(), m.ID, base)
}

func openMember(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE govstack_member SET open = $1 WHERE id = $2`, true, id)
}

func suspendMember(ctx context.Context, tx *db.Tx, id string, now time.Time) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE govstack_member SET state = 'suspended', version = version + 1, since_ms = $1 WHERE id = $2 AND state = 'active'`, now.UnixMilli(), id)
}

func setToken(ctx context.Context, tx *db.Tx, id, hash string) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE govstack_member SET token_hash = $1 WHERE id = $2 AND state = 'active'`, hash, id)
}

const selectProposal = `SELECT p.id, p.member_id, m.client, p.base, CAST(p.data AS TEXT), p.state, p.asked_by, p.asked_ms, p.decided_by, p.decided_ms
	FROM govstack_proposal p JOIN govstack_member m ON m.id = p.member_id `

func scanProposal(r *db.Rows) (Proposal, error) {
	var p Proposal
	var data string
	var asked, decided int64
	if err := r.Scan(&p.ID, &p.Member.ID, &p.Member.Client, &p.Base, &data, &p.State, &p.AskedBy, &asked, &p.DecidedBy, &decided); err != nil {
		return p, err
	}
	p.AskedAt = time.UnixMilli(asked)
	if decided > 0 {
		p.DecidedAt = time.UnixMilli(decided)
	}
	return p, json.Unmarshal([]byte(data), &p.Member)
}

func proposalsOf(ctx context.Context, q db.Q, member string) ([]Proposal, error) {
	return db.All(ctx, q, scanProposal, selectProposal+`WHERE p.member_id = $1 ORDER BY p.asked_ms DESC, p.id DESC LIMIT 50`, member)
}

func openProposals(ctx context.Context, q db.Q) ([]Proposal, error) {
	return db.All(ctx, q, scanProposal, selectProposal+`WHERE p.state = 'asked' ORDER BY p.asked_ms, p.id`)
}

func findProposal(ctx context.Context, q db.Q, id string) (Proposal, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "govstack.proposal_unknown"), scanProposal, selectProposal+`WHERE p.id = $1`, id)
}

func insertProposal(ctx context.Context, tx *db.Tx, p Proposal) error {
	data, err := json.Marshal(p.Member)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO govstack_proposal (id, member_id, base, data, state, asked_by, asked_ms, decided_by, decided_ms) VALUES ($1, $2, $3, $4, 'asked', $5, $6, '', 0)`,
		p.ID, p.Member.ID, p.Base, string(data), p.AskedBy, p.AskedAt.UnixMilli())
	return err
}

func decideProposal(ctx context.Context, tx *db.Tx, id, state, by string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "govstack.decided_already"),
		`UPDATE govstack_proposal SET state = $1, decided_by = $2, decided_ms = $3 WHERE id = $4 AND state = 'asked' AND (asked_by <> $2 OR CAST($1 AS TEXT) = 'refused')`,
		state, by, now.UnixMilli(), id)
}
