package org

import (
	"context"
	"fmt"

	"tongban/internal/base/errs"
)

// Items is what this room asks the catalogue before an agency ends.
type Items interface {
	// LiveItems counts the items in use of an agency (key).
	LiveItems(ctx context.Context, agency string) (int, error)
}

// Hanging is what an agency still carries: items in use, windows, posts, and accounts that work.
type Hanging struct{ Items, Windows, Posts, Staff int }

// Any reports whether there is anything.
func (h Hanging) Any() bool { return h != Hanging{} }

func (h Hanging) params() errs.P {
	return errs.P{"items": h.Items, "windows": h.Windows, "posts": h.Posts, "staff": h.Staff}
}

// Hanging counts what an agency (key) still carries; all zero for an unknown one.
func (s *Service) Hanging(ctx context.Context, agency string) (Hanging, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Hanging{}, err
	}
	h := Hanging{
		Windows: len(filter(n.windows, func(w Window) bool { return w.Agency == agency })),
		Posts:   len(filter(n.posts, func(p Post) bool { return p.Agency == agency && !p.Basic })),
		Staff:   len(filter(n.accounts(s.now()), func(st Staff) bool { return st.Agency == agency && !st.Disabled })),
	}
	if s.items != nil {
		h.Items, err = s.items.LiveItems(ctx, agency)
	}
	return h, err
}

// abandons reports whether an agency is to end with nobody to take its functions over, and that was not so before: what hangs on it then has to be
// looked at, for its items, posts and cases would be nobody's.
func (g Agency) abandons(old Agency) bool {
	return g.ValidTo != "" && g.Successor == "" && (old.ValidTo != g.ValidTo || old.Successor != "")
}

// orphans finds an agency that ends without successor while something hangs on it and nobody has said that this is meant; what it carries then
// is named in the audit record.
func (s *Service) orphans(ctx context.Context, g, old Agency) (f findings, what string, err error) {
	if !g.abandons(old) {
		return nil, "", nil
	}
	h, err := s.Hanging(ctx, g.Key)
	switch {
	case err != nil || !h.Any():
		return nil, "", err
	case !g.EndsAnyway:
		f.add("successor", "org.agency_hangs", h.params())
		return f, "", nil
	}
	return nil, fmt.Sprintf("ends %s without successor: items %d, windows %d, posts %d, staff %d", g.ValidTo, h.Items, h.Windows, h.Posts, h.Staff), nil
}
