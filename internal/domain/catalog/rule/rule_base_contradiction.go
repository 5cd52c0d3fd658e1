package rule

import "tongban/internal/domain/catalog/item"

// ruleBaseContradiction: against the directory.
var ruleBaseContradiction = Rule{
	Key: "base_contradiction", Basis: "国办函〔2016〕108号 目录与实施清单一致", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		b, ok := base(f, it)
		if !ok || b.Against == nil {
			return nil
		}
		var out []Finding
		for _, c := range b.Against(it) {
			x := at(c.Element, c.Row, c.Params)
			x.Said = c.Key
			out = append(out, x)
		}
		return out
	},
}

// base is the base item the item adopted.
func base(f Facts, it *item.Item) (*BaseFacts, bool) {
	if f.Base == nil || it.BaseCode == "" {
		return nil, false
	}
	b, ok := f.Base(it.BaseCode)
	return b, ok && b != nil
}
