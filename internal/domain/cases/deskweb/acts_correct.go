package deskweb

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// place is one field or material of the correction page with what was typed beside it.
type place struct {
	Kind, Key, Group, Label, Value string
	On                             bool
	Text                           string
}

// name is the part of the input names that tells the place.
func (p place) name() string { return p.Kind + ":" + p.Key }

// places lists everything that can be told: every visible field and every material. A second notice may only repeat what the first one listed or
// speak of what the applicant changed since (行政许可法 第三十二条: once, all of it), so then only that is offered.
func places(d cases.Detail) []place {
	var out []place
	for _, s := range d.Review {
		for _, r := range s.Rows {
			out = append(out, place{Kind: cases.OnField, Key: r.Key, Group: s.Title, Label: r.Label, Value: valueOf(r)})
		}
	}
	for _, s := range d.Slots {
		p := place{Kind: cases.OnMaterial, Key: s.Material.Key, Label: s.Material.Name}
		for _, f := range s.Files {
			if !f.Removed {
				p.Value += fileName(f) + " "
			}
		}
		out = append(out, p)
	}
	if len(d.Corrections) == 0 {
		return out
	}
	open := map[string]bool{}
	for _, n := range d.Corrections {
		for _, x := range n.Defects {
			open[x.Kind+":"+x.Key] = true
		}
	}
	for _, c := range d.Changes {
		key, _, _ := strings.Cut(c.Key, ".")
		open[cases.OnField+":"+c.Key], open[cases.OnField+":"+key] = true, true
	}
	for _, c := range d.FileChanges {
		open[cases.OnMaterial+":"+c.Material] = true
	}
	return slices.DeleteFunc(out, func(p place) bool { return !open[p.name()] })
}

func valueOf(r form.ReviewRow) string {
	v := r.Value
	for i, line := range r.Lines {
		if i > 0 {
			v += "；"
		}
		for j, c := range line {
			if j > 0 {
				v += " · "
			}
			v += c.Value
		}
	}
	return v
}

func correcting() kind[[]place] {
	return kind[[]place]{
		act: cases.ActCorrect, path: "correct",
		begin: func(_ context.Context, _ handlers, d cases.Detail) []place { return places(d) },
		read: func(v url.Values, d cases.Detail) []place {
			ps := places(d)
			for i, p := range ps {
				ps[i].On, ps[i].Text = slices.Contains(v["on"], p.name()), text(v, "text."+p.name())
			}
			return ps
		},
		check: checkPlaces,
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, ps []place) error {
			var ds []cases.Defect
			for _, p := range ps {
				if p.On {
					ds = append(ds, cases.Defect{Kind: p.Kind, Key: p.Key, Text: p.Text})
				}
			}
			_, err := s.RequestCorrection(ctx, a, d.ID, version, ds)
			return err
		},
		page: correctPage,
	}
}

// checkPlaces wants words for each tick and a tick for all words, so that nothing goes out by mistake and nothing is forgotten.
func checkPlaces(_ cases.Detail, ps []place) []errs.Field {
	var out []errs.Field
	any := false
	for _, p := range ps {
		any = any || p.On
		switch {
		case p.On && p.Text == "":
			out = append(out, errs.Field{Path: "text." + p.name(), Key: "deskweb.defect_no_text", Params: errs.P{"label": p.Label}})
		case !p.On && p.Text != "":
			out = append(out, errs.Field{Path: "on." + p.name(), Key: "deskweb.defect_not_ticked", Params: errs.P{"label": p.Label}})
		}
	}
	if !any && len(out) == 0 {
		out = append(out, errs.Field{Key: "deskweb.defect_none"})
	}
	return out
}
