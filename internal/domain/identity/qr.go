package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

const qrLife = 2 * time.Minute

// QR is a sign-in that waits for a phone that is signed in. Code goes into the QR code, Secret stays with the screen: who photographs the one cannot
// collect the session with it. Match is shown on both, for the person to compare.
type QR struct {
	ID     string
	Secret string
	Code   string
	Match  string // two digits
	Ends   time.Time
}

// QRAsk is what the phone shows before it approves.
type QRAsk struct {
	Match  string
	Agent  string // "Edge · Windows"
	Origin string // network address of the screen
	Asked  time.Time
	Ends   time.Time
}

// The states of a QR sign-in.
const (
	QRWaiting  = "waiting"
	QRSeen     = "seen"
	QRApproved = "approved"
	QRRefused  = "refused"
	QRExpired  = "expired"
	qrUsed     = "used"
)

// screen is where a QR code is shown.
type screen struct{ Origin, Agent, DeviceKey string }

type qrRow struct {
	id, match, state, personID, sessionID string
	data                                  screen
	created, ends                         time.Time
}

var errQR = errs.New(errs.Gone, "identity.qr_gone")

// PollQR tells the screen how its sign-in stands and, the first time after it was approved, signs it in. A QR sign-in that is over or never was
// is [QRExpired], not an error.
func (s *Service) PollQR(ctx context.Context, secret string) (state string, in SignedIn, err error) {
	q, err := s.findQR(ctx, "secret_hash", secret)
	switch {
	case errs.KindOf(err) == errs.Gone:
		return QRExpired, in, nil
	case err != nil:
		return "", in, err
	case q.state == QRRefused:
		return QRRefused, in, nil
	case q.state == qrUsed || !s.now().Before(q.ends):
		return QRExpired, in, nil
	case q.state != QRApproved:
		return q.state, in, nil
	}
	o := opening{personID: q.personID, amr: "qr", deviceKey: q.data.DeviceKey, agent: q.data.Agent, origin: q.data.Origin}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := useQR(ctx, tx, q.id); err != nil {
			return err
		}
		now := s.now()
		approver, err := s.findSession(ctx, tx, "id", q.sessionID)
		if err != nil || !approver.open(now) {
			return orGone(err)
		}
		if err := s.inherit(ctx, tx, now, approver, &o); err != nil {
			return err
		}
		in.Token, err = s.open(ctx, tx, now, o)
		return err
	})
	if errs.KindOf(err) == errs.Gone {
		return QRExpired, SignedIn{}, nil
	}
	if err == nil {
		err = s.refresh(ctx, q.personID)
	}
	if err != nil {
		return "", SignedIn{}, err
	}
	in.PersonID = q.personID
	return QRApproved, in, nil
}

func orGone(err error) error {
	if err == nil {
		err = errQR
	}
	return err
}

// inherit keeps a session that was approved from a federated one as low as that one: an outside provider's word is not made more by a QR code.
func (s *Service) inherit(ctx context.Context, tx *db.Tx, now time.Time, approver session, o *opening) error {
	if !approver.federated() {
		return nil
	}
	_, proofs, err := standing(ctx, tx, approver.personID, approver.id)
	if err != nil {
		return err
	}
	level := 0
	for _, p := range proofs {
		if p.Session == approver.id && p.Method == ByFederation && p.valid(now) {
			level = p.Level
		}
	}
	o.issuer, o.own = approver.issuer, []Proof{{Level: level, Method: ByFederation, Issuer: approver.issuer}}
	return nil
}

// SeeQR tells the phone that scanned a code what it would approve, and tells the screen that somebody looks. Errors: Forbidden
// "identity.need_level" (level 2), Gone "identity.qr_gone" (over, or another is looking).
func (s *Service) SeeQR(ctx context.Context, a authz.Actor, code string) (QRAsk, error) {
	q, err := s.approvable(ctx, a, code)
	if err != nil {
		return QRAsk{}, err
	}
	if err := s.moveQR(ctx, a, q, QRSeen); err != nil {
		return QRAsk{}, err
	}
	return QRAsk{Match: q.match, Agent: agentName(q.data.Agent), Origin: q.data.Origin, Asked: q.created, Ends: q.ends}, nil
}

// ApproveQR signs the screen in as the actor. Errors: as SeeQR.
func (s *Service) ApproveQR(ctx context.Context, a authz.Actor, code string) error {
	q, err := s.approvable(ctx, a, code)
	if err == nil {
		err = s.moveQR(ctx, a, q, QRApproved)
	}
	return err
}

// RefuseQR ends a QR sign-in that the person did not begin. Errors: as SeeQR.
func (s *Service) RefuseQR(ctx context.Context, a authz.Actor, code string) error {
	q, err := s.approvable(ctx, a, code)
	if err == nil {
		err = s.moveQR(ctx, a, q, QRRefused)
	}
	return err
}

// approvable gives a sign-in that waits for this person: they looked first, or nobody did yet.
func (s *Service) approvable(ctx context.Context, a authz.Actor, code string) (qrRow, error) {
	if a.PersonID == "" || a.Level < LevelChecked {
		return qrRow{}, errs.New(errs.Forbidden, "identity.need_level")
	}
	se, err := s.actorSession(ctx, a)
	switch {
	case err != nil:
		return qrRow{}, err
	case se.amr == "qr": // a screen left open must not sign in the next one, and that one another
		return qrRow{}, errs.New(errs.Forbidden, "identity.qr_chain")
	}
	q, err := s.findQR(ctx, "code_hash", ident.NormalCode(code))
	if err != nil {
		return q, err
	}
	waits := q.state == QRWaiting || q.state == QRSeen && q.personID == a.PersonID
	if !waits || !s.now().Before(q.ends) {
		return q, errQR
	}
	return q, nil
}
