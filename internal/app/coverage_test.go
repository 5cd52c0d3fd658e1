package app_test

import (
	"slices"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/domain/cases"
)

// operationOf names the operations of /api/v1 by which people and officers do an act. An act that is in neither list is a decision still to be made.
var operationOf = map[cases.Act][]string{
	cases.ActSave:        {"create-draft", "save-draft", "create-window-draft", "save-window-draft"},
	cases.ActSubmit:      {"submit-draft", "submit-window-draft"},
	cases.ActEnter:       {"enterCase"},
	cases.ActReceive:     {"case-receive"},
	cases.ActAccept:      {"case-accept"},
	cases.ActRefuse:      {"case-refuse-acceptance"},
	cases.ActCorrect:     {"case-correction"},
	cases.ActResubmit:    {"resubmit-case", "resubmit-window-draft"},
	cases.ActTakeUp:      {"case-take-up"},
	cases.ActRelease:     {"case-release"},
	cases.ActAssign:      {"case-assign"},
	cases.ActInspect:     {"case-inspection", "attach-photo"},
	cases.ActOpinion:     {"case-opinion"},
	cases.ActDecide:      {"case-decision"},
	cases.ActOnTheSpot:   {"case-decision"}, // on_the_spot
	cases.ActDeliver:     {"case-delivery", "collect-case", "attach-taken"},
	cases.ActSuspend:     {"case-suspend"},
	cases.ActResume:      {"case-resume"},
	cases.ActExtend:      {"case-extend"},
	cases.ActTerminate:   {"case-terminate"},
	cases.ActLapse:       {"case-lapse"},
	cases.ActTransfer:    {"case-transfer"},
	cases.ActVoid:        {"case-void"},
	cases.ActSupply:      {"case-supply", "supply-case"},
	cases.ActFollow:      {"case-check-promise"},
	cases.ActWithdraw:    {"withdraw-case"},
	cases.ActMarkChecked: {"mark-original"},

	cases.ActAskPrecheck:      {"ask-pre-review"},
	cases.ActAnswerPrecheck:   {"case-pre-review"},
	cases.ActTakeBackPrecheck: {"take-back-pre-review"},
	cases.ActSpot:             {"case-correct-on-the-spot"},
	cases.ActConsult:          {"case-consult"},
	cases.ActAnswer:           {"case-answer-consult"},
	cases.ActRecall:           {"case-withdraw-consult"},
	cases.ActExperts:          {"case-name-experts"},
	cases.ActExpertise:        {"case-expert-conclusion"},
	cases.ActDelegate:         {"case-delegate"},
	cases.ActMigrate:          {"case-migrate", "case-migration"},
	cases.ActAnnounce:         {"case-announce-revocation"},
	cases.ActRevoke:           {"case-revoke"},
	cases.ActRectify:          {"case-rectify", "case-after"},
}

// nobodys are acts that nobody does by hand, and why.
var nobodys = map[cases.Act]string{
	cases.ActDeem:     "the law does it when nobody answered in time (行政许可法 第三十二条)",
	cases.ActCertify:  "done in the transaction of the decision",
	cases.ActConclude: "done with the delivery",
	cases.ActArchive:  "done by a job after the retention of the open file",
	cases.ActSilence:  "the end of an agency's time to answer does it, where the flow says what silence means",
	cases.ActLentBack: "the end of the time for which work was handed over does it",
	cases.ActRenewed:  "the law does it when nobody decided before the licence ended (行政许可法 第五十条)",
}

// beside are operations on cases that are no acts, and on what grows out of them.
var beside = []string{
	"list-cases", "get-case", "get-receipt", "lookup-case", "inbox", "inbox-counts", "region-cases", "get-case-file", "reveal", "draft-ready", "sign-draft", "choose-draft", "choose-window-draft", "delete-draft",
	"attach-material", "attach-window-material", "remove-material", "reusable-licences", "use-licence", "use-window-licence", "get-window-receipt",
	"list-credit", "search-credit", "get-credit", "enter-credit", "decide-credit-repair", "my-credit", "ask-credit-repair",
	"stuck-elsewhere", "settle-event-elsewhere", "settle-message-elsewhere", "reconcile-elsewhere",
	"govstack-services", "govstack-service", "govstack-service-eforms", "govstack-eform", "govstack-file", "govstack-document", "govstack-applications", "govstack-application", "govstack-answer", "govstack-tasks",
	"govstack-task", "govstack-complete", "govstack-statistics",
}

// TestEverythingByAPI: each act a person or officer can do on a case has an operation, and the document names it.
func TestEverythingByAPI(t *testing.T) {
	c := startCity(t, "sqlite")
	c.visitor(t).Get("/healthz", 200) // it listens: a server that is stopped while it starts complains
	var have []string
	for _, item := range c.API.Spec().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				have = append(have, op.OperationID)
			}
		}
	}
	want := slices.Clone(beside)
	for _, a := range cases.Acts {
		ops, reason := operationOf[a], nobodys[a]
		if (len(ops) == 0) == (reason == "") {
			t.Errorf("the act %s: operations %v, reason for none %q: exactly one is needed", a, ops, reason)
		}
		want = append(want, ops...)
	}
	for _, id := range want {
		if !slices.Contains(have, id) {
			t.Errorf("there is no operation %s", id)
		}
	}
	slices.Sort(have)
	if twice := slices.Compact(slices.Clone(have)); len(twice) != len(have) {
		t.Errorf("an operation id is used twice: %v", have)
	}
}
