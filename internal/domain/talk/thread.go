package talk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/cnid"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Thread gives the conversation about a case to who may see it, and marks what the other side wrote as read by the reader's side: the applicant's, or
// that of an officer who has to do with the case. Every look of staff is on record before anything is shown.
func (s *Service) Thread(ctx context.Context, a authz.Actor, caseID string) (Thread, error) {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return Thread{}, err
	}
	t := Thread{CaseID: caseID, CaseNo: st.Case.CaseNo, ItemName: st.Case.ItemName, Own: st.Own, Why: s.writable(st), Until: s.until(st), Answers: st.Handles}
	t.MayWrite = t.Why == nil
	ms, err := s.messages(ctx, caseID)
	if err != nil {
		return t, err
	}
	if t.Urges, err = s.urgesFor(ctx, a, st); err != nil {
		return t, err
	}
	if t.Copies, err = s.copiesFor(ctx, a, st); err != nil {
		return t, err
	}
	if !st.Own {
		if t.Told, err = s.escalations(ctx, caseID); err != nil {
			return t, err
		}
	}
	if len(ms)+len(t.Urges) > 0 {
		if err := s.looked(ctx, a, st, "talk.thread"); err != nil {
			return t, err
		}
	}
	t.Messages = s.shown(ctx, a, st, ms)
	t.WhyUrge = s.urgeable(ctx, st, t.Urges)
	t.MayUrge, t.MayCopy = t.WhyUrge == nil, s.mayCopy(st)
	side, now := sideOf(st), s.now()
	n, err := saidSince(ctx, s.d.DB.R(), caseID, side, now.Add(-time.Hour))
	if err != nil {
		return t, err
	}
	t.Left = max(0, s.d.Rules.Messages.PerHour-n)
	return t, s.seen(ctx, st, ms)
}

// seen marks what the other side wrote as read, up to the last message that was shown.
func (s *Service) seen(ctx context.Context, st cases.Standing, shown []Message) error {
	if !st.Own && !st.Handles {
		return nil
	}
	them, until := other(sideOf(st)), time.Time{}
	for _, m := range shown {
		if m.Side == them && m.Read.IsZero() {
			until = m.At
		}
	}
	if until.IsZero() {
		return nil
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return markReadTx(ctx, tx, st.Case.ID, them, until, s.now())
	})
}

// shown puts names to messages as the reader may know them.
func (s *Service) shown(ctx context.Context, a authz.Actor, st cases.Standing, ms []Message) []Message {
	for i := range ms {
		m := &ms[i]
		m.Mine = m.author == a.Name()
		if m.Side == Officer {
			m.By, m.Agency = s.officerName(ctx, st, m.author), s.agencyName(ctx, m.agency)
			continue
		}
		if m.onBehalf == "" {
			m.By = st.Case.Applicant
		}
	}
	return ms
}

// officerName is a member of staff's name: whole to colleagues, masked to the applicant, as in the list of who saw their data.
func (s *Service) officerName(ctx context.Context, st cases.Standing, author string) string {
	id, staff := strings.CutPrefix(author, "staff:")
	if !staff {
		return ""
	}
	name := s.staffName(ctx, id)
	if st.Own {
		return cnid.MaskName(name)
	}
	return name
}

// Marks gives what a list shows beside the cases in it, by id; cases without a mark are left out. own says that the list is the applicant's. Whoever
// makes the list has asked who may see them.
func (s *Service) Marks(ctx context.Context, own bool, ids []string) (map[string]Mark, error) {
	out := map[string]Mark{}
	if len(ids) == 0 {
		return out, nil
	}
	side := Applicant
	if own {
		side = Officer
	}
	ts, err := s.unread(ctx, side, ids)
	if err != nil {
		return nil, err
	}
	for _, t := range ts {
		out[t.id] = Mark{Unread: t.n}
	}
	us, err := s.owed(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range us {
		if own && u.Side != Applicant {
			continue
		}
		m := out[u.CaseID]
		if !m.Urged || u.Due.Before(m.Due) {
			m.Urged, m.Due = true, u.Due
		}
		out[u.CaseID] = m
	}
	return out, nil
}

// maxWaiting is how many cases a filter looks at.
const maxWaiting = 500

// Urged gives ids of the cases the actor's posts handle in which an answer to an urge is owed, the one owed first coming first.
func (s *Service) Urged(ctx context.Context, a authz.Actor) ([]string, error) {
	return s.waiting(ctx, a, s.owedIn)
}

// Unread gives ids of the cases the actor's posts handle in which an applicant's message was not read yet, the longest wait first.
func (s *Service) Unread(ctx context.Context, a authz.Actor) ([]string, error) {
	return s.waiting(ctx, a, s.unreadIn)
}

func (s *Service) waiting(ctx context.Context, a authz.Actor, in func(ctx context.Context, agencies []string, limit int) ([]string, error)) ([]string, error) {
	agencies := s.agenciesOf(ctx, a)
	if len(agencies) == 0 {
		return []string{}, nil
	}
	ids, err := in(ctx, agencies, maxWaiting)
	if err != nil || len(ids) == 0 {
		return []string{}, err
	}
	mine, err := s.d.Cases.Among(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(mine, id) }), nil
}

func (s *Service) agenciesOf(ctx context.Context, a authz.Actor) []string {
	set := map[string]bool{a.AgencyID: a.AgencyID != ""}
	for _, key := range a.Posts {
		if p, err := s.d.Org.Post(ctx, key); err == nil {
			set[p.Agency] = true
		}
	}
	var out []string
	for k, ok := range set {
		if ok {
			out = append(out, k)
		}
	}
	return out
}
