package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// The legal events of 容缺受理: what was promised with a submission, and what of it came.
const (
	EventLater    = "later_promised"
	EventSupplied = "material_supplied"
)

// LaterRule is how a region accepts with materials missing: how long after the acceptance they may follow, and whether the decision period runs
// meanwhile. No national law sets either.
type LaterRule struct {
	Region string     `json:"region"`
	N      int        `json:"n"`
	Unit   clock.Unit `json:"unit"`
	Clock  string     `json:"clock"`
}

// builtinLater serves regions that set no rule.
var builtinLater = LaterRule{N: 10, Unit: clock.Workday, Clock: catalog.LaterRuns}

// laterRule is the item's rule; what it leaves open, that of the nearest region above which sets one.
func (s *Service) laterRule(ctx context.Context, it catalog.Item, region string) (LaterRule, error) {
	all, err := s.laterRules(ctx)
	if err != nil {
		return LaterRule{}, err
	}
	best, near := builtinLater, -1
	for _, r := range all {
		n := len(RegionPrefix(r.Region))
		if n > near && (r.Region == region || s.Offices.Within(ctx, region, r.Region)) {
			best, near = r, n
		}
	}
	if w := it.Later.Within; w.N > 0 {
		best.N, best.Unit = w.N, w.Unit
	}
	if it.Later.Clock != "" {
		best.Clock = it.Later.Clock
	}
	return best, nil
}

func (r LaterRule) period() clock.Period { return clock.Period{N: r.N, Unit: r.Unit} }

// laterData is what an applicant promised to hand in after the acceptance, with the rule that held then.
type laterData struct {
	Materials   []string   `json:"materials"`
	N           int        `json:"n"`
	Unit        clock.Unit `json:"unit"`
	Waits       bool       `json:"waits,omitempty"`
	AfterResult bool       `json:"after_result,omitempty"`
	Credit      bool       `json:"credit,omitempty"`
}

type suppliedData struct {
	Materials []string `json:"materials"`
}

// owing is what the events say of materials that follow the acceptance.
type owing struct {
	laterData
	missing []string  // not handed in yet
	from    time.Time // of the acceptance; zero before it
	stop    int       // which stop of the clock waits for them, from 1; 0: none
}

// owe takes a promise over; a later submission takes the place of an earlier one.
func (r *replayed) owe(e Event) {
	var d laterData
	_ = json.Unmarshal(e.Data, &d) // written by us
	r.later = owing{laterData: d, missing: slices.Clone(d.Materials)}
}

// oweFrom lets the time to supply run from the acceptance as it was recorded: a deemed one is dated back, and nobody can supply in the past.
func (r *replayed) oweFrom(e Event) {
	if len(r.later.missing) == 0 {
		return
	}
	if r.later.from = e.Recorded; r.later.from.IsZero() {
		r.later.from = e.At
	}
	if r.later.Waits {
		r.stops = append(r.stops, clock.Stop{From: r.later.from})
		r.later.stop = len(r.stops)
	}
}

// supplied takes materials off the list; with the last one the clock runs on.
func (r *replayed) supplied(e Event) {
	var d suppliedData
	_ = json.Unmarshal(e.Data, &d)
	r.later.missing = slices.DeleteFunc(r.later.missing, func(m string) bool { return slices.Contains(d.Materials, m) })
	if n := r.later.stop; len(r.later.missing) == 0 && n > 0 && n <= len(r.stops) {
		r.stops[n-1].To, r.later.stop = e.At, 0
	}
}

// laterDue is when the missing materials are due.
func (r replayed) laterDue(cal clock.Calendar) time.Time {
	var c Clock
	if len(r.later.missing) == 0 {
		return time.Time{}
	}
	return c.run(r.later.from, clock.Period{N: r.later.N, Unit: r.later.Unit}, nil, cal, false)
}

// owing gives what is missing now; what was promised and not yet accepted counts.
func (w *work) owing() owing { return replay(w.events).later }

// owes reports whether a material was accepted as missing and has not come.
func (w *work) owes(material string) bool {
	o := w.owing()
	return !o.from.IsZero() && slices.Contains(o.missing, material)
}

// laterOverdue reports whether the promise was not kept in time.
func (w *work) laterOverdue() bool { return passed(w.now, replay(w.events).laterDue(w.cal)) }

// withheld is why a result cannot go out: something that was promised is missing, and the item does not let it follow the result (后补).
func (w *work) withheld() error {
	o := w.owing()
	if len(o.missing) == 0 || o.AfterResult {
		return nil
	}
	return errs.New(errs.Conflict, "cases.withheld", errs.P{"materials": w.materialNames(o.missing)})
}

func (w *work) materialNames(keys []string) string {
	var out []string
	for _, m := range w.item.Materials {
		if slices.Contains(keys, m.Key) {
			out = append(out, m.Name)
		}
	}
	return strings.Join(out, "、")
}

// Owed is one material that was to follow the acceptance.
type Owed struct {
	Material string    `json:"material"`
	Name     string    `json:"name"`
	Due      time.Time `json:"due,omitzero"`      // zero before the acceptance
	Supplied time.Time `json:"supplied,omitzero"` // zero while it is missing
	Overdue  bool      `json:"overdue,omitempty"`
}

// owed lists what was promised with the last submission, and what came of it.
func (w *work) owed() []Owed {
	r := replay(w.events)
	came := map[string]time.Time{}
	for _, e := range w.events {
		var d suppliedData
		switch e.Kind {
		case EventLater:
			clear(came)
		case EventSupplied:
			_ = json.Unmarshal(e.Data, &d)
			for _, m := range d.Materials {
				came[m] = e.At
			}
		}
	}
	var out []Owed
	due := r.laterDue(w.cal)
	for _, key := range r.later.Materials {
		o := Owed{Material: key, Name: w.materialNames([]string{key}), Supplied: came[key]}
		if slices.Contains(r.later.missing, key) {
			o.Due, o.Overdue = due, passed(w.now, due)
		}
		out = append(out, o)
	}
	return out
}

// informAccepted tells that the application was accepted, and what is missing of it and by when.
func (w *work) informAccepted() {
	o := w.owing()
	if len(o.missing) == 0 {
		w.inform("case.accepted", nil)
		return
	}
	w.inform("case.accepted_later", w.laterWords(o))
}

// acceptPaper is the acceptance in writing; where materials are missing it names them (容缺受理通知书).
func (w *work) acceptPaper() {
	o := w.owing()
	if len(o.missing) == 0 {
		w.paper("accept", nil)
		return
	}
	words := w.laterWords(o)
	w.paper("accept_later", map[string]string{"materials": words["reason"], "reason": words["limit"]})
}

func (w *work) laterWords(o owing) map[string]string {
	return map[string]string{"reason": w.materialNames(o.missing), "limit": periodCN(clock.Period{N: o.N, Unit: o.Unit})}
}

// endsLater forgives what is missing of a case that ended without a result; where there is one, the promise outlives it.
func (r *replayed) endsLater(e Event) {
	switch e.Kind {
	case EventDelivered, EventConcluded, EventArchived:
	default:
		r.later.missing = nil
	}
}
