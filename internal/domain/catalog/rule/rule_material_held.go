package rule

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialHeld: perhaps the government holds it.
var ruleMaterialHeld = Rule{
	Key: "material_held", Basis: "国务院令第716号 第十一条；国办发〔2018〕45号", Level: Warn, From: "2019-04-26",
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if m.Source == item.FromApplicant && m.Required == item.RequiredYes && m.LicenceType == "" && mayBeHeld(m.Name) && held.MatchString(m.Name) {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}

// mayBeHeld looks for the end of what held finds: of most names the expression need not be asked.
func mayBeHeld(name string) bool {
	for _, word := range []string{"证", "簿", "户口本", "照", "社会保障卡"} {
		if strings.Contains(name, word) {
			return utf8.RuneCountInString(name) <= mostHeld
		}
	}
	return false
}

// mostHeld is the length of the longest name held finds.
const mostHeld = 24

// held are names of what registers hold.
var held = regexp.MustCompile(`^(居民|申请人|本人|法定代表人|经办人|双方)?(居民)?(身份证|身份证件|户口簿|户口本|营业执照|结婚证|离婚证|出生医学证明|不动产权证书|居住证|社会保障卡|驾驶证|行驶证)(明|书)?(原件|复印件|（原件）|（复印件）|副本)?$`)
