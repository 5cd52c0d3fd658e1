package rule

import (
	"regexp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// rulePhone: a number without area code, or wrong.
var rulePhone = Rule{
	Key: "phone", Basis: "GB/T 39554.1 咨询方式", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for _, x := range []struct{ element, number string }{{"consult", it.Consult.Phone}, {"complain", it.Complain.Phone}} {
			if x.number != "" && !landline(x.number) && !telephone.MatchString(x.number) {
				out = append(out, at(x.element, -1, errs.P{"value": x.number}))
			}
		}
		return out
	},
}

// landline reports whether a number is an area code and a number: nearly all are, and need no expression.
func landline(s string) bool {
	area, number, ok := strings.Cut(s, "-")
	return ok && len(area) >= 3 && len(area) <= 4 && area[0] == '0' && len(number) >= 5 && len(number) <= 8 && strings.Trim(area+number, "0123456789") == ""
}

// telephone has an area code, or is a number that needs none (mobile, 400, 12345 and the like).
var telephone = regexp.MustCompile(`^(0\d{2,3}-\d{5,8}(-\d{1,6})?|1\d{10}|400-?\d{3}-?\d{4}|1\d{4})$`)
