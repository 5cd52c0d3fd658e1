package app_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/fake/registry"
)

// TestNothingPersonalOnTheDisk plays a case and then searches every byte of the data folder, WAL and snapshot for what was typed and looked up.
func TestNothingPersonalOnTheDisk(t *testing.T) {
	c := startCity(t, "sqlite")
	elderCard(t, c.as(t, "person:19900000103"), "disk-00001")
	c.settle(t)
	dir := filepath.Dir(strings.TrimPrefix(c.DB.URL(), "sqlite:"))
	if err := c.DB.Snapshot(t.Context(), filepath.Join(dir, "snapshot.db")); err != nil {
		t.Fatal(err)
	}
	needles := []string{"贺怀仁", "580102196008303179", "19900000103", "桂花里8幢", "石板弄7号", "林小满", "清澜小满餐饮", "周敏"}
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

// TestPagesAnswerHeadAndGzip asks every public page without parameters for its head, and compressed.
func TestPagesAnswerHeadAndGzip(t *testing.T) {
	c := startCity(t, "sqlite")
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	for _, rt := range c.Site.Routes() {
		if rt.Method != http.MethodGet || rt.Perm != "public" || strings.Contains(rt.Path, "{") && rt.Path != "/{$}" {
			continue
		}
		path := strings.TrimSuffix(rt.Path, "{$}")
		if path == "/api/v1/lookup" { // needs its parameters
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
			_ = res.Body.Close()
			if res.StatusCode >= 400 {
				t.Errorf("%s %s = %d", method, path, res.StatusCode)
			}
			if method == http.MethodGet && res.StatusCode == http.StatusOK && res.Header.Get("Content-Encoding") != "gzip" {
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
