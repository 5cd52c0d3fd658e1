package cases

import (
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
)

// Deps is what the room needs. Manual switches off that items done on the spot are decided by the program when every rule holds. Test marks the
// licences as made with test keys.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Blobs    *blob.Store
	Audit    *audit.Log
	Now      func() time.Time
	Log      *slog.Logger
	Items    Items
	Offices  Offices
	People   People
	Papers   Papers
	Proofs   Proofs // nil: Papers, if it keeps them
	Licences Licences
	Notices  Notices
	// Signatures asks for and knows electronic signatures; nil: items that are signed cannot be sent on line, and say so.
	Signatures Signatures
	// Systems are the other authorities' systems cases may be handed to; nil: every case is worked on here.
	Systems Systems
	// Shares are the cases copied to somebody for information; nil: none.
	Shares Shares
	// Credits is the list of discredited persons; nil: nobody can promise instead of proving.
	Credits Credits
	// Here tells who is being served at a counter; nil: every act at a window counts as a trip of its own.
	Here   Here
	Manual bool
	Test   bool
}

// Service is the case engine. It is safe for concurrent use.
type Service struct {
	Deps
}

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if p, ok := d.Papers.(Proofs); ok && d.Proofs == nil {
		d.Proofs = p
	}
	return &Service{Deps: d}
}

// notFound is the answer for a case that does not exist and for one the reader has no business with: nobody can tell them apart.
func notFound() error { return errs.New(errs.NotFound, "cases.not_found") }
