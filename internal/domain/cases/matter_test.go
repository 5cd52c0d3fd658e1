// The two services these tests apply for: a food licence for firms, with an inspection, and a card for the old.

package cases_test

import (
	"encoding/json"

	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

func eq(field, value string) cond.Expr { return cond.Expr{Field: field, Op: cond.Eq, Value: value} }

var forms = map[string]form.Definition{
	"food": {Key: "food", Sections: []form.Section{{Key: "shop", Title: "店铺", Fields: []form.Field{
		{Key: "firm", Kind: form.Text, Label: "名称", Term: "firm.name", ReadOnly: true, Required: true},
		{Key: "address", Kind: form.Address, Label: "经营场所", Term: "premises.address", Required: true},
		{Key: "area", Kind: form.Number, Label: "面积", Required: true},
		{Key: "fee", Kind: form.Money, Label: "投资额"},
		{Key: "county", Kind: form.Region, Label: "区县"},
	}}}},
	"elder": {Key: "elder", Sections: []form.Section{{Key: "me", Title: "本人", Fields: []form.Field{
		{Key: "name", Kind: form.Text, Label: "姓名", Term: "person.name", ReadOnly: true, Level: "name"},
	}}}},
}

var flows = map[string]flow.Definition{
	"food": {Key: "food", Separate: true, Steps: []flow.Step{
		{Key: "receive", Name: "收件", Kind: flow.Receive, Post: "window"},
		{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
		{Key: "review", Name: "审查", Kind: flow.Review, Post: "review", Limit: &clock.Period{N: 2, Unit: clock.Workday}},
		{
			Key: "inspect", Name: "现场核查", Kind: flow.Inspect, Post: "review", Officers: 2,
			Checklist: []flow.CheckItem{{Key: "water", Text: "用水", Critical: true}, {Key: "light", Text: "照明"}},
		},
		{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide"},
		{Key: "certificate", Name: "制证", Kind: flow.Certificate, Post: "window"},
		{Key: "deliver", Name: "送达", Kind: flow.Deliver, Post: "window"},
	}},
	"quiet": {Key: "quiet", Steps: []flow.Step{ // the review does not see what was invested, and the applicant hears of it
		{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
		{Key: "size", Name: "看面积", Kind: flow.Branch, Ways: []flow.Way{
			{Name: "大", When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: json.Number("300")}, Steps: []flow.Step{{Key: "site", Name: "现场核查", Kind: flow.Inspect, Post: "review", Officers: 2}}},
			{Name: "其余", Steps: []flow.Step{{
				Key: "review", Name: "审查", Kind: flow.Review, Post: "review", Hide: []string{"fee"},
				Notices: []flow.Notice{{On: flow.OnEnter, Text: "开始审查"}, {On: flow.OnLeave, Text: "审查完了"}},
			}}},
		}},
		{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide", Notices: []flow.Notice{{On: flow.OnEnter, Text: "等待决定"}}},
	}},
	"elder": {Key: "elder", Steps: []flow.Step{{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "counter"}, {Key: "decide", Name: "决定", Kind: flow.Decide, Post: "counter"}}},
}

const code33 = "11580102MB1234567X300013100600001"

func foodItem() catalog.Item {
	return catalog.Item{
		Key: "food", Version: 1, FormVersion: 1, FlowVersion: 1, Name: "食品经营许可（新办）", Agency: "market", AgencyName: "清江区市场监督管理局", Region: "580102",
		ItemType: "01", Audience: []string{"1", "2"}, Online: catalog.OnlineFull, Form: "food", Flow: "food", Level: 2, Separate: true, VariantCode: code33,
		Limits: catalog.Limits{Legal: catalog.Limit{N: 10, Unit: clock.Workday}, Promised: catalog.Limit{N: 8, Unit: clock.Workday}, AcceptanceRule: catalog.AcceptLicensing},
		Result: catalog.Result{Kind: "licence", Name: "食品经营许可证", LicenceType: "food-business"},
		Scenario: []catalog.Question{{
			Key: "kind", Ask: "哪一类？", Options: []catalog.Option{{Value: "restaurant", Label: "餐饮服务"}, {Value: "prepacked", Label: "仅预包装"}},
			Stop: &catalog.Stop{When: eq("scenario.kind", "prepacked"), Title: "您不需要办这个许可"},
		}},
		Materials: []catalog.Material{
			{Key: "plan", Name: "布局图", Source: catalog.FromApplicant, Required: catalog.RequiredYes, Formats: []string{"pdf", "png"}, MaxMB: 1, MaxFiles: 2},
			{Key: "biz", Name: "营业执照", Source: catalog.FromLicence, LicenceType: "business-licence", Required: catalog.RequiredYes},
			{Key: "note", Name: "其他说明", Source: catalog.FromApplicant, Required: catalog.RequiredNo},
		},
	}
}

func elderItem() catalog.Item {
	return catalog.Item{
		Key: "elder", Version: 1, FormVersion: 1, FlowVersion: 1, Name: "老年人优待证", Agency: "civil", AgencyName: "清江区民政局", Region: "580102", ItemType: "20",
		Audience: []string{"1"}, Online: catalog.OnlineFull, Form: "elder", Flow: "elder", VariantCode: "11580102MB7654321X300201100600001",
		Limits: catalog.Limits{OnTheSpot: true, AcceptanceRule: catalog.AcceptNone}, Result: catalog.Result{Kind: "licence", LicenceType: "elder-card"},
		CheckRules: []catalog.CheckRule{{Name: "age", When: cond.Expr{Field: "applicant.age", Op: cond.Lt, Value: json.Number("65")}, Text: "未满65周岁"}},
	}
}
