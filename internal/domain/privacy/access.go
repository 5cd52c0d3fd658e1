package privacy

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Access is one time somebody saw a person's or firm's data, as the person may know it.
type Access struct {
	ID       string
	At       time.Time
	Own      bool   // the person themself (a download)
	Nobody   bool   // somebody without an account, by case number and query code
	Who      string // masked name, or empty for a system
	Roles    []authz.Role
	Agency   string   // name
	Code     string   // of the agency: unified social credit code
	System   string   // name of the system that was told; empty: this platform
	What     []string // text keys of the data
	Object   string   // "case:<id>" and the like
	Reason   string
	Via      string    // page, search, export, api, pdf, command
	Basis    string    // the law by which it was told late; empty: told at once
	HeldTill time.Time // with Basis
	actor    string
	staff    string // name, for the auditor
}

const batch = 200

// Accesses lists who saw the data of the signed-in person or, with firm, of the firm they act for; newest first. after is the id of the last row
// of the page before; next is empty on the last page. What a lawful delay holds back is not there, and leaves no gap.
func (s *Service) Accesses(ctx context.Context, a authz.Actor, firm bool, after string, limit int) (rows []Access, next string, err error) {
	subject, err := s.subjectOf(ctx, a, firm)
	if err != nil || subject == "" {
		return nil, "", err
	}
	var seen []told
	err = s.walk(ctx, subject, after, func(e told) bool {
		seen = append(seen, e)
		return len(seen) <= limit
	})
	if err != nil {
		return nil, "", err
	}
	if len(seen) > limit {
		seen = seen[:limit]
		next = seen[limit-1].ID
	}
	for _, e := range seen {
		rows = merge(rows, s.access(ctx, a, e))
	}
	return rows, next, nil
}

// told is an entry of the record that may be told, with the order that held it back until now.
type told struct {
	audit.Entry
	held *Delay
}

// walk goes through the looks at a subject that may be told now, newest first, until fn has enough.
func (s *Service) walk(ctx context.Context, subject, after string, fn func(told) bool) error {
	orders, err := s.ordersOn(ctx, subject)
	if err != nil {
		return err
	}
	now := s.d.Now()
	for {
		es, err := audit.List(ctx, s.d.DB.R(), audit.Filter{Subject: subject, Act: audit.Read}, after, batch)
		if err != nil {
			return err
		}
		for _, e := range es {
			held := s.heldBy(ctx, orders, e)
			if held != nil && now.Before(held.Reveal) {
				continue
			}
			if !fn(told{e, held}) {
				return nil
			}
		}
		if len(es) < batch {
			return nil
		}
		after = es[batch-1].ID
	}
}

// heldBy gives the order under which a look was made, the one that holds longest.
func (s *Service) heldBy(ctx context.Context, orders []Delay, e audit.Entry) *Delay {
	var out *Delay
	for i, o := range orders {
		if (out == nil || o.Reveal.After(out.Reveal)) && o.covers(e.At, e.Actor, s.agencyOf(ctx, e)) {
			out = &orders[i]
		}
	}
	return out
}

func (s *Service) agencyOf(ctx context.Context, e audit.Entry) string {
	if id, ok := strings.CutPrefix(e.Actor, "staff:"); ok && e.Agency == "" {
		if st, err := s.d.Offices.Staff(ctx, id); err == nil {
			return st.Agency
		}
	}
	return e.Agency
}

// merge adds a look to the list; one opening of a page reads several things in the same minute, which are one line for the person.
func merge(rows []Access, a Access) []Access {
	if n := len(rows); n > 0 {
		last := &rows[n-1]
		same := last.actor == a.actor && last.Object == a.Object && last.Reason == a.Reason && last.Via == a.Via && last.Basis == a.Basis
		if same && last.At.Truncate(time.Minute).Equal(a.At.Truncate(time.Minute)) {
			for _, w := range a.What {
				if !slices.Contains(last.What, w) {
					last.What = append(last.What, w)
				}
			}
			return rows
		}
	}
	return append(rows, a)
}

func (s *Service) access(ctx context.Context, a authz.Actor, e told) Access {
	out := Access{
		ID: e.ID, At: e.At, Object: e.Object, Reason: e.Reason, Via: e.Via, Own: e.Actor == a.Name(), Nobody: e.Actor == authz.Actor{}.Name(), actor: e.Actor,
	}
	for _, key := range strings.Split(e.What, ",") {
		if key = strings.TrimSpace(key); key != "" {
			out.What = append(out.What, key)
		}
	}
	if e.held != nil {
		out.Basis, out.HeldTill = e.held.Basis, e.held.Reveal
	}
	agency := s.agencyOf(ctx, e.Entry)
	kind, id, _ := strings.Cut(e.Actor, ":")
	switch {
	case kind == "staff":
		if st, err := s.d.Offices.Staff(ctx, id); err == nil {
			out.Who, out.Roles, out.staff = cnid.MaskName(st.Name), st.Roles, st.Name
		}
	case kind == "person" && !out.Own:
		out.Who = s.d.People.MaskedName(ctx, id)
	case kind == "client":
		out.System = id
		if s.d.System != nil {
			if sys, err := s.d.System(ctx, id); err == nil {
				out.System, agency = sys.Name, sys.Agency
			}
		}
	}
	if agency != "" {
		if ag, err := s.d.Offices.Agency(ctx, agency); err == nil {
			out.Agency, out.Code = ag.Name, ag.Code
		}
	}
	return out
}

var errNoAccess = errs.New(errs.NotFound, "privacy.no_access")

// Access gives one look at the data of the signed-in person or of the firm they act for. What does not exist, is somebody else's or is held back
// is the same errs.NotFound "privacy.no_access".
func (s *Service) Access(ctx context.Context, a authz.Actor, id string) (Access, string, error) {
	for _, firm := range []bool{false, true} {
		subject, err := s.subjectOf(ctx, a, firm)
		if err != nil {
			return Access{}, "", err
		}
		if subject == "" {
			continue
		}
		e, ok, err := s.entry(ctx, subject, id, false)
		if err != nil {
			return Access{}, "", err
		}
		if ok {
			return s.access(ctx, a, e), subject, nil
		}
	}
	return Access{}, "", errNoAccess
}

// entry gives one entry about a subject; one that is held back only with all.
func (s *Service) entry(ctx context.Context, subject, id string, all bool) (told, bool, error) {
	es, err := audit.List(ctx, s.d.DB.R(), audit.Filter{Subject: subject, Act: audit.Read}, id+"~", 1) // the first at or before id
	if err != nil || len(es) == 0 || es[0].ID != id {
		return told{}, false, err
	}
	orders, err := s.ordersOn(ctx, subject)
	if err != nil {
		return told{}, false, err
	}
	held := s.heldBy(ctx, orders, es[0])
	if held != nil && !all && s.d.Now().Before(held.Reveal) {
		return told{}, false, nil
	}
	return told{es[0], held}, true, nil
}

// FirmName is the name of the firm the actor acts for; empty without one.
func (s *Service) FirmName(ctx context.Context, a authz.Actor) (string, error) {
	if a.FirmID == "" || !a.Scope.Covers(authz.ActView, "*") {
		return "", nil
	}
	f, err := s.d.People.Firm(ctx, a.FirmID)
	return f.Name, err
}
