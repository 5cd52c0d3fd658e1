package cli

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/config"
	"tongban/internal/base/obs"
)

// place names an installation: a data folder (as demo and init make it), a database of one's own, or a configuration.
type place struct {
	Data   string `help:"数据目录。Data folder." default:"tongban-data" type:"path"`
	DB     string `help:"数据库地址，代替数据目录里的。Database, instead of the data folder's: sqlite:PATH or postgres://…" name:"db"`
	Config string `help:"配置文件，代替数据目录。Configuration, instead of a data folder." type:"path"`
}

// options are what a command needs to work beside a running server. A data folder that is not there is an error: a command makes none.
func (p *place) options() (app.Options, error) {
	log := quiet()
	if p.Config != "" {
		c, err := config.Load(p.Config)
		if err != nil {
			return app.Options{}, err
		}
		return app.FromConfig(c, log)
	}
	if _, err := os.Stat(p.Data); err != nil && p.DB == "" {
		return app.Options{}, err
	}
	return p.folder(log), nil
}

func (p *place) folder(log *slog.Logger) app.Options {
	o := app.Options{
		Database: p.DB, FilesDir: filepath.Join(p.Data, "files"), VaultKeys: filepath.Join(p.Data, "keys", "vault.json"), SealKeys: filepath.Join(p.Data, "keys", "seals"),
		Log: log, Now: time.Now, Version: Version(), PublicURL: "http://localhost:8080", SiteName: "清澜政务服务网",
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(p.Data, dbName)
	}
	return o
}

// quiet is the log of a command: warnings and worse, to standard error.
func quiet() *slog.Logger { return obs.NewLog(os.Stderr, "warn", true) }
