package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleSignBelow: signing takes less than applying.
var ruleSignBelow = Rule{
	Key: "sign_below", Basis: "电子签名法 第十四条", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		apply := max(it.Levels.Apply, it.Level)
		if it.Signs() && it.Levels.Sign > 0 && it.Levels.Sign < apply {
			return one("level_sign", errs.P{"sign": it.Levels.Sign, "apply": apply})
		}
		return nil
	},
}
