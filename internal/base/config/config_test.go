package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/config"
)

const good = `
public_url: https://zwfw.example.gov.cn
data_dir: data
database: sqlite:t.db
vault_keys: vault.json
seal_keys: seals
sms: {url: "https://sms.example.gov.cn/send", app: city, secret_file: sms.secret}
registry: {population_url: "https://pop.example.gov.cn", firm_url: "https://firm.example.gov.cn", secret_file: reg.secret}
`

func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{"config.yaml": text, "vault.json": "{}", "sms.secret": strings.Repeat("s", 32), "reg.secret": strings.Repeat("r", 32)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "seals"), 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "config.yaml")
}

func TestAGoodFileWithTheEnvironmentOnTop(t *testing.T) {
	path := write(t, good)
	t.Setenv("TONGBAN_SMS__APP", "other")
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.SMS.App != "other" || c.Addr != "127.0.0.1:8080" || c.Database != "sqlite:"+filepath.Join(filepath.Dir(path), "t.db") {
		t.Errorf("%+v", c)
	}
}

func TestEveryBadSettingIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ text, env, want string }{
		"unknown key":   {good + "colour: red\n", "", "colour"},
		"unknown env":   {good, "TONGBAN_COLOUR=red", "colour"},
		"plain http":    {strings.Replace(good, "https://zwfw", "http://zwfw", 1), "", "public_url"},
		"missing key":   {strings.Replace(good, "vault.json", "nowhere.json", 1), "", "vault_keys"},
		"no database":   {strings.Replace(good, "database: sqlite:t.db", "", 1), "", "database"},
		"bad log level": {good + "log_level: loud\n", "", "log_level"},
		"not YAML":      {"a: [", "", "YAML"},
		"no LDAP":       {good + "ldap: {url: \"https://dir.example.gov.cn\", base_dn: dc=x, filter: (uid=%s), password_file: sms.secret}\n", "", "ldap.url"},
		"LDAP filter":   {good + "ldap: {url: \"ldaps://dir.example.gov.cn\", base_dn: dc=x, filter: (uid=x), password_file: sms.secret}\n", "", "ldap.filter"},
		"plain face":    {good + "face: {url: \"http://face.example.gov.cn\", secret_file: sms.secret}\n", "", "face.url"},
		"no roots":      {good + "certificates: {addr: \":8443\", tls_key_file: sms.secret}\n", "", "roots_file"},
	} {
		t.Run(name, func(t *testing.T) {
			if k, v, ok := strings.Cut(c.env, "="); ok {
				t.Setenv(k, v)
			}
			if _, err := config.Load(write(t, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not name %s", err, c.want)
			}
		})
	}
}

func TestASecretOthersCanReadOrThatIsShortIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct {
		text string
		mode os.FileMode
		ok   bool
	}{{strings.Repeat("x", 20), 0o600, true}, {"short", 0o600, false}, {strings.Repeat("x", 20), 0o644, false}} {
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Secret(path); (err == nil) != c.ok {
			t.Errorf("%d characters, mode %o: %v", len(c.text), c.mode, err)
		}
	}
}
