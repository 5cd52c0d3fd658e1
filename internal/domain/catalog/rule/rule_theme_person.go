package rule

import (
	"slices"

	"tongban/internal/domain/catalog/item"
)

// ruleThemePerson: no theme for persons.
var ruleThemePerson = Rule{
	Key: "theme_person", Basis: "ZWFW C0109 主题分类", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(slices.Contains(it.Audience, "1") && len(it.Themes.Person) == 0, "themes_person")
	},
}
