package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

// The ways to prove a further step, or a higher level.
const (
	WaySMS         = "sms"
	WayPassword    = "password"
	WayTOTP        = "totp"
	WayPasskey     = "passkey"
	WayCertificate = "certificate"
	WayRecovery    = "recovery" // a recovery code
	WayFace        = "face"
	WayName        = "name"    // name and number, by [Service.VerifyName]
	WayCounter     = "counter" // not here: at a window, with the person present
)

// The kinds of steps under way.
const (
	stepPerson  = "person"  // second step of a person's sign-in
	stepStaff   = "staff"   // of staff
	stepLink    = "link"    // an outside account is to be linked to a person who already signs in here
	stepRecover = "recover" // getting an account back
)

const (
	stepLife    = 10 * time.Minute
	recoverLife = 20 * time.Minute
)

// step is a sign-in between its first and its last proof. The owner may be empty: there is no such account, which no answer tells.
type step struct {
	id, kind, owner, deviceKey string
	needs                      []string
	amr, limited, proved       string
	data                       stepData
	ends                       time.Time
}

type stepData struct {
	Phone   string   `json:"phone,omitempty"` // where a code goes
	Name    string   `json:"name,omitempty"`
	Number  string   `json:"number,omitempty"`
	Outside *Outside `json:"outside,omitempty"`
}

var errTicket = errs.New(errs.Gone, "identity.step_ended")

// personNeeds is the second step of a person on a new device.
func personNeeds(m factor.Methods) []string {
	var out []string
	if len(m.Passkeys) > 0 {
		out = append(out, WayPasskey)
	}
	switch {
	case !m.TOTP:
		return append(out, WaySMS)
	case m.RecoveryLeft > 0:
		return append(out, WayTOTP, WayRecovery)
	}
	return append(out, WayTOTP)
}

// administrators are the roles whose second factor must be a cryptographic one (GB/T 22239, 身份鉴别).
var administrators = []authz.Role{authz.Admin, authz.Security, authz.Auditor}

// staffNeeds is the second step of a staff member. An administrator needs a passkey or certificate; who has none yet gets in with what there is,
// and must register one (enrol) before anything else. Nothing at all means that they cannot sign in.
func staffNeeds(roles []authz.Role, m factor.Methods, phone bool) (needs []string, enrol bool) {
	if len(m.Passkeys) > 0 {
		needs = append(needs, WayPasskey)
	}
	if len(m.Certificates) > 0 {
		needs = append(needs, WayCertificate)
	}
	if administers(roles) {
		if len(needs) > 0 {
			return needs, false
		}
		enrol = true
	}
	if m.TOTP {
		needs = append(needs, WayTOTP)
	}
	if phone {
		needs = append(needs, WaySMS)
	}
	return needs, enrol
}

// ask begins a step. Where a text message is the only way, it is sent at once.
func (s *Service) ask(ctx context.Context, st step, phone string, from From) (SignedIn, error) {
	st.deviceKey, st.data.Phone, st.ends = s.deviceKey(from.Device), phone, s.now().Add(stepLife)
	ticket, err := s.addStep(ctx, &st)
	if err != nil {
		return SignedIn{}, err
	}
	if slices.Equal(st.needs, []string{WaySMS}) {
		if err := s.textCode(ctx, st.opens(), phone, st.owner, from); err != nil {
			return SignedIn{}, err
		}
	}
	return SignedIn{Ticket: ticket, Needs: st.needs, Staff: st.kind == stepStaff}, nil
}

func (st step) opens() string { return "step:" + st.id }

// SendSecondCode sends (or sends again) the text message of a second step that allows one. Errors: Gone "identity.step_ended", TooMany.
func (s *Service) SendSecondCode(ctx context.Context, ticket string, from From) error {
	st, err := s.liveStep(ctx, ticket, from)
	if err != nil {
		return err
	}
	if !slices.Contains(st.needs, WaySMS) || st.data.Phone == "" {
		return errs.New(errs.Invalid, "identity.way_unknown")
	}
	return s.textCode(ctx, st.opens(), st.data.Phone, st.owner, from)
}

// SecondPhone is the end of the number to which a second step's text message goes, ****5678; empty for an unknown ticket.
func (s *Service) SecondPhone(ctx context.Context, ticket string) string {
	st, err := s.findStep(ctx, ticket)
	if err != nil || len(st.data.Phone) < 5 {
		return ""
	}
	return "****" + st.data.Phone[len(st.data.Phone)-4:]
}

// BeginSecondPasskey begins the passkey ceremony of a second step.
func (s *Service) BeginSecondPasskey(ctx context.Context, ticket string) (factor.Challenge, error) {
	st, err := s.findStep(ctx, ticket)
	if err != nil {
		return factor.Challenge{}, err
	}
	if !slices.Contains(st.needs, WayPasskey) {
		return factor.Challenge{}, errs.New(errs.Invalid, "identity.way_unknown")
	}
	return s.deps.Factors.BeginPasskeySignIn(ctx, st.owner)
}

// SecondFactor proves the second step and opens the session. answer is what was typed, or made by [PasskeyAnswer] or [CertificateAnswer].
// Errors: Gone "identity.step_ended", Invalid (field "code" and others), TooMany, Forbidden "identity.dead".
func (s *Service) SecondFactor(ctx context.Context, ticket, method, answer string, from From) (SignedIn, error) {
	st, err := s.liveStep(ctx, ticket, from)
	switch {
	case err != nil:
		return SignedIn{}, err
	case st.kind == stepRecover || !slices.Contains(st.needs, method):
		return SignedIn{}, errs.New(errs.Invalid, "identity.way_unknown")
	}
	p, err := s.proveOwner(ctx, st.owner, st.owner, method, answer, st.opens(), from)
	if err != nil {
		return SignedIn{}, err
	}
	if method == WaySMS {
		if err := s.codeWorked(ctx, st.data.Phone, st.owner, from); err != nil {
			return SignedIn{}, err
		}
	}
	if st.kind == stepStaff {
		return s.finishStaff(ctx, st, p, from)
	}
	o := opening{personID: strings.TrimPrefix(st.owner, "person:"), amr: addAMR(st.amr, p.amr), limited: st.limited}.from(s, from)
	if st.kind == stepLink {
		return s.finishLink(ctx, st, o)
	}
	if o.own, err = s.ownProofs(ctx, o.personID, p); err != nil {
		return SignedIn{}, err
	}
	if err := s.spend(ctx, st.id); err != nil {
		return SignedIn{}, err
	}
	return s.openPerson(ctx, o)
}

// spend uses a step up. Errors: Gone for one that was used meanwhile.
func (s *Service) spend(ctx context.Context, id string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.spendTx(ctx, tx, id) })
}
