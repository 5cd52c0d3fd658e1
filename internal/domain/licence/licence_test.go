package licence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/seal"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, Schema}

var noon = time.Date(2026, 3, 16, 12, 0, 0, 0, beijing)

var market = org.Agency{
	Key: "market", Code: "11580102MB0K731283", Name: "清澜市清江区市场监督管理局", Region: "580102", SealName: "清澜市清江区市场监督管理局", SealPurpose: "行政审批专用章",
}

const foodYAML = `key: food-business
code: 11580000MB0D119080001
name: 食品经营许可证
definer: 澜州省市场监督管理局（虚构）
holder: firm
number: "JY{form}{region}{seq:6}{check}"
fields:
  - {key: form, label: 主体业态, from: scenario.kind}
  - {key: holder_name, label: 经营者名称, from: applicant.name}
  - {key: address, label: 经营场所, from: form.shop_address}
  - {key: note, label: 备注, from: "const:仅供演示"}
  - {key: number, label: 许可证编号, from: licence.number}
validity: {years: 5}
exclusive: false
issued_here: true
trust: A
layout:
  title: 食品经营许可证
  paper: A4L
  no_page_numbers: true
  blocks:
    - {kind: field, text: "{{name}} {{form}} {{note}}", x: 20, y: 20, w: 200, h: 12, size: 20}
    - {kind: field, text: "{{holder_name}} {{address}} {{number}}", x: 20, y: 40, w: 200, h: 12}
    - {kind: field, text: "{{valid_from}}—{{valid_until}} {{agency}} {{issued}}", x: 20, y: 60, w: 200, h: 12}
    - {kind: field, text: "{{licence_id}}", x: 20, y: 80, w: 200, h: 12}
    - {kind: seal, x: 200, y: 100, w: 42}
    - {kind: qr, qr: "{{verify_url}}", x: 20, y: 100, w: 30}
`

var elderYAML = strings.NewReplacer("food-business", "elder-card", "11580000MB0D119080001", "11580000MB0D119080002", "holder: firm", "holder: person", "JY{form}", "LN",
	"{years: 5}", "{}", "exclusive: false", "exclusive: true").Replace(foodYAML)

func packFiles(texts ...string) []packfile.File {
	var out []packfile.File
	for i, s := range texts {
		out = append(out, packfile.File{Pack: "t", Path: "licence-types/" + string(rune('a'+i)) + ".yaml", Data: []byte(s)})
	}
	return out
}

type kit struct {
	*Service
	t    *testing.T
	d    *db.DB
	v    *vault.Vault
	ring *paper.Keyring
	run  *job.Runner
	now  time.Time
	dir  string
}

func newKit(t *testing.T, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, d: d, v: vault.New(vault.NewKeys()), now: noon, dir: t.TempDir()}
	var err error
	if k.ring, err = paper.NewKeyring(filepath.Join(t.TempDir(), "keys")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.ring.EnsureCA("清澜市电子印章测试根", noon, true), k.ring.EnsureAgency("market", market.Name, noon)); err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(filepath.Join(k.dir, "blobs"), k.v)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	now := func() time.Time { return k.now }
	al := audit.NewLog(d, now, log)
	t.Cleanup(al.Close)
	k.Service = New(Deps{DB: d, Vault: k.v, Blobs: blobs, Audit: al, Keys: k.ring, Now: now, Log: log, PublicURL: "https://gov.example"})
	k.run = job.NewRunner(d, now, log)
	k.run.Handle(MakeKind, k.Make)
	k.run.Handle(event.DeliverKind, event.NewBus(d).Deliver)
	k.tx(func(ctx context.Context, tx *db.Tx) error {
		return k.LoadTx(ctx, tx, k.now, packFiles(foodYAML, elderYAML))
	})
	return k
}

func (k *kit) tx(fn func(ctx context.Context, tx *db.Tx) error) {
	k.t.Helper()
	if err := k.d.Tx(k.t.Context(), fn); err != nil {
		k.t.Fatal(err)
	}
}

const firmNumber = "92580102MA0000001X"

func food(caseID string) Issue {
	return Issue{
		TypeKey: "food-business", Agency: market, CaseID: caseID, ItemKey: "food-licence-new", HolderKind: Firm, HolderName: "清澜市云岸小馆", HolderNumber: firmNumber,
		FirmID: "f1", Values: map[string]string{"scenario.kind": "餐饮服务经营者", "applicant.name": "清澜市云岸小馆", "address": "清澜市滨河路18号"}, Codes: map[string]string{"scenario.kind": "2"},
	}
}

func elder(caseID, number string) Issue {
	return Issue{TypeKey: "elder-card", Agency: market, CaseID: caseID, HolderKind: Person, HolderName: "古丽娜尔·买买提", HolderNumber: number, PersonID: "p1"}
}

func (k *kit) issue(r Issue) (l Licence, err error) {
	err = k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		l, err = k.IssueTx(ctx, tx, k.now, r)
		return err
	})
	return l, err
}

func (k *kit) made(r Issue) (Licence, []byte) {
	k.t.Helper()
	l, err := k.issue(r)
	if err == nil {
		err = k.run.Drain(k.t.Context())
	}
	var file []byte
	if err == nil {
		file, l, err = k.PDF(k.t.Context(), l.ID)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return l, file
}

func (k *kit) status(file []byte) (string, map[string]bool) {
	k.t.Helper()
	r, err := k.Verify(k.t.Context(), file)
	if err != nil {
		k.t.Fatal(err)
	}
	checks := map[string]bool{}
	for _, c := range r.Checks {
		checks[c.Name] = c.OK
	}
	return r.Status, checks
}

func TestALicenceFromIssueToVerification(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		l, file := k.made(food("c1"))
		if l.Number != "JY25801020000011" || l.ValidFrom != "2026-03-16" || l.ValidUntil != "2031-03-15" || !l.Test || l.Trust != "A" || l.State != Valid {
			t.Errorf("%+v", l)
		}
		if err := cnid.CheckLicenceID(l.Identifier); err != nil || !strings.HasPrefix(l.Identifier, "1.2.156.3005.2.11580000MB0D119080001.11580102MB0K731283.") {
			t.Errorf("%s %v", l.Identifier, err)
		}
		if l.Fields["form"] != "餐饮服务经营者" || l.Fields["note"] != "仅供演示" || l.Fields["address"] != "清澜市滨河路18号" {
			t.Errorf("fields %v", l.Fields)
		}
		if s, checks := k.status(file); s != seal.Valid || !checks["revocation"] || !checks["issued_file"] {
			t.Errorf("genuine = %s %v", s, checks)
		}
		flipped := bytes.Clone(file)
		flipped[len(flipped)/3] ^= 4
		if s, _ := k.status(flipped); s != seal.Forged {
			t.Errorf("flipped = %s", s)
		}
		again, err := k.issue(food("c1"))
		if err != nil || again.ID != l.ID {
			t.Errorf("second decision of the same case: %+v %v", again, err)
		}
		if err := k.Make(t.Context(), job.Job{Args: []byte(`{"id":"` + l.ID + `"}`), Attempt: 1, Tries: 12}); err != nil {
			t.Error(err)
		}
		dbtest.WantCounts(t, d, map[string]int{"licence_licence": 1, "blob_file": 1, "event_event": 2, "audit_entry": 1})
		k.now = k.now.AddDate(5, 0, 0)
		if s, _ := k.status(file); s != seal.Expired {
			t.Errorf("after its last day = %s", s)
		}
	})
}

func TestAnEndedLicenceIsRevokedForEverybody(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		l, file := k.made(food("c1"))
		if err := k.SetState(t.Context(), l.ID, Revoked, " ", "staff:x"); !errs.Is(err, "licence.reason") {
			t.Errorf("without reason: %v", err)
		}
		k.tx(func(ctx context.Context, tx *db.Tx) error {
			return k.RevokeTx(ctx, tx, k.now, l.ID, "以欺骗手段取得许可（行政许可法第六十九条）", "staff:x")
		})
		if s, checks := k.status(file); s != seal.Revoked || checks["revocation"] {
			t.Errorf("revoked = %s %v", s, checks)
		}
		if u, err := k.Usable(t.Context(), firmNumber, "food-business"); err != nil || len(u) != 0 {
			t.Errorf("usable %v %v", u, err)
		}
		if err := k.SetState(t.Context(), l.ID, Valid, "误", "staff:x"); !errs.Is(err, "licence.state") {
			t.Errorf("back to life: %v", err)
		}
		v, err := k.VerifyIdentifier(t.Context(), " "+strings.ToLower(l.Identifier)+" ")
		if err != nil || v.State != Revoked || strings.Contains(v.Holder, "云岸") || v.StateAt.IsZero() || v.Number == l.Number {
			t.Errorf("%+v %v", v, err)
		}
		h, err := k.History(t.Context(), l.ID)
		var how []string
		for _, u := range h {
			how = append(how, u.How+":"+u.Detail)
		}
		slices.Sort(how)
		if want := []string{"issued:", "state:revoked", "verified_file:revoked", "verified_number:revoked"}; err != nil || !slices.Equal(how, want) {
			t.Errorf("history %v %v", how, err)
		}
		if state, same, err := k.StateOf(t.Context(), l.Identifier, seal.Digest(file)); err != nil || state != Revoked || !same {
			t.Errorf("StateOf = %s %v %v", state, same, err)
		}
	})
}

func TestForeignAndOlderFiles(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	_, file := k.made(food("c1"))
	if _, err := d.Raw().ExecContext(t.Context(), `UPDATE licence_licence SET digest = 'of a later file'`); err != nil {
		t.Fatal(err)
	}
	if s, checks := k.status(file); s != seal.Valid || checks["issued_file"] {
		t.Errorf("older file = %s %v", s, checks)
	}
	if _, err := d.Raw().ExecContext(t.Context(), `DELETE FROM licence_licence`); err != nil {
		t.Fatal(err)
	}
	if s, _ := k.status(file); s != seal.Unknown {
		t.Errorf("not in the register = %s", s)
	}
	for name, c := range map[string]struct {
		trust  [][]byte
		status string
		exit   int
	}{"offline": {[][]byte{k.ring.TrustPEM()}, seal.Valid, 0}, "nobody trusted": {nil, seal.Unknown, 1}} {
		r, err := VerifyFile(t.Context(), file, c.trust, k.now, nil)
		if err != nil || r.Status != c.status || ExitCode(r) != c.exit {
			t.Errorf("%s: %s %v", name, r.Status, err)
		}
	}
	if _, err := VerifyFile(t.Context(), file, [][]byte{[]byte("rubbish")}, k.now, nil); err == nil {
		t.Error("rubbish was taken for an authority")
	}
	other := newKit(t, dbtest.SQLite(t, rooms...)) // an authority of the same name with another key
	if s, _ := other.status(file); s != seal.Forged {
		t.Errorf("another authority of the same name = %s", s)
	}
	if _, err := k.Verify(t.Context(), nil); errs.KindOf(err) != errs.BadRequest {
		t.Errorf("empty file: %v", err)
	}
}

func TestOneInForceForEachHolder(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { _, results[i] = k.issue(elder("c"+string(rune('0'+i)), "110101195003070011")) })
		}
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if errs.KindOf(err) != errs.Conflict {
				t.Errorf("unexpected: %v", err)
			}
		}
		if won != 1 || dbtest.Count(t, d, "licence_licence", "") != 1 {
			t.Errorf("%d issued", won)
		}
		if _, err := k.issue(elder("d", "110101195003070038")); err != nil {
			t.Errorf("another holder: %v", err)
		}
		held, err := k.Held(t.Context(), "110101195003070011")
		if err != nil || len(held) != 1 || held[0].HolderName != "古丽娜尔·买买提" || held[0].ValidUntil != "" {
			t.Fatalf("%+v %v", held, err)
		}
		if err := k.SetState(t.Context(), held[0].ID, Cancelled, "持证人迁出", "staff:x"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.issue(elder("e", "110101195003070011")); err != nil {
			t.Errorf("after cancellation: %v", err)
		}
	})
}

func TestNumbersHaveNeitherGapsNorTwins(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		boom := errors.New("the decision failed")
		var wg sync.WaitGroup
		for i := range 9 {
			wg.Go(func() {
				err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					if _, err := k.IssueTx(ctx, tx, k.now, food("c"+string(rune('a'+i)))); err != nil {
						return err
					}
					if i%3 == 0 {
						return boom
					}
					return nil
				})
				if err != nil && !errors.Is(err, boom) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := k.Held(t.Context(), firmNumber)
		if err != nil || len(all) != 6 {
			t.Fatalf("%d %v", len(all), err)
		}
		var serials []string
		for _, l := range all {
			serials = append(serials, l.Number[9:15])
		}
		slices.Sort(serials)
		if want := []string{"000001", "000002", "000003", "000004", "000005", "000006"}; !slices.Equal(serials, want) {
			t.Errorf("serials %v", serials)
		}
	})
}

func TestWhatCannotBeIssued(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	listed := strings.NewReplacer("elder-card", "id-card", "119080002", "119080003", "issued_here: true", "issued_here: false").Replace(elderYAML)
	k.tx(func(ctx context.Context, tx *db.Tx) error { return k.LoadTx(ctx, tx, k.now, packFiles(listed)) })
	for key, change := range map[string]func(*Issue){
		"licence.type_not_found":  func(r *Issue) { r.TypeKey = "none" },
		"licence.not_issued_here": func(r *Issue) { r.TypeKey = "id-card" },
		"licence.holder_kind":     func(r *Issue) { r.HolderKind = Person },
		"licence.number_code":     func(r *Issue) { r.Codes = nil },
		"cnid.licence_agency":     func(r *Issue) { r.Agency.Code = "short" },
	} {
		r := food("c-" + key)
		change(&r)
		if _, err := k.issue(r); !errs.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if n := dbtest.Count(t, d, "licence_series", ""); n != 0 {
		t.Errorf("%d series were begun", n)
	}
}

func TestOwnedAndReads(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	l, _ := k.made(food("c1"))
	if _, err := k.Owned(t.Context(), l.ID, "", firmNumber); err != nil {
		t.Errorf("the holder: %v", err)
	}
	for _, numbers := range [][]string{nil, {""}, {"110101195003070011", ""}} {
		if _, err := k.Owned(t.Context(), l.ID, numbers...); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%v: %v", numbers, err)
		}
	}
	u, err := k.Usable(t.Context(), firmNumber, "food-business")
	if err != nil || len(u) != 1 || u[0].ID != l.ID {
		t.Errorf("usable %v %v", u, err)
	}
	if err := k.ReadBy(t.Context(), authz.Actor{PersonID: "p1", Origin: "192.0.2.7"}, l, "licence.what_file", "pdf"); err != nil {
		t.Fatal(err)
	}
	es, err := audit.List(t.Context(), d.R(), audit.Filter{Subject: l.Subject, Act: audit.Read}, "", 9)
	if err != nil || len(es) != 1 || es[0].Object != "licence:"+l.ID || es[0].Via != "pdf" || strings.Contains(es[0].Origin, "192.0.2") || es[0].Origin == "" {
		t.Errorf("%+v %v", es, err)
	}
}

func TestAFailedFileIsSeenAndMadeLater(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	r := food("c1")
	r.Agency.Key = "civil"
	l, err := k.issue(r)
	if err != nil {
		t.Fatal(err)
	}
	for range 14 {
		if err := k.run.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.now = k.now.Add(2 * time.Hour)
	}
	failed, err := k.FailedFiles(t.Context())
	if err != nil || len(failed) != 1 || failed[0].Failure != "paper.no_key" {
		t.Fatalf("%+v %v", failed, err)
	}
	if _, _, err := k.PDF(t.Context(), l.ID); !errs.Is(err, "licence.failed") {
		t.Errorf("PDF: %v", err)
	}
	if err := errors.Join(k.ring.EnsureAgency("civil", "清澜市清江区民政局", k.now), k.Remake(t.Context(), l.ID), k.run.Drain(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.PDF(t.Context(), l.ID); err != nil {
		t.Errorf("made again: %v", err)
	}
}

func TestNothingPersonalIsReadable(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	l, _ := k.made(elder("c1", "110101195003070011"))
	if err := k.SetState(t.Context(), l.ID, Revoked, "古丽娜尔·买买提隐瞒情况", "staff:x"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Raw().ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	var path string
	if err := d.R().QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{filepath.Dir(path), k.dir} {
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte("古丽")) || bytes.Contains(b, []byte("110101195003070011")) {
				t.Errorf("%s holds personal data", filepath.Base(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
