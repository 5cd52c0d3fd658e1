package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

// Way is a way to a level, or to a fresh proof of who is there.
type Way struct {
	Method string
	Level  int  // the session has it afterwards
	Here   bool // else it needs something first: a visit at a counter
}

// StepUpWays lists the ways by which the actor can raise the session to a level, or, with need 0, prove afresh who they are; the easiest first. None
// means that there is no way from here.
func (s *Service) StepUpWays(ctx context.Context, a authz.Actor, need int) ([]Way, error) {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return nil, err
	}
	m, err := s.deps.Factors.Methods(ctx, se.owner())
	if err != nil {
		return nil, err
	}
	if se.staffID != "" {
		st, err := s.deps.Staff.Staff(ctx, se.staffID)
		return fits(freshWays(m, 0, st.Phone != "", st.Login != ""), need), err
	}
	p, err := s.Person(ctx, se.personID)
	if err != nil {
		return nil, err
	}
	_, proofs, err := standing(ctx, s.d.R(), p.ID, se.id)
	if err != nil {
		return nil, err
	}
	_, seenAtCounter := counterProof(proofs, s.now())
	facts := wayFacts{level: a.Level, named: p.Number != "", phone: p.Phone != "", counter: seenAtCounter, face: s.deps.Face != nil}
	return fits(ways(m, facts), need), nil
}

type wayFacts struct {
	level                       int
	named, phone, counter, face bool
}

// ways lists what a person can prove and which level the session has then.
func ways(m factor.Methods, f wayFacts) []Way {
	out := freshWays(m, f.level, f.phone, m.Password)
	for i, w := range out {
		switch {
		case w.Method == WayPasskey && f.counter, w.Method == WayCertificate:
			out[i].Level = LevelCertified
		}
	}
	if !f.named || f.level < LevelChecked {
		out = append(out, Way{WayName, LevelChecked, true})
	}
	if f.named && f.face {
		out = append(out, Way{WayFace, LevelFace, true})
	}
	if f.named && len(m.Certificates) == 0 {
		out = append(out, Way{WayCertificate, LevelCertified, true})
	}
	switch {
	case f.counter:
	case len(m.Passkeys) > 0:
		out = append(out, Way{WayCounter, LevelCertified, false})
	default:
		out = append(out, Way{WayCounter, LevelFace, false})
	}
	return out
}

// freshWays are the proofs that keep the level.
func freshWays(m factor.Methods, level int, phone, password bool) []Way {
	var out []Way
	for _, w := range []struct {
		method string
		has    bool
	}{{WayPasskey, len(m.Passkeys) > 0}, {WayPassword, password}, {WayTOTP, m.TOTP}, {WaySMS, phone}, {WayCertificate, len(m.Certificates) > 0}} {
		if w.has {
			out = append(out, Way{w.method, level, true})
		}
	}
	return out
}

// fits keeps the ways that reach a level; for a fresh proof, those that can be done here and raise nothing needlessly.
func fits(all []Way, need int) []Way {
	var out []Way
	for _, w := range all {
		fresh := need == 0 && w.Here && w.Method != WayName
		if fresh || need > 0 && w.Level >= need {
			out = append(out, w)
		}
	}
	return out
}

// SendStepUpCode sends a code to the account's own phone for StepUp by text message. Errors: TooMany, Invalid "identity.way_unknown".
func (s *Service) SendStepUpCode(ctx context.Context, a authz.Actor, from From) error {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return err
	}
	to, _, err := s.addressee(ctx, s.d.R(), se)
	if err != nil {
		return err
	}
	if to.Phone == "" {
		return errs.New(errs.Invalid, "identity.way_unknown")
	}
	return s.textCode(ctx, se.opens(), to.Phone, se.owner(), from)
}

func (s session) opens() string { return "session:" + s.id }

// BeginStepUpPasskey begins a passkey ceremony of the account's own passkeys.
func (s *Service) BeginStepUpPasskey(ctx context.Context, a authz.Actor) (factor.Challenge, error) {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return factor.Challenge{}, err
	}
	return s.deps.Factors.BeginPasskeySignIn(ctx, se.owner())
}

// StepUp proves again who holds the session, by text message, password, app, passkey or certificate, and gives its new token; the old one is worth
// nothing afterwards. What the proof raises counts in this session. Errors: Invalid, TooMany, Unauthorized.
func (s *Service) StepUp(ctx context.Context, a authz.Actor, method, answer string, from From) (token string, err error) {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return "", err
	}
	p, err := s.proveOwner(ctx, se.owner(), se.owner(), method, answer, se.opens(), from)
	if err != nil {
		return "", err
	}
	var own []Proof
	if se.personID != "" {
		if own, err = s.ownProofs(ctx, se.personID, p); err != nil {
			return "", err
		}
		if p.method == WaySMS {
			own = append(own, Proof{Level: LevelPhone, Method: BySMS})
		}
	}
	return s.stepped(ctx, a, se, p.amr, own...)
}

// stepped writes a step up and rotates the token.
func (s *Service) stepped(ctx context.Context, a authz.Actor, se session, amr string, own ...Proof) (token string, err error) {
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = s.steppedTx(ctx, tx, s.now(), a, se, amr, own...)
		return err
	})
	return token, err
}

func (s *Service) steppedTx(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, se session, amr string, own ...Proof) (token string, err error) {
	for _, p := range own {
		p.Session, p.VerifiedAt = se.id, now
		if err := addProof(ctx, tx, se.personID, p); err != nil {
			return "", err
		}
	}
	if token, err = proved(ctx, tx, now, se, amr); err != nil {
		return "", err
	}
	return token, s.record(ctx, tx, now, a, "identity.step_up", "session:"+se.id, "")
}

// actorSession gives the actor's open session. Errors: Unauthorized, for an access token too.
func (s *Service) actorSession(ctx context.Context, a authz.Actor) (session, error) {
	se, err := s.findSession(ctx, s.d.R(), "id", a.SessionID)
	if err == nil && (a.SessionID == "" || !se.open(s.now()) || se.personID != a.PersonID || se.staffID != a.StaffID) {
		err = errEnded
	}
	return se, err
}

// BeginUnlockPasskey begins the passkey ceremony for a locked session.
func (s *Service) BeginUnlockPasskey(ctx context.Context, token string) (factor.Challenge, error) {
	se, err := s.lockedSession(ctx, token)
	if err != nil {
		return factor.Challenge{}, err
	}
	return s.deps.Factors.BeginPasskeySignIn(ctx, se.owner())
}

// Locked reports whether a token is of a staff session that locked after a quarter of an hour without a request, and opens again by Unlock.
func (s *Service) Locked(ctx context.Context, token string) (bool, error) {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	return err == nil && se.locked(s.now()), err
}

func (s *Service) lockedSession(ctx context.Context, token string) (session, error) {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	if err == nil && !se.locked(s.now()) && (se.staffID == "" || !se.open(s.now())) {
		err = errEnded
	}
	return se, err
}

// Unlock opens a staff session that locked, by password, app or passkey, and gives its new token. A session that has not locked yet may be proved
// too: two windows may both have asked. Errors: Unauthorized, Invalid, TooMany.
func (s *Service) Unlock(ctx context.Context, token, method, answer string, from From) (newToken string, err error) {
	se, err := s.lockedSession(ctx, token)
	if err != nil {
		return "", err
	}
	if method != WayPassword && method != WayTOTP && method != WayPasskey {
		return "", errs.New(errs.Invalid, "identity.way_unknown")
	}
	p, err := s.proveOwner(ctx, se.owner(), se.owner(), method, answer, "", from)
	if err != nil {
		return "", err
	}
	a, err := s.staffActor(ctx, se.staffID)
	if err != nil {
		return "", err
	}
	if !a.Signed() {
		return "", errEnded
	}
	a.Via, a.Origin = "page", from.Origin
	return s.stepped(ctx, a, se, p.amr)
}
