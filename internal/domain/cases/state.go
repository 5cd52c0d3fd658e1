package cases

import (
	"maps"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// State is the statutory state of a case.
type State string

// The states. Decided carries an Outcome; a refusal too is delivered, concluded and archived. Refused is the refusal to accept (不予受理).
const (
	Draft       State = "draft"
	Prechecking State = "pre_review" // 预审: nothing is applied for yet
	Submitted   State = "submitted"
	Received    State = "received"
	Correction  State = "correction"
	Accepted    State = "accepted"
	Reviewing   State = "reviewing"
	Suspended   State = "suspended"
	Decided     State = "decided"
	Certified   State = "certified"
	Delivered   State = "delivered"
	Concluded   State = "concluded"
	Archived    State = "archived"
	Refused     State = "refused"
	Withdrawn   State = "withdrawn"
	Terminated  State = "terminated"  // 终止办理
	Lapsed      State = "lapsed"      // 逾期未补正
	Transferred State = "transferred" // 转报、移送
	Voided      State = "voided"      // 作废
)

// States lists every state.
var States = []State{Draft, Prechecking, Submitted, Received, Correction, Accepted, Reviewing, Suspended, Decided, Certified, Delivered, Concluded, Archived, Refused, Withdrawn, Terminated, Lapsed, Transferred, Voided}

// Outcome is what was decided.
type Outcome string

// The outcomes of a decision.
const (
	Grant  Outcome = "grant"
	Partly Outcome = "partly"
	Refuse Outcome = "refuse"
)

// Act is something that is done to a case and may change its state.
type Act string

// The acts.
const (
	ActSave        Act = "save" // a draft or an application under correction is written on
	ActSubmit      Act = "submit"
	ActEnter       Act = "enter" // a case handled on paper is recorded
	ActReceive     Act = "receive"
	ActAccept      Act = "accept"
	ActDeem        Act = "deem_accepted" // 行政许可法 第三十二条第一款第四项
	ActRefuse      Act = "refuse_acceptance"
	ActCorrect     Act = "request_correction"
	ActResubmit    Act = "resubmit"
	ActTakeUp      Act = "take_up"
	ActRelease     Act = "release" // what was taken up is given back to the post
	ActAssign      Act = "assign"  // a piece of work is given to a colleague
	ActInspect     Act = "inspect"
	ActOpinion     Act = "opinion"
	ActDecide      Act = "decide"
	ActOnTheSpot   Act = "decide_on_the_spot" // accept, check and decide in one act
	ActCertify     Act = "certify"
	ActDeliver     Act = "deliver"
	ActConclude    Act = "conclude"
	ActArchive     Act = "archive"
	ActSuspend     Act = "suspend" // 行政许可法 第四十五条
	ActResume      Act = "resume"
	ActExtend      Act = "extend" // 行政许可法 第四十二条
	ActTerminate   Act = "terminate"
	ActLapse       Act = "lapse"
	ActTransfer    Act = "transfer"
	ActVoid        Act = "void"
	ActSupply      Act = "supply"        // what was promised for after the acceptance is handed in
	ActFollow      Act = "check_promise" // what the check of a promise found
	ActConsult     Act = "consult"       // another agency is asked
	ActAnswer      Act = "answer_consult"
	ActSilence     Act = "silence" // silence takes the place of an answer
	ActRecall      Act = "withdraw_consult"
	ActExperts     Act = "name_experts"
	ActExpertise   Act = "expert_conclusion"
	ActDelegate    Act = "delegate"  // work is handed over for a time
	ActLentBack    Act = "lent_back" // and comes back
	ActMigrate     Act = "migrate"   // a running case goes over to another version
	ActWithdraw    Act = "withdraw"
	ActMarkChecked Act = "mark_original" // the original of a material was seen
	// Before anything is applied for (预审), and before acceptance (当场更正, 行政许可法 第三十二条).
	ActAskPrecheck      Act = "ask_pre_review"
	ActAnswerPrecheck   Act = "answer_pre_review"
	ActTakeBackPrecheck Act = "take_back_pre_review"
	ActSpot             Act = "correct_on_the_spot"
)

// The acts after a decision (act_revoke.go, act_rectify.go, act_after_deemed.go).
const (
	ActAnnounce Act = "announce_revocation" // 事先告知，听取陈述申辩
	ActRevoke   Act = "revoke"              // 撤回、撤销、吊销、注销
	ActRectify  Act = "rectify"             // 更正
	ActRenewed  Act = "deem_renewed"        // 行政许可法 第五十条第二款
)

// Acts lists every act.
var Acts = []Act{ActSave, ActSubmit, ActEnter, ActReceive, ActAccept, ActDeem, ActRefuse, ActCorrect, ActResubmit, ActTakeUp, ActRelease, ActAssign, ActInspect, ActOpinion, ActDecide, ActOnTheSpot, ActCertify, ActDeliver, ActConclude, ActArchive, ActSuspend, ActResume, ActExtend, ActTerminate, ActLapse, ActTransfer, ActVoid, ActWithdraw, ActMarkChecked, ActSupply, ActFollow, ActAskPrecheck, ActAnswerPrecheck, ActTakeBackPrecheck, ActSpot, ActConsult, ActAnswer, ActSilence, ActRecall, ActExperts, ActExpertise, ActDelegate, ActLentBack, ActMigrate, ActAnnounce, ActRevoke, ActRectify, ActRenewed}

// table is the one transition table: in which state an act may be done, and the state after it. What is not here is refused. Taking up and
// judging a case begins the review by itself, so Accepted leads to Reviewing.
var table = map[State]map[Act]State{
	Draft:       {ActAskPrecheck: Prechecking, ActSave: Draft, ActSubmit: Submitted, ActEnter: Submitted, ActMarkChecked: Draft},
	Prechecking: {ActAnswerPrecheck: Draft, ActTakeBackPrecheck: Draft},
	Submitted: {
		ActRenewed: Decided,
		ActMigrate: Submitted, ActLentBack: Submitted,
		ActSpot:    Submitted,
		ActReceive: Received, ActAccept: Accepted, ActDeem: Accepted, ActRefuse: Refused, ActCorrect: Correction, ActOnTheSpot: Decided,
		ActTakeUp: Submitted, ActRelease: Submitted, ActAssign: Submitted, ActTransfer: Transferred, ActVoid: Voided, ActWithdraw: Withdrawn, ActMarkChecked: Submitted,
	},
	Received: {
		ActRenewed: Decided,
		ActMigrate: Received, ActLentBack: Received,
		ActSpot:   Received,
		ActAccept: Accepted, ActDeem: Accepted, ActRefuse: Refused, ActCorrect: Correction, ActOnTheSpot: Decided, ActTakeUp: Received, ActRelease: Received, ActAssign: Received,
		ActTransfer: Transferred, ActVoid: Voided,
		ActWithdraw: Withdrawn, ActMarkChecked: Received,
	},
	Correction: {ActSave: Correction, ActResubmit: Submitted, ActLapse: Lapsed, ActVoid: Voided, ActWithdraw: Withdrawn, ActMarkChecked: Correction},
	Accepted: {
		ActRenewed: Decided,
		ActConsult: Reviewing, ActAnswer: Reviewing, ActSilence: Reviewing, ActRecall: Reviewing, ActExperts: Reviewing, ActExpertise: Reviewing, ActDelegate: Reviewing, ActLentBack: Accepted, ActMigrate: Accepted,
		ActSupply: Accepted,
		ActTakeUp: Reviewing, ActAssign: Accepted, ActInspect: Reviewing, ActOpinion: Reviewing, ActDecide: Decided, ActWithdraw: Withdrawn,
		ActSuspend: Suspended, ActExtend: Accepted, ActTerminate: Terminated, ActTransfer: Transferred, ActVoid: Voided, ActMarkChecked: Accepted,
	},
	Reviewing: {
		ActRenewed: Decided,
		ActConsult: Reviewing, ActAnswer: Reviewing, ActSilence: Reviewing, ActRecall: Reviewing, ActExperts: Reviewing, ActExpertise: Reviewing, ActDelegate: Reviewing, ActLentBack: Reviewing, ActMigrate: Reviewing,
		ActSupply: Reviewing,
		ActTakeUp: Reviewing, ActRelease: Reviewing, ActAssign: Reviewing, ActInspect: Reviewing, ActOpinion: Reviewing, ActDecide: Decided,
		ActSuspend: Suspended, ActExtend: Reviewing, ActTerminate: Terminated, ActTransfer: Transferred, ActVoid: Voided, ActWithdraw: Withdrawn,
		ActMarkChecked: Reviewing,
	},
	Suspended: {
		ActRenewed: Decided,
		ActConsult: Suspended, ActAnswer: Suspended, ActSilence: Suspended, ActRecall: Suspended, ActExperts: Suspended, ActExpertise: Suspended, ActLentBack: Suspended, ActMigrate: Suspended,
		ActSupply: Suspended, ActResume: Reviewing, ActTerminate: Terminated, ActWithdraw: Withdrawn,
	},
	Decided:   {ActAnnounce: Decided, ActRevoke: Decided, ActRectify: Decided, ActSupply: Decided, ActFollow: Decided, ActCertify: Certified, ActDeliver: Delivered},
	Certified: {ActAnnounce: Certified, ActRevoke: Certified, ActRectify: Certified, ActSupply: Certified, ActFollow: Certified, ActDeliver: Delivered},
	Delivered: {ActAnnounce: Delivered, ActRevoke: Delivered, ActRectify: Delivered, ActSupply: Delivered, ActFollow: Delivered, ActConclude: Concluded},
	Concluded: {ActAnnounce: Concluded, ActRevoke: Concluded, ActRectify: Concluded, ActSupply: Concluded, ActFollow: Concluded, ActArchive: Archived},
	Archived:  {ActAnnounce: Archived, ActRevoke: Archived, ActRectify: Archived},
	Refused:   {ActArchive: Archived},
	Withdrawn: {ActArchive: Archived}, Terminated: {ActArchive: Archived}, Lapsed: {ActArchive: Archived}, Transferred: {ActArchive: Archived},
	Voided: {ActArchive: Archived},
}

// next gives the state after an act, or errs.Conflict cases.not_now, which names the state and what can be done in it.
func next(from State, a Act) (State, error) {
	if to, ok := table[from][a]; ok {
		return to, nil
	}
	return from, errs.New(errs.Conflict, "cases.not_now", errs.P{
		"act": i18n.Key("cases.act_" + string(a)), "state": i18n.Key("cases.state_" + string(from)),
		"can": i18n.Key("cases.can_" + string(from)),
	})
}

// ActsIn gives the acts a state allows, sorted.
func ActsIn(s State) []Act { return slices.Sorted(maps.Keys(table[s])) }

// Open reports whether the case still waits for an act of the agency or the applicant.
func (s State) Open() bool {
	switch s {
	case Draft, Concluded, Archived, Refused, Withdrawn, Terminated, Lapsed, Transferred, Voided:
		return false
	}
	return true
}

// Key is the text key of the state's name.
func (s State) Key() string { return "cases.state_" + string(s) }

// Key is the text key of the outcome's name.
func (o Outcome) Key() string { return "cases.outcome_" + string(o) }

// Key is the text key of the act's name.
func (a Act) Key() string { return "cases.act_" + string(a) }
