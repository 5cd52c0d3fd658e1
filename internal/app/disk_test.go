package app_test

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/fake/registry"
)

// TestNothingPersonalOnTheDisk plays a case and then searches every byte of the data folder, WAL and snapshot for what was typed and looked up.
func TestNothingPersonalOnTheDisk(t *testing.T) {
	c := startCity(t, "sqlite")
	elderCard(t, c.as(t, "person:19900000103"), "disk-00001")
	doorsUsed(t, c)
	c.settle(t)
	dir := filepath.Dir(strings.TrimPrefix(c.DB.URL(), "sqlite:"))
	if err := c.DB.Snapshot(t.Context(), filepath.Join(dir, "snapshot.db")); err != nil {
		t.Fatal(err)
	}
	needles := []string{
		"贺怀仁", "580102196008303179", "19900000103", "桂花里8幢", "石板弄7号", "林小满", "清澜小满餐饮", "周敏",
		"19900000108", "19911110000", browserAgent, "ZX-4471", "周𠮷祥", "580102197006190734", "覃美朵", "580121198701262246", "民生证件原件编号4471", "203.0.113.44", "device-secret", "雨后青石板路长长3178",
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for _, n := range needles {
			if bytes.Contains(b, []byte(n)) {
				t.Errorf("%s holds %q readable", filepath.Base(path), n)
			}
		}
		return nil
	})
	if err != nil || seen < 5 {
		t.Fatalf("%d files searched, %v", seen, err)
	}
}

const browserAgent = "Mozilla/5.0 (Linux; ZX-4471 样本机) Tongban-Test"

// doorsUsed leaves behind what the ways in take from people: a device with its name, a phone, a passkey's label, a certificate, mandates given at a
// window and asked for by phone, a text that was signed, a complaint.
func doorsUsed(t *testing.T, c *city) {
	t.Helper()
	ctx := t.Context()
	account := func(name string) authz.Actor {
		return must[authz.Actor](t, name)(c.Identity.Actor(ctx, must[string](t, name)(c.Demo().SignIn(ctx, kindOf(name), idOf(name)))))
	}
	him, clerk := account("person:19900000103"), account("staff:he-jing")
	from := identity.From{Origin: "203.0.113.44", Agent: browserAgent, Device: "device-secret-ZX-4471"}
	for _, phone := range []string{"19900000108", "19911110000"} { // an account, and a stranger's phone
		if err := c.Identity.RequestCode(ctx, phone, from); err != nil {
			t.Fatal(err)
		}
	}
	must[identity.SignedIn](t, "by code")(c.Identity.SignInWithCode(ctx, "19900000108", texted(t, "19900000108", c), from))
	must[identity.QR](t, "qr")(c.Identity.StartQR(ctx, from))
	m := &matrix{}
	m.keys(t, c, him.Name())
	if err := c.Factor.SetSignPassword(ctx, him, him.Name(), nil, "雨后青石板路长长3178"); err != nil {
		t.Fatal(err)
	}
	id := must[string](t, "ask")(c.Factor.AskSignature(ctx, him, factor.Ask{Object: "disk:1", Title: "承诺书", Text: "贺怀仁（580102196008303179）承诺住在石板弄7号。", Back: "/my"}))
	if err := c.Factor.SignWithPassword(ctx, him, him.Name(), id, "雨后青石板路长长3178"); err != nil {
		t.Fatal(err)
	}
	c.entrust(t, clerk, account("person:19900000110"), mandate.Named{Name: "周𠮷祥", Number: "580102197006190734"}, everyAct("elder-card"))
	d := must[mandate.Draft](t, "draft")(c.Mandates.NewDraft(ctx, him, mandate.Care))
	must[mandate.Draft](t, "who")(c.Mandates.SetWho(ctx, him, d.ID, mandate.Named{Name: "覃美朵", Phone: "19911110000"}))
	must[mandate.Mandate](t, "counter")(c.Mandates.RecordAtCounter(ctx, clerk, mandate.Counter{
		Kind: mandate.Care, Giver: mandate.Named{Name: "沈玉英", Number: "580102194103071821"}, Holder: mandate.Named{Name: "覃美朵", Number: "580121198701262246"}, Scope: everyAct("elder-card"),
		Until: inDays(30), Ground: mandate.ByPresence, Basis: "民生证件原件编号4471，本人到场确认",
	}))
}

// needing are addresses that answer only with parameters, a token, a locked session or a recovery under way.
var needing = []string{"/api/v1/lookup", "/session/unlock", "/sign-in/recover/face", "/oauth/userinfo", "/oauth/authorize"}

// TestPagesAnswerHeadAndGzip asks every public page without parameters for its head, and compressed.
func TestPagesAnswerHeadAndGzip(t *testing.T) {
	c := startCity(t, "sqlite")
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	for _, rt := range c.Site.Routes() {
		if rt.Method != http.MethodGet || rt.Perm != "public" || strings.Contains(rt.Path, "{") && rt.Path != "/{$}" {
			continue
		}
		path := strings.TrimSuffix(rt.Path, "{$}")
		if slices.Contains(needing, path) || strings.HasPrefix(path, "/govstack/") { // which asks who speaks
			continue
		}
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			r, err := http.NewRequestWithContext(t.Context(), method, c.base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", "gzip")
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode >= 400 {
				t.Errorf("%s %s = %d", method, path, res.StatusCode)
			}
			if method == http.MethodGet && res.StatusCode == http.StatusOK && n >= 1<<10 && res.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("GET %s is not compressed", path)
			}
		}
	}
}

// TestTheRegistriesAreAskedLive: a changed value stands in the next draft; with the registry off people are told and may type.
func TestTheRegistriesAreAskedLive(t *testing.T) {
	c := startCity(t, "sqlite")
	he := c.as(t, "person:19900000103")
	begin := func(key string) draft {
		p := send(t, he, http.MethodPost, "/api/v1/drafts", map[string]any{"item": "elder-card", "client_key": key}, http.StatusCreated)
		return answer[draft](t, p)
	}
	c.visitor(t).Post("/demo/registry/change", url.Values{"number": {"580102196008303179"}, "field": {"household_address"}, "value": {"清江区新搬的路1号"}}, 200)
	if d := begin("live-00001"); d.Form["household_address"] != "清江区新搬的路1号" {
		t.Errorf("the next draft shows %v", d.Form["household_address"])
	}
	c.visitor(t).Post("/demo/registry/switch", url.Values{"registry": {registry.Population}, "on": {"false"}}, 200).Wants("人口库：已关闭")
	d := begin("live-00002")
	if d.Form["household_address"] != nil {
		t.Errorf("an address without a registry: %v", d.Form["household_address"])
	}
	he.Get("/drafts/"+d.ID+"/form/person", 200).Wants("连不上")
	send(t, he, http.MethodPut, "/api/v1/drafts/"+d.ID, map[string]any{"version": d.Version, "form": map[string]any{"household_address": "清江区我自己填的路2号"}}, http.StatusOK)
	if got := answer[draft](t, he.Get("/api/v1/drafts/"+d.ID, 200)); got.Form["household_address"] != "清江区我自己填的路2号" {
		t.Errorf("what was typed is lost: %v", got.Form["household_address"])
	}
}
