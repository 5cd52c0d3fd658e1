package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
)

type catalogCmd struct {
	Import catalogImportCmd `cmd:"" help:"导入事项清单（CSV，UTF-8 或 GBK）。Import a list of items (CSV, UTF-8 or GBK)."`
}

type catalogImportCmd struct {
	File string `arg:"" help:"清单文件。List file." type:"existingfile"`
	JSON bool   `help:"以 JSON 输出报告。Print the report as JSON." name:"json"`
	Lang string `help:"报告语言。Language of the report." default:"zh-CN" enum:"zh-CN,en"`
	place
}

// Run imports a list, also beside a running server, which finds the items at once.
func (c *catalogImportCmd) Run(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.ctx); err != nil {
		return err
	}
	r, err := a.Catalog.Import(e.ctx, f, catalog.ImportOptions{Progress: func(done, total int) {
		_, _ = fmt.Fprintf(e.err, "\r%d / %d", done, total)
	}})
	_, _ = fmt.Fprintln(e.err)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.WriteText(e.out, i18n.Lang(c.Lang))
}
