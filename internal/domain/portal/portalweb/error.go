package portalweb

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"tongban/internal/base/ui"
	"tongban/internal/base/web"
)

// ErrorPage draws an error for people: what happened, whether the data is safe, what to do, a number to quote.
func ErrorPage(v web.ErrorView) templ.Component { return errorPage(v) }

// titleKey names the heading of an error page by its status.
func titleKey(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "portal.error_sign_in"
	case http.StatusForbidden:
		return "portal.error_forbidden"
	case http.StatusNotFound, http.StatusGone:
		return "portal.error_not_found"
	case http.StatusConflict:
		return "portal.error_conflict"
	case http.StatusRequestEntityTooLarge:
		return "portal.error_too_large"
	case http.StatusTooManyRequests:
		return "portal.error_too_many"
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		return "portal.error_unavailable"
	case http.StatusInternalServerError:
		return "portal.error_internal"
	}
	return "portal.error_bad_request"
}

func errorView(title, next, safe, home string, v web.ErrorView) ui.ErrorPageView {
	e := ui.ErrorPageView{Status: v.Status, Title: title, What: v.Text, Next: next, Home: ui.Link{Label: home, Href: "/"}}
	if v.Status >= http.StatusInternalServerError {
		e.DataSafe, e.Quote, e.Retry = safe, v.Number, v.Path
	}
	return e
}

// typedValues are a form's values in a steady order, to be sent again.
func typedValues(form url.Values) []ui.KV {
	var out []ui.KV
	for _, k := range slices.Sorted(maps.Keys(form)) {
		for _, v := range form[k] {
			out = append(out, ui.KV{Key: k, Value: v})
		}
	}
	return out
}
