package archive

import (
	"context"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/seal"
)

// Cases gives a whole case, unmasked; the cases room records the reading.
type Cases interface {
	Dossier(ctx context.Context, id string) (cases.Dossier, error)
}

// Papers gives the papers of a case and their signed files.
type Papers interface {
	OfCase(ctx context.Context, caseID string) ([]paper.Paper, error)
	PDF(ctx context.Context, id string) ([]byte, paper.Paper, error)
	Proofs(ctx context.Context, paperID string) ([]paper.Proof, error)
}

// Licences gives the licences of a case and their signed files.
type Licences interface {
	OfCase(ctx context.Context, caseID string) ([]licence.Licence, error)
	PDF(ctx context.Context, id string) ([]byte, licence.Licence, error)
}

// Offices knows agencies.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
}

// Keys gives the signing keys of agencies; *paper.Keyring is one.
type Keys interface {
	Signer(agency string) (seal.Signer, error)
	TrustPEM() []byte
	Test() bool
}

// Deps is what the room works with.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Blobs    *blob.Store
	Audit    *audit.Log
	Keys     Keys
	Now      func() time.Time
	Log      *slog.Logger
	Cases    Cases
	Papers   Papers
	Licences Licences
	Offices  Offices
	// Evidence gives the proof of an electronic signature; nil where nothing is signed.
	Evidence func(ctx context.Context, id string) ([]byte, error)
	// Talk gives what was said about a case; nil where nobody talks.
	Talk func(ctx context.Context, caseID string) (Talk, error)
	// Period is the retention period an item asks for itself; nil or empty: the schedule's.
	Period  func(it catalog.Item) string
	Retain  Schedule // without rules: DefaultSchedule
	Version string   // of the program, written into manifests
}

// Service is the room. It is safe for concurrent use.
type Service struct {
	Deps
	partBytes int64 // an export begins a new part beyond it
}

// New makes the room.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if len(d.Retain.Rules) == 0 {
		d.Retain = DefaultSchedule()
	}
	return &Service{Deps: d, partBytes: partMost}
}

// The states of a package.
const (
	Waiting = "waiting" // its case is over, and the package is still to be made
	Ready   = "ready"
)

// Package is one archive package. Zero times have not happened.
type Package struct {
	ID, CaseID, CaseNo string
	Item, ItemName     string
	Agency, AgencyName string
	Region             string
	Subject            string // blind index of the applicant's number
	Result             string
	Year               int
	Period             string
	ArchiveNo          string // 档号
	State              string
	Failure, About     string // text key of why it still waits, and for what
	BlobID             string
	Size               int64
	Digest             string
	Entries            int
	Ended, Created     time.Time
	Made, Checked      time.Time
	Sound              bool // by the last examination
}

// CheckRun is one examination of a package.
type CheckRun struct {
	ID, PackageID string
	At            time.Time
	Actor         string
	Sound         bool
	Checks        Checks
}

func (s *Service) trust(now time.Time) Trust {
	t := Trust{Now: now}
	if pem := s.Keys.TrustPEM(); pem != nil {
		t.Roots = [][]byte{pem}
	}
	return t
}
