package cases

import (
	"context"
	"time"

	"tongban/internal/base/db"
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

// Items is what cases ask the catalog: item, form and flow at the versions a case was filed on, and whether new applications are taken.
type Items interface {
	TakesApplications(ctx context.Context, key string) error
	Item(ctx context.Context, key string) (catalog.Item, error)
	ItemVersion(ctx context.Context, key string, version int) (catalog.Item, error)
	Form(ctx context.Context, key string, version int) (form.Definition, int, error)
	Flow(ctx context.Context, key string, version int) (flow.Definition, int, error)
}

// Offices is what cases ask org: who handles what, and the calendar.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Agencies(ctx context.Context) []org.Agency
	Post(ctx context.Context, key string) (org.Post, error)
	Staff(ctx context.Context, id string) (org.Staff, error)
	Within(ctx context.Context, code, above string) bool
	Calendar(ctx context.Context) clock.Calendar
}

// People is what cases ask identity.
type People interface {
	Person(ctx context.Context, id string) (identity.Person, error)
	Firm(ctx context.Context, id string) (identity.Firm, error)
	EnsurePerson(ctx context.Context, name, number, kind, phone string) (identity.Person, error)
	EnsureFirm(ctx context.Context, creditCode string) (identity.Firm, error)
	Prefill(ctx context.Context, personID, firmID string) (known map[string]identity.Known, reachable bool, err error)
	HeldDocuments(ctx context.Context, personID, firmID string) ([]identity.Document, error)
}

// Papers makes papers in the transaction of the act.
type Papers interface {
	IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r paper.Request) (paper.Paper, error)
}

// Proofs keeps the proof that papers were handed out.
type Proofs interface {
	OfCase(ctx context.Context, caseID string) ([]paper.Paper, error)
	DeliveredTx(ctx context.Context, tx *db.Tx, now time.Time, pr paper.Proof) (first bool, err error)
}

// Licences makes licences in the transaction of the decision, says which can be reused as materials, and notes their use.
type Licences interface {
	IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r licence.Issue) (licence.Licence, error)
	Usable(ctx context.Context, holderNumber, typeKey string) ([]licence.Licence, error)
	UseTx(ctx context.Context, tx *db.Tx, now time.Time, id, caseID, by string) error
}

// LicenceTypes tells of which licences a holder can have only one in force. Licences that cannot tell leave it to the issue.
type LicenceTypes interface {
	Type(ctx context.Context, key string) (licence.Type, error)
}

// Notices sends messages in the transaction of the act.
type Notices interface {
	SendTx(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
}
