package mandate

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// Side is on which side of a mandate somebody stands.
type Side string

// The sides.
const (
	Giver  Side = "giver"
	Holder Side = "holder"
)

// seen gives a mandate to the two it is between; errs.NotFound "mandate.none" to everybody else. A person's own mandates are theirs alone: who acts for
// them does not see them. A firm's are seen by its legal representative only.
func (s *Service) seen(ctx context.Context, a authz.Actor, id string) (Mandate, Side, error) {
	m, err := s.find(ctx, s.d.R(), id)
	if err != nil {
		return m, "", err
	}
	switch {
	case a.PersonID == "":
	case m.HolderID == a.PersonID:
		return m, Holder, nil
	case m.ForKind == ForPerson && m.ForID == a.PersonID:
		return m, Giver, nil
	case m.ForKind == ForFirm && a.FirmID == m.ForID && a.MandateID == "":
		return m, Giver, nil
	case m.HolderID == "" && m.phoneKey != "":
		p, err := s.deps.People.Person(ctx, a.PersonID)
		if err != nil {
			return Mandate{}, "", err
		}
		if s.phoneKey(p.Phone) == m.phoneKey {
			return m, Holder, nil
		}
	}
	return Mandate{}, "", errNone
}

// mine gives a mandate to whom it was asked of, with who they are.
func (s *Service) mine(ctx context.Context, a authz.Actor, id string) (Mandate, identity.Person, error) {
	m, side, err := s.seen(ctx, a, id)
	if err == nil && side != Holder {
		err = errNone
	}
	if err != nil {
		return m, identity.Person{}, err
	}
	p, err := s.deps.People.Person(ctx, a.PersonID)
	return m, p, err
}

// View is a mandate as one of its two sides reads it.
type View struct {
	Mandate
	Side  Side
	Giver string // the firm's name, or the person's: masked for the other side
	Held  string // the holder's name, as the giver wrote it; masked for anybody else
	Phone string // masked, of somebody invited by phone
	Why   Why    // why it does not stand now, or Covers
	Words ScopeWords
}

// Open reports whether the mandate stands or may come to stand.
func (v View) Open() bool { return !v.Why.over() }

// Toward names the other side of the mandate.
func (v View) Toward() string {
	if v.Side == Holder {
		return v.Giver
	}
	return v.Held
}

func (s *Service) view(ctx context.Context, m Mandate, side Side, now time.Time) (View, error) {
	v := View{Mandate: m, Side: side, Why: Now(m, Facts{}, now), Held: m.Named.Name}
	if m.HolderID == "" && m.Named.Phone != "" {
		v.Phone = cnid.MaskPhone(m.Named.Phone)
	}
	if side == Holder {
		v.Basis = "" // what a window saw of the giver's documents is not for the holder
	}
	var err error
	if v.Giver, err = s.principalName(ctx, m.ForKind, m.ForID, side == Holder && m.Kind != Guardian); err != nil {
		return v, err
	}
	v.Words, err = s.scopeWords(ctx, i18n.From(ctx), m.ForKind, m.Scope)
	return v, err
}

// Lists are a person's mandates.
type Lists struct {
	Asked []View // of me, to accept or decline
	Held  []View // I act for others
	Given []View // others act for me
	Past  []View // over, newest first
}

// Mine lists what the actor gave and holds for themself, not what they gave for a firm.
func (s *Service) Mine(ctx context.Context, a authz.Actor) (Lists, error) {
	var out Lists
	if a.PersonID == "" {
		return out, errs.New(errs.Unauthorized, "base.unauthorized")
	}
	p, err := s.deps.People.Person(ctx, a.PersonID)
	if err != nil {
		return out, err
	}
	given, err := s.givenBy(ctx, s.d.R(), ForPerson, p.ID)
	if err != nil {
		return out, err
	}
	held, err := s.heldBy(ctx, s.d.R(), p.ID, s.phoneKey(p.Phone))
	if err != nil {
		return out, err
	}
	now := s.now()
	for _, list := range []struct {
		of   []Mandate
		side Side
	}{{held, Holder}, {given, Giver}} {
		for _, m := range list.of {
			v, err := s.view(ctx, m, list.side, now)
			if err != nil {
				return out, err
			}
			out.add(v)
		}
	}
	if len(given)+len(held) > 0 {
		err = s.read(ctx, a, "mandates:"+a.Name(), "")
	}
	return out, err
}

func (l *Lists) add(v View) {
	switch {
	case !v.Open():
		l.Past = append(l.Past, v)
	case v.Side == Giver:
		l.Given = append(l.Given, v)
	case v.State == Asked:
		l.Asked = append(l.Asked, v)
	default:
		l.Held = append(l.Held, v)
	}
}

// Agents lists the agents of the firm the actor is the legal representative of and acts for: open ones, then those that are over. If the registry names
// another legal representative than when they were appointed, those not yet confirmed are marked now. Forbidden "mandate.only_representative".
func (s *Service) Agents(ctx context.Context, a authz.Actor) (firm identity.Firm, open, past []View, err error) {
	if a.FirmID == "" || a.MandateID != "" {
		return firm, nil, nil, errs.New(errs.Forbidden, "mandate.only_representative")
	}
	if firm, err = s.deps.People.Firm(ctx, a.FirmID); err != nil {
		return firm, nil, nil, err
	}
	if err := s.checkFirm(ctx, firm); err != nil && errs.KindOf(err) != errs.Unavailable {
		return firm, nil, nil, err // a registry that is away must not hide the list, nor keep anybody from revoking
	}
	ms, err := s.givenBy(ctx, s.d.R(), ForFirm, a.FirmID)
	if err != nil {
		return firm, nil, nil, err
	}
	now := s.now()
	for _, m := range ms {
		v, err := s.view(ctx, m, Giver, now)
		if err != nil {
			return firm, nil, nil, err
		}
		if v.Open() {
			open = append(open, v)
		} else {
			past = append(past, v)
		}
	}
	if len(ms) > 0 {
		err = s.read(ctx, a, "mandates:"+a.OnBehalf(), "")
	}
	return firm, open, past, err
}

// One gives a mandate and its history to the two it is between.
func (s *Service) One(ctx context.Context, a authz.Actor, id string) (View, []Step, error) {
	m, side, err := s.seen(ctx, a, id)
	if err != nil {
		return View{}, nil, err
	}
	v, err := s.view(ctx, m, side, s.now())
	if err != nil {
		return v, nil, err
	}
	number, err := s.otherNumber(ctx, m, side)
	if err != nil {
		return v, nil, err
	}
	if err := s.read(ctx, a, "mandate:"+id, number); err != nil {
		return v, nil, err
	}
	st, err := steps(ctx, s.d.R(), id)
	return v, st, err
}

// otherNumber is the number of whom a side reads about.
func (s *Service) otherNumber(ctx context.Context, m Mandate, side Side) (string, error) {
	id := m.ForID
	switch {
	case side == Giver && m.HolderID == "":
		return m.Named.Number, nil
	case side == Giver:
		id = m.HolderID
	case m.ForKind == ForFirm:
		f, err := s.deps.People.Firm(ctx, m.ForID)
		return f.CreditCode, err
	}
	p, err := s.deps.People.Person(ctx, id)
	return p.Number, err
}
