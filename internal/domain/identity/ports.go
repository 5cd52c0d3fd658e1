package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/domain/factor"
)

// Factors judges what account holders know and have; factor.Service is it. Owners are "person:<id>" and "staff:<id>".
type Factors interface {
	SetPasswordTx(ctx context.Context, tx *db.Tx, now time.Time, owner string, related []string, password string, mustChange bool) error
	CheckPassword(ctx context.Context, owner, password string) (ok, mustChange bool, err error)
	HasPassword(ctx context.Context, owner string) (bool, error)
	CheckTOTP(ctx context.Context, owner, code string) (bool, error)
	RecoverTOTP(ctx context.Context, owner, code string) (bool, error)
	UseRecoveryCode(ctx context.Context, owner, code string) (bool, error)
	BeginPasskeySignIn(ctx context.Context, owner string) (factor.Challenge, error)
	FinishPasskeySignIn(ctx context.Context, challengeID string, response []byte) (owner string, pk factor.Passkey, err error)
	CertChallenge(ctx context.Context) (factor.CertAsk, error)
	FinishCert(ctx context.Context, id string, certPEM, signature []byte) (factor.Certificate, error)
	ReadCert(ctx context.Context, der []byte) (factor.Certificate, error)
	Methods(ctx context.Context, owner string) (factor.Methods, error)
	MoveTx(ctx context.Context, tx *db.Tx, from, into string) error
	EndTx(ctx context.Context, tx *db.Tx, now time.Time, owner string) error
	EndBeforeTx(ctx context.Context, tx *db.Tx, now time.Time, owner string, before time.Time) (bool, error)
}

// Directory is the staff directory of an agency (LDAP). known tells that it has the login; ok that the password is right.
type Directory interface {
	Check(ctx context.Context, login, password string) (known, ok bool, err error)
}

// Face is a provider that compares a living face with the registry's photograph. Begin gives the address to lead the browser to, from where it
// comes back to back; Result is what came out.
type Face interface {
	Begin(ctx context.Context, name, number, back string) (id, url string, err error)
	Result(ctx context.Context, id string) (FaceResult, error)
}

// FaceResult is what a face check came to.
type FaceResult struct {
	Done   bool // the person went through with it
	Passed bool
	At     time.Time
}

// Representation tells who may act for whom; the room of mandates is one. It is asked at every request of a session that acts by mandate. kind
// is [KindFirm] or [KindPerson].
type Representation interface {
	MayAct(ctx context.Context, personID, kind, principalID string) (Acting, bool, error)
	Principals(ctx context.Context, personID string) ([]Principal, error)
}

// The kinds of those who are acted for.
const (
	KindFirm   = "firm"
	KindPerson = "person"
)

// Acting is under which mandate somebody acts, and what it covers.
type Acting struct {
	MandateID string
	Scope     *authz.Scope // nil = everything
}

// Principal is somebody whom one may act for. MandateID is empty for a firm's legal representative.
type Principal struct{ Kind, ID, MandateID string }
