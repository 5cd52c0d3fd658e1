package privacy

import (
	"context"
	"slices"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/cnid"
)

// The reasons for which an ID number is shown; each is the end of a text key "privacy.reason_<key>".
var (
	OwnReasons  = []string{"fill", "check", "copy"}
	DeskReasons = []string{"complaint", "identify"}
)

// reasonOf is a reason as the record holds it.
func reasonOf(key string) string { return i18n.In(i18n.Chinese, "privacy.reason_"+key) }

// RevealNumber gives a person's ID number, after the look is on record. One's own may be seen always; an auditor sees the number of who has a
// complaint that waits for an answer and is not about the auditor, other staff that of whom they handle something. Errors: errs.Invalid "privacy.reason_missing", errs.Forbidden "privacy.not_yours",
// errs.NotFound "privacy.no_number".
func (s *Service) RevealNumber(ctx context.Context, a authz.Actor, personID, reason string) (string, error) {
	if !slices.Contains(OwnReasons, reason) && !slices.Contains(DeskReasons, reason) {
		return "", errs.New(errs.Invalid, "privacy.reason_missing")
	}
	may, err := s.maySee(ctx, a, personID)
	if err != nil {
		return "", err
	}
	if !may {
		return "", errs.New(errs.Forbidden, "privacy.not_yours")
	}
	p, err := s.d.People.Person(ctx, personID)
	if err != nil {
		return "", err
	}
	if p.Number == "" {
		return "", errs.New(errs.NotFound, "privacy.no_number")
	}
	e := audit.Entry{Object: "person:" + p.ID, Subject: s.d.People.SubjectOf(p.Number), What: "privacy.what_number", Reason: reasonOf(reason)}
	if err := s.look(ctx, a, e); err != nil {
		return "", err
	}
	return p.Number, nil
}

func (s *Service) maySee(ctx context.Context, a authz.Actor, personID string) (bool, error) {
	switch {
	case a.PersonID != "":
		return a.PersonID == personID, nil
	case a.Is(authz.Auditor):
		return s.hasCase(ctx, a, personID)
	case a.StaffID != "" && s.d.MaySee != nil:
		return s.d.MaySee(ctx, a, personID)
	}
	return false, nil
}

// hasCase reports whether an auditor has a complaint of a person to answer.
func (s *Service) hasCase(ctx context.Context, a authz.Actor, personID string) (bool, error) {
	cs, err := s.complaintsOf(ctx, s.d.DB.R(), personID)
	if err != nil {
		return false, err
	}
	for _, c := range cs {
		if c.State != Open {
			continue
		}
		e, _, err := s.entry(ctx, c.subject, c.AccessID, true)
		if err != nil {
			return false, err
		}
		if !s.ownLook(ctx, a, e.Actor) {
			return true, nil
		}
	}
	return false, nil
}

// MaskedNumber is one's own ID number as it stands on pages; empty while it is not known.
func (s *Service) MaskedNumber(ctx context.Context, a authz.Actor) (string, error) {
	p, err := s.d.People.Person(ctx, a.PersonID)
	if err != nil || p.Number == "" {
		return "", err
	}
	return cnid.MaskID(p.Number), nil
}
