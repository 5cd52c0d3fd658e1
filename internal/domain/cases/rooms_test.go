// What the other rooms do in these tests: they keep what they are asked to write, so that a test can look at it and a rollback takes it back.

package cases_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// The real rooms satisfy what this room asks for.
var (
	_ cases.Items    = (*catalog.Service)(nil)
	_ cases.Offices  = (*org.Service)(nil)
	_ cases.People   = (*identity.Service)(nil)
	_ cases.Papers   = (*paper.Service)(nil)
	_ cases.Licences = (*licence.Service)(nil)
	_ cases.Notices  = (*notify.Service)(nil)
)

// told keeps what the other rooms were asked to write, in the same transaction, so that a rollback takes it back.
var told = db.Room{Name: "told", Files: fstest.MapFS{"migrations/0001_told.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE told_row (id TEXT PRIMARY KEY, room TEXT NOT NULL, what TEXT NOT NULL, body {{json}} NOT NULL);")}}}

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, cases.Schema, told}

func tell(ctx context.Context, tx *db.Tx, room, what string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO told_row (id, room, what, body) VALUES ($1, $2, $3, $4)`, ident.New(), room, what, string(b))
	return err
}

type papers struct{}

func (papers) OfCase(_ context.Context, id string) ([]paper.Paper, error) {
	return []paper.Paper{{ID: "p-" + id, Act: paper.Receipt}, {ID: "g-" + id, Act: paper.Grant}, {ID: "r-" + id, Act: paper.Refuse}}, nil
}

func (papers) DeliveredTx(ctx context.Context, tx *db.Tx, _ time.Time, pr paper.Proof) (bool, error) {
	return true, tell(ctx, tx, "proof", pr.How, pr)
}

func (papers) IssueTx(ctx context.Context, tx *db.Tx, _ time.Time, r paper.Request) (paper.Paper, error) {
	return paper.Paper{ID: ident.New()}, tell(ctx, tx, "paper", r.Act, r.Values)
}

// signer keeps what was signed.
type signer struct{ signed map[string]string }

func (s *signer) Ask(_ context.Context, a authz.Actor, object, _, text, back string) (string, error) {
	s.signed[a.Name()+object+text] = "sig-" + object
	return "/my/sign/1?back=" + back, nil
}

func (s *signer) Signed(_ context.Context, a authz.Actor, object, text string) (string, bool, error) {
	id, ok := s.signed[a.Name()+object+text]
	return id, ok, nil
}

type notices struct{}

func (notices) SendTx(ctx context.Context, tx *db.Tx, _ time.Time, m notify.Message) error {
	return tell(ctx, tx, "notice", m.Template, m.Data)
}

type licences struct {
	fail   error
	once   bool // a holder can have only one
	usable []licence.Licence
}

func (l *licences) IssueTx(ctx context.Context, tx *db.Tx, _ time.Time, r licence.Issue) (licence.Licence, error) {
	if l.fail != nil {
		return licence.Licence{}, l.fail
	}
	return licence.Licence{ID: "lic-" + r.CaseID, TypeName: "食品经营许可证"}, tell(ctx, tx, "licence", r.TypeKey, r)
}

func (l *licences) Type(_ context.Context, key string) (licence.Type, error) {
	return licence.Type{Key: key, Name: "老年人优待证", Exclusive: l.once}, nil
}

func (l *licences) Usable(context.Context, string, string) ([]licence.Licence, error) {
	return l.usable, nil
}

func (l *licences) UseTx(ctx context.Context, tx *db.Tx, _ time.Time, id, caseID, _ string) error {
	return tell(ctx, tx, "use", id, caseID)
}

type offices struct {
	regions    map[string]string // of agencies that do not lie in 580102
	gone       string            // an agency that is not there
	agencyCode string            // of all of them
	posts      map[string]org.Post
	staff      map[string]org.Staff
	cal        clock.Calendar
}

func (o *offices) Agency(_ context.Context, key string) (org.Agency, error) {
	if key == o.gone {
		return org.Agency{}, errs.New(errs.NotFound, "org.no_agency")
	}
	g := org.Agency{Key: key, Name: "清江区市场监督管理局", Region: "580102", Code: o.agencyCode}
	if code := o.regions[key]; code != "" {
		g.Region = code
	}
	return g, nil
}

func (o *offices) Agencies(ctx context.Context) (out []org.Agency) {
	for _, p := range o.posts {
		g, _ := o.Agency(ctx, p.Agency)
		out = append(out, g)
	}
	return out
}

func (o *offices) Post(_ context.Context, key string) (org.Post, error) {
	if p, ok := o.posts[key]; ok {
		return p, nil
	}
	return org.Post{}, errs.New(errs.NotFound, "org.no_post")
}

func (o *offices) Staff(_ context.Context, id string) (org.Staff, error) {
	if s, ok := o.staff[id]; ok {
		return s, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "org.no_staff")
}

func (o *offices) Region(_ context.Context, code string) (org.Region, error) {
	if name := map[string]string{"580102": "清江区", "580103": "望江区"}[code]; name != "" {
		return org.Region{Code: code, Name: name}, nil
	}
	return org.Region{}, errs.New(errs.NotFound, "org.no_region")
}

func (o *offices) Within(_ context.Context, code, above string) bool {
	return strings.HasPrefix(code, strings.TrimRight(above, "0"))
}
func (o *offices) Calendar(context.Context) clock.Calendar { return o.cal }

type people struct {
	away  bool
	legal string // number of the firm's legal representative, as the register has it
	known map[string]identity.Known
	docs  []identity.Document
}

func (p *people) Person(_ context.Context, id string) (identity.Person, error) {
	birth := "1980-05-01"
	if id == "old" {
		birth = "1941-02-03"
	}
	return identity.Person{ID: id, Name: "罗小满", Number: "58010219800501" + strings.ToUpper(id), NumberKind: "citizen", Birth: birth, Phone: "13812345678", Level: 2}, nil
}

func (p *people) Firm(_ context.Context, id string) (identity.Firm, error) {
	return identity.Firm{ID: id, CreditCode: "CREDIT-" + strings.ToUpper(id), Name: "清澜小满餐饮店", LegalPersonNumber: p.legal}, nil
}

func (p *people) EnsurePerson(ctx context.Context, name, _, _, _ string) (identity.Person, error) {
	if name == "代办人" {
		return p.Person(ctx, "p1")
	}
	return p.Person(ctx, "old")
}

func (p *people) EnsureFirm(ctx context.Context, _ string) (identity.Firm, error) {
	return p.Firm(ctx, "f1")
}

func (p *people) Prefill(context.Context, string, string) (map[string]identity.Known, bool, error) {
	if p.away {
		return map[string]identity.Known{}, false, nil
	}
	return p.known, true, nil
}

func (p *people) HeldDocuments(context.Context, string, string) ([]identity.Document, error) {
	if p.away {
		return nil, errs.New(errs.Unavailable, "identity.away")
	}
	return p.docs, nil
}

type items struct{ all map[string]catalog.Item }

func (i *items) Item(_ context.Context, key string) (catalog.Item, error) {
	if it, ok := i.all[key]; ok {
		return it, nil
	}
	return catalog.Item{}, errs.New(errs.NotFound, "catalog.no_item")
}

func (i *items) TakesApplications(_ context.Context, key string) error {
	if st := i.all[key].State; st != "" && st != catalog.InUse {
		return errs.New(errs.Conflict, "catalog.halted", errs.P{"item": key, "state": st, "reason": "系统升级"})
	}
	return nil
}

func (i *items) ItemVersion(ctx context.Context, key string, v int) (catalog.Item, error) {
	if it, ok := i.all[key+"@"+strconv.Itoa(v)]; ok {
		return it, nil
	}
	return i.Item(ctx, key)
}

func (i *items) Form(_ context.Context, key string, v int) (form.Definition, int, error) {
	return forms[key], v, nil
}

func (i *items) Flow(_ context.Context, key string, v int) (flow.Definition, int, error) {
	return flows[key], v, nil
}
