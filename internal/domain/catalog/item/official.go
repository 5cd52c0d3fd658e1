package item

import (
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/i18n"
)

// OfficialList is one of the lists a government publishes about its powers. Its rows are generated from the items, so that list and guide say the same.
type OfficialList struct {
	Key     string // power, duty, investment or fund; its name and lead are item.list_<key> and item.list_<key>_lead
	Basis   string
	Columns []string // text keys
	Rows    func(l i18n.Lang, it *Item) [][]string
}

// OfficialLists are the four lists: 权力清单, 责任清单, 投资负面清单, 专项资金清单.
var OfficialLists = []OfficialList{
	{
		"power", "国办发〔2015〕21号 推行地方各级政府工作部门权力清单制度的指导意见",
		[]string{"item.list_name", "item.list_type", "item.list_agency", "item.list_level", "item.list_basis", "item.list_source", "item.list_code"},
		powerRows,
	},
	{"duty", "国办发〔2015〕21号 推行地方各级政府工作部门权力清单制度的指导意见", []string{"item.list_name", "item.list_agency", "item.list_stage", "item.list_duty_text", "item.list_duty_basis", "item.list_blamed"}, dutyRows},
	{"investment", "国发〔2015〕55号 关于实行市场准入负面清单制度的意见", []string{"item.list_field", "item.list_measure", "item.list_note", "item.list_name", "item.list_agency", "item.list_basis"}, investmentRows},
	{"fund", "预算法 第十六条；财政专项资金管理规定", []string{"item.list_fund_name", "item.list_budget", "item.list_year", "item.list_who", "item.list_manager", "item.list_name", "item.list_basis"}, fundRows},
}

// OfficialListByKey finds one of the four.
func OfficialListByKey(key string) (OfficialList, bool) {
	i := slices.IndexFunc(OfficialLists, func(o OfficialList) bool { return o.Key == key })
	if i < 0 {
		return OfficialList{}, false
	}
	return OfficialLists[i], true
}

// Power reports whether the item is an administrative power (01–11): public services are none.
func (it *Item) Power() bool { return it.ItemType != "" && it.ItemType < "20" }

func powerRows(l i18n.Lang, it *Item) [][]string {
	if !it.Power() {
		return nil
	}
	level, _ := ByKey("use_level")
	source, _ := ByKey("power_source")
	return [][]string{{it.Name, CodeName(l, "type", it.ItemType), it.AgencyText(), level.Text(l, it), basisWords(it), source.Text(l, it), codeOf(it)}}
}

func codeOf(it *Item) string {
	for _, c := range []string{it.VariantCode, it.Code, it.LocalCode, it.BaseCode} {
		if c != "" {
			return c
		}
	}
	return ""
}

func basisWords(it *Item) string {
	var out []string
	for _, b := range it.Basis {
		law := strings.Trim(b.Law, "《》")
		out = append(out, "《"+law+"》"+b.Article)
	}
	return strings.Join(out, "；")
}

// dutyRows are the responsibilities the item declares; a licence that declares none has those 行政许可法 lays on every licensing authority.
func dutyRows(_ i18n.Lang, it *Item) [][]string {
	if !it.Power() {
		return nil
	}
	duties := it.Duty
	if len(duties) == 0 && it.ItemType == "01" {
		duties = licenceDuties(it)
	}
	var out [][]string
	for _, d := range duties {
		out = append(out, []string{it.Name, it.AgencyText(), d.Stage, d.Text, d.Basis, d.Blamed})
	}
	return out
}

// licenceDuties are the duties of a licensing authority by law, with this item's periods.
func licenceDuties(it *Item) []Responsibility {
	days := func(l *Limit, legal int) string {
		if l == nil || l.N == 0 {
			return fmt.Sprintf("%d个工作日", legal)
		}
		return spanWords(i18n.Chinese, []string{fmt.Sprint(l.N), string(l.Unit)})
	}
	decide := "当场"
	if p := it.Limits.Promised; p.N > 0 {
		decide = days(&p, 0) + "内"
	} else if l := it.Limits.Legal; l.N > 0 && !it.Limits.OnTheSpot {
		decide = days(&l, 0) + "内"
	}
	const law, blamed = "《中华人民共和国行政许可法》", "《中华人民共和国行政许可法》第七十二条、第七十四条"
	return []Responsibility{
		{"受理", "公示依法应当提交的材料；材料不齐的，当场或者在" + days(it.Limits.Correction, 5) + "内一次告知需要补正的全部内容；受理或者不予受理都出具书面凭证。", law + "第三十条、第三十二条", blamed},
		{"审查", "对申请材料进行审查；需要核实实质内容的，指派两名以上工作人员核查；告知并听取利害关系人的意见。", law + "第三十四条、第三十六条", blamed},
		{"决定", decide + "作出决定；不予许可的说明理由，并告知行政复议和行政诉讼的权利；决定予以公开。", law + "第三十八条、第四十条、第四十二条", blamed},
		{"送达", "自作出决定之日起" + days(it.Limits.Certificate, 10) + "内颁发、送达许可证件。", law + "第四十四条", blamed},
		{"事后监管", "对被许可人从事许可事项的活动进行监督检查，记录检查情况和处理结果。", law + "第六十一条", "《中华人民共和国行政许可法》第七十七条"},
	}
}

func investmentRows(l i18n.Lang, it *Item) [][]string {
	x := it.Investment
	if x == nil {
		return nil
	}
	return [][]string{{x.Field, CodeName(l, "investment", x.Level), x.Note, it.Name, it.AgencyText(), x.Basis}}
}

func fundRows(_ i18n.Lang, it *Item) [][]string {
	x := it.Fund
	if x == nil {
		return nil
	}
	year, budget := "", ""
	if x.Year > 0 {
		year = fmt.Sprint(x.Year)
	}
	if x.BudgetFen > 0 {
		budget = yuan(x.BudgetFen)
	}
	return [][]string{{x.Name, budget, year, x.Who, x.Manager, it.Name, x.Basis}}
}
