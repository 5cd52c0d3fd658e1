package deskweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/desk"
	"tongban/internal/engine/clock"
)

// Voices knows in which cases applicants wait for a word. Ids are of cases the actor's posts handle, at most a few hundred.
type Voices interface {
	Urged(ctx context.Context, a authz.Actor) ([]string, error)
	Unread(ctx context.Context, a authz.Actor) ([]string, error)
	// Marks gives what stands beside these cases in a list; cases without a mark are left out.
	Marks(ctx context.Context, ids []string) (map[string]Mark, error)
}

// Mark is what a list shows of the conversation of a case. AnswerBy is when the answer to an urge is owed.
type Mark struct {
	Unread   int
	Urged    bool
	AnswerBy time.Time
}

func keepRoutes(h handlers) []web.Route {
	return []web.Route{
		web.To("GET /desk/cases/{id}/next", authz.CaseDesk, h.beside(false)),
		web.To("GET /desk/cases/{id}/previous", authz.CaseDesk, h.beside(true)),
		web.To("POST /desk/cases/{id}/unsent", authz.CaseDesk, h.keepUnsent, body(formBody), web.PerMinute(120)),
		web.To("POST /desk/cases/{id}/unsent/drop", authz.CaseDesk, h.dropUnsent),
		web.To("GET /desk/unsent", authz.CaseDesk, h.unsent),
		web.To("POST /desk/cases/{id}/notes", authz.CaseDesk, h.addNote),
		web.To("POST /desk/cases/{id}/notes/{note}/drop", authz.CaseDesk, h.dropNote),
		web.To("POST /desk/filters", authz.CaseDesk, h.saveFilter),
		web.To("POST /desk/filters/standard", authz.CaseDesk, h.standardFilter),
		web.To("POST /desk/filters/{filter}/drop", authz.CaseDesk, h.dropFilter),
		web.To("GET /desk/phrases", authz.CaseDesk, h.phrases),
		web.To("POST /desk/phrases", authz.CaseDesk, h.addPhrase),
		web.To("POST /desk/phrases/{phrase}/drop", authz.CaseDesk, h.dropPhrase),
		web.To("GET /desk/keys", authz.CaseDesk, h.keys),
		web.To("POST /desk/keys", authz.CaseDesk, h.switchKeys),
		web.To("POST /desk/cases/batch", authz.CaseDesk, h.batchAsk),
		web.To("POST /desk/batches", authz.CaseDesk, h.batchDo),
		web.To("GET /desk/batches/{batch}", authz.CaseDesk, h.batchShow),
	}
}

// unsentKey names the form of an act on one step: two steps of a case side by side have a text each.
func unsentKey(act cases.Act, step string) string { return string(act) + "@" + step }

// typed leaves out what the page itself put into a form.
func typed(v url.Values) map[string][]string {
	out := map[string][]string{}
	for k, vs := range v {
		if !strings.HasPrefix(k, "_") {
			out[k] = vs
		}
	}
	return out
}

// keep stores what was typed into an act's form. It must never be in the way of an act: a text that cannot be kept is told, not fatal.
func (h handlers) keep(ctx context.Context, a authz.Actor, id string, act cases.Act, step string, v url.Values) (time.Time, error) {
	shown, _ := strconv.ParseInt(v.Get("_v"), 10, 64)
	return h.Desk.Keep(ctx, a, desk.Unsent{Case: id, Act: unsentKey(act, step), Form: typed(v), Version: shown})
}

// keepUnsent is where the script saves a form while it is written.
func (h handlers) keepUnsent(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	act := cases.Act(r.URL.Query().Get("act"))
	if !slices.ContainsFunc(actPages, func(p actPage) bool { return p.act == act }) {
		return errs.New(errs.NotFound, "base.not_found")
	}
	if _, err := h.Cases.Handles(ctx, a, id); err != nil {
		return err
	}
	at, err := h.keep(ctx, a, id, act, v.Get("step"), v)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"saved_at": at.In(clock.Shanghai).Format("15:04:05")})
}

func (h handlers) dropUnsent(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	if _, ok, err := h.Desk.Kept(ctx, a, id, v.Get("act")); err != nil {
		return err
	} else if !ok { // nothing of theirs: nobody learns whether there is such a case
		return errs.New(errs.NotFound, "desk.gone")
	}
	if err := h.Desk.Forget(ctx, a, id, v.Get("act")); err != nil {
		return err
	}
	if v.Get("back") == "unsent" {
		return web.SeeOther(w, r, "/desk/unsent")
	}
	return web.SeeOther(w, r, trailOf(r).on(caseURL(id)))
}

// keptText is one text that waits to be sent.
type keptText struct {
	Case   cases.Case
	Act    string // in words
	Key    string
	Href   string
	At     time.Time
	Closed bool // the case is no longer the officer's
}

func keptOf(ctx context.Context, u desk.Unsent) keptText {
	name, step, _ := strings.Cut(u.Act, "@")
	k := keptText{Act: actName(ctx, name), Key: u.Act, At: u.At, Case: cases.Case{ID: u.Case}}
	for _, p := range actPages {
		if string(p.act) == name {
			k.Href = actURL(u.Case, p.path, step)
		}
	}
	return k
}

// unsent lists everything the officer typed and did not send.
func (h handlers) unsent(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	us, err := h.Desk.AllKept(ctx, a, "")
	if err != nil {
		return err
	}
	var out []keptText
	for _, u := range us {
		k := keptOf(ctx, u)
		c, err := h.Cases.Handles(ctx, a, u.Case)
		switch {
		case errs.KindOf(err) == errs.NotFound:
			k.Closed = true
		case err != nil:
			return err
		default:
			k.Case = c
		}
		out = append(out, k)
	}
	t, err := h.tools(ctx, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, unsentPage(t, out))
}

func (h handlers) addNote(w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	if _, err := h.Cases.Handles(ctx, a, id); err != nil {
		return err
	}
	err = h.Desk.AddNote(ctx, a, id, in.Get("_key"), in.Get("note"))
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		d, err := h.Cases.Case(ctx, a, id)
		if err != nil {
			return err
		}
		v, err := h.caseView(r, d)
		if err != nil {
			return err
		}
		v.Errors, v.NoteText = summary(ctx, e.Fields), in.Get("note")
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, casePage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, trailOf(r).on(caseURL(id))+"#notes")
}

func (h handlers) dropNote(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := h.Desk.DropNote(r.Context(), actor(r), id, r.PathValue("note")); err != nil {
		return err
	}
	return web.SeeOther(w, r, trailOf(r).on(caseURL(id))+"#notes")
}

func (h handlers) saveFilter(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	f, err := h.Desk.SaveFilter(ctx, a, desk.Filter{Name: in.Get("name"), Conditions: condsOf(r.URL.Query()), Standard: in.Get("standard") != ""})
	if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.Conflict) {
		v, err := h.inboxView(r)
		if err != nil {
			return err
		}
		v.FilterName, v.Errors = in.Get("name"), summary(ctx, e.Fields)
		if len(e.Fields) == 0 {
			v.Errors = []ui.ErrorItem{{Text: i18n.Err(ctx, e)}}
		}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, inboxPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/cases?kept=filter&filter="+f.ID)
}

func (h handlers) standardFilter(w http.ResponseWriter, r *http.Request) error {
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Desk.StandardFilter(r.Context(), actor(r), in.Get("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/cases?kept=standard")
}

func (h handlers) dropFilter(w http.ResponseWriter, r *http.Request) error {
	if err := h.Desk.DropFilter(r.Context(), actor(r), r.PathValue("filter")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/cases?kept=dropped")
}

func (h handlers) keys(w http.ResponseWriter, r *http.Request) error {
	t, err := h.tools(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, keysPage(t))
}

func (h handlers) switchKeys(w http.ResponseWriter, r *http.Request) error {
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := h.Desk.SwitchKeys(r.Context(), actor(r), in.Get("keys") == "off"); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/keys")
}

// phrasesView is the page of prepared texts.
type phrasesView struct {
	Tools       tools
	Phrases     []desk.Phrase
	MayShare    bool
	Title, Text string
	Shared      bool
	Errors      []ui.ErrorItem
	Fields      []errs.Field
}

func (h handlers) phrasesView(ctx context.Context, a authz.Actor) (v phrasesView, err error) {
	if v.Phrases, err = h.Desk.Phrases(ctx, a); err != nil {
		return v, err
	}
	v.MayShare = h.Desk.MayShare(ctx, a)
	v.Tools, err = h.tools(ctx, a)
	return v, err
}

func (h handlers) phrases(w http.ResponseWriter, r *http.Request) error {
	v, err := h.phrasesView(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, phrasesPage(v))
}

func (h handlers) addPhrase(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	_, err = h.Desk.AddPhrase(ctx, a, in.Get("title"), in.Get("text"), in.Get("shared") != "")
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		v, err := h.phrasesView(ctx, a)
		if err != nil {
			return err
		}
		v.Title, v.Text, v.Shared, v.Fields, v.Errors = in.Get("title"), in.Get("text"), in.Get("shared") != "", e.Fields, summary(ctx, e.Fields)
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, phrasesPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/phrases")
}

func (h handlers) dropPhrase(w http.ResponseWriter, r *http.Request) error {
	if err := h.Desk.DropPhrase(r.Context(), actor(r), r.PathValue("phrase")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/phrases")
}
