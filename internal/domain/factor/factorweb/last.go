package factorweb

import (
	"net/http"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

// strongRoles keep a passkey or certificate (GB/T 22239, 身份鉴别): without one the next sign-in would fall back on a text message. A limited session
// may be an administrator's.
var strongRoles = []authz.Role{authz.Admin, authz.Security, authz.Auditor, authz.Limited}

// mayRemove refuses staff the removal of what they cannot sign in without. Errors: Conflict factor.last_strong, factor.last_second.
func (h handlers) mayRemove(r *http.Request, without func(*factor.Methods)) error {
	a := actor(r)
	if a.StaffID == "" {
		return nil
	}
	m, err := h.s.Methods(r.Context(), owner(r))
	if err != nil {
		return err
	}
	strong, second := counts(m)
	without(&m)
	strongLeft, secondLeft := counts(m)
	if strongLeft == 0 && strong > 0 && slices.ContainsFunc(strongRoles, a.Is) {
		return errs.New(errs.Conflict, "factor.last_strong")
	}
	if secondLeft > 0 || second == 0 {
		return nil
	}
	who, err := h.who(r)
	if err == nil && who.NoSMS {
		err = errs.New(errs.Conflict, "factor.last_second")
	}
	return err
}

// counts tells how many cryptographic factors there are, and how many that can be a second step.
func counts(m factor.Methods) (strong, second int) {
	strong = len(m.Passkeys) + len(m.Certificates)
	second = strong
	if m.TOTP {
		second++
	}
	return strong, second
}
