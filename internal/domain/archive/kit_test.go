package archive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
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
	"tongban/internal/base/vault"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

// The real rooms satisfy what this room asks for.
var (
	_ archive.Cases    = (*cases.Service)(nil)
	_ archive.Papers   = (*paper.Service)(nil)
	_ archive.Licences = (*licence.Service)(nil)
	_ archive.Offices  = (*org.Service)(nil)
	_ archive.Keys     = (*paper.Keyring)(nil)
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, archive.Schema}

var market = org.Agency{Key: "market", Code: "11580102MB0K731283", Name: "清澜市清江区市场监督管理局", Region: "580102"}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// world stands in for the rooms below: what they answer is real (sealed PDFs, stored files), and can be changed by a test.
type world struct {
	mu       sync.Mutex
	dossiers map[string]cases.Dossier
	papers   map[string][]byte // by case
	making   bool              // papers are not ready yet
	asked    int
}

func (w *world) Dossier(_ context.Context, id string) (cases.Dossier, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	d, ok := w.dossiers[id]
	if !ok {
		return d, errs.New(errs.NotFound, "cases.not_found")
	}
	return d, nil
}

type papers struct{ *world }

func (w papers) OfCase(_ context.Context, id string) ([]paper.Paper, error) {
	b := w.papers[id]
	if b == nil {
		return nil, nil
	}
	d := seal.Digest(b)
	return []paper.Paper{{ID: "p-" + id, Act: paper.Grant, Title: "准予行政许可决定书", Number: "清江市监食许〔2026〕1号", Digest: fmt.Sprintf("%x", d), Issued: at("2026-03-10 10:00")}}, nil
}

func (w papers) PDF(ctx context.Context, id string) ([]byte, paper.Paper, error) {
	ps, err := w.OfCase(ctx, id[2:])
	if err != nil || len(ps) == 0 {
		return nil, paper.Paper{}, err
	}
	if w.making {
		return nil, ps[0], errs.New(errs.Conflict, "paper.still_making", errs.P{"title": ps[0].Title})
	}
	return w.papers[id[2:]], ps[0], nil
}

func (w papers) Proofs(context.Context, string) ([]paper.Proof, error) {
	return []paper.Proof{{PaperID: "p", How: paper.OnlineOpened, To: "person:1", At: at("2026-03-11 09:00")}}, nil
}

type licences struct{}

func (licences) OfCase(context.Context, string) ([]licence.Licence, error) { return nil, nil }
func (licences) PDF(context.Context, string) ([]byte, licence.Licence, error) {
	return nil, licence.Licence{}, errs.New(errs.NotFound, "licence.not_found")
}

type offices struct{}

func (offices) Agency(_ context.Context, key string) (org.Agency, error) {
	if key == "civil" {
		return org.Agency{Key: "civil", Code: "11580102MB7654321X", Name: "清澜市清江区民政局", Region: "580102"}, nil
	}
	return market, nil
}

type kit struct {
	*archive.Service
	t     *testing.T
	d     *db.DB
	w     *world
	ring  *paper.Keyring
	blobs *blob.Store
	dir   string // of the files
	run   *job.Runner
	at    time.Time
}

func newKit(t *testing.T, d *db.DB) *kit {
	t.Helper()
	k := &kit{t: t, d: d, w: &world{dossiers: map[string]cases.Dossier{}, papers: map[string][]byte{}}, dir: t.TempDir(), at: at("2026-03-12 09:30")}
	v := vault.New(vault.NewKeys())
	var err error
	k.blobs, err = blob.Open(k.dir, v)
	k.ok(err)
	k.ring, err = paper.NewKeyring(filepath.Join(t.TempDir(), "keys"))
	k.ok(err)
	k.ok(k.ring.EnsureCA("清澜市电子印章测试根", at("2026-01-01 00:00"), true))
	k.ok(k.ring.EnsureAgency("market", market.Name, at("2026-01-01 00:00")))
	k.ok(k.ring.EnsureAgency("civil", "清澜市清江区民政局", at("2026-01-01 00:00")))
	now := func() time.Time { return k.at }
	log := slog.New(slog.DiscardHandler)
	a := audit.NewLog(d, now, log)
	t.Cleanup(a.Close)
	k.Service = archive.New(archive.Deps{
		DB: d, Vault: v, Blobs: k.blobs, Audit: a, Keys: k.ring, Now: now, Log: log, Cases: k.w, Papers: papers{k.w}, Licences: licences{}, Offices: offices{}, Version: "test",
		Evidence: func(_ context.Context, id string) ([]byte, error) {
			return []byte(`{"format":"tongban-evidence-1","id":"` + id + `"}`), nil
		},
	})
	k.run = job.NewRunner(d, now, log)
	for kind, w := range k.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, event.NewBus(d, k.Listeners()...).Deliver)
	return k
}

func each(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { f(t, newKit(t, d)) })
}

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

// sealedPaper is a real paper, rendered and sealed with the agency's key.
func (k *kit) sealedPaper() []byte {
	k.t.Helper()
	b, err := paper.Produce(k.ring, paper.Print{
		Layout: pdf.Layout{Title: "准予行政许可决定书", Blocks: []pdf.Block{{Kind: "title", Text: "准予行政许可决定书"}, {Kind: "para", Text: "决定准予行政许可。"}, {Kind: "sign", Text: market.Name, Seal: true}}},
		Agency: "market", SealName: market.Name, SealPurpose: "行政审批专用章",
	}, at("2026-03-10 10:00"))
	k.ok(err)
	return b
}

const upload = "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"

func (k *kit) file(id, material, content string) cases.DossierFile {
	k.t.Helper()
	return k.stream(id, material, bytes.NewReader([]byte(content)), "application/pdf")
}

func (k *kit) stream(id, material string, r io.Reader, mime string) cases.DossierFile {
	k.t.Helper()
	ref, err := k.blobs.Put(k.t.Context(), r, mime, 1<<30)
	k.ok(err)
	return cases.DossierFile{
		File:  cases.File{ID: id, Material: material, Source: cases.SourceUpload, Name: "王小梅的" + material + ".pdf", Size: ref.Size, MIME: mime, Added: at("2026-03-02 10:00")},
		Label: "布局图", BlobID: ref.ID, Digest: ref.SM3,
	}
}

// granted is a whole case that was granted and is over.
func (k *kit) granted(id string) cases.Dossier {
	k.t.Helper()
	c := cases.Case{
		ID: id, CaseNo: "QL20260302" + id, State: cases.Concluded, Outcome: cases.Grant, Version: 9, ItemKey: "food", ItemName: "食品经营许可（新办）", ItemVersion: 1, Agency: "market",
		AgencyName: market.Name, Region: "580102", ApplicantKind: cases.ByPerson, Applicant: "王小梅", Channel: cases.Online, Round: 2,
		Submitted: at("2026-03-02 10:00"), Accepted: at("2026-03-03 10:00"), Decided: at("2026-03-10 10:00"), Concluded: at("2026-03-11 09:00"),
	}
	proof := cases.DossierFile{File: cases.File{ID: "m2", Material: "biz", Source: cases.SourceLicence, Name: "营业执照", Proof: &cases.Proof{Ref: "register:business-licence", Name: "营业执照", Number: "91580102MA0000001X"}}}
	gone := k.file("m3", "plan", upload+"old\n%%EOF")
	gone.Removed = true
	d := cases.Dossier{
		Case: c, Item: catalog.Item{Key: "food", Name: c.ItemName, ItemType: "01"}, Form: form.Definition{Key: "food"},
		Applicant: cases.DossierApplicant{Kind: cases.ByPerson, Name: "王小梅", Number: "580102199003071225"},
		Rounds: []cases.DossierRound{
			{Round: 1, At: c.Submitted, By: "person:1", Form: form.Answers{"area": "86"}, Files: []string{"m3", "m2"}},
			{Round: 2, At: at("2026-03-03 08:00"), By: "person:1", Form: form.Answers{"area": "90"}, Files: []string{"m1", "m2"}},
		},
		Files:       []cases.DossierFile{k.file("m1", "plan", upload), proof, gone},
		Opinions:    []cases.Opinion{{Step: "review", Outcome: cases.OpinionPass, Text: "材料齐全", By: "staff:zhou", At: at("2026-03-04 10:00")}},
		Inspections: []cases.Inspection{{Step: "inspect", Officers: []string{"zhou", "li"}, Conclusion: "符合", Pass: true, At: at("2026-03-06 10:00")}},
		Decision:    &cases.Decision{Outcome: cases.Grant, By: "staff:wang", At: c.Decided},
		Signatures:  []cases.Signature{{ID: "s1", Round: 1, At: c.Submitted, Text: "我保证"}},
	}
	for i, kind := range []string{"submitted", "accepted", "decided", "concluded"} {
		d.Events = append(d.Events, cases.Event{Seq: i + 1, Kind: kind, At: at("2026-03-02 10:00").Add(time.Duration(i) * 48 * time.Hour), By: "staff:zhou", Data: json.RawMessage(`{}`)})
	}
	d.History = []cases.HistoryEntry{{Version: 1, At: c.Submitted, By: "person:1", Act: "submit", From: cases.Draft, To: cases.Submitted}, {Version: 9, At: c.Concluded, By: "system", Act: "conclude", From: cases.Delivered, To: cases.Concluded}}
	k.w.dossiers[id] = d
	k.w.papers[id] = k.sealedPaper()
	return d
}

// over tells that a case is over, as the cases room does.
func (k *kit) over(d cases.Dossier, e func(cases.Fact) event.Event) {
	k.t.Helper()
	f := cases.Fact{CaseID: d.Case.ID, CaseNo: d.Case.CaseNo, ItemKey: d.Case.ItemKey, Agency: d.Case.Agency, Region: d.Case.Region, At: d.Case.Concluded, State: d.Case.State}
	k.ok(k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, k.at, e(f)) }))
}

func concluded(f cases.Fact) event.Event { return cases.ConcludedEvent{Fact: f} }

var (
	archivist = authz.Actor{StaffID: "arc", Roles: []authz.Role{authz.Archivist}, AgencyID: "market", Region: "580102", Via: "page"}
	auditor   = authz.Actor{StaffID: "bai", Roles: []authz.Role{authz.Auditor}, AgencyID: "office", Region: "580100", Via: "page"}
	abroad    = authz.Actor{StaffID: "far", Roles: []authz.Role{authz.Auditor}, AgencyID: "office", Region: "590100", Via: "page"}
	neighbour = authz.Actor{StaffID: "civ", Roles: []authz.Role{authz.Archivist}, AgencyID: "civil", Region: "580102", Via: "page"}
)

// archived makes the package of a granted case and gives it with its bytes.
func (k *kit) archived(id string) (archive.Package, []byte) {
	k.t.Helper()
	k.over(k.granted(id), concluded)
	k.drain()
	pg, err := k.List(k.t.Context(), auditor, archive.Filter{Query: "QL20260302" + id})
	k.ok(err)
	if len(pg.Packages) != 1 || pg.Packages[0].State != archive.Ready {
		k.t.Fatalf("not archived: %+v", pg.Packages)
	}
	r, p, err := k.Open(k.t.Context(), archivist, pg.Packages[0].ID)
	k.ok(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	k.ok(err)
	return p, b
}

func (k *kit) trust() archive.Trust {
	return archive.Trust{Roots: [][]byte{k.ring.TrustPEM()}, Now: k.at}
}

func (k *kit) judge(b []byte) archive.Checks {
	k.t.Helper()
	s, err := archive.Examine(k.t.Context(), bytes.NewReader(b), k.trust())
	k.ok(err)
	return archive.Judge(s)
}

func found(cs archive.Checks, check, key string) bool {
	for _, c := range cs {
		for _, f := range c.Findings {
			if c.Name == check && f.Key == key {
				return true
			}
		}
	}
	return false
}
