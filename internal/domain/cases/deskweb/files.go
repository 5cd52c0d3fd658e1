package deskweb

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// inline are the kinds a browser may show by itself; everything else is downloaded.
func inline(mime string) bool {
	return strings.HasPrefix(mime, "image/") && !strings.Contains(mime, "svg") || mime == "application/pdf"
}

func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	f, body, err := h.Cases.MaterialFile(r.Context(), actor(r), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // only read
	if r.URL.Query().Get("frame") == "1" && f.MIME == "application/pdf" {
		framed(w, "frame-ancestors 'none'", "frame-ancestors 'self'")
	}
	return web.File(w, f.Name, f.MIME, inline(f.MIME), body)
}

// evidence gives the signature of a submission as a file that verifies without this site. Opening the case is the reading that goes on record.
func (h handlers) evidence(w http.ResponseWriter, r *http.Request) error {
	d, err := h.Cases.Case(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	id := r.PathValue("signature")
	if h.Evidence == nil || !slices.ContainsFunc(d.Signatures, func(g cases.Signature) bool { return g.ID == id }) {
		return errs.New(errs.NotFound, "base.not_found")
	}
	b, err := h.Evidence(r.Context(), id)
	if err != nil {
		return err
	}
	return web.File(w, "signature-"+d.CaseNo+".json", "application/json", false, bytes.NewReader(b))
}

// original records that the original of a file was seen.
func (h handlers) original(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := h.Cases.MarkOriginal(r.Context(), actor(r), id, r.PathValue("file")); err != nil {
		return err
	}
	return web.SeeOther(w, r, caseURL(id)+"?done=mark_original")
}

// paper shows a paper of a case the reader may open; the case itself decides that. The reading is written down like every other.
func (h handlers) paper(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	p, err := h.Papers.Paper(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := h.Cases.Case(ctx, a, p.CaseID); err != nil {
		return err
	}
	data, p, err := h.Papers.PDF(ctx, p.ID)
	if err != nil {
		return err
	}
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Object: "case:" + p.CaseID, Subject: p.Subject, What: "deskweb.paper_read", Via: "pdf", Agency: a.AgencyID}
	if err := h.Reads.Read(ctx, e.From(h.Seal, a.Origin)); err != nil {
		return err
	}
	return web.File(w, p.FileName(), "application/pdf", true, bytes.NewReader(data))
}
