package talk

import (
	"context"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

// HeadOf is who is told when time runs out at a post; Post empty means every post of the agency that has none of its own.
type HeadOf struct {
	Agency, Post, PostName string
	Staff, StaffName       string
}

// Heads lists who was named for an agency, for an administrator whose region holds it.
func (s *Service) Heads(ctx context.Context, a authz.Actor, agency string) ([]HeadOf, error) {
	if _, err := s.administered(ctx, a, agency); err != nil {
		return nil, err
	}
	hs, err := headsOf(ctx, s.d.DB.R(), agency)
	var out []HeadOf
	for _, h := range hs {
		x := HeadOf{Agency: agency, Post: h.post, Staff: h.staff, StaffName: s.staffName(ctx, h.staff), PostName: h.post}
		if p, err := s.d.Org.Post(ctx, h.post); err == nil {
			x.PostName = p.Name
		}
		out = append(out, x)
	}
	return out, err
}

// Administered lists the agencies in an administrator's region.
func (s *Service) Administered(ctx context.Context, a authz.Actor) []org.Agency {
	var out []org.Agency
	for _, g := range s.d.Org.Agencies(ctx) {
		if s.d.Org.Reaches(ctx, a, authz.Admin, g.Region) {
			out = append(out, g)
		}
	}
	return out
}

// PostsAndStaff gives what can be named for an agency: its posts, and the accounts of its people.
func (s *Service) PostsAndStaff(ctx context.Context, agency string) ([]org.Post, []org.Staff) {
	return s.d.Org.Posts(ctx, agency), s.d.Org.StaffList(ctx, agency)
}

// SetHead names, or with drop no longer names, who is told when time runs out at a post. It gives no power over the case. Errors: base.forbidden, talk.head_post, talk.head_staff.
func (s *Service) SetHead(ctx context.Context, a authz.Actor, h HeadOf, drop bool) error {
	g, err := s.administered(ctx, a, h.Agency)
	if err != nil {
		return err
	}
	if !drop {
		if err := s.checkHead(ctx, h); err != nil {
			return err
		}
	}
	now := s.now()
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		act := "talk.head_set"
		err := error(nil)
		if drop {
			act, err = "talk.head_drop", dropHeadTx(ctx, tx, h.Agency, h.Post, h.Staff)
		} else {
			err = putHeadTx(ctx, tx, h.Agency, h.Post, h.Staff, a.Name(), now)
		}
		if err != nil {
			return err
		}
		e := audit.Entry{Actor: a.Name(), Act: act, Object: "agency:" + g.Key, What: h.Post + " " + h.Staff, Via: a.Via, Agency: a.AgencyID}
		return audit.Tx(ctx, tx, now, e.From(s.d.Vault, a.Origin))
	})
}

func (s *Service) checkHead(ctx context.Context, h HeadOf) error {
	var fs []errs.Field
	if h.Post != "" {
		if p, err := s.d.Org.Post(ctx, h.Post); err != nil || p.Agency != h.Agency {
			fs = append(fs, errs.Field{Path: "post", Key: "talk.head_post"})
		}
	}
	if st, err := s.d.Org.Staff(ctx, h.Staff); err != nil || st.Disabled || st.Agency != h.Agency {
		fs = append(fs, errs.Field{Path: "staff", Key: "talk.head_staff"})
	}
	return errs.Fields("talk.incomplete", fs)
}

func (s *Service) administered(ctx context.Context, a authz.Actor, agency string) (org.Agency, error) {
	g, err := s.d.Org.Agency(ctx, agency)
	if err != nil {
		return g, err
	}
	if !a.May(authz.OrgAdmin) || !s.d.Org.Reaches(ctx, a, authz.Admin, g.Region) {
		return g, errs.New(errs.Forbidden, "base.forbidden")
	}
	return g, nil
}
