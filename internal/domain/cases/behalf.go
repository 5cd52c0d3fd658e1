package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// What lets somebody stand at a counter for another one.
const (
	BasisLetter       = "letter"       // 授权委托书
	BasisGuardian     = "guardian"     // 监护
	BasisLegalPerson  = "legal_person" // 法定代表人（负责人）本人
	BasisFirmAgent    = "firm_agent"   // 法定代表人授权的经办人
	BasisCourt        = "court"        // 法院或者公证机构的文书
	mostRelation      = 50
	mostBasisFiles    = 5
	BasisKey          = "_basis" // the material key of the copies of a basis
	basisFindingPlace = "behalf"
)

// Bases lists what a person and what a firm may be represented on.
var Bases = map[string][]string{ByPerson: {BasisLetter, BasisGuardian, BasisCourt}, ByFirm: {BasisLegalPerson, BasisFirmAgent, BasisCourt}}

// Behalf is who stands at the counter for the applicant, and on what. For a firm the person is the Applicant's own name and number. Seen says that
// the clerk saw the original; otherwise a copy is attached for BasisKey before the application is sent.
type Behalf struct {
	Name       string `json:"name,omitempty"`
	Number     string `json:"number,omitempty"`
	NumberKind string `json:"number_kind,omitempty"`
	Phone      string `json:"phone,omitempty"`
	Relation   string `json:"relation,omitempty"` // 母子、员工
	Basis      string `json:"basis"`
	Seen       bool   `json:"seen"`
}

// represent checks who stands at the counter and on what, and keeps it with the draft. p is the applicant, or for a firm the person present.
// Errors: errs.Fields cases.behalf_missing with paths behalf.<field>, and what identity says about name and number.
func (s *Service) represent(ctx context.Context, r *record, p identity.Person, f identity.Firm, who Applicant) error {
	b := who.Behalf
	if r.ApplicantKind == ByFirm && b == nil && f.LegalPersonNumber != "" && f.LegalPersonNumber == p.Number {
		b = &Behalf{Basis: BasisLegalPerson, Seen: true} // the register names who stands here
	}
	if b == nil {
		if r.ApplicantKind == ByPerson {
			return nil
		}
		b = &Behalf{} // nobody acts for a firm without saying on what
	}
	in := *b
	in.Name, in.Relation = strings.TrimSpace(in.Name), strings.TrimSpace(in.Relation)
	if r.ApplicantKind == ByFirm {
		in.Name, in.Number, in.NumberKind, in.Phone = p.Name, p.Number, p.NumberKind, first(who.Phone, p.Phone)
	}
	if err := in.check(r.ApplicantKind, p, f); err != nil {
		return err
	}
	r.ActingID = p.ID
	if r.ApplicantKind == ByPerson {
		a, err := s.People.EnsurePerson(ctx, in.Name, in.Number, in.NumberKind, in.Phone)
		if err != nil {
			return behalfError(err)
		}
		if a.ID == p.ID {
			return errs.Fields("cases.behalf_missing", []Finding{{Path: "behalf.number", Key: "cases.behalf_self"}})
		}
		in.Name, in.Number, in.NumberKind = a.Name, a.Number, a.NumberKind
		r.ActingID = a.ID
		r.content.Contact = Contact{Name: a.Name, Phone: first(in.Phone, first(a.Phone, r.content.Contact.Phone))}
	}
	r.behalf = &in
	return nil
}

func (b Behalf) check(kind string, p identity.Person, f identity.Firm) error {
	var fs []Finding
	add := func(field, key string) { fs = append(fs, Finding{Path: "behalf." + field, Key: key}) }
	if kind == ByPerson && b.Name == "" {
		add("name", "cases.behalf_name")
	}
	if kind == ByPerson && b.Number == "" {
		add("number", "cases.behalf_number")
	}
	if !slices.Contains(Bases[kind], b.Basis) {
		add("basis", "cases.behalf_basis")
	}
	if b.Basis == BasisLegalPerson && f.LegalPersonNumber != "" && f.LegalPersonNumber != p.Number {
		add("basis", "cases.behalf_not_legal_person")
	}
	if kind == ByPerson && b.Relation == "" {
		add("relation", "cases.behalf_relation")
	}
	if len([]rune(b.Relation)) > mostRelation {
		add("relation", "cases.behalf_long")
	}
	return errs.Fields("cases.behalf_missing", fs)
}

// behalfError points what identity says at the representative's fields.
func behalfError(err error) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	c := *e
	c.Fields = nil
	for _, f := range e.Fields {
		if f.Path == "kind" {
			f.Path = "number_kind"
		}
		f.Path = "behalf." + f.Path
		c.Fields = append(c.Fields, f)
	}
	if len(c.Fields) == 0 && (e.Kind == errs.Invalid || e.Kind == errs.Conflict) {
		c.Fields = []errs.Field{{Path: "behalf.number", Key: e.Key, Params: e.Params}}
	}
	return &c
}

// basisMaterial takes copies of a basis, at the window and for who is represented there only.
func (w *work) basisMaterial() (catalog.Material, bool) {
	if w.c.behalf == nil || w.c.Channel != Window {
		return catalog.Material{}, false
	}
	return catalog.Material{Key: BasisKey, Name: cn("cases.behalf_copy"), Source: catalog.FromApplicant, MaxMB: defaultMB, MaxFiles: mostBasisFiles}, true
}

// basisMissing reports that neither the original of the basis was seen nor a copy taken.
func (w *work) basisMissing(files []File) bool {
	return w.c.behalf != nil && !w.c.behalf.Seen &&
		!slices.ContainsFunc(files, func(f File) bool { return f.Material == BasisKey && (!f.Removed) })
}

// agentWords names who acts for the applicant as papers write it, with the capacity and the basis; empty when the applicant acts.
func (w *work) agentWords() string {
	c := w.c
	if c.summary.Actor == "" || c.behalf == nil && c.MandateID == "" {
		return ""
	}
	out := cn("cases.agent_"+c.ApplicantKind) + c.summary.Actor
	switch {
	case c.behalf == nil:
	case c.behalf.Basis == BasisLegalPerson:
		return cn("cases.agent_legal_person") + c.summary.Actor
	default:
		out += "，" + cn("cases.basis_"+c.behalf.Basis)
	}
	return out
}

// shownBehalf is the basis for a reader: number masked for all, name too for staff.
func (w *work) shownBehalf() *Behalf {
	if w.c.behalf == nil {
		return nil
	}
	b := *w.c.behalf
	b.Number, b.Phone = cnid.MaskID(b.Number), cnid.MaskPhone(b.Phone)
	if w.actor.StaffID != "" && !writes(w.actor, w.view, w.was) {
		b.Name = cnid.MaskName(b.Name)
	}
	return &b
}
