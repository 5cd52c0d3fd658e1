package rating

import (
	"cmp"
	"context"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
)

// Listeners turn the events of cases into contacts. A repeated event makes no second contact.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{
		listen(s, func(e cases.SubmittedEvent, h cases.Case) (cases.Fact, Contact, bool) {
			c, ok := submitted(e.Fact, h, "submit")
			return e.Fact, c, ok
		}),
		listen(s, func(e cases.ResubmittedEvent, h cases.Case) (cases.Fact, Contact, bool) {
			c, ok := resubmitted(e.Fact, h, e.Round)
			return e.Fact, c, ok
		}),
		listen(s, func(e cases.RefusedAcceptanceEvent, h cases.Case) (cases.Fact, Contact, bool) {
			c, ok := decided(h.Channel)
			return e.Fact, c, ok
		}),
		listen(s, func(e cases.DecidedEvent, h cases.Case) (cases.Fact, Contact, bool) {
			c, ok := decided(h.Channel)
			return e.Fact, c, ok
		}),
		listen(s, func(e cases.DeliveredEvent, _ cases.Case) (cases.Fact, Contact, bool) {
			c, ok := delivered(e.How, e.Taker)
			return e.Fact, c, ok
		}),
	}
}

// listen makes a listener of one typed event; which tells the contact it was, if any.
func listen[E event.Event](s *Service, which func(E, cases.Case) (cases.Fact, Contact, bool)) event.Listener {
	var none E
	return event.Listener{Name: "rating.contact." + none.Topic(), Topic: none.Topic(), Handle: func(ctx context.Context, tx *db.Tx, st event.Stored) error {
		e, err := event.Decode[E](st)
		if err != nil {
			return err
		}
		f, _, _ := which(e, cases.Case{})
		head, err := s.Cases.Head(ctx, f.CaseID)
		if err != nil || head.PersonID == "" {
			return err
		}
		f, c, ok := which(e, head)
		if !ok {
			return nil
		}
		c.ID, c.CaseID, c.Agency, c.Item, c.At, c.person = ident.New(), f.CaseID, f.Agency, f.ItemKey, f.At, s.blind(cmp.Or(c.served, head.PersonID))
		if c.At.IsZero() {
			c.At = st.At
		}
		return insertContact(ctx, tx, c)
	}}
}
