package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleThemePersonExtra: themes for persons nobody needs.
var ruleThemePersonExtra = Rule{
	Key: "theme_person_extra", Basis: "ZWFW C0109 主题分类", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(len(it.Audience) > 0 && !slices.Contains(it.Audience, "1") && len(it.Themes.Person) > 0, "themes_person")
	},
}
