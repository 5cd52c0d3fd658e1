package supervision

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

// Alarm is one card.
type Alarm struct {
	ID, Rule, CaseID, CaseNo     string
	Note                         string
	Facts                        map[string]string
	At, Found                    time.Time // came to be; was found
	Agency, AgencyName, ItemName string
	Explanation                  string
	ExplainedAt                  time.Time
	ExplainedBy                  string // "staff:<id>", or unit and masked name where the deployment tells
	Card

	region, month string
	version       int64
	sealed        []byte
}

// AlarmFilter narrows a list of alarms; empty fields do not.
type AlarmFilter struct {
	Rule, State, Agency string
	Month               string // in which it came to be, YYYY-MM
	Level               Level
	After               string
	Limit               int // 20 when 0, at most 100

	caseID, under string
}

// AlarmPage is one page of alarms, newest first; Next is empty on the last.
type AlarmPage struct {
	Rows []Alarm
	Next string
}

// Alarms lists the alarms of the supervisor's region.
func (s *Service) Alarms(ctx context.Context, a authz.Actor, f AlarmFilter) (AlarmPage, error) {
	var err error
	if f.under, err = scope(a); err != nil {
		return AlarmPage{}, err
	}
	return s.alarms(ctx, f)
}

// AgencyAlarms lists the alarms of the officer's own agency, to be explained.
func (s *Service) AgencyAlarms(ctx context.Context, a authz.Actor, f AlarmFilter) (AlarmPage, error) {
	if err := ofAgency(a); err != nil {
		return AlarmPage{}, err
	}
	f.Agency, f.under = a.AgencyID, "%"
	return s.alarms(ctx, f)
}

func (s *Service) caseAlarms(ctx context.Context, caseID string) ([]Alarm, error) {
	p, err := s.alarms(ctx, AlarmFilter{caseID: caseID, under: "%", Limit: 100})
	return p.Rows, err
}

func (s *Service) alarms(ctx context.Context, f AlarmFilter) (AlarmPage, error) {
	if f.Limit = min(f.Limit, 100); f.Limit <= 0 {
		f.Limit = 20
	}
	p, err := listAlarms(ctx, s.DB.R(), f)
	for i := range p.Rows {
		if err == nil {
			err = s.open(ctx, &p.Rows[i])
		}
	}
	return p, err
}

func (s *Service) open(ctx context.Context, a *Alarm) (err error) {
	if who := s.Who(ctx, a.Facts["who"]); who != "" {
		a.Facts["who"] = who
	}
	a.Explanation, err = s.Vault.OpenText("supervision_alarm.explanation."+a.ID, a.sealed)
	if a.ExplainedBy != "" {
		if who := s.Who(ctx, a.ExplainedBy); who != "" {
			a.ExplainedBy = who
		}
	}
	return err
}

// AgencyAlarm gives one alarm of the officer's own agency; another's is errs.NotFound.
func (s *Service) AgencyAlarm(ctx context.Context, a authz.Actor, id string) (Alarm, error) {
	if err := ofAgency(a); err != nil {
		return Alarm{}, err
	}
	al, err := alarmOf(ctx, s.DB.R(), id, a.AgencyID)
	if err != nil {
		return Alarm{}, err
	}
	return al, s.open(ctx, &al)
}

// The shortest and longest explanation, in characters.
const minExplanation, maxExplanation = 10, 2000

// Explain puts the department's explanation beside an alarm. It is given once: errs.Conflict supervision.explained_before.
func (s *Service) Explain(ctx context.Context, a authz.Actor, id, text string) error {
	al, err := s.AgencyAlarm(ctx, a, id)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minExplanation || n > maxExplanation || !utf8.ValidString(text) {
		return errs.Fields("supervision.invalid", []errs.Field{{Path: "explanation", Key: "supervision.explanation_length", Params: errs.P{"n": n, "min": minExplanation, "max": maxExplanation}}})
	}
	if al.State != Open {
		return errs.New(errs.Conflict, "supervision.explained_before")
	}
	return s.act(ctx, a, al, Explain, Said{Text: text})
}

func ofAgency(a authz.Actor) error {
	if a.StaffID == "" || a.AgencyID == "" {
		return errs.New(errs.Forbidden, "supervision.only_agency")
	}
	return nil
}
