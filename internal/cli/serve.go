package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/config"
	"tongban/internal/base/ident"
	"tongban/internal/base/obs"
)

type demoCmd struct {
	Addr string `help:"监听地址。Address to listen on." default:"localhost:8080"`
	Data string `help:"数据目录，没有则新建。Data folder; made if it is not there." default:"tongban-data" type:"path"`
	DB   string `help:"数据库。Database: sqlite:PATH or postgres://…" name:"db"`
	Log  string `help:"日志级别。Log level." default:"warn" enum:"debug,info,warn,error"`
	// Reader is off by default: no page may connect to a program of the counter PC.
	Reader string `help:"窗口电脑读卡程序的地址，例如 http://127.0.0.1:17653；配对密钥在数据目录 keys/reader.key。Origin of the card reader agent; the pairing secret is keys/reader.key in the data folder."`
}

// Run starts the demo city and prints where to click.
func (c *demoCmd) Run(e *env) error {
	l, err := listen(e.ctx, c.Addr)
	if err != nil {
		return err
	}
	base := "http://" + named(c.Addr, l.Addr().String())
	start := time.Now()
	a, err := app.OpenDemo(e.ctx, app.DemoOptions{
		Dir: c.Data, Database: c.DB, BaseURL: base, Reader: c.Reader, Version: Version(), Log: obs.NewLog(e.err, c.Log, true), Now: time.Now,
		Progress: func(step string) { _, _ = fmt.Fprintf(e.err, "… %s (%.1f s)\n", step, time.Since(start).Seconds()) },
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer a.Close()
	if err := c.welcome(e, a, base); err != nil {
		return err
	}
	return a.Serve(e.ctx, l)
}

func (c *demoCmd) welcome(e *env, a *app.App, base string) error {
	as, err := a.Demo().Accounts(e.ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n通办示范城市“清澜市”已就绪：%s\n点一下即可登录的账号、收到的短信：%s/demo\nThe demo city is ready. Accounts with one-click sign-in and text messages: %s/demo\n\n", base, base, base)
	for _, acc := range as {
		fmt.Fprintf(&b, "  %-6s %s  %s %s\n", acc.Kind, acc.Name, acc.Agency, acc.Label)
	}
	fmt.Fprintf(&b, "\n数据在 %s；按 Ctrl+C 结束，再次启动会接着用。所有人物、企业和号码都是虚构的。\nData in %s. Ctrl+C ends it; the next start goes on from here.\n", c.Data, c.Data)
	_, err = fmt.Fprint(e.out, b.String())
	return err
}

// named is the address that was listened on by the name it was given with: browsers know passkeys of localhost, and none of an IP address.
func named(given, got string) string {
	host, _, err1 := net.SplitHostPort(given)
	_, port, err2 := net.SplitHostPort(got)
	if err1 != nil || err2 != nil || host == "" || net.ParseIP(host) != nil {
		return got
	}
	return net.JoinHostPort(host, port)
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s 无法监听，可能已被占用，可用 --addr 换一个端口 (cannot listen; the port may be taken, try --addr): %w", addr, err)
	}
	return l, nil
}

type serveCmd struct {
	Config string `help:"配置文件。Configuration file." required:"" type:"path"`
}

// Run starts a production server. Tables must be up to date: tongban migrate brings them there.
func (c *serveCmd) Run(e *env) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	log := obs.NewLog(e.err, cfg.LogLevel, false)
	o, err := app.FromConfig(cfg, log)
	if err != nil {
		return err
	}
	o.Version = Version()
	l, err := listen(e.ctx, cfg.Addr)
	if err != nil {
		return err
	}
	a, err := app.Open(e.ctx, o)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer a.Close()
	if err := a.Migrate(e.ctx); err != nil {
		return err
	}
	log.Info("ready", "addr", cfg.Addr, "version", o.Version)
	return a.Serve(e.ctx, l)
}

type initCmd struct {
	Dir       string `arg:"" help:"新建的目录。Folder to make." type:"path"`
	PublicURL string `help:"公网地址。Public https address." default:"https://zwfw.example.gov.cn"`
}

const configText = `# 通办配置 Tongban configuration. 环境变量 TONGBAN_PUBLIC_URL 等可覆盖，嵌套的键用两个下划线（TONGBAN_SMS__URL）。
addr: 127.0.0.1:8080
public_url: %s
data_dir: files
database: sqlite:tongban.db        # 或 or postgres://…；含密码时用 database_file
vault_keys: keys/vault.json        # 丢失即无法解密数据，请离线托管 escrow it: without it the data is lost
seal_keys: keys/seals
site_name: 政务服务网
owner: ""                          # 主办单位
hotline: "12345"
log_level: info
trusted_proxies: []                # 反向代理的地址 reverse proxies, e.g. ["10.0.0.0/8"]
metrics_token_file: keys/metrics.token
sms: {url: "https://sms.example.gov.cn", app: tongban, secret_file: keys/sms.secret}
registry: {population_url: "https://population.example.gov.cn", firm_url: "https://firms.example.gov.cn", key_id: tongban, secret_file: keys/registry.secret}
`

// Run makes keys and a configuration in a new folder.
func (c *initCmd) Run(e *env) error {
	path := filepath.Join(c.Dir, "config.yaml")
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s 已存在，不会覆盖 (exists and is not overwritten)", path)
	}
	keys := filepath.Join(c.Dir, "keys")
	if err := app.EnsureKeys(filepath.Join(keys, "vault.json"), filepath.Join(keys, "seals")); err != nil {
		return err
	}
	for _, name := range []string{"sms.secret", "registry.secret", "metrics.token"} {
		if err := os.WriteFile(filepath.Join(keys, name), []byte(ident.Secret(24)+"\n"), 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, configText, c.PublicURL), 0o600); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.out, "已生成 %s 和 %s。请填写短信网关与登记库的地址和密钥，再执行：\nMade %s and %s. Fill in the addresses and secrets of the gateway and registries, then run:\n  tongban migrate --config %s\n  tongban pack load DIR --config %s\n  tongban serve --config %s\n", path, keys, path, keys, path, path, path)
	return err
}

type migrateCmd struct{ place }

// Run brings the tables up to date.
func (c *migrateCmd) Run(e *env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.out, "数据库表结构已是最新。The tables are up to date.")
	return err
}

// open opens an installation for a command that works beside a running server.
func (p *place) open(e *env) (*app.App, error) {
	o, err := p.options()
	if err != nil {
		return nil, err
	}
	return app.Open(e.ctx, o)
}
