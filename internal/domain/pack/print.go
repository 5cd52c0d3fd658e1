package pack

import (
	"fmt"
	"io"

	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
)

// Print writes findings for people, one after the other: file:line, the reason in Chinese and in English.
func Print(w io.Writer, ps []packfile.Problem) error {
	for _, p := range ps {
		if _, err := fmt.Fprintf(w, "%s:%d %s\n  %s\n  %s\n", p.File, p.Line, p.Pointer, i18n.In(i18n.Chinese, p.Key, p.Params), i18n.In(i18n.English, p.Key, p.Params)); err != nil {
			return err
		}
	}
	return nil
}
