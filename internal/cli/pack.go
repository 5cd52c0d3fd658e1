package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tongban/internal/app"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/pack"
	"tongban/packs"
)

type packCmd struct {
	Check packCheckCmd `cmd:"" help:"检查事项包，一次报告全部问题。Check a pack and report every problem at once."`
	Load  packLoadCmd  `cmd:"" help:"检查并加载事项包。Check a pack and load it."`
}

type packCheckCmd struct {
	Dir  string `arg:"" help:"事项包目录。Pack folder." type:"existingdir"`
	Data string `help:"对照哪个数据目录；不填则对照随程序提供的示范城市。Check against this data folder; without it, against the demo city that comes with the program." type:"path"`
	DB   string `help:"数据库。Database." name:"db"`
}

// Run checks a pack; without a data folder, against a throw-away database with the embedded packs it requires.
func (c *packCheckCmd) Run(e *env) error {
	p, found := pack.Read(os.DirFS(c.Dir))
	if len(found) > 0 {
		return report(e, p, found)
	}
	a, done, err := c.against(e, p)
	if err != nil {
		return err
	}
	defer done()
	found, err = a.Packs.Check(e.ctx, p)
	if err != nil {
		return err
	}
	return report(e, p, found)
}

func (c *packCheckCmd) against(e *env, p pack.Pack) (*app.App, func(), error) {
	if c.Data != "" || c.DB != "" {
		a, err := (&place{Data: c.Data, DB: c.DB}).open(e)
		if err != nil {
			return nil, nil, err
		}
		return a, func() { _ = a.Close() }, nil
	}
	dir, err := os.MkdirTemp("", "tongban-check")
	if err != nil {
		return nil, nil, err
	}
	clean := func() { _ = os.RemoveAll(dir) }
	o := (&place{Data: dir}).folder(quiet())
	if err := app.EnsureKeys(o.VaultKeys, o.SealKeys); err != nil {
		return nil, clean, errors.Join(err, os.RemoveAll(dir))
	}
	a, err := app.Open(e.ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	done := func() { _ = a.Close(); clean() }
	if err := a.Migrate(e.ctx); err != nil {
		done()
		return nil, nil, err
	}
	for _, name := range packs.Names {
		if name == p.Key {
			break // one of ours is checked against those before it
		}
		if err := a.LoadEmbedded(e.ctx, name); err != nil {
			done()
			return nil, nil, err
		}
	}
	return a, done, nil
}

// report prints findings; with any, the command fails.
func report(e *env, p pack.Pack, found []packfile.Problem) error {
	if len(found) == 0 {
		_, err := fmt.Fprintf(e.out, "事项包 %s（%d 个文件）没有发现问题。The pack has no problems.\n", p.Key, len(p.Files))
		return err
	}
	if err := pack.Print(e.out, found); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(e.err, "共 %d 处问题，未加载。%d problems; nothing was loaded.\n", len(found), len(found))
	return exit(1)
}

type packLoadCmd struct {
	Dir string `arg:"" help:"事项包目录。Pack folder." type:"existingdir"`
	place
}

// Run loads a pack, also into a server that is running: it notices within a second.
func (c *packLoadCmd) Run(e *env) error {
	p, found := pack.Read(os.DirFS(filepath.Clean(c.Dir)))
	if len(found) > 0 {
		return report(e, p, found)
	}
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.ctx); err != nil {
		return err
	}
	changed, found, err := a.Packs.Load(e.ctx, p)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return report(e, p, found)
	}
	if err := a.EnsureSeals(e.ctx, "测试根证书", true); err != nil {
		return err
	}
	words := "内容没有变化，无需加载。Nothing changed; it is loaded already."
	if changed {
		words = "已加载。Loaded."
	}
	_, err = fmt.Fprintf(e.out, "事项包 %s 第 %d 版：%s\n", p.Key, p.Version, words)
	return err
}
