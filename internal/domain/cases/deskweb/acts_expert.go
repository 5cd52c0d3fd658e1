package deskweb

import (
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// The declarations an expert can make.
const (
	freeOfInterest = "free"
	hasInterest    = "conflict"
)

// moreExperts is how many empty rows the form of the list has.
const moreExperts = 3

func naming() kind[[]cases.Expert] {
	return kind[[]cases.Expert]{
		act: cases.ActExperts, path: "experts",
		begin: func(_ context.Context, _ handlers, d cases.Detail) []cases.Expert {
			p, _ := panelOf(d)
			return p.Experts
		},
		read: func(v url.Values, _ cases.Detail) []cases.Expert {
			var out []cases.Expert
			for i := range 40 {
				at := fmt.Sprintf("experts.%d.", i)
				x := cases.Expert{Name: text(v, at+"name"), Unit: text(v, at+"unit"), Title: text(v, at+"title"), Note: text(v, at+"note")}
				x.Declared, x.Conflict = v.Get(at+"declared") != "", v.Get(at+"declared") == hasInterest
				if x != (cases.Expert{}) {
					out = append(out, x)
				}
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f []cases.Expert) error {
			_, err := s.NameExperts(ctx, a, d.ID, version, d.Step, f)
			return err
		},
		page: expertsPage,
	}
}

// panelOf is the review of experts that is under way at the step shown.
func panelOf(d cases.Detail) (cases.Panel, bool) {
	for _, p := range slices.Backward(d.Panels) {
		if p.Step == d.Step && p.Concluded.IsZero() {
			return p, true
		}
	}
	return cases.Panel{}, false
}

// expertRows are the rows of the form: those named, as many as the flow wants, and some more.
func expertRows(d cases.Detail, list []cases.Expert) []cases.Expert {
	n := max(len(list), currentStep(d).Need) + moreExperts
	return append(slices.Clone(list), make([]cases.Expert, n-len(list))...)
}

func declaredOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: freeOfInterest, Label: tr(ctx, "deskweb.expert_free")}, {Value: hasInterest, Label: tr(ctx, "deskweb.expert_conflict")}}
}

func declaredValue(x cases.Expert) string {
	switch {
	case x.Conflict:
		return hasInterest
	case x.Declared:
		return freeOfInterest
	}
	return ""
}

// verdict is the conclusion of experts as typed.
type verdict struct {
	cases.Expertise
	Panel cases.Panel
}

func concluding() kind[verdict] {
	read := func(v url.Values, d cases.Detail) verdict {
		f := verdict{Expertise: cases.Expertise{Step: d.Step, Outcome: v.Get("outcome"), Conclusion: text(v, "conclusion"), Files: v["files"], Opinions: map[int]cases.Expert{}}}
		f.Panel, _ = panelOf(d)
		for i := range f.Panel.Experts {
			at := fmt.Sprintf("opinions.%d", i)
			if x := (cases.Expert{Outcome: v.Get(at), Opinion: text(v, at+".text")}); x != (cases.Expert{}) {
				f.Opinions[i] = x
			}
		}
		return f
	}
	return kind[verdict]{
		act: cases.ActExpertise, path: "expertise", body: filesBody,
		begin: func(_ context.Context, _ handlers, d cases.Detail) verdict {
			f := read(url.Values{}, d)
			for _, x := range freshPapers(d) {
				f.Files = append(f.Files, x.ID)
			}
			return f
		},
		read: read,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f verdict) error {
			_, err := s.ConcludeExperts(ctx, a, d.ID, version, f.Expertise)
			return err
		},
		page: expertisePage,
	}
}

// freshPapers are those no conclusion holds yet.
func freshPapers(d cases.Detail) []cases.File {
	return slices.DeleteFunc(slices.Clone(d.ExpertFiles), func(f cases.File) bool {
		return slices.ContainsFunc(d.Panels, func(p cases.Panel) bool { return slices.Contains(p.Files, f.ID) })
	})
}

func passOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: cases.OpinionPass, Label: tr(ctx, "deskweb.opinion_pass")}, {Value: cases.OpinionFail, Label: tr(ctx, "deskweb.opinion_fail")}}
}

// expertRoutes are those of the expert review; the conclusion carries papers, which are stored part by part as they arrive.
func expertRoutes(h handlers) []web.Route {
	k := concluding()
	return append(routesOf(h, naming()),
		web.To("GET /desk/cases/{id}/expertise", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return ask(h, k, w, r) }),
		web.To("POST /desk/cases/{id}/expertise", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return h.conclude(k, w, r) }, web.Upload(filesBody)))
}

// conclude stores the papers that came along; a paper that was refused shows the form again with everything that was typed.
func (h handlers) conclude(k kind[verdict], w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	if _, err := h.Cases.Case(ctx, a, id); err != nil {
		return err
	}
	var stored []string
	n := 0
	v, refused, err := stream(r, func(v url.Values, p *multipart.Part) error {
		n++
		f, err := h.Cases.AttachExpertise(ctx, a, id, cases.Upload{Material: cases.ExpertKey, ClientKey: v.Get("_key") + "-" + itoa(n), Name: p.FileName(), Body: p})
		if err == nil {
			stored = append(stored, f.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	v["files"] = append(v["files"], stored...)
	if refused == nil {
		return perform(h, k, w, r, v)
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	return again(h, k, w, r, k.read(v, focus(d, v.Get("step"))), d.Version, v.Get("step"), atField(refused, "paper"))
}

// expertLine is one expert with what they declared and said.
func expertLine(ctx context.Context, x cases.Expert) string {
	parts := []string{x.Name, x.Unit, x.Title}
	switch {
	case x.Conflict:
		parts = append(parts, tr(ctx, "deskweb.expert_aside"), x.Note)
	case x.Outcome != "":
		parts = append(parts, tr(ctx, "deskweb.opinion_"+x.Outcome), x.Opinion)
	default:
		parts = append(parts, tr(ctx, "deskweb.expert_free"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

func papersOf(d cases.Detail, ids []string) []cases.File {
	return slices.DeleteFunc(slices.Clone(d.ExpertFiles), func(f cases.File) bool { return !slices.Contains(ids, f.ID) })
}
