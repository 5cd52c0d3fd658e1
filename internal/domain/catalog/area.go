package catalog

import (
	"slices"
	"strings"

	"tongban/internal/domain/catalog/search"
)

// area is a part of the country: a region with all below it, and for what serves somebody there also the regions above. The zero area is everywhere.
type area struct {
	stem  string   // what all codes inside begin with
	above []string // codes of the regions above, in the lengths lists write them
}

// inside is a region and all below it.
func inside(code string) area { return area{stem: search.Stem(code)} }

// serving is inside together with the regions above: a city's office serves its counties.
func serving(code string) area {
	a := inside(code)
	for _, n := range []int{2, 4, 6, 9} {
		if len(a.stem) <= n {
			break
		}
		for _, width := range []int{6, 9, 12} {
			if width >= n {
				a.above = append(a.above, a.stem[:n]+strings.Repeat("0", width-n))
			}
		}
	}
	return a
}

func (a area) holds(region string) bool {
	return strings.HasPrefix(region, a.stem) || slices.Contains(a.above, region)
}

func (a area) name() string { return a.stem + "/" + strings.Join(a.above, ",") }
