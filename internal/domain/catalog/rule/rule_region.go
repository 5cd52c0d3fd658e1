package rule

import (
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleRegion: region retired or unknown.
var ruleRegion = Rule{
	Key: "region", Basis: "GB/T 2260；民政部行政区划变更公告", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		if f.Region == nil {
			return nil
		}
		var out []Finding
		judge := func(element string, row int, code string) {
			if code == "" {
				return
			}
			if known, retired := f.Region(code); retired || !known {
				out = append(out, at(element, row, errs.P{"code": code}))
				if !retired {
					out[len(out)-1].Level = Warn // perhaps only our list is not complete
				}
			}
		}
		judge("region", -1, it.Region)
		for i, d := range it.Delegates {
			judge("delegates", i, d.Region)
		}
		return out
	},
}
