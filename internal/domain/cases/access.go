package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

// system is the actor of what the program does by itself, as events and the audit record write it.
const system = "system"

func nameOf(a authz.Actor) string {
	if a.StaffID == authz.System.StaffID {
		return system
	}
	return a.Name()
}

// ownerOf is who may write on a draft: the person, in the role in which it was begun, or the clerk at the window.
func ownerOf(a authz.Actor) string {
	if a.FirmID != "" {
		return a.Name() + "/" + a.OnBehalf()
	}
	return a.Name()
}

// seat is what a member of staff may do, asked from org each time: a post that was taken away counts at once.
type seat struct {
	staff org.Staff
	posts []org.Post
}

func (s *Service) seat(ctx context.Context, a authz.Actor) (seat, error) {
	if a.StaffID == "" || a.StaffID == authz.System.StaffID {
		return seat{}, nil
	}
	st, err := s.Offices.Staff(ctx, a.StaffID)
	if errs.KindOf(err) == errs.NotFound || err == nil && st.Disabled {
		return seat{}, nil
	}
	if err != nil {
		return seat{}, err
	}
	out := seat{staff: st}
	for _, key := range st.Posts {
		p, err := s.Offices.Post(ctx, key)
		if errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err != nil {
			return seat{}, err
		}
		out.posts = append(out.posts, p)
	}
	return out, nil
}

// atWindow are the acts that an agency may delegate to a window of another one (行政许可法 第二十四条, 第二十六条).
var atWindow = []string{flow.Receive, flow.Accept, flow.Deliver}

// hall is the agency whose windows serve all others; a post for "all items" of any other agency means that agency's own.
const hall = "hall"

// may reports whether a post gives the right to an act on an item of an agency.
func (s seat) may(act, item, agency string) bool {
	return slices.ContainsFunc(s.posts, func(p org.Post) bool {
		return p.May(act, item) && (p.Agency == agency || slices.Contains(atWindow, act) && (p.Agency == hall || slices.Contains(p.Items, item)))
	})
}

// handles reports whether any post has to do with the case.
func (s seat) handles(c Case) bool {
	return slices.ContainsFunc(org.Acts, func(act string) bool { return s.may(act, c.ItemKey, c.Agency) })
}

// view is how an actor stands to a case.
type view int

const (
	asNobody view = iota
	asOwner       // the applicant; for a draft, who writes it
	asStaff
	asSupervisor
)

// stands decides who may see a case. Drafts are seen by who writes them and nobody else.
func (s *Service) stands(ctx context.Context, a authz.Actor, st seat, r record) (view, error) {
	if r.State == Draft {
		if a.Signed() && r.owner == ownerOf(a) {
			return asOwner, nil
		}
		return asNobody, nil
	}
	switch {
	case a.PersonID != "" && r.ApplicantKind == ByPerson && r.PersonID == a.PersonID:
		return asOwner, nil // one's own matters stay visible while one acts for a firm
	case a.PersonID != "" && r.ApplicantKind == ByFirm && a.FirmID != "" && r.FirmID == a.FirmID:
		return asOwner, nil
	case st.staff.ID == "": // nobody of the staff, or an account that was switched off
		return asNobody, nil
	}
	if st.handles(r.Case) || r.ClerkID == a.StaffID {
		return asStaff, nil
	}
	did, err := handled(ctx, s.DB.R(), r.ID, a.Name())
	if err != nil || did {
		return asStaff, err
	}
	if a.Is(authz.Supervisor) && a.Region != "" && s.Offices.Within(ctx, r.Region, a.Region) {
		return asSupervisor, nil
	}
	return asNobody, nil
}

// writes reports whether the actor fills the application in now: the applicant, or at the window the clerk who entered it.
func writes(a authz.Actor, v view, r record) bool {
	if r.State == Draft {
		return v == asOwner
	}
	return v == asOwner && a.PersonID != "" || r.Channel == Window && a.StaffID != "" && r.ClerkID == a.StaffID
}

// readEntry is the record that somebody read personal data of a case.
func (s *Service) readEntry(a authz.Actor, c Case, what ...string) audit.Entry {
	e := audit.Entry{
		Actor: nameOf(a), OnBehalf: a.OnBehalf(), Object: "case:" + c.ID, Subject: c.subject, What: strings.Join(what, ","),
		Via: a.Via, Agency: a.AgencyID,
	}
	return e.From(s.Vault, a.Origin)
}

// actEntry is the record of an act.
func (s *Service) actEntry(a authz.Actor, c Case, act Act) audit.Entry {
	e := s.readEntry(a, c)
	e.Act = "cases." + string(act)
	return e
}
