package item

// Lists are the code lists of the national standard that items use (ZWFW C0109, GB/T 39554). Their names are texts: catalog.<list>_<code>.
var Lists = map[string][]string{
	"type":         {"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "20", "21"}, // L1 事项类型
	"use_level":    {"1", "2", "3", "4", "5", "6", "7"},                                                  // L2 行使层级
	"audience":     {"1", "2", "3", "4", "5", "6"},                                                       // L4 服务对象
	"channel":      {"1", "2", "3", "4", "9"},                                                            // L5 办理形式
	"case_kind":    {"1", "2", "9"},                                                                      // L6 办件类型
	"area":         {"1", "2", "3", "4"},                                                                 // L7 通办范围
	"depth":        {"1", "2", "3", "4", "5", "6", "7", "8"},                                             // L8 网上办理深度
	"result":       {"licence", "approval", "receipt", "none"},
	"level":        {"1", "2", "3", "4"},
	"sign":         {"1"},
	"online":       {OnlineFull, OnlineGuide, OnlineExternal},
	"basis_status": {"read", "knowledge", "fictional"},
	"unit":         {"workday", "naturalday", "month", "hour"},
	"source":       {FromApplicant, FromLicence, FromPlatform},
	"required":     {RequiredYes, RequiredNo, RequiredLater},
	"medium":       {"electronic", "paper", "both"},
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
