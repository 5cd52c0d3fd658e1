package identity

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
	"tongban/internal/engine/cnid"
)

// BeginRecovery begins getting back an account whose phone is lost, with name and number; more must be proved before a new phone is taken (see
// RecoveryNeeds), and a text message is never a part of it. It gives a ticket and the ways, the same whether or not there is such an account or name and number belong
// together. Errors: Invalid (fields "name", "number"), TooMany, Unavailable "identity.registry_away".
func (s *Service) BeginRecovery(ctx context.Context, name, number string, from From) (ticket string, ways []string, err error) {
	name, id, err := namedPerson(name, number, s.today())
	if err != nil {
		return "", nil, err
	}
	if _, err := s.attempt(ctx, "", "", from); err != nil {
		return "", nil, err
	}
	m, err := s.deps.Registry.Verify(ctx, name, id.Number, "")
	if err != nil {
		return "", nil, err
	}
	owner := ""
	p, err := s.PersonByNumber(ctx, id.Number)
	switch {
	case err == nil && m.Result == matches && p.Alive && p.Level >= LevelChecked:
		owner = personOwner(p.ID)
	case err != nil && errs.KindOf(err) != errs.NotFound:
		return "", nil, err
	}
	ways = []string{WayPassword, WayPasskey, WayTOTP, WayRecovery}
	if s.deps.Face != nil {
		ways = append(ways, WayFace)
	}
	st := step{
		kind: stepRecover, owner: owner, deviceKey: s.deviceKey(from.Device), needs: ways, ends: s.now().Add(recoverLife),
		data: stepData{Name: name, Number: id.Number},
	}
	ticket, err = s.addStep(ctx, &st)
	return ticket, ways, err
}

func (s *Service) recovery(ctx context.Context, ticket string) (step, error) {
	st, err := s.findStep(ctx, ticket)
	if err == nil && st.kind != stepRecover {
		err = errTicket
	}
	return st, err
}

// BeginRecoveryPasskey begins the passkey ceremony of a recovery. It names no passkey, because that would tell whether there is an account.
func (s *Service) BeginRecoveryPasskey(ctx context.Context, ticket string) (factor.Challenge, error) {
	if _, err := s.recovery(ctx, ticket); err != nil {
		return factor.Challenge{}, err
	}
	return s.deps.Factors.BeginPasskeySignIn(ctx, "")
}

// BeginRecoveryFace begins the face check of a recovery; the id with which the person comes back is the answer for ProveRecovery.
func (s *Service) BeginRecoveryFace(ctx context.Context, ticket, back string) (url string, err error) {
	st, err := s.recovery(ctx, ticket)
	if err != nil {
		return "", err
	}
	return s.beginFace(ctx, "face.recover:", st.owner, st.data.Name, st.data.Number, st.id, back)
}

// ProveRecovery proves the second way. Errors: Gone "identity.step_ended", Invalid "identity.recovery_wrong" (for a wrong answer and a missing account
// alike), TooMany, Conflict "identity.face_pending".
func (s *Service) ProveRecovery(ctx context.Context, ticket, method, answer string, from From) error {
	st, err := s.recovery(ctx, ticket)
	switch {
	case err != nil:
		return err
	case st.deviceKey != s.deviceKey(from.Device):
		return errTicket
	case !slices.Contains(st.needs, method):
		return errs.New(errs.Invalid, "identity.way_unknown")
	}
	if method == WayFace {
		err = s.facePassed(ctx, st.owner, st.id, answer)
		if err == nil && st.owner == "" {
			err = errs.New(errs.Invalid, "identity.recovery_wrong")
		}
	} else {
		_, err = s.proveOwner(ctx, "recover:"+st.data.Number, st.owner, method, answer, recovering, from)
	}
	if errs.KindOf(err) == errs.Invalid || errs.Is(err, "factor.too_many") { // which only an account that is there can say
		return errs.New(errs.Invalid, "identity.recovery_wrong")
	}
	if err != nil {
		return err
	}
	return s.markProved(ctx, st.id, addAMR(st.proved, method))
}

// recovering stands where a text message's code would say what it opens: nothing has been proved yet.
const recovering = "recover"

// enoughToRecover reports whether the proved ways make up for the lost phone. Name and number are known to many: a password, which leaks, or six digits
// of an app are half of what is needed; a passkey (which holds two factors), a recovery code and the person's face are enough each.
func enoughToRecover(proved string) bool {
	ways := strings.Fields(proved)
	return slices.Contains(ways, WayPasskey) || slices.Contains(ways, WayFace) || slices.Contains(ways, WayRecovery) ||
		slices.Contains(ways, WayPassword) && slices.Contains(ways, WayTOTP)
}

// RecoveryNeeds lists the ways of which one more must be proved before a new phone is taken; none when it is enough. Errors: Gone "identity.step_ended".
func (s *Service) RecoveryNeeds(ctx context.Context, ticket string, from From) ([]string, error) {
	st, err := s.recovery(ctx, ticket)
	switch {
	case err != nil:
		return nil, err
	case st.deviceKey != s.deviceKey(from.Device):
		return nil, errTicket
	case enoughToRecover(st.proved):
		return nil, nil
	}
	return slices.DeleteFunc(st.needs, func(way string) bool { return slices.Contains(strings.Fields(st.proved), way) }), nil
}

// provedRecovery gives a recovery in which enough was proved.
func (s *Service) provedRecovery(ctx context.Context, ticket string, from From) (step, error) {
	st, err := s.recovery(ctx, ticket)
	if err == nil && (!enoughToRecover(st.proved) || st.owner == "" || st.deviceKey != s.deviceKey(from.Device)) {
		err = errTicket
	}
	return st, err
}

// SendRecoveryCode sends a code to the new phone. Errors: Gone "identity.step_ended" (also before the second way was proved), Invalid (field
// "phone"), TooMany.
func (s *Service) SendRecoveryCode(ctx context.Context, ticket, phone string, from From) error {
	st, err := s.provedRecovery(ctx, ticket, from)
	if err != nil {
		return err
	}
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return invalid(finding(nil, "phone", err))
	}
	return s.textCode(ctx, st.opens()+":"+mobile, mobile, st.owner, from)
}

var wayAMR = map[string]string{WayPassword: "pwd", WayPasskey: "hwk", WayTOTP: "otp", WayRecovery: "otp", WayFace: "face"}

// Recover gives the account the new phone whose code was typed, ends everything that was signed in, tells the old phone, and signs the person in.
// Errors: Gone "identity.step_ended", Invalid (fields "phone", "code"), Conflict "identity.phone_taken", Forbidden "identity.dead".
func (s *Service) Recover(ctx context.Context, ticket, phone, code string, from From) (SignedIn, error) {
	st, err := s.provedRecovery(ctx, ticket, from)
	if err != nil {
		return SignedIn{}, err
	}
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return SignedIn{}, invalid(finding(nil, "phone", err))
	}
	t, err := s.attempt(ctx, "", "", from)
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.checkCode(ctx, st.opens()+":"+mobile, code); err != nil {
		return SignedIn{}, err
	}
	if err := s.passed(ctx, t); err != nil {
		return SignedIn{}, err
	}
	id := strings.TrimPrefix(st.owner, "person:")
	var token string
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := s.spendTx(ctx, tx, st.id); err != nil {
			return err
		}
		a := authz.Actor{PersonID: id, Via: "page", Origin: from.Origin}
		if err := s.endAll(ctx, tx, now, st.owner, ""); err != nil {
			return err
		}
		if err := s.setPhone(ctx, tx, now, a, id, mobile, ""); err != nil {
			return err
		}
		o := opening{personID: id, amr: "sms"}.from(s, from)
		for _, way := range strings.Fields(st.proved) {
			o.amr = addAMR(o.amr, wayAMR[way])
		}
		if slices.Contains(strings.Fields(st.proved), WayFace) {
			o.own = []Proof{{Level: LevelFace, Method: ByFace}}
		}
		token, err = s.open(ctx, tx, now, o)
		return err
	})
	if err == nil {
		err = s.refresh(ctx, id)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, PersonID: id}, nil
}
