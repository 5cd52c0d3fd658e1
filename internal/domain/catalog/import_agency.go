package catalog

import (
	"strings"

	"tongban/internal/domain/org"
)

// officeNames finds agencies by what they are called.
type officeNames struct{ full, short map[string][]*org.Agency }

func namesOf(ix agencyIndex) officeNames {
	n := officeNames{map[string][]*org.Agency{}, map[string][]*org.Agency{}}
	for _, a := range ix.key {
		n.full[officeName(a.Name)] = append(n.full[officeName(a.Name)], a)
		if a.Short != "" && a.Short != a.Name {
			n.short[officeName(a.Short)] = append(n.short[officeName(a.Short)], a)
		}
	}
	return n
}

// officeName is a name without blanks.
func officeName(s string) string {
	if !strings.ContainsAny(s, " \t\n　") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// find gives the one agency a list means by a name: the one in the list's region, or the only one of this full name; without a region also the only one
// of this short name. A short name such as 区民政局 says nothing about another region. nil if there is none, or more than one.
func (n officeNames) find(name, region string) *org.Agency {
	name, region = officeName(name), sixDigits(region)
	if name == "" {
		return nil
	}
	for _, all := range [][]*org.Agency{n.full[name], n.short[name]} {
		var here []*org.Agency
		for _, a := range all {
			if region != "" && sixDigits(a.Region) == region {
				here = append(here, a)
			}
		}
		if len(here) == 1 {
			return here[0]
		}
		if len(here) > 1 {
			return nil
		}
	}
	if all := n.full[name]; len(all) > 0 {
		return only(all)
	}
	if region != "" {
		return nil
	}
	return only(n.short[name])
}

func only(all []*org.Agency) *org.Agency {
	if len(all) != 1 {
		return nil
	}
	return all[0]
}
