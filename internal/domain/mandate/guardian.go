package mandate

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// AskGuardian lets a guardian act for a minor whose name and number they give, if the population registry says that they are the guardian (民法典 27). It works at
// once and ends with the day before the eighteenth birthday. Errors: Invalid with the fields "name" and "number", Forbidden "base.level_needed" and
// "mandate.act_as_self", Conflict "mandate.duplicate", TooMany "mandate.lookups", Unavailable.
func (s *Service) AskGuardian(ctx context.Context, a authz.Actor, name, number string) (Mandate, error) {
	if _, _, err := giver(a, Family); err != nil { // for oneself, on level 2
		return Mandate{}, err
	}
	ward, err := s.checkNamed(Named{Name: name, Number: strings.TrimSpace(number)})
	if err != nil {
		return Mandate{}, err
	}
	me, err := s.deps.People.Person(ctx, a.PersonID)
	if err != nil {
		return Mandate{}, err
	}
	if s.minor(me.Birth) {
		return Mandate{}, errs.New(errs.Forbidden, "mandate.minor_self")
	}
	relation, err := s.deps.Guardian(ctx, me.Number, ward.Number)
	if err != nil {
		return Mandate{}, err
	}
	if relation == "" { // said before the number is looked up, so that the page tells nothing of strangers
		return Mandate{}, field("number", "mandate.not_guardian")
	}
	p, err := s.ward(ctx, a, ward)
	if err != nil {
		return Mandate{}, err
	}
	now := s.now()
	m := Mandate{
		ID: newID(), Kind: Guardian, ForKind: ForPerson, ForID: p.ID, HolderID: me.ID, Scope: everything, Term: minority(s.today(), p.Birth), State: Active, Ground: ByRegistry,
		Relation: relation, By: a.Name(), Named: Named{Name: me.Name, Number: me.Number}, AskedAt: now, AcceptedAt: now,
	}
	return m, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.begin(ctx, tx, a, m, "proved", "holder", ward.Number)
	})
}

// ward gives the minor of a name and number.
func (s *Service) ward(ctx context.Context, a authz.Actor, n Named) (identity.Person, error) {
	p, err := s.person(ctx, a, n)
	switch {
	case err != nil:
		return p, err
	case p.Birth == "":
		return p, field("number", "mandate.ward_birth")
	case !s.minor(p.Birth):
		return p, field("number", "mandate.ward_of_age")
	}
	return p, nil
}

// begin writes a mandate that works at once.
func (s *Service) begin(ctx context.Context, tx *db.Tx, a authz.Actor, m Mandate, what, by, number string) error {
	now := m.AcceptedAt
	if err := s.free(ctx, tx, now, m); err != nil {
		return err
	}
	if err := s.mayHelp(ctx, tx, now, m); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, m); err != nil {
		return err
	}
	if err := s.record(ctx, tx, now, a, "mandate."+what, m.ID, number); err != nil {
		return err
	}
	return s.start(ctx, tx, now, m, what, by)
}

// parsed reads a name and number as typed; the findings are tied to fields that begin with prefix.
func (s *Service) parsed(n Named, prefix string) (Named, []errs.Field) {
	var fs []errs.Field
	name, err := cnid.NormalName(n.Name)
	if e := errs.As(err); e != nil {
		fs = append(fs, errs.Field{Path: prefix + "name", Key: e.Key, Params: e.Params})
	}
	id, err := cnid.ParseID(n.Number, s.today())
	if e := errs.As(err); e != nil {
		fs = append(fs, errs.Field{Path: prefix + "number", Key: e.Key, Params: e.Params})
	}
	return Named{Name: name, Number: id.Number}, fs
}
