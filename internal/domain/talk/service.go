package talk

import (
	"context"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// Cases says how somebody stands to a case, and which of some their posts handle; *cases.Service is one.
type Cases interface {
	Standing(ctx context.Context, a authz.Actor, id string) (cases.Standing, error)
	Among(ctx context.Context, a authz.Actor, ids []string) ([]string, error)
}

// Notices sends messages in the transaction of what they tell.
type Notices interface {
	SendTx(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
}

// Offices knows agencies and the calendar.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Within(ctx context.Context, code, above string) bool
	Calendar(ctx context.Context) clock.Calendar
}

// People knows posts and who holds them.
type People interface {
	Post(ctx context.Context, key string) (org.Post, error)
	Posts(ctx context.Context, agency string) []org.Post
	Staff(ctx context.Context, id string) (org.Staff, error)
	StaffList(ctx context.Context, agency string) []org.Staff
	StaffOfPost(ctx context.Context, post string) []org.Staff
}

// Administrators says how far an administrator's region reaches.
type Administrators interface {
	Reaches(ctx context.Context, a authz.Actor, role authz.Role, region string) bool
}

// Org is *org.Service.
type Org interface {
	Offices
	People
	Administrators
}

// Deps is what the room works with. Rules without reminders are those of rules.yaml.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Blobs   *blob.Store
	Audit   *audit.Log
	Now     func() time.Time
	Log     *slog.Logger
	Cases   Cases
	Org     Org
	Notices Notices
	Rules   Rules
}

// Service is the room. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if len(d.Rules.Reminders) == 0 {
		d.Rules = DefaultRules()
	}
	return &Service{d}
}

// Rules gives the rules in force.
func (s *Service) Rules() Rules { return s.d.Rules }

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

// fact is the common part of an event about a case.
func fact(c cases.Case, by string, now time.Time) cases.Fact {
	return cases.Fact{CaseID: c.ID, CaseNo: c.CaseNo, ItemKey: c.ItemKey, Agency: c.Agency, Region: c.Region, By: by, At: now, State: c.State, Due: c.Clock.Due()}
}

// entry is a line of the record about a case.
func (s *Service) entry(a authz.Actor, st cases.Standing) audit.Entry {
	by := a.Name()
	if a.StaffID == authz.System.StaffID {
		by = system
	}
	e := audit.Entry{Actor: by, OnBehalf: a.OnBehalf(), Object: "case:" + st.Case.ID, Subject: st.Subject, Via: a.Via, Agency: a.AgencyID}
	return e.From(s.d.Vault, a.Origin)
}

// acted writes an act into the record.
func (s *Service) acted(ctx context.Context, tx *db.Tx, a authz.Actor, st cases.Standing, act string) error {
	e := s.entry(a, st)
	e.Act = act
	return audit.Tx(ctx, tx, s.now(), e)
}

// looked puts on record that staff, or who acts for another, read something of a case.
func (s *Service) looked(ctx context.Context, a authz.Actor, st cases.Standing, what string) error {
	if a.StaffID == "" && a.MandateID == "" {
		return nil
	}
	e := s.entry(a, st)
	e.What = what
	return s.d.Audit.Read(ctx, e)
}

// tell sends a message to the applicant's side. Link leads to the conversation.
func (s *Service) tell(ctx context.Context, tx *db.Tx, st cases.Standing, template, key string, extra map[string]string) error {
	data := map[string]string{"item": st.Case.ItemName, "case_no": st.Case.CaseNo, "agency": st.Case.AgencyName}
	for k, v := range extra {
		data[k] = v
	}
	for i, to := range st.To {
		m := notify.Message{Template: template, Key: "talk:" + key, To: to, Data: data, Link: "/my/cases/" + st.Case.ID + "/messages"}
		if i > 0 {
			m.Key += ":agent"
		}
		if err := s.d.Notices.SendTx(ctx, tx, s.now(), m); err != nil {
			return err
		}
	}
	return nil
}

const system = "system"

func noRight() error { return errs.New(errs.Forbidden, "talk.no_right") }

func (s *Service) agencyName(ctx context.Context, key string) string {
	g, err := s.d.Org.Agency(ctx, key)
	if err != nil {
		return key
	}
	if g.Short != "" {
		return g.Short
	}
	return g.Name
}

func (s *Service) staffName(ctx context.Context, id string) string {
	st, err := s.d.Org.Staff(ctx, id)
	if err != nil {
		return id
	}
	return st.Name
}

// later is when a period that begins now ends, in counted time.
func (s *Service) later(ctx context.Context, from time.Time, p clock.Period) (time.Time, error) {
	r, err := clock.Deadline(from, p, nil, s.d.Org.Calendar(ctx))
	return r.Due, err
}
