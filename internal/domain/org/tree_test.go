package org_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/org"
)

func hasFinding(err error, path, key string) bool {
	e := errs.As(err)
	if e == nil {
		return false
	}
	for _, f := range e.Fields {
		if f.Path == path && f.Key == key {
			return true
		}
	}
	return false
}

// TestTheTreeOfAgenciesHasNoRing: superiors over any number of steps, and only in the own region or above.
func TestTheTreeOfAgenciesHasNoRing(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		save := func(key, parent string) error {
			a, err := h.Agency(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			a.Parent = parent
			return h.SaveAgency(t.Context(), h.as("prov-adm"), a)
		}
		for _, pair := range [][2]string{{"county", "city"}, {"city", "prov"}, {"town", "county"}} {
			if err := save(pair[0], pair[1]); err != nil {
				t.Fatalf("%s below %s: %v", pair[0], pair[1], err)
			}
		}
		if err := save("prov", "town"); !hasFinding(err, "parent", "org.agency_ring") {
			t.Errorf("a ring of four = %v", err)
		}
		if err := save("town", "town"); !hasFinding(err, "parent", "org.agency_ring") {
			t.Errorf("its own superior = %v", err)
		}
		if err := save("town", "beside"); !hasFinding(err, "parent", "org.agency_parent_region") {
			t.Errorf("a superior beside = %v", err)
		}
		if err := save("town", "nobody"); !hasFinding(err, "parent", "org.no_agency") {
			t.Errorf("an unknown superior = %v", err)
		}
		var up []string
		for _, a := range h.Superiors(t.Context(), "town") {
			up = append(up, a.Key)
		}
		if got := strings.Join(up, " "); got != "county city prov" {
			t.Errorf("superiors = %s", got)
		}
		if down := h.Subordinates(t.Context(), "city"); len(down) != 1 || down[0].Key != "county" {
			t.Errorf("subordinates = %+v", down)
		}
		var path []string
		for _, r := range h.RegionPath(t.Context(), "580102001001") {
			path = append(path, r.Level)
		}
		if got := strings.Join(path, " "); got != "province city county town village" {
			t.Errorf("path = %s", got)
		}
	})
}

// TestRegionsAndAgenciesRetire: nothing outlasts what it lies in, and powers over what has ended are not given.
func TestRegionsAndAgenciesRetire(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		ctx := t.Context()
		end := func(key, day, successor string) error {
			a, err := h.Agency(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			a.ValidTo, a.Successor = day, successor
			return h.SaveAgency(ctx, h.as("prov-adm"), a)
		}
		endRegion := func(code, day, successor string) error {
			r, err := h.Region(ctx, code)
			if err != nil {
				t.Fatal(err)
			}
			r.ValidTo, r.Successor = day, successor
			return h.SaveRegion(ctx, h.as("prov-adm"), r)
		}
		if err := endRegion("580103", "2026-03-31", ""); !hasFinding(err, "valid_to", "org.region_in_use") {
			t.Errorf("a region with a living agency = %v", err)
		}
		if err := end("beside", "31.3.2026", ""); !hasFinding(err, "valid_to", "org.valid_to_shape") {
			t.Errorf("a day that is none = %v", err)
		}
		if err := end("beside", "2026-01-31", "beside"); !hasFinding(err, "successor", "org.no_successor") {
			t.Errorf("its own successor = %v", err)
		}
		if err := end("beside", "2026-01-31", "county"); err != nil {
			t.Fatal(err)
		}
		if err := endRegion("580103", "2026-03-31", "580102"); err != nil {
			t.Fatal(err)
		}
		if err := end("beside", "", ""); !hasFinding(err, "region", "org.region_retired") {
			t.Errorf("an agency that outlasts its region = %v", err)
		}
		r, _ := h.Region(ctx, "580103")
		if r.Retired("2026-03-31") || !r.Retired("2026-04-01") {
			t.Errorf("%+v retires on the day after its last", r)
		}
		_, err := h.Propose(ctx, h.as("prov-s1"), org.Change{Kind: org.Join, Login: "late.comer", Name: "林小满", Phone: "19900000999", Agency: "beside", Posts: []string{"beside-work"}}, "工作需要")
		if !hasFinding(err, "agency", "org.agency_retired") {
			t.Errorf("joining an agency that has ended = %v", err)
		}
		err = h.SaveWindow(ctx, h.as("prov-adm"), org.Window{Key: "late", Agency: "beside", Name: "窗口", Hall: "大厅", Address: "橡树街1号", Hours: "9:00"})
		if !hasFinding(err, "agency", "org.agency_retired") {
			t.Errorf("a window of an agency that has ended = %v", err)
		}
		if err := h.SaveRegion(ctx, h.as("prov-adm"), org.Region{Code: "580103001", Name: "新街道", Parent: "580103", Level: "town"}); !hasFinding(err, "parent", "org.parent_retired") {
			t.Errorf("a new town in a county that ends = %v", err)
		}
		if got := h.Reaches(ctx, h.as("prov-adm"), authz.Admin, "580103"); !got {
			t.Error("a retired region is still administered")
		}
	})
}

// TestAnAgencyWithItemsEndsWithASuccessorOrAWord: what hangs on it is counted and named; a successor, an explicit yes or nothing left lets it end.
func TestAnAgencyWithItemsEndsWithASuccessorOrAWord(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		h.live = map[string]int{"beside": 3}
		ctx := t.Context()
		end := func(day, successor string, anyway bool) error {
			a, err := h.Agency(ctx, "beside")
			if err != nil {
				t.Fatal(err)
			}
			a.ValidTo, a.Successor, a.EndsAnyway = day, successor, anyway
			return h.SaveAgency(ctx, h.as("prov-adm"), a)
		}
		err := end("2026-12-31", "", false)
		if e := errs.As(err); !hasFinding(err, "successor", "org.agency_hangs") || e.Fields[0].Params["items"] != 3 || e.Fields[0].Params["staff"] != 4 || e.Fields[0].Params["posts"] != 6 || e.Fields[0].Params["windows"] != 0 {
			t.Fatalf("ending with items = %v %+v", err, e)
		}
		if a, _ := h.Agency(ctx, "beside"); a.ValidTo != "" {
			t.Errorf("it ended: %+v", a)
		}
		h.gone = errs.New(errs.Unavailable, "base.unavailable")
		if err := end("2026-12-31", "", true); errs.KindOf(err) != errs.Unavailable {
			t.Errorf("with a catalogue that does not answer = %v", err)
		}
		h.gone = nil
		if err := end("2026-12-31", "county", false); err != nil {
			t.Errorf("with a successor = %v", err)
		}
		if err := end("2026-12-31", "", false); !hasFinding(err, "successor", "org.agency_hangs") {
			t.Errorf("the successor taken away = %v", err)
		}
		if err := end("2026-12-31", "", true); err != nil {
			t.Errorf("with a word = %v", err)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'org.agency_save' AND what LIKE 'ends 2026-12-31 without successor: items 3,%'"); n != 1 {
			t.Errorf("%d audit entries name what hung on it", n)
		}
		if err := end("2026-12-31", "", false); err != nil {
			t.Errorf("another change of one that ends = %v", err)
		}
		if err := end("2026-11-30", "", false); !hasFinding(err, "successor", "org.agency_hangs") {
			t.Errorf("another day = %v", err)
		}
		if err := end("", "", false); err != nil {
			t.Errorf("no last day after all = %v", err)
		}
		empty, _ := h.Agency(ctx, "beside")
		empty.Key, empty.Code, empty.Version, empty.ValidTo = "empty", creditCode(90), 0, "2026-12-31"
		if err := h.SaveAgency(ctx, h.as("prov-adm"), empty); err != nil {
			t.Errorf("one on which nothing hangs = %v", err)
		}
	})
}

// TestAPackWithARingOfAgenciesIsRefused: each of them is reported at its line.
func TestAPackWithARingOfAgenciesIsRefused(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		files := ladderPack()
		text := string(files[1].Data)
		text = strings.Replace(text, "    short: city\n", "    short: city\n    parent: county\n", 1)
		text = strings.Replace(text, "    short: county\n", "    short: county\n    parent: city\n", 1)
		files[1].Data = []byte(text)
		var at []string
		for _, p := range h.CheckSection(t.Context(), files, everything{}) {
			if p.Key == "org.agency_ring" {
				at = append(at, p.Pointer)
			}
		}
		if len(at) != 2 || at[0] != "/agencies/1/parent" || at[1] != "/agencies/2/parent" {
			t.Errorf("rings at %v", at)
		}
		// What a pack ends stays ended for those below.
		regions := strings.Replace(string(files[0].Data), `name: county, parent: "580100", level: county`, `name: county, parent: "580100", level: county, valid_to: "2026-05-31"`, 1)
		files = []packfile.File{{Pack: "t", Path: "regions.yaml", Data: []byte(regions)}}
		found := false
		for _, p := range h.CheckSection(t.Context(), files, everything{}) {
			found = found || p.Key == "org.region_in_use"
		}
		if !found {
			t.Error("a region with living agencies was ended by a pack")
		}
	})
}

type everything struct{}

func (everything) Has(string, string) bool { return true }

// TestLegalReviewIsABusinessRole: a pack may give it, and nobody has it beside the office of one of the three administrators.
func TestLegalReviewIsABusinessRole(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		with := func(roles string) []string {
			files := ladderPack()
			text := strings.Replace(string(files[1].Data), "login: county.w, name: 苏晴, posts: [county-work]", "login: county.w, name: 苏晴, roles: ["+roles+"], posts: []", 1)
			files[1].Data = []byte(text)
			var keys []string
			for _, p := range h.CheckSection(t.Context(), files, everything{}) {
				keys = append(keys, p.Key)
			}
			return keys
		}
		if got := with("legal"); len(got) != 0 {
			t.Errorf("legal = %v", got)
		}
		if got := with("legal, admin"); len(got) != 1 || got[0] != "org.roles_apart" {
			t.Errorf("legal and admin = %v", got)
		}
	})
}
