package directory

import (
	"maps"
	"slices"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// The systems whose tables come with the program.
const (
	SystemNational = "national" // exchange tables of ZWFW C0109 and GB/T 39554
	SystemOlder    = "older"    // exchange tables before 2018
	SystemVendor   = "vendor"   // a widespread catalogue software
	SystemZhejiang = "zhejiang"
)

// SwapsMaterialColumns reports whether a system writes 材料类型 into the column of 材料形式 and the other way round.
func SwapsMaterialColumns(system string) bool { return system == SystemVendor }

// table is a mapping table as it comes with the program: list, code there, code here.
type table map[string]map[string]string

var (
	need   = map[string]string{"1": item.RequiredYes, "2": item.RequiredNo, "3": item.RequiredLater}
	medium = map[string]string{"1": "paper", "2": "electronic", "3": "both"}
)

// takes are the codes of other systems that stand for what Tongban writes differently. A list that is not here has our codes. What a province or a vendor
// leaves open is as in the national tables.
var takes = map[string]table{
	SystemNational: {
		"unit":     {"1": "workday", "2": "naturalday", "3": "month", "4": "hour", "G": "workday", "Z": "naturalday"}, // 2 to 4 differ between provinces
		"result":   {"10": "licence", "20": "approval", "30": "receipt", "99": "other"},
		"required": need,
		"medium":   medium,
		"source":   {"10": item.FromApplicant, "20": item.FromLicence, "30": item.FromApplicant, "99": item.FromPlatform},
		"type":     {"12": "11", "13": "11", "14": "11", "15": "11", "22": "21", "23": "21", "24": "21"}, // 11… and 21… are extensions
		"grade":    {"1": "I", "2": "II", "3": "III", "4": "IV", "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV"},
	},
	SystemOlder: {
		"channel":  {"1": "1", "2": "2", "3": "4"}, // 3 was 快递, which is 4 now
		"unit":     {"G": "workday", "Z": "naturalday", "g": "workday", "z": "naturalday"},
		"special":  {"A": "1", "B": "2"},
		"result":   {"10": "licence", "20": "approval", "99": "other"},
		"required": need,
		"medium":   medium,
	},
	SystemVendor: {
		"result":        {"10": "licence", "20": "approval", "30": "other", "99": "none"},
		"required":      need,
		"unit":          {"1": "workday", "G": "workday", "Z": "naturalday"},
		"medium":        medium,
		"material_type": {"1": "1", "2": "2", "3": "3"},
	},
	SystemZhejiang: {
		"result":       {"出证办结": "licence", "出文办结": "approval", "审批办结": "none"},
		"power_source": {"属地保留": "11", "本级保留": "12", "共性权力": "13", "法定权力": "14", "驻场办理": "15", "承接委托下放": "16", "审核转报": "17"},
		"unit":         {"1": "workday", "G": "workday", "Z": "naturalday"},
	},
}

// onlyGives are codes of ours that are written as one that stands for another of ours when it is read.
var onlyGives = []Mapping{
	{System: SystemNational, List: "result", There: "99", Here: "receipt", Gives: true},
	{System: SystemNational, List: "result", There: "99", Here: "none", Gives: true},
}

// neverGiven reports whether a national code is read and not written: extensions of types, which have a code of their own here and there, and 30, which
// some provinces use.
func (m Mapping) neverGiven() bool {
	return m.System == SystemNational && (m.List == "type" || m.List == "result" && m.There == "30")
}

// Shipped are the mapping tables that come with the program, as a new installation has them: what a code there is taken as, and the one code there that
// ours is given as, the smallest where several mean the same.
func Shipped() []Mapping {
	var out []Mapping
	for _, system := range slices.Sorted(maps.Keys(takes)) {
		for _, list := range slices.Sorted(maps.Keys(takes[system])) {
			codes := takes[system][list]
			given := map[string]bool{}
			for _, there := range slices.Sorted(maps.Keys(codes)) {
				m := Mapping{System: system, List: list, There: there, Here: codes[there], Takes: true}
				m.Gives = !given[m.Here] && codes[m.Here] != m.Here && !m.neverGiven() || m.Here == there
				given[m.Here] = given[m.Here] || m.Gives
				out = append(out, m)
			}
		}
	}
	out = append(out, onlyGives...)
	for i := range out {
		if key := "directory.note_" + out[i].System + "_" + out[i].List; i18n.Has(key) {
			out[i].Note = i18n.In(i18n.Chinese, key)
		}
	}
	return out
}
