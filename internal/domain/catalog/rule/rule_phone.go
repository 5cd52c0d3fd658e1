package rule

import (
	"regexp"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// rulePhone: a number without area code, or wrong.
var rulePhone = Rule{
	Key: "phone", Basis: "GB/T 39554.1 咨询方式", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for _, x := range []struct{ element, number string }{{"consult", it.Consult.Phone}, {"complain", it.Complain.Phone}} {
			if x.number != "" && !telephone.MatchString(x.number) {
				out = append(out, at(x.element, -1, errs.P{"value": x.number}))
			}
		}
		return out
	},
}

// telephone has an area code, or is a number that needs none (mobile, 400, 12345 and the like).
var telephone = regexp.MustCompile(`^(0\d{2,3}-\d{5,8}(-\d{1,6})?|1\d{10}|400-?\d{3}-?\d{4}|1\d{4})$`)
