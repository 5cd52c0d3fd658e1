package catalogweb

import (
	"encoding/json"
	"net/http"
	"net/url"

	"tongban/internal/base/errs"
)

// suggestions is how many lines the type-ahead offers.
const suggestions = 8

// suggestionJSON is one line of the type-ahead.
type suggestionJSON struct {
	Text string `json:"text"`
	Href string `json:"href"`
}

// suggest answers the type-ahead of the search box: names that what was typed may become. Said is for screen readers.
func (p *Pages) suggest(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	found, err := p.catalog.Suggest(ctx, r.URL.Query().Get("q"), p.near(r), suggestions)
	if err != nil {
		return err
	}
	out := struct {
		Label string           `json:"label"`
		Said  string           `json:"said"`
		List  []suggestionJSON `json:"list"`
	}{t(ctx, "suggest_label"), t(ctx, "suggest_none"), make([]suggestionJSON, 0, len(found))}
	for _, s := range found {
		out.List = append(out.List, suggestionJSON{Text: s.Text, Href: "/items/" + url.PathEscape(s.Key)})
	}
	if n := len(out.List); n > 0 {
		out.Said = t(ctx, "suggest_n", errs.P{"n": n})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Vary", "Cookie, Accept-Language")
	w.Header().Set("Cache-Control", "private, max-age=60")
	return json.NewEncoder(w).Encode(out)
}
