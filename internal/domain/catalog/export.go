package catalog

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"

	"tongban/internal/base/i18n"
)

// Export writes all current items as CSV in UTF-8 with a byte order mark: one column an element, then key, version and state. It is for the item office.
func (s *Service) Export(ctx context.Context, w io.Writer, l i18n.Lang) error {
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	head := []string{"key", i18n.In(l, "catalog.version"), i18n.In(l, "catalog.unreviewed")}
	for _, e := range Elements {
		head = append(head, e.Label(l))
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, en := range n.entries {
		it := en.item
		mark := ""
		if it.Unreviewed {
			mark = i18n.In(l, "catalog.unreviewed")
		}
		row := []string{it.Key, strconv.Itoa(it.Version), mark}
		for _, e := range Elements {
			row = append(row, safeCell(e.Text(l, it)))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// safeCell keeps a spreadsheet from taking a text for a formula.
func safeCell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t') {
		return "'" + s
	}
	return s
}
