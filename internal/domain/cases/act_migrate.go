package cases

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// EventMigrated says that a running case went over to another version of its item, form and flow.
const EventMigrated = "migrated"

// migratedData keeps the limits that held before: they hold on where the new version's are not shorter.
type migratedData struct {
	From   int            `json:"from"`
	To     int            `json:"to"`
	Limits catalog.Limits `json:"limits"`
}

// MigratedEvent tells that a running case went over to another version of its item.
type MigratedEvent struct {
	Fact
	From int `json:"from"`
	To   int `json:"to"`
}

// Topic is the event's name.
func (MigratedEvent) Topic() string { return "cases.migrated" }

// Migration asks for a running case to go over to a version of its item, with the form and the flow that version was published with. To is 0 for the
// newest.
type Migration struct {
	To     int    `json:"to"`
	Reason string `json:"reason"`
}

// MigrationPlan says what a migration would do. Nothing of the application is changed by it: what the new form does not ask stays stored as it was
// handed in, and is no longer shown.
type MigrationPlan struct {
	From      int             `json:"from"` // version of the item
	To        int             `json:"to"`
	Steps     []MigrationStep `json:"steps"`              // open work, before and after
	Lost      []string        `json:"lost"`               // steps that were done and that the new flow does not have
	Missed    []string        `json:"missed"`             // steps of the new flow that lie behind the case and were never done
	Begun     []string        `json:"begun"`              // steps that begin beside the open ones
	Unshown   []string        `json:"unshown"`            // questions that were answered and that the new form does not ask
	Unasked   []string        `json:"unasked"`            // questions the new form requires and that were never asked
	Materials []string        `json:"materials"`          // that were handed in and that the new version does not want
	Wanted    []string        `json:"wanted"`             // that the new version requires and that were never handed in
	Due       time.Time       `json:"due,omitzero"`       // that binds now
	DueAfter  time.Time       `json:"due_after,omitzero"` // never later
	def       flow.Definition
	flowing   flow.State
	form      form.Definition
	item      catalog.Item
	begun     []flow.Step
}

// sayMigration is how the reason of a migration is kept among the statements.
const sayMigration = "migration"

// MigrationNote is a migration that was done, and why.
type MigrationNote struct {
	From   int       `json:"from"`
	To     int       `json:"to"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// MigrationStep is one piece of open work in both flows.
type MigrationStep struct {
	Key  string `json:"key"`
	Was  string `json:"was"`
	Is   string `json:"is"`
	Post string `json:"post"` // that has it afterwards
}

// PlanMigration says what going over to a version would do to a case, without doing it. Errors: errs.Forbidden without the right, errs.Conflict
// cases.not_now once there is a decision, cases.same_version, and those of flow.Carry where the present step has no counterpart.
func (s *Service) PlanMigration(ctx context.Context, a authz.Actor, id string, to int) (MigrationPlan, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return MigrationPlan{}, err
	}
	if err := w.mayMigrate(); err != nil {
		return MigrationPlan{}, err
	}
	if _, err := next(w.c.State, ActMigrate); err != nil {
		return MigrationPlan{}, err
	}
	return w.planMigration(ctx, to)
}

// Migrate takes a running case over to another version: by whoever decides at the agency or is its head, with a reason. Versions themselves never
// change. What was promised holds: no deadline becomes later than before.
func (s *Service) Migrate(ctx context.Context, a authz.Actor, id string, version int64, in Migration) (Case, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	return s.do(ctx, a, id, ActMigrate, version, in, func(w *work) error {
		if err := w.mayMigrate(); err != nil {
			return err
		}
		if in.Reason == "" || len([]rune(in.Reason)) > maxWords {
			return errs.Fields("cases.incomplete", []Finding{{Path: "reason", Key: "cases.give_reason"}})
		}
		p, err := w.planMigration(ctx, in.To)
		if err != nil {
			return err
		}
		if err := w.to(ActMigrate); err != nil {
			return err
		}
		w.note(EventMigrated, w.now, w.by, migratedData{From: p.From, To: p.To, Limits: w.item.Limits})
		w.migrated(p)
		note := MigrationNote{From: p.From, To: p.To, Reason: in.Reason}
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayMigration, "", "", w.by, w.now, note)
		})
		w.tell(func() event.Event { return MigratedEvent{Fact: w.fact(), From: p.From, To: p.To} })
		return nil
	})
}

// migrated puts the case on its new versions. A step's own limit runs on as it was entered with.
func (w *work) migrated(p MigrationPlan) {
	w.item, w.form, w.flow, w.c.flowing = p.item, p.form, p.def, p.flowing
	w.c.ItemVersion, w.c.FormVersion, w.c.FlowVersion, w.c.ItemName = p.item.Version, p.item.FormVersion, p.item.FlowVersion, p.item.Name
	if st, ok := w.flow.Step(w.c.flowing.Step); ok {
		w.c.Step, w.c.StepName, w.c.StepKind, w.c.TakenBy = st.Key, st.Name, st.Kind, ""
		w.c.Post = first(w.c.flowing.Post, st.Post)
		if len(w.c.flowing.With) > 0 {
			w.c.TakenBy = w.c.flowing.With[0]
		}
	}
	for _, st := range p.begun {
		d := stepData{Step: st.Key, Kind: st.Kind}
		if st.Limit != nil {
			d.N, d.Unit = st.Limit.N, st.Limit.Unit
		}
		w.note(EventEntered, w.now, w.by, d)
	}
}

// mayMigrate: whoever decides on the item at the deciding agency, or prolongs periods as its head.
func (w *work) mayMigrate() error {
	if w.view != asStaff {
		return noRight(flow.Decide)
	}
	for _, right := range []string{flow.Extend, flow.ExtendJoint} {
		if w.may(right) {
			return w.officer(right)
		}
	}
	return w.officer(flow.Decide)
}

func (w *work) planMigration(ctx context.Context, to int) (p MigrationPlan, err error) {
	s := w.s
	if w.was.HandledBy != "" || w.was.Channel == Afterwards {
		return p, errs.New(errs.Conflict, "cases.migrate_not_ours")
	}
	if to == 0 {
		p.item, err = s.Items.Item(ctx, w.c.ItemKey)
	} else {
		p.item, err = s.Items.ItemVersion(ctx, w.c.ItemKey, to)
	}
	if err != nil {
		return p, err
	}
	if p.item.Version == w.c.ItemVersion {
		return p, errs.New(errs.Conflict, "cases.same_version", errs.P{"version": p.item.Version})
	}
	if p.item.Agency != w.item.Agency {
		return p, errs.New(errs.Conflict, "cases.migrate_agency")
	}
	if p.form, err = s.formOf(ctx, p.item, p.item.FormVersion); err != nil {
		return p, err
	}
	if p.def, err = s.flowOf(ctx, p.item, p.item.FlowVersion); err != nil {
		return p, err
	}
	p.def.Separate = (p.def.Separate || p.item.Separate) && !p.item.Limits.OnTheSpot
	p.From, p.To = w.c.ItemVersion, p.item.Version
	if p.flowing, err = p.carry(w); err != nil {
		return p, err
	}
	p.item.Limits = keptLimits(w.item.Limits, p.item.Limits)
	p.Due, p.DueAfter = w.c.Clock.Due(), ClockOf(w.events, p.item.Limits, w.cal).Due()
	p.answers(w)
	return p, p.materials(ctx, w)
}

// carry finds where the open work stands in the new flow.
func (p *MigrationPlan) carry(w *work) (flow.State, error) {
	after := *w
	after.form, after.item = p.form, p.item
	st, c, err := flow.Carry(w.flow, p.def, w.c.flowing, after.answer())
	if err != nil {
		return st, err
	}
	for _, x := range c.Here {
		p.Steps = append(p.Steps, MigrationStep{Key: x.Is.Key, Was: x.Was.Name, Is: x.Is.Name, Post: x.Is.Post})
	}
	for _, x := range c.Lost {
		old, _ := w.flow.Step(x.Step)
		p.Lost = append(p.Lost, first(old.Name, x.Step))
	}
	for _, x := range c.Missed {
		p.Missed = append(p.Missed, x.Name)
	}
	for _, x := range c.Begun {
		p.Begun = append(p.Begun, x.Name)
	}
	p.begun = c.Begun
	return st, nil
}

// answers compares the questions.
func (p *MigrationPlan) answers(w *work) {
	has := func(d form.Definition, key string) bool {
		for _, sec := range d.Sections {
			for _, f := range sec.Fields {
				if f.Key == key {
					return true
				}
			}
		}
		return false
	}
	for _, sec := range w.form.Sections {
		for _, f := range sec.Fields {
			if w.c.content.Form.Answered(f.Key) && !has(p.form, f.Key) {
				p.Unshown = append(p.Unshown, f.Label)
			}
		}
	}
	for _, sec := range p.form.Sections {
		for _, f := range sec.Fields {
			if f.Required && !has(w.form, f.Key) {
				p.Unasked = append(p.Unasked, f.Label)
			}
		}
	}
}

// materials compares what was handed in with what the new version wants.
func (p *MigrationPlan) materials(ctx context.Context, w *work) error {
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, f := range files {
		given[f.Material] = given[f.Material] || !f.Removed
	}
	for _, m := range w.item.Materials {
		if _, ok := p.item.Material(m.Key); !ok && given[m.Key] {
			p.Materials = append(p.Materials, m.Name)
		}
	}
	after := *w
	after.form, after.item = p.form, p.item
	for _, m := range p.item.MaterialsFor(after.answer()) {
		if m.Required == catalog.RequiredYes && m.Source != catalog.FromPlatform && !given[m.Key] {
			p.Wanted = append(p.Wanted, m.Name)
		}
	}
	return nil
}

// keptLimits are the limits of a case that went over to another version: those it had, save where the new ones are shorter.
func keptLimits(was, is catalog.Limits) catalog.Limits {
	out := was
	out.Legal, out.Promised = shorter(was.Legal, is.Legal), shorter(was.Promised, is.Promised)
	if was.Promised.N == 0 && is.Promised.N > 0 { // something is promised for the first time
		out.Promised = is.Promised
	}
	for _, x := range []struct{ had, has, out **catalog.Limit }{{&was.Correction, &is.Correction, &out.Correction}, {&was.Certificate, &is.Certificate, &out.Certificate}} {
		if *x.had != nil && *x.has != nil {
			l := shorter(**x.had, **x.has)
			*x.out = &l
		}
	}
	return out
}

// shorter is the shorter of two limits; where units differ nobody can say which, and what was promised holds.
func shorter(was, is catalog.Limit) catalog.Limit {
	if was.N > 0 && is.N > 0 && is.N < was.N && is.Unit == was.Unit {
		return is
	}
	return was
}

// limitsNow are the limits of a case after all migrations: those of its item version, never longer than what held before.
func limitsNow(events []Event, l catalog.Limits) catalog.Limits {
	for _, e := range events {
		if e.Kind == EventMigrated {
			l = keptLimits(dataOf[migratedData](e).Limits, l) // each event holds what had been kept before it
		}
	}
	return l
}
