package privacy

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/notify"
	"tongban/internal/engine/clock"
)

// AnswerDays is within how many working days a complaint is answered (个人信息保护法 50 asks for a timely answer; the number is ours).
const AnswerDays = 15

// The states of a complaint.
const (
	Open     = "open"
	Answered = "answered"
)

// What the auditor may find.
const (
	Proper   = "proper"   // the look had a lawful purpose
	Improper = "improper" // it had none
)

const (
	minText = 5
	maxText = 1000
)

// Complaint is a person's doubt about one look at their data.
type Complaint struct {
	ID       string
	PersonID string
	AccessID string
	Text     string
	State    string
	At, Due  time.Time

	Finding    string // with Answered
	Answer     string
	AnsweredBy string // staff id
	AnsweredAt time.Time

	subject string
}

// Overdue reports whether the answer is late.
func (c Complaint) Overdue(now time.Time) bool { return c.State == Open && now.After(c.Due) }

// words cleans a text; the finding stands at path.
func words(path, text string) (string, []errs.Field) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if n := utf8.RuneCountInString(text); n < minText || n > maxText || !utf8.ValidString(text) {
		return text, []errs.Field{{Path: path, Key: "privacy.text_length", Params: errs.P{"min": minText, "max": maxText, "n": n}}}
	}
	return text, nil
}

// Complain says that a look at one's own data, or that of the firm acted for, was wrong. Errors: errs.NotFound "privacy.no_access", errs.Conflict
// "privacy.complained_already", errs.Invalid "privacy.invalid" with the field text, errs.BadRequest "privacy.own_look".
func (s *Service) Complain(ctx context.Context, a authz.Actor, accessID, text string) (Complaint, error) {
	acc, subject, err := s.Access(ctx, a, accessID)
	if err != nil {
		return Complaint{}, err
	}
	if acc.Own {
		return Complaint{}, errs.New(errs.BadRequest, "privacy.own_look")
	}
	text, fs := words("text", text)
	if len(fs) > 0 {
		return Complaint{}, errs.Fields("privacy.invalid", fs)
	}
	now := s.d.Now()
	due, err := clock.Deadline(now, clock.Period{N: AnswerDays, Unit: clock.Workday}, nil, s.d.Calendar(ctx))
	if err != nil {
		return Complaint{}, err
	}
	c := Complaint{ID: ident.New(), PersonID: a.PersonID, AccessID: accessID, Text: text, State: Open, At: now, Due: due.Due, subject: subject}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.complainTx(ctx, tx, a, c) })
	if db.Unique(err) {
		err = errs.New(errs.Conflict, "privacy.complained_already")
	}
	return c, err
}

func (s *Service) complainTx(ctx context.Context, tx *db.Tx, a authz.Actor, c Complaint) error {
	if err := s.addComplaint(ctx, tx, c); err != nil {
		return err
	}
	if err := s.record(ctx, tx, c.At, a, audit.Entry{Act: "privacy.complain", Object: "complaint:" + c.ID, Subject: c.subject}); err != nil {
		return err
	}
	if err := job.EnqueueTx(ctx, tx, c.At, job.Spec{Kind: DueKind, Key: c.ID, Args: dueArgs{c.ID}, Due: c.Due.Add(time.Second)}); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, c.At, ComplainedEvent{ComplaintID: c.ID, Due: c.Due}); err != nil {
		return err
	}
	return s.d.Send(ctx, tx, c.At, notify.Message{
		Template: "privacy.complained", Key: "complaint:" + c.ID + ":taken", To: notify.To{Person: c.PersonID}, Link: "/my/complaints",
		Data: map[string]string{"answer_by": c.Due.In(clockZone).Format(time.DateOnly)},
	})
}

// MyComplaints lists the actor's complaints, newest first, with the looks they are about.
func (s *Service) MyComplaints(ctx context.Context, a authz.Actor) ([]Case, error) {
	cs, err := s.complaintsOf(ctx, s.d.DB.R(), a.PersonID)
	if err != nil {
		return nil, err
	}
	out := make([]Case, len(cs))
	for i, c := range cs {
		e, ok, err := s.entry(ctx, c.subject, c.AccessID, false)
		if err != nil {
			return nil, err
		}
		out[i].Complaint = c
		if ok {
			out[i].Access = s.access(ctx, a, e)
		}
	}
	return out, nil
}

// Case is a complaint with the look it is about.
type Case struct {
	Complaint
	Access    Access
	StaffName string // who looked, in full, for the auditor
	Person    string // masked name, for the auditor
}

// Complaints lists the complaints for the auditor: open ones by due date, or the answered ones, newest first; at most 200.
func (s *Service) Complaints(ctx context.Context, answered bool) ([]Case, error) {
	cs, err := s.complaintsIn(ctx, s.d.DB.R(), answered)
	out := make([]Case, len(cs))
	for i, c := range cs {
		c.Text, c.Answer = "", "" // read on its own page, which is on record
		out[i] = Case{Complaint: c, Person: s.d.People.MaskedName(ctx, c.PersonID)}
	}
	return out, err
}

// Complaint gives one complaint to an auditor, with everything the record holds about the look. The auditor's reading is itself on record. Whose own look
// it is about may not read it, so that nobody learns who complained of them: errs.Forbidden "privacy.own_case".
func (s *Service) Complaint(ctx context.Context, a authz.Actor, id string) (Case, error) {
	c, err := s.complaint(ctx, s.d.DB.R(), id)
	if err != nil {
		return Case{}, err
	}
	e, _, err := s.entry(ctx, c.subject, c.AccessID, true)
	if err != nil {
		return Case{}, err
	}
	if s.ownLook(ctx, a, e.Actor) {
		return Case{}, errOwnCase
	}
	if err := s.look(ctx, a, audit.Entry{Object: "complaint:" + id, Subject: c.subject, What: "privacy.what_complaint", Reason: reasonOf("complaint")}); err != nil {
		return Case{}, err
	}
	acc := s.access(ctx, authz.Actor{PersonID: c.PersonID}, e)
	return Case{Complaint: c, Access: acc, StaffName: acc.staff, Person: s.d.People.MaskedName(ctx, c.PersonID)}, nil
}

// Answer ends a complaint; the person is told. An auditor does not judge their own look: errs.Forbidden "privacy.own_case". Errors: errs.Invalid
// "privacy.invalid" with the fields finding and text, errs.Conflict "privacy.answered".
func (s *Service) Answer(ctx context.Context, a authz.Actor, id, finding, text string) error {
	c, err := s.complaint(ctx, s.d.DB.R(), id)
	if err != nil {
		return err
	}
	e, _, err := s.entry(ctx, c.subject, c.AccessID, true)
	if err != nil {
		return err
	}
	if s.ownLook(ctx, a, e.Actor) {
		return errOwnCase
	}
	text, fs := words("text", text)
	if finding != Proper && finding != Improper {
		fs = append([]errs.Field{{Path: "finding", Key: "privacy.finding_missing"}}, fs...)
	}
	if len(fs) > 0 {
		return errs.Fields("privacy.invalid", fs)
	}
	c.State, c.Finding, c.Answer, c.AnsweredBy, c.AnsweredAt = Answered, finding, text, a.StaffID, s.d.Now()
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.answerTx(ctx, tx, a, c) })
}

var errOwnCase = errs.New(errs.Forbidden, "privacy.own_case")

// ownLook reports whether a look was made by an auditor themself, also with another account: accounts of one telephone are one person's.
func (s *Service) ownLook(ctx context.Context, a authz.Actor, actor string) bool {
	if actor == a.Name() {
		return true
	}
	id, ok := strings.CutPrefix(actor, "staff:")
	if !ok {
		return false
	}
	me, err1 := s.d.Offices.Staff(ctx, a.StaffID)
	they, err2 := s.d.Offices.Staff(ctx, id)
	return err1 == nil && err2 == nil && me.Phone != "" && me.Phone == they.Phone
}

func (s *Service) answerTx(ctx context.Context, tx *db.Tx, a authz.Actor, c Complaint) error {
	if err := s.setAnswer(ctx, tx, c); err != nil {
		return err
	}
	if err := s.record(ctx, tx, c.AnsweredAt, a, audit.Entry{Act: "privacy.answer", Object: "complaint:" + c.ID, Subject: c.subject, What: "privacy.finding_" + c.Finding}); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, c.AnsweredAt, AnsweredEvent{ComplaintID: c.ID, Finding: c.Finding}); err != nil {
		return err
	}
	return s.d.Send(ctx, tx, c.AnsweredAt, notify.Message{
		Template: "privacy.answered", Key: "complaint:" + c.ID + ":answered", To: notify.To{Person: c.PersonID}, Link: "/my/complaints",
	})
}
