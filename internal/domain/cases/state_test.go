package cases

import (
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// TestWhatIsNotInTheTableIsRefused tries every act in every state; the table as it must be is written out once more, by act.
func TestWhatIsNotInTheTableIsRefused(t *testing.T) {
	allowed := map[Act][]State{
		ActSave: {Draft, Correction}, ActSubmit: {Draft}, ActEnter: {Draft}, ActReceive: {Submitted}, ActAccept: {Submitted, Received}, ActDeem: {Submitted, Received},
		ActRefuse: {Submitted, Received}, ActCorrect: {Submitted, Received}, ActResubmit: {Correction},
		ActTakeUp: {Submitted, Received, Accepted, Reviewing}, ActInspect: {Accepted, Reviewing}, ActOpinion: {Accepted, Reviewing}, ActDecide: {Accepted, Reviewing},
		ActOnTheSpot: {Submitted, Received}, ActCertify: {Decided}, ActDeliver: {Decided, Certified}, ActConclude: {Delivered},
		ActArchive: {Concluded, Refused, Withdrawn, Terminated, Lapsed, Transferred, Voided}, ActWithdraw: {Submitted, Received, Correction, Accepted, Reviewing, Suspended},
		ActSuspend: {Accepted, Reviewing}, ActResume: {Suspended}, ActExtend: {Accepted, Reviewing}, ActTerminate: {Accepted, Reviewing, Suspended}, ActLapse: {Correction},
		ActTransfer: {Submitted, Received, Accepted, Reviewing}, ActVoid: {Submitted, Received, Correction, Accepted, Reviewing},
		ActRelease: {Submitted, Received, Reviewing}, ActAssign: {Submitted, Received, Accepted, Reviewing},
		ActSupply: {Accepted, Reviewing, Suspended, Decided, Certified, Delivered, Concluded}, ActFollow: {Decided, Certified, Delivered, Concluded},
		ActAskPrecheck: {Draft}, ActAnswerPrecheck: {Prechecking}, ActTakeBackPrecheck: {Prechecking}, ActSpot: {Submitted, Received},
		ActMarkChecked: {Draft, Submitted, Received, Correction, Accepted, Reviewing},
	}
	after := []State{Decided, Certified, Delivered, Concluded, Archived}
	allowed[ActAnnounce], allowed[ActRevoke], allowed[ActRectify] = after, after, after
	allowed[ActRenewed] = []State{Submitted, Received, Accepted, Reviewing, Suspended}
	worked := []State{Accepted, Reviewing, Suspended}
	for _, act := range []Act{ActConsult, ActAnswer, ActSilence, ActRecall, ActExperts, ActExpertise} {
		allowed[act] = worked
	}
	allowed[ActDelegate] = []State{Accepted, Reviewing}
	allowed[ActLentBack] = append([]State{Submitted, Received}, worked...)
	allowed[ActMigrate] = allowed[ActLentBack]
	for _, act := range Acts {
		may := map[State]bool{}
		for _, s := range allowed[act] {
			may[s] = true
		}
		for _, s := range States {
			to, err := next(s, act)
			switch {
			case may[s] && err != nil:
				t.Errorf("%s in %s: %v", act, s, err)
			case !may[s] && (!errs.Is(err, "cases.not_now") || errs.KindOf(err) != errs.Conflict || to != s):
				t.Errorf("%s in %s is not refused: %s, %v", act, s, to, err)
			}
		}
	}
}

func TestEveryStateActAndPhaseHasWords(t *testing.T) {
	var keys []string
	for _, s := range States {
		_, wait := waits(s)
		keys = append(keys, s.Key(), "cases.can_"+string(s), wait)
	}
	for _, a := range Acts {
		keys = append(keys, a.Key())
	}
	for _, g := range Grounds {
		keys = append(keys, "cases.ground_"+g)
	}
	for _, g := range Specials {
		keys = append(keys, "cases.special_"+g)
	}
	for act := range endGrounds {
		for _, g := range EndGrounds(act) {
			keys = append(keys, "cases.end_"+g)
		}
	}
	for _, o := range []Outcome{Grant, Partly, Refuse} {
		keys = append(keys, o.Key())
	}
	for _, k := range keys {
		if !i18n.Has(k) {
			t.Errorf("no text for %s", k)
		}
	}
}
