package item

// legalElements say by what right the agency acts.
var legalElements = []Element{
	{
		Key: "power_source", Chinese: "权力来源", English: "Source of power", Group: "legal", Kind: KindCode, List: "power_source", Public: true, Required: true, Mandatory: true, National: "power_source", Source: fromExchange,
		at: access{get: func(it *Item) []string {
			if code, ok := CodeOf("power_source", it.PowerSource); ok {
				return one(code) // packs and lists write the words
			}
			return one(it.PowerSource)
		}, set: func(it *Item, vs []string) error { it.PowerSource = first(vs); return nil }},
	},
	{Key: "power_division", Chinese: "权限划分", English: "Division of powers", Group: "legal", Kind: KindLong, Public: true, Source: "GB/T 39554.1"},
	{Key: "exercise_content", Chinese: "行使内容", English: "What is exercised", Group: "legal", Kind: KindLong, Public: true, Source: "GB/T 39554.1"},
	{Key: "review_standard", Chinese: "审查标准", English: "Standard of review", Group: "legal", Kind: KindLong, Public: true, Source: from108},
	{Key: "acceptance_rule", Chinese: "受理规则", English: "Rule of acceptance", Group: "legal", Kind: KindCode, List: "acceptance", Source: "行政许可法 第三十二条", Pointer: "/limits/acceptance_rule", at: str(func(it *Item) *string { return &it.Limits.AcceptanceRule })},
	{Key: "review_phone", Chinese: "行政复议机关电话", English: "Telephone of the review authority", Group: "legal", Kind: KindPhone, Public: true, Source: fromLocal},
	{Key: "review_address", Chinese: "行政复议机关地址", English: "Address of the review authority", Group: "legal", Kind: KindText, Public: true, Source: fromLocal},
	{Key: "review_url", Chinese: "行政复议网上申请地址", English: "Review online", Group: "legal", Kind: KindURL, Public: true, Source: fromLocal},
	{Key: "court", Chinese: "行政诉讼法院", English: "Court", Group: "legal", Kind: KindText, Public: true, Source: "行政诉讼法 第十八条"},
	{Key: "court_phone", Chinese: "行政诉讼法院电话", English: "Telephone of the court", Group: "legal", Kind: KindPhone, Public: true, Source: fromLocal},
	{Key: "court_address", Chinese: "行政诉讼法院地址", English: "Address of the court", Group: "legal", Kind: KindText, Public: true, Source: fromLocal},
}

// otherElements belong to other kinds of power: penalties, levies, inspections.
var otherElements = []Element{
	{Key: "penalty_act", Chinese: "处罚的行为", English: "What is punished", Group: "other", Kind: KindLong, Public: true, Source: fromExchange, When: is("item_type", "02")},
	{Key: "penalty_kind", Chinese: "处罚的种类", English: "Kind of penalty", Group: "other", Kind: KindText, Public: true, Source: fromExchange, When: is("item_type", "02")},
	{Key: "penalty_range", Chinese: "处罚的幅度", English: "Range of the penalty", Group: "other", Kind: KindLong, Public: true, Source: fromExchange, When: is("item_type", "02")},
	{Key: "levy_kind", Chinese: "征收种类", English: "Kind of levy", Group: "other", Kind: KindText, Public: true, Source: fromExchange, When: is("item_type", "04")},
	{Key: "levy_relief", Chinese: "是否涉及减免审批", English: "Relief to be approved", Group: "other", Kind: KindYesNo, Public: true, Source: fromExchange, When: is("item_type", "04")},
}
