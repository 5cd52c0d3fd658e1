package item

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// MainKey is what the variants of one main item (主项) share: the first nine characters of the directory code, or its name where there is no code.
func MainKey(it *Item) string {
	if len(it.BaseCode) == 12 {
		return it.BaseCode[:9]
	}
	return cmp.Or(it.MainItem, it.Name)
}

// SubKey is what the variants of one sub-item (子项) share: the whole directory code. A main item without sub-items ends in 000 and is its own.
func SubKey(it *Item) string {
	if len(it.BaseCode) == 12 {
		return it.BaseCode
	}
	return MainKey(it) + "/" + it.SubItem
}

// MainGroup is a main item (主项) with its sub-items.
type MainGroup struct {
	Key, Name string
	Subs      []SubGroup
}

// SubGroup is a sub-item (子项) with its implementing lists: an agency's filling-in (实施清单), which holds the variants (业务办理项) people apply for.
// The scenario (情形) is inside each variant.
type SubGroup struct {
	Key, Name string
	Lists     []ImplementGroup
}

// ImplementGroup is one agency's implementing list.
type ImplementGroup struct {
	Agency   string
	Code     string // 实施编码
	Variants []*Item
}

// Group puts items in the five levels, in the order they came; variants by serial.
func Group(items []*Item) []MainGroup {
	var out []MainGroup
	for _, it := range items {
		m := place(&out, func(g *MainGroup) bool { return g.Key == MainKey(it) }, MainGroup{Key: MainKey(it), Name: cmp.Or(it.MainItem, it.Name)})
		s := place(&m.Subs, func(g *SubGroup) bool { return g.Key == SubKey(it) }, SubGroup{Key: SubKey(it), Name: cmp.Or(it.SubItem, it.MainItem, it.Name)})
		agency := cmp.Or(it.Agency, it.AgencyName, it.agencyCode())
		l := place(&s.Lists, func(g *ImplementGroup) bool { return g.Agency == agency }, ImplementGroup{Agency: agency, Code: it.Code})
		l.Variants = append(l.Variants, it)
	}
	for _, m := range out {
		for _, s := range m.Subs {
			for _, l := range s.Lists {
				slices.SortStableFunc(l.Variants, func(a, b *Item) int { return a.Serial - b.Serial })
			}
		}
	}
	return out
}

func place[T any](in *[]T, same func(*T) bool, fresh T) *T {
	for i := range *in {
		if same(&(*in)[i]) {
			return &(*in)[i]
		}
	}
	*in = append(*in, fresh)
	return &(*in)[len(*in)-1]
}

// ItemCodes makes the implementing code (31) and the code of the variant (33) of an item of an agency with this credit code. Without a serial the second
// is empty. Errors are those of cnid.ImplementCode and cnid.VariantCode.
func ItemCodes(agencyCode string, it *Item) (implement, variant string, err error) {
	implement, err = cnid.ImplementCode(agencyCode, it.UseLevel, it.BaseCode)
	if err != nil || it.Serial == 0 {
		return implement, "", err
	}
	variant, err = cnid.VariantCode(implement, it.Serial)
	return implement, variant, err
}

// CodeParts are the parts of an item code that a list brought.
type CodeParts struct {
	Agency string // credit code of 18
	Level  string // code of list use_level
	Base   string // directory code of 12, of 10 in the old lengths
	Serial int    // 0 when the code names no variant
	Old    bool   // 10 or 24 characters, as GB/T 39046 has them
}

// ReadCode takes an item code apart: 12, 31 and 33 characters, and 10 and 24 of lists that follow GB/T 39046. errs.Invalid (those of
// cnid.CheckItemCode) when it is none: then it is a local code and is kept as one.
func ReadCode(code string) (CodeParts, error) {
	code = strings.ToUpper(narrow(code))
	if err := cnid.CheckItemCode(code); err != nil {
		return CodeParts{}, err
	}
	switch len(code) {
	case 10, 12:
		return CodeParts{Base: code, Old: len(code) == 10}, nil
	case 24:
		return CodeParts{Old: true}, nil // its parts differ between the provinces that used it
	}
	p := CodeParts{Agency: code[:18], Level: code[18:19], Base: code[19:31]}
	if len(code) == 33 {
		if _, err := fmt.Sscanf(code[31:], "%02d", &p.Serial); err != nil {
			return CodeParts{}, errs.Wrap(err, errs.Invalid, "cnid.item_serial")
		}
	}
	return p, nil
}
