package org

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
)

// maxReason is the longest reason or note, in characters.
const maxReason = 500

// Propose takes a change of powers by a security officer (Rights: by the system administrator). It waits for review, but for Withdraw, which
// takes effect at once and is reviewed afterwards. Errors: errs.Invalid "org.invalid" with fields named as in Change, errs.Forbidden
// "org.out_of_reach" and "org.own_account", errs.NotFound.
func (s *Service) Propose(ctx context.Context, a authz.Actor, c Change, reason string) (id string, err error) {
	if err := mayAct(a, c); err != nil {
		return "", err
	}
	switch c.Kind {
	case Join:
		c.StaffID = ident.New()
	case Table: // by ProposeImport
		return "", errs.New(errs.BadRequest, "base.bad_request")
	}
	c.Undo, c.Regions = nil, nil // both are worked out here
	now := s.now()
	p := Proposal{ID: ident.New(), Change: c, Reason: strings.TrimSpace(reason), By: a.StaffID, At: now, State: Open}
	err = s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error { return s.propose(ctx, tx, n, a, p) })
	return p.ID, err
}

// Appoint makes an account at once, without review: the first security officers of a new installation. Only the program itself may, on a command
// of who runs it. What nobody may hold together is refused all the same.
func (s *Service) Appoint(ctx context.Context, a authz.Actor, c Change, reason string) (staffID string, err error) {
	if a.StaffID != authz.System.StaffID || c.Kind != Join {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	c.StaffID = ident.New()
	now := s.now()
	p := Proposal{ID: ident.New(), Change: c, Reason: reason, By: a.StaffID, At: now, State: Approved}
	return c.StaffID, s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error {
		d, f := n.plan(c, p.ID, now)
		if err := errs.Fields("org.invalid", f); err != nil {
			return err
		}
		if err := s.putProposal(ctx, tx, p); err != nil {
			return err
		}
		return s.carryOut(ctx, tx, n, p, d, now)
	})
}

func mayAct(a authz.Actor, c Change) error {
	if c.proposerRole() == authz.Admin {
		return may(a, authz.OrgAdmin)
	}
	return may(a, authz.PowerReview)
}

// propose checks and stores a proposal inside the transaction; n is private to it.
func (s *Service) propose(ctx context.Context, tx *db.Tx, n *snapshot, a authz.Actor, p Proposal) error {
	now := p.At
	if _, known := n.staffID[p.StaffID]; !known && p.Kind != Join && p.StaffID != "" {
		return errs.New(errs.NotFound, "org.no_staff", errs.P{"key": p.StaffID})
	}
	if p.StaffID != "" && n.onePerson(a.StaffID, p.StaffID) {
		return errs.New(errs.Forbidden, "org.own_account")
	}
	d, f := n.plan(p.Change, p.ID, now)
	if p.Reason == "" {
		f.add("reason", "org.required_reason")
	} else if len([]rune(p.Reason)) > maxReason {
		f.add("reason", "org.reason_long", errs.P{"max": maxReason})
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	var err error
	if p.Needs, err = n.mayPropose(a, p.Change, d, now); err != nil {
		return err
	}
	if p.Kind == Withdraw {
		p.State = Acted
		for _, h := range d.cuts {
			i := slices.IndexFunc(n.held[h.StaffID], func(o Holding) bool { return o.ID == h.ID })
			p.Undo = append(p.Undo, undo{h.ID, db.Millis(n.held[h.StaffID][i].Until)})
		}
	}
	regions, _ := n.touched(p.Change, d, now)
	p.ByFor = n.behalf(a, p.proposerRole(), regions, now)
	if err := s.putProposal(ctx, tx, p); err != nil {
		return err
	}
	if p.State == Acted {
		if err := s.carryOut(ctx, tx, n, p, d, now); err != nil {
			return err
		}
	}
	if err := s.tellTx(ctx, tx, now, p.ID); err != nil {
		return err
	}
	return s.recorded(ctx, tx, a, "org.propose", p, p.ByFor)
}

// recorded writes what an officer did with a proposal; somebody stood in for is named (代).
func (s *Service) recorded(ctx context.Context, tx *db.Tx, a authz.Actor, act string, p Proposal, standsFor string) error {
	e := s.entry(a, act, "proposal:"+p.ID, string(p.Kind))
	if standsFor != "" {
		e.OnBehalf = "staff:" + standsFor
	}
	return audit.Tx(ctx, tx, s.now(), e)
}

// power runs an act over powers: the version moves first, so that two such acts never run at once, and the act sees everything as it is.
func (s *Service) power(ctx context.Context, fn func(ctx context.Context, tx *db.Tx, n *snapshot) error) error {
	defer s.written()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := bump(ctx, tx); err != nil {
			return err
		}
		n, err := s.load(ctx, tx)
		if err != nil {
			return err
		}
		return fn(ctx, tx, n)
	})
}

// carryOut writes a change that holds, records it and tells whose powers changed.
func (s *Service) carryOut(ctx context.Context, tx *db.Tx, n *snapshot, p Proposal, d delta, now time.Time) error {
	if err := s.write(ctx, tx, d); err != nil {
		return err
	}
	n.apply(d)
	who := []string{p.StaffID}
	if d.post != nil {
		who = n.posted[d.post.Key]
	}
	for _, id := range who {
		st := n.staff[n.staffID[id]]
		if err := event.Publish(ctx, tx, now, StaffChanged{StaffID: id, Disabled: st.idle(now)}); err != nil {
			return err
		}
	}
	object := "staff:" + p.StaffID
	if d.post != nil {
		object = "post:" + d.post.Key
	}
	e := audit.Entry{Actor: "staff:" + p.By, Act: "org.power_" + string(p.Kind), Object: object, What: written(p.Change, d), Reason: "proposal:" + p.ID}
	if p.Kind == Substitute {
		e.OnBehalf = "staff:" + p.For
	}
	return audit.Tx(ctx, tx, now, e)
}

// written says what a change did, for the audit record.
func written(c Change, d delta) string {
	var out []string
	for _, h := range d.adds {
		out = append(out, "+"+h.Post)
	}
	for _, h := range d.cuts {
		out = append(out, "-"+h.Post)
	}
	if d.account != nil && d.account.off {
		out = append(out, "disabled")
	}
	if d.post != nil {
		out = append(out, d.post.Acts...)
	}
	return strings.Join(out, ",")
}

// Review is a second officer's verdict on a proposal; the last approval it needs carries it out. A refusal needs a note. Errors: errs.Forbidden
// "org.review_own", "org.own_account", "org.out_of_reach", "org.review_above"; errs.Conflict "org.reviewed_already", "org.review_twice";
// errs.Invalid with the findings that have arisen since it was proposed.
func (s *Service) Review(ctx context.Context, a authz.Actor, id string, approve bool, note string) error {
	if err := may(a, authz.PowerReview); err != nil {
		return err
	}
	if note = strings.TrimSpace(note); note == "" && !approve {
		return errs.Fields("org.invalid", findings{{Path: "note", Key: "org.required_refusal"}})
	}
	return s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error {
		p, err := s.proposal(ctx, tx, id)
		if err != nil {
			return err
		}
		if !p.Waits() {
			return errs.New(errs.Conflict, "org.reviewed_already")
		}
		now := s.now()
		var d delta
		var f findings
		if p.State == Open && p.Kind != Table {
			d, f = n.plan(p.Change, p.ID, now)
		}
		if err := n.mayReview(a, p, d, now); err != nil {
			return err
		}
		regions, _ := n.touched(p.Change, d, now)
		v := Review{By: a.StaffID, For: n.behalf(a, authz.Security, regions, now), Approved: approve, Note: clip(note, maxReason), At: now}
		if err := s.putReview(ctx, tx, p.ID, v); err != nil {
			return err
		}
		act := "org.refuse"
		if approve {
			act = "org.approve"
		}
		if err := s.recorded(ctx, tx, a, act, p, v.For); err != nil {
			return err
		}
		switch {
		case !approve:
			return s.refuse(ctx, tx, n, p, now)
		case len(p.Reviews)+1 < p.Needs:
			return nil
		}
		if err := errs.Fields("org.invalid", f); err != nil {
			return err
		}
		return s.approve(ctx, tx, n, p, d, now)
	})
}

func (s *Service) approve(ctx context.Context, tx *db.Tx, n *snapshot, p Proposal, d delta, now time.Time) error {
	if err := turn(ctx, tx, p.ID, p.State, Approved); err != nil {
		return err
	}
	switch {
	case p.Kind == Table:
		return startImport(ctx, tx, now, p.Import)
	case p.State == Open:
		return s.carryOut(ctx, tx, n, p, d, now)
	case len(p.Posts) > 0: // withdrawn posts ended when they were withdrawn
		return nil
	}
	// A withdrawn account that stays off loses its posts, so that opening it again gives none back unseen.
	return s.write(ctx, tx, delta{cuts: n.endAt(p.StaffID, p.At, p.At)})
}

// refuse ends a proposal; a withdrawal that is refused is undone.
func (s *Service) refuse(ctx context.Context, tx *db.Tx, n *snapshot, p Proposal, now time.Time) error {
	if err := turn(ctx, tx, p.ID, p.State, Refused); err != nil {
		return err
	}
	if p.Kind == Table {
		return turnImport(ctx, tx, p.Import, importProposed, importRefused)
	}
	if p.State != Acted {
		return nil
	}
	var d delta
	if len(p.Posts) == 0 {
		st := n.staff[n.staffID[p.StaffID]]
		st.off = false
		d.account = &st
	}
	for _, h := range n.held[p.StaffID] {
		if i := slices.IndexFunc(p.Undo, func(u undo) bool { return u.ID == h.ID }); i >= 0 && h.Until.UnixMilli() == p.At.UnixMilli() {
			h.Until = db.Instant(p.Undo[i].Until)
			d.cuts = append(d.cuts, h)
		}
	}
	if f := n.after(d, p.StaffID).apartAfter(d, p.StaffID, now); len(f) > 0 {
		return errs.Fields("org.invalid", f)
	}
	return s.carryOut(ctx, tx, n, p, d, now)
}

// Drop takes back one's own proposal that nobody has decided yet. A withdrawal that took effect cannot be dropped.
func (s *Service) Drop(ctx context.Context, a authz.Actor, id string) error {
	if !a.May(authz.PowerReview) && !a.May(authz.OrgAdmin) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return s.power(ctx, func(ctx context.Context, tx *db.Tx, _ *snapshot) error {
		p, err := s.proposal(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case p.By != a.StaffID:
			return errs.New(errs.Forbidden, "org.drop_own")
		}
		if err := turn(ctx, tx, id, Open, Dropped); err != nil {
			return err
		}
		if p.Kind == Table {
			if err := turnImport(ctx, tx, p.Import, importProposed, importRefused); err != nil {
				return err
			}
		}
		return s.recorded(ctx, tx, a, "org.drop", p, "")
	})
}
