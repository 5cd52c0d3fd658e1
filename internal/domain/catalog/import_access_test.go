package catalog_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/vault"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

// province is a room below with two counties, each with a bureau and a hall, and the hall of the province.
type province struct{ offices }

func (province) Agencies(context.Context) []org.Agency {
	return []org.Agency{
		{Key: "market", Region: "580102"},
		{Key: "hall", Region: "580102"},
		{Key: "far-market", Region: "580103"},
		{Key: "far-hall", Region: "580103"},
		{Key: "top-hall", Region: "580000"},
		{Key: "top-market", Region: "580000"},
	}
}

func (province) Within(_ context.Context, code, above string) bool {
	return code == above || above == "580000"
}

func TestAnImportBelongsToTheAgencyOfWhoMadeIt(t *testing.T) {
	d := dbtest.SQLite(t, stageSchema...)
	files, err := blob.Open(t.TempDir(), vault.New(vault.NewKeys()))
	if err != nil {
		t.Fatal(err)
	}
	s := catalog.New(catalog.Deps{DB: d, Org: province{}, Files: files, Now: func() time.Time { return start }})
	of := func(staff, agency string) authz.Actor {
		return authz.Actor{StaffID: staff, AgencyID: agency, Via: "page", Roles: []authz.Role{authz.ItemOffice}}
	}
	maker := of("maker", "market")
	id, err := s.StartImport(t.Context(), maker, catalog.Upload{Name: "x.csv"}, bytes.NewReader(district(t)))
	if err != nil {
		t.Fatal(err)
	}
	drain(t, d, s)
	if _, err := s.Import(t.Context(), bytes.NewReader([]byte(head+"区民政局,低保,低保申请,A-1,5,,580102\n")), catalog.ImportOptions{}); err != nil {
		t.Fatal(err) // of the command line: nobody's
	}
	for agency, may := range map[string]bool{"market": true, "hall": true, "top-hall": true, "far-market": false, "far-hall": false, "top-market": false, "": false, "unknown-hall": false} {
		a := of("other", agency)
		want := errs.NotFound
		_, info := s.ImportInfo(t.Context(), a, id)
		_, rep := s.ImportReport(t.Context(), a, id)
		got := map[string]error{"info": info, "report": rep, "findings": s.ImportFindings(t.Context(), a, id, &bytes.Buffer{}, i18n.Chinese)}
		if !may {
			got["load"], got["cancel"] = s.LoadImport(t.Context(), a, id), s.CancelImport(t.Context(), a, id)
		}
		for what, err := range got {
			if may && err != nil || !may && errs.KindOf(err) != want {
				t.Errorf("%s of %q: %v", what, agency, err)
			}
		}
		list, err := s.Imports(t.Context(), a, 10)
		if err != nil || (len(list) == 1) != may || len(list) > 1 {
			t.Errorf("imports %q sees: %+v %v", agency, list, err)
		}
	}
	if _, err := s.ImportInfo(t.Context(), authz.Actor{StaffID: "x", AgencyID: "market", Roles: []authz.Role{authz.Officer}}, id); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer of the same agency: %v", err)
	}
	if err := s.LoadImport(t.Context(), of("colleague", "market"), id); err != nil {
		t.Errorf("a colleague goes on with it: %v", err)
	}
}
