package catalog

import (
	"context"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Between is everything in which two versions of an item differ: its elements and children, its form and its flow.
type Between struct {
	Old, New Item
	Elements []item.Change
	Form     []Difference
	Flow     []Difference
}

// Between compares two versions of an item, the older one first whatever the order of the numbers. errs.NotFound if there is no such version.
func (s *Service) Between(ctx context.Context, key string, a, b int) (Between, error) {
	if a > b {
		a, b = b, a
	}
	if a < 1 {
		return Between{}, errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	}
	var out Between
	var err error
	if out.Old, err = s.ItemVersion(ctx, key, a); err != nil {
		return out, err
	}
	if out.New, err = s.ItemVersion(ctx, key, b); err != nil {
		return out, err
	}
	out.Elements = item.Diff(&out.Old, &out.New)
	var forms [2]form.Definition
	var flows [2]flow.Definition
	for i, it := range []Item{out.Old, out.New} {
		if it.Form != "" {
			if forms[i], _, err = s.Form(ctx, it.Form, it.FormVersion); err != nil {
				return out, err
			}
		}
		if it.Flow != "" {
			if flows[i], _, err = s.Flow(ctx, it.Flow, it.FlowVersion); err != nil {
				return out, err
			}
		}
	}
	out.Form, out.Flow = FormDifference(forms[0], forms[1]), FlowDifference(flows[0], flows[1])
	return out, nil
}
