package talk

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// note is what is told at the desk. ref makes it be told once; once keeps a second of the same kind back while the first is unread.
type note struct {
	kind, ref, link string
	words           errs.P
	once            bool
}

// notifyTx tells staff something about a case, in the transaction of what happened.
func (s *Service) notifyTx(ctx context.Context, tx *db.Tx, staff []string, n note, c cases.Case) error {
	p := errs.P{"case_no": c.CaseNo, "item": c.ItemName}
	for k, v := range n.words {
		p[k] = v
	}
	link := n.link
	if link == "" {
		link = "/desk/cases/" + c.ID + "#talk"
	}
	for _, id := range staff {
		if err := putNoticeTx(ctx, tx, id, n.kind+":"+n.ref, Notice{Kind: n.kind, CaseID: c.ID, Words: p, Link: link, At: s.now()}, n.once); err != nil {
			return err
		}
	}
	return nil
}

// Notices lists what a member of staff was told, newest first; after is the ID of the last one of the page before, or empty.
func (s *Service) Notices(ctx context.Context, a authz.Actor, after string, limit int) (page []Notice, next string, err error) {
	ns, err := notices(ctx, s.d.DB.R(), a.StaffID, after, limit+1)
	if err != nil || len(ns) <= limit {
		return ns, "", err
	}
	return ns[:limit], ns[limit-1].ID, nil
}

// UnreadNotices counts a member of staff's unread notices, at most 99; 0 when it cannot be told, because every page shows it.
func (s *Service) UnreadNotices(ctx context.Context, staffID string) int {
	n, err := unreadNotices(ctx, s.d.DB.R(), staffID)
	if err != nil {
		s.d.Log.Warn("unread notices not counted", "err", err)
	}
	return n
}

// ReadNotice marks a notice of the actor's as read and gives it; errs.NotFound for another's.
func (s *Service) ReadNotice(ctx context.Context, a authz.Actor, id string) (Notice, error) {
	n, err := noticeOf(ctx, s.d.DB.R(), a.StaffID, id)
	if err != nil {
		return n, err
	}
	return n, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return readNoticesTx(ctx, tx, a.StaffID, id, s.now()) })
}

// ReadAllNotices marks all notices of the actor's as read.
func (s *Service) ReadAllNotices(ctx context.Context, a authz.Actor) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return readNoticesTx(ctx, tx, a.StaffID, "", s.now()) })
}

// maxTold is how many accounts one thing is told to at most.
const maxTold = 50

// holders gives the accounts that hold a post now.
func (s *Service) holders(ctx context.Context, post string) []string {
	var out []string
	for _, st := range s.d.Org.StaffOfPost(ctx, post) {
		if !st.Disabled {
			out = append(out, st.ID)
		}
	}
	return out
}

// havers are who has the work on a case: who took it up, otherwise all who hold its post. Of a case with no work left, all of the agency who may accept or
// decide the item.
func (s *Service) havers(ctx context.Context, st cases.Standing) []string {
	var out []string
	for _, t := range st.Tasks {
		if t.TakenBy != "" {
			out = append(out, t.TakenBy)
			continue
		}
		out = append(out, s.holders(ctx, t.Post)...)
	}
	if len(st.Tasks) == 0 {
		out = s.mayDo(ctx, st.Case, flow.Receive, flow.Accept, flow.Review, flow.Decide)
	}
	return few(out)
}

// mayDo gives the accounts of the deciding agency whose posts give one of the acts on the item.
func (s *Service) mayDo(ctx context.Context, c cases.Case, acts ...string) []string {
	var out []string
	for _, p := range s.d.Org.Posts(ctx, c.Agency) {
		if slices.ContainsFunc(acts, func(act string) bool { return p.May(act, c.ItemKey) }) {
			out = append(out, s.holders(ctx, p.Key)...)
		}
	}
	return out
}

// heads are who is told for the posts that have the work: who an administrator named for the post, or for its agency; otherwise whoever decides the item.
func (s *Service) heads(ctx context.Context, st cases.Standing) []string {
	var out []string
	for _, t := range st.Tasks {
		out = append(out, s.headsOfPost(ctx, t.Post)...)
	}
	if len(st.Tasks) == 0 {
		out = s.headsAt(ctx, st.Case.Agency, "")
	}
	if len(out) == 0 {
		out = s.mayDo(ctx, st.Case, flow.Decide)
	}
	return few(out)
}

func (s *Service) headsOfPost(ctx context.Context, post string) []string {
	p, err := s.d.Org.Post(ctx, post)
	if err != nil {
		return nil
	}
	return s.headsAt(ctx, p.Agency, post)
}

func (s *Service) headsAt(ctx context.Context, agency, post string) []string {
	hs, err := headsOf(ctx, s.d.DB.R(), agency)
	if err != nil {
		s.d.Log.Warn("heads of posts not known", "agency", agency, "err", err)
		return nil
	}
	var own, whole []string
	for _, h := range hs {
		st, err := s.d.Org.Staff(ctx, h.staff)
		switch {
		case err != nil || st.Disabled:
		case h.post == "":
			whole = append(whole, h.staff)
		case h.post == post:
			own = append(own, h.staff)
		}
	}
	if len(own) > 0 {
		return own
	}
	return whole
}

// supervisors are those of the nearest region that holds the case's.
func (s *Service) supervisors(ctx context.Context, st cases.Standing) []string {
	var out []string
	near := ""
	for _, x := range s.d.Org.StaffList(ctx, "") {
		if x.Disabled || !slices.Contains(x.Roles, authz.Supervisor) {
			continue
		}
		g, err := s.d.Org.Agency(ctx, x.Agency)
		if err != nil || !s.d.Org.Within(ctx, st.Case.Region, g.Region) {
			continue
		}
		switch {
		case near == g.Region:
			out = append(out, x.ID)
		case near == "" || s.d.Org.Within(ctx, g.Region, near):
			near, out = g.Region, []string{x.ID}
		}
	}
	return few(out)
}

func few(ids []string) []string {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > maxTold {
		ids = ids[:maxTold]
	}
	return ids
}
