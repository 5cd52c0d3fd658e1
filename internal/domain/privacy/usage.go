package privacy

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// UsageQuery asks for the looks in a period, as Estonia's Data Tracker does.
type UsageQuery struct {
	Code          string    // own ID number, or credit code of the firm acted for
	From, Until   time.Time // From inclusive, Until exclusive
	Offset, Limit int
}

// Usages gives how many looks by others there were in the period, and a part of them, newest first. A code that is not the caller's own is
// errs.Forbidden "privacy.not_your_code". What a lawful delay holds back is neither listed nor counted.
func (s *Service) Usages(ctx context.Context, a authz.Actor, q UsageQuery) (total int, rows []Access, err error) {
	subject, err := s.ownCode(ctx, a, q.Code)
	if err != nil {
		return 0, nil, err
	}
	var page []told
	err = s.walk(ctx, subject, "", func(e told) bool {
		if e.Actor == a.Name() || !e.At.Before(q.Until) {
			return true
		}
		if e.At.Before(q.From) {
			return e.At.After(q.From.Add(-unordered)) // entries written at the same time may stand in another order
		}
		if total++; total > q.Offset && len(page) < q.Limit {
			page = append(page, e)
		}
		return true
	})
	for _, e := range page {
		rows = append(rows, s.access(ctx, a, e))
	}
	return total, rows, err
}

// unordered is how far the order of the record may differ from that of its times.
const unordered = time.Hour

// ownCode gives the subject of a number that is the caller's own.
func (s *Service) ownCode(ctx context.Context, a authz.Actor, code string) (string, error) {
	notYours := errs.New(errs.Forbidden, "privacy.not_your_code")
	code = strings.ToUpper(strings.TrimSpace(code))
	if id, err := cnid.ParseID(code, s.d.Now().In(clockZone).Format(time.DateOnly)); err == nil {
		code = id.Number
	}
	want := s.d.People.SubjectOf(code)
	for _, firm := range []bool{false, true} {
		subject, err := s.subjectOf(ctx, a, firm)
		if err != nil {
			return "", err
		}
		if subject != "" && subject == want {
			return subject, nil
		}
	}
	return "", notYours
}
