package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleAgencyRetired: the agency is gone.
var ruleAgencyRetired = Rule{
	Key: "agency_retired", Basis: "GB/T 39554.1 实施主体", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Agency == nil || it.Agency == "" {
			return nil
		}
		a, ok := f.Agency(it.Agency)
		if ok && a.Retired {
			return one("agency", errs.P{"agency": it.AgencyText()})
		}
		return nil
	},
}
