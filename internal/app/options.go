package app

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"tongban/internal/base/config"
	"tongban/internal/domain/identity/ldap"
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
	Face       Face        // no address: no face checks
	Reader     Reader      // no address: counters read cards with keyboard readers only
	LDAP       ldap.Config // no address: passwords of staff are kept here
	CertRoots  []string    // PEM files of the authorities whose certificates people may sign in with
	CertCRL    string
	CertProxy  bool      // the trusted proxies tell of client certificates in the header Client-Cert
	CertAddr   string    // a second address with TLS that asks for certificates; empty = none
	CertTLS    [2]string // its certificate and key
	Breached   string    // file of breached passwords beside the built-in list
	Proxies    []netip.Prefix
	// WebhookAllow are networks inside ours that departments' systems may be told in.
	WebhookAllow []netip.Prefix
	Version      string
	Log          *slog.Logger
	Now          func() time.Time
	Demo         *Demo // nil in production
}

// SMS is where text messages go.
type SMS struct {
	URLs   []string // tried in order
	App    string
	Secret []byte
	// PerAddress and PerNetwork are codes an hour, PerDay codes in all; 0 = identity's own limits.
	PerAddress, PerNetwork, PerDay int
}

// Registry is where people and firms are asked about.
type Registry struct {
	PopulationURL, FirmURL, KeyID string
	Secret                        []byte
}

// Face is the provider of face checks.
type Face struct {
	URL, KeyID string
	Secret     []byte
}

// FromConfig reads the secrets a configuration names.
func FromConfig(c config.Config, log *slog.Logger) (Options, error) {
	o := Options{
		Database: c.Database, FilesDir: c.DataDir, VaultKeys: c.VaultKeys, SealKeys: c.SealKeys, PublicURL: c.PublicURL, SiteName: c.SiteName, Owner: c.Owner, Hotline: c.Hotline,
		SMS:      SMS{URLs: []string{c.SMS.URL}, App: c.SMS.App, PerAddress: c.SMS.PerAddress, PerNetwork: c.SMS.PerNetwork, PerDay: c.SMS.PerDay},
		Registry: Registry{PopulationURL: c.Registry.PopulationURL, FirmURL: c.Registry.FirmURL, KeyID: c.Registry.KeyID},
		Log:      log, Now: time.Now,
	}
	var err error
	if o.Proxies, err = c.Prefixes(); err != nil {
		return o, err
	}
	if o.WebhookAllow, err = c.Webhooks.Prefixes(); err != nil {
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
		if o.MetricsKey, err = config.Secret(c.MetricsKey); err != nil {
			return o, err
		}
	}
	if o.Reader.URL = c.Reader.URL; o.Reader.URL != "" {
		if o.Reader.Secret, err = config.Secret(c.Reader.SecretFile); err != nil {
			return o, err
		}
	}
	return o, o.doors(c)
}

// doors reads what the ways to sign in need.
func (o *Options) doors(c config.Config) error {
	o.Breached, o.CertCRL, o.CertProxy, o.CertAddr, o.CertTLS = c.Breached, c.Certs.CRLFile, c.Certs.FromProxy, c.Certs.Addr, [2]string{c.Certs.TLSCert, c.Certs.TLSKey}
	if c.Certs.RootsFile != "" {
		o.CertRoots = []string{c.Certs.RootsFile}
	}
	if c.Face.URL != "" {
		secret, err := config.Secret(c.Face.SecretFile)
		if err != nil {
			return err
		}
		o.Face = Face{URL: c.Face.URL, KeyID: c.Face.KeyID, Secret: []byte(secret)}
	}
	if c.LDAP.URL == "" {
		return nil
	}
	o.LDAP = ldap.Config{URL: c.LDAP.URL, BindDN: c.LDAP.BindDN, Base: c.LDAP.BaseDN, Filter: c.LDAP.Filter}
	var err error
	if o.LDAP.Password, err = config.Secret(c.LDAP.PasswordFile); err != nil || c.LDAP.CAFile == "" {
		return err
	}
	pem, err := os.ReadFile(c.LDAP.CAFile)
	if err != nil {
		return err
	}
	o.LDAP.Roots = x509.NewCertPool()
	if !o.LDAP.Roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s: 没有 PEM 证书 (holds no PEM certificate)", c.LDAP.CAFile)
	}
	return nil
}
