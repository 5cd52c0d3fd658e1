package cases

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/notify"
)

// Shares tells which cases a member of staff was given to read for information (抄送); package talk is one. Both answers must be of the same grants:
// what Shared allows, SharedWith lists. Nil: there are none.
type Shares interface {
	Shared(ctx context.Context, caseID, staffID string, posts []string) (bool, error)
	SharedWith(ctx context.Context, staffID string, posts []string) ([]string, error)
}

// shared reports whether the case was copied to the one who sits here, or to a post of theirs.
func (s *Service) shared(ctx context.Context, caseID string, st seat) (bool, error) {
	if s.Shares == nil || st.staff.ID == "" {
		return false, nil
	}
	return s.Shares.Shared(ctx, caseID, st.staff.ID, st.keys())
}

// sharedWith gives the ids of all cases that shared allows.
func (s *Service) sharedWith(ctx context.Context, st seat) ([]string, error) {
	if s.Shares == nil || st.staff.ID == "" {
		return nil, nil
	}
	return s.Shares.SharedWith(ctx, st.staff.ID, st.keys())
}

// Standing is how somebody stands to a case, for rooms that hang on one. Case is its head, the applicant masked unless Own.
type Standing struct {
	Case       Case
	Own        bool        // the applicant, or who may see it for them
	Writes     bool        // may say something about it: who may apply, or whose posts act on the item
	Handles    bool        // of the staff: work on it waits at one of their posts, or their agency decides it
	Supervises bool        // sees it as supervisor of the region
	Informed   bool        // sees it because it was copied to them
	Subject    string      // the applicant in the record of reads
	To         []notify.To // who is told what concerns the applicant: they, and who acts for them
	Tasks      []Task      // that wait
	Ended      time.Time   // when it ended; zero while it goes on
}

// Standing gives how an actor stands to a case; errs.NotFound for a draft and when it is none of theirs. It records nothing: whoever shows more than
// that the case exists records what they show. The program itself sees every case and owns none.
func (s *Service) Standing(ctx context.Context, a authz.Actor, id string) (Standing, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Standing{}, err
	}
	if w.c.State == Draft {
		return Standing{}, notFound()
	}
	if err := w.readable(ctx); err != nil {
		return Standing{}, err
	}
	out := Standing{Case: w.shown(), Own: w.view == asOwner, Supervises: w.view == asSupervisor, Informed: w.view == asInformed, Subject: w.c.subject}
	if out.Tasks, err = openTasks(ctx, s.DB.R(), id); err != nil {
		return Standing{}, err
	}
	switch w.view {
	case asOwner:
		out.Writes = w.covers(authz.ActApply)
	case asStaff:
		out.Writes = w.seat.handles(w.c.Case) || w.c.ClerkID == a.StaffID
		out.Handles = w.seat.staff.Agency == w.c.Agency && out.Writes || slices.ContainsFunc(out.Tasks, func(t Task) bool { return w.seat.holds(t.Post) })
		out.Writes = out.Writes || out.Handles
	}
	if !w.c.State.Open() {
		out.Ended = w.c.Updated
	}
	m := w.message("", nil)
	out.To = append(out.To, m.To)
	if w.c.ActingID != "" && w.c.ActingID != w.c.PersonID {
		out.To = append(out.To, notify.To{Person: w.c.ActingID})
	}
	return out, nil
}
