package rule

import (
	"strings"

	"tongban/internal/domain/catalog/item"
)

// ruleFeeNote: nothing about the fee.
var ruleFeeNote = Rule{
	Key: "fee_note", Basis: "GB/T 39554.1 是否收费", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(strings.TrimSpace(it.Fee.Note) == "" && it.Imported == nil, "fee_note")
	},
}
