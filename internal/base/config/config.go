// Package config reads the configuration of a server: one YAML file, overridden by environment variables (TONGBAN_PUBLIC_URL, nested keys with two
// underscores: TONGBAN_SMS__URL), secrets as *_file. It refuses unknown keys, missing key files and weak settings, all at once, and says which.
// It owns no tables; only package app calls it.
package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// Config is everything a deployment sets. Paths are absolute or relative to the file.
type Config struct {
	Addr       string   `koanf:"addr"`          // where to listen, e.g. 127.0.0.1:8080
	PublicURL  string   `koanf:"public_url"`    // https address people use; links, QR codes and cookies follow it
	DataDir    string   `koanf:"data_dir"`      // files of cases, licences and papers (encrypted)
	Database   string   `koanf:"database"`      // sqlite:PATH or postgres://…
	DBFile     string   `koanf:"database_file"` // a file that holds the database address, instead of database
	VaultKeys  string   `koanf:"vault_keys"`    // key file of the vault
	SealKeys   string   `koanf:"seal_keys"`     // folder of agency keys and certificates
	SiteName   string   `koanf:"site_name"`     // e.g. 清澜市政务服务网
	Owner      string   `koanf:"owner"`         // 主办单位, in the footer
	Hotline    string   `koanf:"hotline"`
	Proxies    []string `koanf:"trusted_proxies"`    // reverse proxies whose X-Forwarded-For is believed, as CIDR
	LogLevel   string   `koanf:"log_level"`          // debug, info, warn, error
	MetricsKey string   `koanf:"metrics_token_file"` // bearer token for /metrics; empty = closed
	SMS        SMS      `koanf:"sms"`
	Registry   Registry `koanf:"registry"`
	Face       Face     `koanf:"face"`
	LDAP       LDAP     `koanf:"ldap"`
	Certs      Certs    `koanf:"certificates"`
	Webhooks   Webhooks `koanf:"webhooks"`
	Reader     Reader   `koanf:"reader"`
	Breached   string   `koanf:"breached_passwords"` // sorted SHA-1 file as Have I Been Pwned gives it; empty = the list inside the program
}

// Webhooks are the messages to departments' systems.
type Webhooks struct {
	Allow []string `koanf:"allow"` // networks inside ours that targets may be in, as CIDR; link-local and metadata addresses never
}

// Prefixes are the allowed networks.
func (w Webhooks) Prefixes() ([]netip.Prefix, error) { return prefixes(w.Allow) }

// Face is the provider of face checks; without an address the way is not offered.
type Face struct {
	URL        string `koanf:"url"`
	KeyID      string `koanf:"key_id"`
	SecretFile string `koanf:"secret_file"`
}

// LDAP is the directory staff passwords are checked in; without an address they are kept here.
type LDAP struct {
	URL          string `koanf:"url"`     // ldaps://host, or ldap://host, which is asked to go over to TLS before anything else
	CAFile       string `koanf:"ca_file"` // PEM; empty = the system's
	BindDN       string `koanf:"bind_dn"` // of the account that searches
	PasswordFile string `koanf:"password_file"`
	BaseDN       string `koanf:"base_dn"`
	Filter       string `koanf:"filter"` // e.g. (uid=%s)
}

// Certs are the personal and firm certificates people may sign in with; without roots the way is not offered.
type Certs struct {
	RootsFile string `koanf:"roots_file"` // PEM of the authorities that issue them
	CRLFile   string `koanf:"crl_file"`
	FromProxy bool   `koanf:"from_proxy"` // the trusted proxies set or remove the header Client-Cert (RFC 9440) on every request
	Addr      string `koanf:"addr"`       // a second address with TLS that asks the browser for a certificate; empty = none
	TLSCert   string `koanf:"tls_cert_file"`
	TLSKey    string `koanf:"tls_key_file"`
}

// SMS is the text message gateway.
type SMS struct {
	URL        string `koanf:"url"`
	App        string `koanf:"app"`
	SecretFile string `koanf:"secret_file"`
	BackupURL  string `koanf:"backup_url"`  // second provider, tried when the first fails
	PerAddress int    `koanf:"per_address"` // codes one network address may cause in an hour; 0 = 30
	PerNetwork int    `koanf:"per_network"` // the same for its network (/24, /48); 0 = 300
	PerDay     int    `koanf:"per_day"`     // codes in all in a day, so that an attack cannot empty the purse; 0 = 20000
}

// Registry is the population registry and the firm registry.
type Registry struct {
	PopulationURL string `koanf:"population_url"`
	FirmURL       string `koanf:"firm_url"`
	KeyID         string `koanf:"key_id"` // names the shared key to the registries
	SecretFile    string `koanf:"secret_file"`
}

// Load reads a file and the environment; the error lists every finding.
func Load(path string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("配置文件读不到 configuration cannot be read: %w", err)
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(raw), yaml.Parser()); err != nil {
		return Config{}, fmt.Errorf("%s: 不是有效的 YAML not valid YAML: %w", path, err)
	}
	name := func(key, v string) (string, any) {
		return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(key, "TONGBAN_")), "__", "."), v
	}
	skip := func(key, v string) (string, any) {
		if slices.Contains([]string{"TONGBAN_TEST_PG", "TONGBAN_TEST_ISOLATION", "TONGBAN_FULL"}, key) { // of the test suite, not of a server
			return "", nil
		}
		return name(key, v)
	}
	if err := k.Load(env.Provider(".", env.Opt{Prefix: "TONGBAN_", TransformFunc: skip}), nil); err != nil {
		return Config{}, err
	}
	c := Config{Addr: "127.0.0.1:8080", LogLevel: "info", SiteName: "政务服务网", Hotline: "12345"}
	err = k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{Result: &c, TagName: "koanf", ErrorUnused: true, WeaklyTypedInput: false}})
	if err != nil {
		return Config{}, fmt.Errorf("%s: 有不认识或类型不对的设置 unknown or mistyped settings: %w", path, err)
	}
	c.relativeTo(filepath.Dir(path))
	return c, c.Check()
}

func (c *Config) relativeTo(dir string) {
	for _, p := range []*string{
		&c.DataDir, &c.VaultKeys, &c.SealKeys, &c.DBFile, &c.MetricsKey, &c.SMS.SecretFile, &c.Registry.SecretFile, &c.Face.SecretFile, &c.LDAP.CAFile, &c.LDAP.PasswordFile,
		&c.Reader.SecretFile, &c.Certs.RootsFile, &c.Certs.CRLFile, &c.Certs.TLSCert, &c.Certs.TLSKey, &c.Breached,
	} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	if p, ok := strings.CutPrefix(c.Database, "sqlite:"); ok && !filepath.IsAbs(p) {
		c.Database = "sqlite:" + filepath.Join(dir, p)
	}
}

// Check gives every setting that is missing or weak.
func (c *Config) Check() error {
	var found []error
	bad := func(format string, a ...any) { found = append(found, fmt.Errorf(format, a...)) }
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "":
		bad("public_url: 缺少公网地址，应形如 https://zwfw.example.gov.cn (missing or not an address)")
	case u.Scheme != "https" && !loopback(u):
		bad("public_url: 必须用 https (must be https): %s", c.PublicURL)
	}
	if c.Database == "" && c.DBFile == "" {
		bad("database: 缺少数据库地址 (missing): sqlite:PATH or postgres://…")
	}
	if c.DBFile != "" {
		if v, err := Secret(c.DBFile); err != nil {
			bad("database_file: %w", err)
		} else {
			c.Database = v
		}
	}
	if c.DataDir == "" {
		bad("data_dir: 缺少数据目录 (missing)")
	}
	for name, p := range map[string]string{"vault_keys": c.VaultKeys, "seal_keys": c.SealKeys, "sms.secret_file": c.SMS.SecretFile, "registry.secret_file": c.Registry.SecretFile} {
		if err := private(p); err != nil {
			bad("%s: %w", name, err)
		}
	}
	for name, v := range map[string]string{"sms.url": c.SMS.URL, "registry.population_url": c.Registry.PopulationURL, "registry.firm_url": c.Registry.FirmURL} {
		if u, err := url.Parse(v); err != nil || u.Host == "" {
			bad("%s: 缺少地址 (missing or not an address)", name)
		}
	}
	found = append(found, c.Face.check(), c.LDAP.check(), c.Certs.check(), c.Reader.Check())
	if _, err := c.Prefixes(); err != nil {
		bad("trusted_proxies: 应形如 10.0.0.0/8 (must be CIDR): %w", err)
	}
	if _, err := c.Webhooks.Prefixes(); err != nil {
		bad("webhooks.allow: 应形如 10.20.0.0/16 (must be CIDR): %w", err)
	}
	if !strings.Contains("debug info warn error", c.LogLevel) || c.LogLevel == "" {
		bad("log_level: 只能是 debug、info、warn、error (must be one of these): %q", c.LogLevel)
	}
	return errors.Join(found...)
}

func (f Face) check() error {
	if f.URL == "" {
		return nil
	}
	if u, err := url.Parse(f.URL); err != nil || u.Scheme != "https" && !loopback(u) {
		return fmt.Errorf("face.url: 必须是 https 地址 (must be an https address): %s", f.URL)
	}
	if err := private(f.SecretFile); err != nil {
		return fmt.Errorf("face.secret_file: %w", err)
	}
	return nil
}

func (l LDAP) check() error {
	if l.URL == "" {
		return nil
	}
	var found []error
	u, err := url.Parse(l.URL)
	if err != nil || u.Scheme != "ldaps" && u.Scheme != "ldap" {
		found = append(found, fmt.Errorf("ldap.url: 必须是 ldaps:// 或 ldap:// 地址 (must be an ldaps:// or ldap:// address): %s", l.URL))
	}
	if l.BaseDN == "" || strings.Count(l.Filter, "%s") != 1 {
		found = append(found, errors.New("ldap.base_dn, ldap.filter: 缺少检索范围，或过滤式里没有一个 %s (missing, or the filter has not one %s)"))
	}
	if err := private(l.PasswordFile); err != nil {
		found = append(found, fmt.Errorf("ldap.password_file: %w", err))
	}
	return errors.Join(found...)
}

func (c Certs) check() error {
	var found []error
	if c.Addr != "" && c.RootsFile == "" {
		found = append(found, errors.New("certificates.roots_file: 缺少签发机构的证书 (missing: the authorities that issue certificates)"))
	}
	if c.Addr != "" {
		if err := private(c.TLSKey); err != nil {
			found = append(found, fmt.Errorf("certificates.tls_key_file: %w", err))
		}
	}
	for name, p := range map[string]string{"roots_file": c.RootsFile, "crl_file": c.CRLFile, "tls_cert_file": c.TLSCert} {
		if p == "" {
			continue
		}
		if _, err := os.Stat(p); err != nil {
			found = append(found, fmt.Errorf("certificates.%s: 找不到 (not found): %w", name, err))
		}
	}
	return errors.Join(found...)
}

func loopback(u *url.URL) bool { return u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" }

// Prefixes are the trusted proxies.
func (c *Config) Prefixes() ([]netip.Prefix, error) { return prefixes(c.Proxies) }

func prefixes(ss []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range ss {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// private refuses a path that is missing or that others may read.
func private(path string) error {
	if path == "" {
		return errors.New("缺少路径 (missing)")
	}
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("找不到 (not found): %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("其他用户可读，请执行 chmod 600（目录 700）(readable by others, mode %o): %s", st.Mode().Perm(), path)
	}
	return nil
}

const shortestSecret = 16

// Secret reads a secret from a file that only its owner may read; shorter than 16 characters is weak.
func Secret(path string) (string, error) {
	if err := private(path); err != nil {
		return "", err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	s := strings.TrimSpace(string(b))
	if len(s) < shortestSecret {
		return "", fmt.Errorf("密钥太短，至少 %d 个字符 (weak: fewer than %d characters): %s", shortestSecret, shortestSecret, path)
	}
	return s, nil
}
