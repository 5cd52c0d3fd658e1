package app

import (
	"context"
	"net/netip"

	"tongban/internal/domain/sso"
	"tongban/internal/domain/webhook"
	"tongban/internal/domain/webhook/push"
	"tongban/internal/domain/webhook/webhookweb"
)

// newWebhook makes the room that tells departments' systems of their cases. On a laptop's demo targets may be on this machine and without TLS.
func (a *App) newWebhook() {
	o := a.opts
	allow := o.WebhookAllow
	if o.Demo != nil {
		allow = append([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, allow...)
	}
	a.Webhook = webhook.New(webhook.Deps{
		DB: a.DB, Vault: a.Vault, Now: o.Now, Log: o.Log, Offices: a.Org, Send: push.New(push.Config{Allow: allow, HTTP: o.Demo != nil}), Client: a.webhookClient(), PublicURL: o.PublicURL,
		AllowHTTP: o.Demo != nil,
	})
}

// webhookClient asks single sign-on about the systems it knows; nil where there is none.
func (a *App) webhookClient() func(ctx context.Context, id string) (string, bool, error) {
	if a.SSO == nil {
		return nil
	}
	return func(ctx context.Context, id string) (string, bool, error) {
		c, _, err := a.SSO.Client(ctx, id)
		return c.Agency, c.State == sso.Active, err
	}
}

func (a *App) mountWebhook() {
	c := webhookweb.Config{Webhooks: a.Webhook, Agencies: a.agencyOptions, Regions: a.regionOptions, AgencyName: a.agencyName, StaffName: a.staffName}
	a.Site.Add(webhookweb.Routes(c)...)
	webhookweb.API(a.API, c)
}
