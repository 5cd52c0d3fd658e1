package app

import (
	"tongban/internal/domain/elsewhere"
	"tongban/internal/domain/elsewhere/elsewhereweb"
	"tongban/internal/domain/elsewhere/line"
)

// wireElsewhere makes the border to the systems of other authorities and tells the cases which are connected.
func (a *App) wireElsewhere() {
	o := a.opts
	a.Elsewhere = elsewhere.New(elsewhere.Deps{DB: a.DB, Vault: a.Vault, Now: o.Now, Log: o.Log, Cases: a.Cases, Line: line.New(o.Now)})
	a.Cases.Systems = a.Elsewhere
}

func (a *App) mountElsewhere() {
	a.Site.Add(elsewhereweb.Routes(elsewhereweb.Config{Elsewhere: a.Elsewhere, File: a.Cases.HandFile, Now: a.opts.Now})...)
	elsewhereweb.API(a.API, a.Cases.Enter)
	elsewhereweb.OperateAPI(a.API, a.Elsewhere)
}
