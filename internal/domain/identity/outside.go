package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/engine/cnid"
)

// Outside is what an outside provider said of who signed in there. Level is the one of ours that the provider's word was mapped to.
type Outside struct {
	Issuer, Subject     string
	Name, Number, Phone string // may be empty
	Level               int
	AMR                 []string
	AuthTime            time.Time // zero = now
}

// SignInOutside signs in who comes from an outside provider. The link between the provider's subject and a person here is made once: with a person
// who signs in here already only after a text message to their own phone (a ticket with Needs sms), or when the provider saw the person (level 3)
// or names that same phone; nobody's account is moved because somebody knows a name and a number. Level 2 and more is believed only with a name and
// number that the registry confirms. The session has the provider's level and not what the person proved elsewhere.
// Errors: Invalid "identity.name_mismatch", Conflict "identity.other_number", Forbidden "identity.dead", Unavailable, TooMany.
func (s *Service) SignInOutside(ctx context.Context, o Outside, from From) (SignedIn, error) {
	if o.Issuer == "" || o.Subject == "" {
		return SignedIn{}, errs.New(errs.Invalid, "identity.outside_nobody")
	}
	linked, err := s.linkedPerson(ctx, o)
	if err != nil {
		return SignedIn{}, err
	}
	if o.Level < LevelChecked || o.Number == "" {
		o.Level = min(o.Level, LevelPhone)
		return s.openLinked(ctx, o, linked, from)
	}
	return s.believe(ctx, o, linked, from)
}

// believe checks name and number with the registry before a level above 1 is taken over.
func (s *Service) believe(ctx context.Context, o Outside, linked Person, from From) (SignedIn, error) {
	name, id, err := namedPerson(o.Name, o.Number, s.today())
	if err != nil {
		return SignedIn{}, err
	}
	if linked.Number != "" {
		if linked.Number != id.Number {
			return SignedIn{}, errs.New(errs.Conflict, "identity.other_number")
		}
		return s.openLinked(ctx, o, linked, from) // confirmed when it was linked; refresh asks the registry again
	}
	phone, _ := cnid.ParseMobile(o.Phone)
	seen, m, err := s.confirm(ctx, "outside:"+s.outsideKey(o), name, id, phone)
	if err != nil {
		return SignedIn{}, err
	}
	known, err := s.PersonByNumber(ctx, id.Number)
	switch {
	case err == nil:
		return s.linkKnown(ctx, o, linked, known, m, phone, from)
	case errs.KindOf(err) != errs.NotFound:
		return SignedIn{}, err
	}
	if linked.ID != "" { // the shell of an earlier visit has a name now
		seen = linked.confirmed(seen, "")
	}
	return s.link(ctx, o, "", seen, from)
}

// linkKnown links a person who is known here, if it is sure that it is they; else it asks for the code from their phone.
func (s *Service) linkKnown(ctx context.Context, o Outside, linked, known Person, m Match, phone string, from From) (SignedIn, error) {
	n, err := accountsOf(ctx, s.d.R(), known.ID)
	if err != nil {
		return SignedIn{}, err
	}
	sure := n == 0 || o.Level >= LevelFace || phone != "" && (phone == known.Phone || m.Phone == matches)
	if sure {
		return s.link(ctx, o, linked.ID, known, from)
	}
	if known.Phone == "" {
		return SignedIn{}, errs.New(errs.Conflict, "identity.other_phone")
	}
	st := step{kind: stepLink, owner: personOwner(known.ID), amr: outsideAMR(o), needs: []string{WaySMS}, data: stepData{Outside: &o}}
	return s.ask(ctx, st, known.Phone, from)
}

// finishLink links after the code from the person's own phone.
func (s *Service) finishLink(ctx context.Context, st step, o opening) (SignedIn, error) {
	if st.data.Outside == nil {
		return SignedIn{}, errTicket
	}
	known, err := s.Person(ctx, o.personID)
	if err != nil {
		return SignedIn{}, err
	}
	shell, err := s.linkedPerson(ctx, *st.data.Outside)
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.spend(ctx, st.id); err != nil {
		return SignedIn{}, err
	}
	return s.linkAnd(ctx, *st.data.Outside, shell.ID, known, federated(*st.data.Outside, known, o))
}

func (s *Service) link(ctx context.Context, o Outside, shell string, p Person, from From) (SignedIn, error) {
	return s.linkAnd(ctx, o, shell, p, federated(o, p, opening{amr: outsideAMR(o)}.from(s, from)))
}

// federated makes an opening one that the provider vouches for. Without a confirmed number nothing above level 1 is believed.
func federated(o Outside, p Person, open opening) opening {
	level := min(max(o.Level, LevelDeclared), LevelCertified)
	if p.Number == "" {
		level = min(level, LevelPhone)
	}
	open.personID, open.issuer, open.authAt = p.ID, o.Issuer, o.AuthTime
	open.own = append(open.own, Proof{Level: level, Method: ByFederation, Issuer: o.Issuer})
	return open
}

func outsideAMR(o Outside) string {
	for i, m := range o.AMR {
		o.AMR[i] = clip(m, 20)
	}
	return addAMR("fed", o.AMR[:min(len(o.AMR), 8)]...)
}

// openLinked opens a session for a subject that is linked, or makes a shell for one of whom nothing is known.
func (s *Service) openLinked(ctx context.Context, o Outside, p Person, from From) (SignedIn, error) {
	if p.ID == "" {
		p = Person{Level: LevelDeclared, Alive: true}
	}
	return s.link(ctx, o, "", p, from)
}

func (s *Service) settleLinked(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, shell string, p Person, isNew bool) error {
	if shell != "" && shell != p.ID {
		if err := s.merge(ctx, tx, now, a, shell, p); err != nil {
			return err
		}
	}
	was, err := s.findPerson(ctx, tx, "id", p.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if !isNew && was.Number == p.Number {
		return nil
	}
	if err := s.savePerson(ctx, tx, now, p); err != nil {
		return err
	}
	if p.Number == "" {
		return nil
	}
	if err := event.Publish(ctx, tx, now, Verified{p.ID}); err != nil {
		return err
	}
	return s.record(ctx, tx, now, a, "identity.verify", personOwner(p.ID), p.Number)
}

func (s *Service) outsideKey(o Outside) string {
	return s.v.Blind("outside", o.Issuer+"\x00"+o.Subject)
}
