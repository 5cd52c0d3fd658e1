package rule

import (
	"cmp"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cnid"
)

// ruleAgencyCode: implementing code of another agency.
var ruleAgencyCode = Rule{
	Key: "agency_code", Basis: "GB 32100—2015；ZWFW C0109.1—2018", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		code := cmp.Or(it.Code, it.LocalCode)
		if f.Agency == nil || len(code) < 31 || cnid.CheckItemCode(code) != nil {
			return nil
		}
		a, ok := f.Agency(it.Agency)
		if ok && a.Code != "" && a.Code != code[:18] {
			return one("code", errs.P{"code": code[:18], "agency": a.Code})
		}
		return nil
	},
}
