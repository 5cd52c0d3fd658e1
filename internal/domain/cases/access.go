package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
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

// ownerOf is who may write on a draft: the person, in the role in which it was begun, whoever they act for under a mandate, or the clerk at the
// window.
func ownerOf(a authz.Actor) string {
	if kind, id := forOther(a); kind != "" {
		return kind + ":" + id
	}
	if a.FirmID != "" {
		return a.Name() + "/" + a.OnBehalf()
	}
	return a.Name()
}

// seat is what a member of staff may do, asked from org each time: a post that was taken away counts at once.
type seat struct {
	staff    org.Staff
	posts    []held
	regionOf func(agency string) string                // "" for an unknown one
	within   func(code, above string) bool             // by the tree of regions
	agencies func(keep func(org.Agency) bool) []string // keys of all that are kept
	shared   []string                                  // ids of cases copied to them; for lists only
}

// held is a post somebody holds, with the region of its agency.
type held struct {
	org.Post
	region string
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
	out := s.places(ctx)
	out.staff = st
	for _, key := range st.Posts {
		p, err := s.Offices.Post(ctx, key)
		if errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err != nil {
			return seat{}, err
		}
		out.posts = append(out.posts, held{p, out.regionOf(p.Agency)})
	}
	return out, nil
}

// places gives a seat the map: which agency lies where.
func (s *Service) places(ctx context.Context) seat {
	return seat{
		regionOf: func(key string) string {
			g, err := s.Offices.Agency(ctx, key)
			if err != nil {
				return ""
			}
			return g.Region
		},
		within: func(code, above string) bool { return code != "" && above != "" && s.Offices.Within(ctx, code, above) },
		agencies: func(keep func(org.Agency) bool) (out []string) {
			for _, g := range s.Offices.Agencies(ctx) {
				if keep(g) {
					out = append(out, g.Key)
				}
			}
			return out
		},
	}
}

// atWindow are the acts that an agency may delegate to a window of another one (行政许可法 第二十四条, 第二十六条).
var atWindow = []string{flow.Receive, flow.Accept, flow.Deliver}

// serves reports whether a post works at a window for other agencies in an act on an item: one of a hall, or one to which the item is delegated by
// its key; a post for "all items" of any other agency means that agency's own. Where it serves is for reaches to say.
func (p held) serves(act, item string) bool {
	return slices.Contains(atWindow, act) && (org.IsHall(p.Agency) || slices.Contains(p.Items, item))
}

// reaches reports whether a post may have to do with the cases of an agency, or of a region: its own agency's, and at a window those decided in the
// region of its agency and below it. Nobody's items reach across to a neighbour.
func (s seat) reaches(p held, agency, region string) bool {
	return p.Agency == agency || s.within(s.regionOf(agency), p.region) || s.within(region, p.region)
}

// may reports whether a post gives the right to an act on an item that an agency decides; region is the case's.
func (s seat) may(act, item, agency, region string) bool {
	_, ok := s.by(act, item, agency, region)
	return ok
}

// by gives the post through which somebody may do an act, one's own before one in which they stand in.
func (s seat) by(act, item, agency, region string) (held, bool) {
	var in held
	for _, p := range s.posts {
		if !p.May(act, item) || p.Agency != agency && !(p.serves(act, item) && s.reaches(p, agency, region)) {
			continue
		}
		if s.staff.StandsFor(p.Key) == "" {
			return p, true
		}
		if in.Key == "" {
			in = p
		}
	}
	return in, in.Key != ""
}

// handles reports whether any post has to do with the case.
func (s seat) handles(c Case) bool {
	return slices.ContainsFunc(org.Acts, func(act string) bool { return s.may(act, c.ItemKey, c.Agency, c.Region) })
}

// Takes reports whether somebody of the staff may take applications for an item in: receive or accept them. For pages; the acts ask again.
func (s *Service) Takes(ctx context.Context, a authz.Actor, it catalog.Item) (bool, error) {
	return s.MayAny(ctx, a, it, flow.Receive, flow.Accept)
}

// MayAny reports whether the posts of an actor give one of the rights on an item.
func (s *Service) MayAny(ctx context.Context, a authz.Actor, it catalog.Item, rights ...string) (bool, error) {
	st, err := s.seat(ctx, a)
	return slices.ContainsFunc(rights, func(right string) bool { return st.may(right, it.Key, it.Agency, it.Region) }), err
}

// view is how an actor stands to a case.
type view int

const (
	asNobody view = iota
	asOwner       // the applicant, or who acts for them; for a draft, who writes it
	asStaff
	asSupervisor
	asConsulted // an agency that was asked and has still to answer: the application, masked, and nothing said about it
	asInformed  // it was copied to them: they read, and do nothing
)

// stands decides who may see a case. Drafts are seen by who writes them and nobody else.
func (s *Service) stands(ctx context.Context, a authz.Actor, st seat, r record) (view, error) {
	if r.State == Draft {
		if a.Signed() && slices.Contains(ownersOf(a), r.owner) {
			return asOwner, nil
		}
		return asNobody, nil
	}
	switch {
	case a.PersonID != "" && r.ApplicantKind == ByPerson && r.PersonID == a.PersonID:
		return asOwner, nil // one's own matters stay visible while one acts for somebody else
	case mandated(a, r):
		return asOwner, nil // what the mandate covers is asked act by act
	case a.PersonID != "" && a.MandateID == "" && r.ApplicantKind == ByFirm && a.FirmID != "" && r.FirmID == a.FirmID:
		return asOwner, nil
	case st.staff.ID == "": // nobody of the staff, or an account that was switched off
		return asNobody, nil
	}
	if st.handles(r.Case) || r.ClerkID == a.StaffID {
		return asStaff, nil
	}
	did, err := didMore(ctx, s.DB.R(), r.ID, a.Name())
	if err != nil || did {
		return asStaff, err
	}
	if did, err = s.hadPart(ctx, r.ID, st.keys()); err != nil || did { // the flow asked one of their posts
		return asStaff, err
	}
	if asked, err := s.isAsked(ctx, r.ID, st.keys()); err != nil || asked {
		return asConsulted, err
	}
	if copied, err := s.shared(ctx, r.ID, st); err != nil || copied {
		return asInformed, err
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

// actEntry is the record of an act; who stands in for a colleague acts on their behalf.
func (w *work) actEntry(act Act) audit.Entry {
	e := w.s.readEntry(w.actor, w.c.Case)
	e.Act = "cases." + string(act)
	if w.standsFor != "" {
		e.OnBehalf = w.standsFor
	}
	if strings.HasPrefix(w.by, foreignActor("")) {
		e.Actor, e.Via = w.by, "api"
	}
	return e
}
