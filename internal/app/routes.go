package app

import (
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/archive/archiveweb"
	"tongban/internal/domain/cases/casesweb"
	"tongban/internal/domain/cases/deskweb"
	"tongban/internal/domain/catalog/catalogweb"
	"tongban/internal/domain/credit/creditweb"
	"tongban/internal/domain/design/designweb"
	"tongban/internal/domain/directory/directoryweb"
	"tongban/internal/domain/identity/identityweb"
	"tongban/internal/domain/licence/licenceweb"
	"tongban/internal/domain/notify/notifyweb"
	"tongban/internal/domain/org/orgweb"
	"tongban/internal/domain/portal/portalweb"
	"tongban/internal/domain/rating/ratingweb"
	"tongban/internal/domain/supervision/supervisionweb"
	"tongban/internal/domain/talk/talkweb"
)

// routes mounts every room's route table and its part of the API.
func (a *App) routes() {
	o := a.opts
	https := strings.HasPrefix(o.PublicURL, "https://")
	who := identityweb.New(identityweb.Config{Service: a.Identity, HTTPS: https, PublicURL: o.PublicURL, Providers: a.providers, StepProviders: a.stepProviders, IssuerName: a.issuerName, Certificates: a.Factor.TakesCertificates(), ProxyCertificates: o.CertProxy, NoPasskeys: !a.Factor.HasPasskeys()})
	a.who = who
	a.Site = web.New(web.Config{
		Actor: who.Actor, SignIn: who.SignIn, StepUp: who.StepUp, Prepare: a.prepare, ErrorPage: portalweb.ErrorPage, Observe: a.Metrics.Observe, Log: o.Log, Now: o.Now, HTTPS: https, Proxies: o.Proxies,
	})
	a.API = web.NewAPI(a.Site, o.Version, a.Idem)
	a.mountDoors(https)
	a.Site.Add(notifyweb.New(a.Notify, a.reporters...).Routes()...)
	a.Site.Add(orgweb.New(orgweb.Config{Org: a.Org, Now: o.Now, Items: a.onlineItems}).Routes()...)
	a.mountCatalogue(https)
	a.Site.Add(licenceweb.Routes(licenceweb.Deps{Licences: a.Licence, Holders: holders{a.Identity}, Principal: a.principal, Now: o.Now, Opened: a.licenceOpened})...)
	licenceweb.Document(a.API.Spec())
	a.mountCases()
	a.mountTalk()
	a.mountCounter()
	a.Site.Add(archiveweb.Routes(a.Archive)...)
	archiveweb.AddAPI(a.API, a.Archive)
	a.Site.Add(creditweb.Routes(a.Credit, a.Paper.PDF)...)
	creditweb.API(a.API, a.Credit)
	a.Site.Add(ratingweb.Routes(a.Rating)...)
	a.mountElsewhere()
	a.Site.Add(supervisionweb.Routes(a.Supervision)...)
	a.mountReport()
	a.mountWebhook()
	a.mountGovStack()
	a.mountPortal(who, https)
	a.mountPlain()
}

// mountCatalogue mounts the base directory, the catalogue and the making of services.
func (a *App) mountCatalogue(https bool) {
	o := a.opts
	base := directoryweb.New(directoryweb.Config{Directory: a.Directory, Offices: a.Org, Adopters: a.Catalog, Now: o.Now})
	a.Site.Add(base.Routes()...)
	base.AddAPI(a.API)
	follow := catalogweb.NewFollow(catalogweb.FollowConfig{Items: a.Catalog, Directory: a.Directory, Offices: a.Org})
	items := catalogweb.New(catalogweb.Config{Catalog: a.Catalog, Offices: a.Org, Demo: o.Demo != nil, HTTPS: https, Following: follow.Mine})
	a.Site.Add(items.Routes()...)
	items.AddAPI(a.API)
	a.Site.Add(follow.Routes()...)
	a.Site.Add(designweb.New(designweb.Config{Design: a.Design, Offices: a.Org, Facts: a.ruleFacts, Licences: a.licenceOptions, Items: a.onlineItems, Forms: a.publishedForms, Regions: a.regionOptions, Now: o.Now}).Routes()...)
}

func (a *App) mountCases() {
	o := a.opts
	track := func(caseNo, code string) string {
		return o.PublicURL + "/lookup?" + url.Values{"no": {caseNo}, "code": {code}}.Encode()
	}
	own := casesweb.Config{
		Cases: a.Cases, Papers: a.Paper, Audit: a.Audit, Seal: a.Vault, Item: a.Catalog.Item, Who: a.whoApplies, Firms: a.firmsOf, Regions: a.regionOptions, Remedies: a.remedies,
		Evidence: a.Factor.Evidence, FileURL: fileURL, PublicURL: o.PublicURL, Now: o.Now, Talk: talkweb.OwnPanel(a.Talk), Unread: a.unreadMine,
	}
	a.Site.Add(casesweb.Routes(own)...)
	casesweb.API(a.API, own)
	officers := deskweb.Config{Cases: a.Cases, Items: a.Catalog, Offices: a.Org, Papers: a.Paper, Reads: a.Audit, Now: o.Now, Seal: a.Vault, Track: track, Counter: a.Identity, Evidence: a.Factor.Evidence, Desk: a.Desk, Voices: voices{a.Talk}, Talk: talkweb.DeskPanel(a.Talk), Served: a.served}
	a.Site.Add(deskweb.Routes(officers)...)
	deskweb.AddAPI(a.API, officers)
}

func (a *App) mountPortal(who *identityweb.Handler, https bool) {
	c := portalweb.Config{Space: a.space, Spec: a.API.Spec, JSON: a.API.OpenAPI, SetCookie: who.SetSession, HTTPS: https, Contact: a.opts.Hotline, Record: record{a}, OpsState: a.ops}
	if a.opts.Demo != nil {
		c.Demo = a.opts.Demo
	}
	a.Site.Add(portalweb.Routes(c)...)
}

// mountPlain mounts what is no page: assets, health, metrics.
func (a *App) mountPlain() {
	a.Site.Mount("GET /a/", ui.AssetHandler())
	a.Site.Mount("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }))
	a.Site.Mount("GET /readyz", a.Ready)
	if a.opts.OpenMetric || a.opts.MetricsKey != "" {
		a.Site.Mount("GET /metrics", a.Metrics.Handler(a.opts.MetricsKey))
	}
}
