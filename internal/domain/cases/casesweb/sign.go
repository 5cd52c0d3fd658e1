package casesweb

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// signNeeded is the service's answer to a submission that is not signed as it stands.
const signNeeded = "cases.sign_needed"

// signView is how the check page speaks of the signature.
type signView struct {
	Needed  bool
	Done    bool   // exactly this is signed
	Problem string // why it cannot be signed now
}

// signView asks what there is to sign. A level that is too low is no problem yet: pressing the button leads through the proof and back.
func (h handlers) signView(r *http.Request, d cases.Detail) signView {
	ctx := r.Context()
	sg, needed, err := h.Cases.ToSign(ctx, authz.From(ctx), d.ID)
	v := signView{Needed: needed || err != nil, Done: sg.ID != ""}
	if err != nil && !errs.Is(err, levelNeeded) {
		v.Problem = i18n.Err(ctx, err)
	}
	return v
}

// toSign leads to the page where the application is signed; that page leads back to the check page, where it is sent.
func (h handlers) toSign(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	url, err := h.Cases.AskSignature(r.Context(), authz.From(r.Context()), d.ID, draftHref(d.ID, pageCheck))
	if err != nil {
		return h.notSent(w, r, d, err)
	}
	if url == "" {
		url = draftHref(d.ID, pageCheck)
	}
	return web.SeeOther(w, r, url)
}

// evidence gives the signature of a submission as a file that verifies without this site.
func (h handlers) evidence(w http.ResponseWriter, r *http.Request) error {
	d, err := h.own(r)
	if err != nil {
		return err
	}
	id := r.PathValue("signature")
	if h.Evidence == nil || !slices.ContainsFunc(d.Signatures, func(g cases.Signature) bool { return g.ID == id }) {
		return errs.New(errs.NotFound, "base.not_found")
	}
	body, err := h.Evidence(r.Context(), id)
	if err != nil {
		return err
	}
	return web.File(w, "signature-"+d.CaseNo+".json", "application/json", false, bytes.NewReader(body))
}

// signedView is one signature on the case's page.
type signedView struct{ Round, At, Href string }

func (h handlers) signedViews(d cases.Detail) []signedView {
	var out []signedView
	for _, g := range d.Signatures {
		v := signedView{Round: strconv.Itoa(g.Round), At: when(g.At)}
		if h.Evidence != nil {
			v.Href = caseHref(d.ID) + "/signatures/" + g.ID
		}
		out = append(out, v)
	}
	return out
}
