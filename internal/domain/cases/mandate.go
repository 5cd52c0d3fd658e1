package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/clock"
)

// mandated reports whether the actor comes to the case through a mandate: for the person or firm it belongs to, not as that person.
func mandated(a authz.Actor, r record) bool {
	if a.MandateID == "" || a.PersonID == "" {
		return false
	}
	if r.ApplicantKind == ByFirm {
		return a.FirmID != "" && r.FirmID == a.FirmID
	}
	return a.FirmID == "" && a.ForPerson != "" && r.PersonID == a.ForPerson && r.PersonID != a.PersonID
}

// forOther is the actor's principal as an Acting record names it; kind is empty while somebody acts for themself or as legal representative.
func forOther(a authz.Actor) (kind, id string) {
	switch {
	case a.MandateID == "":
		return "", ""
	case a.FirmID != "":
		return ByFirm, a.FirmID
	case a.ForPerson != "":
		return ByPerson, a.ForPerson
	}
	return "", ""
}

// applicantOf is the person a personal application belongs to: the one acted for, else who is signed in.
func applicantOf(a authz.Actor) string {
	if kind, id := forOther(a); kind == ByPerson {
		return id
	}
	return a.PersonID
}

// ownersOf are the names under which drafts are kept that the actor may write on. What is begun under a mandate is kept for the one acted for,
// who finds it there when the mandate has ended.
func ownersOf(a authz.Actor) []string {
	if a.PersonID != "" && a.FirmID != "" && a.MandateID == "" {
		return []string{ownerOf(a), ByFirm + ":" + a.FirmID}
	}
	return []string{ownerOf(a)}
}

// takes checks that the mandate covers one of the acts on the item, and that the session's identity level suffices for it. Errors:
// cases.out_of_scope_person and _firm{act, item, covers}, base.level_needed{need}.
func (w *work) takes(ctx context.Context, acts ...string) error {
	if !w.covers(acts...) {
		return w.s.outOfScope(ctx, w.actor, acts[0], w.was.ItemName)
	}
	return levelFor(w.actor, w.item.LevelFor(acts[0]))
}

func (w *work) covers(acts ...string) bool {
	return !w.mandated || slices.ContainsFunc(acts, func(act string) bool { return w.actor.Scope.Covers(act, w.was.ItemKey) })
}

// levelFor is the error that leads through a step-up and back; staff and programs have no identity level.
func levelFor(a authz.Actor, need int) error {
	if a.PersonID != "" && a.Level < need {
		return errs.New(errs.Forbidden, "base.level_needed", errs.P{"need": need})
	}
	return nil
}

// outOfScope says what the mandate covers, and who can widen it.
func (s *Service) outOfScope(ctx context.Context, a authz.Actor, act, item string) error {
	p := errs.P{"act": i18n.Key("cases.mandate_" + act), "item": item, "covers": s.scopeWords(ctx, a.Scope)}
	kind, _ := forOther(a)
	return errs.New(errs.Forbidden, "cases.out_of_scope_"+kind, p)
}

// scopeWords puts a scope in words: the acts, and the items by their names.
func (s *Service) scopeWords(ctx context.Context, sc *authz.Scope) string {
	var acts, items []string
	for _, act := range authz.ScopeActs {
		if sc.Covers(act, "") {
			acts = append(acts, i18n.T(ctx, "cases.mandate_"+act))
		}
	}
	for _, key := range sc.Items {
		if key == "*" {
			items = []string{i18n.T(ctx, "cases.mandate_all_items")}
			break
		}
		name := key // an item that is no longer offered
		if it, err := s.Items.Item(ctx, key); err == nil {
			name = it.Name
		}
		items = append(items, name)
	}
	if len(acts) == 0 || len(items) == 0 {
		return i18n.T(ctx, "cases.mandate_nothing")
	}
	comma := i18n.T(ctx, "cases.mandate_comma")
	return i18n.T(ctx, "cases.mandate_covers", errs.P{"acts": strings.Join(acts, comma), "items": strings.Join(items, comma)})
}

var (
	undecided = "state IN ('draft', 'pre_review', 'submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended', 'refused', 'withdrawn', 'terminated')"
	decided   = "state IN ('decided', 'certified', 'delivered', 'concluded', 'archived')"
)

var afterDecision = []State{Decided, Certified, Delivered, Concluded, Archived}

// readable: who may view sees everything; who applies sees the application until it is decided, who collects sees it from then on.
func (w *work) readable(ctx context.Context) error {
	if w.view != asOwner || w.actor.PersonID == "" {
		return nil
	}
	if slices.Contains(afterDecision, w.was.State) {
		return w.takes(ctx, authz.ActView, authz.ActCollect)
	}
	return w.takes(ctx, authz.ActView, authz.ActApply)
}

// underScope narrows a list to what a mandate lets its holder read.
func (c *conditions) underScope(s *authz.Scope) {
	if s == nil {
		return
	}
	if !slices.Contains(s.Items, "*") {
		cond, args := in("item_key", s.Items)
		c.add(cond, args...)
	}
	if s.Covers(authz.ActView, "") {
		return
	}
	parts := []string{"1 = 0"}
	if s.Covers(authz.ActApply, "") {
		parts = append(parts, undecided)
	}
	if s.Covers(authz.ActCollect, "") {
		parts = append(parts, decided)
	}
	c.add("(" + strings.Join(parts, " OR ") + ")")
}

// readForOther puts on record that the holder of a mandate read the case: the one acted for sees it among who saw their data.
func (w *work) readForOther(ctx context.Context, what string) error {
	if !w.mandated {
		return nil
	}
	if w.c.State != Draft && w.c.State != Correction { // who writes on an application looks at it all the time
		err := w.s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			y, m, d := w.now.In(clock.Shanghai).Date()
			first, err := alarmTx(ctx, tx, w.c.ID, "viewed."+w.actor.PersonID, time.Date(y, m, d, 0, 0, 0, 0, clock.Shanghai).UnixMilli())
			if err != nil || !first {
				return err
			}
			return w.s.actedTx(ctx, tx, w, string(actView))
		})
		if err != nil {
			return err
		}
	}
	return w.s.Audit.Read(ctx, w.s.readEntry(w.actor, w.c.Case, what))
}

// actedTx tells the one acted for, in the transaction of the act.
func (s *Service) actedTx(ctx context.Context, tx *db.Tx, w *work, act string) error {
	if !w.mandated {
		return nil
	}
	kind, id := forOther(w.actor)
	return event.Publish(ctx, tx, w.now, ActedEvent{
		CaseID: w.c.ID, ItemKey: w.c.ItemKey, Act: act, Scope: scopeOf(act), ByPerson: w.actor.PersonID, ForKind: kind, ForID: id, MandateID: w.actor.MandateID, At: w.now,
	})
}

// scopeOf says which part of a mandate an act uses.
func scopeOf(act string) string {
	switch Act(act) {
	case ActDeliver:
		return authz.ActCollect
	case actView:
		return authz.ActView
	case actSign:
		return authz.ActSign
	}
	return authz.ActApply
}

// Acts under a mandate that are no acts on the case.
const (
	actView Act = "view"
	actSign Act = "sign"
)

// auditTx writes the record of an act that is no transition, and tells the one acted for.
func (w *work) auditTx(ctx context.Context, tx *db.Tx, act Act) error {
	if err := w.s.actedTx(ctx, tx, w, string(act)); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, w.now, w.actEntry(act))
}

// sends notes who sends an application that is written on line: it may be another one than who began it.
func (w *work) sends() {
	if w.c.Channel != Online || w.actor.PersonID == "" {
		return
	}
	w.c.ActingID, w.c.MandateID = "", ""
	if w.mandated {
		w.c.ActingID, w.c.MandateID = w.actor.PersonID, w.actor.MandateID
	}
	if w.c.ApplicantKind == ByFirm {
		w.c.PersonID = w.actor.PersonID
	}
}

// Acted is one thing done in an applicant's name by somebody else.
type Acted struct {
	At  time.Time
	Act Act
	By  string // name
}

// actedFor lists what others did in the applicant's name; consecutive saves are one.
func (w *work) actedFor(ctx context.Context) ([]Acted, error) {
	hs, err := findHistory(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return nil, err
	}
	own, names := "person:"+w.c.PersonID, map[string]string{}
	var out []Acted
	last := HistoryEntry{}
	for _, h := range hs {
		id, person := strings.CutPrefix(h.By, "person:")
		if !person || w.c.ApplicantKind == ByPerson && h.By == own || h.Act == string(ActSave) && last.Act == h.Act && last.By == h.By {
			last = h
			continue
		}
		last = h
		if _, ok := names[id]; !ok {
			p, err := w.s.People.Person(ctx, id)
			if err != nil {
				return nil, err
			}
			names[id] = p.Name
		}
		out = append(out, Acted{At: h.At, Act: Act(h.Act), By: names[id]})
	}
	return out, nil
}
