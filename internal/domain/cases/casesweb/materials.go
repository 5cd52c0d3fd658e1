package casesweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// slotName is the name of a material's file input; it is also the path of findings about it.
func slotName(key string) string { return "material." + key }

// materialsView is the page of everything to hand in.
type materialsView struct {
	Detail   cases.Detail
	Slots    []slotView
	Errors   []ui.ErrorItem
	Next     string
	Done     string
	Missing  int
	Step, Of int
}

// slotView is one material.
type slotView struct {
	Key, Name string
	Facts     []ui.KVRow // how many, standard, basis
	Defects   []defectView
	Upload    *ui.UploadView
	Picker    *ui.LicencePickerView
	Generated bool
	Away      bool // the register did not answer
	Nothing   bool // a licence that is nowhere to be found
	Found     bool // a licence that will be used at sending without being chosen
	Linked    []linkedView
}

// linkedView is a licence that stands in for an upload.
type linkedView struct{ FileID, Name, Number, ValidUntil string }

// slotError is what went wrong with one material in the last request.
type slotError struct {
	key string
	err error
}

func (h handlers) materials(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	return h.drawMaterials(w, r, d, nil)
}

func (h handlers) drawMaterials(w http.ResponseWriter, r *http.Request, d cases.Detail, bad *slotError) error {
	ctx := r.Context()
	v := materialsView{Detail: d, Next: after(ctx, d, pageMaterials)}
	v.Step, v.Of = stepOf(steps(ctx, d), pageMaterials)
	ready, err := h.Cases.Ready(ctx, authz.From(ctx), d.ID)
	if err != nil {
		return err
	}
	lacks := lacking(ready)
	v.Missing = len(lacks)
	open := defects(ctx, d)
	for _, s := range d.Slots {
		sv, err := h.slotView(ctx, d, s)
		if err != nil {
			return err
		}
		for _, x := range open {
			if strings.HasSuffix(x.Href, "#"+ui.FieldID(slotName(s.Material.Key)+"-box")) && !x.Cured {
				sv.Defects = append(sv.Defects, x)
			}
		}
		if bad != nil && bad.key == s.Material.Key {
			sv.fail(i18n.Err(ctx, bad.err))
		}
		sv.Found = sv.Picker != nil && s.Required && !lacks[s.Material.Key]
		v.Slots = append(v.Slots, sv)
	}
	status := http.StatusOK
	if bad != nil {
		status = web.StatusOf(bad.err)
		v.Errors = []ui.ErrorItem{{Field: slotName(bad.key), Text: i18n.Err(ctx, bad.err)}}
	}
	return web.RenderStatus(w, r, status, materialsPage(v))
}

// lacking gives the materials without which the application cannot be sent. A licence the registers know is not among them: it is used at sending.
func lacking(ready cases.Readiness) map[string]bool {
	out := map[string]bool{}
	for _, f := range ready.Findings {
		if key, ok := strings.CutPrefix(f.Path, "material."); ok {
			out[key] = true
		}
	}
	return out
}

func (s *slotView) fail(text string) {
	if s.Upload != nil {
		s.Upload.Error = text
	}
	if s.Picker != nil {
		s.Picker.Error = text
	}
}

func (h handlers) slotView(ctx context.Context, d cases.Detail, s cases.Slot) (slotView, error) {
	m := s.Material
	v := slotView{Key: m.Key, Name: m.Name, Facts: facts(ctx, m), Generated: m.Source == catalog.FromPlatform}
	for _, f := range s.Files {
		if f.Source == cases.SourceLicence && f.Proof != nil {
			v.Linked = append(v.Linked, linkedView{f.ID, f.Proof.Name, f.Proof.Number, f.Proof.ValidUntil})
		}
	}
	switch {
	case m.Source == catalog.FromPlatform:
		return v, nil
	case m.Source == catalog.FromLicence:
		return h.licenceSlot(ctx, d, s, v)
	}
	v.Upload = h.uploadView(ctx, d, s)
	return v, nil
}

// licenceSlot offers the licences and register documents that can be used; a copy may be uploaded only while the register does not answer.
func (h handlers) licenceSlot(ctx context.Context, d cases.Detail, s cases.Slot, v slotView) (slotView, error) {
	if len(v.Linked) > 0 {
		return v, nil
	}
	re, err := h.Cases.Reusable(ctx, authz.From(ctx), d.ID, s.Material.Key)
	if err != nil {
		return v, err
	}
	v.Away, v.Nothing = re.Away, len(re.Proofs) == 0 && !re.Away
	if len(re.Proofs) > 0 {
		v.Picker = &ui.LicencePickerView{Name: slotName(s.Material.Key), Label: t(ctx, "licence_choose"), Required: s.Required}
		for _, p := range re.Proofs {
			v.Picker.Choices = append(v.Picker.Choices, ui.LicenceChoice{ID: p.Ref, Name: p.Name, Number: p.Number, Holder: p.Holder, ValidTo: p.ValidUntil, Issuer: sourceOf(ctx, p.Ref)})
		}
		if len(re.Proofs) == 1 {
			v.Picker.Selected = re.Proofs[0].Ref
		}
	}
	if re.Away || len(s.Files) > 0 {
		v.Upload = h.uploadView(ctx, d, s)
	}
	return v, nil
}

func sourceOf(ctx context.Context, ref string) string {
	if strings.HasPrefix(ref, "register:") {
		return t(ctx, "from_register")
	}
	return t(ctx, "from_library")
}

func (h handlers) uploadView(ctx context.Context, d cases.Detail, s cases.Slot) *ui.UploadView {
	m := s.Material
	v := &ui.UploadView{
		Name: slotName(m.Key), Label: m.Name, Hint: hint(ctx, m), Action: draftHref(d.ID, pageMaterials), Hidden: hidden("_key", ident.Secret(12)),
		Required: s.Required, Multiple: m.MaxFiles > 1,
	}
	for _, f := range m.Formats {
		v.Accept += "," + "." + f
	}
	v.Accept = strings.TrimPrefix(v.Accept, ",")
	if m.MaxMB > 0 {
		v.Limit = strconv.Itoa(m.MaxMB) + " MB"
	}
	if m.Sample != "" {
		v.SampleURL = h.FileURL(d.ItemKey, m.Sample)
	}
	if m.Empty != "" {
		v.BlankURL = h.FileURL(d.ItemKey, m.Empty)
	}
	for _, f := range s.Files {
		if f.Source == cases.SourceLicence || f.Removed {
			continue
		}
		u := ui.UploadFile{ID: f.ID, Name: f.Name, Size: blob.Human(f.Size), State: ui.Uploaded, Href: caseHref(d.ID) + "/files/" + f.ID, Message: when(f.Added)}
		if !f.Checked.IsZero() {
			u.State = ui.Checked
		}
		v.Files = append(v.Files, u)
	}
	return v
}

// hint is what to know before choosing a file: how to fill it in, what is accepted, which formats.
func hint(ctx context.Context, m catalog.Material) string {
	var parts []string
	for _, s := range []string{m.Fill, m.Accept} {
		if s = strings.TrimRight(s, "。. "); s != "" {
			parts = append(parts, s+t(ctx, "stop"))
		}
	}
	if len(m.Formats) > 0 {
		parts = append(parts, t(ctx, "material_formats", errs.P{"formats": strings.ToUpper(join(ctx, m.Formats))}))
	}
	return strings.Join(parts, " ")
}

// facts are why a material is needed and what it must be like.
func facts(ctx context.Context, m catalog.Material) []ui.KVRow {
	var out []ui.KVRow
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.KVRow{Key: t(ctx, key), Value: value})
		}
	}
	if m.Original+m.Copies > 0 {
		add("material_count", t(ctx, "material_count_text", errs.P{"original": m.Original, "copies": m.Copies}))
	}
	if m.Source != catalog.FromApplicant {
		add("material_accept", m.Accept)
	}
	add("material_basis", m.Basis)
	if m.Required == catalog.RequiredLater {
		add("material_later", t(ctx, "material_later_text"))
	}
	return out
}

// useLicence lets a licence of the library or a document of a register stand in for an upload.
func (h handlers) useLicence(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	ctx, a := r.Context(), authz.From(r.Context())
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	key := f.Get("material")
	if id := f.Get("remove"); id != "" {
		err = h.Cases.RemoveMaterial(ctx, a, d.ID, id)
	} else if ref := f.Get(slotName(key)); ref == "" {
		err = errs.New(errs.Invalid, "casesweb.licence_none_chosen")
	} else {
		_, err = h.Cases.UseLicence(ctx, a, d.ID, key, ref)
	}
	if err != nil {
		return h.slotFailed(w, r, d, key, err)
	}
	return web.SeeOther(w, r, draftHref(d.ID, pageMaterials)+"#"+slotAnchor(key))
}

func slotAnchor(key string) string { return ui.FieldID(slotName(key)) + "-box" }
