package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleThemeFirm: no theme for firms.
var ruleThemeFirm = Rule{
	Key: "theme_firm", Basis: "ZWFW C0109 主题分类", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(slices.ContainsFunc(it.Audience, notPerson) && len(it.Themes.Firm) == 0, "themes_firm")
	},
}

func notPerson(audience string) bool { return audience != "1" }
