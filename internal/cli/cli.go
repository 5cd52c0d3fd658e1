// Package cli is the commands of the tongban binary: what they are called, what they take, what they print and how they end. The work is done by
// package app and the rooms. It owns no tables; only cmd/tongban calls it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// env is what a command sees of the world.
type env struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
}

type commands struct {
	Demo    demoCmd    `cmd:"" help:"在本机启动示范城市（无需配置）。Start the demo city on this machine; nothing to configure."`
	Init    initCmd    `cmd:"" help:"生成密钥和配置文件。Make keys and a configuration file."`
	Serve   serveCmd   `cmd:"" help:"按配置文件启动服务。Start a server from its configuration."`
	Migrate migrateCmd `cmd:"" help:"升级数据库表结构。Bring the tables up to date."`
	Pack    packCmd    `cmd:"" help:"检查或加载事项包。Check or load packs."`
	Staff   staffCmd   `cmd:"" help:"工作人员账号。Staff accounts."`
	Catalog catalogCmd `cmd:"" help:"导入事项清单。Import a list of service items."`
	Clock   clockCmd   `cmd:"" help:"解释办理期限：逐行读 JSON，逐行写 JSON。Explain deadlines: JSON lines in, JSON lines out."`
	Verify  verifyCmd  `cmd:"" help:"验证电子证照、文书、签署凭证或归档包。Verify a licence, paper, signature evidence or archive package."`
	Backup  backupCmd  `cmd:"" help:"在线备份（不含密钥）。Back up while running; keys are left out."`
	Restore restoreCmd `cmd:"" help:"从备份恢复到一个空目录。Restore a backup into an empty folder."`
	Version versionCmd `cmd:"" help:"显示版本。Show the version."`
}

// exit is an error that only carries the exit status; what there was to say has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Main runs a command and gives the exit status: 0 done, 1 refused or failed, 2 called wrongly.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	status := -1
	p, err := kong.New(&c, kong.Name("tongban"), kong.Description("通办：政务服务平台。Tongban: a platform for government services."),
		kong.Writers(out, errOut), kong.Exit(func(n int) { status = n; panic(exit(n)) }), kong.UsageOnError())
	if err != nil {
		return say(errOut, err)
	}
	k, code := parse(p, args, errOut, &status)
	if k == nil {
		return code
	}
	if err := k.Run(&env{ctx, in, out, errOut}); err != nil {
		return say(errOut, err)
	}
	return 0
}

// parse gives nil and a status when kong has answered itself (help) or the call is wrong.
func parse(p *kong.Kong, args []string, errOut io.Writer, status *int) (k *kong.Context, code int) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(exit); !ok {
				panic(v)
			}
			k, code = nil, *status
		}
	}()
	k, err := p.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(errOut, "tongban: %v\n用 tongban --help 查看用法。See tongban --help.\n", err)
		return nil, 2
	}
	return k, 0
}

// say prints an error in both languages where it has a text, and gives its exit status.
func say(w io.Writer, err error) int {
	var e exit
	if errors.As(err, &e) {
		return int(e)
	}
	if known := errs.As(err); known != nil && i18n.Has(known.Key) {
		_, _ = fmt.Fprintf(w, "tongban: %s\n         %s\n", i18n.In(i18n.Chinese, known.Key, known.Params), i18n.In(i18n.English, known.Key, known.Params))
		if c := known.Unwrap(); c != nil {
			_, _ = fmt.Fprintf(w, "         (%v)\n", c)
		}
		return 1
	}
	_, _ = fmt.Fprintf(w, "tongban: %v\n", err)
	return 1
}
