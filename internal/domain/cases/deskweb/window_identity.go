package deskweb

import (
	"net/http"
	"net/url"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/engine/cnid"
)

// What a clerk records about a person who is present.
const (
	recordProof = "prove" // the document was checked: identity level 3
	recordPhone = "phone" // a new telephone number, for who lost the old one
)

// identityView is the page on which a clerk checks the person present.
type identityView struct {
	Act, Name, Number, NumberKind, Phone, Note string
	Original, Same                             bool
	Errors                                     []errs.Field
	Done                                       string
	Off                                        bool // not set up here
}

func (h handlers) identityPage(w http.ResponseWriter, r *http.Request) error {
	v := identityView{Act: recordProof, NumberKind: numberKinds[0], Off: h.Counter == nil}
	if done := r.URL.Query().Get("done"); done == recordProof || done == recordPhone {
		v.Done = tr(r.Context(), "deskweb.identity_done_"+done)
	}
	return web.Render(w, r, identityCheckPage(v))
}

// checkIdentity records the check. Both boxes must be ticked: that the original was seen, and that it is the person's own.
func (h handlers) checkIdentity(w http.ResponseWriter, r *http.Request) error {
	if h.Counter == nil {
		return errs.New(errs.Unavailable, "deskweb.identity_off")
	}
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	v := identityForm(in)
	if v.Errors = v.check(); len(v.Errors) == 0 {
		if err = h.recordIdentity(r, v); err == nil {
			return web.SeeOther(w, r, "/window/identity?done="+v.Act)
		}
		if v.Errors = identityErrors(err); len(v.Errors) == 0 {
			return err
		}
		return web.RenderStatus(w, r, web.StatusOf(err), identityCheckPage(v))
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, identityCheckPage(v))
}

func identityForm(in url.Values) identityView {
	return identityView{
		Act: in.Get("act"), Name: text(in, "name"), Number: text(in, "number"), NumberKind: in.Get("number_kind"), Phone: text(in, "phone"), Note: text(in, "note"),
		Original: in.Get("original") != "", Same: in.Get("same") != "",
	}
}

const mostNote = 200

func (v identityView) check() []errs.Field {
	var out []errs.Field
	miss := func(wrong bool, path, key string) {
		if wrong {
			out = append(out, errs.Field{Path: path, Key: key})
		}
	}
	miss(v.Act != recordProof && v.Act != recordPhone, "act", "deskweb.identity_act_missing")
	miss(v.Name == "", "name", "deskweb.name_missing")
	miss(v.Number == "", "number", "deskweb.number_missing")
	miss(!slices.Contains(numberKinds, v.NumberKind), "number_kind", "deskweb.identity_kind_missing")
	if v.Act == recordPhone {
		_, err := cnid.ParseMobile(v.Phone)
		miss(err != nil, "phone", "deskweb.identity_phone_missing")
	}
	miss(!v.Original, "original", "deskweb.identity_original_missing")
	miss(!v.Same, "same", "deskweb.identity_same_missing")
	miss(len([]rune(v.Note)) > mostNote, "note", "deskweb.identity_note_long")
	return out
}

func (h handlers) recordIdentity(r *http.Request, v identityView) error {
	ctx, a := r.Context(), actor(r)
	p, err := h.Counter.EnsurePerson(ctx, v.Name, v.Number, v.NumberKind, "")
	if err != nil {
		return err
	}
	basis := i18n.In(i18n.Chinese, "deskweb.identity_basis", errs.P{"document": i18n.Key("deskweb.number_kind_" + v.NumberKind), "note": v.Note})
	if v.Act == recordPhone {
		return h.Counter.RecoverAtCounter(ctx, a, p.ID, v.Phone, basis)
	}
	return h.Counter.AddCounterProof(ctx, a, p.ID, basis)
}

// identityErrors puts what identity says beside the box it is about; none for failures that are nobody's typing.
func identityErrors(err error) []errs.Field {
	e := errs.As(err)
	if e == nil || !slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.Forbidden, errs.NotFound}, e.Kind) {
		return nil
	}
	if len(e.Fields) == 0 {
		return []errs.Field{{Path: personField(e.Key), Key: e.Key, Params: e.Params}}
	}
	var out []errs.Field
	for _, f := range e.Fields {
		if f.Path == "kind" {
			f.Path = "number_kind"
		}
		out = append(out, f)
	}
	return out
}
