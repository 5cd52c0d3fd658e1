package factorweb

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
)

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, key, p...) }

// problems are what a page says is wrong with what was sent.
type problems struct {
	Field, Text string
}

func (p problems) list() []ui.ErrorItem {
	if p.Text == "" {
		return nil
	}
	return []ui.ErrorItem{{Field: p.Field, Text: p.Text}}
}

func (p problems) of(field string) string {
	if p.Field == field {
		return p.Text
	}
	return ""
}

// again shows the page with what is wrong beside a field; an error that is not about the input goes the usual way.
func again(w http.ResponseWriter, r *http.Request, err error, field string, page func(problems) templ.Component) error {
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.TooMany && e.Kind != errs.Conflict && e.Kind != errs.Forbidden && e.Kind != errs.Gone {
		return err
	}
	wait(w, e)
	return web.RenderStatus(w, r, web.StatusOf(err), page(problems{field, i18n.Err(r.Context(), err)}))
}

func wait(w http.ResponseWriter, e *errs.E) {
	if sec, ok := e.Params["seconds"].(int); ok && e.Kind == errs.TooMany {
		w.Header().Set("Retry-After", strconv.Itoa(sec))
	}
}

// ask is what the page's script sends: the form's fields, and at the end the challenge's id and the browser's answer.
type ask struct {
	ID       string            `json:"id"`
	Response json.RawMessage   `json:"response"`
	Fields   map[string]string `json:"fields"`
}

func readAsk(r *http.Request) (ask, error) {
	var a ask
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return a, errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	return a, nil
}

// sayJSON tells the script what is wrong in words; our own faults go the usual way, into the log.
func sayJSON(w http.ResponseWriter, r *http.Request, err error) error {
	e := errs.As(err)
	if e == nil || e.Kind == errs.Internal {
		return err
	}
	wait(w, e)
	p := web.ProblemOf(r.Context(), err)
	return web.JSON(w, p.Status, p)
}

func leadJSON(w http.ResponseWriter, to string) error {
	return web.JSON(w, http.StatusOK, map[string]string{"next": web.LocalPath(to)})
}
