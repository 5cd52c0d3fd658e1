package app

import (
	"tongban/internal/domain/archive"
)

// archive makes the room of archive packages from the rooms below it.
func (a *App) archive() *archive.Service {
	o := a.opts
	return archive.New(archive.Deps{
		DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Keys: a.Keys, Now: o.Now, Log: o.Log, Cases: a.Cases, Papers: a.Paper, Licences: a.Licence, Offices: a.Org,
		Evidence: a.Factor.Evidence, Talk: a.saidAbout, Version: o.Version,
	})
}
