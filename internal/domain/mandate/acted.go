package mandate

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Act is something a person did in the name of another.
type Act struct {
	MandateID string // empty for a firm's legal representative: that is the firm itself, and nothing is stored
	ByPerson  string
	ForKind   string
	ForID     string
	Act       string // authz.ActApply, ActSign, ActView or ActCollect
	Object    string // "case:<id>", "licence:<id>"
	What      string // words for it, for the one acted for: the item's name; kept sealed
}

// Done is an act as giver and holder see it.
type Done struct {
	ID, Act, Object, What string
	ByPerson              string
	At                    time.Time
}

// Acted stores an act in the name of another in the transaction of the act, and tells the one acted for. Looking (ActView) is stored every time and
// told once a day. errs.Conflict "mandate.no_right" if the mandate is not the one of these two.
func (s *Service) Acted(ctx context.Context, tx *db.Tx, now time.Time, act Act) error {
	if act.MandateID == "" {
		return nil
	}
	m, err := s.find(ctx, tx, act.MandateID)
	if err != nil {
		return err
	}
	if ok, err := s.between(ctx, m, act); err != nil {
		return err
	} else if !ok {
		return errs.New(errs.Conflict, "mandate.no_right")
	}
	id := ident.New()
	if err := insertAct(ctx, tx, now, id, act, s.v.SealText("mandate_act.what."+id, act.What)); err != nil {
		return err
	}
	template, key := "mandate.acted", "act:"+id
	if act.Act == authz.ActView { // no text message for every look
		template, key = "mandate.viewed", "view:"+m.ID+":"+dayOf(now)
	}
	return s.tellActed(ctx, tx, now, template, m.ID, id, key)
}

// between reports whether an act is one of the two a mandate is between. An act that is told late may still name an account that was merged since.
func (s *Service) between(ctx context.Context, m Mandate, act Act) (bool, error) {
	if m.ForKind != act.ForKind {
		return false, nil
	}
	by, err := s.isPerson(ctx, m.HolderID, act.ByPerson)
	if err != nil || !by || m.ForKind == ForFirm {
		return by && m.ForID == act.ForID, err
	}
	return s.isPerson(ctx, m.ForID, act.ForID)
}

func (s *Service) isPerson(ctx context.Context, id, named string) (bool, error) {
	if id == named {
		return true, nil
	}
	p, err := s.deps.People.Person(ctx, named)
	if errs.KindOf(err) == errs.NotFound {
		return false, nil
	}
	return p.ID == id, err
}

// Acts lists the acts under a mandate, newest first, for the two it is between; after is the id of the last one seen.
func (s *Service) Acts(ctx context.Context, a authz.Actor, id, after string, limit int) ([]Done, error) {
	if _, _, err := s.seen(ctx, a, id); err != nil {
		return nil, err
	}
	if after != "" && !ident.Valid(after) {
		return nil, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
	}
	return s.acts(ctx, s.d.R(), id, after, limit)
}
