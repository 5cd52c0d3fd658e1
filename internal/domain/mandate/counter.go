package mandate

import (
	"context"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

func newID() string { return ident.New() }

// Counter is what a clerk writes down of a mandate at a window.
type Counter struct {
	Kind          Kind
	Giver         Named // the one helped, or the ward; of a firm only Number, the credit code
	Holder        Named // the one who is to act
	Scope         authz.Scope
	Until         string
	Ground        string // ByPresence or ByNotary
	Basis         string // what was seen: documents with their numbers
	HolderPresent bool   // the one who is to act stood there and agreed; otherwise they accept online
}

const minBasis, maxBasis = 10, 500

// RecordAtCounter writes down a mandate that was given at a window: by the person present or by a notarised paper (for firms: by the legal representative
// present or their letter; for wards: by the papers that show the guardian). Errors: Forbidden, Invalid with fields, Conflict "mandate.duplicate" and
// "mandate.helps_many", Unavailable.
func (s *Service) RecordAtCounter(ctx context.Context, clerk authz.Actor, in Counter) (Mandate, error) {
	in, fs := s.checkCounter(ctx, clerk, in)
	if len(fs) > 0 {
		return Mandate{}, invalid(fs)
	}
	if clerk.StaffID == "" || !clerk.May(authz.WindowDesk) {
		return Mandate{}, errs.New(errs.Forbidden, "base.forbidden")
	}
	now := s.now()
	m := Mandate{
		ID: newID(), Kind: in.Kind, Scope: in.Scope, Term: Term{s.today(), in.Until}, State: Asked, Ground: in.Ground, Basis: in.Basis, By: clerk.Name(), Agency: clerk.AgencyID,
		Named: in.Holder, AskedAt: now, AnswerBy: now.AddDate(0, 0, s.cfg.AnswerDays),
	}
	if in.HolderPresent {
		m.State, m.AcceptedAt = Active, now
	}
	if err := s.parties(ctx, clerk, in, &m); err != nil {
		return Mandate{}, err
	}
	return m, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if m.State == Active {
			return s.begin(ctx, tx, clerk, m, "recorded", "desk", in.Giver.Number)
		}
		if err := s.ask(ctx, tx, now, clerk, m); err != nil {
			return err
		}
		return s.tell(ctx, tx, now, m.ID, toGiver, "mandate.recorded")
	})
}

// plain is a text as typed, without broken encoding and blanks around it.
func plain(text string) string { return strings.TrimSpace(strings.ToValidUTF8(text, "")) }

func (s *Service) checkCounter(ctx context.Context, clerk authz.Actor, in Counter) (Counter, []errs.Field) {
	var fs, more []errs.Field
	bad := func(path, key string, p ...errs.P) {
		f := errs.Field{Path: path, Key: key}
		if len(p) > 0 {
			f.Params = p[0]
		}
		fs = append(fs, f)
	}
	switch in.Kind {
	case Family, Care, Guardian:
		in.Giver, more = s.parsed(in.Giver, "giver_")
	case Agent:
		code, err := cnid.ParseCreditCode(in.Giver.Number)
		if e := errs.As(err); e != nil && !errs.Is(err, "cnid.credit_check") { // some codes in use fail their check: the registry decides
			bad("giver_number", e.Key, e.Params)
		}
		in.Giver = Named{Number: code}
	default:
		bad("kind", "mandate.kind_missing")
	}
	fs = append(fs, more...)
	in.Holder, more = s.parsed(in.Holder, "holder_")
	fs = append(fs, more...)
	if in.Ground != ByPresence && in.Ground != ByNotary {
		bad("ground", "mandate.ground_missing")
	}
	in.Basis = plain(in.Basis)
	if n := utf8.RuneCountInString(in.Basis); n < minBasis || n > maxBasis {
		bad("basis", "mandate.basis_length", errs.P{"min": minBasis, "max": maxBasis, "n": n})
	}
	if in.Kind == Guardian {
		in.Scope, in.HolderPresent = everything, true
		return in, fs
	}
	fs = append(fs, Term{s.today(), in.Until}.findings(s.today(), s.cfg)...)
	known, err := s.Items(ctx, map[bool]string{true: ForFirm, false: ForPerson}[in.Kind == Agent])
	if err != nil {
		bad("items", "mandate.items_missing")
	}
	in.Scope, more = checkScope(in.Scope, known)
	return in, append(fs, more...)
}

// parties finds the two a mandate is between.
func (s *Service) parties(ctx context.Context, clerk authz.Actor, in Counter, m *Mandate) error {
	holder, err := s.person(ctx, clerk, in.Holder)
	if err != nil {
		return prefixed(err, "holder_")
	}
	if s.minor(holder.Birth) {
		return field("holder_number", "mandate.minor_holder")
	}
	m.HolderID = holder.ID
	switch in.Kind {
	case Agent:
		f, err := s.deps.People.EnsureFirm(ctx, in.Giver.Number)
		if err != nil {
			if errs.KindOf(err) == errs.NotFound {
				return field("giver_number", "identity.firm_unknown")
			}
			return err
		}
		if f.LegalPersonNumber == holder.Number {
			return field("holder_number", "mandate.self_firm")
		}
		m.ForKind, m.ForID, m.legalKey = ForFirm, f.ID, s.subject(f.LegalPersonNumber)
		return nil
	case Guardian:
		p, err := s.ward(ctx, clerk, in.Giver)
		if err != nil {
			return prefixed(err, "giver_")
		}
		m.ForKind, m.ForID, m.Term = ForPerson, p.ID, minority(s.today(), p.Birth)
	case Family, Care:
		p, err := s.person(ctx, clerk, in.Giver)
		if err != nil {
			return prefixed(err, "giver_")
		}
		if s.minor(p.Birth) {
			return field("giver_number", "mandate.minor_giver")
		}
		m.ForKind, m.ForID = ForPerson, p.ID
	}
	if m.ForID == m.HolderID {
		return field("holder_number", "mandate.self")
	}
	return nil
}

// person gives a person whose name and number the registry confirmed, of any age.
func (s *Service) person(ctx context.Context, a authz.Actor, n Named) (identity.Person, error) {
	id, err := s.lookUpAny(ctx, a, n)
	if err != nil {
		return identity.Person{}, err
	}
	return s.deps.People.Person(ctx, id)
}

// prefixed ties findings to the fields of one of the two people of a form.
func prefixed(err error, prefix string) error {
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		f.Path = prefix + f.Path
		out.Fields = append(out.Fields, f)
	}
	return &out
}

// Recorded lists what a clerk wrote down lately.
func (s *Service) Recorded(ctx context.Context, clerk authz.Actor) ([]View, error) {
	ms, err := s.recordedBy(ctx, s.d.R(), clerk.Name(), recent)
	if err != nil || len(ms) == 0 {
		return nil, err
	}
	return s.deskViews(ctx, clerk, ms, "")
}

const recent = 20

// StandingAtCounter lists what stands or waits between others and the person who stands at the window.
func (s *Service) StandingAtCounter(ctx context.Context, clerk authz.Actor, name, number string) ([]View, error) {
	n, fs := s.parsed(Named{Name: name, Number: number}, "")
	if len(fs) > 0 {
		return nil, invalid(fs)
	}
	p, err := s.person(ctx, clerk, n)
	if err != nil {
		return nil, err
	}
	ms, err := s.bothSides(ctx, s.d.R(), p.ID)
	if err != nil {
		return nil, err
	}
	return s.deskViews(ctx, clerk, ms, p.Number)
}

// deskViews shows mandates to a clerk: both sides masked.
func (s *Service) deskViews(ctx context.Context, clerk authz.Actor, ms []Mandate, number string) ([]View, error) {
	now := s.now()
	out := make([]View, 0, len(ms))
	for _, m := range ms {
		v, err := s.view(ctx, m, Holder, now)
		if err != nil {
			return nil, err
		}
		if m.Kind == Guardian {
			v.Giver = cnid.MaskName(v.Giver)
		}
		v.Held, v.Basis = cnid.MaskName(v.Held), m.Basis
		out = append(out, v)
	}
	return out, s.read(ctx, clerk, "mandates:"+clerk.Name(), number)
}

// EndAtCounter ends a mandate for one of its two sides who stands at the window, known by their number. Errors: Forbidden, NotFound "mandate.none",
// Invalid with the field "basis", Conflict "mandate.over".
func (s *Service) EndAtCounter(ctx context.Context, clerk authz.Actor, id, number, basis string) error {
	if clerk.StaffID == "" || !clerk.May(authz.WindowDesk) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	basis = plain(basis)
	if n := utf8.RuneCountInString(basis); n < minBasis || n > maxBasis {
		return invalid([]errs.Field{{Path: "basis", Key: "mandate.basis_length", Params: errs.P{"min": minBasis, "max": maxBasis, "n": n}}})
	}
	m, err := s.find(ctx, s.d.R(), id)
	if err != nil {
		return err
	}
	p, err := s.deps.People.PersonByNumber(ctx, strings.ToUpper(strings.TrimSpace(number)))
	if errs.KindOf(err) == errs.NotFound || err == nil && p.ID != m.HolderID && (m.ForKind != ForPerson || p.ID != m.ForID) {
		return errNone
	}
	if err != nil {
		return err
	}
	if m.State == Ended {
		return errs.New(errs.Conflict, "mandate.over")
	}
	now := s.now()
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.keepEndBasis(ctx, tx, m, basis); err != nil {
			return err
		}
		if err := s.record(ctx, tx, now, clerk, "mandate.end_at_counter", m.ID, p.Number); err != nil {
			return err
		}
		return s.end(ctx, tx, now, m, AtCounter, "desk")
	})
}
