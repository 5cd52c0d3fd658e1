package factor

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// BeginPasskeySignIn begins signing in with a passkey: of the owner, or with owner "" of whoever answers (discoverable). Errors: Unavailable
// factor.passkey_off, NotFound factor.no_passkey.
func (s *Service) BeginPasskeySignIn(ctx context.Context, owner string) (Challenge, error) {
	if err := s.passkeysHere(); err != nil {
		return Challenge{}, err
	}
	var opts []webauthn.LoginOption
	if owner != "" {
		allowed, err := s.allowed(ctx, owner)
		if err != nil {
			return Challenge{}, err
		}
		opts = append(opts, webauthn.WithAllowedCredentials(allowed))
	}
	c, session, err := s.web.BeginDiscoverableLogin(opts...)
	if err != nil {
		return Challenge{}, err
	}
	return s.challenge(ctx, challengeRow{kind: kindSignIn, owner: owner, challenge: session.Challenge}, c.Response)
}

// allowed lists an owner's passkeys for the browser. Errors: NotFound factor.no_passkey.
func (s *Service) allowed(ctx context.Context, owner string) ([]protocol.CredentialDescriptor, error) {
	rows, err := s.passkeys(ctx, s.d.R(), owner)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.New(errs.NotFound, "factor.no_passkey")
	}
	var out []protocol.CredentialDescriptor
	for _, r := range rows {
		out = append(out, r.cred.Descriptor())
	}
	return out, nil
}

// FinishPasskeySignIn judges an answer and says whose passkey it was. User verification is required; the challenge counts once and for five
// minutes. Errors: Gone factor.challenge_gone, Invalid factor.passkey_refused, Forbidden factor.passkey_copied.
func (s *Service) FinishPasskeySignIn(ctx context.Context, challengeID string, response []byte) (owner string, pk Passkey, err error) {
	if err := s.passkeysHere(); err != nil {
		return "", Passkey{}, err
	}
	c, err := s.spend(ctx, challengeID, kindSignIn)
	if err != nil {
		return "", Passkey{}, err
	}
	row, _, err := s.assert(ctx, c, response)
	return row.owner, row.Passkey, err
}

// assert judges an answer to a challenge and writes the use of the passkey.
func (s *Service) assert(ctx context.Context, c challengeRow, response []byte) (passkeyRow, *protocol.ParsedCredentialAssertionData, error) {
	none := passkeyRow{}
	if len(response) > responseMost {
		return none, nil, refused(errors.New("the answer is too long"))
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return none, nil, refused(err)
	}
	row, err := s.passkeyByKey(ctx, s.d.R(), s.credKey(parsed.RawID))
	switch {
	case errs.KindOf(err) == errs.NotFound:
		return none, nil, refused(errors.New("the passkey is not known"))
	case err != nil:
		return none, nil, err
	case c.owner != "" && c.owner != row.owner:
		return none, nil, refused(errors.New("another account's passkey"))
	case c.owner == "" && len(parsed.Response.UserHandle) == 0:
		return none, nil, refused(errors.New("no user handle"))
	}
	if err := s.validate(c, row, parsed); err != nil {
		return none, nil, refused(err)
	}
	if row.Used, err = s.use(ctx, row, parsed.Response.AuthenticatorData.Counter); err != nil {
		return none, nil, err
	}
	return row, parsed, nil
}

// validate checks challenge, origin, relying party, user verification and signature (WebAuthn Level 3, 7.2, steps 5 to 21).
func (s *Service) validate(c challengeRow, row passkeyRow, parsed *protocol.ParsedCredentialAssertionData) error {
	handle, err := hex.DecodeString(row.handle)
	if err != nil {
		return err
	}
	_, err = s.web.ValidateLogin(holder{handle: handle, keys: []webauthn.Credential{row.cred}}, webauthn.SessionData{
		Challenge: c.challenge, RelyingPartyID: s.web.Config.RPID, UserID: handle, AllowedCredentialIDs: [][]byte{row.cred.ID},
		UserVerification: protocol.VerificationRequired,
	}, parsed)
	return err
}

// use moves the passkey's counter on. One that does not grow means that the key was copied or an answer was replayed: refused, recorded and told
// (WebAuthn Level 3, 7.2, step 22). Passkeys kept by a provider always say 0.
func (s *Service) use(ctx context.Context, row passkeyRow, counter uint32) (time.Time, error) {
	now := s.now()
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return count(ctx, tx, row.ID, int64(counter), now) })
	if !errs.Is(err, "factor.passkey_copied") {
		return now, err
	}
	s.log.Warn("the sign counter of a passkey went back", "passkey", row.ID)
	alarm := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.record(ctx, tx, now, authz.From(ctx), row.owner, "passkey_copied", "passkey_copied", map[string]string{"label": row.Label})
	})
	return now, errors.Join(err, alarm)
}
