package designweb

import (
	"strings"
	"time"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// sampleNames are the applicants of the sets of samples: one that is long, one of two parts, one written with a character beyond the basic plane.
var sampleNames = map[string]string{
	"usual":  "示例餐饮有限公司",
	"long":   "清澜市清江区望江街道石栏路社区股份经济合作联合社示例农副产品餐饮配送与养老综合服务有限责任公司第一分公司",
	"nation": "阿卜杜热合曼·买买提艾力",
	"rare":   "周𠮷祥",
}

const (
	samplePerson = "580101198001010018"
	sampleFirm   = "91580101MA00000010"
	sampleVerify = "https://example.org.cn/verify/0000"
)

// name is the applicant of the chosen set.
func (s *sample) name() string {
	if n, ok := sampleNames[s.set]; ok {
		return n
	}
	return sampleNames["usual"]
}

func (s *sample) agencyName() string {
	if s.about.agency.Name != "" {
		return s.about.agency.Name
	}
	return "示例机关"
}

// paper gives the values of a paper and its number.
func (s *sample) paper(tp paper.Template) ([]sampleValue, string) {
	it, g := s.about.item, s.about.agency
	day := func(n int) string { return paper.DateText(s.now.AddDate(0, 0, n)) }
	number := paper.Number(tp.Number, orElse(g.NumberMark, "示例"), paper.Year(s.now), 12)
	x := map[string]string{
		"applicant": s.name(), "applicant_number_masked": cnid.MaskID(samplePerson), "agent": "委托代理人：示例姓名", "item": orElse(it.Name, "示例事项"),
		"agency": s.agencyName(), "number": number, "title": tp.Title, "date_cn": paper.DateCN(s.now), "case_no": "580102" + s.now.Format("20060102") + "00012",
		"query_code": "620835", "received_cn": day(-12), "accepted_cn": day(-10), "due_cn": day(18), "promised_cn": day(4), "limit": limitWords(it),
		"basis": basisWords(it), "result": orElse(it.Result.Name, "示例结果"), "conditions": "按照申请的地址和范围从事活动。\n情况有变化的，在三十日内申请变更。",
		"reason": "提交的材料与现场核查的情况不一致。", "defects": "经办人身份证件：复印件不清楚，请重新提交。\n场所平面图：没有写明面积，请补充。",
		"right_authority": orElse(g.Government, "示例人民政府"), "materials": materialWords(it), "remedies": paper.Remedies(g, it.ItemType),
		"officer": "示例姓名", "taker": "示例姓名", "window": "综合窗口", "phone": orElse(g.Phone, "12345"), "complaint_phone": orElse(g.ComplaintPhone, "12345"),
		"verify_url": sampleVerify,
	}
	known := paper.PlaceNames(tp.Act)
	var out []sampleValue
	for _, n := range paperNames {
		if known[n] {
			out = append(out, sampleValue{Name: n, Label: t(s.ctx, "designer_paper.value_"+n), Value: x[n]})
		}
	}
	return out, number
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

func limitWords(it item.Item) string {
	if p := it.Limits.Legal.Period(); p.N > 0 {
		return points(float64(p.N)) + "个工作日"
	}
	return "20个工作日"
}

func basisWords(it item.Item) string {
	var out []string
	for _, b := range it.Basis {
		out = append(out, "《"+b.Law+"》"+b.Article)
	}
	return orElse(strings.Join(out, "、"), "《中华人民共和国行政许可法》第三十八条")
}

func materialWords(it item.Item) string {
	var out []string
	for _, m := range it.Materials {
		out = append(out, m.Name)
	}
	return orElse(strings.Join(out, "\n"), "申请表\n经办人身份证件")
}

// formAnswer is a question whose answer a licence may show, with an answer on trial.
type formAnswer struct {
	Key, Label, Group, Value string
}

// formAnswers are the questions of a form that have an answer of their own.
func formAnswers(d form.Definition) []formAnswer {
	var out []formAnswer
	for _, sec := range d.Sections {
		for _, f := range sec.Fields {
			if f.Kind != form.Notice && f.Kind != form.Declaration {
				out = append(out, formAnswer{Key: f.Key, Label: f.Label, Group: sec.Title, Value: sampleAnswer(f)})
			}
		}
	}
	return out
}

// sampleAnswer is an answer of the right kind.
func sampleAnswer(f form.Field) string {
	if s := sampleOf(f.Term); f.Term != "" && s != "" {
		return s
	}
	switch f.Kind {
	case form.Number, form.Computed:
		return "120" + f.Unit
	case form.Money:
		return "1200.00"
	case form.Date:
		return paper.DateText(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	case form.DateRange:
		return "2026年3月2日至2027年3月1日"
	case form.YesNo:
		return "是"
	case form.IDNumber:
		return samplePerson
	case form.CreditCode:
		return sampleFirm
	case form.Phone:
		return "19900000000"
	case form.Address, form.Region:
		return "清澜市清江区望江街道示例路1号"
	}
	var picks []string
	for _, o := range f.Options {
		picks = append(picks, o.Label)
	}
	switch {
	case len(picks) > 1 && f.Kind == form.Checkbox:
		return strings.Join(picks[:2], "、")
	case len(picks) > 0:
		return picks[0]
	}
	return "示例" + f.Label
}
