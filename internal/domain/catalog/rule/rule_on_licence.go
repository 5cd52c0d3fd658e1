package rule

import "tongban/internal/domain/catalog/item"

// ruleOnLicence: an item that acts on a licence must say on which and how, and come to the like result: a change or renewal to a licence of the same type, a
// cancellation to none.
var ruleOnLicence = Rule{
	Key: "on_licence", Basis: "行政许可法 第四十九条、第五十条、第七十条", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding { return when(!it.LicenceWhole(), "on_licence_act") },
}
