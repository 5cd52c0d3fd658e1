package item

// placeElements say where people go and whom they call.
var placeElements = []Element{
	{Key: "windows", Chinese: "办理窗口", English: "Counters", Group: "place", Kind: KindTexts, Public: true, Own: true, Source: fromTongban, at: strs(func(it *Item) *[]string { return &it.Windows })},
	{Key: "address", Chinese: "办理地点", English: "Place", Group: "place", Kind: KindLong, Public: true, Mandatory: true, National: "transact_addr", Source: fromExchange},
	{Key: "hours", Chinese: "办理时间", English: "Hours", Group: "place", Kind: KindLong, Public: true, Mandatory: true, National: "transact_time", Source: fromExchange},
	{Key: "in_hall", Chinese: "是否进驻政务大厅", English: "In the service hall", Group: "place", Kind: KindYesNo, Public: true, Mandatory: true, National: "is_entry_center", Source: fromExchange},
	{
		Key: "consult", Chinese: "咨询电话", English: "Enquiries", Group: "place", Kind: KindPhone, Public: true, Own: true, Required: true, Mandatory: true, National: "link_way", Source: fromExchange, Pointer: "/consult/phone",
		Hint: "带区号，如0588-8602112", HintEn: "With the area code, such as 0588-8602112", at: str(func(it *Item) *string { return &it.Consult.Phone }),
	},
	{Key: "consult_more", Chinese: "其他咨询方式", English: "Other ways to ask", Group: "place", Kind: KindText, Public: true, Source: from108},
	{
		Key: "complain", Chinese: "监督投诉电话", English: "Complaints", Group: "place", Kind: KindPhone, Public: true, Own: true, Required: true, Mandatory: true, National: "supervise_way", Source: fromExchange, Pointer: "/complain/phone",
		Hint: "不能与咨询电话相同", HintEn: "Not the number for enquiries", at: str(func(it *Item) *string { return &it.Complain.Phone }),
	},
	{Key: "complain_more", Chinese: "其他监督投诉方式", English: "Other ways to complain", Group: "place", Kind: KindText, Public: true, Source: from108},
	{Key: "booking", Chinese: "支持预约办理", English: "By appointment", Group: "place", Kind: KindYesNo, Public: true, National: "is_schedule", Source: fromExchange},
	{Key: "express", Chinese: "支持物流快递", English: "By courier", Group: "place", Kind: KindYesNo, Public: true, Mandatory: true, National: "is_express", Source: fromExchange},
	{Key: "self_service", Chinese: "支持自助终端办理", English: "At a kiosk", Group: "place", Kind: KindYesNo, Public: true, National: "is_service_terminals", Source: fromExchange},
}
