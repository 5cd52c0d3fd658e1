package rule

import (
	"tongban/internal/domain/catalog/item"
)

// ruleFeeRows: a fee without rows.
var ruleFeeRows = Rule{
	Key: "fee_rows", Basis: "GB/T 39554.1 收费项目", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		return when(it.Fee.Charged && len(it.Fee.Rows) == 0, "fees")
	},
}
