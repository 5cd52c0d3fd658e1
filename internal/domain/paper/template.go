package paper

import (
	"maps"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/pdf"
)

// The acts a paper may document.
const (
	Accept           = "accept"
	Correction       = "correction"
	RefuseAcceptance = "refuse_acceptance"
	Grant            = "grant"
	Refuse           = "refuse"
	Delivery         = "delivery"
	Receipt          = "receipt"
	Inspection       = "inspection"
	Suspend          = "suspend" // 行政许可法 45
	Extend           = "extend"  // 行政许可法 42
	Terminate        = "terminate"
	Lapse            = "lapse"
	Transfer         = "transfer"
	AcceptLater      = "accept_later" // 容缺受理
	Revoke           = "revoke"       // 承诺不实
	Credit           = "credit"       // 列入失信主体名单
)

// Acts lists every act.
var Acts = []string{Accept, Correction, RefuseAcceptance, Grant, Refuse, Delivery, Receipt, Inspection, Suspend, Extend, Terminate, Lapse, Transfer, AcceptLater, Revoke, Credit}

// Template is one papers/*.yaml: how the paper of an act looks. Versions are immutable; a paper names the one it was made from.
type Template struct {
	Key       string     `json:"key"`
	Act       string     `json:"act"`
	ItemTypes []string   `json:"item_types"` // item types (L1) it is the default for; empty: for types without a template of their own
	Title     string     `json:"title"`
	Number    string     `json:"number"` // pattern, see Number
	Layout    pdf.Layout `json:"layout"`
	Version   int        `json:"-"`
}

// everyAct are the names any template may use; see Request for those that are filled here.
var everyAct = []string{
	"agency", "number", "title", "applicant", "applicant_number_masked", "agent", "item", "case_no", "query_code", "date_cn", "received_cn", "basis",
	"remedies", "materials", "officer", "window", "phone", "complaint_phone", "verify_url",
}

// byAct are the names that mean something for some acts only.
var byAct = map[string][]string{
	Accept:           {"accepted_cn", "due_cn", "promised_cn", "limit"},
	Correction:       {"defects", "due_cn", "limit", "reason"},
	RefuseAcceptance: {"reason", "right_authority"},
	Grant:            {"accepted_cn", "reason", "result", "conditions"},
	Refuse:           {"accepted_cn", "reason", "result", "conditions"},
	Delivery:         {"accepted_cn", "reason", "result", "conditions", "taker"},
	Receipt:          {"due_cn", "promised_cn", "limit"},
	Inspection:       {"accepted_cn", "defects", "reason", "result", "conditions"},
	Suspend:          {"accepted_cn", "reason", "limit"},
	Extend:           {"accepted_cn", "reason", "limit", "due_cn"},
	Terminate:        {"accepted_cn", "reason"},
	Lapse:            {"reason"},
	Transfer:         {"accepted_cn", "reason", "right_authority"},
	AcceptLater:      {"accepted_cn", "due_cn", "promised_cn", "limit", "reason"},
	Revoke:           {"accepted_cn", "reason", "result", "conditions"},
	Credit:           {"reason", "limit"},
}

// mustShow are the names a template of an act must use: number and date on all; reason and remedies where something is refused
// (行政许可法 38), the defects where they must all be told at once (行政许可法 32), and the length of what stops or prolongs the clock (行政许可法 42, 45).
var mustShow = map[string][]string{
	Correction: {"defects"}, RefuseAcceptance: {"reason", "remedies"}, Refuse: {"reason", "remedies"}, Suspend: {"reason", "limit"},
	Extend: {"reason", "limit"}, Terminate: {"reason", "remedies"}, Lapse: {"remedies"}, Transfer: {"right_authority"},
	AcceptLater: {"materials", "reason"}, Revoke: {"reason", "remedies"}, Credit: {"reason", "remedies"},
}

// mustBeSealed are the acts whose paper is in writing with seal and date (行政许可法 32, 38, 42, 45).
var mustBeSealed = []string{Accept, Correction, RefuseAcceptance, Grant, Refuse, Delivery, Suspend, Extend, Terminate, Lapse, Transfer, AcceptLater, Revoke, Credit}

// mustHave are the values that may not be empty when the act's paper is issued.
func mustHave(act string) []string {
	return append([]string{"applicant", "item", "case_no"}, slices.DeleteFunc(slices.Clone(mustShow[act]), func(n string) bool { return n == "remedies" })...)
}

// PlaceNames gives the names a template of an act may use.
func PlaceNames(act string) map[string]bool {
	out := map[string]bool{}
	for _, n := range slices.Concat(everyAct, byAct[act]) {
		out[n] = true
	}
	return out
}

// complete gives the values for rendering: what the act knows and the caller left out is empty, what must be there and is not is
// errs.Invalid "paper.incomplete" with one field a name.
func complete(act string, values map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for n := range PlaceNames(act) {
		out[n] = ""
	}
	maps.Copy(out, values)
	var missing []errs.Field
	for _, n := range mustHave(act) {
		if strings.TrimSpace(out[n]) == "" {
			missing = append(missing, errs.Field{Path: n, Key: "paper.incomplete_field", Params: errs.P{"name": n}})
		}
	}
	return out, errs.Fields("paper.incomplete", missing)
}

// pick chooses the template for an item type among the newest ones of an act, sorted by key: one that names the type, else one that names none.
func pick(all []Template, itemType string) (Template, bool) {
	for _, t := range all {
		if slices.Contains(t.ItemTypes, itemType) {
			return t, true
		}
	}
	for _, t := range all {
		if len(t.ItemTypes) == 0 {
			return t, true
		}
	}
	return Template{}, false
}
