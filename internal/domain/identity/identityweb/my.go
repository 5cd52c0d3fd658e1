package identityweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

const levelChecked = identity.LevelChecked

type identityView struct {
	Facts    []ui.KVRow
	Level    int // of this session
	Standing int // of the person
	Proofs   [][]ui.Cell
	For      []forWhom
	Away     bool   // the firm registry does not answer
	Done     string // what has just been done
	Next     string // where the person came from, to go back after switching; or empty
	problems
}

// forWhom is somebody in whose name one may act, oneself first.
type forWhom struct {
	Kind, ID, Name, Sub, Basis, Code string
	Now                              bool
}

func (h *Handler) identity(w http.ResponseWriter, r *http.Request) error {
	v, err := h.identityView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, identityPage(v))
}

func (h *Handler) identityView(r *http.Request) (identityView, error) {
	ctx := r.Context()
	a := authz.From(ctx)
	p, err := h.s.Person(ctx, a.PersonID)
	if err != nil {
		return identityView{}, err
	}
	v := identityView{Facts: personFacts(ctx, p), Level: a.Level, Standing: p.Level, Next: next(r, "")}
	if r.URL.Query().Get("done") != "" {
		v.Done = t(ctx, "identity.act_for_done")
	}
	proofs, err := h.s.Proofs(ctx, p.ID)
	if err != nil {
		return v, err
	}
	for _, pr := range proofs {
		if pr.Session == "" || pr.Session == a.SessionID {
			v.Proofs = append(v.Proofs, h.proofRow(ctx, pr))
		}
	}
	return v, h.forWhom(ctx, a, &v)
}

func (h *Handler) proofRow(ctx context.Context, p identity.Proof) []ui.Cell {
	until := t(ctx, "identityweb.proof_session")
	switch {
	case !p.Expires.IsZero():
		until = day(p.Expires)
	case p.Session == "":
		until = t(ctx, "identityweb.proof_always")
	}
	issuer := p.Issuer
	if h.cfg.IssuerName != nil && issuer != "" {
		issuer = h.cfg.IssuerName(ctx, issuer)
	}
	if issuer == "" {
		issuer = t(ctx, "identityweb.issuer_"+p.Method)
	}
	return []ui.Cell{{Text: levelName(ctx, p.Level)}, {Text: t(ctx, "identityweb.proof_"+strings.ReplaceAll(p.Method, "+", "_"))}, {Text: minute(p.VerifiedAt)}, {Text: until}, {Text: issuer}}
}

// forWhom lists in whose names the person may act: firms by law, firms and persons by mandate.
func (h *Handler) forWhom(ctx context.Context, a authz.Actor, v *identityView) error {
	v.For = []forWhom{{Name: t(ctx, "identity.act_self"), Basis: "—", Code: "—", Now: a.FirmID == "" && a.ForPerson == ""}}
	firms, err := h.s.FirmsOf(ctx, a.PersonID)
	if errs.KindOf(err) == errs.Unavailable && errs.Is(err, "identity.registry_away") {
		v.Away, err = true, nil
		if a.FirmID != "" && a.MandateID == "" {
			var f identity.Firm
			f, err = h.s.Firm(ctx, a.FirmID)
			firms = append(firms, f)
		}
	}
	if err != nil {
		return err
	}
	for _, f := range firms {
		v.For = append(v.For, forWhom{
			Kind: identity.KindFirm, ID: f.ID, Name: f.Name, Sub: f.Kind + " " + f.Status, Basis: t(ctx, "identityweb.basis_law"), Code: f.CreditCode, Now: a.FirmID == f.ID && a.MandateID == "",
		})
	}
	ps, err := h.s.Principals(ctx, a.PersonID)
	if err != nil {
		return err
	}
	for _, p := range ps {
		f, ok, err := h.principal(ctx, p)
		if err != nil {
			return err
		}
		if f.Now = p.MandateID != "" && a.MandateID == p.MandateID; ok {
			v.For = append(v.For, f)
		}
	}
	return nil
}

// principal gives the words for somebody acted for by mandate; ok is false for one that is gone.
func (h *Handler) principal(ctx context.Context, p identity.Principal) (f forWhom, ok bool, err error) {
	f = forWhom{Kind: p.Kind, ID: p.ID, Basis: t(ctx, "identityweb.basis_mandate"), Code: "—"}
	if p.Kind == identity.KindPerson {
		f.Name = h.s.MaskedName(ctx, p.ID)
		return f, f.Name != "", nil
	}
	firm, err := h.s.Firm(ctx, p.ID)
	if errs.KindOf(err) == errs.NotFound {
		return f, false, nil
	}
	f.Name, f.Sub, f.Code = firm.Name, firm.Kind+" "+firm.Status, firm.CreditCode
	return f, true, err
}

// myLinks are the other pages about oneself.
func myLinks(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, l := range [][2]string{
		{"/my/security", "identityweb.security_title"},
		{"/my/devices", "identityweb.devices_title"},
		{"/my/phone", "identityweb.phone_title"},
		{"/my/access", "identity.access_title"},
		{"/my/credit", "credit.mine_title"},
		{"/my/consents", "identityweb.consents_link"},
		{"/my/data", "identityweb.data_link"},
		{"/my/tokens", "identity.tokens_title"},
	} {
		out = append(out, ui.Link{Href: l[0], Label: t(ctx, l[1])})
	}
	return out
}

func personFacts(ctx context.Context, p identity.Person) []ui.KVRow {
	rows := []ui.KVRow{{Key: t(ctx, "identity.fact_level"), Value: t(ctx, "identity.level_"+strconv.Itoa(p.Level))}}
	if p.Number != "" {
		rows = append(rows,
			ui.KVRow{Key: t(ctx, "identity.fact_name"), Value: p.Masked()},
			ui.KVRow{Key: t(ctx, "identity.fact_kind"), Value: t(ctx, "identity.kind_"+p.NumberKind)},
			ui.KVRow{Key: t(ctx, "identity.fact_number"), Value: cnid.MaskID(p.Number), Num: true},
		)
	}
	if p.Phone != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_phone"), Value: cnid.MaskPhone(p.Phone), Num: true})
	}
	if p.Address != "" {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_address"), Value: cnid.MaskAddress(p.Address), Source: t(ctx, identity.SourcePopulation)})
	}
	if !p.VerifiedAt.IsZero() {
		rows = append(rows, ui.KVRow{Key: t(ctx, "identity.fact_verified"), Value: minute(p.VerifiedAt), Num: true})
	}
	return rows
}

func (h *Handler) actFor(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	kind, id, firm, then := f.Get("kind"), f.Get("id"), f.Get("firm"), web.LocalPath(f.Get("_then"))
	if then != "/" { // a form that was sent in the wrong name: its own fields may be called kind, id, firm or next
		kind, id, firm = f.Get("_kind"), f.Get("_id"), f.Get("_firm")
	}
	switch {
	case firm != "":
		kind, id = identity.KindFirm, firm
	case id == "":
		kind = ""
	}
	if err := h.s.ActFor(r.Context(), authz.From(r.Context()), kind, id); err != nil {
		v, e := h.identityView(r)
		if e != nil {
			return e
		}
		return again(w, r, err, func(p problems) templ.Component { v.problems = p; return identityPage(v) })
	}
	if then != "/" {
		http.Redirect(w, r, then, http.StatusTemporaryRedirect) // the browser sends the same form again
		return nil
	}
	return web.SeeOther(w, r, next(r, "/my/identity?done=act"))
}
