package crash

import (
	"math/rand/v2"
	"slices"
)

// The model: what may happen to a food licence, written from the law and the flow of the item, not from the program. Whatever the program has let
// happen must be a path through it.

// may says which act leads where.
var may = map[string]map[string]string{
	"submitted":  {"receive": "received", "accept": "accepted", "refuse_acceptance": "refused", "request_correction": "correction", "withdraw": "withdrawn", "void": "voided", "transfer": "transferred"},
	"received":   {"accept": "accepted", "refuse_acceptance": "refused", "request_correction": "correction", "withdraw": "withdrawn", "void": "voided", "transfer": "transferred"},
	"correction": {"resubmit": "submitted", "save": "correction", "withdraw": "withdrawn", "void": "voided"},
	"accepted":   {"take_up": "reviewing", "opinion": "reviewing", "suspend": "suspended", "extend": "accepted", "terminate": "terminated", "withdraw": "withdrawn", "void": "voided", "transfer": "transferred"},
	"reviewing": {
		"take_up": "reviewing", "release": "reviewing", "opinion": "reviewing", "inspect": "reviewing", "decide": "decided", "suspend": "suspended", "extend": "reviewing", "terminate": "terminated",
		"withdraw": "withdrawn", "void": "voided", "transfer": "transferred",
	},
	"suspended": {"resume": "reviewing", "terminate": "terminated", "withdraw": "withdrawn"},
}

// taken are the states in which a step can be taken up before anything is accepted; that changes no state.
var taken = []string{"submitted", "received"}

// leads reports whether the model lets an act lead from one state to another. A grant makes the licence in the same act.
func leads(from, act, to string) bool {
	if (act == "take_up" || act == "release") && slices.Contains(taken, from) {
		return to == from
	}
	want := may[from][act]
	return want != "" && (want == to || want == "decided" && to == "certified")
}

// officers of the agency; who else appears in a history but the applicant, the window of the hall and the program is a fault.
var (
	receivers = []string{"staff:su-qing", "staff:he-jing", "staff:zhou-min", "staff:feng-li"}
	reviewers = []string{"staff:zhou-min", "staff:feng-li"}
	agency    = []string{"staff:su-qing", "staff:zhou-min", "staff:feng-li", "staff:lu-zheng"}
)

// who says who may do an act; applicants' acts are the owner's alone.
var who = map[string][]string{
	"receive": receivers, "accept": receivers, "refuse_acceptance": receivers, "request_correction": receivers, "take_up": append([]string{"staff:lu-zheng", "staff:he-jing"}, agency...),
	"release": append([]string{"staff:he-jing"}, agency...), "opinion": agency, "inspect": reviewers, "decide": {"staff:lu-zheng"}, "suspend": agency, "resume": agency, "extend": agency,
	"terminate": agency, "transfer": append([]string{"staff:he-jing"}, agency...), "void": append([]string{"staff:he-jing"}, agency...),
}

// everybody who tries: the applicant, the officers, the hall's window, an officer of another agency and somebody else's firm.
var everybody = []string{"person:19900000101", "staff:su-qing", "staff:he-jing", "staff:zhou-min", "staff:feng-li", "staff:lu-zheng", "staff:wei-chun", "person:19900000107"}

// try is an act somebody may or may not do.
type try struct {
	act  string // as cases_history calls it
	path string // after /api/v1/cases/{id}/
	body func(rng *rand.Rand) map[string]any
}

func words(rng *rand.Rand) string {
	return "第" + string(rune('一'+rng.IntN(9000))) + "次说明的理由"
}

func with(kv ...any) func(*rand.Rand) map[string]any {
	return func(rng *rand.Rand) map[string]any {
		out := map[string]any{"reason": words(rng)}
		for i := 0; i+1 < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1]
		}
		return out
	}
}

func bare(*rand.Rand) map[string]any { return map[string]any{} }

func passed(by ...string) map[string]any {
	results := map[string]any{}
	for _, k := range []string{"site", "layout", "washing", "disinfection", "special_room", "supply_water"} {
		results[k] = map[string]any{"pass": true}
	}
	return map[string]any{"officers": by, "results": results, "conclusion": "现场与申请一致。"}
}

func said(outcome string) func(*rand.Rand) map[string]any {
	return func(rng *rand.Rand) map[string]any { return map[string]any{"outcome": outcome, "text": words(rng)} }
}

// forward are the acts of a case that goes well; aside are the others. Both are tried at any time, by anybody.
var (
	forward = []try{
		{"receive", "acts/receive", bare},
		{"accept", "acts/accept", bare},
		{"take_up", "acts/take-up", bare},
		{"opinion", "acts/opinion", said("pass")},
		{"inspect", "acts/inspection", func(*rand.Rand) map[string]any { return passed("zhou-min", "feng-li") }},
		{"decide", "acts/decision", func(*rand.Rand) map[string]any { return map[string]any{"outcome": "grant"} }},
	}
	aside = []try{
		{"request_correction", "acts/correction", func(*rand.Rand) map[string]any {
			return map[string]any{"defects": []map[string]string{{"kind": "field", "key": "shop_area", "text": "面积与平面图不一致，请核对后改正。"}}}
		}},
		{"resubmit", "resubmit", bare},
		{"withdraw", "withdraw", bare},
		{"refuse_acceptance", "acts/refuse-acceptance", with("ground", "not_needed")},
		{"decide", "acts/decision", with("outcome", "refuse", "basis", "食品安全法第三十三条")},
		{"opinion", "acts/opinion", said("fail")},
		{"release", "acts/release", bare},
		{"suspend", "acts/suspend", with("ground", "testing", "n", 3, "unit", "workday")},
		{"resume", "acts/resume", func(rng *rand.Rand) map[string]any { return map[string]any{"result": words(rng)} }},
		{"extend", "acts/extend", with()},
		{"terminate", "acts/terminate", with("ground", "dead")},
		{"void", "acts/void", with("ground", "duplicate")},
		{"transfer", "acts/transfer", with("ground", "upper_agency", "to", "清澜市市场监督管理局")},
		{"inspect", "acts/inspection", func(*rand.Rand) map[string]any { return passed("zhou-min") }}, // one officer is no inspection
	}
)

// choose gives an act and who tries it: mostly what leads on by who may, often anything by anybody.
func choose(rng *rand.Rand, state string) (try, string) {
	if rng.IntN(3) > 0 {
		var good []try
		for _, x := range forward {
			if may[state][x.act] != "" {
				good = append(good, x)
			}
		}
		if state == "correction" {
			good = append(good, aside[1])
		}
		if state == "suspended" {
			good = append(good, aside[8])
		}
		if len(good) > 0 {
			x := good[rng.IntN(len(good))]
			by := everybody[0]
			if all := who[x.act]; len(all) > 0 {
				by = all[rng.IntN(len(all))]
			}
			return x, by
		}
	}
	all := slices.Concat(forward, aside)
	if rng.IntN(4) > 0 { // ends are rarer than the rest, or no case would get far
		all = slices.Concat(forward, aside[:2], aside[5:10])
	}
	return all[rng.IntN(len(all))], everybody[rng.IntN(len(everybody))]
}
