package item

import (
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
)

// Element is one descriptive element of an item. One line here puts it into the guide (its detail rows), the check of what is required, and the export.
type Element struct {
	Key              string // as in items/*.yaml
	Chinese, English string
	Group            string                  // code, kind, handling, legal or result: where the guide shows it
	Public           bool                    // shown to everybody; otherwise to the item office only
	Required         bool                    // a pack's item must have it
	list             string                  // code list whose names stand for the values
	Get              func(it *Item) []string // codes or words; none when the item does not have it
}

func one(get func(it *Item) string) func(*Item) []string {
	return func(it *Item) []string {
		if s := get(it); s != "" {
			return []string{s}
		}
		return nil
	}
}

// digit writes a level; level 0 is none.
func digit(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.Itoa(n)}
}

// Elements are all of them, in the order of the guide.
var Elements = []Element{
	{"name", "事项名称", "Name", "kind", true, true, "", one(func(it *Item) string { return it.Name })},
	{"main_item", "主项名称", "Main item", "kind", true, true, "", one(func(it *Item) string { return it.MainItem })},
	{"short", "通俗说法", "In plain words", "kind", false, true, "", one(func(it *Item) string { return it.Short })},
	{"everyday", "日常用语", "Everyday names", "kind", false, false, "", func(it *Item) []string { return it.Everyday }},
	{"base_code", "基本编码", "Directory code", "code", true, true, "", one(func(it *Item) string { return it.BaseCode })},
	{"code", "实施编码", "Implementing code", "code", true, false, "", one(func(it *Item) string { return it.Code })},
	{"variant_code", "业务办理项编码", "Variant code", "code", true, false, "", one(func(it *Item) string { return it.VariantCode })},
	{"agency", "实施主体", "Agency", "kind", true, true, "", one(func(it *Item) string { return it.AgencyText() })},
	{"item_type", "事项类型", "Type of matter", "kind", true, true, "type", one(func(it *Item) string { return it.ItemType })},
	{"use_level", "行使层级", "Level of exercise", "kind", true, true, "use_level", one(func(it *Item) string { return it.UseLevel })},
	{"power_source", "权力来源", "Source of power", "legal", true, true, "", one(func(it *Item) string { return it.PowerSource })},
	{"audience", "服务对象", "Who it serves", "kind", true, true, "audience", func(it *Item) []string { return it.Audience }},
	{"case_kind", "办件类型", "Kind of case", "handling", true, true, "case_kind", one(func(it *Item) string { return it.CaseKind })},
	{"online", "网上办理", "Online", "handling", true, true, "online", one(func(it *Item) string { return it.Online })},
	{"channels", "办理形式", "Ways to apply", "handling", true, true, "channel", func(it *Item) []string { return it.Channels }},
	{"depth", "网上办理深度", "What is done online", "handling", true, true, "depth", func(it *Item) []string { return it.Depth }},
	{"area", "通办范围", "Area of joint service", "handling", true, false, "area", one(func(it *Item) string { return it.Area })},
	{"special", "特别程序（不计入办理时间）", "Special procedures (not counted)", "handling", true, false, "", func(it *Item) []string { return it.Special }},
	{"themes_person", "自然人主题", "Themes for persons", "kind", true, false, "theme_person", func(it *Item) []string { return it.Themes.Person }},
	{"themes_firm", "法人主题", "Themes for firms", "kind", true, false, "theme_firm", func(it *Item) []string { return it.Themes.Firm }},
	{"level", "身份核验等级", "Identity level", "handling", true, false, "level", func(it *Item) []string { return digit(it.LevelFor(authz.ActApply)) }},
	{"level_sign", "签名的身份核验等级", "Identity level to sign", "handling", true, false, "level", func(it *Item) []string {
		if !it.Signs() {
			return nil
		}
		return digit(it.LevelFor(authz.ActSign))
	}},
	{"level_collect", "领取结果的身份核验等级", "Identity level to collect", "handling", true, false, "level", func(it *Item) []string { return digit(it.Levels.Collect) }},
	{"sign", "电子签名", "Signed with a second key", "handling", true, false, "sign", func(it *Item) []string {
		if !it.Signs() {
			return nil
		}
		return []string{"1"}
	}},
	{"result", "结果类型", "Kind of result", "result", true, true, "result", one(func(it *Item) string { return it.Result.Kind })},
	{"result_name", "结果名称", "Result", "result", true, false, "", one(func(it *Item) string { return it.Result.Name })},
	{"summary", "事项说明", "Summary", "kind", false, true, "", one(func(it *Item) string { return it.Summary })},
	{"consult", "咨询电话", "Enquiries", "handling", false, true, "", one(func(it *Item) string { return it.Consult.Phone })},
	{"complain", "监督投诉电话", "Complaints", "handling", false, true, "", one(func(it *Item) string { return it.Complain.Phone })},
}

// Label is the element's name in a language.
func (e Element) Label(l i18n.Lang) string {
	if l == i18n.English {
		return e.English
	}
	return e.Chinese
}

// Text is the element's value in words; empty when the item does not have it. Codes are named in the language; texts of items stay Chinese.
func (e Element) Text(l i18n.Lang, it *Item) string {
	vs := e.Get(it)
	if e.list == "" {
		return strings.Join(vs, "、")
	}
	names := make([]string, len(vs))
	for i, v := range vs {
		names[i] = CodeName(l, e.list, v)
	}
	if l == i18n.English {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}

// Coded reports whether Text is in the reader's language rather than in the item's.
func (e Element) Coded() bool { return e.list != "" }

// CodeName names a code of a list; an unknown code stands for itself.
func CodeName(l i18n.Lang, list, code string) string {
	key := "catalog." + list + "_" + code
	if code == "" || !i18n.Has(key) {
		return code
	}
	return i18n.In(l, key)
}

// AgencyText is the agency's name, or its key when the name is not known.
func (it *Item) AgencyText() string {
	if it.AgencyName != "" {
		return it.AgencyName
	}
	return it.Agency
}
