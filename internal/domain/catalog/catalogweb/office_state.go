package catalogweb

import (
	"context"
	"net/url"

	"tongban/internal/base/ui"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// stateView is the state of an item, and where another one begins: no single person suspends or cancels an item, the change goes to a second one and to
// legal review.
type stateView struct {
	Now    string // the state in words
	Reason string
	Since  string
	Acts   []ui.Link
}

// stateActs are the acts of a change (package design) that a state leaves.
var stateActs = map[string][]struct{ act, to string }{
	catalog.InUse:     {{"suspend", catalog.Suspended}, {"cancel", catalog.Cancelled}},
	catalog.Suspended: {{"resume", catalog.InUse}, {"cancel", catalog.Cancelled}},
	catalog.Cancelled: {{"resume", catalog.InUse}},
}

func (p *Pages) stateView(ctx context.Context, key string) (stateView, error) {
	st, err := p.catalog.State(ctx, key)
	if err != nil {
		return stateView{}, err
	}
	v := stateView{Now: t(ctx, "state_"+st.Code), Reason: st.Reason}
	if !st.Since.IsZero() {
		v.Since = st.Since.In(clock.Shanghai).Format("2006-01-02")
	}
	for _, x := range stateActs[st.Code] {
		v.Acts = append(v.Acts, ui.Link{Label: t(ctx, "state_do_"+x.to), Href: changeHref(key, "act", x.act)})
	}
	return v, nil
}

// changeHref is where a change of an item begins; more are further parameters and their values.
func changeHref(key string, more ...string) string {
	q := url.Values{"item": {key}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "/office/changes/new?" + q.Encode()
}
