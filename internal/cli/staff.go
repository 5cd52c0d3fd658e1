package cli

import (
	"context"
	"errors"
	"fmt"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/org"
)

type staffCmd struct {
	Add      staffAddCmd      `cmd:"" help:"新建第一批账号（安全管理员等），不经复核。Make the first accounts, such as security officers, without a review."`
	Password staffPasswordCmd `cmd:"" help:"为工作人员生成一次性登录密码。Make a one-time password for a member of staff."`
}

type staffAddCmd struct {
	Login  string   `arg:"" help:"登录名。Login name."`
	Name   string   `help:"姓名。Name." required:""`
	Phone  string   `help:"手机号，接收验证码。Mobile phone for codes." required:""`
	Agency string   `help:"机构的键。Agency key." required:""`
	Role   string   `help:"角色。Role." enum:"clerk,officer,supervisor,item_office,legal,admin,security,auditor,archivist,operator" default:"security"`
	Post   []string `help:"岗位的键，代替角色。Post keys, instead of a role." placeholder:"KEY"`
	place
}

// Run makes an account and prints how it gets its password. Everybody after the first is proposed by one security officer and approved by another.
func (c *staffAddCmd) Run(e *env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	posts := c.Post
	if len(posts) == 0 {
		posts = []string{org.BasicPost(c.Agency, authz.Role(c.Role)).Key}
	}
	change := org.Change{Kind: org.Join, Login: c.Login, Name: c.Name, Phone: c.Phone, Agency: c.Agency, Posts: posts}
	if _, err := a.Org.Appoint(e.ctx, authz.System, change, "tongban staff add"); err != nil {
		return told(err)
	}
	_, err = fmt.Fprintf(e.out, "已建立 %s。下一步生成一次性密码：\nMade. Next, a one-time password:\n  tongban staff password %s\n", c.Login, c.Login)
	return err
}

// told puts the findings of an error into both languages, for a terminal.
func told(err error) error {
	fe := errs.As(err)
	if fe == nil {
		return err
	}
	out := i18n.Err(i18n.With(context.Background(), i18n.Chinese), err) + " " + i18n.Err(i18n.With(context.Background(), i18n.English), err)
	for _, f := range fe.Fields {
		out += "\n  " + f.Path + ": " + i18n.T(i18n.With(context.Background(), i18n.Chinese), f.Key, f.Params) + " " + i18n.T(i18n.With(context.Background(), i18n.English), f.Key, f.Params)
	}
	return errors.New(out)
}

type staffPasswordCmd struct {
	Login string `arg:"" help:"登录名。Login name."`
	Reset bool   `help:"同时清除通行密钥、验证器和证书（丢失时用）。Take passkeys, apps and certificates away as well, when they were lost."`
	place
}

// Run sets a random password that must be changed at the first sign-in; the text message code is needed beside it.
func (c *staffPasswordCmd) Run(e *env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	st, err := a.Org.StaffByLogin(e.ctx, c.Login)
	if err != nil {
		return err
	}
	if c.Reset {
		password, err := a.Identity.ResetStaff(e.ctx, authz.System, st.ID)
		if err == nil {
			err = c.show(e, password)
		}
		return err
	}
	password := ident.Secret(10)
	if err := a.Identity.SetStaffPassword(e.ctx, authz.System, st.ID, password, true); err != nil {
		return err
	}
	return c.show(e, password)
}

func (c *staffPasswordCmd) show(e *env, password string) error {
	_, err := fmt.Fprintf(e.out, "%s\n此密码只显示这一次，首次登录后须修改。Shown once; it must be changed at the first sign-in.\n", password)
	return err
}
