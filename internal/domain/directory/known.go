package directory

import (
	"maps"
	"slices"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// known are the differences of other systems' codes that the importers know (item.Mappings), as rows of the mapping tables: what a code there is taken
// as, and the one code there that ours is given as.
func known() []Mapping {
	var out []Mapping
	for _, system := range slices.Sorted(maps.Keys(item.Mappings)) {
		lists := item.Mappings[system]
		for _, list := range slices.Sorted(maps.Keys(lists)) {
			note := ""
			if key := "directory.note_" + system + "_" + list; i18n.Has(key) {
				note = i18n.In(i18n.Chinese, key)
			}
			for _, there := range slices.Sorted(maps.Keys(lists[list])) {
				here := lists[list][there]
				out = append(out, Mapping{
					System: system, List: list, There: there, Here: here, Takes: true, Gives: item.ForeignCode(system, list, here) == there, Note: note,
				})
			}
		}
	}
	return out
}
