package item

import (
	"strconv"
	"strings"

	"tongban/internal/base/errs"
)

// resultElements say what comes out and what it costs.
var resultElements = []Element{
	{
		Key: "result", Chinese: "结果类型", English: "Kind of result", Group: "result", Kind: KindCode, List: "result", Public: true, Required: true, Mandatory: true, National: "result_type", Source: fromExchange, Pointer: "/result/kind",
		at: str(func(it *Item) *string { return &it.Result.Kind }),
	},
	{Key: "result_name", Chinese: "结果名称", English: "Result", Group: "result", Kind: KindText, Public: true, National: "result_name", Source: fromExchange, Pointer: "/result/name", at: str(func(it *Item) *string { return &it.Result.Name })},
	{Key: "result_sample", Chinese: "结果样本", English: "Sample of the result", Group: "result", Kind: KindText, Public: true, Own: true, National: "result_guid", Source: fromExchange, Pointer: "/result/sample", at: str(func(it *Item) *string { return &it.Result.Sample })},
	{Key: "licence_type", Chinese: "证照类型", English: "Type of licence", Group: "result", Kind: KindText, Own: true, Source: fromTongban, Pointer: "/result/licence_type", at: str(func(it *Item) *string { return &it.Result.LicenceType })},
	{
		Key: "validity", Chinese: "结果有效期", English: "Validity of the result", Group: "result", Kind: KindText, Public: true, Own: true, Source: fromLocal,
		Hint: "如5年、6个月、90天；长期有效的不填", HintEn: "Such as 5年, 6个月, 90天; empty when it does not end", at: access{validityWords, setValidity},
	},
	{Key: "delivery", Chinese: "结果送达方式", English: "How the result is handed over", Group: "result", Kind: KindCodes, List: "delivery", Public: true, Source: from108},
	{
		Key: "charged", Chinese: "是否收费", English: "Charged", Group: "result", Kind: KindYesNo, Public: true, Own: true, Mandatory: true, National: "is_fee", Source: fromExchange, Pointer: "/fee/charged",
		at: flag(func(it *Item) *bool { return &it.Fee.Charged }),
	},
	{Key: "fee_basis", Chinese: "收费依据", English: "Basis of the fee", Group: "result", Kind: KindText, Public: true, Own: true, National: "fee_basis", Source: "行政许可法 第五十八条", Pointer: "/fee/basis", When: is("charged", "1"), at: str(func(it *Item) *string { return &it.Fee.Basis })},
	{Key: "fee_note", Chinese: "收费说明", English: "About the fee", Group: "result", Kind: KindText, Public: true, Own: true, Source: fromTongban, Pointer: "/fee/note", at: str(func(it *Item) *string { return &it.Fee.Note })},
	{Key: "pay_online", Chinese: "支持网上支付", English: "Paid online", Group: "result", Kind: KindYesNo, Public: true, Mandatory: true, National: "is_pay_online", Source: fromExchange, When: is("charged", "1")},
}

func validityWords(it *Item) []string {
	v := it.Validity
	switch {
	case v.Years > 0:
		return []string{strconv.Itoa(v.Years) + "年"}
	case v.Months > 0:
		return []string{strconv.Itoa(v.Months) + "个月"}
	case v.Days > 0:
		return []string{strconv.Itoa(v.Days) + "天"}
	}
	return nil
}

func setValidity(it *Item, vs []string) error {
	word := narrow(first(vs))
	if word == "" || word == "长期" || word == "长期有效" || word == "永久" {
		it.Validity = Validity{}
		return nil
	}
	for _, u := range []struct {
		unit string
		v    func(n int) Validity
	}{
		{"个月", func(n int) Validity { return Validity{Months: n} }},
		{"年", func(n int) Validity { return Validity{Years: n} }},
		{"日", func(n int) Validity { return Validity{Days: n} }},
		{"天", func(n int) Validity { return Validity{Days: n} }},
	} {
		if number, ok := strings.CutSuffix(word, u.unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n > 0 && n < 40000 {
				it.Validity = u.v(n)
				return nil
			}
		}
	}
	return errs.New(errs.Invalid, "item.not_a_validity", errs.P{"value": word, "name": "结果有效期"})
}
