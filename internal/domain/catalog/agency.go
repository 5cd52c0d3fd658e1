package catalog

import (
	"context"
	"strings"

	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
)

// agencyIndex finds agencies by key and by code.
type agencyIndex struct{ key, code map[string]*org.Agency }

func officesOf(all []org.Agency) agencyIndex {
	ix := agencyIndex{map[string]*org.Agency{}, map[string]*org.Agency{}}
	for i := range all {
		ix.add(&all[i])
	}
	return ix
}

func (ix agencyIndex) add(a *org.Agency) {
	ix.key[a.Key], ix.code[a.Code] = a, a
	if len(a.Code) == 18 {
		ix.code[a.Code[8:17]] = a // the organisation code inside (GB 32100), which older lists use
	}
}

// offices are the agencies of this installation. Ask before the transaction.
func (s *Service) offices(ctx context.Context) agencyIndex {
	all := s.agencies(ctx)
	if v := s.memory.now.Load(); v != nil && sameArray(v.agencies, all) {
		return v.find
	}
	return officesOf(all)
}

// byCode finds the agency a list means by its code, with or without a hyphen.
func (ix agencyIndex) byCode(code string) *org.Agency {
	return ix.code[strings.ToUpper(strings.ReplaceAll(code, "-", ""))]
}

// names are the words an item is found by through its agency.
func (ix agencyIndex) names(it *Item) (name, short string) {
	if a := ix.key[it.Agency]; a != nil {
		return a.Name, a.Short
	}
	return it.AgencyName, ""
}

// complete fills in what follows from the agency. An imported item whose agency is known by its code belongs to it; otherwise the list's own words
// stand, and the agency's code serves as its key in filters.
func (ix agencyIndex) complete(it *Item) {
	if im := it.Imported; im != nil {
		it.Code, it.Region, it.AgencyName, it.Findings = im.LocalCode, im.RegionCode, im.Department, im.Findings
		if a := ix.byCode(im.AgencyCode); a != nil {
			it.Agency, it.AgencyName = a.Key, a.Name
		} else if it.Agency = im.AgencyCode; it.Agency == "" {
			it.Agency = im.Department
		}
		return
	}
	a := ix.key[it.Agency]
	if a == nil {
		return
	}
	it.AgencyName, it.Region = a.Name, a.Region
	code, err := cnid.ImplementCode(a.Code, it.UseLevel, it.BaseCode)
	if err != nil {
		return // pack check has said so
	}
	it.Code = code
	if v, err := cnid.VariantCode(code, it.Serial); err == nil {
		it.VariantCode = v
	}
}
