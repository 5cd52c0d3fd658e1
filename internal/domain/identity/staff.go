package identity

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/org"
)

// SignInStaff is the first of two steps of staff: login name and password, which the directory or this system knows. It gives a ticket and what
// the second step, SecondFactor, may be; where that is only a text message, it has been sent. Errors: Invalid "identity.login_wrong" (not saying
// which is wrong), TooMany, Forbidden "identity.staff_no_phone", Unavailable "identity.directory_away".
func (s *Service) SignInStaff(ctx context.Context, login, password string, from From) (SignedIn, error) {
	login = strings.TrimSpace(login)
	st, err := s.deps.Staff.StaffByLogin(ctx, login)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return SignedIn{}, err
	}
	owner := ""
	if err == nil && !st.Disabled {
		owner = staffOwner(st.ID)
	}
	t, err := s.attempt(ctx, loginAccount(login), owner, from)
	if err != nil {
		return SignedIn{}, err
	}
	ok, change, err := s.checkLogin(ctx, login, owner, password)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !ok || owner == "":
		tried := ""
		if st.ID != "" {
			tried = staffOwner(st.ID)
		}
		return SignedIn{}, s.failed(ctx, tried, "identity.sign_in_failed", from, errs.New(errs.Invalid, "identity.login_wrong"))
	}
	if err := s.passed(ctx, t); err != nil {
		return SignedIn{}, err
	}
	return s.askStaff(ctx, st, change, from)
}

func loginAccount(login string) string { return "login:" + strings.ToLower(login) }

func (s *Service) askStaff(ctx context.Context, st org.Staff, change bool, from From) (SignedIn, error) {
	m, err := s.deps.Factors.Methods(ctx, staffOwner(st.ID))
	if err != nil {
		return SignedIn{}, err
	}
	needs, _ := staffNeeds(st.Roles, m, st.Phone != "")
	if len(needs) == 0 {
		return SignedIn{}, errs.New(errs.Forbidden, "identity.staff_no_phone")
	}
	first := step{kind: stepStaff, owner: staffOwner(st.ID), amr: "pwd", needs: needs}
	if change {
		first.limited = mustChange
	}
	return s.ask(ctx, first, st.Phone, from)
}

// checkLogin asks the directory first; who is not in it has a password here. It costs one comparison of a hash either way.
func (s *Service) checkLogin(ctx context.Context, login, owner, password string) (ok, change bool, err error) {
	var away error
	if s.deps.Directory != nil && password != "" {
		known, ok, err := s.deps.Directory.Check(ctx, login, password)
		switch {
		case err != nil:
			away = errs.Wrap(err, errs.Unavailable, "identity.directory_away")
		case known:
			_, _, err = s.deps.Factors.CheckPassword(ctx, "", password)
			return ok, false, err
		}
	}
	ok, change, err = s.checkStaffPassword(ctx, owner, password)
	if err == nil && !ok {
		err = away // perhaps right over there
	}
	return ok, change, err
}

// checkPassword judges the password of an owner already known, as a further proof.
func (s *Service) checkPassword(ctx context.Context, owner, password string) (bool, error) {
	if id, staff := strings.CutPrefix(owner, "staff:"); staff {
		st, err := s.deps.Staff.Staff(ctx, id)
		if err != nil {
			return false, err
		}
		ok, _, err := s.checkLogin(ctx, st.Login, owner, password)
		return ok, err
	}
	ok, _, err := s.deps.Factors.CheckPassword(ctx, owner, password)
	return ok && owner != "", err
}

// checkStaffPassword also reads the hashes that were set before passwords moved to the room of factors; a new password takes their place.
func (s *Service) checkStaffPassword(ctx context.Context, owner, password string) (ok, change bool, err error) {
	if owner != "" {
		c, err := s.credential(ctx, strings.TrimPrefix(owner, "staff:"))
		if err != nil {
			return false, false, err
		}
		if c.hash != "" {
			return s.samePassword(c.hash, password), c.mustChange, nil
		}
	}
	ok, change, err = s.deps.Factors.CheckPassword(ctx, owner, password)
	return ok && owner != "", change, err
}

// finishStaff opens the session after the second factor.
func (s *Service) finishStaff(ctx context.Context, st step, p proof, from From) (SignedIn, error) {
	if err := s.spend(ctx, st.id); err != nil {
		return SignedIn{}, err
	}
	id := strings.TrimPrefix(st.owner, "staff:")
	return s.openStaff(ctx, id, opening{staffID: id, amr: addAMR(st.amr, p.amr), limited: st.limited}.from(s, from))
}

// openStaff opens a staff session with what has still to be done before anything else. Errors: Invalid "identity.login_wrong" for an account that
// was disabled meanwhile.
func (s *Service) openStaff(ctx context.Context, staffID string, o opening) (SignedIn, error) {
	a, err := s.staffActor(ctx, staffID)
	if err != nil {
		return SignedIn{}, err
	}
	if !a.Signed() {
		return SignedIn{}, errs.New(errs.Invalid, "identity.login_wrong")
	}
	m, err := s.deps.Factors.Methods(ctx, staffOwner(staffID))
	if err != nil {
		return SignedIn{}, err
	}
	if _, enrol := staffNeeds(a.Roles, m, true); enrol {
		o.limited = addAMR(o.limited, mustEnrol)
	}
	token, err := s.openNow(ctx, o)
	if err != nil {
		return SignedIn{}, err
	}
	todo := strings.Fields(o.limited)
	return SignedIn{Token: token, Staff: true, MustChange: slices.Contains(todo, mustChange), MustEnrol: slices.Contains(todo, mustEnrol)}, nil
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
func (s *Service) SetStaffPassword(ctx context.Context, a authz.Actor, staffID, password string, change bool) error {
	if a.StaffID != authz.System.StaffID && !a.May(authz.StaffAdmin) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := s.deps.Staff.MayManage(ctx, a, staffID); err != nil {
		return err
	}
	return s.setPassword(ctx, a, staffID, password, change)
}

// ResetStaff takes away everything a staff member signs in with, ends their sessions, and gives them a one-time password, for who lost a telephone or
// key. The new password must be changed, and an administrator registers a passkey again, before anything else. Whose password is the directory's
// gets none here: password is empty. Errors: Forbidden (not in reach, own account), NotFound, Unavailable "identity.directory_away".
func (s *Service) ResetStaff(ctx context.Context, a authz.Actor, staffID string) (password string, err error) {
	if _, err := s.ResettableStaff(ctx, a, staffID); err != nil {
		return "", err
	}
	elsewhere, err := s.inDirectory(ctx, staffID)
	if err != nil {
		return "", err
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := s.deps.Factors.EndTx(ctx, tx, now, staffOwner(staffID)); err != nil {
			return err
		}
		if err := s.endAll(ctx, tx, now, staffOwner(staffID), ""); err != nil {
			return err
		}
		if err := dropCredential(ctx, tx, staffID); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "identity.staff_reset", staffOwner(staffID), "")
	})
	if err != nil || elsewhere {
		return "", err
	}
	password = ident.Secret(10)
	return password, s.SetStaffPassword(ctx, a, staffID, password, true)
}

// ResettableStaff gives the name of a staff member whom the actor may reset. Errors: Forbidden, NotFound.
func (s *Service) ResettableStaff(ctx context.Context, a authz.Actor, staffID string) (string, error) {
	if a.StaffID != authz.System.StaffID && !a.May(authz.StaffAdmin) {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := s.deps.Staff.MayManage(ctx, a, staffID); err != nil {
		return "", err
	}
	st, err := s.deps.Staff.Staff(ctx, staffID)
	return st.Name, err
}

// inDirectory reports whether a staff member's password is kept in the directory.
func (s *Service) inDirectory(ctx context.Context, staffID string) (bool, error) {
	st, err := s.deps.Staff.Staff(ctx, staffID)
	if err != nil || s.deps.Directory == nil {
		return false, err
	}
	known, _, err := s.deps.Directory.Check(ctx, st.Login, "")
	return known, err
}

// ChangePassword lets a staff member set their own; other sessions of theirs end. Errors: Invalid (fields "old", "password"), TooMany.
func (s *Service) ChangePassword(ctx context.Context, a authz.Actor, old, password string) error {
	if a.StaffID == "" || a.SessionID == "" {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	owner := staffOwner(a.StaffID)
	t, err := s.attempt(ctx, "change:"+owner, "", From{})
	if err != nil {
		return err
	}
	ok, _, err := s.checkStaffPassword(ctx, owner, old)
	switch {
	case err != nil:
		return err
	case !ok:
		return invalid([]errs.Field{{Path: "old", Key: "identity.password_old"}})
	case old == password:
		return invalid([]errs.Field{{Path: "password", Key: "identity.password_same"}})
	}
	if err := s.passed(ctx, t); err != nil {
		return err
	}
	return s.setPassword(ctx, a, a.StaffID, password, false)
}

func (s *Service) setPassword(ctx context.Context, a authz.Actor, staffID, password string, change bool) error {
	st, err := s.deps.Staff.Staff(ctx, staffID)
	if err != nil {
		return err
	}
	own := a.StaffID == staffID
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, keep := s.now(), ""
		if err := s.deps.Factors.SetPasswordTx(ctx, tx, now, staffOwner(staffID), []string{st.Login, st.Name, st.Phone}, password, change); err != nil {
			return err
		}
		if own {
			keep = a.SessionID
			if err := unlimitTx(ctx, tx, keep, mustChange); err != nil {
				return err
			}
		}
		if err := s.endAll(ctx, tx, now, staffOwner(staffID), keep); err != nil {
			return err
		}
		if err := dropCredential(ctx, tx, staffID); err != nil {
			return err
		}
		if err := forget(ctx, tx, "try:"+s.v.Blind("account", loginAccount(st.Login))); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "identity.password_set", staffOwner(staffID), "")
	})
}

// HasPassword reports whether a staff member has a password here; a directory may have another.
func (s *Service) HasPassword(ctx context.Context, staffID string) (bool, error) {
	c, err := s.credential(ctx, staffID)
	if err != nil || c.hash != "" {
		return c.hash != "", err
	}
	return s.deps.Factors.HasPassword(ctx, staffOwner(staffID))
}
