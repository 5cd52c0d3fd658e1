package casesweb

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/paper"
)

// uploadLimit bounds one upload request in bytes. It lies above what any material takes, so that a file that is too big is read to its end and the
// browser gets our words instead of a broken connection.
const uploadLimit = 320 << 20

// Drafting is how an application is written and sent.
type Drafting interface {
	CreateDraft(ctx context.Context, a authz.Actor, itemKey, clientKey string) (cases.Detail, error)
	SaveDraft(ctx context.Context, a authz.Actor, id string, version int64, p cases.Patch) (int64, error)
	DraftDiff(ctx context.Context, a authz.Actor, id string, mine cases.Patch) (cases.DraftConflict, error)
	DiscardDraft(ctx context.Context, a authz.Actor, id string) error
	Ready(ctx context.Context, a authz.Actor, id string) (cases.Readiness, error)
	ToSign(ctx context.Context, a authz.Actor, id string) (sg cases.Signing, needed bool, err error)
	AskSignature(ctx context.Context, a authz.Actor, id, back string) (url string, err error)
	Submit(ctx context.Context, a authz.Actor, id string, version int64) (cases.Receipt, error)
	Resubmit(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
}

// Materials is what is handed in.
type Materials interface {
	Attach(ctx context.Context, a authz.Actor, id string, u cases.Upload) (cases.File, error)
	Reusable(ctx context.Context, a authz.Actor, id, material string) (cases.Reusable, error)
	UseLicence(ctx context.Context, a authz.Actor, id, material, ref string) (cases.File, error)
	RemoveMaterial(ctx context.Context, a authz.Actor, id, fileID string) error
	MaterialFile(ctx context.Context, a authz.Actor, id, fileID string) (cases.File, io.ReadCloser, error)
}

// Following is what happens to an application afterwards.
type Following interface {
	Head(ctx context.Context, id string) (cases.Case, error)
	Case(ctx context.Context, a authz.Actor, id string) (cases.Detail, error)
	Drafts(ctx context.Context, a authz.Actor) ([]cases.Case, error)
	ListMine(ctx context.Context, a authz.Actor, after string, limit int) (cases.Page, error)
	Receipt(ctx context.Context, a authz.Actor, id string) (cases.Receipt, error)
	Withdraw(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	Deliver(ctx context.Context, a authz.Actor, id string, version int64, in cases.Delivery) (cases.Case, error)
	Lookup(ctx context.Context, a authz.Actor, caseNo, code string) (cases.Progress, error)
}

// Acts is what officers do by API.
type Acts interface {
	Inbox(ctx context.Context, a authz.Actor, f cases.Filter) (cases.Page, error)
	Receive(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	Accept(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	RefuseAcceptance(ctx context.Context, a authz.Actor, id string, version int64, in cases.Refusal) (cases.Case, error)
	RequestCorrection(ctx context.Context, a authz.Actor, id string, version int64, ds []cases.Defect) (cases.Case, error)
	TakeUp(ctx context.Context, a authz.Actor, id string, version int64, step string) (cases.Case, error)
	Release(ctx context.Context, a authz.Actor, id string, version int64, step string) (cases.Case, error)
	Assign(ctx context.Context, a authz.Actor, id string, version int64, step, staff string) (cases.Case, error)
	Suspend(ctx context.Context, a authz.Actor, id string, version int64, in cases.Suspension) (cases.Case, error)
	Resume(ctx context.Context, a authz.Actor, id string, version int64, result string) (cases.Case, error)
	Extend(ctx context.Context, a authz.Actor, id string, version int64, in cases.Extension) (cases.Case, error)
	Terminate(ctx context.Context, a authz.Actor, id string, version int64, in cases.Ending) (cases.Case, error)
	Transfer(ctx context.Context, a authz.Actor, id string, version int64, in cases.Ending) (cases.Case, error)
	Lapse(ctx context.Context, a authz.Actor, id string, version int64, in cases.Ending) (cases.Case, error)
	Void(ctx context.Context, a authz.Actor, id string, version int64, in cases.Ending) (cases.Case, error)
	RecordInspection(ctx context.Context, a authz.Actor, id string, version int64, in cases.Inspection) (cases.Case, error)
	Opinion(ctx context.Context, a authz.Actor, id string, version int64, o cases.Opinion) (cases.Case, error)
	Decide(ctx context.Context, a authz.Actor, id string, version int64, in cases.Decision) (cases.Case, error)
	DecideOnTheSpot(ctx context.Context, a authz.Actor, id string, version int64, in cases.Decision) (cases.Case, error)
}

// Cases is the case service, *cases.Service.
type Cases interface {
	Seeing
	Windows
	Drafting
	Promising
	Afterwards
	Prechecking
	Materials
	Following
	Acts
	Consulting
}

// Papers are the papers of cases, *paper.Service. Package casesweb asks the case service whether the reader may see the case before it asks for a file.
type Papers interface {
	OfCase(ctx context.Context, caseID string) ([]paper.Paper, error)
	Paper(ctx context.Context, id string) (paper.Paper, error)
	PDF(ctx context.Context, id string) ([]byte, paper.Paper, error)
	Delivered(ctx context.Context, pr paper.Proof) (first bool, err error)
}

// Reads keeps the record of who read what, *audit.Log.
type Reads interface {
	Read(ctx context.Context, es ...audit.Entry) error
}

// Who is the applicant an actor would apply as.
type Who struct {
	Person    string // name of the person signed in
	Firm      string // the firm acted for, or empty
	Principal string // name of the person acted for, or empty
}

// Config is what package app hands in. All but Seal, Firms, Regions, Remedies and Evidence are needed.
type Config struct {
	Cases     Cases
	Papers    Papers
	Audit     Reads
	Seal      audit.Sealer // seals a network address for the record; nil leaves it out
	Item      func(ctx context.Context, key string) (catalog.Item, error)
	Who       func(ctx context.Context, a authz.Actor) (Who, error)
	Firms     func(ctx context.Context, a authz.Actor) ([]Firm, error)    // firms and people the person may act for; Unavailable while nobody knows
	Evidence  func(ctx context.Context, signature string) ([]byte, error) // JSON of a signature that verifies without us; nil: not offered
	Regions   func(ctx context.Context) []ui.Option                       // for region fields; nil: the code is typed
	Remedies  func(ctx context.Context, agencyKey, nature string) string  // sentence on review and litigation
	FileURL   func(itemKey, path string) string                           // where a sample or blank form is downloaded
	PublicURL string                                                      // without a slash at the end
	Now       func() time.Time
	Talk      func(r *http.Request, id string) (templ.Component, error)       // messages with the authority, on the page of a case; nil: none
	Unread    func(ctx context.Context, ids []string) (map[string]int, error) // messages of the authority by case, for lists; nil: none
}

var _ Cases = (*cases.Service)(nil)

type handlers struct{ Config }

// Routes is the applicant's route table.
func Routes(c Config) []web.Route {
	h := handlers{c}
	own := func(pattern string, f web.Handler, o ...web.Option) web.Route {
		return web.To(pattern, authz.CaseApply, h.elsewhere(f), o...)
	}
	return []web.Route{
		own("GET /apply/{item}", h.applyPage),
		own("POST /apply/{item}", h.apply),
		own("GET /drafts/{id}", h.writing(h.tasks)),
		own("GET /drafts/{id}/licence", h.writing(h.target)),
		own("POST /drafts/{id}/licence", h.writing(h.chooseTarget)),
		own("GET /drafts/{id}/questions", h.writing(h.questions)),
		own("POST /drafts/{id}/questions", h.writing(h.saveQuestions)),
		own("GET /drafts/{id}/form/{section}", h.writing(h.section)),
		own("POST /drafts/{id}/form/{section}", h.writing(h.saveSection)),
		own("GET /drafts/{id}/contact", h.writing(h.contact)),
		own("POST /drafts/{id}/contact", h.writing(h.saveContact)),
		own("GET /drafts/{id}/conflict", h.backToTasks),
		own("POST /drafts/{id}/conflict", h.writing(h.settle)),
		own("GET /drafts/{id}/materials", h.writing(h.materials)),
		own("POST /drafts/{id}/materials", h.writing(h.upload), web.Upload(uploadLimit)),
		own("POST /drafts/{id}/licences", h.writing(h.useLicence)),
		own("GET /drafts/{id}/check", h.writing(h.check)),
		own("GET /drafts/{id}/submit", h.backToCheck),
		own("POST /drafts/{id}/submit", h.writing(h.submit)),
		own("POST /drafts/{id}/choices", h.writing(h.choose)),
		own("GET /drafts/{id}/pre-review", h.writing(h.precheckPage)),
		own("POST /drafts/{id}/pre-review", h.writing(h.precheck)),
		own("POST /my/cases/{id}/pre-review/take-back", h.takeBackPrecheck),
		own("GET /drafts/{id}/discard", h.writing(h.discardPage)),
		own("POST /drafts/{id}/discard", h.discard),
		own("GET /my/cases", h.mine),
		own("GET /my/cases/{id}", h.progress),
		own("GET /my/cases/{id}/receipt", h.receipt),
		own("GET /my/cases/{id}/files/{file}", h.file),
		own("GET /my/cases/{id}/signatures/{signature}", h.evidence),
		own("POST /my/cases/{id}/resubmit", h.writing(h.resubmit)),
		own("GET /my/cases/{id}/supply", h.supplyPage),
		own("POST /my/cases/{id}/supply", h.supply),
		own("POST /my/cases/{id}/supply/files", h.supplyFiles, web.Upload(uploadLimit)),
		own("POST /my/cases/{id}/supply/licences", h.supplyLicence),
		own("GET /my/cases/{id}/withdraw", h.withdrawPage),
		own("POST /my/cases/{id}/withdraw", h.withdraw),
		web.To("GET /papers/{id}", authz.CasePapers, h.paper),
		web.To("GET /lookup", authz.Public, h.lookupPage),
		web.To("POST /lookup", authz.Public, h.lookup, web.PerMinute(20)),
	}
}

// writing loads the draft, or the case under correction, and hands it on. To a case that cannot be written on any more, reading leads to its progress
// page; writing is left to the service to refuse, or to answer like the first time.
func (h handlers) writing(next func(http.ResponseWriter, *http.Request, cases.Detail) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := h.own(r)
		if err != nil {
			return err
		}
		if r.Method == http.MethodGet && !editable(d) {
			return web.SeeOther(w, r, caseHref(d.ID))
		}
		return next(w, r, d)
	}
}

// own loads a case of the reader's own; anybody else's is not there.
func (h handlers) own(r *http.Request) (cases.Detail, error) {
	d, err := h.Cases.Case(r.Context(), authz.From(r.Context()), r.PathValue("id"))
	if err == nil && !d.Own {
		err = errs.New(errs.NotFound, "cases.not_found")
	}
	return d, err
}

func editable(d cases.Detail) bool {
	return slices.Contains([]cases.State{cases.Draft, cases.Correction}, d.State)
}

func (h handlers) backToTasks(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, draftHref(r.PathValue("id")))
}

func (h handlers) backToCheck(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, draftHref(r.PathValue("id"), "check"))
}

func draftHref(id string, parts ...string) string {
	href := "/drafts/" + id
	for _, p := range parts {
		href += "/" + p
	}
	return href
}

func caseHref(id string) string { return "/my/cases/" + id }
