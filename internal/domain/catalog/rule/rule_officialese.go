package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleOfficialese: officialese.
var ruleOfficialese = Rule{
	Key: "officialese", Basis: "国办函〔2016〕108号 通俗易懂", Level: Advice,
	Check: func(_ Facts, it *item.Item) []Finding {
		out := sayingNothing("short", it.Short)
		out = append(out, sayingNothing("summary", it.Summary)...)
		return append(out, sayingNothing("who", it.Who...)...)
	},
}

// officialese are phrases that tell nobody what to do.
var officialese = []string{
	"按有关规定", "按照有关规定", "按相关规定", "按照相关规定", "按国家有关规定", "按照国家有关规定", "规定的其他条件", "规定的其它条件", "要求的其他条件", "相关条件",
	"以窗口解释为准", "以窗口答复为准", "详见窗口", "详询窗口", "详见有关部门", "详询有关部门",
}

func sayingNothing(element string, texts ...string) []Finding {
	for _, s := range texts {
		for _, phrase := range officialese {
			if strings.Contains(s, phrase) {
				return one(element, errs.P{"words": phrase})
			}
		}
	}
	return nil
}
