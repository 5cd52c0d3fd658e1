package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
)

type catalogCmd struct {
	Import catalogImportCmd `cmd:"" help:"导入事项清单（XLSX、CSV、JSON、国家交换表）。Import a list of items (XLSX, CSV, JSON, national exchange tables)."`
	Export catalogExportCmd `cmd:"" help:"导出事项清单。Export the items as a list."`
}

type catalogImportCmd struct {
	File   string `arg:"" help:"清单文件。List file." type:"existingfile"`
	From   string `help:"清单来自哪个系统：national、older、vendor、zhejiang，或者代码对照里的其他系统。Which system's codes the list has." default:"national"`
	DryRun bool   `help:"只检查，不写入。Only check, write nothing." name:"dry-run"`
	JSON   bool   `help:"以 JSON 输出报告。Print the report as JSON." name:"json"`
	Lang   string `help:"报告语言。Language of the report." default:"zh-CN" enum:"zh-CN,en"`
	place
}

// Run imports a list, also beside a running server, which finds the items at once. Broken off and started again, it goes on where it stopped.
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
	b := newBar(e.err, i18n.Lang(c.Lang))
	r, err := a.Catalog.Import(e.ctx, f, catalog.ImportOptions{Name: c.File, From: c.From, DryRun: c.DryRun, Progress: b.at})
	b.done()
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

type catalogExportCmd struct {
	File     string `arg:"" help:"写到哪个文件，- 为标准输出。File to write, - for standard output."`
	Format   string `help:"格式。Format." default:"xlsx" enum:"xlsx,csv,json,jsonl,zip"`
	National bool   `help:"国家交换表的表名和字段名（xlsx、json、zip）。Names of the national exchange tables (xlsx, json, zip)."`
	For      string `help:"按哪个系统的代码写：national、older、vendor、zhejiang，或者代码对照里的其他系统。Which system's codes to write."`
	GBK      bool   `help:"CSV 用 GBK 编码。CSV in GBK." name:"gbk"`
	Region   string `help:"只要这个区划及其下级。Only this division and below."`
	Agency   string `help:"只要这个部门。Only this agency."`
	Lang     string `help:"列名语言。Language of the headings." default:"zh-CN" enum:"zh-CN,en"`
	place
}

// Run writes the items. A file is written beside its name and put in place when it is whole.
func (c *catalogExportCmd) Run(e *env) (err error) {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.ctx); err != nil {
		return err
	}
	l := i18n.Lang(c.Lang)
	b := newBar(e.err, l)
	o := catalog.ExportOptions{
		WriteOptions: list.WriteOptions{Format: c.Format, National: c.National, GBK: c.GBK, Lang: l}, Selection: catalog.Selection{Region: c.Region, Agency: c.Agency}, For: c.For,
		Progress: func(n int) { b.at(n, 0) },
	}
	var done catalog.Exported
	err = c.whole(e.out, func(w io.Writer) error {
		var err error
		done, err = a.Catalog.Export(e.ctx, w, o)
		return err
	})
	b.done()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(e.err, i18n.In(l, "list.exported", errs.P{"n": done.Items, "file": c.File}))
	if len(done.Lost) > 0 {
		_, _ = fmt.Fprintln(e.err, i18n.In(l, "list.gbk_lacks", errs.P{"signs": signs(done.Lost)}))
	}
	if len(done.Missing) > 0 {
		_, _ = fmt.Fprintln(e.err, i18n.In(l, "list.codes_missing", errs.P{"codes": codeNames(l, slices.Sorted(maps.Keys(done.Missing)))}))
	}
	return nil
}

// codeNames says codes, each as "list code", as people call them.
func codeNames(l i18n.Lang, codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		list, code, _ := strings.Cut(c, " ")
		out[i] = catalog.CodeName(l, list, code)
		if key := "directory.list_" + list; i18n.Has(key) {
			out[i] = i18n.In(l, key) + " " + out[i]
		}
	}
	return strings.Join(out, "；")
}

func signs(lost map[rune]int) string {
	var b strings.Builder
	for r := range lost {
		b.WriteRune(r)
	}
	return b.String()
}

func (c *catalogExportCmd) whole(out io.Writer, write func(io.Writer) error) error {
	if c.File == "-" {
		return write(out)
	}
	f, err := os.OpenFile(c.File+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	err = errors.Join(write(w), w.Flush(), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(c.File+".part"))
	}
	return os.Rename(c.File+".part", c.File)
}

// bar shows progress: on a terminal in one line that changes, elsewhere a line from time to time.
type bar struct {
	w        io.Writer
	terminal bool
	lang     i18n.Lang
	began    time.Time
	last     time.Time
}

func newBar(w io.Writer, l i18n.Lang) *bar {
	f, ok := w.(*os.File)
	terminal := false
	if ok {
		if st, err := f.Stat(); err == nil {
			terminal = st.Mode()&os.ModeCharDevice != 0
		}
	}
	now := time.Now()
	return &bar{w: w, terminal: terminal, lang: l, began: now, last: now}
}

// pauses between two lines.
const (
	onTerminal = 200 * time.Millisecond
	inLogs     = 10 * time.Second
)

func (b *bar) at(done, total int) {
	now := time.Now()
	pause := inLogs
	if b.terminal {
		pause = onTerminal
	}
	if now.Sub(b.last) < pause {
		return
	}
	b.last = now
	rate := 0
	if s := now.Sub(b.began).Seconds(); s > 0 {
		rate = int(float64(done) / s)
	}
	text := i18n.In(b.lang, "list.bar", errs.P{"done": done, "rate": rate})
	if total > 0 {
		const width = 30
		full := min(width, width*done/total)
		text = "[" + strings.Repeat("#", full) + strings.Repeat("·", width-full) + "] " + i18n.In(b.lang, "list.bar_total", errs.P{"done": done, "total": total, "rate": rate})
	}
	if b.terminal {
		_, _ = fmt.Fprint(b.w, "\r\x1b[K"+text)
		return
	}
	_, _ = fmt.Fprintln(b.w, text)
}

func (b *bar) done() {
	if b.terminal {
		_, _ = fmt.Fprint(b.w, "\r\x1b[K")
	}
}
