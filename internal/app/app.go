package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/idem"
	"tongban/internal/base/job"
	"tongban/internal/base/obs"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/counter"
	"tongban/internal/domain/credit"
	"tongban/internal/domain/design"
	"tongban/internal/domain/desk"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/elsewhere"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/federation"
	"tongban/internal/domain/govstack"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/identity/identityweb"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/notify/gateway"
	"tongban/internal/domain/notify/notifyweb"
	"tongban/internal/domain/org"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/domain/privacy"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/report"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/supervision"
	"tongban/internal/domain/talk"
	"tongban/internal/domain/webhook"
)

// App is a server that is put together but does not listen yet.
type App struct {
	opts  Options
	DB    *db.DB
	Vault *vault.Vault
	Blobs *blob.Store
	Audit *audit.Log
	Jobs  *job.Runner
	Idem  *idem.Store

	Org         *org.Service
	Notify      *notify.Service
	Factor      *factor.Service
	Identity    *identity.Service
	Mandates    *mandate.Service
	Federation  *federation.Service
	SSO         *sso.Service // nil where the public address cannot be an issuer
	Privacy     *privacy.Service
	Directory   *directory.Service
	Catalog     *catalog.Service
	Keys        *paper.Keyring
	Paper       *paper.Service
	Licence     *licence.Service
	Cases       *cases.Service
	Credit      *credit.Service
	Desk        *desk.Service
	Talk        *talk.Service
	Counter     *counter.Service
	Archive     *archive.Service
	Rating      *rating.Service
	Supervision *supervision.Service
	Report      *report.Service
	Packs       *pack.Service
	Design      *design.Service
	Webhook     *webhook.Service
	Elsewhere   *elsewhere.Service
	GovStack    *govstack.Service

	reporters []notifyweb.Reporter // of delivery reports
	who       *identityweb.Handler

	Site    *web.Site
	API     *web.API
	Metrics *obs.Metrics
	Ready   *obs.Ready
}

// Open opens database and files, makes the rooms and mounts their routes. It does not migrate: the commands do, before they load packs.
func Open(ctx context.Context, o Options) (*App, error) {
	keys, err := vault.LoadKeys(o.VaultKeys)
	if err != nil {
		return nil, err
	}
	a := &App{opts: o, Vault: vault.New(keys), Metrics: obs.NewMetrics()}
	if a.Blobs, err = blob.Open(o.FilesDir, a.Vault); err != nil {
		return nil, err
	}
	if a.Keys, err = paper.NewKeyring(o.SealKeys); err != nil {
		return nil, err
	}
	if a.DB, err = db.Open(ctx, o.Database, db.Options{}); err != nil {
		return nil, err
	}
	a.Ready = obs.NewReady(a.DB.Ping)
	a.base()
	if err := a.rooms(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.jobs()
	a.routes()
	return a, nil
}

func (a *App) base() {
	a.Audit = audit.NewLog(a.DB, a.opts.Now, a.opts.Log)
	a.Jobs = job.NewRunner(a.DB, a.opts.Now, a.opts.Log)
	a.Idem = idem.New(a.DB, a.Vault, a.opts.Now)
}

// rooms makes the rooms from the bottom up.
func (a *App) rooms() error {
	o := a.opts
	a.Org = org.New(org.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Send: a.tellOfficer, Items: liveItems{a}, Now: o.Now, Log: o.Log})
	gs, err := a.gateways()
	if err != nil {
		return err
	}
	a.Notify = notify.New(notify.Deps{DB: a.DB, Vault: a.Vault, Now: o.Now, Log: o.Log, Gateways: gs})
	if err := a.doors(); err != nil {
		return err
	}
	a.Directory = directory.New(directory.Deps{DB: a.DB, Vault: a.Vault, Org: a.Org, Now: o.Now, Log: o.Log})
	a.Catalog = catalog.New(catalog.Deps{DB: a.DB, Org: a.Org, Base: a.Directory.Base, Codes: a.Directory, Files: a.Blobs, Now: o.Now, Log: o.Log})
	a.Paper = paper.New(paper.Deps{DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Keys: a.Keys, Now: o.Now, Log: o.Log, PublicURL: o.PublicURL})
	a.Licence = licence.New(licence.Deps{DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Keys: a.Keys, Now: o.Now, Log: o.Log, PublicURL: o.PublicURL})
	a.Credit = credit.New(credit.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Papers: a.Paper, Notices: a.Notify, People: a.Identity, Offices: a.Org, Now: o.Now})
	a.Cases = cases.New(cases.Deps{
		DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Now: o.Now, Log: o.Log, Items: a.Catalog, Offices: a.Org, Credits: a.Credit,
		People: a.Identity, Papers: a.Paper, Licences: a.Licence, Notices: a.Notify, Signatures: signatures{a}, Shares: copies{a}, Here: here{a}, Test: a.Keys.Test(),
	})
	a.newCounter()
	a.wireDesk()
	a.newTalk()
	a.Archive = a.archive()
	a.wireElsewhere()
	a.Rating = rating.New(rating.Deps{
		DB: a.DB, Vault: a.Vault, Audit: a.Audit, Now: o.Now, Cases: a.Cases, Calendar: a.Org.Calendar, AgencyName: a.agencyName, ItemName: a.itemName,
	})
	a.Supervision = supervision.New(supervision.Deps{
		DB: a.DB, Vault: a.Vault, Now: o.Now, Log: o.Log, Cases: a.Cases, Calendar: a.Org.Calendar, Papers: a.paperLines, Measure: a.measured,
	})
	a.newReport()
	a.newWebhook()
	a.newGovStack()
	a.Packs = pack.New(a.DB, a.Vault, o.Now, shelf{a}, a.Org, a.Notify, a.Paper, a.Licence, a.Directory, a.Catalog, a.Cases)
	a.Design = design.New(design.Deps{DB: a.DB, Vault: a.Vault, Packs: a.Packs, Org: a.Org, Powers: a.Org, Items: a.Catalog, Bases: a.Directory, Now: o.Now, Log: o.Log})
	return nil
}

func (a *App) gateways() ([]notify.Gateway, error) {
	var out []notify.Gateway
	a.reporters = nil
	for i, url := range a.opts.SMS.URLs {
		c := gateway.Config{Name: fmt.Sprintf("sms%d", i+1), URL: url, App: a.opts.SMS.App, Secret: string(a.opts.SMS.Secret)}
		if err := c.Check(); err != nil {
			return nil, err
		}
		g := gateway.New(c, a.opts.Now)
		out, a.reporters = append(out, g), append(a.reporters, g)
	}
	return out, nil
}

// Close ends what Open began.
func (a *App) Close() error {
	a.Audit.Close()
	return a.DB.Close()
}

// Migrate brings the tables up to date.
func (a *App) Migrate(ctx context.Context) error { return a.DB.Migrate(ctx, Schemas...) }

// Serve warms the rooms, runs jobs and answers on a listener until ctx ends. Requests and jobs under way are finished.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	if err := errors.Join(a.Org.Ready(ctx), a.Directory.Ready(ctx), a.Catalog.Ready(ctx), a.Supervision.Arm(ctx), a.Cases.Schedule(ctx), a.Credit.Schedule(ctx), a.Desk.Schedule(ctx), a.Elsewhere.Schedule(ctx), a.GovStack.Schedule(ctx), a.Archive.Schedule(ctx), a.Report.Schedule(ctx)); err != nil {
		return err
	}
	if err := errors.Join(job.Reclaim(ctx, a.DB), a.Idem.Reclaim(ctx)); err != nil {
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.Jobs.Run(work) })
	wg.Go(func() { a.Audit.Sequence(work) })
	wg.Go(func() { a.tick(work) })
	wg.Go(func() { a.words(work) })
	wg.Go(func() { a.Webhook.Run(work) })
	if a.SSO == nil {
		a.opts.Log.Warn("no single sign-on: the public address is not https", "public_url", a.opts.PublicURL)
	}
	a.Ready.Set(true)
	go func() {
		<-ctx.Done()
		a.Ready.Set(false)
	}()
	err := a.listen(ctx, l)
	stop()
	wg.Wait()
	return err
}

// listen answers on the listener and, where one is configured, on the address that asks browsers for certificates, until ctx ends or one fails.
func (a *App) listen(ctx context.Context, l net.Listener) error {
	h := a.Site.Handler()
	if a.opts.CertAddr == "" {
		return web.Serve(ctx, l, h)
	}
	second, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.opts.CertAddr)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() {
		defer stop()
		done <- web.ServeCertificates(ctx, second, a.opts.CertTLS[0], a.opts.CertTLS[1], h)
	}()
	err = web.Serve(ctx, l, h)
	stop()
	return errors.Join(err, <-done)
}

// Demo is what demo mode added; nil in production.
func (a *App) Demo() *Demo { return a.opts.Demo }
