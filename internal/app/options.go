package app

import (
	"log/slog"
	"net/netip"
	"time"

	"tongban/internal/base/config"
)

// Options is everything a server is made of that differs between deployments.
type Options struct {
	Database   string
	FilesDir   string // encrypted files
	VaultKeys  string
	SealKeys   string
	PublicURL  string
	SiteName   string
	Owner      string
	Hotline    string
	MetricsKey string // token of /metrics; empty with OpenMetric false closes it
	OpenMetric bool
	SMS        SMS
	Registry   Registry
	Proxies    []netip.Prefix
	Version    string
	Log        *slog.Logger
	Now        func() time.Time
	Demo       *Demo // nil in production
}

// SMS is where text messages go.
type SMS struct {
	URLs   []string // tried in order
	App    string
	Secret []byte
}

// Registry is where people and firms are asked about.
type Registry struct {
	PopulationURL, FirmURL, KeyID string
	Secret                        []byte
}

// FromConfig reads the secrets a configuration names.
func FromConfig(c config.Config, log *slog.Logger) (Options, error) {
	o := Options{
		Database: c.Database, FilesDir: c.DataDir, VaultKeys: c.VaultKeys, SealKeys: c.SealKeys, PublicURL: c.PublicURL, SiteName: c.SiteName, Owner: c.Owner, Hotline: c.Hotline,
		SMS:      SMS{URLs: []string{c.SMS.URL}, App: c.SMS.App},
		Registry: Registry{PopulationURL: c.Registry.PopulationURL, FirmURL: c.Registry.FirmURL, KeyID: c.Registry.KeyID},
		Log:      log, Now: time.Now,
	}
	var err error
	if o.Proxies, err = c.Prefixes(); err != nil {
		return o, err
	}
	if c.SMS.BackupURL != "" {
		o.SMS.URLs = append(o.SMS.URLs, c.SMS.BackupURL)
	}
	sms, err := config.Secret(c.SMS.SecretFile)
	if err != nil {
		return o, err
	}
	reg, err := config.Secret(c.Registry.SecretFile)
	if err != nil {
		return o, err
	}
	o.SMS.Secret, o.Registry.Secret = []byte(sms), []byte(reg)
	if c.MetricsKey != "" {
		o.MetricsKey, err = config.Secret(c.MetricsKey)
	}
	return o, err
}
