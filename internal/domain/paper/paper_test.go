package paper

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
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
	"tongban/internal/engine/seal"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, Schema}

var market = org.Agency{
	Key: "market", Code: "11580102MB0K731283", Name: "清澜市清江区市场监督管理局", Region: "580102", Government: "清澜市清江区人民政府", Court: "清澜市清江区人民法院",
	SealName: "清澜市清江区市场监督管理局", SealPurpose: "行政审批专用章", NumberMark: "清江市监食许",
}

const acceptYAML = `key: accept-licensing
act: accept
item_types: ["01"]
title: 受理通知书
number: "{mark}受〔{year}〕{n}号"
layout:
  paper: A4
  blocks:
    - {kind: title, text: "{{agency}}"}
    - {kind: title, text: 行政许可受理通知书}
    - {kind: number, text: "{{number}}"}
    - {kind: para, align: left, text: "{{applicant}}："}
    - {kind: para, text: "您于{{received_cn}}提出的{{item}}申请（{{case_no}}），本机关决定受理，{{promised_cn}}前办结。"}
    - {kind: para, text: "地址：{{window}}", if: window}
    - {kind: sign, text: "{{agency}}\n{{date_cn}}", seal: true}
    - {kind: qr, qr: "{{verify_url}}", text: 扫码查验}
`

const refuseYAML = `key: refuse-licensing
act: refuse
title: 不予行政许可决定书
number: "{mark}不〔{year}〕{n}号"
layout:
  blocks:
    - {kind: number, text: "{{number}}"}
    - {kind: para, text: "{{applicant}}：{{reason}}{{remedies}}"}
    - {kind: sign, text: "{{agency}}\n{{date_cn}}"}
    - {kind: seal}
`

func packFiles(texts ...string) []packfile.File {
	var out []packfile.File
	for i, s := range texts {
		out = append(out, packfile.File{Pack: "t", Path: "papers/" + string(rune('a'+i)) + ".yaml", Data: []byte(s)})
	}
	return out
}

type kit struct {
	*Service
	t    *testing.T
	d    *db.DB
	ring *Keyring
	run  *job.Runner
	now  time.Time
	dir  string
}

func newKit(t *testing.T, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, d: d, ring: ring(t, true, "market"), now: noon, dir: t.TempDir()}
	v := vault.New(vault.NewKeys())
	blobs, err := blob.Open(k.dir, v)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	now := func() time.Time { return k.now }
	k.Service = New(Deps{DB: d, Vault: v, Blobs: blobs, Keys: k.ring, Now: now, Log: log, PublicURL: "https://gov.example/"})
	k.run = job.NewRunner(d, now, log)
	k.run.Handle(MakeKind, k.Make)
	k.run.Handle(event.DeliverKind, event.NewBus(d).Deliver)
	k.tx(func(ctx context.Context, tx *db.Tx) error {
		return k.LoadTx(ctx, tx, k.now, packFiles(acceptYAML, refuseYAML))
	})
	return k
}

func (k *kit) tx(fn func(ctx context.Context, tx *db.Tx) error) {
	k.t.Helper()
	if err := k.d.Tx(k.t.Context(), fn); err != nil {
		k.t.Fatal(err)
	}
}

func request(caseID string) Request {
	return Request{Act: Accept, ItemType: "01", Agency: market, CaseID: caseID, CaseNo: "QL20260001", Subject: "s1", Values: map[string]string{
		"applicant": "买买提·艾力", "item": "食品经营许可（新办）", "received_cn": "2026年3月12日", "promised_cn": "2026年3月26日",
	}}
}

func (k *kit) issue(r Request) (p Paper, err error) {
	err = k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = k.IssueTx(ctx, tx, k.now, r)
		return err
	})
	return p, err
}

func (k *kit) drain() {
	k.t.Helper()
	if err := k.run.Drain(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

func TestAPaperIsNumberedSignedAndKept(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p, err := k.issue(request("c1"))
		if err != nil || p.Number != "清江市监食许受〔2026〕1号" || p.State != Making || p.Title != "受理通知书" {
			t.Fatalf("%+v %v", p, err)
		}
		if _, _, err := k.PDF(t.Context(), p.ID); !errs.Is(err, "paper.still_making") {
			t.Errorf("PDF before the job: %v", err)
		}
		k.drain()
		file, p, err := k.PDF(t.Context(), p.ID)
		if err != nil || p.State != Ready || p.ReadyAt.IsZero() {
			t.Fatalf("%+v %v", p, err)
		}
		trust, err := seal.NewTrust(k.ring.TrustPEM())
		if err != nil {
			t.Fatal(err)
		}
		if r := seal.Verify(file, trust, k.now, nil); r.Status != seal.Valid || !r.Test || r.Agency != market.Name {
			t.Errorf("the paper does not verify: %+v", r)
		}
		flipped := bytes.Clone(file)
		flipped[len(file)/2] ^= 1
		if r := seal.Verify(flipped, trust, k.now, nil); r.Status != seal.Forged {
			t.Errorf("one bit flipped = %s", r.Status)
		}
		// The job again, as after a crash between its commit and its end: nothing new.
		if err := k.Make(t.Context(), job.Job{Args: []byte(`{"id":"` + p.ID + `"}`), Attempt: 1, Tries: 12}); err != nil {
			t.Fatal(err)
		}
		dbtest.WantCounts(t, d, map[string]int{"paper_paper": 1, "blob_file": 1, "event_event": 2, "audit_entry": 1})
		if of, err := k.OfCase(t.Context(), "c1"); err != nil || len(of) != 1 || of[0].Digest != p.Digest {
			t.Errorf("OfCase = %v %v", of, err)
		}
	})
}

func TestARaceOfTwoJobsKeepsOneFile(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p, err := k.issue(request("c1"))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := k.make(t.Context(), p); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		dbtest.WantCounts(t, d, map[string]int{"blob_file": 1, "event_event": 2})
	})
}

func TestNumbersHaveNeitherGapsNorTwins(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		boom := errors.New("the act failed")
		var mu sync.Mutex
		var numbers []string
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				var p Paper
				err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
					if p, err = k.IssueTx(ctx, tx, k.now, request("c")); err == nil && i%3 == 0 {
						err = boom
					}
					return err
				})
				if err != nil && !errors.Is(err, boom) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					numbers = append(numbers, p.Number)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(numbers)
		want := []string{}
		for i := range 8 {
			want = append(want, Number("{mark}受〔{year}〕{n}号", market.NumberMark, 2026, i+1))
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("numbers %v", numbers)
		}
		k.now = at("2026-12-31T16:00:00Z") // 2027 in China
		if p, err := k.issue(request("c")); err != nil || p.Number != "清江市监食许受〔2027〕1号" {
			t.Errorf("new year: %s %v", p.Number, err)
		}
	})
}

func TestWhatTheLawWantsMustBeThere(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	r := request("c1")
	r.Act, r.ItemType = Refuse, "07" // the refusal template names no type, so it serves all
	_, err := k.issue(r)
	if e := errs.As(err); e == nil || e.Key != "paper.incomplete" || len(e.Fields) != 1 || e.Fields[0].Path != "reason" {
		t.Errorf("refusal without reason: %v", err)
	}
	r.Values["reason"] = "经营场所与居民住宅楼相邻。"
	p, err := k.issue(r)
	if err != nil || p.Number != "清江市监食许不〔2026〕1号" {
		t.Fatalf("%+v %v", p, err)
	}
	c, err := k.contentOf(t.Context(), p.ID)
	if err != nil || !strings.Contains(c.Values["remedies"], "清澜市清江区人民政府") || c.Values["verify_url"] != "https://gov.example/verify" {
		t.Errorf("%+v %v", c, err)
	}
	for _, r := range []Request{{Act: "petition", ItemType: "01", Agency: market}, {Act: Refuse, Template: "accept-licensing", Agency: market}, {Act: Refuse, Template: "none", Agency: market}} {
		if _, err := k.issue(r); !errs.Is(err, "paper.no_template") {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestAPaperThatCannotBeMadeIsSeenAndMadeLater(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		r := request("c1")
		r.Values["applicant"] = "甲\u200b乙" // a character that cannot be drawn
		bad, err := k.issue(r)
		if err != nil {
			t.Fatal(err)
		}
		r = request("c2")
		r.Agency.Key = "civil" // has no key yet
		waiting, err := k.issue(r)
		if err != nil {
			t.Fatal(err)
		}
		k.drain()
		if p, _ := k.Paper(t.Context(), bad.ID); p.State != Failed || p.Failure != "pdf.missing_glyph" {
			t.Errorf("%+v", p)
		}
		if p, _ := k.Paper(t.Context(), waiting.ID); p.State != Making {
			t.Errorf("one failed try: %+v", p)
		}
		for range 12 {
			k.now = k.now.Add(2 * time.Hour)
			k.drain()
		}
		failed, err := k.Failed(t.Context())
		if err != nil || len(failed) != 2 || failed[1].Failure != "paper.no_key" {
			t.Fatalf("failed: %+v %v", failed, err)
		}
		if dead, _ := job.Count(t.Context(), d, "dead"); dead != 2 {
			t.Errorf("%d dead jobs", dead)
		}
		if err := k.ring.EnsureAgency("civil", "清澜市清江区民政局", k.now); err != nil {
			t.Fatal(err)
		}
		if err := k.Remake(t.Context(), waiting.ID); err != nil {
			t.Fatal(err)
		}
		k.drain()
		if _, p, err := k.PDF(t.Context(), waiting.ID); err != nil || p.Number != waiting.Number {
			t.Errorf("made again: %+v %v", p, err)
		}
		if err := k.Remake(t.Context(), waiting.ID); !errs.Is(err, "paper.not_failed") {
			t.Errorf("again: %v", err)
		}
	})
}

func TestProofOfDeliveryCountsOnce(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		p, err := k.issue(request("c1"))
		if err != nil {
			t.Fatal(err)
		}
		proof := Proof{PaperID: p.ID, How: HandedOut, To: "person:1", Taker: "买买提·艾力", By: "staff:su-qing"}
		for i, want := range []bool{true, false} {
			if first, err := k.Delivered(t.Context(), proof); err != nil || first != want {
				t.Errorf("%d: %v %v", i, first, err)
			}
		}
		ps, err := k.Proofs(t.Context(), p.ID)
		if err != nil || len(ps) != 1 || ps[0].Taker != "买买提·艾力" || !ps[0].At.Equal(k.now) {
			t.Errorf("%+v %v", ps, err)
		}
		if _, err := k.Delivered(t.Context(), Proof{PaperID: "none"}); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such paper: %v", err)
		}
	})
}

func TestNothingPersonalIsReadable(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	k := newKit(t, d)
	p, err := k.issue(request("c1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Delivered(t.Context(), Proof{PaperID: p.ID, How: HandedOut, To: "person:1", Taker: "买买提·艾力"}); err != nil {
		t.Fatal(err)
	}
	k.drain()
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
			if bytes.Contains(b, []byte("买买提")) {
				t.Errorf("%s holds a name", filepath.Base(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTemplatesAreVersions(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		old, err := k.issue(request("c1"))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(acceptYAML, "扫码查验", "扫码查真伪", 1)
		for range 2 {
			k.tx(func(ctx context.Context, tx *db.Tx) error { return k.LoadTx(ctx, tx, k.now, packFiles(acceptYAML)) })
		}
		dbtest.WantCounts(t, d, map[string]int{"paper_template": 2})
		k.tx(func(ctx context.Context, tx *db.Tx) error { return k.LoadTx(ctx, tx, k.now, packFiles(changed)) })
		newer, err := k.issue(request("c2"))
		if err != nil || old.Version != 1 || newer.Version != 2 {
			t.Errorf("versions %d and %d, %v", old.Version, newer.Version, err)
		}
		k.drain()
		if _, _, err := k.PDF(t.Context(), old.ID); err != nil {
			t.Errorf("the paper of the old version: %v", err)
		}
		if !k.HasKey(t.Context(), "paper", "accept-licensing") || k.HasKey(t.Context(), "paper", "nothing") || k.HasKey(t.Context(), "form", "accept-licensing") {
			t.Error("HasKey")
		}
	})
}

func TestThePackCheckTellsAllAtOnce(t *testing.T) {
	s := New(Deps{})
	if ps := s.CheckSection(t.Context(), packFiles(acceptYAML, refuseYAML), nil); len(ps) != 0 {
		t.Fatalf("a good pack: %+v", ps)
	}
	bad := `key: Accept_Bad
act: refuse
item_types: ["02"]
title: ""
number: "{mark}字{serial}号"
layout:
  paper: A3
  blocks:
    - {kind: titel, text: "{{agency}} {{nobody}}"}
    - {kind: para, text: "𰻝 \u200b {{applicant"}
`
	want := []string{
		"paper.check_key", "paper.check_item_type", "paper.check_title", "paper.check_number_place", "paper.check_number", "paper.check_paper",
		"paper.check_name", "pdf.bad_layout", "paper.check_braces", "pdf.missing_glyph",
		"paper.check_must_show", "paper.check_must_show", "paper.check_must_show", "paper.check_must_show", "paper.check_must_show", "paper.check_must_seal",
	}
	got := keysOf(s.CheckSection(t.Context(), packFiles(bad), nil))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %v", got)
	}
	twice := keysOf(s.CheckSection(t.Context(), packFiles(acceptYAML, acceptYAML, strings.Replace(refuseYAML, "不〔", "受〔", 1), "act: [", "colour: red"), nil))
	for _, w := range []string{"paper.check_key_twice", "paper.check_default_twice", "paper.check_number_shared", "packfile.syntax", "packfile.unknown"} {
		if !slices.Contains(twice, w) {
			t.Errorf("%s is missing in %v", w, twice)
		}
	}
	ps := s.CheckSection(t.Context(), packFiles(strings.Replace(acceptYAML, "{{case_no}}", "{{caseno}}", 1)), nil)
	if len(ps) != 1 || ps[0].Line != 13 || ps[0].Params["name"] != "{{caseno}}" {
		t.Errorf("place of the finding: %+v", ps)
	}
	if names := s.Names(packFiles(acceptYAML, "act: ["))["paper"]; !slices.Equal(names, []string{"accept-licensing"}) {
		t.Errorf("names %v", names)
	}
}

func keysOf(ps []packfile.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Key)
	}
	return out
}
