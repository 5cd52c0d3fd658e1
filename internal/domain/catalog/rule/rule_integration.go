package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleIntegration: integration is not complete.
var ruleIntegration = Rule{
	Key: "integration", Basis: "国务院令第716号 第五条", Level: Warn, From: "2019-04-26",
	Check: func(_ Facts, it *item.Item) []Finding {
		g := it.Integration
		if g.Mode == "" || g.Mode == "platform" {
			return nil
		}
		var out []Finding
		if strings.TrimSpace(g.System) == "" {
			out = one("integration_system", errs.P{"name": "对接的业务系统", "en": "the other system"})
		}
		if g.Clock == "" {
			out = append(out, at("integration_clock", -1, errs.P{"name": "以谁的时限为准", "en": "whose clock counts"}))
		}
		return out
	},
}
