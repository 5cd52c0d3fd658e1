package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleCommitment: a promise that is not complete.
var ruleCommitment = Rule{
	Key: "commitment", Basis: "国办发〔2020〕42号", Level: Block, From: "2020-10-27",
	Check: func(_ Facts, it *item.Item) []Finding {
		c := it.Commitment
		return when(c != nil && (len(c.Told) == 0 || len(c.Promised) == 0 || strings.TrimSpace(c.Consequence) == ""), "commitment")
	},
}
