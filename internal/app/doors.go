package app

import (
	"context"
	"net/url"
	"os"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/federation/rp"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/face"
	"tongban/internal/domain/identity/ldap"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/privacy"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/sso/backchannel"
)

// platformKey names the key with which the platform seals signatures people make with a second secret.
const platformKey = "platform"

// doors makes the rooms by which people and systems come in: factor, identity, mandate, federation, sso, privacy.
func (a *App) doors() error {
	o := a.opts
	var err error
	if a.Factor, err = a.newFactor(); err != nil {
		return err
	}
	d := identity.Deps{
		DB: a.DB, Vault: a.Vault, Audit: a.Audit, Staff: a.Org, Factors: a.Factor, Represent: representation{a}, Send: a.Notify.SendTx, Now: o.Now, Log: o.Log, Demo: o.Demo != nil,
		CodesPerOrigin: o.SMS.PerAddress, CodesPerNetwork: o.SMS.PerNetwork, CodesPerDay: o.SMS.PerDay,
		Registry: identity.NewRegistry(identity.RegistryConfig{
			PopulationURL: strings.TrimRight(o.Registry.PopulationURL, "/"), FirmsURL: strings.TrimRight(o.Registry.FirmURL, "/"), KeyID: o.Registry.KeyID, Key: o.Registry.Secret, Now: o.Now,
		}),
	}
	if o.Face.URL != "" {
		d.Face = face.New(face.Config{URL: o.Face.URL, KeyID: o.Face.KeyID, Key: o.Face.Secret, Now: o.Now})
	}
	if o.LDAP.URL != "" {
		if d.Directory, err = ldap.New(o.LDAP); err != nil {
			return err
		}
	}
	a.Identity = identity.New(d)
	a.Mandates = mandate.New(mandate.Deps{
		DB: a.DB, Vault: a.Vault, Audit: a.Audit, People: a.Identity, Guardian: d.Registry.Guardian, Signed: a.Factor, Items: a.mandateItems, Send: a.Notify.SendTx, Now: o.Now, Log: o.Log,
	})
	if a.Federation, err = federation.New(federation.Deps{
		DB: a.DB, Vault: a.Vault, Party: rp.New(rp.Config{Loopback: o.Demo != nil, Now: o.Now}), Door: a.Identity, PublicURL: o.PublicURL, Loopback: o.Demo != nil, Resume: a.actAgain, SameOffice: a.Org.SameOffice, Log: o.Log, Now: o.Now,
	}); err != nil {
		return err
	}
	a.newSSO()
	a.newPrivacy()
	return nil
}

func (a *App) newFactor() (*factor.Service, error) {
	o := a.opts
	d := factor.Deps{DB: a.DB, Vault: a.Vault, Now: o.Now, Log: o.Log, PublicURL: o.PublicURL, SiteName: o.SiteName, MayHold: a.mayHold, Seal: a.platformSeal, Tell: a.tellOwner}
	for _, p := range o.CertRoots {
		pem, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		d.Roots = append(d.Roots, pem)
	}
	if o.CertCRL != "" {
		d.CRLs = factor.CRLFiles(o.CertCRL)
	}
	if o.Breached != "" {
		list, err := factor.OpenBreached(o.Breached)
		if err != nil {
			return nil, err
		}
		d.Breached = list
	}
	return factor.New(d)
}

// platformSeal signs with the platform's key, which is looked for each time: init makes it after the rooms are made.
func (a *App) platformSeal(ctx context.Context, data []byte) ([]byte, error) {
	signer, err := a.Keys.Signer(platformKey)
	if err != nil {
		return nil, err
	}
	return factor.SealWith(signer, a.opts.Now)(ctx, data)
}

// tellOwner writes to the person a factor belongs to.
func (a *App) tellOwner(ctx context.Context, tx *db.Tx, now time.Time, owner, template string, data map[string]string) error {
	id, ok := strings.CutPrefix(owner, "person:")
	if !ok {
		return nil
	}
	return a.Notify.SendTx(ctx, tx, now, notify.Message{Template: template, Key: owner + ":" + template + ":" + now.Format(time.RFC3339Nano), To: notify.To{Person: id}, Data: data, Link: "/my/security"})
}

// tellOfficer sends an officer a text message; officers have no inbox.
func (a *App) tellOfficer(ctx context.Context, tx *db.Tx, now time.Time, m org.Notice) error {
	return a.Notify.SendTx(ctx, tx, now, notify.Message{Template: m.Template, Key: m.Key, To: notify.To{Phone: m.Phone}, Data: m.Data, Link: m.Link})
}

// mayHold lets people bind only certificates that bear their own name and number; staff may bind one by its name.
func (a *App) mayHold(ctx context.Context, owner string, c factor.Certificate) error {
	kind, id, _ := strings.Cut(owner, ":")
	if kind == "staff" {
		st, err := a.Org.Staff(ctx, id)
		if err == nil && st.Name != c.Name {
			err = errs.New(errs.Forbidden, "factor.cert_other")
		}
		return err
	}
	p, err := a.Identity.Person(ctx, id)
	if err == nil && (p.Number == "" || p.Number != c.Number) {
		err = errs.New(errs.Forbidden, "factor.cert_other")
	}
	return err
}

// representation hands identity's questions up to the room of mandates, which is made after it.
type representation struct{ a *App }

func (r representation) MayAct(ctx context.Context, personID, kind, principalID string) (identity.Acting, bool, error) {
	return r.a.Mandates.MayAct(ctx, personID, kind, principalID)
}

func (r representation) Principals(ctx context.Context, personID string) ([]identity.Principal, error) {
	return r.a.Mandates.Principals(ctx, personID)
}

// mandateItems lists what a mandate may name: the items a firm or a person can apply for online.
func (a *App) mandateItems(ctx context.Context, forKind string) ([]mandate.Item, error) {
	q := catalog.Query{Online: "full", Audience: forKind, Limit: 100}
	var out []mandate.Item
	for {
		page, err := a.Catalog.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			out = append(out, mandate.Item{Key: it.ID, Name: it.Name})
		}
		if q.After = page.Next; q.After == "" {
			return out, nil
		}
	}
}

// actAgain lets a person who proved themself again go on acting for whom they acted.
func (a *App) actAgain(ctx context.Context, token string, was authz.Actor) error {
	is, err := a.Identity.Actor(ctx, token)
	switch {
	case err != nil:
		return err
	case was.FirmID != "":
		return a.Identity.ActFor(ctx, is, identity.KindFirm, was.FirmID)
	case was.ForPerson != "":
		return a.Identity.ActFor(ctx, is, identity.KindPerson, was.ForPerson)
	}
	return nil
}

// newSSO makes the OpenID provider. Its issuer must be https; on this machine the demo may do without.
func (a *App) newSSO() {
	o := a.opts
	issuer := strings.TrimRight(o.PublicURL, "/")
	if u, err := url.Parse(issuer); err != nil || u.Scheme != "https" && o.Demo == nil {
		return
	}
	a.SSO = sso.New(sso.Deps{
		DB: a.DB, Vault: a.Vault, Audit: a.Audit, Now: o.Now, Log: o.Log, People: knows{a}, Issuer: issuer, AllowHTTP: o.Demo != nil, Demo: o.Demo != nil,
		Send: backchannel.New().Send, SameOffice: a.Org.SameOffice, AgencyName: a.agencyName,
	})
}

// knows answers the provider's questions about people, firms and staff.
type knows struct{ a *App }

func (k knows) Auth(ctx context.Context, sessionID string) (sso.Auth, error) {
	s, err := k.a.Identity.Auth(ctx, sessionID)
	return sso.Auth(s), err
}

func (k knows) Person(ctx context.Context, id string) (sso.Person, error) {
	p, err := k.a.Identity.Person(ctx, id)
	sex := map[string]string{"男": "male", "女": "female"}[p.Sex]
	return sso.Person{Name: p.Name, Number: p.Number, NumberKind: p.NumberKind, Sex: sex, Birth: p.Birth, VerifiedAt: p.VerifiedAt, Alive: p.Alive}, err
}

func (k knows) Firm(ctx context.Context, id string) (sso.Firm, error) {
	f, err := k.a.Identity.Firm(ctx, id)
	return sso.Firm{Name: f.Name, CreditCode: f.CreditCode}, err
}

func (k knows) Staff(ctx context.Context, id string) (sso.Staff, error) {
	st, err := k.a.Org.Staff(ctx, id)
	if err != nil {
		return sso.Staff{}, err
	}
	g, err := k.a.Org.Agency(ctx, st.Agency)
	if errs.KindOf(err) == errs.NotFound {
		err = nil
	}
	return sso.Staff{Name: st.Name, Agency: st.Agency, AgencyName: g.Name, Region: g.Region, Posts: st.Posts, Disabled: st.Disabled}, err
}

func (k knows) MayAct(ctx context.Context, personID, kind, principalID string) (*authz.Scope, bool, error) {
	acting, ok, err := k.a.Mandates.MayAct(ctx, personID, kind, principalID)
	if ok || err != nil || kind != identity.KindFirm {
		return acting.Scope, ok, err
	}
	fs, err := k.a.Identity.FirmsOf(ctx, personID) // a legal representative needs no mandate
	for _, f := range fs {
		ok = ok || f.ID == principalID
	}
	return nil, ok, err
}

func (a *App) newPrivacy() {
	o := a.opts
	a.Privacy = privacy.New(privacy.Deps{
		DB: a.DB, Vault: a.Vault, Audit: a.Audit, People: a.Identity, Offices: a.Org, Calendar: a.Org.Calendar, Send: a.Notify.SendTx, Now: o.Now, Log: o.Log,
		System: func(ctx context.Context, id string) (privacy.System, error) {
			if a.SSO == nil {
				return privacy.System{}, errs.New(errs.NotFound, "base.not_found")
			}
			c, _, err := a.SSO.Client(ctx, id)
			return privacy.System{Name: c.Name, Agency: c.Agency}, err
		},
		MaySee: a.handlesPerson, Remains: a.remains, Sources: a.accountSources(), Enders: a.accountEnders(),
	})
}

// accountSources are what the rooms keep of an account, for its export.
func (a *App) accountSources() []privacy.Source {
	out := append(privacy.FromIdentity(a.Identity), privacy.FromFactor(a.Factor), privacy.FromMandate(a.Mandates))
	if a.SSO != nil {
		out = append(out, privacy.Source{Key: "consents", Export: func(ctx context.Context, who authz.Actor) (any, error) { return a.SSO.Consents(ctx, who) }})
	}
	return out
}

// accountEnders end what the rooms keep of an account; identity is last, because its sessions are how the others are asked.
func (a *App) accountEnders() []privacy.Ender {
	out := []privacy.Ender{a.Mandates.EndAccountTx}
	if a.SSO != nil {
		out = append(out, a.SSO.EndAccountTx)
	}
	return append(out, func(ctx context.Context, tx *db.Tx, now time.Time, personID string) error {
		return a.Factor.EndTx(ctx, tx, now, "person:"+personID)
	}, a.Identity.EndAccountTx)
}

// remains counts what stays of a person after their account: cases and licences, which laws keep.
func (a *App) remains(ctx context.Context, personID string) ([]privacy.Remain, error) {
	who := authz.Actor{PersonID: personID, Roles: []authz.Role{authz.Person}, Via: "page"}
	page, err := a.Cases.ListMine(ctx, who, "", remainsShown)
	if err != nil || len(page.Cases) == 0 {
		return nil, err
	}
	return []privacy.Remain{{Key: "privacy.remain_cases", N: len(page.Cases)}}, nil
}

const remainsShown = 1000

// handlesPerson reports whether a member of staff handles a case of a person now.
func (a *App) handlesPerson(ctx context.Context, who authz.Actor, personID string) (bool, error) {
	p, err := a.Identity.Person(ctx, personID)
	if err != nil || p.Number == "" {
		return false, err
	}
	page, err := a.Cases.Inbox(ctx, who, cases.Filter{Tab: "all", Query: p.Number, Limit: 1})
	return len(page.Cases) > 0, err
}
