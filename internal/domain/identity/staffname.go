package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/engine/cnid"
)

// Access is one time somebody saw a person's or firm's data.
type Access struct {
	ID     string
	At     time.Time
	Own    bool   // the person themself (a download)
	Nobody bool   // somebody without an account, by case number and query code
	Who    string // masked name, or empty for the program itself
	Roles  []authz.Role
	Agency string   // name
	What   []string // text keys of the data
	Object string   // "case:<id>" and the like
	Reason string
	Via    string // page, search, export, api, pdf, command
}

// Accesses lists who saw the data of the signed-in person or, with firm, of the firm they act for; newest first. after is the id of the last
// row of the page before; next is empty on the last page.
func (s *Service) Accesses(ctx context.Context, a authz.Actor, firm bool, after string, limit int) (rows []Access, next string, err error) {
	subject, err := s.subject(ctx, a, firm)
	if err != nil || subject == "" {
		return nil, "", err
	}
	es, err := audit.List(ctx, s.d.R(), audit.Filter{Subject: subject, Act: audit.Read}, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(es) > limit {
		es = es[:limit]
		next = es[limit-1].ID
	}
	for _, e := range es {
		rows = merge(rows, s.access(ctx, a, e))
	}
	return rows, next, nil
}

// merge adds a reading to the list; one opening of a page reads several things in the same minute, which are one line for the person.
func merge(rows []Access, a Access) []Access {
	if n := len(rows); n > 0 {
		last := &rows[n-1]
		same := last.Who == a.Who && last.Own == a.Own && last.Nobody == a.Nobody && last.Object == a.Object && last.Reason == a.Reason && last.Via == a.Via
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

// subject is what the record calls the person or firm; empty while their number is not known.
func (s *Service) subject(ctx context.Context, a authz.Actor, firm bool) (string, error) {
	if firm {
		if a.FirmID == "" {
			return "", nil
		}
		f, err := s.Firm(ctx, a.FirmID)
		return s.SubjectOf(f.CreditCode), err
	}
	p, err := s.Person(ctx, a.PersonID)
	if err != nil || p.Number == "" {
		return "", err
	}
	return s.SubjectOf(p.Number), nil
}

func (s *Service) access(ctx context.Context, a authz.Actor, e audit.Entry) Access {
	out := Access{ID: e.ID, At: e.At, Object: e.Object, Reason: e.Reason, Via: e.Via, Own: e.Actor == a.Name(), Nobody: e.Actor == authz.Actor{}.Name()}
	for _, key := range strings.Split(e.What, ",") {
		if key = strings.TrimSpace(key); key != "" {
			out.What = append(out.What, key)
		}
	}
	agency := e.Agency
	if id, ok := strings.CutPrefix(e.Actor, "staff:"); ok {
		if st, err := s.deps.Staff.Staff(ctx, id); err == nil {
			out.Who, out.Roles = cnid.MaskName(st.Name), st.Roles
			if agency == "" {
				agency = st.Agency
			}
		}
	}
	if id, ok := strings.CutPrefix(e.Actor, "person:"); ok && !out.Own {
		out.Who = s.MaskedName(ctx, id)
	}
	if agency != "" {
		if ag, err := s.deps.Staff.Agency(ctx, agency); err == nil {
			out.Agency = ag.Name
		}
	}
	return out
}

// StaffName is a staff member's name, for the head of their own desk; empty if there is no such account.
func (s *Service) StaffName(ctx context.Context, id string) string {
	st, err := s.deps.Staff.Staff(ctx, id)
	if err != nil {
		return ""
	}
	return st.Name
}
