package app

import (
	"context"

	"tongban/internal/domain/govstack"
	"tongban/internal/domain/govstack/govstackweb"
)

// newGovStack makes the room that lets other agencies' systems use services and cases by GovStack's Registration API.
func (a *App) newGovStack() {
	o := a.opts
	a.GovStack = govstack.New(govstack.Deps{
		DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Now: o.Now, Items: a.Catalog, Cases: a.Cases, Offices: a.Org, PublicURL: o.PublicURL, Demo: o.Demo != nil,
	})
}

func (a *App) mountGovStack() {
	a.Site.Add(govstackweb.Routes(govstackweb.Config{GovStack: a.GovStack, Log: a.opts.Log, Agencies: a.agencyOptions, AgencyName: a.agencyName, StaffName: a.staffName})...)
	govstackweb.Document(a.API.Spec())
}

// demoMember is the member the demo city lets use everything: it identifies people at every level, and every officer may complete tasks through it.
const demoMember = "eGovStack/GOV/90000009/demo"

func (a *App) ensureDemoMember(ctx context.Context) error {
	m := govstack.Member{Client: demoMember, Name: "示范接入系统", Agency: "hall", Basis: "示范城市数据共享协议（虚构）", Items: []string{govstack.AllItems}, File: true, Level: 4}
	for _, st := range a.Org.StaffList(ctx, "") {
		if !st.Disabled && len(st.Posts) > 0 {
			m.Operators = append(m.Operators, st.ID)
		}
	}
	return a.GovStack.EnsureMember(ctx, m)
}
