package mandate

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// Draft is a mandate that is being filled in, step by step. It is kept sealed, and for a day.
type Draft struct {
	ID       string      `json:"-"`
	Kind     Kind        `json:"kind"`
	ForKind  string      `json:"for_kind"`
	ForID    string      `json:"for_id"`
	Named    Named       `json:"named"`
	HolderID string      `json:"holder_id"`
	Scope    authz.Scope `json:"scope"`
	Term     Term        `json:"term"`
}

// Who, What and Till report which steps are filled in.
func (d Draft) Who() bool  { return d.Named.Name != "" }
func (d Draft) What() bool { return len(d.Scope.Acts) > 0 }
func (d Draft) Till() bool { return d.Term.Until != "" }

// giver tells whom the actor may give a kind of mandate for. Forbidden "mandate.only_representative", "mandate.act_as_self", "base.level_needed".
func giver(a authz.Actor, k Kind) (forKind, forID string, err error) {
	if a.PersonID == "" {
		return "", "", errs.New(errs.Unauthorized, "base.unauthorized")
	}
	if a.Level < needLevel {
		return "", "", errLevel()
	}
	switch k {
	case Agent:
		if a.FirmID == "" || a.MandateID != "" { // an agent hands nothing on
			return "", "", errs.New(errs.Forbidden, "mandate.only_representative")
		}
		return ForFirm, a.FirmID, nil
	case Family, Care:
		if a.OnBehalf() != "" {
			return "", "", errs.New(errs.Forbidden, "mandate.act_as_self")
		}
		return ForPerson, a.PersonID, nil
	case Guardian:
	}
	return "", "", errs.New(errs.BadRequest, "base.bad_request")
}

func errLevel() error {
	return errs.New(errs.Forbidden, "base.level_needed", errs.P{"need": needLevel})
}

// NewDraft begins a mandate. Minors give none: their guardian acts for them (民法典 19, 23).
func (s *Service) NewDraft(ctx context.Context, a authz.Actor, k Kind) (Draft, error) {
	forKind, forID, err := giver(a, k)
	if err != nil {
		return Draft{}, err
	}
	p, err := s.deps.People.Person(ctx, a.PersonID)
	if err != nil {
		return Draft{}, err
	}
	if s.minor(p.Birth) {
		return Draft{}, errs.New(errs.Forbidden, "mandate.minor_giver")
	}
	d := Draft{ID: ident.New(), Kind: k, ForKind: forKind, ForID: forID, Term: Term{From: s.today()}}
	return d, s.saveDraft(ctx, a, d)
}

func (s *Service) minor(birth string) bool { return birth != "" && s.now().Before(Adulthood(birth)) }

// Draft gives the actor's own draft; errs.NotFound "mandate.none" for others and after a day.
func (s *Service) Draft(ctx context.Context, a authz.Actor, id string) (Draft, error) {
	d, err := s.findDraft(ctx, s.d.R(), id, a.Name(), s.now().Add(-draftLife))
	if err != nil {
		return d, err
	}
	if _, forID, err := giver(a, d.Kind); err != nil {
		return Draft{}, err
	} else if forID != d.ForID {
		return Draft{}, errNone
	}
	return d, nil
}

// SetWho names the one who is to act: name and ID number, checked with the population registry, or name and phone, checked when they accept. Errors: Invalid
// with the fields "name", "number", "phone"; TooMany "mandate.lookups"; Unavailable.
func (s *Service) SetWho(ctx context.Context, a authz.Actor, id string, n Named) (Draft, error) {
	d, err := s.Draft(ctx, a, id)
	if err != nil {
		return d, err
	}
	d.Named = n // shown again if something is wrong
	clean, err := s.checkNamed(n)
	if err != nil {
		return d, err
	}
	holder := ""
	if clean.Number != "" {
		if holder, err = s.lookUp(ctx, a, clean); err != nil {
			return d, err
		}
		if err := s.notOneself(ctx, d, holder); err != nil {
			return d, err
		}
	}
	d.Named, d.HolderID = clean, holder
	return d, s.saveDraft(ctx, a, d)
}

func (s *Service) checkNamed(n Named) (Named, error) {
	var fs []errs.Field
	add := func(path string, err error) {
		if e := errs.As(err); e != nil {
			fs = append(fs, errs.Field{Path: path, Key: e.Key, Params: e.Params})
		}
	}
	var err error
	n.Name, err = cnid.NormalName(n.Name)
	add("name", err)
	n.Number, n.Phone = strings.TrimSpace(n.Number), strings.TrimSpace(n.Phone)
	switch {
	case n.Number == "" && n.Phone == "":
		fs = append(fs, errs.Field{Path: "number", Key: "mandate.number_or_phone"})
	case n.Number != "":
		var id cnid.ID
		id, err = cnid.ParseID(n.Number, s.today())
		add("number", err)
		n.Number = id.Number
	}
	if n.Phone != "" {
		n.Phone, err = cnid.ParseMobile(n.Phone)
		add("phone", err)
	}
	return n, invalid(fs)
}

// lookUp gives the id of a named person of age.
func (s *Service) lookUp(ctx context.Context, a authz.Actor, n Named) (string, error) {
	p, err := s.person(ctx, a, n)
	if err == nil && s.minor(p.Birth) {
		err = field("number", "mandate.minor_holder")
	}
	return p.ID, err
}

// lookUpAny asks the registry for a named person, so many times a day and person, and gives their id here.
func (s *Service) lookUpAny(ctx context.Context, a authz.Actor, n Named) (string, error) {
	err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		k, err := taken(ctx, tx, a.Name(), s.today())
		if err == nil && k > s.cfg.LookupsPerDay && a.StaffID == "" {
			return errs.New(errs.TooMany, "mandate.lookups", errs.P{"n": s.cfg.LookupsPerDay})
		}
		return err
	})
	if err != nil {
		return "", err
	}
	p, err := s.deps.People.EnsurePerson(authz.With(ctx, a), n.Name, n.Number, "", "")
	switch {
	case errs.Is(err, "identity.name_mismatch"), errs.Is(err, "identity.dead"):
		return "", field("number", "mandate.no_such_person") // not saying which of the two is wrong, nor that somebody died
	case err != nil:
		return "", err
	case p.Level < needLevel:
		return "", errs.New(errs.Unavailable, "identity.registry_away")
	}
	return p.ID, nil
}

func (s *Service) notOneself(ctx context.Context, d Draft, holder string) error {
	if d.ForKind == ForPerson {
		if holder == d.ForID {
			return field("number", "mandate.self")
		}
		return nil
	}
	f, err := s.deps.People.Firm(ctx, d.ForID)
	if err != nil {
		return err
	}
	p, err := s.deps.People.Person(ctx, holder)
	if err == nil && p.Number != "" && p.Number == f.LegalPersonNumber {
		return field("number", "mandate.self_firm")
	}
	return err
}

// SetWhat sets the scope. Errors: Invalid with the fields "acts" and "items".
func (s *Service) SetWhat(ctx context.Context, a authz.Actor, id string, sc authz.Scope) (Draft, error) {
	d, err := s.Draft(ctx, a, id)
	if err != nil {
		return d, err
	}
	known, err := s.Items(ctx, d.ForKind)
	if err != nil {
		return d, err
	}
	clean, fs := checkScope(sc, known)
	if d.Scope = sc; len(fs) > 0 {
		return d, invalid(fs)
	}
	d.Scope = clean
	return d, s.saveDraft(ctx, a, d)
}

// SetTerm sets the term. Errors: Invalid with the fields "from" and "until".
func (s *Service) SetTerm(ctx context.Context, a authz.Actor, id string, t Term) (Draft, error) {
	d, err := s.Draft(ctx, a, id)
	if err != nil {
		return d, err
	}
	d.Term = t
	if fs := t.findings(s.today(), s.cfg); len(fs) > 0 {
		return d, invalid(fs)
	}
	return d, s.saveDraft(ctx, a, d)
}

func (s *Service) saveDraft(ctx context.Context, a authz.Actor, d Draft) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	now := s.now()
	sealed := s.v.Seal("mandate_draft.body."+d.ID, b)
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return putDraft(ctx, tx, now, d.ID, a.Name(), sealed) })
}

func (s *Service) findDraft(ctx context.Context, q db.Q, id, owner string, after time.Time) (Draft, error) {
	sealed, err := draftBody(ctx, q, id, owner, after)
	if err != nil {
		return Draft{}, err
	}
	b, err := s.v.Open("mandate_draft.body."+id, sealed)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{}
	err = json.Unmarshal(b, &d)
	d.ID = id
	return d, err
}
