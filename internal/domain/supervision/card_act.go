package supervision

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
)

// CardStep is one line of a card's history; it is never changed.
type CardStep struct {
	Act   CardAct
	At    time.Time
	By    string // "staff:<id>" or system; unit and masked name where the deployment tells
	Text  string
	State string // after it
	Level Level
	Due   time.Time // what was owed by then, if anything
}

// Said is what somebody says with a step. Days is the term of an urging, in working days.
type Said struct {
	Text string
	Days int
}

// longestTerm is the longest term of an urging, in working days.
const longestTerm = 60

func (in Said) check(a CardAct) (Said, error) {
	in.Text = strings.TrimSpace(in.Text)
	var fs []errs.Field
	n := utf8.RuneCountInString(in.Text)
	wanted := a != Settle && a != Confirm
	if n > maxExplanation || !utf8.ValidString(in.Text) || wanted && n < minExplanation {
		fs = append(fs, errs.Field{Path: "text", Key: "supervision.text_length", Params: errs.P{"n": n, "min": minExplanation, "max": maxExplanation}})
	}
	if a == Urge && (in.Days < 1 || in.Days > longestTerm) {
		fs = append(fs, errs.Field{Path: "days", Key: "supervision.term_range", Params: errs.P{"max": longestTerm}})
	}
	return in, errs.Fields("supervision.invalid", fs)
}

// CardView is one alarm with its history and evidence.
type CardView struct {
	Alarm
	Steps    []CardStep
	Evidence []Evidence
}

// Card gives one alarm of the supervisor's region; another region's is errs.NotFound.
func (s *Service) Card(ctx context.Context, a authz.Actor, id string) (CardView, error) {
	al, err := s.inRegion(ctx, a, id)
	if err != nil {
		return CardView{}, err
	}
	return s.view(ctx, al)
}

// AgencyCard gives one alarm of the officer's own agency; another's is errs.NotFound.
func (s *Service) AgencyCard(ctx context.Context, a authz.Actor, id string) (CardView, error) {
	al, err := s.AgencyAlarm(ctx, a, id)
	if err != nil {
		return CardView{}, err
	}
	return s.view(ctx, al)
}

func (s *Service) inRegion(ctx context.Context, a authz.Actor, id string) (Alarm, error) {
	under, err := scope(a)
	if err != nil {
		return Alarm{}, err
	}
	al, err := alarmIn(ctx, s.DB.R(), id, under)
	if err != nil {
		return Alarm{}, err
	}
	return al, s.open(ctx, &al)
}

func (s *Service) view(ctx context.Context, al Alarm) (CardView, error) {
	v := CardView{Alarm: al}
	steps, err := cardSteps(ctx, s.DB.R(), al.ID)
	if err != nil {
		return v, err
	}
	for _, st := range steps {
		if st.Text, err = s.Vault.OpenText(stepPlace(al.ID, st.seq), st.sealed); err != nil {
			return v, err
		}
		if who := s.Who(ctx, st.By); who != "" {
			st.By = who
		}
		v.Steps = append(v.Steps, st.CardStep)
	}
	v.Evidence, err = evidenceOf(ctx, s.DB.R(), al.ID)
	return v, err
}

// Act does one step of a card: the agency's by its officers, the supervisor's by those of the region. It returns errs.Invalid supervision.invalid
// with the fields text and days, errs.Conflict supervision.not_now or supervision.moved, and errs.Forbidden supervision.second_person when the one
// who proposed cancelling is also to confirm it.
func (s *Service) Act(ctx context.Context, a authz.Actor, id string, act CardAct, in Said) error {
	var al Alarm
	var err error
	switch {
	case slices.Contains(SupervisorActs, act):
		al, err = s.inRegion(ctx, a, id)
	case slices.Contains(AgencyActs, act):
		al, err = s.AgencyAlarm(ctx, a, id)
	default:
		err = errs.New(errs.NotFound, "supervision.no_alarm")
	}
	if err != nil {
		return err
	}
	if in, err = in.check(act); err != nil {
		return err
	}
	return s.act(ctx, a, al, act, in)
}

func (s *Service) act(ctx context.Context, a authz.Actor, al Alarm, act CardAct, in Said) error {
	ts, err := thresholds(ctx, s.DB.R())
	if err != nil {
		return err
	}
	now := s.Now()
	next, err := al.Card.step(act, a.Name(), in.Days, now, LimitsIn(ts, al.region, al.At), s.Calendar(ctx))
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := moveCard(ctx, tx, al, next); err != nil {
			return err
		}
		if (act == Explain || act == Answer) && al.ExplainedAt.IsZero() {
			sealed := s.Vault.SealText("supervision_alarm.explanation."+al.ID, in.Text)
			if err := setExplanation(ctx, tx, now, al.ID, sealed, a.Name()); err != nil {
				return err
			}
			if err := event.Publish(ctx, tx, now, ExplainedEvent{AlarmID: al.ID, Agency: al.Agency}); err != nil {
				return err
			}
		}
		e := audit.Entry{Actor: a.Name(), Act: "supervision." + string(act), Object: al.object(), Reason: al.Rule, Via: a.Via, Agency: al.Agency}
		if err := audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin)); err != nil {
			return err
		}
		return s.tell(ctx, tx, now, al, next, CardStep{Act: act, At: now, By: a.Name(), Text: in.Text})
	})
}

// tell writes the line of the history and the event of a step.
func (s *Service) tell(ctx context.Context, tx *db.Tx, now time.Time, al Alarm, c Card, st CardStep) error {
	st.State, st.Level, st.Due = c.State, c.Level, c.Owed
	seq := al.version + 1
	if err := insertStep(ctx, tx, al.ID, seq, st, s.Vault.SealText(stepPlace(al.ID, seq), st.Text)); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, CardEvent{AlarmID: al.ID, Act: st.Act, State: c.State, Level: c.Level, Agency: al.Agency, Region: al.region})
}

// object names an alarm's case, or the alarm where it is not about one case.
func (al Alarm) object() string {
	if al.CaseID == "" {
		return "alarm:" + al.ID
	}
	return "case:" + al.CaseID
}

// chase turns every card red whose explanation or answer is overdue, and takes in the alarms from before there were cards. It gives their number.
func (s *Service) chase(ctx context.Context) (int, error) {
	n := 0
	for {
		ids, err := owing(ctx, s.DB.R(), s.Now(), sweepBatch)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			if err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.chaseOne(ctx, tx, id) }); err != nil {
				return n, err
			}
			n++
		}
	}
}

func (s *Service) chaseOne(ctx context.Context, tx *db.Tx, id string) error {
	al, err := alarmIn(ctx, tx, id, "%")
	if err != nil {
		return err
	}
	ts, err := thresholds(ctx, tx)
	if err != nil {
		return err
	}
	now, l := s.Now(), LimitsIn(ts, al.region, al.At)
	if al.month == "" {
		return s.adopt(ctx, tx, al, l)
	}
	next, act, late := al.Card.overdue(now, l)
	if !late {
		return nil
	}
	if err := moveCard(ctx, tx, al, next); err != nil {
		return err
	}
	if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "system", Act: "supervision." + string(act), Object: al.object(), Reason: al.Rule, Agency: al.Agency}); err != nil {
		return err
	}
	return s.tell(ctx, tx, now, al, next, CardStep{Act: act, At: now, By: "system"})
}

// adopt gives an alarm from before there were cards its month, its points and, where it is not explained, a date from today on.
func (s *Service) adopt(ctx context.Context, tx *db.Tx, al Alarm, l Limits) error {
	c := al.Card
	c.Explained = al.State != Open
	if !c.Explained {
		due, err := workdays(s.Now(), l.ExplainDays, s.Calendar(ctx))
		if err != nil {
			return err
		}
		c.ExplainDue, c.Owed = due, due
	}
	return moveCard(ctx, tx, al, c.counted(l))
}
