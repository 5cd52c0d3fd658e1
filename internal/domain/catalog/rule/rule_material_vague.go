package rule

import (
	"regexp"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMaterialVague: a vague material.
var ruleMaterialVague = Rule{
	Key: "material_vague", Basis: "国办发〔2018〕45号；优化营商环境条例 第四十条", Level: Block, From: "2020-01-01",
	Check: func(_ Facts, it *item.Item) []Finding {
		var out []Finding
		for i := range it.Materials {
			m := &it.Materials[i]
			if vague.MatchString(m.Name) {
				out = append(out, at("materials", i, errs.P{"name": m.Name}))
			}
		}
		return out
	},
}

// vague are the words by which lists ask for anything.
var vague = regexp.MustCompile(`其他(有关|相关|必要的?)?(申请)?(材料|资料|文件|证明)$|要求(提供|提交|报送)的(其他|其它|有关|相关)?|^其他|等(有关|相关)?(材料|资料|文件)$|(有关|相关)(部门|机关)(要求|认为)`)
