package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleIntegrationOnline: integration and online handling disagree.
var ruleIntegrationOnline = Rule{
	Key: "integration_online", Basis: "国务院令第716号 第五条", Level: Warn, From: "2019-04-26",
	Check: func(_ Facts, it *item.Item) []Finding {
		g := it.Integration.Mode
		return when(g == "jump" && it.Online != item.OnlineExternal || g == "platform" && it.Online == item.OnlineExternal, "integration")
	},
}
