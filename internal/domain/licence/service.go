package licence

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
)

// Keys signs, and names the authority whose licences are trusted; *paper.Keyring is one.
type Keys interface {
	paper.Keys
	TrustPEM() []byte
}

// Deps is what the room is given.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Blobs     *blob.Store
	Audit     *audit.Log
	Keys      Keys
	Now       func() time.Time
	Log       *slog.Logger
	PublicURL string    // the QR code leads to PublicURL/verify?id=…
	Check     CheckFunc // check character of licence numbers; nil: SampleCheck
}

// Service is the room.
type Service struct{ d Deps }

// New makes the room.
func New(d Deps) *Service {
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	if d.Check == nil {
		d.Check = SampleCheck
	}
	return &Service{d}
}

// IssueTx issues a licence in the caller's transaction and enqueues the job that makes its file. A case gets one licence of a type: a second
// call gives the first one. It returns errs.NotFound "licence.type_not_found", errs.Invalid "licence.not_issued_here", "licence.holder_kind"
// and "licence.number_code", and errs.Conflict "licence.already_held" when the type allows one and the holder has one in force.
func (s *Service) IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r Issue) (Licence, error) {
	if l, err := s.ofCaseAndType(ctx, tx, r.CaseID, r.TypeKey); err == nil || errs.KindOf(err) != errs.NotFound {
		return l, err
	}
	t, err := newest(ctx, tx, r.TypeKey)
	switch {
	case err != nil:
		return Licence{}, err
	case !t.IssuedHere:
		return Licence{}, errs.New(errs.Invalid, "licence.not_issued_here", errs.P{"type": t.Name})
	case t.Holder != r.HolderKind || r.HolderName == "" || r.HolderNumber == "":
		return Licence{}, errs.New(errs.Invalid, "licence.holder_kind", errs.P{"type": t.Name})
	}
	l := s.draft(t, r, now)
	if t.Exclusive {
		if err := makeRoom(ctx, tx, l, now); err != nil {
			return Licence{}, err
		}
	}
	if l.Number, err = s.nextNumber(ctx, tx, t, r, now); err != nil {
		return Licence{}, err
	}
	if l.Identifier, err = cnid.LicenceID(t.Code, r.Agency.Code, ident.Digits(serialDigits), firstVersion); err != nil {
		return Licence{}, err
	}
	if err := s.insert(ctx, tx, l, t.Exclusive); err != nil {
		return Licence{}, err
	}
	issued := Change{LicenceID: l.ID, Kind: KindIssue, To: Valid, At: now, By: or(r.By, "system"), CaseID: r.CaseID}
	if err := s.putChange(ctx, tx, now, issued); err != nil {
		return Licence{}, err
	}
	return l, s.tell(ctx, tx, now, l, or(r.By, "system"))
}

const (
	serialDigits = 20    // of the identifier, at random: it gives away neither order nor number of licences
	firstVersion = "001" // what is changed or renewed keeps serial and number and counts on (ReplaceTx)
)

func (s *Service) draft(t Type, r Issue, now time.Time) Licence {
	return Licence{
		ID: ident.New(), Type: t.Key, TypeVersion: t.Version, TypeName: t.Name, HolderKind: r.HolderKind, HolderName: r.HolderName,
		HolderNumber: r.HolderNumber, Subject: s.subject(r.HolderNumber), PersonID: r.PersonID, FirmID: r.FirmID, AgencyKey: r.Agency.Key,
		AgencyName: r.Agency.Name, CaseID: r.CaseID, ItemKey: r.ItemKey, State: Valid, StateAt: time.UnixMilli(now.UnixMilli()),
		ValidFrom: Today(now), ValidUntil: t.Validity.Until(now), Trust: t.Trust, Test: r.Test || s.d.Keys.Test(), File: Making,
		Issued: time.UnixMilli(now.UnixMilli()), Edition: 1, Fields: t.take(r.Values), seal: sealing{or(r.Agency.SealName, r.Agency.Name), r.Agency.SealPurpose},
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (s *Service) subject(number string) string { return s.d.Vault.Blind("subject", number) }

func (s *Service) nextNumber(ctx context.Context, tx *db.Tx, t Type, r Issue, now time.Time) (string, error) {
	np, err := fillPattern(t.Number, r.Agency.Region, paper.Year(now), t.take(r.Codes))
	if err != nil {
		return "", err
	}
	n, err := nextSerial(ctx, tx, t.Key, np.scope)
	if err != nil {
		return "", err
	}
	return np.number(n, s.d.Check)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, now time.Time, l Licence, by string) error {
	entry := audit.Entry{Actor: by, Act: "licence.issue", Object: "licence:" + l.ID, Subject: l.Subject, Agency: l.AgencyKey}
	if err := audit.Tx(ctx, tx, now, entry); err != nil {
		return err
	}
	if err := insertUse(ctx, tx, Use{LicenceID: l.ID, How: UseIssued, By: by, At: now}); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, IssuedEvent{l.ID, l.CaseID, l.Type}); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: l.ID, Args: makeArgs{l.ID}})
}

// UseTx records in the caller's transaction that a licence stood for a material of a case; its holder sees it.
func (s *Service) UseTx(ctx context.Context, tx *db.Tx, now time.Time, id, caseID, by string) error {
	return insertUse(ctx, tx, Use{LicenceID: id, How: UseCase, Detail: caseID, By: by, At: now})
}

// Get gives one licence; errs.NotFound if there is none.
func (s *Service) Get(ctx context.Context, id string) (Licence, error) {
	return s.get(ctx, s.d.DB.R(), id)
}

// Owned gives a licence if one of the numbers is its holder's; errs.NotFound otherwise, so that nobody learns which licences exist.
func (s *Service) Owned(ctx context.Context, id string, numbers ...string) (Licence, error) {
	l, err := s.Get(ctx, id)
	if err != nil {
		return Licence{}, err
	}
	for _, n := range numbers {
		if n != "" && s.subject(n) == l.Subject {
			return l, nil
		}
	}
	return Licence{}, errs.New(errs.NotFound, "licence.not_found")
}

// PDF gives a licence's signed file. The caller has checked who is asking and records the read. It returns errs.NotFound, errs.Conflict
// "licence.still_making" and errs.Unavailable "licence.failed".
func (s *Service) PDF(ctx context.Context, id string) ([]byte, Licence, error) {
	l, err := s.Get(ctx, id)
	if err != nil {
		return nil, l, err
	}
	switch l.File {
	case Making:
		return nil, l, errs.New(errs.Conflict, "licence.still_making", errs.P{"type": l.TypeName})
	case Failed:
		return nil, l, errs.New(errs.Unavailable, "licence.failed", errs.P{"type": l.TypeName})
	}
	b, err := s.d.Blobs.Bytes(l.BlobID)
	return b, l, err
}

// History gives what happened to a licence, newest first, at most a hundred lines.
func (s *Service) History(ctx context.Context, id string) ([]Use, error) {
	return uses(ctx, s.d.DB.R(), id)
}

// Type gives the newest version of a licence type; errs.NotFound "licence.type_not_found".
func (s *Service) Type(ctx context.Context, key string) (Type, error) {
	return newest(ctx, s.d.DB.R(), key)
}

// TypeVersion gives the version a licence was issued under.
func (s *Service) TypeVersion(ctx context.Context, key string, n int) (Type, error) {
	return version(ctx, s.d.DB.R(), key, n)
}

// ReadBy records that an actor read a licence by page, pdf or api, before it is shown; what are text keys, comma separated.
func (s *Service) ReadBy(ctx context.Context, a authz.Actor, l Licence, what, via string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Object: "licence:" + l.ID, Subject: l.Subject, What: what, Via: via, Agency: a.AgencyID}
	return s.d.Audit.Read(ctx, e.From(s.d.Vault, a.Origin))
}
