package deskweb

import (
	"tongban/internal/base/ui"
	"tongban/internal/domain/org"
)

// regionOptions lists counties and what lies below.
func regionOptions(regions []org.Region) []ui.Option {
	var out []ui.Option
	for _, r := range regions {
		if len(r.Code) >= 6 {
			out = append(out, ui.Option{Value: r.Code, Label: r.Name})
		}
	}
	return out
}
