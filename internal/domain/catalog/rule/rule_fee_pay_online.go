package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleFeePayOnline: fee and payment online disagree.
var ruleFeePayOnline = Rule{
	Key: "fee_pay_online", Basis: "GB/T 39554.1 网上支付", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		pay := first(it, "pay_online")
		switch {
		case !it.Fee.Charged && pay == "1":
			return one("pay_online", errs.P{"name": "不收费，却写了支持网上支付", "en": "nothing is charged, yet it can be paid online"})
		case it.Fee.Charged && pay == "":
			return one("pay_online", errs.P{"name": "收费，却没有写是否支持网上支付", "en": "something is charged, and nothing says whether it can be paid online"})
		}
		return nil
	},
}
