package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/cases"
)

func TestACaseThatIsOverGetsItsPackageOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		p, b := k.archived("0001")
		if p.ArchiveNo != "11580102MB0K731283-ZW·2026-Y-MARKET-00001" || p.Period != archive.Permanent || !p.Sound || p.Size != int64(len(b)) || p.Year != 2026 || p.Result != "grant" {
			t.Errorf("%+v", p)
		}
		d := k.w.dossiers["0001"]
		k.over(d, concluded)
		k.over(d, func(f cases.Fact) event.Event { return cases.ArchivedEvent{Fact: f} })
		k.drain()
		k.ok(k.Make(t.Context(), "0001"))
		dbtest.WantCounts(t, k.d, map[string]int{"archive_package": 1, "archive_series": 1, "archive_check": 1})
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'archive.made'"); n != 1 || k.w.asked != 1 {
			t.Errorf("made %d times, the case read %d times", n, k.w.asked)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'archive.make'"); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		p2, _ := k.archived("0002")
		if !strings.HasSuffix(p2.ArchiveNo, "-00002") {
			t.Errorf("the second number: %s", p2.ArchiveNo)
		}
	})
}

// The package is a ZIP any tool opens, and holds the whole case.
func TestWhatIsInAPackage(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	_, b := k.archived("0001")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		k.ok(err)
		files[f.Name], err = io.ReadAll(r)
		k.ok(err)
	}
	for _, name := range strings.Fields(`manifest.json manifest.sig signer.pem case.json form/item.json form/definition.json form/round-01.json form/round-02.json
		materials/0001.pdf materials/0002.json materials/0003.pdf signatures/round-01.json opinions/001.json inspections/001.json decision/decision.json
		papers/01-grant.pdf papers/papers.json log/events.json log/history.json log/tasks.json log/visits.json`) {
		if len(files[name]) == 0 {
			t.Errorf("%s is missing", name)
		}
		delete(files, name)
	}
	for name := range files {
		t.Errorf("%s is not expected", name)
	}
	if z.File[0].Name != "manifest.json" || !bytes.Contains(b, []byte(`"area":"86"`)) || !bytes.Contains(b, []byte("580102199003071225")) {
		t.Error("the package is not the whole case in plain")
	}
	var m archive.Manifest
	r, err := z.Open("manifest.json")
	k.ok(err)
	k.ok(json.NewDecoder(r).Decode(&m))
	if m.Title != "王小梅关于食品经营许可（新办）的办件（QL202603020001）" || m.Responsible != market.Name || m.Date != "2026-03-11" || m.Retention.Name != "永久" || m.Classification == "" ||
		m.Chain.Count != 4 || !m.Test || m.Retention.Basis == "" || len(m.Entries) != 18 {
		t.Errorf("%+v", m)
	}
	taken := 0
	for _, e := range m.Entries {
		if e.Taken {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("%d files marked as taken out", taken)
	}
}

// What the disk holds is sealed.
func TestAPackageIsSealedAtRest(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	p, b := k.archived("0001")
	raw := k.raw(p.BlobID)
	for _, secret := range []string{"580102199003071225", "王小梅", "manifest.json"} {
		if !bytes.Contains(b, []byte(secret)) || bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q on the disk", secret)
		}
	}
	if n := dbtest.Count(t, k.d, "blob_file", "id = $1", p.BlobID); n != 1 {
		t.Error("no row keeps the package")
	}
}

func TestAPackageWaitsForItsPapers(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		k.w.making = true
		k.over(k.granted("0001"), concluded)
		k.drain()
		pg, err := k.List(t.Context(), archivist, archive.Filter{State: archive.Waiting})
		k.ok(err)
		if len(pg.Packages) != 1 || pg.Packages[0].Failure != "archive.waits_for" || pg.Packages[0].About != "准予行政许可决定书" || pg.Packages[0].ArchiveNo != "" {
			t.Fatalf("%+v", pg.Packages)
		}
		if _, _, err := k.Open(t.Context(), archivist, pg.Packages[0].ID); !errs.Is(err, "archive.still_waiting") {
			t.Errorf("opened: %v", err)
		}
		for range 12 { // until the job is given up
			k.at = k.at.Add(2 * time.Hour)
			k.drain()
		}
		if n := dbtest.Count(t, k.d, "job_job", "kind = 'archive.make' AND state = 'dead'"); n != 1 {
			t.Fatalf("%d dead jobs", n)
		}
		k.w.making = false
		k.at = k.at.Add(2 * time.Hour)
		k.ok(k.Schedule(t.Context())) // the daily run wakes it
		k.drain()
		if n := dbtest.Count(t, k.d, "archive_package", "state = 'ready' AND failure = ''"); n != 1 {
			t.Error("never made")
		}
	})
}

func TestEveryEndIsArchived(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		for id, x := range map[string]struct {
			state  cases.State
			tell   func(cases.Fact) event.Event
			period string
		}{
			"w1": {cases.Withdrawn, func(f cases.Fact) event.Event { return cases.WithdrawnEvent{Fact: f} }, archive.Years10},
			"r1": {cases.Refused, func(f cases.Fact) event.Event { return cases.RefusedAcceptanceEvent{Fact: f} }, archive.Years10},
			"t1": {cases.Terminated, func(f cases.Fact) event.Event { return cases.EndedEvent{Fact: f} }, archive.Years10},
			"l1": {cases.Lapsed, func(f cases.Fact) event.Event { return cases.EndedEvent{Fact: f} }, archive.Years10},
			"x1": {cases.Transferred, func(f cases.Fact) event.Event { return cases.EndedEvent{Fact: f} }, archive.Years10},
			"a1": {cases.Archived, func(f cases.Fact) event.Event { return cases.ArchivedEvent{Fact: f} }, archive.Years10}, // ended before there was an archive
		} {
			d := k.granted(id)
			d.Case.State, d.Case.Outcome, d.Case.Concluded, d.Decision = x.state, "", time.Time{}, nil
			d.Refusal = &cases.Refusal{Ground: cases.GroundNotNeeded}
			end := x.state
			if end == cases.Archived {
				end = cases.Withdrawn
				d.History = append(d.History[:1:1], cases.HistoryEntry{At: at("2026-03-05 10:00"), Act: "withdraw", From: cases.Submitted, To: end})
				d.History = append(d.History, cases.HistoryEntry{At: at("2026-04-05 10:00"), Act: "archive", From: end, To: cases.Archived})
			} else {
				d.History = append(d.History[:1:1], cases.HistoryEntry{At: at("2026-03-05 10:00"), Act: "end", From: cases.Reviewing, To: end})
			}
			k.w.dossiers[id] = d
			k.over(d, x.tell)
			k.drain()
			pg, err := k.List(t.Context(), archivist, archive.Filter{Query: d.Case.CaseNo})
			k.ok(err)
			if len(pg.Packages) != 1 || pg.Packages[0].State != archive.Ready || pg.Packages[0].Result != string(end) || pg.Packages[0].Period != x.period || !pg.Packages[0].Sound {
				t.Errorf("%s: %+v", id, pg.Packages)
			}
			if len(pg.Packages) == 1 && !pg.Packages[0].Ended.Equal(at("2026-03-05 10:00")) {
				t.Errorf("%s ended %s", id, pg.Packages[0].Ended)
			}
		}
		d := k.granted("o1")
		d.Case.State = cases.Certified // decided, but not delivered
		k.w.dossiers["o1"] = d
		k.over(d, concluded)
		k.drain()
		if n := dbtest.Count(t, k.d, "archive_package", "case_id = 'o1' AND state = 'waiting' AND failure = 'archive.not_over'"); n != 1 {
			t.Error("a running case was archived")
		}
	})
}

func TestAFileAlteredInTheStoreIsNotArchivedAsIfItWereTheOriginal(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	d := k.granted("0001")
	d.Files[0].Digest = strings.Repeat("0", 64)
	k.over(d, concluded)
	k.drain()
	if n := dbtest.Count(t, k.d, "archive_package", "failure = 'archive.altered_in_store' AND about = 'materials/0001.pdf'"); n != 1 {
		t.Error("archived")
	}
}

func TestOnlyTheArchivesOwnPeopleAndEveryReadingOnRecord(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		p, _ := k.archived("0001")
		ctx := t.Context()
		for name, a := range map[string]bool{"neighbour": false, "abroad": false, "archivist": true, "auditor": true} {
			who := map[string]any{"neighbour": neighbour, "abroad": abroad, "archivist": archivist, "auditor": auditor}[name].(actor)
			_, err := k.Package(ctx, who, p.ID)
			if (err == nil) != a || err != nil && errs.KindOf(err) != errs.NotFound {
				t.Errorf("%s reads: %v", name, err)
			}
			if _, err := k.Recheck(ctx, who, p.ID); (err == nil) != a {
				t.Errorf("%s checks: %v", name, err)
			}
			if pg, err := k.List(ctx, who, archive.Filter{}); err != nil || (len(pg.Packages) == 1) != a {
				t.Errorf("%s lists %d, %v", name, len(pg.Packages), err)
			}
		}
		officer := archivist
		officer.Roles = nil
		if _, err := k.List(ctx, officer, archive.Filter{}); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("without the role: %v", err)
		}
		v, err := k.Package(ctx, auditor, p.ID)
		k.ok(err)
		if v.Manifest == nil || v.Manifest.Title != "" || v.Manifest.Entries[0].Path != "case.json" || len(v.Runs) != 3 {
			t.Errorf("%+v", v)
		}
		for _, e := range v.Manifest.Entries {
			if e.File != "" || strings.Contains(e.Title, "王小梅") {
				t.Errorf("a name on the page: %+v", e)
			}
		}
		for actor, n := range map[string]int{"staff:arc": 3, "staff:bai": 4} { // list, open or package
			if got := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND actor = $1", actor); got != n {
				t.Errorf("%d readings of %s, want %d", got, actor, n)
			}
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'archive.check'"); n != 2 {
			t.Errorf("%d checks on record", n)
		}
	})
}
