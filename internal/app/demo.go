package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/pack"
	"tongban/internal/domain/paper"
	"tongban/internal/domain/portal/portalweb"
	"tongban/internal/engine/clock"
	fakeface "tongban/internal/fake/face"
	"tongban/internal/fake/registry"
	"tongban/internal/fake/smsgate"
	"tongban/packs"
)

// Demo is what demo mode adds to a server: registries and an SMS gateway of its own, on free ports of this machine, and one-click sign-in.
type Demo struct {
	Registry *registry.Server
	SMS      *smsgate.Server
	Face     *fakeface.Server
	data     registry.Data
	app      *App
	close    []func() error
}

// DemoOptions say where the demo keeps its data and where it is reached.
type DemoOptions struct {
	Dir      string // data folder, made if needed
	Database string // empty: SQLite in the folder
	BaseURL  string // http address it is reached at
	Reader   string // origin of a local card reader agent; empty: off
	Version  string
	Log      *slog.Logger
	Now      func() time.Time
	// Progress is told what is being done, for people who wait.
	Progress func(step string)
}

const (
	demoKey    = "demo"
	demoSecret = 20 // bytes
	testCA     = "清澜市电子政务测试根证书"
)

// OpenDemo makes or reuses a data folder with test keys, starts the helper servers, migrates, loads the demo city and opens the server.
func OpenDemo(ctx context.Context, d DemoOptions) (*App, error) {
	if d.Progress == nil {
		d.Progress = func(string) {}
	}
	o := Options{
		Database: d.Database, FilesDir: filepath.Join(d.Dir, "files"), VaultKeys: filepath.Join(d.Dir, "keys", "vault.json"), SealKeys: filepath.Join(d.Dir, "keys", "seals"),
		PublicURL: d.BaseURL, SiteName: "清澜政务服务网", Owner: "清澜市人民政府（虚构，示范城市）", Hotline: "12345", OpenMetric: true, Version: d.Version, Log: d.Log, Now: d.Now, Demo: &Demo{},
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(d.Dir, "tongban.db")
	}
	if err := EnsureKeys(o.VaultKeys, o.SealKeys); err != nil {
		return nil, err
	}
	if err := ensureTestCA(o); err != nil {
		return nil, err
	}
	if err := o.pairReader(d.Reader, filepath.Join(d.Dir, "keys", ReaderKey)); err != nil {
		return nil, err
	}
	if err := o.Demo.start(&o); err != nil {
		return nil, err
	}
	people := filepath.Join(d.Dir, "keys", "people")
	if err := ensurePeopleCerts(people, o.Demo.data, o.Now()); err != nil {
		return nil, errors.Join(err, o.Demo.Close())
	}
	o.CertRoots = []string{filepath.Join(people, peopleCA)}
	d.Progress("open")
	a, err := Open(ctx, o)
	if err != nil {
		return nil, errors.Join(err, o.Demo.Close())
	}
	o.Demo.app = a
	if err := a.fillDemo(ctx, d.Progress); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// EnsureKeys makes the vault's keys and the folder of agency keys if they are not there.
func EnsureKeys(vaultKeys, sealKeys string) error {
	if _, err := os.Stat(vaultKeys); errors.Is(err, fs.ErrNotExist) {
		if err := vault.SaveKeys(vaultKeys, vault.NewKeys()); err != nil {
			return err
		}
	}
	return os.MkdirAll(sealKeys, 0o700)
}

// ensureTestCA makes the demo's certificate authority before the rooms are made: they ask whether keys are test keys.
func ensureTestCA(o Options) error {
	k, err := paper.NewKeyring(o.SealKeys)
	if err != nil {
		return err
	}
	return k.EnsureCA(testCA, o.Now(), true)
}

// start starts the helper servers and points the options at them.
func (d *Demo) start(o *Options) error {
	f, err := packs.FS.ReadFile("qinglan/demo.yaml")
	if err != nil {
		return err
	}
	data, ps := registry.Load(packfile.File{Pack: "qinglan", Path: "demo.yaml", Data: f})
	if len(ps) > 0 {
		return fmt.Errorf("demo.yaml: %+v", ps)
	}
	d.data = data
	secret := ident.Secret(demoSecret)
	d.Registry = registry.New(registry.Config{KeyID: demoKey, Key: []byte(secret), AdminToken: ident.Secret(demoSecret), Now: o.Now}, data)
	at, err := d.listen(d.Registry.Handler())
	if err != nil {
		return err
	}
	o.Registry = Registry{PopulationURL: at, FirmURL: at, KeyID: demoKey, Secret: []byte(secret)}
	d.Face = fakeface.New(fakeface.Config{KeyID: demoKey, Key: []byte(secret), Now: o.Now})
	if at, err = d.listen(d.Face.Handler()); err != nil {
		return err
	}
	d.Face.SetPlaces(at, o.PublicURL)
	o.Face = Face{URL: at, KeyID: demoKey, Secret: []byte(secret)}
	d.SMS = smsgate.New(smsgate.Config{App: demoKey, Secret: secret, Now: o.Now, Callback: o.PublicURL + "/hooks/sms", Client: &http.Client{Timeout: 5 * time.Second}})
	if at, err = d.listen(d.SMS); err != nil {
		return err
	}
	o.SMS = SMS{URLs: []string{at}, App: demoKey, Secret: []byte(secret)}
	return nil
}

func (d *Demo) listen(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	d.close = append(d.close, srv.Close)
	go func() { _ = srv.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// Close stops the helper servers.
func (d *Demo) Close() error {
	var err error
	for _, c := range d.close {
		err = errors.Join(err, c())
	}
	return err
}

// fillDemo brings an empty or older database to the demo city; what is there already is left as it is.
func (a *App) fillDemo(ctx context.Context, progress func(string)) error {
	progress("migrate")
	if err := a.Migrate(ctx); err != nil {
		return err
	}
	for _, name := range packs.Names {
		progress("pack " + name)
		if err := a.LoadEmbedded(ctx, name); err != nil {
			return err
		}
	}
	texts, err := a.Notify.SMSTexts(ctx)
	if err != nil {
		return err
	}
	a.opts.Demo.SMS.SetTexts(texts)
	progress("keys")
	if err := a.EnsureSeals(ctx, testCA, true); err != nil {
		return err
	}
	if err := a.ensureDemoMember(ctx); err != nil {
		return err
	}
	return a.opts.Demo.accounts(ctx)
}

// LoadEmbedded loads a pack that comes with the program.
func (a *App) LoadEmbedded(ctx context.Context, name string) error {
	sub, err := fs.Sub(packs.FS, name)
	if err != nil {
		return err
	}
	p, ps := pack.Read(sub)
	if len(ps) == 0 {
		_, ps, err = a.Packs.LoadShipped(ctx, p)
	}
	if len(ps) > 0 {
		var b strings.Builder
		_ = pack.Print(&b, ps)
		return fmt.Errorf("pack %s:\n%s", name, b.String())
	}
	return err
}

// EnsureSeals makes a certificate authority and a key for every agency that has none.
func (a *App) EnsureSeals(ctx context.Context, ca string, test bool) error {
	now := a.opts.Now()
	if err := a.Keys.EnsureCA(ca, now, test); err != nil {
		return err
	}
	if err := a.Keys.EnsureAgency(platformKey, a.opts.SiteName, now); err != nil {
		return err
	}
	for _, g := range a.Org.Agencies(ctx) {
		if err := a.Keys.EnsureAgency(g.Key, g.Name, now); err != nil {
			return err
		}
	}
	return nil
}

// accounts makes the demo's people sign in once, so to say.
func (d *Demo) accounts(ctx context.Context) error {
	for _, acc := range d.data.Accounts {
		p, ok := d.person(acc.Person)
		if !ok {
			return fmt.Errorf("demo.yaml: account %s names nobody", acc.Label)
		}
		if _, err := d.app.Identity.Demo().Account(ctx, acc.Phone, p.Name, p.Number); err != nil {
			return err
		}
	}
	return nil
}

func (d *Demo) person(number string) (registry.Person, bool) {
	for _, p := range d.data.People {
		if p.Number == number {
			return p, true
		}
	}
	return registry.Person{}, false
}

// Accounts lists who can sign in by one click.
func (d *Demo) Accounts(ctx context.Context) ([]portalweb.Account, error) {
	var out []portalweb.Account
	for _, acc := range d.data.Accounts {
		p, _ := d.person(acc.Person)
		out = append(out, portalweb.Account{Kind: "person", ID: acc.Phone, Name: p.Name, Label: acc.Label})
	}
	for _, st := range d.app.Org.StaffList(ctx, "") {
		if st.Disabled {
			continue
		}
		acc := portalweb.Account{Kind: "staff", ID: st.ID, Name: st.Name, Label: d.posts(ctx, st.Posts)}
		if len(st.Roles) > 0 {
			acc.Role = string(st.Roles[0])
		}
		if g, err := d.app.Org.Agency(ctx, st.Agency); err == nil {
			acc.Agency = g.Short
		}
		out = append(out, acc)
	}
	return out, nil
}

func (d *Demo) posts(ctx context.Context, keys []string) string {
	var names []string
	for _, k := range keys {
		if p, err := d.app.Org.Post(ctx, k); err == nil {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, "、")
}

const smsShown = 30

// Sent lists the text messages the gateway took, newest first.
func (d *Demo) Sent(context.Context) []portalweb.SentSMS {
	ms := d.SMS.Sent()
	sort.SliceStable(ms, func(i, j int) bool { return ms[i].At.After(ms[j].At) })
	var out []portalweb.SentSMS
	for _, m := range ms[:min(len(ms), smsShown)] {
		out = append(out, portalweb.SentSMS{At: m.At.In(clock.Shanghai).Format(time.DateTime), Phone: m.Phone, Text: m.Text})
	}
	return out
}

// SignIn opens a session for a demo account; kind is person (id: phone) or staff (id: staff key).
func (d *Demo) SignIn(ctx context.Context, kind, id string) (string, error) {
	return d.app.Identity.Demo().SignIn(ctx, kind, id, authz.From(ctx).Origin)
}

// Registries says which registries answer.
func (d *Demo) Registries(context.Context) []portalweb.RegistryState {
	return []portalweb.RegistryState{{Name: registry.Population, Up: d.Registry.Up(registry.Population)}, {Name: registry.Firms, Up: d.Registry.Up(registry.Firms)}}
}

// Switch turns a registry on or off.
func (d *Demo) Switch(_ context.Context, name string, on bool) error {
	if !d.Registry.Switch(name, on) {
		return errs.New(errs.NotFound, "base.not_found")
	}
	return nil
}

// Change changes a value of the person or firm with a number.
func (d *Demo) Change(_ context.Context, number, field, value string) error {
	if d.Registry.SetPerson(number, field, value) || d.Registry.SetFirm(number, field, value) {
		return nil
	}
	return errs.New(errs.NotFound, "portal.demo_unknown")
}
