package mandate

import (
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
)

// TestEveryWordHasAText: keys that are put together from values.
func TestEveryWordHasAText(t *testing.T) {
	var keys []string
	for _, w := range []Why{NotAccepted, NotYet, OutOfScope} {
		keys = append(keys, "why_"+string(w))
	}
	for _, w := range []Why{Refused, Unanswered, Revoked, Released, Expired, OfAge, Died, Unconfirmed, FirmEnded, NotGuardian, Merged, AtCounter} {
		keys = append(keys, "why_"+string(w), "step_done_"+string(w))
		if !w.over() {
			t.Errorf("%s is no end", w)
		}
	}
	for _, st := range []string{"asked", "accepted", "proved", "recorded", "confirm_asked", "confirmed", "expiring"} {
		keys = append(keys, "step_done_"+st)
	}
	for _, by := range []string{"giver", "holder", "desk", "system"} {
		keys = append(keys, "by_"+by)
	}
	for _, k := range []Kind{Agent, Family, Care, Guardian} {
		keys = append(keys, "kind_"+string(k), "choose_"+string(k), "choose_hint_"+string(k), "window_hint_"+string(k))
		if k != Guardian {
			keys = append(keys, "declaration_"+string(k))
		}
	}
	for _, a := range authz.ScopeActs {
		keys = append(keys, "act_"+a, "act_hint_"+a, "did_"+a)
	}
	for _, g := range []string{BySelf, BySigned, ByRegistry, ByPresence, ByNotary} {
		keys = append(keys, "ground_"+g)
	}
	for _, k := range keys {
		for _, l := range []i18n.Lang{i18n.Chinese, i18n.English} {
			if !i18n.Has("mandate."+k) || i18n.In(l, "mandate."+k) == "mandate."+k {
				t.Errorf("no text mandate.%s in %s", k, l)
			}
		}
	}
}
