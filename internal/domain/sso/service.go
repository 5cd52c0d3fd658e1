package sso

import (
	"context"
	"crypto"
	"embed"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "sso", Files: files}

// Deps is what the room works with.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Now    func() time.Time
	Log    *slog.Logger
	People People
	// Issuer is the public address of the site, byte for byte, without a slash at its end.
	Issuer string
	// AllowHTTP lets the issuer and registered addresses begin with http:// on loopback; only for demo and tests.
	AllowHTTP bool
	// Demo opens EnsureClient.
	Demo bool
	// Send delivers a logout token to a system; backchannel.Sender is one. nil: no back-channel logout is sent.
	Send func(ctx context.Context, address, token string) error
	// AgencyName gives the name of an agency; nil: its key.
	AgencyName func(ctx context.Context, key string) string
	// SameOffice reports whether two staff accounts are one pair of eyes: one person's, or one stands in for the other; nil: only the same account is.
	SameOffice func(ctx context.Context, x, y string) bool
	Lives      Lives
	// NewKey makes a signing key for ES256 (P-256) or RS256 (2048 bits or more); nil: a random one. Tests, where making RSA keys would take most of
	// the time, hand out ones they have.
	NewKey func(alg string) (crypto.Signer, error)
}

// Lives are how long things of the protocol are good for. Zero values become the profile's.
type Lives struct {
	Code    time.Duration // 60 s, never more
	Access  time.Duration // 10 min; an ID token too
	Refresh time.Duration // 12 h since the sign-in, however often it was used
	Parked  time.Duration // 1 h for somebody to sign in and agree
	Key     time.Duration // 90 days until keys rotate
}

const longestCode = time.Minute

func (l Lives) filled() Lives {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&l.Code, longestCode)
	set(&l.Access, 10*time.Minute)
	set(&l.Refresh, 12*time.Hour)
	set(&l.Parked, time.Hour)
	set(&l.Key, 90*24*time.Hour)
	l.Code = min(l.Code, longestCode)
	return l
}

// Service is the room.
type Service struct {
	Deps
	mu     sync.Mutex
	held   *snapshot
	silent silent
}

// New makes the room. An issuer that is not https is refused with a panic unless AllowHTTP and on loopback: tokens of it prove nothing.
func New(d Deps) *Service {
	d.Lives = d.Lives.filled()
	if u, err := url.Parse(d.Issuer); err != nil || !secure(u, d.AllowHTTP) || u.RawQuery != "" || u.Fragment != "" {
		panic("sso: the issuer must be an https address")
	}
	if d.NewKey == nil {
		d.NewKey = randomKey
	}
	if d.SameOffice == nil {
		d.SameOffice = func(_ context.Context, x, y string) bool { return x == y }
	}
	if d.AgencyName == nil {
		d.AgencyName = func(_ context.Context, key string) string { return key }
	}
	return &Service{Deps: d}
}

// secure reports whether an address is https, or http on this machine where that is allowed.
func secure(u *url.URL, allowHTTP bool) bool {
	if u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && allowHTTP && loopback(u.Hostname())
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }
