package talk

import (
	"context"
	"io"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
)

// Record is everything said about a case, unmasked, as its archive package needs it.
type Record struct {
	Messages    []Said       `json:"messages,omitempty"`
	Urges       []Urged      `json:"urges,omitempty"`
	Copies      []Copied     `json:"copies,omitempty"`
	Escalations []Escalation `json:"reminders,omitempty"`
}

// Said is one message. Open gives its attachment; nil: it has none.
type Said struct {
	ID       string                        `json:"id"`
	Side     string                        `json:"side"`
	By       string                        `json:"by"`
	OnBehalf string                        `json:"on_behalf,omitempty"`
	Text     string                        `json:"text"`
	At       time.Time                     `json:"at"`
	Read     time.Time                     `json:"read,omitzero"`
	FileName string                        `json:"file_name,omitempty"`
	MIME     string                        `json:"file_type,omitempty"`
	Size     int64                         `json:"file_size,omitempty"`
	SM3      string                        `json:"file_sm3,omitempty"`
	Open     func() (io.ReadCloser, error) `json:"-"`
}

// Urged is one urge with its answer.
type Urged struct {
	Side       string    `json:"side"`
	By         string    `json:"by"`
	Reason     string    `json:"reason,omitempty"`
	At         time.Time `json:"at"`
	Due        time.Time `json:"answer_due"`
	Answer     string    `json:"answer,omitempty"`
	AnsweredBy string    `json:"answered_by,omitempty"`
	Answered   time.Time `json:"answered,omitzero"`
	Missed     time.Time `json:"missed,omitzero"`
}

// Copied is one copy.
type Copied struct {
	Kind   string    `json:"kind"`
	To     string    `json:"to"`
	Agency string    `json:"agency"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Ended  time.Time `json:"ended,omitzero"`
}

// OfCase gives everything said about a case. It asks nobody's right: only package app passes it on, to the archive. The reading is on record before
// anything is given.
func (s *Service) OfCase(ctx context.Context, caseID string) (Record, error) {
	st, err := s.d.Cases.Standing(ctx, authz.System, caseID)
	if err != nil {
		return Record{}, err
	}
	ms, err := s.messages(ctx, caseID)
	if err != nil {
		return Record{}, err
	}
	us, err := s.urges(ctx, caseID)
	if err != nil {
		return Record{}, err
	}
	cs, err := s.copies(ctx, caseID)
	if err != nil {
		return Record{}, err
	}
	var out Record
	if out.Escalations, err = s.escalations(ctx, caseID); err != nil {
		return out, err
	}
	if len(ms)+len(us) > 0 {
		reader := authz.From(ctx)
		e := s.entry(reader, st)
		if !reader.Signed() {
			e = audit.Entry{Actor: system, Object: "case:" + caseID, Subject: st.Subject}
		}
		e.What = "talk.thread"
		if err := s.d.Audit.Read(ctx, e); err != nil {
			return out, err
		}
	}
	for _, m := range ms {
		out.Messages = append(out.Messages, s.said(m))
	}
	for _, u := range us {
		out.Urges = append(out.Urges, Urged{Side: u.Side, By: u.author, Reason: u.Reason, At: u.At, Due: u.Due, Answer: u.Answer, AnsweredBy: u.answerer, Answered: u.Answered, Missed: u.Missed})
	}
	for _, c := range cs {
		out.Copies = append(out.Copies, Copied{Kind: c.Kind, To: c.Key, Agency: c.toAgency, Reason: c.Reason, By: "staff:" + c.by, At: c.At, Until: c.Until, Ended: c.Ended})
	}
	return out, nil
}

func (s *Service) said(m Message) Said {
	x := Said{ID: m.ID, Side: m.Side, By: m.author, OnBehalf: m.onBehalf, Text: m.Text, At: m.At, Read: m.Read}
	if f := m.File; f != nil {
		x.FileName, x.MIME, x.Size, x.SM3 = f.Name, f.MIME, f.Size, f.sm3
		x.Open = func() (io.ReadCloser, error) { return s.d.Blobs.Get(f.blob) }
	}
	return x
}
