package item

import "strconv"

// codeElements are the numbers an item goes by.
var codeElements = []Element{
	{
		Key: "base_code", Chinese: "基本编码", English: "Directory code", Group: "code", Kind: KindText, Public: true, Required: true, Mandatory: true, National: "catalog_code", Source: fromExchange,
		Hint: "12位：00或省级代码2位、事项类型2位、业务指导部门2位、主项3位、子项3位", HintEn: "12 characters: 00 or the province, type of matter, guiding department, main item, sub-item", at: str(func(it *Item) *string { return &it.BaseCode }),
	},
	{Key: "local_base_code", Chinese: "地方基本编码", English: "Local directory code", Group: "code", Kind: KindText, Public: true, National: "local_catalog_code", Source: fromExchange, at: str(func(it *Item) *string { return &it.LocalBaseCode })},
	{
		Key: "code", Chinese: "实施编码", English: "Implementing code", Group: "code", Kind: KindText, Public: true, Computed: true, Mandatory: true, National: "task_code", Source: fromExchange,
		at: str(func(it *Item) *string { return &it.Code }),
	},
	{Key: "local_code", Chinese: "地方实施编码", English: "Local implementing code", Group: "code", Kind: KindText, Public: true, National: "local_task_code", Source: fromExchange, at: str(func(it *Item) *string { return &it.LocalCode })},
	{
		Key: "serial", Chinese: "业务办理项序号", English: "Serial of the variant", Group: "code", Kind: KindNumber, Own: true, Source: fromExchange,
		Hint: "同一实施清单下从1开始", HintEn: "From 1 within one implementing list", at: num(func(it *Item) *int { return &it.Serial }),
	},
	{
		Key: "variant_code", Chinese: "业务办理项编码", English: "Variant code", Group: "code", Kind: KindText, Public: true, Computed: true, National: "task_handle_item", Source: fromExchange,
		at: str(func(it *Item) *string { return &it.VariantCode }),
	},
	{Key: "local_variant_code", Chinese: "地方业务办理项编码", English: "Local variant code", Group: "code", Kind: KindText, Public: true, Source: fromExchange, at: str(func(it *Item) *string { return &it.LocalVariantCode })},
	{
		Key: "agency_code", Chinese: "实施主体编码", English: "Credit code of the agency", Group: "code", Kind: KindText, Public: true, Computed: true, Mandatory: true, National: "dept_code", Source: fromExchange,
		at: access{get: func(it *Item) []string { return one(it.agencyCode()) }, set: setImported(func(x *Imported) *string { return &x.AgencyCode })},
	},
	{Key: "row_id", Chinese: "记录唯一标识", English: "Record identifier", Group: "code", Kind: KindText, Mandatory: true, National: "row_guid", Source: fromExchange, at: str(func(it *Item) *string { return &it.RowID })},
	{
		Key: "base_version", Chinese: "采用的目录版本", English: "Directory version adopted", Group: "code", Kind: KindNumber, Source: fromTongban,
		at: num(func(it *Item) *int { return &it.BaseVersion }),
	},
	{
		Key: "version", Chinese: "版本", English: "Version", Group: "code", Kind: KindNumber, Public: true, Own: true, Computed: true, Mandatory: true, National: "task_version", Source: fromExchange,
		at: computed(func(it *Item) string {
			if it.Version == 0 {
				return ""
			}
			return strconv.Itoa(it.Version)
		}),
	},
	{
		Key: "state", Chinese: "事项状态", English: "State", Group: "code", Kind: KindCode, List: "state", Public: true, Own: true, Computed: true, Mandatory: true, National: "task_state", Source: fromExchange,
		at: str(func(it *Item) *string { return &it.State }),
	},
	{
		Key: "region", Chinese: "行政区划", English: "Region", Group: "code", Kind: KindText, Own: true, Computed: true, Public: true, Source: fromExchange,
		at: access{get: func(it *Item) []string { return one(it.regionCode()) }, set: setImported(func(x *Imported) *string { return &x.RegionCode })},
	},
	{Key: "town_code", Chinese: "乡镇街道代码", English: "Town code", Group: "code", Kind: KindText, Public: true, National: "town_code", Source: fromExchange},
	{Key: "town_name", Chinese: "乡镇街道名称", English: "Town", Group: "code", Kind: KindText, Public: true, National: "town_name", Source: fromExchange},
	{Key: "village_code", Chinese: "村居社区代码", English: "Village code", Group: "code", Kind: KindText, Public: true, National: "village_code", Source: fromExchange},
	{Key: "village_name", Chinese: "村居社区名称", English: "Village", Group: "code", Kind: KindText, Public: true, National: "village_name", Source: fromExchange},
	{Key: "effective", Chinese: "计划生效日期", English: "Planned to take effect", Group: "code", Kind: KindDate, Public: true, National: "plan_effective_date", Source: fromExchange},
	{Key: "cancel", Chinese: "计划取消日期", English: "Planned to be cancelled", Group: "code", Kind: KindDate, Public: true, National: "plan_cancel_date", Source: fromExchange},
	{Key: "data_source", Chinese: "数据来源", English: "Source of the data", Group: "code", Kind: KindText, Mandatory: true, National: "data_source", Source: fromExchange},
}

// agencyCode is the credit code a list gave, or the head of the implementing code.
func (it *Item) agencyCode() string {
	if it.Imported != nil && it.Imported.AgencyCode != "" {
		return it.Imported.AgencyCode
	}
	if len(it.Code) == 31 {
		return it.Code[:18]
	}
	return ""
}

func (it *Item) regionCode() string {
	if it.Region == "" && it.Imported != nil {
		return it.Imported.RegionCode
	}
	return it.Region
}
