package talk

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
)

// consulted tells the officers of a post that its opinion is asked: they are of another agency and would not look for the case.
func (s *Service) consulted(ctx context.Context, tx *db.Tx, e event.Stored) error {
	x, err := event.Decode[cases.ConsultedEvent](e)
	if err != nil {
		return err
	}
	st, err := s.d.Cases.Standing(ctx, authz.System, x.CaseID)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	words := errs.P{"agency": s.agencyName(ctx, st.Case.Agency)}
	n := note{kind: NoticeConsult, ref: x.Consult, link: "/desk/cases/" + x.CaseID, words: words}
	if !x.Until.IsZero() {
		words["until"] = x.Until
	} else {
		n.kind = NoticeConsultOpen
	}
	return s.notifyTx(ctx, tx, few(s.holders(ctx, x.Post)), n, st.Case)
}
