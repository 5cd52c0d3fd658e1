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
	AcceptLater      = "accept_later"     // 容缺受理
	Revoke           = "revoke"           // 承诺不实
	Credit           = "credit"           // 列入失信主体名单
	RevokeTold       = "revoke_told"      // 撤销、吊销前的事先告知
	RevokeWithdrawn  = "revoke_withdrawn" // 撤回（行政许可法 8）
	RevokeRevoked    = "revoke_revoked"   // 撤销（行政许可法 69）
	RevokeForfeited  = "revoke_forfeited" // 吊销
	RevokeCancelled  = "revoke_cancelled" // 注销（行政许可法 70）
	Rectify          = "rectify"          // 更正
	Renewed          = "renewed"          // 视为准予延续（行政许可法 50）
)

// Acts lists every act.
var Acts = []string{Accept, Correction, RefuseAcceptance, Grant, Refuse, Delivery, Receipt, Inspection, Suspend, Extend, Terminate, Lapse, Transfer, AcceptLater, Revoke, Credit, RevokeTold, RevokeWithdrawn, RevokeRevoked, RevokeForfeited, RevokeCancelled, Rectify, Renewed}

// Template is one papers/*.yaml: how the paper of an act looks. Versions are immutable; a paper names the one it was made from.
type Template struct {
	Key       string     `json:"key"`
	Act       string     `json:"act"`
	ItemTypes []string   `json:"item_types"`         // item types (L1) it is the default for; empty: for types without a template of their own
	Natures   []string   `json:"natures,omitempty"`  // what matters are in law (catalog natures) it is for; empty: any
	Variants  []string   `json:"variants,omitempty"` // cases of the act it alone is for: a ground of refusing to accept, or partly; empty: any
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
	RevokeTold:       {"reason", "result", "limit"},
	RevokeWithdrawn:  {"reason", "result", "conditions"},
	RevokeRevoked:    {"reason", "result", "conditions", "defects"},
	RevokeForfeited:  {"reason", "result", "defects", "right_authority"},
	RevokeCancelled:  {"reason", "result"},
	Rectify:          {"reason", "result", "defects", "conditions"},
	Renewed:          {"accepted_cn", "reason", "result", "due_cn"},
}

// mustShow are the names a template of an act must use: number and date on all; reason and remedies where something is refused
// (行政许可法 38), the defects where they must all be told at once (行政许可法 32), and the length of what stops or prolongs the clock (行政许可法 42, 45).
var mustShow = map[string][]string{
	Correction: {"defects"}, RefuseAcceptance: {"reason", "remedies"}, Refuse: {"reason", "remedies"}, Suspend: {"reason", "limit"},
	Extend: {"reason", "limit"}, Terminate: {"reason", "remedies"}, Lapse: {"remedies"}, Transfer: {"right_authority"},
	AcceptLater: {"materials", "reason"}, Revoke: {"reason", "remedies"}, Credit: {"reason", "remedies"},
	RevokeTold: {"reason", "basis", "limit"}, RevokeWithdrawn: {"reason", "basis", "conditions", "remedies"}, RevokeRevoked: {"reason", "basis", "remedies"},
	RevokeForfeited: {"reason", "basis", "right_authority", "remedies"}, RevokeCancelled: {"reason", "basis", "remedies"}, Rectify: {"result", "defects", "conditions", "reason"},
	Renewed: {"basis", "due_cn"},
}

// mustBeSealed are the acts whose paper is in writing with seal and date (行政许可法 32, 38, 42, 45).
var mustBeSealed = []string{Accept, Correction, RefuseAcceptance, Grant, Refuse, Delivery, Suspend, Extend, Terminate, Lapse, Transfer, AcceptLater, Revoke, Credit, RevokeTold, RevokeWithdrawn, RevokeRevoked, RevokeForfeited, RevokeCancelled, Rectify, Renewed}

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

// pick chooses the template for a request among the newest ones of an act, sorted by key: what names the case of the act stands before what names the
// nature, that before what names the item type, and that before what names none.
func pick(all []Template, r Request) (Template, bool) {
	best, at := -1, Template{}
	for _, t := range all {
		if n := t.fits(r); n > best {
			best, at = n, t
		}
	}
	return at, best >= 0
}

// prefer chooses among a pack's own templates of an act and the built-in ones: the pack's stands first, unless only ours is made for this case of the
// act, such as telling at once that no licence is needed.
func prefer(packs []Template, r Request) (Template, bool) {
	own, has := pick(packs, r)
	ours, known := pick(builtinFor(r.Act), r)
	if has && (len(own.Variants) > 0 || len(ours.Variants) == 0) {
		return own, true
	}
	return ours, known
}

// forAny is a template as an item names it: for whatever type and nature the item is.
func (t Template) forAny() Template {
	t.ItemTypes, t.Natures = nil, nil
	return t
}

// fits says how closely a template is made for a request; -1 when it is made for another one.
func (t Template) fits(r Request) int {
	n := 0
	for i, x := range []struct {
		names []string
		is    string
	}{{t.ItemTypes, r.ItemType}, {t.Natures, r.Nature}, {t.Variants, r.Variant}} {
		switch {
		case len(x.names) == 0:
		case !slices.Contains(x.names, x.is):
			return -1
		default:
			n += 1 << i
		}
	}
	return n
}
