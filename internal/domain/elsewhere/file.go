package elsewhere

import (
	"context"
	"encoding/json"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// filed is the data of an application made in the other system.
type filed struct {
	Item      string `json:"item"`
	Applicant struct {
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		Number     string `json:"number"`
		NumberKind string `json:"number_kind"`
		Phone      string `json:"phone"`
		CreditCode string `json:"credit_code"`
	} `json:"applicant"`
}

// file makes the case of an application that comes back from a jump, at once: the other side needs the case's number for its further events. Again, it gives
// the same.
func (s *Service) file(ctx context.Context, sys System, messageID string, again bool) (Taken, error) {
	m, err := s.inByMessage(ctx, sys.Key, messageID)
	if err != nil {
		return Taken{}, err
	}
	if m.State == Waiting {
		cause, err := s.fileOne(ctx, &m)
		if err != nil {
			return Taken{}, err
		}
		if err := s.done(ctx, m, "", cause); err != nil {
			return Taken{}, err
		}
		if m, err = s.inByMessage(ctx, sys.Key, messageID); err != nil {
			return Taken{}, err
		}
	}
	return Taken{MessageID: messageID, State: m.State, Again: again, CaseID: m.CaseID, CaseNo: m.CaseNo}, nil
}

func (s *Service) fileOne(ctx context.Context, m *In) (cause, err error) {
	var msg Message
	var d filed
	if json.Unmarshal(m.body, &msg) != nil || json.Unmarshal(msg.Data, &d) != nil {
		return errs.New(errs.Invalid, "elsewhere.unreadable"), nil
	}
	who := cases.Applicant{
		Kind: d.Applicant.Kind, Name: d.Applicant.Name, Number: d.Applicant.Number, NumberKind: d.Applicant.NumberKind, Phone: d.Applicant.Phone, CreditCode: d.Applicant.CreditCode,
	}
	c, err := s.Cases.File(ctx, cases.Filed{System: m.System, MessageID: m.MessageID, Item: d.Item, Applicant: who, At: msg.At})
	if err == nil {
		m.CaseID, m.CaseNo = c.ID, c.CaseNo
		return nil, nil
	}
	return s.sorted(err)
}

// sorted tells why a case does not take something (cause) from our own trouble.
func (s *Service) sorted(err error) (cause, trouble error) {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.BadRequest, errs.Forbidden, errs.NotFound, errs.Conflict, errs.Gone, errs.TooLarge:
		return err, nil
	}
	return nil, err
}
