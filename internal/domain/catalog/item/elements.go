package item

import (
	"slices"

	"tongban/internal/engine/cond"
)

// Clauses the elements come from.
const (
	fromExchange = "GB/T 39554.1 · ZWFW C0109.1"
	from108      = "国办函〔2016〕108号"
	fromLicence  = "行政许可法"
	fromLocal    = "地方标准"
	fromTongban  = "Tongban"
)

// Elements are all of them, in the order of the guide.
var Elements = slices.Concat(kindElements, codeElements, handlingElements, placeElements, resultElements, legalElements, otherElements)

// is is the condition that an element has a code.
func is(key, code string) cond.Expr { return cond.Expr{Field: key, Op: cond.Eq, Value: code} }

// has is the condition that a list element holds a code.
func has(key, code string) cond.Expr {
	return cond.Expr{Field: key, Op: cond.Contains, Value: code}
}
