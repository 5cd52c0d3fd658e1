package designweb

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/catalog/item"
)

// normal gives a text of a browser its line ends.
func normal(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// codeOptions are the codes of a list with their names.
func codeOptions(l i18n.Lang, list string) []ui.Option {
	var out []ui.Option
	for _, code := range item.Codes(list) {
		out = append(out, ui.Option{Value: code, Label: item.CodeName(l, list, code)})
	}
	return out
}

// kindField fills kind, options and value of a question for an element or a cell; values are as they are stored.
func kindField(ctx context.Context, f *ui.FormField, k item.Kind, list string, values []string) {
	l := i18n.From(ctx)
	f.Autocomplete = "off"
	if len(values) > 0 {
		f.Value = values[0]
	}
	switch k {
	case item.KindLong:
		f.Kind = "textarea"
	case item.KindTexts:
		f.Kind, f.Value = "textarea", strings.Join(values, "\n")
		f.Hint = strings.TrimSpace(f.Hint + " " + t(ctx, "design.one_a_line"))
	case item.KindCode:
		f.Kind, f.Options = "select", codeOptions(l, list)
	case item.KindCodes:
		f.Kind, f.Options, f.Values = "checkbox", codeOptions(l, list), values
	case item.KindYesNo:
		f.Kind, f.Options = "select", codeOptions(l, "yesno")
	case item.KindNumber:
		f.Kind = "number"
	case item.KindMoney:
		f.Kind = "money"
	case item.KindPhone:
		f.Kind = "text"
	case item.KindDate:
		f.Kind = "date"
	default:
		f.Kind = "text"
	}
}

// typed reads the answer to kindField as values.
func typed(q url.Values, name string, k item.Kind) []string {
	switch k {
	case item.KindTexts:
		var out []string
		for _, s := range strings.Split(normal(q.Get(name)), "\n") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
		return out
	case item.KindCodes:
		return slices.DeleteFunc(slices.Clone(q[name]), func(s string) bool { return s == "" })
	case item.KindDate:
		if q.Has(name) {
			break
		}
		y, m, d := strings.TrimSpace(q.Get(name+".y")), strings.TrimSpace(q.Get(name+".m")), strings.TrimSpace(q.Get(name+".d"))
		if y+m+d == "" {
			return nil
		}
		return []string{y + "-" + two(m) + "-" + two(d)}
	}
	if s := strings.TrimSpace(normal(q.Get(name))); s != "" {
		return []string{s}
	}
	return nil
}

func two(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
