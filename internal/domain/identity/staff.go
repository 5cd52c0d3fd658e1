package identity

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/org"
)

// SignInStaff is the first of two steps: login name and password. It sends a code to the staff member's phone and gives the ticket that the
// second step, ConfirmStaff, asks for. Errors: Invalid "identity.login_wrong" (not saying which is wrong), TooMany "identity.login_locked"
// after five failures in half an hour, Forbidden "identity.staff_no_phone".
func (s *Service) SignInStaff(ctx context.Context, login, password, origin string) (ticket string, err error) {
	login = strings.TrimSpace(login)
	key := "login:" + s.v.Blind("login", strings.ToLower(login))
	if err := s.takeLogin(ctx, key); err != nil {
		return "", err
	}
	st, err := s.deps.Staff.StaffByLogin(ctx, login)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return "", err
	}
	c, cErr := s.credential(ctx, st.ID)
	if cErr != nil {
		return "", cErr
	}
	if same := s.samePassword(c.hash, password); !same || err != nil || st.Disabled {
		return "", s.loginFailed(ctx, st.ID, origin)
	}
	if st.Phone == "" {
		return "", errs.New(errs.Forbidden, "identity.staff_no_phone")
	}
	ticket = ident.Secret(20)
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := forget(ctx, tx, key); err != nil {
			return err
		}
		return s.sendCode(ctx, tx, s.now(), staffOpens(ticket, st.ID), st.Phone, origin)
	})
	if err != nil {
		return "", err
	}
	return st.ID + "." + ticket, nil
}

// takeLogin counts the try before the password is looked at, so that many at once cannot pass the lock together.
func (s *Service) takeLogin(ctx context.Context, key string) error {
	var wait time.Duration
	err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		wait, err = take(ctx, tx, s.now(), key, passwordTries)
		return err
	})
	if err == nil && wait > 0 {
		return errs.New(errs.TooMany, "identity.login_locked", errs.P{"minutes": minutes(wait), "seconds": seconds(wait)})
	}
	return err
}

func (s *Service) loginFailed(ctx context.Context, staffID, origin string) error {
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a := authz.Actor{Via: "page", Origin: origin}
		return s.record(ctx, tx, s.now(), a, "identity.sign_in_failed", "staff:"+staffID, "")
	})
	if err != nil {
		return err
	}
	return errs.New(errs.Invalid, "identity.login_wrong")
}

func staffOpens(ticket, staffID string) string { return "staff:" + staffID + ":" + hashOf(ticket) }

// ConfirmStaff is the second step: the code from the phone. It opens the session; mustChange says that the password has to be changed now.
// Errors: Invalid (field "code").
func (s *Service) ConfirmStaff(ctx context.Context, ticket, code, origin string) (token string, mustChange bool, err error) {
	staffID, secret, ok := strings.Cut(ticket, ".")
	if !ok {
		return "", false, codeError("identity.code_expired")
	}
	a, err := s.staffActor(ctx, staffID)
	if err != nil {
		return "", false, err
	}
	if !a.Signed() { // disabled between the two steps
		return "", false, errs.New(errs.Invalid, "identity.login_wrong")
	}
	c, err := s.credential(ctx, staffID)
	if err != nil {
		return "", false, err
	}
	var refused error
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if refused, err = s.useCode(ctx, tx, s.now(), staffOpens(secret, staffID), code); err != nil || refused != nil {
			return err
		}
		token, err = s.staffSession(ctx, tx, a, origin)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return "", false, err
	}
	return token, c.mustChange, nil
}

func (s *Service) staffSession(ctx context.Context, tx *db.Tx, a authz.Actor, origin string) (token string, err error) {
	now := s.now()
	if token, err = openSession(ctx, tx, now, "", a.StaffID); err != nil {
		return "", err
	}
	a.Via, a.Origin = "page", origin
	return token, s.record(ctx, tx, now, a, "identity.sign_in", "staff:"+a.StaffID, "")
}

// staffActor builds the actor from the staff record as it is now; a disabled or removed account is a visitor.
func (s *Service) staffActor(ctx context.Context, staffID string) (authz.Actor, error) {
	st, err := s.deps.Staff.Staff(ctx, staffID)
	if errs.KindOf(err) == errs.NotFound || err == nil && st.Disabled {
		return authz.Actor{}, nil
	}
	if err != nil {
		return authz.Actor{}, err
	}
	region, err := s.regionOf(ctx, st)
	return authz.Actor{StaffID: st.ID, Roles: st.Roles, AgencyID: st.Agency, Posts: st.Posts, Region: region}, err
}

func (s *Service) regionOf(ctx context.Context, st org.Staff) (string, error) {
	ag, err := s.deps.Staff.Agency(ctx, st.Agency)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	return ag.Region, err
}

// SetStaffPassword gives a staff member a password, ends their sessions and tokens, and lifts a lock. The actor is the security
// administrator or the program itself (init, demo). Errors: Invalid (field "password"), NotFound, Forbidden.
func (s *Service) SetStaffPassword(ctx context.Context, a authz.Actor, staffID, password string, mustChange bool) error {
	if a.StaffID != authz.System.StaffID && !a.May(authz.StaffAdmin) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	return s.setPassword(ctx, a, staffID, password, mustChange)
}

// ChangePassword lets a staff member set their own; other sessions of theirs end. Errors: Invalid (fields "old", "password"), TooMany.
func (s *Service) ChangePassword(ctx context.Context, a authz.Actor, old, password string) error {
	if a.StaffID == "" {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := s.takeLogin(ctx, "change:"+a.StaffID); err != nil {
		return err
	}
	c, err := s.credential(ctx, a.StaffID)
	if err != nil {
		return err
	}
	if !s.samePassword(c.hash, old) {
		return invalid([]errs.Field{{Path: "old", Key: "identity.password_old"}})
	}
	if old == password {
		return invalid([]errs.Field{{Path: "password", Key: "identity.password_same"}})
	}
	return s.setPassword(ctx, a, a.StaffID, password, false)
}

func (s *Service) setPassword(ctx context.Context, a authz.Actor, staffID, password string, mustChange bool) error {
	st, err := s.deps.Staff.Staff(ctx, staffID)
	if err != nil {
		return err
	}
	if err := goodPassword(st.Login, password); err != nil {
		return invalid(finding(nil, "password", err))
	}
	hash := s.hashPassword(password)
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := saveCredential(ctx, tx, now, staffID, hash, mustChange, a.SessionID); err != nil {
			return err
		}
		for _, key := range []string{"change:" + staffID, "login:" + s.v.Blind("login", strings.ToLower(st.Login))} {
			if err := forget(ctx, tx, key); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, "identity.password_set", "staff:"+staffID, "")
	})
}

// HasPassword reports whether a staff member can sign in.
func (s *Service) HasPassword(ctx context.Context, staffID string) (bool, error) {
	c, err := s.credential(ctx, staffID)
	return c.hash != "", err
}

type credential struct {
	hash       string
	mustChange bool
}
