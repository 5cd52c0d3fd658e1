package talk

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// mayCopy: who has to do with the case, and not only at a window of another agency.
func (s *Service) mayCopy(st cases.Standing) bool {
	return st.Handles && st.Case.State != cases.Archived
}

// Copy gives a case to an account or a post to read, masked as it is for every officer, for a term. It goes on record among the looks at the applicant's data. Errors: talk.no_right, talk.copy_to,
// talk.copy_days{max}, talk.reason_missing, talk.copy_self, talk.copied_already, talk.copy_full{max}.
func (s *Service) Copy(ctx context.Context, a authz.Actor, caseID string, in NewCopy) (Copy, error) {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return Copy{}, err
	}
	if !s.mayCopy(st) {
		return Copy{}, noRight()
	}
	c := Copy{ID: ident.New(), CaseID: caseID, Kind: in.Kind, Key: in.Key, At: s.now(), by: a.StaffID, byAgency: a.AgencyID}
	if err := s.checkCopy(ctx, a, in, &c); err != nil {
		return Copy{}, err
	}
	y, m, d := c.At.In(clock.Shanghai).Date()
	c.Until = time.Date(y, m, d+in.Days, 0, 0, 0, 0, clock.Shanghai)
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.copyTx(ctx, tx, a, st, c) })
	if db.Unique(err) {
		return Copy{}, errs.New(errs.Conflict, "talk.copied_already")
	}
	return c, err
}

func (s *Service) checkCopy(ctx context.Context, a authz.Actor, in NewCopy, c *Copy) error {
	var fs []errs.Field
	switch in.Kind {
	case ToStaff:
		st, err := s.d.Org.Staff(ctx, in.Key)
		if err != nil || st.Disabled {
			fs = append(fs, errs.Field{Path: "to", Key: "talk.copy_to"})
		} else if in.Key == a.StaffID {
			fs = append(fs, errs.Field{Path: "to", Key: "talk.copy_self"})
		}
		c.toAgency, c.To = st.Agency, st.Name
	case ToPost:
		p, err := s.d.Org.Post(ctx, in.Key)
		if err != nil || p.Basic {
			fs = append(fs, errs.Field{Path: "to", Key: "talk.copy_to"})
		}
		c.toAgency, c.To = p.Agency, p.Name
	default:
		fs = append(fs, errs.Field{Path: "to", Key: "talk.copy_to"})
	}
	if most := s.d.Rules.Copy.MostDays; in.Days < 1 || in.Days > most {
		fs = append(fs, errs.Field{Path: "days", Key: "talk.copy_days", Params: errs.P{"max": most}})
	}
	var err error
	if c.Reason, err = words("reason", in.Reason, MaxReason, "talk.reason_missing"); err != nil {
		fs = append(fs, errs.As(err).Fields...)
	}
	c.Agency = s.agencyName(ctx, c.toAgency)
	return errs.Fields("talk.incomplete", fs)
}

func (s *Service) copyTx(ctx context.Context, tx *db.Tx, a authz.Actor, st cases.Standing, c Copy) error {
	if err := lapseTx(ctx, tx, c.CaseID, c.At); err != nil {
		return err
	}
	n, err := runningTx(ctx, tx, c.Kind, c.Key, c.At)
	if err != nil {
		return err
	}
	if most := s.d.Rules.Copy.MostRunning; n >= most {
		return errs.New(errs.Conflict, "talk.copy_full", errs.P{"max": most})
	}
	if err := s.putCopyTx(ctx, tx, c); err != nil {
		return err
	}
	to := []string{c.Key}
	if c.Kind == ToPost {
		to = s.holders(ctx, c.Key)
	}
	if err := s.notifyTx(ctx, tx, to, note{kind: NoticeCopy, ref: "copy:" + c.ID, words: errs.P{"until": c.Until.Add(-time.Second)}}, st.Case); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, c.At, CopiedEvent{fact(st.Case, a.Name(), c.At), c.ID, c.toAgency, c.Until}); err != nil {
		return err
	}
	if err := s.acted(ctx, tx, a, st, "talk.copy"); err != nil {
		return err
	}
	e := s.entry(a, st) // the applicant finds it among the looks at their data
	e.Act, e.What = audit.Read, "talk.copied"
	return audit.Tx(ctx, tx, c.At, e)
}

// EndCopy takes a copy back before its term: who has to do with the case. Doing it again changes nothing.
func (s *Service) EndCopy(ctx context.Context, a authz.Actor, caseID, id string) error {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return err
	}
	if !st.Handles {
		return noRight()
	}
	c, err := s.copyOf(ctx, id)
	if err != nil {
		return err
	}
	if c.CaseID != caseID {
		return notFound()
	}
	now := s.now()
	if !c.Runs(now) {
		return nil
	}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := endCopyTx(ctx, tx, id, a.Name(), now); err != nil {
			return err
		}
		to := []string{c.Key}
		if c.Kind == ToPost {
			to = s.holders(ctx, c.Key)
		}
		if err := s.notifyTx(ctx, tx, to, note{kind: NoticeCopyEnd, ref: "copy_ended:" + c.ID, link: "/desk/notices"}, st.Case); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, CopyEndedEvent{fact(st.Case, a.Name(), now), c.ID}); err != nil {
			return err
		}
		return s.acted(ctx, tx, a, st, "talk.copy_end")
	})
	if errs.Is(err, "talk.copy_over") {
		return nil
	}
	return err
}

// copiesFor gives a case's copies with names; the applicant sees who may read, not what officers wrote to each other.
func (s *Service) copiesFor(ctx context.Context, _ authz.Actor, st cases.Standing) ([]Copy, error) {
	cs, err := s.copies(ctx, st.Case.ID)
	if err != nil {
		return nil, err
	}
	for i := range cs {
		c := &cs[i]
		c.Agency, c.By = s.agencyName(ctx, c.toAgency), s.officerName(ctx, st, "staff:"+c.by)
		if c.Kind == ToStaff {
			c.To = s.officerName(ctx, st, "staff:"+c.Key)
		} else {
			c.To = c.Key
			if p, err := s.d.Org.Post(ctx, c.Key); err == nil {
				c.To = p.Name
			}
		}
		if st.Own {
			c.Reason = ""
		}
	}
	return cs, nil
}

// Receiver is somebody a case may be copied to.
type Receiver struct {
	Kind, Key, Name, Agency string
}

// Receivers lists the posts of an agency and those who work there, for the form of a copy.
func (s *Service) Receivers(ctx context.Context, a authz.Actor, agency string) []Receiver {
	var out []Receiver
	name := s.agencyName(ctx, agency)
	for _, p := range s.d.Org.Posts(ctx, agency) {
		out = append(out, Receiver{ToPost, p.Key, p.Name, name})
	}
	for _, st := range s.d.Org.StaffList(ctx, agency) {
		if !st.Disabled && st.ID != a.StaffID && slices.ContainsFunc(st.Roles, func(r authz.Role) bool { return authz.May(r, authz.CaseDesk) }) {
			out = append(out, Receiver{ToStaff, st.ID, st.Name, name})
		}
	}
	return out
}

// Agencies lists the agencies a case may be copied to, those that are in force.
func (s *Service) Agencies(ctx context.Context) []org.Agency {
	today := day(s.now())
	return slices.DeleteFunc(s.d.Org.Agencies(ctx), func(g org.Agency) bool { return g.Retired(today) })
}
