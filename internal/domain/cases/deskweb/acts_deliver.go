package deskweb

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/url"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// handing is a hand-out at the window as typed. For a firm somebody always stands there for it.
type handing struct {
	To      string
	Other   bool // not the applicant
	Behalf  cases.Behalf
	Checked bool
}

func delivering() kind[handing] {
	return kind[handing]{
		act: cases.ActDeliver, path: "deliver", body: filesBody,
		begin: func(context.Context, handlers, cases.Detail) handing {
			return handing{Behalf: cases.Behalf{NumberKind: numberKinds[0]}}
		},
		read: handingOf,
		check: func(_ cases.Detail, f handing) []errs.Field {
			var out []errs.Field
			if f.To == "" {
				out = append(out, errs.Field{Path: "to", Key: "deskweb.to_missing"})
			}
			if !f.Checked {
				out = append(out, errs.Field{Path: "checked", Key: "deskweb.checked_missing"})
			}
			return out
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f handing) error {
			in := cases.Delivery{How: cases.DeliverWindow, To: f.To}
			if f.Other {
				in.Behalf = &f.Behalf
				in.Behalf.Name = f.To
			}
			_, err := s.Deliver(ctx, a, d.ID, version, in)
			return atName(err)
		},
		page: deliverPage,
	}
}

func handingOf(v url.Values, d cases.Detail) handing {
	return handing{
		To: text(v, "to"), Checked: v.Get("checked") != "", Other: v.Get("present") == "other" || d.ApplicantKind == cases.ByFirm,
		Behalf: cases.Behalf{
			Number: text(v, "behalf.number"), NumberKind: v.Get("behalf.number_kind"), Relation: text(v, "behalf.relation"), Basis: v.Get("behalf.basis"),
			Seen: v.Get("behalf.seen") != "",
		},
	}
}

// atName puts what is wrong with the name of who fetches the result beside the one box for it.
func atName(err error) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	c := *e
	c.Fields = nil
	for _, f := range e.Fields {
		if f.Path == "behalf.name" {
			f.Path = "to"
		}
		c.Fields = append(c.Fields, f)
	}
	return &c
}

// deliverRoutes are those of handing out: its form may carry copies of the basis, which are stored as they arrive.
func deliverRoutes(h handlers) []web.Route {
	k := delivering()
	return []web.Route{
		web.To("GET /desk/cases/{id}/deliver", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return ask(h, k, w, r) }),
		web.To("POST /desk/cases/{id}/deliver", authz.CaseDesk, func(w http.ResponseWriter, r *http.Request) error { return h.deliver(k, w, r) }, web.Upload(filesBody)),
	}
}

func (h handlers) deliver(k kind[handing], w http.ResponseWriter, r *http.Request) error {
	ctx, a, id := r.Context(), actor(r), r.PathValue("id")
	if _, err := h.Cases.Case(ctx, a, id); err != nil {
		return err
	}
	n := 0
	v, refused, err := stream(r, func(v url.Values, p *multipart.Part) error {
		n++
		_, err := h.Cases.AttachTaken(ctx, a, id, cases.Upload{Material: cases.TakenKey, ClientKey: v.Get("_key") + "-" + itoa(n), Name: p.FileName(), Body: p})
		return err
	})
	if err != nil {
		return err
	}
	if refused == nil {
		return perform(h, k, w, r, v)
	}
	d, err := h.Cases.Case(ctx, a, id)
	if err != nil {
		return err
	}
	return again(h, k, w, r, k.read(v, d), d.Version, "", atField(refused, "copy"))
}

// takerKinds are whom the bases are listed for.
func takerKinds(d cases.Detail) []string { return []string{d.ApplicantKind} }

func otherValue(other bool) string {
	if other {
		return "other"
	}
	return "self"
}

// whenTaker is when the questions about a representative are asked: always for a firm.
func whenTaker(d cases.Detail) string { return standsIn(takerKinds(d)) }

// taker are who fetched the result and on what; name and number can be asked for.
func (v caseView) taker(ctx context.Context) []ui.KVRow {
	h := v.HandOut
	seen := tr(ctx, "deskweb.behalf_copied", errs.P{"n": len(v.TakenFiles)})
	if h.Seen {
		seen = tr(ctx, "deskweb.behalf_seen_yes")
	}
	name, number := tr(ctx, "deskweb.taker_name"), tr(ctx, "deskweb.behalf_number")
	rows := []ui.KVRow{{Key: name, Masked: v.masked(ctx, name, "taker.name", h.Name)}, {Key: number, Masked: v.masked(ctx, number, "taker.number", h.Number)}}
	for _, f := range [][2]string{
		{"deskweb.behalf_relation", h.Relation},
		{"deskweb.behalf_basis", tr(ctx, "cases.basis_"+h.Basis)},
		{"deskweb.behalf_proof", seen},
		{"deskweb.taker_by", v.By(h.By)},
		{"deskweb.delivered_at", minute(h.At)},
	} {
		if f[1] != "" {
			rows = append(rows, ui.KVRow{Key: tr(ctx, f[0]), Value: f[1]})
		}
	}
	return rows
}
