package identity

import (
	"context"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// The levels of identity.
const (
	LevelDeclared  = 0 // told at a window while the registry was away
	LevelPhone     = 1 // a phone that answered
	LevelChecked   = 2 // name and number confirmed by the population registry
	LevelFace      = 3 // the person themself was seen: by a face check, or at a counter
	LevelCertified = 4 // a certificate, or a passkey of somebody whom a counter has seen
)

// Person is one human being, or the shell of an account whose holder has not said who they are (no Number).
type Person struct {
	ID         string
	Name       string
	Number     string
	NumberKind string // cnid.Kind
	Sex        string // 男, 女 or empty
	Birth      string // YYYY-MM-DD or empty
	Phone      string
	Address    string
	Level      int // up to 2: what stands of name and number; what a session may is authz.Actor.Level
	Alive      bool
	VerifiedAt time.Time // zero if never

	mergedInto string
}

// Masked is the name as others may see it, 王*梅; without a name the phone, 138****5678.
func (p Person) Masked() string {
	if p.Name == "" {
		return cnid.MaskPhone(p.Phone)
	}
	return cnid.MaskName(p.Name)
}

var sexWord = map[string]string{"male": "男", "female": "女"}

// known fills in what an ID number says of its holder.
func (p *Person) known(id cnid.ID) {
	p.Number, p.NumberKind = id.Number, string(id.Kind)
	if id.Birth != "" {
		p.Birth, p.Sex = id.Birth, sexWord[id.Sex]
	}
}

// take fills in what the population registry says.
func (p *Person) take(r RegisteredPerson) {
	p.Name, p.Address = r.Name, r.Address
	if r.Birth != "" {
		p.Birth = r.Birth
	}
	if r.Sex != "" {
		p.Sex = r.Sex
	}
}

var errNoPerson = errs.New(errs.NotFound, "identity.person_unknown")

// Person gives a person; the id of a shell gives the person it turned out to be. errs.NotFound if there is none.
func (s *Service) Person(ctx context.Context, id string) (Person, error) {
	p, err := s.findPerson(ctx, s.d.R(), "id", id)
	if err == nil && p.mergedInto != "" {
		return s.findPerson(ctx, s.d.R(), "id", p.mergedInto)
	}
	return p, err
}

// PersonByNumber gives the person with an ID number; errs.NotFound if there is none here.
func (s *Service) PersonByNumber(ctx context.Context, number string) (Person, error) {
	return s.findPerson(ctx, s.d.R(), "number_key", s.SubjectOf(number))
}

// MaskedName is a person's name as others may see it; empty if there is no such person.
func (s *Service) MaskedName(ctx context.Context, personID string) string {
	p, err := s.Person(ctx, personID)
	if err != nil {
		return ""
	}
	return p.Masked()
}

// namedPerson reads name and number as typed; findings are tied to the fields "name" and "number".
func namedPerson(name, number, today string) (string, cnid.ID, error) {
	var fs []errs.Field
	name, err := cnid.NormalName(name)
	fs = finding(fs, "name", err)
	id, err := cnid.ParseID(number, today)
	fs = finding(fs, "number", err)
	return name, id, invalid(fs)
}

// finding adds what is wrong with a field.
func finding(fs []errs.Field, path string, err error) []errs.Field {
	if e := errs.As(err); e != nil {
		fs = append(fs, errs.Field{Path: path, Key: e.Key, Params: e.Params})
	}
	return fs
}

func invalid(fs []errs.Field) error {
	if len(fs) == 0 {
		return nil
	}
	return &errs.E{Kind: errs.Invalid, Key: "base.invalid", Params: errs.P{"n": len(fs)}, Fields: fs}
}
