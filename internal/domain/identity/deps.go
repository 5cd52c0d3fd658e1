package identity

import (
	"cmp"
	"context"
	"embed"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
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
	// MayManage refuses a security officer who does not reach an account, or whose own it is.
	MayManage(ctx context.Context, a authz.Actor, staffID string) error
}

// Deps is what the room needs.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Staff    StaffBook
	Registry *Registry
	// Factors judges passwords, apps, passkeys and certificates.
	Factors Factors
	// Directory is the staff directory; nil = none, staff sign in with passwords kept here.
	Directory Directory
	// Face checks a living face against the registry's photograph; nil = level 3 only at a counter.
	Face Face
	// Represent tells who may act for whom by mandate; nil = legal representatives only.
	Represent Representation
	// Send hands a message to notify in the same transaction, so that a code that was sent is a code that is stored.
	Send func(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
	Now  func() time.Time
	Log  *slog.Logger
	// CodesPerOrigin is how many text messages one network address may cause in an hour; 0 = 30. A hall's shared address needs more.
	// CodesPerNetwork is the same for its network (/24, /48); 0 = 300. CodesPerDay is how many are sent in all; 0 = 20000.
	CodesPerOrigin, CodesPerNetwork, CodesPerDay int
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
	d.CodesPerOrigin = cmp.Or(d.CodesPerOrigin, originCodes)
	d.CodesPerNetwork = cmp.Or(d.CodesPerNetwork, networkCodes)
	d.CodesPerDay = cmp.Or(d.CodesPerDay, dayCodes)
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
