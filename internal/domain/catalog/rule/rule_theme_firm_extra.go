package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleThemeFirmExtra: themes for firms nobody needs.
var ruleThemeFirmExtra = Rule{
	Key: "theme_firm_extra", Basis: "ZWFW C0109 主题分类", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Audience) > 0 && !slices.ContainsFunc(it.Audience, notPerson) && len(it.Themes.Firm) > 0, "themes_firm")
	},
}
