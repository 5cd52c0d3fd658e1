package rule

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleLicenceSteps: steps of a licence missing.
var ruleLicenceSteps = Rule{
	Key: "licence_steps", Basis: "ZWFW C0109 办理流程", Level: Warn,
	Check: func(_ Facts, it *item.Item) []Finding {
		if it.ItemType != "01" || it.Flow != "" {
			return nil
		}
		steps := strings.Join(append(slices.Clone(it.Extra["flow_text"]), it.Extra["flow_online"]...), "")
		for _, d := range it.Duty {
			steps += d.Stage
		}
		var missing []string
		for _, s := range licenceSteps {
			if !slices.ContainsFunc(s, func(word string) bool { return strings.Contains(steps, word) }) {
				missing = append(missing, s[0])
			}
		}
		if len(missing) > 0 {
			return one("flow_text", errs.P{"steps": strings.Join(missing, "、")})
		}
		return nil
	},
}

// licenceSteps are the steps a licence goes through, each with the words in use for it.
var licenceSteps = [][]string{{"受理"}, {"审核", "审查"}, {"审批", "决定"}, {"办结", "制证", "发证"}, {"送达", "颁发", "领取"}}
