package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/credit"
	"tongban/internal/engine/flow"
)

// The grounds on which a case ends without a decision, by act.
var endGrounds = map[Act][]string{
	ActTerminate: {"dead", "dissolved", "object_gone", "law_changed", "impossible", groundNotSupplied}, // the matter has lost its object, or what was promised never came
	ActLapse:     {"not_corrected"},                                                                    // a local rule: the answer to a correction notice never came
	ActTransfer:  {"upper_agency", "other_agency", "other_region"},
	ActVoid:      {"duplicate", "entered_in_error", "test"},
}

// groundNotSupplied ends a case that was accepted with materials missing which did not come in time (容缺受理).
const groundNotSupplied = "not_supplied"

// EndGrounds gives the grounds of an act that ends a case without a decision.
func EndGrounds(act Act) []string { return endGrounds[act] }

// Ending ends a case without a decision. To names who takes a case over that is transferred.
type Ending struct {
	Ground string    `json:"ground"`
	Reason string    `json:"reason"`
	To     string    `json:"to,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Terminate ends a case whose object is gone (终止办理): the applicant died or was dissolved, the law changed, or it can no longer be carried out.
func (s *Service) Terminate(ctx context.Context, a authz.Actor, id string, version int64, in Ending) (Case, error) {
	return s.end(ctx, a, id, ActTerminate, version, in, flow.Decide)
}

// Transfer passes a case on to the authority that is to decide it (转报、移送); the applicant is told which.
func (s *Service) Transfer(ctx context.Context, a authz.Actor, id string, version int64, in Ending) (Case, error) {
	return s.end(ctx, a, id, ActTransfer, version, in, flow.Accept, flow.Decide)
}

// Lapse closes an application whose correction never came (视为放弃). It is a local rule: the applicant may apply again at any time.
func (s *Service) Lapse(ctx context.Context, a authz.Actor, id string, version int64, in Ending) (Case, error) {
	return s.end(ctx, a, id, ActLapse, version, in, flow.Accept)
}

// Void strikes out a case that should never have been entered: a double, or one made in error. It stays readable.
func (s *Service) Void(ctx context.Context, a authz.Actor, id string, version int64, in Ending) (Case, error) {
	return s.end(ctx, a, id, ActVoid, version, in, flow.Accept, flow.Decide)
}

func (s *Service) end(ctx context.Context, a authz.Actor, id string, act Act, version int64, in Ending, rights ...string) (Case, error) {
	in = Ending{Ground: in.Ground, Reason: strings.TrimSpace(in.Reason), To: strings.TrimSpace(in.To)}
	return s.do(ctx, a, id, act, version, in, func(w *work) error {
		i := slices.IndexFunc(rights, w.may)
		if i < 0 {
			return noRight(rights[0])
		}
		if err := w.officer(rights[i]); err != nil {
			return err
		}
		if err := in.check(act); err != nil {
			return err
		}
		if act == ActLapse && !w.lapsed() {
			return errs.New(errs.Conflict, "cases.not_lapsed", errs.P{"days": lapseAfter})
		}
		if in.Ground == groundNotSupplied && !w.laterOverdue() {
			return errs.New(errs.Conflict, "cases.not_overdue")
		}
		if err := w.to(act); err != nil {
			return err
		}
		if in.Ground == groundNotSupplied && w.owing().Credit {
			w.discredit(credit.UnkeptLater, in.Reason, "")
		}
		w.note(endEvents[act], w.now, w.by, map[string]string{"ground": in.Ground})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayEnding, string(act), in.Ground, w.by, w.now, in)
		})
		words := map[string]string{"reason": cn("cases.end_"+in.Ground) + "：" + in.Reason, "right_authority": in.To}
		if act != ActVoid { // what was never a case of theirs needs no decision; the message says what happened
			w.paper(string(act), words)
		}
		w.inform("case."+string(w.c.State), map[string]string{"reason": words["reason"], "to": in.To})
		w.tell(func() event.Event { return EndedEvent{w.fact(), string(act), in.Ground} })
		return nil
	})
}

var endEvents = map[Act]string{ActTerminate: EventTerminated, ActLapse: EventLapsed, ActTransfer: EventTransferred, ActVoid: EventVoided}

func (in Ending) check(act Act) error {
	var fs []Finding
	if !slices.Contains(endGrounds[act], in.Ground) {
		fs = append(fs, Finding{Path: "ground", Key: "cases.choose_end"})
	}
	if in.Reason == "" {
		fs = append(fs, Finding{Path: "reason", Key: "cases.give_reason"})
	}
	if act == ActTransfer && in.To == "" {
		fs = append(fs, Finding{Path: "to", Key: "cases.name_authority"})
	}
	for path, text := range map[string]string{"reason": in.Reason, "to": in.To} {
		if len([]rune(text)) > maxWords {
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	return errs.Fields("cases.incomplete", fs)
}

// lapseAfter is how many days an applicant has at least to answer a correction notice before the agency may close the application.
const lapseAfter = 30

func (w *work) lapsed() bool {
	for _, e := range slices.Backward(w.events) {
		if e.Kind == EventCorrection {
			return w.now.After(e.At.AddDate(0, 0, lapseAfter))
		}
	}
	return false
}
