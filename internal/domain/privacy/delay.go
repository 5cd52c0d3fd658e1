package privacy

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

var clockZone = clock.Shanghai

// The states of an order.
const (
	Proposed  = "proposed"
	Active    = "active" // approved; it holds until its date
	Refused   = "refused"
	Withdrawn = "withdrawn"
	Lifted    = "lifted" // ended before its date
)

// maxMonths is how long an order may hold.
const maxMonths = 12

// Delay is an order to tell somebody later that an agency looked at their data.
type Delay struct {
	ID     string
	Number string   // of the person or firm
	Agency string   // key: whose looks are held back
	Staff  []string // only these members of staff; empty: all of the agency
	Basis  string   // the law and the paper, which the person reads afterwards
	Why    string   // for the second auditor only
	State  string
	By     string // staff id
	At     time.Time
	Until  string // date YYYY-MM-DD on which it is told

	DecidedBy string
	From      time.Time // of the approval: nothing before is held back
	Reveal    time.Time // start of Until, or the moment it was lifted

	subject string
}

// covers reports whether a look was made under the order.
func (d Delay) covers(at time.Time, actor, agency string) bool {
	if at.Before(d.From) || !at.Before(d.Reveal) || agency != d.Agency {
		return false
	}
	id, ok := strings.CutPrefix(actor, "staff:")
	return len(d.Staff) == 0 || ok && slices.Contains(d.Staff, id)
}

// holds reports whether an order would hold back the looks of an auditor themself, with whatever account, who then may neither ask for it nor approve
// it.
func (s *Service) holds(ctx context.Context, d Delay, a authz.Actor) bool {
	if len(d.Staff) == 0 && a.AgencyID == d.Agency {
		return true
	}
	return slices.ContainsFunc(d.Staff, func(id string) bool { return s.ownLook(ctx, a, "staff:"+id) })
}

var errOwnDelay = errs.New(errs.Forbidden, "privacy.own_delay")

const (
	minBasis = 6
	maxBasis = 300
)

// check cleans an order; the error is errs.Invalid "privacy.invalid" with the fields number, agency, staff, basis, why and until.
func (s *Service) check(ctx context.Context, d Delay) (Delay, error) {
	var fs []errs.Field
	bad := func(path, key string, p ...errs.P) {
		f := errs.Field{Path: path, Key: key}
		if len(p) > 0 {
			f.Params = p[0]
		}
		fs = append(fs, f)
	}
	now := s.d.Now().In(clockZone)
	if id, err := cnid.ParseID(d.Number, now.Format(time.DateOnly)); err == nil {
		d.Number = id.Number
	} else if code, err := cnid.ParseCreditCode(d.Number); err == nil {
		d.Number = code
	} else {
		bad("number", "privacy.number_wrong")
	}
	if _, err := s.d.Offices.Agency(ctx, d.Agency); err != nil {
		bad("agency", "privacy.agency_missing")
	}
	for _, id := range d.Staff {
		if st, err := s.d.Offices.Staff(ctx, id); err != nil || st.Agency != d.Agency {
			bad("staff", "privacy.staff_wrong", errs.P{"id": id})
		}
	}
	for path, text := range map[string]*string{"basis": &d.Basis, "why": &d.Why} {
		*text = strings.TrimSpace(*text)
		if n := utf8.RuneCountInString(*text); n < minBasis || n > maxBasis || !utf8.ValidString(*text) {
			bad(path, "privacy."+path+"_missing", errs.P{"min": minBasis, "max": maxBasis})
		}
	}
	if _, err := revealOf(d.Until, now); err != nil {
		bad("until", "privacy.until_wrong", errs.P{"max": maxMonths})
	}
	return d, errs.Fields("privacy.invalid", fs)
}

// revealOf is the start of the day on which an order is told; the day must be after today and at most twelve months on.
func revealOf(until string, now time.Time) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, until, clockZone)
	if err == nil && (!at.After(now) || at.After(now.In(clockZone).AddDate(0, maxMonths, 0))) {
		err = errs.New(errs.Invalid, "privacy.until_wrong", errs.P{"max": maxMonths})
	}
	return at, err
}

// ProposeDelay asks for an order on looks of others than oneself (else errs.Forbidden "privacy.own_delay"); another auditor decides. Its entry in the record is no look at the person's data, so they do not see it.
func (s *Service) ProposeDelay(ctx context.Context, a authz.Actor, d Delay) (string, error) {
	d, err := s.check(ctx, d)
	if err != nil {
		return "", err
	}
	if s.holds(ctx, d, a) {
		return "", errOwnDelay
	}
	d.ID, d.State, d.By, d.At, d.subject = ident.New(), Proposed, a.StaffID, s.d.Now(), s.d.People.SubjectOf(d.Number)
	return d.ID, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.addDelay(ctx, tx, d); err != nil {
			return err
		}
		return s.record(ctx, tx, d.At, a, audit.Entry{Act: "privacy.delay_propose", Object: "delay:" + d.ID})
	})
}

// Delays lists all orders, newest first; at most 200.
func (s *Service) Delays(ctx context.Context) ([]Delay, error) { return s.delays(ctx, s.d.DB.R()) }

// Delay gives one order; errs.NotFound "privacy.no_delay".
func (s *Service) Delay(ctx context.Context, id string) (Delay, error) {
	return s.delay(ctx, s.d.DB.R(), id)
}

// ApproveDelay puts an order into force, from now on. Another auditor than the one who asked must do it: errs.Forbidden "privacy.second_person". An
// auditor whose own looks it would hold back may neither ask nor approve: errs.Forbidden "privacy.own_delay".
func (s *Service) ApproveDelay(ctx context.Context, a authz.Actor, id string) error {
	d, err := s.decidable(ctx, a, id)
	if err != nil {
		return err
	}
	now := s.d.Now()
	if d.Reveal, err = revealOf(d.Until, now); err != nil {
		return err
	}
	d.State, d.DecidedBy, d.From = Active, a.StaffID, now
	return s.move(ctx, a, d, Proposed, "privacy.delay_approve")
}

// RefuseDelay turns an order down.
func (s *Service) RefuseDelay(ctx context.Context, a authz.Actor, id string) error {
	d, err := s.decidable(ctx, a, id)
	if err != nil {
		return err
	}
	d.State, d.DecidedBy = Refused, a.StaffID
	return s.move(ctx, a, d, Proposed, "privacy.delay_refuse")
}

func (s *Service) decidable(ctx context.Context, a authz.Actor, id string) (Delay, error) {
	d, err := s.Delay(ctx, id)
	switch {
	case err != nil:
		return d, err
	case d.State != Proposed:
		return d, errDecided
	case a.StaffID == "" || s.ownLook(ctx, a, "staff:"+d.By):
		return d, errs.New(errs.Forbidden, "privacy.second_person")
	case s.holds(ctx, d, a):
		return d, errOwnDelay
	}
	return d, nil
}

// WithdrawDelay takes one's own request back before it is decided.
func (s *Service) WithdrawDelay(ctx context.Context, a authz.Actor, id string) error {
	d, err := s.Delay(ctx, id)
	if err != nil {
		return err
	}
	if d.By != a.StaffID {
		return errs.New(errs.Forbidden, "privacy.not_yours")
	}
	d.State = Withdrawn
	return s.move(ctx, a, d, Proposed, "privacy.delay_withdraw")
}

// LiftDelay ends an order before its date: from now on the person sees everything. One auditor may do it, since it hides nothing.
func (s *Service) LiftDelay(ctx context.Context, a authz.Actor, id string) error {
	d, err := s.Delay(ctx, id)
	if err != nil {
		return err
	}
	now := s.d.Now()
	if !now.Before(d.Reveal) {
		return errDecided
	}
	d.State, d.Reveal = Lifted, now
	return s.move(ctx, a, d, Active, "privacy.delay_lift")
}

var errDecided = errs.New(errs.Conflict, "privacy.decided")

func (s *Service) move(ctx context.Context, a authz.Actor, d Delay, from, act string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setDelay(ctx, tx, d, from); err != nil {
			return err
		}
		return s.record(ctx, tx, s.d.Now(), a, audit.Entry{Act: act, Object: "delay:" + d.ID})
	})
}
