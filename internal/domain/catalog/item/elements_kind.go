package item

import (
	"tongban/internal/base/i18n"
	"tongban/internal/engine/cond"
)

// kindElements say what the matter is and whom it serves.
var kindElements = []Element{
	{
		Key: "name", Chinese: "事项名称", English: "Name", Group: "kind", Kind: KindText, Public: true, Required: true, Mandatory: true, National: "task_name", Source: fromExchange,
		Hint: "与目录一致，不超过200字；有多种办理情形的写明，如“食品经营许可（新办）”", HintEn: "As in the directory, at most 200 characters; name the variant, such as 食品经营许可（新办）",
		at: str(func(it *Item) *string { return &it.Name }),
	},
	{Key: "main_item", Chinese: "主项名称", English: "Main item", Group: "kind", Kind: KindText, Public: true, Required: true, Source: fromExchange, at: str(func(it *Item) *string { return &it.MainItem })},
	{Key: "sub_item", Chinese: "子项名称", English: "Sub-item", Group: "kind", Kind: KindText, Public: true, Source: fromExchange, at: str(func(it *Item) *string { return &it.SubItem })},
	{
		Key: "short", Chinese: "通俗说法", English: "In plain words", Group: "kind", Kind: KindText, Public: true, Own: true, Required: true, Source: fromTongban,
		Hint: "一句话，让没办过的人也知道是什么", HintEn: "One phrase by which somebody who never did it knows what it is", at: str(func(it *Item) *string { return &it.Short }),
	},
	{Key: "search_title", Chinese: "搜索标题", English: "Title in search", Group: "kind", Kind: KindText, Public: true, Own: true, Source: fromTongban, at: str(func(it *Item) *string { return &it.SearchTitle })},
	{
		Key: "everyday", Chinese: "日常用语", English: "Everyday names", Group: "kind", Kind: KindTexts, Public: true, Own: true, Source: fromLocal,
		Hint: "群众平时怎么叫它，一行一个，搜索靠它找到事项", HintEn: "What people call it, one a line: search finds the item by them", at: strs(func(it *Item) *[]string { return &it.Everyday }),
	},
	{
		Key: "agency", Chinese: "实施主体", English: "Agency", Group: "kind", Kind: KindText, Public: true, Required: true, Source: fromExchange,
		at: str(func(it *Item) *string { return &it.Agency }), show: func(_ i18n.Lang, it *Item) string { return it.AgencyText() },
	},
	{
		Key: "agency_name", Chinese: "实施主体名称", English: "Name of the agency", Group: "kind", Kind: KindText, Public: true, Own: true, Computed: true, Mandatory: true, National: "dept_name", Source: fromExchange,
		at: access{get: func(it *Item) []string { return one(it.departmentName()) }, set: setImported(func(x *Imported) *string { return &x.Department })},
	},
	{
		Key: "agency_nature", Chinese: "实施主体性质", English: "Nature of the agency", Group: "kind", Kind: KindCode, List: "agency_nature", Public: true, Mandatory: true, National: "dept_type", Source: fromExchange,
		Hint: "受委托组织要写明委托部门", HintEn: "An entrusted organisation names who entrusted it",
	},
	{
		Key: "entrusted_by", Chinese: "委托部门", English: "Entrusted by", Group: "kind", Kind: KindText, Public: true, National: "entrust_name", Source: "行政许可法 第二十四条",
		When: cond.Expr{Any: []cond.Expr{is("agency_nature", "3"), is("power_source", "5"), is("power_source", "6")}},
	},
	{Key: "undertaking", Chinese: "承办机构", English: "Office in charge", Group: "kind", Kind: KindText, Public: true, Source: from108},
	{
		Key: "item_type", Chinese: "事项类型", English: "Type of matter", Group: "kind", Kind: KindCode, List: "type", Public: true, Required: true, Mandatory: true, National: "task_type", Source: fromExchange,
		at: str(func(it *Item) *string { return &it.ItemType }),
	},
	{
		Key: "use_level", Chinese: "行使层级", English: "Level of exercise", Group: "kind", Kind: KindCodes, List: "use_level", Public: true, Required: true, Mandatory: true, National: "use_level", Source: fromExchange,
		at: access{useLevels, setUseLevels},
	},
	{
		Key: "audience", Chinese: "服务对象", English: "Who it serves", Group: "kind", Kind: KindCodes, List: "audience", Public: true, Required: true, Mandatory: true, National: "server_type", Source: fromExchange,
		at: strs(func(it *Item) *[]string { return &it.Audience }),
	},
	{
		Key: "themes_person", Chinese: "自然人主题", English: "Themes for persons", Group: "kind", Kind: KindCodes, List: "theme_person", Public: true, National: "user_topic_type", Source: fromExchange, Pointer: "/themes/person",
		When: has("audience", "1"), at: strs(func(it *Item) *[]string { return &it.Themes.Person }),
	},
	{
		Key: "themes_firm", Chinese: "法人主题", English: "Themes for firms", Group: "kind", Kind: KindCodes, List: "theme_firm", Public: true, National: "corp_topic_type", Source: fromExchange, Pointer: "/themes/firm",
		When: cond.Expr{Any: []cond.Expr{has("audience", "2"), has("audience", "3"), has("audience", "4"), has("audience", "6")}}, at: strs(func(it *Item) *[]string { return &it.Themes.Firm }),
	},
	{Key: "local_themes_person", Chinese: "自然人地方特色主题", English: "Local themes for persons", Group: "kind", Kind: KindTexts, Public: true, National: "user_character_topic", Source: fromExchange},
	{Key: "local_themes_firm", Chinese: "法人地方特色主题", English: "Local themes for firms", Group: "kind", Kind: KindTexts, Public: true, National: "corp_character_topic", Source: fromExchange},
	{Key: "life_events", Chinese: "一生大事", English: "Life events", Group: "kind", Kind: KindCodes, List: "life_event", Public: true, Source: fromTongban, at: strs(func(it *Item) *[]string { return &it.LifeEvents })},
	{
		Key: "summary", Chinese: "事项说明", English: "Summary", Group: "kind", Kind: KindLong, Public: true, Own: true, Required: true, Source: fromTongban,
		Hint: "先说结论，句子不超过60字，不用公文套话", HintEn: "The result first, no sentence above 60 characters, no officialese", at: str(func(it *Item) *string { return &it.Summary }),
	},
	{Key: "who", Chinese: "受理条件", English: "Who may apply", Group: "kind", Kind: KindTexts, Public: true, Own: true, Mandatory: true, National: "accept_condition", Source: fromExchange, at: strs(func(it *Item) *[]string { return &it.Who })},
	{Key: "not_for", Chinese: "不予受理的情形", English: "Who need not or may not apply", Group: "kind", Kind: KindTexts, Public: true, Own: true, Source: from108, at: strs(func(it *Item) *[]string { return &it.NotFor })},
	{Key: "rights", Chinese: "申请人权利", English: "Rights of the applicant", Group: "kind", Kind: KindTexts, Public: true, Own: true, Source: fromLocal, at: strs(func(it *Item) *[]string { return &it.Rights })},
	{Key: "duties", Chinese: "申请人义务", English: "Duties of the applicant", Group: "kind", Kind: KindTexts, Public: true, Own: true, Source: fromLocal, at: strs(func(it *Item) *[]string { return &it.Duties })},
}

// useLevels gives the level the implementing code carries, and all of them where the item is exercised at several (7).
func useLevels(it *Item) []string {
	if more := it.Extra["use_levels"]; it.UseLevel == "7" && len(more) > 0 {
		return more
	}
	return one(it.UseLevel)
}

func setUseLevels(it *Item, vs []string) error {
	setExtra(it, "use_levels", nil)
	it.UseLevel = first(vs)
	if len(vs) > 1 {
		it.UseLevel = "7"
		setExtra(it, "use_levels", vs)
	}
	return nil
}

// departmentName is the agency's name here, or the one a list gave.
func (it *Item) departmentName() string {
	if it.AgencyName == "" && it.Imported != nil {
		return it.Imported.Department
	}
	return it.AgencyName
}

// setImported keeps what a list says of its agency; a pack names the agency by key.
func setImported(at func(*Imported) *string) func(*Item, []string) error {
	return func(it *Item, vs []string) error {
		if it.Imported == nil && len(vs) == 0 {
			return nil
		}
		x := Imported{}
		if it.Imported != nil {
			x = *it.Imported
		}
		*at(&x) = first(vs)
		it.Imported = &x
		return nil
	}
}
