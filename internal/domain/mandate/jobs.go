package mandate

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/domain/identity"
)

// The kinds of the room's timers. They write down and tell; whether a mandate stands never waits for them.
const (
	LapseKind  = "mandate.lapse"  // the term, the time to answer or the time to confirm is over
	RemindKind = "mandate.remind" // seven days before the end
)

type timerArgs struct {
	Mandate string `json:"mandate"`
}

// Workers are the room's workers by kind, for package app to register.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{TellKind: s.teller, LapseKind: s.lapse, RemindKind: s.remind}
}

// lapseAt sets the timer that writes down that a mandate is over; what tells timers of one mandate apart.
func (s *Service) lapseAt(ctx context.Context, tx *db.Tx, now time.Time, mandate, what string, due time.Time) error {
	return job.MoveTx(ctx, tx, now, job.Spec{Kind: LapseKind, Key: mandate + ":" + what, Args: timerArgs{mandate}, Due: due})
}

func (s *Service) timers(ctx context.Context, tx *db.Tx, now time.Time, m Mandate) error {
	end := m.Term.End()
	if err := s.lapseAt(ctx, tx, now, m.ID, "term", end); err != nil {
		return err
	}
	due := end.AddDate(0, 0, -s.cfg.RemindDays)
	if !due.After(now) { // given for so few days that nobody needs reminding
		return nil
	}
	return job.MoveTx(ctx, tx, now, job.Spec{Kind: RemindKind, Key: m.ID, Args: timerArgs{m.ID}, Due: due})
}

func (s *Service) due(ctx context.Context, j job.Job) (Mandate, error) {
	var a timerArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return Mandate{}, job.Permanent(err)
	}
	m, err := s.find(ctx, s.d.R(), a.Mandate)
	if errs.KindOf(err) == errs.NotFound {
		err = job.Permanent(err)
	}
	return m, err
}

func (s *Service) lapse(ctx context.Context, j job.Job) error {
	m, err := s.due(ctx, j)
	if err != nil || m.State == Ended {
		return err
	}
	now := s.now()
	why := Now(m, Facts{}, now)
	if !why.over() {
		return nil // accepted or confirmed since
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.end(ctx, tx, now, m, why, "system") })
	if errs.Is(err, errMoved.Key) { // somebody ended it at the same moment
		return nil
	}
	return err
}

func (s *Service) remind(ctx context.Context, j job.Job) error {
	m, err := s.due(ctx, j)
	if err != nil {
		return err
	}
	now := s.now()
	if why := Now(m, Facts{}, now); why != Covers {
		return nil
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertStep(ctx, tx, now, m.ID, "expiring", "system"); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, now, m.ID, toGiver, "mandate.expiring"); err != nil {
			return err
		}
		return s.tell(ctx, tx, now, m.ID, toHolder, "mandate.expiring")
	})
}

const checkBatch = 100

// Sweep deletes old drafts and asks the registries, once a day each, whether firms still have the legal representative who appointed their agents and whether guardians
// still are. Package app calls it every hour; several nodes may.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	if err := sweepOld(ctx, s.d, now.Add(-draftLife), s.today()); err != nil {
		return err
	}
	ms, err := unchecked(ctx, s.d.R(), now.Add(-checkEvery), checkBatch)
	if err != nil {
		return err
	}
	firms := map[string]bool{}
	for _, m := range ms {
		err := s.check(ctx, m, firms)
		switch {
		case errs.KindOf(err) == errs.Unavailable:
			return nil // asked again in an hour
		case err != nil: // one that cannot be checked must not keep all others from it
			if s.deps.Log != nil {
				s.deps.Log.Error("a mandate could not be checked with the registries", "mandate", m.ID, "err", err)
			}
		}
		if err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return setChecked(ctx, tx, now, []string{m.ID}) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) check(ctx context.Context, m Mandate, firms map[string]bool) error {
	if m.Kind == Guardian {
		return s.checkGuardian(ctx, m)
	}
	if firms[m.ForID] {
		return nil
	}
	firms[m.ForID] = true
	f, err := s.deps.People.Firm(ctx, m.ForID)
	if err != nil {
		return err
	}
	return s.checkFirm(ctx, f)
}

// checkFirm asks the firm registry who the legal representative is. Agents appointed by another are marked to be confirmed; those of a firm that was struck off are
// over (民法典 173). A firm the registry does not find is left alone: a registry that answers wrongly once must not cost a firm its agents.
func (s *Service) checkFirm(ctx context.Context, f identity.Firm) error {
	live, err := s.deps.People.EnsureFirm(ctx, f.CreditCode)
	if errs.KindOf(err) == errs.NotFound {
		if s.deps.Log != nil {
			s.deps.Log.Warn("the firm registry does not hold a firm with agents", "firm", f.ID)
		}
		return nil
	}
	if err != nil {
		return err
	}
	ms, err := s.givenBy(ctx, s.d.R(), ForFirm, f.ID)
	if err != nil {
		return err
	}
	now, key := s.now(), s.subject(live.LegalPersonNumber)
	for _, m := range ms {
		var err error
		switch {
		case m.State == Ended:
			continue
		case struckOff(live.Status):
			err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.end(ctx, tx, now, m, FirmEnded, "system") })
		case m.legalKey != key && m.ConfirmBy.IsZero():
			err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.unconfirm(ctx, tx, now, m) })
		}
		if err != nil && !errs.Is(err, errMoved.Key) {
			return err
		}
	}
	return nil
}

// struckOff tells 注销 and 吊销，已注销 from 吊销，未注销: a firm whose licence was revoked still exists until it is struck off (民法典 59, 68).
func struckOff(status string) bool {
	return strings.HasSuffix(status, "注销") && !strings.HasSuffix(status, "未注销")
}

// unconfirm marks an agent to be confirmed by the new legal representative and tells both.
func (s *Service) unconfirm(ctx context.Context, tx *db.Tx, now time.Time, m Mandate) error {
	by := now.AddDate(0, 0, s.cfg.ConfirmDays)
	first, err := setConfirmBy(ctx, tx, m.ID, by)
	if err != nil || !first {
		return err
	}
	if err := insertStep(ctx, tx, now, m.ID, "confirm_asked", "system"); err != nil {
		return err
	}
	for _, to := range []toSide{toGiver, toHolder} {
		if err := s.tell(ctx, tx, now, m.ID, to, "mandate.confirm_asked"); err != nil {
			return err
		}
	}
	return s.lapseAt(ctx, tx, now, m.ID, "confirm", by)
}

func (s *Service) checkGuardian(ctx context.Context, m Mandate) error {
	guardian, err := s.deps.People.Person(ctx, m.HolderID)
	if err != nil {
		return err
	}
	ward, err := s.deps.People.Person(ctx, m.ForID)
	if err != nil {
		return err
	}
	relation, err := s.deps.Guardian(ctx, guardian.Number, ward.Number)
	if err != nil || relation != "" {
		return err
	}
	now := s.now()
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.end(ctx, tx, now, m, NotGuardian, "system") })
	if errs.Is(err, errMoved.Key) {
		return nil
	}
	return err
}
