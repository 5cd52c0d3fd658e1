package identity

import (
	"context"
	"sync"

	"tongban/internal/base/errs"
)

// Known is a value that needs not be typed. Source is a text key.
type Known struct{ Value, Source string }

// Where known values come from.
const (
	SourcePopulation = "identity.source_population"
	SourceFirms      = "identity.source_firms"
	SourceAccount    = "identity.source_account"
)

// Prefill gives what is known of a person and, if firmID is not empty, of the firm, by the terms of form fields, asking the registries live
// (two seconds each, at the same time). reachable is false when one of them did not answer: then only what the account itself holds is given
// for it, and people type the rest.
func (s *Service) Prefill(ctx context.Context, personID, firmID string) (known map[string]Known, reachable bool, err error) {
	p, err := s.Person(ctx, personID)
	if err != nil {
		return nil, false, err
	}
	var f Firm
	if firmID != "" {
		if f, err = s.Firm(ctx, firmID); err != nil {
			return nil, false, err
		}
	}
	var wg sync.WaitGroup
	var personErr, firmErr error
	var registered RegisteredPerson
	var live Firm
	if p.Level >= LevelChecked {
		wg.Go(func() { registered, personErr = s.deps.Registry.PersonData(ctx, p.Number, "prefill", "") })
	}
	if firmID != "" {
		wg.Go(func() { live, firmErr = s.deps.Registry.Firm(ctx, f.CreditCode) })
	}
	wg.Wait()
	known = accountTerms(p)
	if p.Level >= LevelChecked && personErr == nil {
		registryTerms(known, registered)
	}
	if firmID != "" {
		if firmErr == nil {
			firmTerms(known, live, SourceFirms)
		} else {
			firmTerms(known, Firm{CreditCode: f.CreditCode, Name: f.Name}, SourceAccount)
		}
	}
	reachable = true
	for _, err := range []error{personErr, firmErr} {
		switch {
		case away(err):
			reachable = false
		case err != nil && !errs.Is(err, "identity.registry_unknown"):
			return nil, false, err
		}
	}
	return known, reachable, nil
}

func put(known map[string]Known, source string, terms map[string]string) {
	for term, v := range terms {
		if v != "" {
			known[term] = Known{v, source}
		}
	}
}

// accountTerms are the values that were confirmed before and do not change, and the person's own phone.
func accountTerms(p Person) map[string]Known {
	known := map[string]Known{}
	put(known, SourceAccount, map[string]string{
		"person.name": p.Name, "person.id_number": p.Number, "person.sex": p.Sex, "person.birth": p.Birth, "person.phone": p.Phone,
		"contact.name": p.Name, "contact.phone": p.Phone, // whoever fills in is whom to ask, unless they say otherwise
	})
	return known
}

func registryTerms(known map[string]Known, r RegisteredPerson) {
	put(known, SourcePopulation, map[string]string{
		"person.name": r.Name, "person.id_number": r.Number, "person.sex": r.Sex, "person.birth": r.Birth, "person.address": r.Address,
	})
	if _, own := known["person.phone"]; !own {
		put(known, SourcePopulation, map[string]string{"person.phone": r.Phone})
	}
}

func firmTerms(known map[string]Known, f Firm, source string) {
	put(known, source, map[string]string{
		"firm.name": f.Name, "firm.credit_code": f.CreditCode, "firm.kind": f.Kind, "firm.address": f.Address, "firm.scope": f.Scope, "firm.phone": f.Phone,
		"firm.established": f.Established, "firm.status": f.Status, "firm.legal_person.name": f.LegalPersonName,
		"firm.legal_person.id_number": f.LegalPersonNumber, "premises.address": f.Premises, "premises.name": premisesName(f),
	})
}

// premisesName is left to the applicant: a shop's sign is seldom the firm's name. Only an individual business trades under its own.
func premisesName(f Firm) string {
	if f.Kind == "个体工商户" {
		return f.Name
	}
	return ""
}

// Document is a licence or certificate issued elsewhere, as its registry indexes it.
type Document struct {
	Type         string            `json:"type"` // licence type key: business-licence, id-card
	Number       string            `json:"number"`
	Holder       string            `json:"holder"`
	HolderNumber string            `json:"holder_number"`
	ValidFrom    string            `json:"valid_from"`  // YYYY-MM-DD or empty
	ValidUntil   string            `json:"valid_until"` // YYYY-MM-DD, or empty for no end
	Fields       map[string]string `json:"fields"`
}

// HeldDocuments asks live which documents issued elsewhere the person holds and, if firmID is not empty, the firm. Errors: Unavailable.
func (s *Service) HeldDocuments(ctx context.Context, personID, firmID string) ([]Document, error) {
	p, err := s.Person(ctx, personID)
	if err != nil {
		return nil, err
	}
	var numbers []string
	if p.Level >= LevelChecked {
		numbers = append(numbers, p.Number)
	}
	if firmID != "" {
		f, err := s.Firm(ctx, firmID)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, f.CreditCode)
	}
	var out []Document
	for _, n := range numbers {
		held, err := s.deps.Registry.Documents(ctx, n)
		if err != nil {
			return nil, err
		}
		out = append(out, held...)
	}
	return out, nil
}
