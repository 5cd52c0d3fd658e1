package identity

import (
	"context"
	"embed"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/vault"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "identity", Files: files}

// StaffBook tells who works where; org.Service is one. An unknown key is errs.NotFound.
type StaffBook interface {
	Staff(ctx context.Context, id string) (org.Staff, error)
	StaffByLogin(ctx context.Context, login string) (org.Staff, error)
	Agency(ctx context.Context, key string) (org.Agency, error)
}

// Deps is what the room needs.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Staff    StaffBook
	Registry *Registry
	// Send hands a message to notify in the same transaction, so that a code that was sent is a code that is stored.
	Send func(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
	Now  func() time.Time
	Log  *slog.Logger
	// CodesPerOrigin is how many codes one network address may ask for in an hour; 0 = 30. A hall's shared address needs more.
	CodesPerOrigin int
	// Demo opens sign-in without codes; see [Service.Demo].
	Demo bool
}

// Service is the room.
type Service struct {
	d    *db.DB
	v    *vault.Vault
	deps Deps
	now  func() time.Time
	log  *slog.Logger
	hash chan struct{} // argon2 takes 19 MiB each: few at a time
}

// New makes the service.
func New(d Deps) *Service {
	if d.CodesPerOrigin == 0 {
		d.CodesPerOrigin = originCodes
	}
	return &Service{d: d.DB, v: d.Vault, deps: d, now: d.Now, log: d.Log, hash: make(chan struct{}, 2)}
}

// SubjectOf is the blind index of an ID number or credit code, as the audit record and other rooms' tables name a person or firm.
func (s *Service) SubjectOf(number string) string { return s.v.Blind("subject", number) }

func (s *Service) phoneKey(phone string) string {
	if phone == "" {
		return ""
	}
	return s.v.Blind("phone", phone)
}

// today is the calendar date in China.
func (s *Service) today() string { return s.now().In(china).Format(time.DateOnly) }

var china = time.FixedZone("Asia/Shanghai", 8*60*60)
