package factor

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
)

const (
	passkeysMost  = 20 // of one owner
	labelMost     = 40 // characters
	responseMost  = 64 << 10
	handleBytes   = 32
	challengeLife = 5 * time.Minute
)

// relyingParty sets up WebAuthn for the public address. An address of numbers or one without https (but localhost) cannot have passkeys: no browser
// allows them there.
func (s *Service) relyingParty(public, name string) error {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.Join(err, errors.New("it must begin with https:// or http://"))
	}
	s.origin = u.Scheme + "://" + u.Host
	if protocol.ValidateRPID(u.Hostname()) != nil || u.Scheme == "http" && u.Hostname() != "localhost" && !strings.HasSuffix(u.Hostname(), ".localhost") {
		return nil
	}
	s.web, err = webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{s.origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: challengeLife, TimeoutUVD: challengeLife},
			Registration: webauthn.TimeoutConfig{Timeout: challengeLife, TimeoutUVD: challengeLife},
		},
		// Password managers answer extensions nobody asked for; none is used here.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	return err
}

// HasPasskeys reports whether this site's address can have passkeys.
func (s *Service) HasPasskeys() bool { return s.web != nil }

func (s *Service) passkeysHere() error {
	if s.web == nil {
		return errs.New(errs.Unavailable, "factor.passkey_off")
	}
	return nil
}

// holder is an owner as WebAuthn knows one: a random handle, never the account's id.
type holder struct {
	handle        []byte
	name, display string
	keys          []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return h.name }
func (h holder) WebAuthnDisplayName() string                { return h.display }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// BeginPasskey begins the registration of a passkey. name and display are what the device shows. Errors: Unavailable factor.passkey_off,
// Conflict factor.passkey_many.
func (s *Service) BeginPasskey(ctx context.Context, owner, name, display string) (Challenge, error) {
	if err := s.passkeysHere(); err != nil {
		return Challenge{}, err
	}
	rows, err := s.passkeys(ctx, s.d.R(), owner)
	if err != nil {
		return Challenge{}, err
	}
	if len(rows) >= passkeysMost {
		return Challenge{}, errs.New(errs.Conflict, "factor.passkey_many", errs.P{"max": passkeysMost})
	}
	handle, err := s.handle(ctx, owner)
	if err != nil {
		return Challenge{}, err
	}
	h := holder{handle: handle, name: name, display: display}
	for _, r := range rows {
		h.keys = append(h.keys, r.cred)
	}
	c, session, err := s.web.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return Challenge{}, err
	}
	return s.challenge(ctx, challengeRow{kind: kindRegister, owner: owner, handle: hex.EncodeToString(handle), challenge: session.Challenge}, c.Response)
}

// handle gives an owner's handle, made when first asked for.
func (s *Service) handle(ctx context.Context, owner string) ([]byte, error) {
	var out string
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if out, err = handleOf(ctx, tx, owner); err != nil || out != "" {
			return err
		}
		raw := make([]byte, handleBytes)
		_, _ = rand.Read(raw)
		out = hex.EncodeToString(raw)
		return insertHandle(ctx, tx, s.now(), out, owner)
	})
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(out)
}

// challenge keeps a ceremony and gives what the browser needs.
func (s *Service) challenge(ctx context.Context, c challengeRow, options any) (Challenge, error) {
	b, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, err
	}
	c.id, c.ends = ident.Secret(16), s.now().Add(challengeLife)
	err = s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return insertChallenge(ctx, tx, s.now(), c) })
	return Challenge{ID: c.id, Options: b, Words: words(ctx)}, err
}

// words are what the script may have to say.
func words(ctx context.Context) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"wait", "cancelled", "unsupported", "known"} {
		out[k] = i18n.T(ctx, "factor.script_"+k)
	}
	return out
}

// spend takes a challenge that still stands; whatever comes of it, it counts once. Errors: Gone factor.challenge_gone.
func (s *Service) spend(ctx context.Context, id, kind string) (challengeRow, error) {
	c, err := challengeByID(ctx, s.d.R(), id)
	if err != nil {
		return c, err
	}
	err = s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return deleteChallenge(ctx, tx, id) })
	if err == nil && (c.kind != kind || s.now().After(c.ends)) {
		err = errs.New(errs.Gone, "factor.challenge_gone")
	}
	return c, err
}

// FinishPasskey registers the passkey that answered a challenge. Errors: Gone factor.challenge_gone, Invalid factor.passkey_refused or
// factor.label, Conflict factor.passkey_known.
func (s *Service) FinishPasskey(ctx context.Context, a authz.Actor, owner, challengeID, label string, response []byte) (Passkey, error) {
	label, err := goodLabel(label)
	if err != nil {
		return Passkey{}, err
	}
	if err := s.passkeysHere(); err != nil {
		return Passkey{}, err
	}
	c, err := s.spend(ctx, challengeID, kindRegister)
	if err != nil {
		return Passkey{}, err
	}
	if c.owner != owner {
		return Passkey{}, errs.New(errs.Gone, "factor.challenge_gone")
	}
	cred, err := s.registered(c, response)
	if err != nil {
		return Passkey{}, refused(err)
	}
	return s.keep(ctx, a, owner, c.handle, label, cred)
}

// registered judges the answer to a registration.
func (s *Service) registered(c challengeRow, response []byte) (*webauthn.Credential, error) {
	if len(response) > responseMost {
		return nil, errors.New("the answer is too long")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, err
	}
	handle, err := hex.DecodeString(c.handle)
	if err != nil {
		return nil, err
	}
	return s.web.CreateCredential(holder{handle: handle}, webauthn.SessionData{
		Challenge: c.challenge, RelyingPartyID: s.web.Config.RPID, UserID: handle, UserVerification: protocol.VerificationRequired,
		CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
}

func (s *Service) keep(ctx context.Context, a authz.Actor, owner, handle, label string, cred *webauthn.Credential) (Passkey, error) {
	cred.Attestation = webauthn.CredentialAttestation{} // none was asked for, none is kept
	b, err := json.Marshal(cred)
	if err != nil {
		return Passkey{}, err
	}
	now := s.now()
	row := passkeyRow{
		Passkey: Passkey{ID: ident.New(), Label: label, Synced: cred.Flags.BackupEligible, Made: now},
		owner:   owner, handle: handle, key: s.credKey(cred.ID), counter: int64(cred.Authenticator.SignCount),
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := insertPasskey(ctx, tx, row, s.v.Seal("factor_passkey.credential."+row.ID, b), s.v.SealText("factor_passkey.label."+row.ID, label))
		if err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, owner, "passkey_added", "passkey_added", map[string]string{"label": label})
	})
	if db.Unique(err) {
		return Passkey{}, errs.Wrap(err, errs.Conflict, "factor.passkey_known")
	}
	return row.Passkey, err
}

func (s *Service) credKey(id []byte) string {
	return s.v.Blind("factor_credential", base64.RawURLEncoding.EncodeToString(id))
}

// refused is the error of a ceremony that failed; what exactly was wrong is for the log.
func refused(err error) error {
	if errs.As(err) != nil {
		return err
	}
	var pe *protocol.Error
	if errors.As(err, &pe) && pe.DevInfo != "" {
		err = errors.Join(err, errors.New(pe.DevInfo))
	}
	return errs.Wrap(err, errs.Invalid, "factor.passkey_refused")
}

// goodLabel trims a name a person gives a factor. Errors: Invalid factor.label.
func goodLabel(label string) (string, error) {
	label = strings.Join(strings.Fields(label), " ")
	if n := utf8.RuneCountInString(label); n > labelMost || !utf8.ValidString(label) {
		return "", errs.New(errs.Invalid, "factor.label", errs.P{"max": labelMost})
	}
	return label, nil
}

// RenamePasskey changes a passkey's label. Errors: NotFound factor.not_there, Invalid factor.label.
func (s *Service) RenamePasskey(ctx context.Context, a authz.Actor, owner, id, label string) error {
	label, err := goodLabel(label)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := relabel(ctx, tx, owner, id, s.v.SealText("factor_passkey.label."+id, label)); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, "passkey_renamed", "", nil)
	})
}

// RemovePasskey takes a passkey away. Errors: NotFound factor.not_there.
func (s *Service) RemovePasskey(ctx context.Context, a authz.Actor, owner, id string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := s.passkeyByID(ctx, tx, owner, id)
		if err != nil {
			return err
		}
		if err := deletePasskey(ctx, tx, owner, id); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, "passkey_removed", "passkey_removed", map[string]string{"label": row.Label})
	})
}
