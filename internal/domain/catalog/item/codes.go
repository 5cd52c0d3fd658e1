package item

import (
	"slices"
	"sync"

	"tongban/internal/base/i18n"
)

// Lists are the code lists of the national standard that items use (ZWFW C0109, GB/T 39554) and our own. Their names are texts: catalog.<list>_<code> or
// item.<list>_<code>. Codes of other systems are mapped at the border: the dictionaries of package directory
// have the tables.
var Lists = map[string][]string{
	"type":          {"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "20", "21"}, // L1 事项类型
	"use_level":     {"1", "2", "3", "4", "5", "6", "7"},                                                  // L2 行使层级
	"agency_nature": {"1", "2", "3", "9"},                                                                 // L3 实施主体性质
	"audience":      {"1", "2", "3", "4", "5", "6"},                                                       // L4 服务对象
	"channel":       {"1", "2", "3", "4", "9"},                                                            // L5 办理形式
	"case_kind":     {"1", "2", "9"},                                                                      // L6 办件类型
	"area":          {"1", "2", "3", "4"},                                                                 // L7 通办范围
	"depth":         {"1", "2", "3", "4", "5", "6", "7", "8"},                                             // L8 网上办理深度
	"grade":         {"I", "II", "III", "IV"},                                                             // L8, local; computed from depth and trips
	"star":          {"3", "4", "5"},
	"unit":          {"workday", "naturalday", "month", "hour"},                               // L9 时限单位
	"result":        {"licence", "approval", "receipt", "other", "none"},                      // L10 审批结果类型
	"state":         {"1", "2", "3"},                                                          // 在用 暂停 取消
	"material_type": {"1", "2", "3"},                                                          // 原件 复印件 原件或复印件
	"medium":        {"electronic", "paper", "both"},                                          // 材料形式
	"required":      {RequiredYes, RequiredNo, RequiredLater},                                 // 必要性
	"origin":        {"10", "20", "30", "99"},                                                 // 来源渠道
	"special":       {"1", "2"},                                                               // 延长审批, 除延长审批之外
	"power_source":  {"1", "2", "3", "4", "5", "6", "11", "12", "13", "14", "15", "16", "17"}, // six national ones; 1x are Zhejiang's
	"level":         {"1", "2", "3", "4"},
	"sign":          {"1"},
	"yesno":         {"0", "1"},
	"online":        {OnlineFull, OnlineGuide, OnlineExternal},
	"basis_status":  {"read", "knowledge", "fictional"},
	"acceptance":    {AcceptLicensing, AcceptRealEstate, AcceptMarketEntity, AcceptNone},
	"source":        {FromApplicant, FromLicence, FromPlatform},
	"format":        UploadFormats,
	"delivery":      {"window", "mail", "machine", "electronic"},
	"act":           {"receive", "accept", "review", "inspect", "decide", "certificate", "deliver"},
	"review_kind":   {"1", "2"}, // 即审即办 前审后批
	"integration":   {"platform", "pushed", "jump", "entered"},
	"clock":         {"platform", "system"},
	"later_clock":   {LaterRuns, LaterWaits}, // 容缺期间的办理期限
	"licence_act":   LicenceActs,
	"licence_late":  {LateRefuse, LateWarn},
	"nature":        Natures, // 事项在法律上的性质
	"investment":    {"prohibited", "approval", "limited"},
	"audit_kind":    {"staffing", "legal"},                                    // 编制审核 法制审核
	"change_kind":   {"add", "change", "split", "merge", "suspend", "cancel"}, // of base items
	"life_event": {
		"birth", "school", "work", "army", "marriage", "housing", "car", "health", "aid", "retirement", "death", // of a person
		"open", "permit", "staff", "project", "finance", "tax", "change", "close", // of a firm
	},
	// 自然人主题; 080 is skipped in the list. The same digits mean other things in the list for firms.
	"theme_person": {
		"005", "010", "015", "020", "025", "030", "035", "040", "045", "050", "055", "060", "065", "070", "075", "085", "090", "095", "100", "105", "110",
		"115", "120", "125", "130", "135", "140", "145", "150", "155", "998", "999",
	},
	// 法人主题
	"theme_firm": {
		"005", "010", "015", "020", "025", "030", "035", "040", "045", "050", "055", "060", "065", "070", "075", "085", "090", "095", "100", "105", "110",
		"115", "120", "125", "130", "135", "140", "145", "150", "155", "160", "165", "170", "998", "999",
	},
}

// PersonEvents is how many codes of life_event are a person's; the others are a firm's.
const PersonEvents = 11

// Applied are the types people can apply for: 依申请六类, 公共服务 and their extensions. 02, 03, 04 and 06 begin with the authority.
var Applied = []string{"01", "05", "07", "08", "09", "10", "11", "20", "21"}

// Codes gives the codes of a list in their order, such as "type" or "audience".
func Codes(list string) []string { return Lists[list] }

// ThemeCodes gives the themes of a list, person or firm.
func ThemeCodes(list string) []string {
	if list == "firm" {
		return Lists["theme_firm"]
	}
	return Lists["theme_person"]
}

// PaperActs are the acts an item may name a paper template for.
var PaperActs = []string{"accept", "correction", "refuse_acceptance", "grant", "refuse", "delivery", "receipt", "inspection"}

// UploadFormats are the kinds of file a material may ask for: those base/blob takes.
var UploadFormats = []string{"pdf", "jpg", "png", "txt"}

// CodeOf gives the code for what people write: the code itself, its name in either language, or a word in use for it.
func CodeOf(list, written string) (code string, known bool) {
	if slices.Contains(Lists[list], written) {
		return written, true
	}
	code, known = byName()[list+" "+narrow(written)]
	return code, known
}

// byName are the codes by list and name.
var byName = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for list, codes := range Lists {
		for _, c := range codes {
			for _, l := range []i18n.Lang{i18n.English, i18n.Chinese} {
				names[list+" "+narrow(CodeName(l, list, c))] = c
			}
		}
	}
	for list, same := range synonyms {
		for word, code := range same {
			names[list+" "+narrow(word)] = code
		}
	}
	return names
})
