package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"tongban/internal/app"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
	"tongban/internal/domain/identity"
)

// City is the demo city over a database of its own. It does not listen, and its jobs wait until they are asked for.
type City struct {
	*app.App
	applicants []authz.Actor
}

// OpenCity loads the city. database is as for the demo command; empty means SQLite in dir.
func OpenCity(ctx context.Context, dir, database string) (*City, error) {
	a, err := app.OpenDemo(ctx, app.DemoOptions{
		Dir: filepath.Join(dir, "city"), Database: database, BaseURL: "http://127.0.0.1:1", Version: "bench", Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	c := &City{App: a}
	return c, errors.Join(a.Org.Ready(ctx), a.Catalog.Ready(ctx), c.signIn(ctx))
}

// Over is the same over an application that runs already.
func Over(ctx context.Context, a *app.App) (*City, error) {
	c := &City{App: a}
	return c, c.signIn(ctx)
}

// FileFood sends a food licence application in and leaves a complete draft of another, for one firm.
func (c *City) FileFood(ctx context.Context) (caseID, draftID, firmID string, err error) {
	sent, err := c.prepare(ctx, 0)
	if err != nil {
		return "", "", "", err
	}
	if err := c.submit(ctx, sent); err != nil {
		return "", "", "", err
	}
	kept, err := c.prepare(ctx, len(c.applicants))
	return sent.id, kept.id, sent.who.FirmID, err
}

// Close ends the city and its helper servers.
func (c *City) Close() error { return errors.Join(c.App.Close(), c.Demo().Close()) }

// owners are the demo's accounts that act for a firm which may sell food.
var owners = []string{"19900000101", "19900000105", "19900000107", "19900000110"}

// signIn gives an actor for every firm of the owners.
func (c *City) signIn(ctx context.Context) error {
	for _, phone := range owners {
		token, err := c.Identity.Demo().SignIn(ctx, "person", phone, "")
		if err != nil {
			return err
		}
		a, err := c.Identity.Actor(ctx, token)
		if err != nil {
			return err
		}
		firms, err := c.Identity.FirmsOf(ctx, a.PersonID)
		if err != nil {
			return err
		}
		for _, f := range firms {
			if err := c.Identity.ActFor(ctx, a, identity.KindFirm, f.ID); err != nil {
				return err
			}
			a.FirmID, a.Via = f.ID, "page"
			c.applicants = append(c.applicants, a)
		}
	}
	if len(c.applicants) == 0 {
		return errors.New("the demo city has no owners of firms")
	}
	return nil
}

// NewPostgres makes an empty database on a server and gives its address and what drops it.
func NewPostgres(ctx context.Context, server string) (address string, drop func() error, err error) {
	d, err := db.Open(ctx, server, db.Options{MaxConns: 1})
	if err != nil {
		return "", nil, err
	}
	name := "bench" + strings.ReplaceAll(ident.New(), "-", "")
	if _, err := d.Raw().ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", nil, errors.Join(err, d.Close())
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, fmt.Errorf("address of the server: %w", err)
	}
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := d.Raw().ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		return errors.Join(err, d.Close())
	}, nil
}
