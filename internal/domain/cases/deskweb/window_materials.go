package deskweb

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// materialView is one material with what can be done about it now.
type materialView struct {
	cases.Slot
	Reuse cases.Reusable
	Error string
}

// materialsView is the page of materials.
type materialsView struct {
	cases.Detail
	Materials []materialView
	Key       string
	By        func(string) string
}

func (h handlers) materials(w http.ResponseWriter, r *http.Request) error {
	return h.editable(w, r, func(d cases.Detail) error {
		v, err := h.materialsView(r, d, "", "")
		if err != nil {
			return err
		}
		return web.Render(w, r, materialsPage(v))
	})
}

func (h handlers) materialsView(r *http.Request, d cases.Detail, at, problem string) (materialsView, error) {
	ctx := r.Context()
	v := materialsView{Detail: d, Key: newKey(), By: func(s string) string { return h.who(ctx, s) }}
	for _, s := range d.Slots {
		if s.Material.Source == catalog.FromPlatform {
			continue
		}
		m := materialView{Slot: s}
		if s.Material.Source == catalog.FromLicence {
			var err error
			if m.Reuse, err = h.Cases.Reusable(ctx, actor(r), d.ID, s.Material.Key); err != nil {
				return v, err
			}
		}
		if s.Material.Key == at {
			m.Error = problem
		}
		v.Materials = append(v.Materials, m)
	}
	if d.Behalf != nil {
		m := materialView{Slot: basisSlot(ctx, d)}
		if at == cases.BasisKey {
			m.Error = problem
		}
		v.Materials = append(v.Materials, m)
	}
	return v, nil
}

// open reports whether the material still wants something: it is needed and nothing was handed in.
func open(s cases.Slot) bool {
	return s.Required && !handed(s) && s.Material.Source != catalog.FromPlatform
}

func handed(s cases.Slot) bool {
	return slices.ContainsFunc(s.Files, func(f cases.File) bool { return !f.Removed })
}

// afterForm takes what the registers vouch for when there is just one document that fits, and leads on: to the materials if something must still be
// handed in, otherwise straight to the check.
func (h handlers) afterForm(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ctx, a := r.Context(), actor(r)
	d, err := h.Cases.Case(ctx, a, d.ID)
	if err != nil {
		return err
	}
	missing := d.Behalf != nil && open(basisSlot(ctx, d))
	for _, s := range d.Slots {
		if !open(s) {
			continue
		}
		took, err := h.takeOnly(ctx, a, d.ID, s.Material)
		if err != nil {
			return err
		}
		missing = missing || !took
	}
	if missing {
		return web.SeeOther(w, r, draftURL(d.ID, "materials"))
	}
	return web.SeeOther(w, r, draftURL(d.ID, "check"))
}

func (h handlers) takeOnly(ctx context.Context, a authz.Actor, id string, m catalog.Material) (bool, error) {
	if m.Source != catalog.FromLicence {
		return false, nil
	}
	re, err := h.Cases.Reusable(ctx, a, id, m.Key)
	if err != nil || len(re.Proofs) != 1 {
		return false, err
	}
	_, err = h.Cases.UseLicence(ctx, a, id, m.Key, re.Proofs[0].Ref)
	return err == nil, err
}

// attach takes files of one material, and removes those whose button was pressed. What is wrong with a file is told beside it.
func (h handlers) attach(w http.ResponseWriter, r *http.Request) error {
	ctx, a, key := r.Context(), actor(r), r.PathValue("material")
	d, err := h.draft(r)
	if err != nil {
		return err
	}
	n := 0
	in, refused, err := stream(r, func(v url.Values, p *multipart.Part) error {
		n++
		_, err := h.Cases.Attach(ctx, a, d.ID, cases.Upload{Material: key, ClientKey: v.Get("_key") + "-" + itoa(n), Name: p.FileName(), Body: p})
		return err
	})
	if err != nil {
		return err
	}
	if rest, ok := strings.CutPrefix(in.Get("_act"), "rm:"); ok && refused == nil {
		refused = h.Cases.RemoveMaterial(ctx, a, d.ID, rest[strings.LastIndexByte(rest, ':')+1:])
	} else if n == 0 && refused == nil {
		refused = errs.New(errs.Invalid, "deskweb.file_missing")
	}
	if refused != nil {
		return h.refusedFile(w, r, key, refused)
	}
	return web.SeeOther(w, r, draftURL(d.ID, "materials")+"#"+ui.FieldID(key)+"-box")
}

func (h handlers) refusedFile(w http.ResponseWriter, r *http.Request, key string, cause error) error {
	if e := errs.As(atField(cause, key)); e == nil || e.Kind != errs.Invalid {
		return cause
	}
	d, err := h.draft(r)
	if err != nil {
		return err
	}
	v, err := h.materialsView(r, d, key, i18n.Err(r.Context(), cause))
	if err != nil {
		return err
	}
	status := web.StatusOf(cause)
	if status == http.StatusBadRequest || status == http.StatusConflict {
		status = http.StatusUnprocessableEntity
	}
	return web.RenderStatus(w, r, status, materialsPage(v))
}

func (h handlers) reuse(w http.ResponseWriter, r *http.Request) error {
	in, err := web.Form(r)
	if err != nil {
		return err
	}
	id, key := r.PathValue("id"), r.PathValue("material")
	if _, err := h.Cases.UseLicence(r.Context(), actor(r), id, key, in.Get("ref")); err != nil {
		return h.refusedFile(w, r, key, err)
	}
	return web.SeeOther(w, r, draftURL(id, "materials"))
}

func (h handlers) markDraft(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := h.Cases.MarkOriginal(r.Context(), actor(r), id, r.PathValue("file")); err != nil {
		return err
	}
	return web.SeeOther(w, r, draftURL(id, "materials"))
}

// uploadView is a material as the design system's upload box.
func uploadView(v materialsView, m materialView, key string, t func(string, ...errs.P) string) ui.UploadView {
	u := ui.UploadView{
		Name: m.Material.Key, Label: m.Material.Name, Hint: m.Material.Fill, Accept: accepts(m.Material), Limit: limitOf(m.Material), Required: m.Required,
		Action: draftURL(v.ID, "materials/") + m.Material.Key, Hidden: []ui.KV{{Key: "_key", Value: key + "-" + m.Material.Key}}, Error: m.Error,
		Multiple: m.Material.MaxFiles != 1, ReadOnly: m.Material.Source == catalog.FromLicence && len(m.Reuse.Proofs) > 0,
	}
	for _, f := range m.Files {
		if f.Removed {
			continue
		}
		x := ui.UploadFile{ID: f.ID, Name: fileName(f), State: ui.Uploaded}
		if f.Size > 0 {
			x.Size, x.Href = blob.Human(f.Size), draftURL(v.ID, "files/")+f.ID
		}
		if f.Proof != nil { // the register or library vouches for it, or a colleague who saw the original
			x.State = ui.Checked
		}
		if !f.Checked.IsZero() {
			x.State, x.Message = ui.Checked, t("deskweb.original_seen", errs.P{"who": v.By(f.By), "day": day(f.Checked)})
		}
		u.Files = append(u.Files, x)
	}
	return u
}

func limitOf(m catalog.Material) string {
	if m.MaxMB <= 0 {
		return ""
	}
	return itoa(m.MaxMB) + " MB"
}

func accepts(m catalog.Material) string {
	var out []string
	for _, f := range m.Formats {
		out = append(out, "."+strings.TrimPrefix(f, "."))
	}
	return strings.Join(out, ",")
}
