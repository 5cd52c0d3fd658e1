package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/archive"
)

func TestAHandOverIsMadeInPartsAndTells(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		var size int64
		for _, id := range []string{"0001", "0002", "0003"} {
			p, _ := k.archived(id)
			size = p.Size
		}
		k.SetPartBytes(2*size + size/2) // two packages to a part
		_, err := k.Export(ctx, archivist, archive.Filter{Year: 2026}, " ")
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != "reason" {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := k.Export(ctx, archivist, archive.Filter{Year: 2025}, "移交"); !errs.Is(err, "archive.nothing_to_export") {
			t.Errorf("nothing: %v", err)
		}
		if _, err := k.Export(ctx, neighbour, archive.Filter{}, "移交"); !errs.Is(err, "archive.nothing_to_export") {
			t.Errorf("the neighbour's: %v", err)
		}
		id, err := k.Export(ctx, archivist, archive.Filter{Year: 2026}, "向区档案馆移交王小梅等人的档案")
		k.ok(err)
		if _, _, err := k.OpenPart(ctx, archivist, id, 1); !errs.Is(err, "archive.part_making") {
			t.Errorf("before it is made: %v", err)
		}
		k.drain()
		xs, err := k.Exports(ctx, archivist)
		k.ok(err)
		if len(xs) != 1 || xs[0].Finished.IsZero() || xs[0].Packages != 3 || len(xs[0].Parts) != 2 || xs[0].Parts[0].Count != 2 {
			t.Fatalf("%+v", xs)
		}
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'archive.exported'"); n != 1 {
			t.Errorf("told %d times", n)
		}
		read := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND what = 'archive.whole_package'")
		k.partIsWhole(id, 1, 2)
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND what = 'archive.whole_package'"); n != read+2 {
			t.Errorf("%d readings on record, want %d", n-read, 2)
		}
		for name, who := range map[string]actor{"auditor": auditor, "neighbour": neighbour} {
			if _, _, err := k.OpenPart(ctx, who, id, 1); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%s opens somebody else's: %v", name, err)
			}
		}
		if n := dbtest.Count(t, k.d, "archive_export", "CAST(filter AS TEXT) LIKE '%王小梅%'"); n != 0 {
			t.Error("the reason is readable")
		}
		k.at = k.at.AddDate(0, 0, 8)
		k.drain()
		if _, _, err := k.OpenPart(ctx, archivist, id, 1); !errs.Is(err, "archive.part_dropped") {
			t.Errorf("after its time: %v", err)
		}
		if n := dbtest.Count(t, k.d, "blob_file", "owner = $1", "archive:"+id); n != 0 {
			t.Errorf("%d copies kept", n)
		}
	})
}

// partIsWhole unpacks a part and verifies every package in it offline.
func (k *kit) partIsWhole(id string, n, packages int) {
	k.t.Helper()
	r, _, err := k.OpenPart(k.t.Context(), archivist, id, n)
	k.ok(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	k.ok(err)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	dir := k.t.TempDir()
	k.ok(os.CopyFS(dir, z))
	f, err := os.ReadFile(filepath.Join(dir, "catalogue.csv"))
	k.ok(err)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f, []byte("\ufeff")))).ReadAll()
	k.ok(err)
	if len(rows) != packages+1 || rows[0][1] != "档号" || !strings.Contains(rows[1][2], "王小梅") || rows[1][6] != "永久" {
		k.t.Fatalf("%v", rows)
	}
	for _, row := range rows[1:] {
		if cs := k.judgeFolder(filepath.Join(dir, row[13])); !cs.OK() {
			k.t.Errorf("%s: %+v", row[13], cs)
		}
	}
}

// A package that was damaged since is not handed over: the job fails, and the export never says that it is ready.
func TestADamagedPackageIsNotHandedOver(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	p, _ := k.archived("0001")
	id, err := k.Export(t.Context(), archivist, archive.Filter{}, "移交")
	k.ok(err)
	raw := k.raw(p.BlobID)
	raw[len(raw)/2] ^= 1
	k.ok(os.WriteFile(k.path(p.BlobID), raw, 0o600))
	k.drain()
	xs, err := k.Exports(t.Context(), archivist)
	k.ok(err)
	if !xs[0].Finished.IsZero() || xs[0].ID != id || xs[0].Parts[0].State != archive.PartMaking {
		t.Errorf("%+v", xs[0])
	}
}

func TestRetention(t *testing.T) {
	s := archive.DefaultSchedule()
	for _, c := range []struct{ item, kind, result, override, want string }{
		{"food", "01", "grant", "", archive.Permanent},
		{"food", "01", "refuse", "", archive.Years30},
		{"elder", "05", "grant", "", archive.Years30},
		{"elder", "20", "grant", "", archive.Years10},
		{"x", "", "withdrawn", "", archive.Years10},
		{"x", "99", "grant", "", archive.Years30},
		{"x", "01", "withdrawn", archive.Permanent, archive.Permanent},
	} {
		r, err := s.Keep(c.item, c.kind, c.result, c.override)
		if err != nil || r.Period != c.want || r.Name == "" || r.Basis == "" {
			t.Errorf("%+v: %+v %v", c, r, err)
		}
	}
	for _, result := range archive.Results {
		if r, err := s.Keep("any", "any", result, ""); err != nil || r.Basis == s.Default.Basis {
			t.Errorf("%s is not in the schedule: %v", result, err)
		}
	}
	if _, err := s.Keep("x", "01", "grant", "y5"); !errs.Is(err, "archive.bad_period") {
		t.Errorf("five years: %v", err)
	}
	for name, text := range map[string]string{
		"period": "rules: [{period: y5, basis: x}]\ndefault: {period: y10, basis: x}", "basis": "rules: [{period: y10}]\ndefault: {period: y10, basis: x}",
		"result": "rules: [{period: y10, basis: x, result: no}]\ndefault: {period: y10, basis: x}", "field": "rulez: []", "default": "rules: []",
	} {
		if _, err := archive.ReadSchedule([]byte(text)); !errs.Is(err, "archive.bad_schedule") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
