package deskweb

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// visit is an inspection as typed.
type visit struct {
	Second     string // staff id of who inspects together with the actor
	Marks      []mark
	Photos     []string
	Conclusion string
}

func inspecting() kind[visit] {
	return kind[visit]{
		act: cases.ActInspect, path: "inspect", body: filesBody,
		begin: func(_ context.Context, _ handlers, d cases.Detail) visit {
			v := visit{Marks: marksOf(currentStep(d), nil)}
			for _, p := range freshPhotos(d) {
				v.Photos = append(v.Photos, p.ID)
			}
			return v
		},
		read: func(v url.Values, d cases.Detail) visit {
			return visit{Second: v.Get("second"), Marks: marksOf(currentStep(d), v), Photos: v["photos"], Conclusion: text(v, "conclusion")}
		},
		check: func(_ cases.Detail, f visit) []errs.Field {
			out := checkMarks(f.Marks)
			if f.Second == "" {
				out = append(out, errs.Field{Path: "second", Key: "deskweb.second_missing"})
			}
			if f.Conclusion == "" {
				out = append(out, errs.Field{Path: "conclusion", Key: "deskweb.conclusion_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f visit) error {
			in := cases.Inspection{Step: d.Step, Officers: []string{a.StaffID, f.Second}, Photos: f.Photos, Conclusion: f.Conclusion, Results: map[string]cases.CheckResult{}}
			for _, m := range f.Marks {
				in.Results[m.Key] = cases.CheckResult{Pass: m.Result == "pass", Note: m.Note}
			}
			_, err := s.RecordInspection(ctx, a, d.ID, version, in)
			return err
		},
		page: inspectPage,
	}
}

// freshPhotos are those that no recorded inspection holds yet.
func freshPhotos(d cases.Detail) []cases.File {
	return slices.DeleteFunc(slices.Clone(d.Photos), func(f cases.File) bool {
		return f.Removed || slices.ContainsFunc(d.Inspections, func(in cases.Inspection) bool { return slices.Contains(in.Photos, f.ID) })
	})
}

func (h handlers) colleagues(ctx context.Context, a authz.Actor, post string) []ui.Option {
	var out []ui.Option
	for _, s := range h.Offices.StaffOfPost(ctx, post) {
		if s.ID != a.StaffID && !s.Disabled {
			out = append(out, ui.Option{Value: s.ID, Label: s.Name})
		}
	}
	return out
}

// inspectRoutes are those of the inspection: its form carries photographs, which are stored part by part as they arrive.
func inspectRoutes(h handlers) []web.Route {
	k := inspecting()
	return []web.Route{
		web.To("GET /desk/cases/{id}/inspect", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return ask(h, k, w, r) }),
		web.To("POST /desk/cases/{id}/inspect", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return h.inspect(k, w, r) }, web.Upload(filesBody)),
	}
}

// inspect stores the photographs that came along. The button that only adds them, and a photograph that was refused, show the form again with
// everything that was typed.
func (h handlers) inspect(k kind[visit], w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	if _, err := h.Cases.Case(ctx, a, id); err != nil {
		return err
	}
	var stored []string
	n := 0
	v, refused, err := stream(r, func(v url.Values, p *multipart.Part) error {
		n++
		f, err := h.Cases.AttachPhoto(ctx, a, id, cases.Upload{Material: cases.PhotoKey, ClientKey: v.Get("_key") + "-" + itoa(n), Name: p.FileName(), Body: p})
		if err == nil {
			stored = append(stored, f.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	v["photos"] = append(v["photos"], stored...)
	if refused == nil && v.Get("_act") != "photo" {
		return perform(h, k, w, r, v)
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	if refused != nil {
		return again(h, k, w, r, k.read(v, focus(d, v.Get("step"))), d.Version, v.Get("step"), atField(refused, "photo"))
	}
	d = focus(d, v.Get("step"))
	return web.Render(w, r, inspectPage(h.actView(r, d, k.act, k.path), k.read(v, d)))
}

// atField ties an error about one file to its input. Too large or cut off is the person's to mend, on the same page.
func atField(err error, path string) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	switch e.Kind {
	case errs.Invalid, errs.BadRequest, errs.TooLarge, errs.Conflict:
		return errs.Fields(e.Key, []errs.Field{{Path: path, Key: e.Key, Params: e.Params}})
	}
	return err
}

const maxValue = 64 << 10

// stream reads a form part by part. Values are collected; each file goes to take as it arrives and never rests on a disk in the clear. refused is the
// first error of take: the rest of the form is read all the same, so that nothing typed is lost.
func stream(r *http.Request, take func(v url.Values, p *multipart.Part) error) (v url.Values, refused, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		v, err = web.Form(r)
		return v, nil, err
	}
	v = url.Values{}
	for {
		p, err := parts.NextPart()
		switch {
		case err == io.EOF:
			return v, refused, nil
		case err != nil:
			return nil, nil, broken(err)
		case p.FileName() != "":
			if err := take(v, p); err != nil && refused == nil {
				refused = err
			}
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, maxValue))
		if err != nil {
			return nil, nil, broken(err)
		}
		v.Add(p.FormName(), string(b))
	}
}

// broken tells a body that is too large from one that was cut off.
func broken(err error) error {
	if web.StatusOf(err) == http.StatusRequestEntityTooLarge {
		return err
	}
	return errs.Wrap(err, errs.BadRequest, "base.upload_cut")
}
