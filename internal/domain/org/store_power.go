package org

import (
	"context"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func (s *Service) putProposal(ctx context.Context, tx *db.Tx, p Proposal) error {
	doc, err := json.Marshal(p.Change)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO org_proposal (id, kind, staff, doc, reason, by_staff, by_for, at_ms, needs, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, p.ID, string(p.Kind), p.StaffID, s.vault.Seal("org_proposal.doc."+p.ID, doc),
		s.vault.Seal("org_proposal.reason."+p.ID, []byte(p.Reason)), p.By, p.ByFor, db.Millis(p.At), p.Needs, string(p.State))
	return err
}

const proposalColumns = `SELECT id, doc, reason, by_staff, by_for, at_ms, needs, state FROM org_proposal `

func (s *Service) scanProposal(r *db.Rows) (Proposal, error) {
	var p Proposal
	var doc, reason []byte
	var when int64
	err := r.Scan(&p.ID, &doc, &reason, &p.By, &p.ByFor, &when, &p.Needs, &p.State)
	if err != nil {
		return p, err
	}
	p.At = db.Instant(when)
	if doc, err = s.vault.Open("org_proposal.doc."+p.ID, doc); err != nil {
		return p, err
	}
	if err := json.Unmarshal(doc, &p.Change); err != nil {
		return p, err
	}
	p.Reason, err = s.vault.OpenText("org_proposal.reason."+p.ID, reason)
	return p, err
}

func (s *Service) proposal(ctx context.Context, q db.Q, id string) (Proposal, error) {
	p, err := db.One(ctx, q, errs.New(errs.NotFound, "org.no_proposal"), s.scanProposal, proposalColumns+`WHERE id = $1`, id)
	if err != nil {
		return p, err
	}
	p.Reviews, err = s.reviews(ctx, q, id)
	return p, err
}

func (s *Service) reviews(ctx context.Context, q db.Q, id string) ([]Review, error) {
	return db.All(ctx, q, func(r *db.Rows) (Review, error) {
		var v Review
		var note []byte
		var when int64
		err := r.Scan(&v.By, &v.For, &v.Approved, &note, &when)
		if err != nil {
			return v, err
		}
		v.At = db.Instant(when)
		v.Note, err = s.vault.OpenText("org_review.note."+id+"/"+v.By, note)
		return v, err
	}, `SELECT by_staff, by_for, approved, note, at_ms FROM org_review WHERE proposal = $1 ORDER BY at_ms, by_staff`, id)
}

// waiting lists proposals that wait for review, or those that do not, newest first.
func (s *Service) listProposals(ctx context.Context, q db.Q, waiting bool, before string, limit int) ([]Proposal, error) {
	in := `state NOT IN ('open', 'acted')`
	if waiting {
		in = `state IN ('open', 'acted')`
	}
	return db.All(ctx, q, s.scanProposal, proposalColumns+`WHERE `+in+` AND (CAST($1 AS TEXT) = '' OR id < $1) ORDER BY id DESC LIMIT $2`, before, limit)
}

func (s *Service) proposalsOf(ctx context.Context, q db.Q, staff string) ([]Proposal, error) {
	ps, err := db.All(ctx, q, s.scanProposal, proposalColumns+`WHERE staff = $1 ORDER BY id DESC`, staff)
	for i := range ps {
		if err == nil {
			ps[i].Reviews, err = s.reviews(ctx, q, ps[i].ID)
		}
	}
	return ps, err
}

func (s *Service) putReview(ctx context.Context, tx *db.Tx, proposal string, v Review) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO org_review (proposal, by_staff, by_for, approved, note, at_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		proposal, v.By, v.For, v.Approved, s.vault.SealText("org_review.note."+proposal+"/"+v.By, v.Note), db.Millis(v.At))
	if db.Unique(err) {
		return errs.New(errs.Conflict, "org.review_twice")
	}
	return err
}

// turn moves a proposal from the state it was seen in.
func turn(ctx context.Context, tx *db.Tx, id string, from, to State) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "org.reviewed_already"), `UPDATE org_proposal SET state = $1 WHERE id = $2 AND state = $3`, string(to), id, string(from))
}

// write stores a delta and moves the version of what it changes.
func (s *Service) write(ctx context.Context, tx *db.Tx, d delta) error {
	if d.account != nil {
		if err := s.putStaff(ctx, tx, *d.account, ""); err != nil {
			return err
		}
	}
	for _, h := range d.cuts {
		if err := cutHolding(ctx, tx, h.ID, h.Until); err != nil {
			return err
		}
	}
	for _, h := range d.adds {
		if err := putHolding(ctx, tx, h); err != nil {
			return err
		}
	}
	if p := d.post; p != nil {
		return put(ctx, tx, postTable, p.Key, p.Agency, *p, "", p.Version)
	}
	return nil
}
