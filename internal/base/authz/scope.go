package authz

import "slices"

// What a mandate may cover.
const (
	ActApply   = "apply"   // fill in, send, correct and withdraw applications
	ActSign    = "sign"    // sign declarations and commitments
	ActView    = "view"    // see cases, papers and licences
	ActCollect = "collect" // receive results
)

// ScopeActs lists the acts a mandate may name.
var ScopeActs = []string{ActApply, ActSign, ActView, ActCollect}

// Scope is what somebody who acts for another may do. "*" stands for every item or act; nothing listed means nothing allowed.
type Scope struct {
	Items []string `json:"items"` // item keys
	Acts  []string `json:"acts"`
}

// Covers reports whether the scope holds an act on an item; an empty item asks for the act alone. A nil scope covers everything.
func (s *Scope) Covers(act, item string) bool {
	if s == nil {
		return true
	}
	return has(s.Acts, act) && (item == "" || has(s.Items, item))
}

func has(all []string, one string) bool {
	return slices.Contains(all, "*") || slices.Contains(all, one)
}
