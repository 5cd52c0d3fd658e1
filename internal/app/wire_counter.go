package app

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"

	"tongban/internal/base/authz"
	"tongban/internal/base/config"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases/deskweb"
	"tongban/internal/domain/counter"
	"tongban/internal/domain/counter/counterweb"
)

// Reader is the local agent that reads identity cards on the PCs of the counters.
type Reader struct {
	URL    string // its origin, http://127.0.0.1:PORT; empty: none
	Secret string // pairs it with this platform
}

// newCounter makes the room of the windows.
func (a *App) newCounter() {
	secret := ""
	if a.opts.Reader.URL != "" {
		secret = a.opts.Reader.Secret
	}
	a.Counter = counter.New(counter.Deps{
		DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Cases: a.Cases, People: a.Identity, Items: a.Catalog, Now: a.opts.Now, ReaderSecret: secret,
	})
}

// here lets cases ask who is served at a counter; the counter is made after them.
type here struct{ app *App }

func (h here) Presence(ctx context.Context, staffID, caseID, subject string) (string, error) {
	return h.app.Counter.Presence(ctx, staffID, caseID, subject)
}

func (a *App) mountCounter() {
	c := counterweb.Config{
		Counter: a.Counter, Cases: a.Cases, Items: a.Catalog, Offices: a.Org, Now: a.opts.Now, Track: a.track, PhoneURL: a.opts.PublicURL, ReaderURL: a.opts.Reader.URL,
	}
	a.Site.Add(counterweb.Routes(c)...)
	counterweb.API(a.API, c)
}

// track is the address of the progress page of a case, for QR codes.
func (a *App) track(caseNo, code string) string {
	return a.opts.PublicURL + "/lookup?" + url.Values{"no": {caseNo}, "code": {code}}.Encode()
}

// served tells the pages of the window whom their clerk serves now.
func (a *App) served(ctx context.Context, who authz.Actor) (*deskweb.Served, error) {
	v, err := a.Counter.Serving(ctx, who)
	if err != nil || v == nil {
		return nil, err
	}
	return &deskweb.Served{Name: v.Name, Href: "/window/visitors/" + v.ID}, nil
}

// ReaderKey is the file in the demo's folder of keys that holds the pairing secret of the card reader agent.
const ReaderKey = "reader.key"

// pairReader switches the agent of a demo on and makes its pairing secret if there is none.
func (o *Options) pairReader(url, file string) error {
	if url == "" {
		return nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(file, []byte(ident.Secret(32)+"\n"), 0o600); err != nil {
			return err
		}
	}
	c := config.Reader{URL: url, SecretFile: file}
	if err := c.Check(); err != nil {
		return err
	}
	secret, err := config.Secret(file)
	o.Reader = Reader{URL: url, Secret: secret}
	return err
}
