package deskweb

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/desk"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// Items finds what a post may receive.
type Items interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Item(ctx context.Context, key string) (catalog.Item, error)
	ItemVersion(ctx context.Context, key string, version int) (catalog.Item, error)
}

// Offices knows posts, colleagues, regions and the calendar.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Post(ctx context.Context, key string) (org.Post, error)
	Staff(ctx context.Context, id string) (org.Staff, error)
	StaffOfPost(ctx context.Context, post string) []org.Staff
	Regions(ctx context.Context) []org.Region
	Calendar(ctx context.Context) clock.Calendar
}

// Papers gives the papers of a case.
type Papers interface {
	OfCase(ctx context.Context, caseID string) ([]paper.Paper, error)
	Paper(ctx context.Context, id string) (paper.Paper, error)
	PDF(ctx context.Context, id string) ([]byte, paper.Paper, error)
}

// Reads is where the reading of a paper is written down; audit.Log is one.
type Reads interface {
	Read(ctx context.Context, es ...audit.Entry) error
}

// Config is what package app hands in.
type Config struct {
	Cases   *cases.Service
	Items   Items
	Offices Offices
	Papers  Papers
	Reads   Reads
	Now     func() time.Time
	// Seal seals the network address of an actor for the record of reads; nil leaves it out.
	Seal audit.Sealer
	// Track gives the full address of the progress page for the QR code of a receipt; nil leaves the code out.
	Track func(caseNo, queryCode string) string
	// Counter checks identities at the window; nil: the page says that it is not set up.
	Counter Counter
	// Talk is the conversation with the applicant, urges and copies, on the page of a case; nil: none.
	Talk func(r *http.Request, id string) (templ.Component, error)
	// Evidence gives the JSON of a signature that verifies without this site; nil: it is not offered.
	Evidence func(ctx context.Context, signature string) ([]byte, error)
	// Served tells whom a clerk serves now, for the pages of the window; nil: nobody keeps that.
	Served func(ctx context.Context, a authz.Actor) (*Served, error)
	// Desk is what an officer keeps beside the cases.
	Desk *desk.Service
	// Voices knows who urged and who wrote; nil: neither is offered.
	Voices Voices
}

// Served is who is being served, masked, and where everything they came for stands.
type Served struct{ Name, Href string }

// Counter records that a person was present: that their document was checked, or that they get a new telephone number. *identity.Service is one.
type Counter interface {
	EnsurePerson(ctx context.Context, name, number, kind, phone string) (identity.Person, error)
	AddCounterProof(ctx context.Context, clerk authz.Actor, personID, basis string) error
	RecoverAtCounter(ctx context.Context, clerk authz.Actor, personID, phone, basis string) error
}

type handlers struct{ Config }

// The largest bodies: text with every field of a long form; one material; an inspection with its photographs.
const (
	formBody  = 2 << 20
	filesBody = 120 << 20
)

func body(n int64) web.Option { return func(r *web.Route) { r.Body = n } }

// Routes is the room's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	rs := []web.Route{
		web.To("GET /desk/cases", authz.CaseDesk, h.inbox),
		web.To("POST /desk/cases/search", authz.CaseDesk, h.search),
		web.To("GET /desk/cases/{id}", authz.CaseDesk, h.show),
		web.To("POST /desk/cases/{id}/reveal", authz.CaseDesk, h.reveal),
		web.To("GET /desk/cases/{id}/files/{file}", authz.CaseDesk, h.file),
		web.To("POST /desk/cases/{id}/files/{file}/original", authz.CaseDesk, h.original),
		web.To("GET /desk/cases/{id}/signatures/{signature}", authz.CaseDesk, h.evidence),
		web.To("GET /desk/papers/{id}", authz.CaseDesk, h.paper),
	}
	rs = append(rs, keepRoutes(h)...)
	rs = append(rs, enterRoutes(h)...)
	rs = append(rs, actRoutes(h)...)
	return append(rs, windowRoutes(h)...)
}

func windowRoutes(h handlers) []web.Route {
	rs := []web.Route{
		web.To("GET /window", authz.WindowDesk, h.window),
		web.To("GET /window/new/{item}", authz.WindowDesk, h.person),
		web.To("POST /window/new/{item}", authz.WindowDesk, h.begin),
		web.To("GET /window/drafts/{id}/questions", authz.WindowDesk, h.questions),
		web.To("POST /window/drafts/{id}/questions", authz.WindowDesk, h.answer),
		web.To("GET /window/drafts/{id}/form", authz.WindowDesk, h.form),
		web.To("POST /window/drafts/{id}/form", authz.WindowDesk, h.save, body(formBody)),
		web.To("GET /window/drafts/{id}/materials", authz.WindowDesk, h.materials),
		web.To("POST /window/drafts/{id}/materials/{material}", authz.WindowDesk, h.attach, web.Upload(filesBody)),
		web.To("POST /window/drafts/{id}/materials/{material}/reuse", authz.WindowDesk, h.reuse),
		web.To("POST /window/drafts/{id}/original/{file}", authz.WindowDesk, h.markDraft),
		web.To("GET /window/drafts/{id}/files/{file}", authz.WindowDesk, h.file),
		web.To("GET /window/drafts/{id}/check", authz.WindowDesk, h.check),
		web.To("POST /window/drafts/{id}/choices", authz.WindowDesk, h.choose),
		web.To("POST /window/drafts/{id}/submit", authz.WindowDesk, h.submit),
		web.To("POST /window/drafts/{id}/discard", authz.WindowDesk, h.discard),
		web.To("GET /window/cases/{id}/receipt", authz.WindowDesk, h.receipt),
		web.To("POST /window/cases/{id}/visit", authz.WindowDesk, h.visit),
		web.To("GET /window/hand-out", authz.WindowDesk, h.handOut),
		web.To("GET /window/identity", authz.WindowDesk, h.identityPage),
		web.To("POST /window/identity", authz.WindowDesk, h.checkIdentity, web.PerMinute(60)),
	}
	for i := range rs {
		rs[i].Handle = h.atCounter(rs[i].Handle)
	}
	return rs
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func caseURL(id string) string { return "/desk/cases/" + id }

func draftURL(id, page string) string { return "/window/drafts/" + id + "/" + page }
