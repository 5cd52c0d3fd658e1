package cli

import (
	"fmt"

	"tongban/internal/base/authz"
	"tongban/internal/base/ident"
)

type staffCmd struct {
	Password staffPasswordCmd `cmd:"" help:"为工作人员生成一次性登录密码。Make a one-time password for a member of staff."`
}

type staffPasswordCmd struct {
	Login string `arg:"" help:"登录名。Login name."`
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
	password := ident.Secret(10)
	if err := a.Identity.SetStaffPassword(e.ctx, authz.System, st.ID, password, true); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s\n此密码只显示这一次，首次登录后须修改。Shown once; it must be changed at the first sign-in.\n", password)
	return err
}
