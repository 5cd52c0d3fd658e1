package webhookweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/webhook"
)

type formView struct {
	ID      string
	Version int64
	Action  string
	Fields  []ui.FormField
	List    []ui.ErrorItem
}

func (h handlers) newForm(w http.ResponseWriter, r *http.Request) error {
	a := actor(r)
	x := webhook.Subscription{Agency: a.AgencyID, Topics: []string{webhook.AllTopics}}
	return web.Render(w, r, formPage(formView{Action: home, Fields: h.fields(r.Context(), a, x, true)}))
}

func (h handlers) editForm(w http.ResponseWriter, r *http.Request) error {
	tg, err := h.Webhooks.Get(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, formPage(formView{ID: tg.ID, Version: tg.Version, Action: at(tg.ID), Fields: h.fields(r.Context(), actor(r), tg.Subscription, false)}))
}

// create makes a subscription and shows its secret, this once.
func (h handlers) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	x := readForm(f)
	x.Agency = f.Get("agency")
	id, secret, err := h.Webhooks.Create(r.Context(), actor(r), x)
	if err != nil {
		return h.refused(w, r, err, formView{Action: home, Fields: h.fields(r.Context(), actor(r), x, true)})
	}
	r.SetPathValue("id", id)
	v, err := h.view(r)
	if err != nil {
		return err
	}
	v.Secret, v.Done = secret, t(r.Context(), "webhook.done_made")
	return web.Render(w, r, showPage(v))
}

func (h handlers) change(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	id, x := r.PathValue("id"), readForm(f)
	version, _ := strconv.ParseInt(f.Get("version"), 10, 64) //nolint:errcheck // 0 is nobody's version
	err = h.Webhooks.Change(r.Context(), actor(r), id, version, x)
	if err != nil {
		return h.refused(w, r, err, formView{ID: id, Version: version, Action: at(id), Fields: h.fields(r.Context(), actor(r), x, false)})
	}
	return web.SeeOther(w, r, at(id, "?done=changed"))
}

// refused shows the form with what is wrong; other errors pass.
func (h handlers) refused(w http.ResponseWriter, r *http.Request, err error, v formView) error {
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid || len(e.Fields) == 0 {
		return err
	}
	for _, x := range e.Fields {
		text := t(r.Context(), x.Key, x.Params)
		if i := slices.IndexFunc(v.Fields, func(q ui.FormField) bool { return q.Name == x.Path }); i >= 0 && v.Fields[i].Error == "" {
			v.Fields[i].Error = text
		}
		v.List = append(v.List, ui.ErrorItem{Field: x.Path, Text: text})
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(v))
}

func readForm(f url.Values) webhook.Subscription {
	return webhook.Subscription{
		Name: f.Get("name"), URL: f.Get("url"), Client: f.Get("client"), Contact: f.Get("contact"), Wide: f.Get("wide") == "true",
		Topics: f["topics"], Items: strings.Fields(f.Get("items")), Regions: strings.Fields(f.Get("regions")),
	}
}

// fields are the questions about a subscription.
func (h handlers) fields(ctx context.Context, a authz.Actor, x webhook.Subscription, fresh bool) []ui.FormField {
	var out []ui.FormField
	ask := func(name, kind, value string, required bool) *ui.FormField {
		f := ui.FormField{Name: name, Kind: kind, Label: t(ctx, "webhook.f_"+name), Value: value, Required: required, Autocomplete: "off"}
		if i18n.Has("webhook.f_" + name + "_hint") {
			f.Hint = t(ctx, "webhook.f_"+name+"_hint")
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	ask("name", "text", x.Name, true).MaxLength = 60
	if fresh {
		f := ask("agency", "select", x.Agency, true)
		for _, o := range h.Agencies(ctx) {
			if h.Webhooks.MayKeep(ctx, a, o.Value) {
				f.Options = append(f.Options, o)
			}
		}
	}
	ask("url", "text", x.URL, true).MaxLength = 500
	topics := ask("topics", "checkbox", "", true)
	topics.Values = x.Topics
	for _, name := range append([]string{webhook.AllTopics}, webhook.TopicNames()...) {
		topics.Options = append(topics.Options, ui.Option{Value: name, Label: topicName(ctx, name)})
	}
	ask("items", "textarea", strings.Join(x.Items, "\n"), false)
	ask("regions", "textarea", strings.Join(x.Regions, "\n"), false)
	if a.Is(authz.Admin) {
		ask("wide", "yesno", strconv.FormatBool(x.Wide), true)
	}
	ask("client", "text", x.Client, false).MaxLength = 64
	ask("contact", "text", x.Contact, false).MaxLength = 60
	return out
}

// topicName says what a topic means; one without a text is shown by its name.
func topicName(ctx context.Context, topic string) string {
	if topic == webhook.AllTopics {
		return t(ctx, "webhook.topic_all")
	}
	if key := "webhook.topic_" + strings.TrimPrefix(topic, "cases."); i18n.Has(key) {
		return t(ctx, key)
	}
	return t(ctx, "webhook.topic_other", errs.P{"name": strings.TrimPrefix(topic, "cases.")})
}

// code shows what people compare letter by letter.
func code(s string) templ.Component { return codeText(s) }
