package app

import (
	"context"
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/factor/factorweb"
	"tongban/internal/domain/federation/federationweb"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/identityweb"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/mandate/mandateweb"
	"tongban/internal/domain/privacy/privacyweb"
	"tongban/internal/domain/sso/ssoweb"
	"tongban/internal/engine/cnid"
)

// mountDoors mounts the pages by which people and systems come in.
func (a *App) mountDoors(https bool) {
	o := a.opts
	a.Site.Add(a.who.Routes()...)
	a.who.AddAPI(a.API)
	a.Site.Add(factorweb.Routes(factorweb.Config{Service: a.Factor, Now: o.Now, Who: a.factorWho, EndOthers: a.Identity.EndOthers})...)
	mandates := mandateweb.New(mandateweb.Config{Service: a.Mandates, Now: o.Now, CaseHref: func(id string) string { return "/my/cases/" + id }})
	a.Site.Add(mandates.Routes()...)
	mandates.AddAPI(a.API)
	a.Site.Add(federationweb.Routes(federationweb.Config{Federation: a.Federation, Finish: a.who.Finish, From: a.who.From, StaffName: a.staffName, HTTPS: https})...)
	if a.SSO != nil {
		a.Site.Add(ssoweb.Routes(ssoweb.Config{SSO: a.SSO, Log: o.Log, EndSession: a.endSession, Agencies: a.agencyOptions, StaffName: a.staffName, HTTPS: https})...)
	}
	a.Site.Add(privacyweb.Routes(privacyweb.Config{
		Privacy: a.Privacy, SignOut: a.signOut, Agencies: a.agencyOptions, StaffName: a.staffName, SiteName: o.SiteName, Now: o.Now,
	})...)
}

// providers are the outside providers one may sign in with; a page must not fail for want of them.
func (a *App) providers(ctx context.Context) []identityweb.Provider {
	offers, err := a.Federation.Offers(ctx)
	if err != nil {
		a.opts.Log.Warn("providers", "err", err)
	}
	var out []identityweb.Provider
	for _, p := range offers {
		out = append(out, identityweb.Provider(p))
	}
	return out
}

// stepProviders are the outside providers that can vouch for a level.
func (a *App) stepProviders(ctx context.Context, level int) []identityweb.Provider {
	offers, err := a.Federation.Steps(ctx, level)
	if err != nil {
		a.opts.Log.Warn("providers of a level", "err", err)
	}
	var out []identityweb.Provider
	for _, p := range offers {
		out = append(out, identityweb.Provider(p))
	}
	return out
}

// issuerName names an agency by its key, or an outside provider by its address.
func (a *App) issuerName(ctx context.Context, issuer string) string {
	if g, err := a.Org.Agency(ctx, issuer); err == nil {
		return g.Name
	}
	ps, err := a.Federation.Providers(ctx)
	if err != nil {
		a.opts.Log.Warn("providers", "err", err)
	}
	for _, p := range ps {
		if p.Issuer == issuer {
			return p.Label(i18n.From(ctx))
		}
	}
	return issuer
}

func (a *App) factorWho(ctx context.Context, who authz.Actor) (factorweb.Who, error) {
	if who.StaffID != "" {
		st, err := a.Org.Staff(ctx, who.StaffID)
		return factorweb.Who{Account: st.Login, Display: st.Name, Related: []string{st.Login, st.Name, st.Phone}, NoSMS: st.Phone == ""}, err
	}
	p, err := a.Identity.Person(ctx, who.PersonID)
	return factorweb.Who{Account: cnid.MaskPhone(p.Phone), Display: p.Masked(), Related: []string{p.Phone, p.Name, p.Number}}, err
}

func (a *App) signOut(w http.ResponseWriter, _ *http.Request) error {
	a.who.SetSession(w, "")
	return nil
}

func (a *App) endSession(ctx context.Context, who authz.Actor) error {
	return a.Identity.EndSession(ctx, who, who.SessionID)
}

func (a *App) staffName(ctx context.Context, id string) string { return a.Identity.StaffName(ctx, id) }

func (a *App) agencyOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, g := range a.Org.Agencies(ctx) {
		out = append(out, ui.Option{Value: g.Key, Label: g.Name})
	}
	return out
}

// signatures lets a case ask its applicant to sign, and look whether they did.
type signatures struct{ a *App }

func (s signatures) Ask(ctx context.Context, who authz.Actor, object, title, text, back string) (string, error) {
	id, err := s.a.Factor.AskSignature(ctx, who, factor.Ask{Object: object, Title: title, Text: text, Back: back})
	return "/my/sign/" + id, err
}

func (s signatures) Signed(ctx context.Context, who authz.Actor, object, text string) (string, bool, error) {
	sg, ok, err := s.a.Factor.SignatureOf(ctx, who.Name(), object, text)
	return sg.ID, ok, err
}

// mandateActs are the acts on a case by what a mandate calls them; everything else is part of applying.
var mandateActs = map[string]string{"view": authz.ActView, "sign": authz.ActSign, "deliver": authz.ActCollect}

// toldOfAct writes what was done in somebody's name into the record of the mandate, which tells them.
func (a *App) toldOfAct(ctx context.Context, tx *db.Tx, s event.Stored) error {
	e, err := event.Decode[cases.ActedEvent](s)
	if err != nil {
		return err
	}
	act := mandateActs[e.Act]
	if act == "" {
		act = authz.ActApply
	}
	what := a.itemName(ctx, e.ItemKey) + "：" + i18n.T(i18n.With(ctx, i18n.Chinese), "cases.act_"+e.Act)
	err = a.Mandates.Acted(ctx, tx, e.At, mandate.Act{
		MandateID: e.MandateID, ByPerson: e.ByPerson, ForKind: e.ForKind, ForID: e.ForID, Act: act, Object: "case:" + e.CaseID, What: what,
	})
	if errs.KindOf(err) == errs.NotFound { // merged or ended meanwhile: the case itself keeps who acted
		return nil
	}
	return err
}

// principal gives name and number of the person somebody acts for.
func (a *App) principal(ctx context.Context, who authz.Actor) (name, number string, err error) {
	if who.ForPerson == "" {
		return "", "", nil
	}
	p, err := a.Identity.Person(ctx, who.ForPerson)
	return p.Name, p.Number, err
}

var _ identity.Representation = representation{}
