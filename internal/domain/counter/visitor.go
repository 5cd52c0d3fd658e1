package counter

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
)

// SignIn writes down that somebody came. Who came already today and is still here is given again. key, a UUID of the page, makes a second click
// harmless. Errors: errs.Fields with the inputs' names, those of the card (path "line"), and what identity says about name, number and firm.
func (s *Service) SignIn(ctx context.Context, a authz.Actor, key string, in SignIn) (Visitor, error) {
	if err := s.clerk(a); err != nil {
		return Visitor{}, err
	}
	in.tidy()
	source, err := s.read(ctx, a, &in)
	if err != nil {
		return Visitor{}, err
	}
	if err := in.check(); err != nil {
		return Visitor{}, err
	}
	if !ident.Valid(key) {
		key = ident.New()
	}
	v := Visitor{ID: key, Day: s.today(), Kind: in.Kind, Source: source, Purpose: in.Purpose, Why: in.Why, Arrived: s.now(), SignedBy: a.StaffID, agency: a.AgencyID, who: in.Who}
	if in.Kind == Enquiry {
		v.who, v.Source = Who{}, ByNobody
	} else if err := s.identify(ctx, &v); err != nil {
		return Visitor{}, err
	}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		old, err := s.hereTx(ctx, tx, v)
		if err != nil || old != "" {
			key = old
			return err
		}
		if err := s.putVisitorTx(ctx, tx, v); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.sign_in", Object: "visitor:" + v.ID, Subject: v.subject, What: "counter.source_" + v.Source})
	})
	if err != nil && !db.Unique(err) {
		return Visitor{}, err
	}
	return s.Visitor(ctx, a, key)
}

// read takes what a device gave into the form; source says which kind of device.
func (s *Service) read(ctx context.Context, a authz.Actor, in *SignIn) (source string, err error) {
	var c Card
	switch {
	case in.Kind == Enquiry:
		return ByNobody, nil
	case in.Proof != "":
		source = ByReader
		c, err = s.redeem(ctx, a, *in)
	case in.Line != "":
		source = ByWedge
		c, err = ParseLine(in.Line, s.today())
	default:
		return ByHand, nil
	}
	if err == nil && c.Name == "" { // the number alone was read
		c.Name = in.Who.Name
		if p, perr := s.d.People.PersonByNumber(ctx, c.Number); perr == nil {
			c.Name = p.Name
		} else if errs.KindOf(perr) != errs.NotFound {
			return "", perr
		}
	}
	if err == nil {
		err = c.Check(s.today())
	}
	if errs.Is(err, "counter.card_name") { // the form asks for the name, with the number filled in
		in.Who.Number = c.Number
		return source, nil
	}
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		return "", errs.Fields("base.invalid", []errs.Field{{Path: "line", Key: e.Key, Params: e.Params}})
	}
	in.Who.Name, in.Who.Number, in.Who.ValidUntil = c.Name, c.Number, c.ValidUntil
	return source, err
}

// identify asks identity who is present and whom they stand there for.
func (s *Service) identify(ctx context.Context, v *Visitor) error {
	w := &v.who
	p, err := s.d.People.EnsurePerson(ctx, w.Name, w.Number, "", w.Phone)
	if err != nil {
		return at("", err)
	}
	w.Name, w.Number, w.NumberKind = p.Name, p.Number, p.NumberKind
	if w.Phone == "" {
		w.Phone = p.Phone
	}
	v.personID, v.subject = p.ID, s.d.People.SubjectOf(p.Number)
	switch v.Kind {
	case Firm:
		f, err := s.d.People.EnsureFirm(ctx, w.CreditCode)
		if err != nil {
			return atField("credit_code", err)
		}
		w.CreditCode, w.FirmName, v.forSubject = f.CreditCode, f.Name, s.d.People.SubjectOf(f.CreditCode)
		if f.LegalPersonNumber != "" && f.LegalPersonNumber == p.Number {
			w.Basis, w.Seen = cases.BasisLegalPerson, true // the register names who stands here
		}
	case Other:
		o, err := s.d.People.EnsurePerson(ctx, w.ForName, w.ForNumber, "", "")
		if err != nil {
			return at("for_", err)
		}
		if o.ID == p.ID {
			return errs.Fields("base.invalid", []errs.Field{{Path: "for_number", Key: "counter.for_self"}})
		}
		w.ForName, w.ForNumber, w.ForKind, v.forSubject = o.Name, o.Number, o.NumberKind, s.d.People.SubjectOf(o.Number)
	}
	return nil
}

// at points what identity says at the inputs with a prefix.
func at(prefix string, err error) error {
	e := errs.As(err)
	if e == nil || e.Kind == errs.Unavailable || e.Kind == errs.Internal {
		return err
	}
	var fs []errs.Field
	for _, f := range e.Fields {
		if f.Path == "kind" {
			f.Path = "number"
		}
		fs = append(fs, errs.Field{Path: prefix + f.Path, Key: f.Key, Params: f.Params})
	}
	if len(fs) == 0 {
		fs = []errs.Field{{Path: prefix + "number", Key: e.Key, Params: e.Params}}
	}
	return errs.Fields("base.invalid", fs)
}

func atField(path string, err error) error {
	e := errs.As(err)
	if e == nil || e.Kind == errs.Unavailable || e.Kind == errs.Internal {
		return err
	}
	return errs.Fields("base.invalid", []errs.Field{{Path: path, Key: e.Key, Params: e.Params}})
}

// Today lists who came to the agency's windows on a day, YYYY-MM-DD or empty for today, in the order they came; each row is on record.
func (s *Service) Today(ctx context.Context, a authz.Actor, day string) ([]Visitor, error) {
	if err := s.clerk(a); err != nil {
		return nil, err
	}
	if day == "" {
		day = s.today()
	}
	vs, err := s.ofDay(ctx, a.AgencyID, day)
	if err != nil {
		return nil, err
	}
	if err := s.look(ctx, a, "counter.read_list", vs...); err != nil {
		return nil, err
	}
	for i := range vs {
		vs[i].mask()
	}
	return vs, nil
}

// Visitor gives somebody who came to the agency's windows, masked; the look is on record.
func (s *Service) Visitor(ctx context.Context, a authz.Actor, id string) (Visitor, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return v, err
	}
	if err := s.look(ctx, a, "counter.read_visitor", v); err != nil {
		return v, err
	}
	v.mask()
	return v, nil
}

// visitor loads somebody who came to the actor's agency; errs.NotFound for any other.
func (s *Service) visitor(ctx context.Context, a authz.Actor, id string) (Visitor, error) {
	if err := s.clerk(a); err != nil {
		return Visitor{}, err
	}
	v, err := s.findVisitor(ctx, id)
	if err == nil && v.agency != a.AgencyID {
		err = notFound()
	}
	return v, err
}

// Call begins to serve somebody. Whom a colleague serves is errs.Conflict counter.served unless over is set: then they are taken over.
func (s *Service) Call(ctx context.Context, a authz.Actor, id string, over bool) error {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return err
	}
	switch {
	case !v.Ended.IsZero():
		return errs.New(errs.Conflict, "counter.ended")
	case v.ServedBy == a.StaffID:
		return nil
	case v.ServedBy != "" && !over:
		return errs.New(errs.Conflict, "counter.served")
	}
	desk, err := s.deskOf(ctx, a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := callTx(ctx, tx, v, a.StaffID, desk, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.call", Object: "visitor:" + id, Subject: v.subject})
	})
}

// serve is Call where serving goes without saying: whoever does something for a visitor serves them.
func (s *Service) serve(ctx context.Context, a authz.Actor, v Visitor) error {
	if v.ServedBy == a.StaffID && v.Ended.IsZero() {
		return nil
	}
	return s.Call(ctx, a, v.ID, false)
}

// End ends a visit with one of Results; who was never called may only have left. Ending again changes nothing.
func (s *Service) End(ctx context.Context, a authz.Actor, id, result string) error {
	v, err := s.visitor(ctx, a, id)
	if err != nil || !v.Ended.IsZero() {
		return err
	}
	switch {
	case !slices.Contains(Results, result):
		return errs.Fields("base.invalid", []errs.Field{{Path: "result", Key: "counter.result_missing"}})
	case v.Called.IsZero() && result != "left":
		return errs.Fields("base.invalid", []errs.Field{{Path: "result", Key: "counter.result_uncalled"}})
	case v.ServedBy != "" && v.ServedBy != a.StaffID:
		return errs.New(errs.Conflict, "counter.served")
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := endTx(ctx, tx, id, result, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.end", Object: "visitor:" + id, Subject: v.subject, What: "counter.result_" + result})
	})
}

// numbers are what cases of a visitor are found by: their own number, and that of whom they stand there for.
func (v Visitor) numbers() []string {
	out := []string{v.who.CreditCode, v.who.ForNumber, v.who.Number}
	return slices.DeleteFunc(out, func(n string) bool { return strings.TrimSpace(n) == "" })
}
