package govstack

import (
	"context"
	"embed"
	"io"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/form"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "govstack", Files: files}

// Items is what the room asks the catalogue; *catalog.Service is one.
type Items interface {
	Item(ctx context.Context, key string) (catalog.Item, error)
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Form(ctx context.Context, key string, version int) (form.Definition, int, error)
	TakesApplications(ctx context.Context, key string) error
}

// Filing is what it asks the cases for applicants.
type Filing interface {
	FileExchanged(ctx context.Context, in cases.Exchanged) (cases.Receipt, error)
	AnswerExchanged(ctx context.Context, member, id string, in cases.ExchangedContent) (cases.Case, error)
	OfExchange(ctx context.Context, member, id string) (cases.Detail, error)
	Head(ctx context.Context, id string) (cases.Case, error)
	ExchangeTasks(ctx context.Context, sc cases.ExchangeScope, f cases.TaskFilter) ([]cases.ExchangeTask, error)
	ExchangeTask(ctx context.Context, sc cases.ExchangeScope, id string) (cases.ExchangeTask, error)
	Outcomes(ctx context.Context, f cases.OutcomeFilter) ([]cases.DayOutcomes, error)
}

// Acts is what officers do.
type Acts interface {
	Receive(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	Accept(ctx context.Context, a authz.Actor, id string, version int64) (cases.Case, error)
	RefuseAcceptance(ctx context.Context, a authz.Actor, id string, version int64, in cases.Refusal) (cases.Case, error)
	RequestCorrection(ctx context.Context, a authz.Actor, id string, version int64, ds []cases.Defect) (cases.Case, error)
	RecordInspection(ctx context.Context, a authz.Actor, id string, version int64, in cases.Inspection) (cases.Case, error)
	Opinion(ctx context.Context, a authz.Actor, id string, version int64, o cases.Opinion) (cases.Case, error)
	Decide(ctx context.Context, a authz.Actor, id string, version int64, in cases.Decision) (cases.Case, error)
}

// Cases is the case service, *cases.Service.
type Cases interface {
	Filing
	Acts
}

// Offices answers questions about agencies and staff; *org.Service is one.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Staff(ctx context.Context, id string) (org.Staff, error)
	StaffOfPost(ctx context.Context, post string) []org.Staff
	StaffList(ctx context.Context, agency string) []org.Staff
	StaffMay(ctx context.Context, id, act, item string) bool
	SameOffice(ctx context.Context, x, y string) bool
}

// Blobs keeps files; *blob.Store is one.
type Blobs interface {
	Put(ctx context.Context, r io.Reader, mime string, limit int64) (blob.Ref, error)
	Get(id string) (io.ReadCloser, error)
	KeepTx(ctx context.Context, tx *db.Tx, now time.Time, ref blob.Ref, owner string) error
	DropTx(ctx context.Context, tx *db.Tx, id string) error
}

// Deps is what the room works with.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Blobs   Blobs
	Now     func() time.Time
	Items   Items
	Cases   Cases
	Offices Offices
	// PublicURL is where documents have their addresses, without a slash at the end.
	PublicURL string
	// Demo lets members in without a token that were registered with EnsureMember.
	Demo bool
}

// Service is the room. It is safe for concurrent use.
type Service struct{ Deps }

// New makes the room.
func New(d Deps) *Service { return &Service{d} }

// Base is the path of the operations.
const Base = "/govstack/registration/v1"

// Enter finds the member a request comes from: header is Information-Mediator-Client, token what stands in Authorization. Errors: errs.BadRequest
// govstack.header, errs.Forbidden govstack.not_registered, errs.Unauthorized govstack.token.
func (s *Service) Enter(ctx context.Context, header, token string) (Member, error) {
	client, err := ParseClient(header)
	if err != nil {
		return Member{}, err
	}
	m, err := s.memberOf(ctx, s.DB.R(), client)
	if errs.KindOf(err) == errs.NotFound || err == nil && m.State != Active {
		return Member{}, errs.New(errs.Forbidden, "govstack.not_registered", errs.P{"client": client})
	}
	if err != nil {
		return Member{}, err
	}
	if token == "" && m.open && s.Demo {
		return m, nil
	}
	if token == "" || m.tokenHash == "" || !ident.Equal(hashOf(token), m.tokenHash) {
		return Member{}, errs.New(errs.Unauthorized, "govstack.token")
	}
	return m, nil
}

func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, id, what string) error {
	e := audit.Entry{Actor: a.Name(), Act: "govstack." + act, Object: "member:" + id, What: what, Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
}
