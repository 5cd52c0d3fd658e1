package item

// The dialects codes come in. Codes of the exchange tables stand for what Tongban writes differently; older ones use the same digits in another meaning.
const (
	National = "national" // exchange tables of ZWFW C0109 and GB/T 39554
	Older    = "older"    // exchange tables before 2018
	Vendor   = "vendor"   // a widespread catalogue software
	Zhejiang = "zhejiang"
)

// Mappings are the codes of other systems: dialect, list, their code, ours. A list without a line here has our codes.
var Mappings = map[string]map[string]map[string]string{
	National: {
		"unit":     {"1": "workday"}, // the other digits differ between provinces
		"result":   {"10": "licence", "20": "approval", "99": "other"},
		"required": {"1": RequiredYes, "2": RequiredNo, "3": RequiredLater},
		"medium":   {"1": "paper", "2": "electronic", "3": "both"},
		"type":     {"12": "11", "13": "11", "14": "11", "15": "11", "22": "21", "23": "21", "24": "21"}, // 11… and 21… are extensions
		"grade":    {"1": "I", "2": "II", "3": "III", "4": "IV", "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV"},
	},
	Older: {
		"channel":  {"1": "1", "2": "2", "3": "4"}, // 3 was 快递, which is 4 now
		"unit":     {"G": "workday", "Z": "naturalday", "g": "workday", "z": "naturalday"},
		"special":  {"A": "1", "B": "2"},
		"result":   {"10": "licence", "20": "approval", "99": "other"},
		"required": {"1": RequiredYes, "2": RequiredNo, "3": RequiredLater},
		"medium":   {"1": "paper", "2": "electronic", "3": "both"},
	},
	Vendor: {
		"result":        {"10": "licence", "20": "approval", "30": "other", "99": "none"},
		"required":      {"1": RequiredYes, "2": RequiredNo, "3": RequiredLater},
		"unit":          {"1": "workday", "G": "workday", "Z": "naturalday"},
		"medium":        {"1": "paper", "2": "electronic", "3": "both"},
		"material_type": {"1": "1", "2": "2", "3": "3"},
	},
	Zhejiang: {
		"result":       {"出证办结": "licence", "出文办结": "approval", "审批办结": "none"},
		"power_source": {"属地保留": "11", "本级保留": "12", "共性权力": "13", "法定权力": "14", "驻场办理": "15", "承接委托下放": "16", "审核转报": "17"},
		"unit":         {"1": "workday", "G": "workday", "Z": "naturalday"},
	},
}

// SwapsMaterialColumns reports whether a dialect writes 材料类型 into the column of 材料形式 and the other way round.
func SwapsMaterialColumns(dialect string) bool { return dialect == Vendor }

// MapCode turns a code of another system into ours: by the dialect's table, else as CodeOf reads it (our codes, names and words in use). An unknown code
// comes back as it is, known false. DIRECTORY's dictionaries hold the tables of further systems.
func MapCode(dialect, list, code string) (ours string, known bool) {
	code = narrow(code)
	if to, ok := Mappings[dialect][list][code]; ok {
		return to, true
	}
	if to, ok := CodeOf(list, code); ok {
		return to, true
	}
	return code, false
}

// ForeignCode turns one of our codes into another system's; a code the dialect has no other for is its own. Of several that mean the same, the
// smallest is taken.
func ForeignCode(dialect, list, code string) string {
	best := ""
	for theirs, ours := range Mappings[dialect][list] {
		if ours == code && theirs == code {
			return code
		}
		if ours == code && (best == "" || theirs < best) {
			best = theirs
		}
	}
	if best == "" {
		return code
	}
	return best
}

// synonyms are words lists write for codes besides the names: list, word, code.
var synonyms = map[string]map[string]string{
	"type":         {"其他行政权力": "10", "其他类别": "10", "公共服务事项": "20", "许可": "01", "给付": "05", "确认": "07", "奖励": "08", "裁决": "09"},
	"use_level":    {"国家": "1", "省": "2", "省级(直属)": "2", "市": "3", "市级(隶属)": "3", "县": "4", "区级": "4", "县(市、区)级": "4", "乡级": "5", "镇级": "5", "街道": "5", "镇(乡、街道)级": "5", "村级": "6", "社区": "6", "村(社区)级": "6"},
	"audience":     {"个人": "1", "公民": "1", "企业": "2", "法人": "2", "事业单位": "3", "社会团体": "4", "机关": "5", "非法人企业": "6", "个体工商户": "6", "非法人组织": "6"},
	"channel":      {"窗口": "1", "现场办理": "1", "网上": "2", "网上办理": "2", "电脑端网上办理": "2", "移动端": "3", "移动端网上申请": "3", "手机": "3", "快递": "4", "快递申请": "4", "邮寄": "4"},
	"case_kind":    {"即办": "1", "承诺": "2"},
	"area":         {"全国通办": "1", "跨省通办": "2", "跨市通办": "3", "全省通办": "3", "跨县通办": "4", "全市通办": "4"},
	"depth":        {"互联网咨询": "1", "互联网收件": "2", "互联网预审": "3", "互联网受理": "4", "互联网办理": "5", "互联网办理结果信息反馈": "6", "互联网电子证照反馈": "7"},
	"unit":         {"日": "naturalday", "天": "naturalday", "自然日": "naturalday", "工作日": "workday", "小时": "hour", "月": "month", "个月": "month"},
	"result":       {"证照": "licence", "批文": "approval", "其他": "other", "无": "none", "出证办结": "licence", "出文办结": "approval", "审批办结": "none"},
	"required":     {"必要": RequiredYes, "必须": RequiredYes, "是": RequiredYes, "非必要": RequiredNo, "否": RequiredNo, "容缺后补": RequiredLater, "可容缺": RequiredLater, "容缺": RequiredLater},
	"medium":       {"纸质": "paper", "电子": "electronic", "电子化": "electronic", "纸质和电子": "both", "纸质或电子": "both", "纸质/电子": "both", "两者": "both"},
	"source":       {"申请人自备": FromApplicant},
	"power_source": {"法定本级行使": "1", "法定行使": "1", "法定授权": "3", "上级下放": "2", "委托": "5"},
	"state":        {"正常": "1", "有效": "1", "挂起": "2", "停用": "2", "注销": "3", "废止": "3"},
	"online":       {"是": OnlineExternal, "否": OnlineGuide},
	"special":      {"延长": "1"},
	"format":       {"PDF": "pdf", "JPG": "jpg", "JPEG": "jpg", "jpeg": "jpg", "PNG": "png", "TXT": "txt"},
	"sign":         {"是": "1"},
}
