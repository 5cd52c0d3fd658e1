package factor

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "factor", Files: files}

// Deps is what the room needs.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Now   func() time.Time
	Log   *slog.Logger
	// PublicURL is the address people reach the site at. Its host is the relying party of passkeys and its origin the only one accepted.
	PublicURL string
	SiteName  string
	// Breached is a list of passwords known from leaks beside the built-in one; nil = only the built-in one. See OpenBreached.
	Breached BreachedList
	// Words are further words a password must not lean on, such as the city's name in pinyin.
	Words []string
	// Roots are PEM texts of the certificate authorities whose certificates people may use, with intermediate ones if need be. None = no
	// certificates.
	Roots [][]byte
	// CRLs gives the certificate revocation lists (PEM or DER) to look into; nil = none. See CRLFiles.
	CRLs func(ctx context.Context) ([][]byte, error)
	// MayHold is asked before a certificate is bound to an account: does the certificate's name and number belong to the owner? nil = whoever
	// has the key may bind it.
	MayHold func(ctx context.Context, owner string, c Certificate) error
	// Seal is the platform's signature over data, a detached CMS as SealWith makes it. Without it nothing can be signed.
	Seal func(ctx context.Context, data []byte) (cms []byte, err error)
	// Tell sends a person a message in the same transaction; nil = nobody is told.
	Tell func(ctx context.Context, tx *db.Tx, now time.Time, owner, template string, data map[string]string) error
	// Hashes is how many passwords are hashed at once, 19 MiB each; 0 = one for each processor.
	Hashes int
	// Cost is the cost of argon2id; zero = DefaultCost.
	Cost Cost
}

// Service is the room.
type Service struct {
	d      *db.DB
	v      *vault.Vault
	deps   Deps
	now    func() time.Time
	log    *slog.Logger
	hash   chan struct{}
	blank  string // a hash nobody has, for owners without one
	origin string
	words  []string
	web    *webauthn.WebAuthn // nil where the address cannot have passkeys
	trust  *certTrust
}

// New makes the service. It fails on roots that cannot be read or a public address that is none.
func New(d Deps) (*Service, error) {
	if d.Cost == (Cost{}) {
		d.Cost = DefaultCost
	}
	if d.Hashes <= 0 {
		d.Hashes = runtime.GOMAXPROCS(0)
	}
	s := &Service{d: d.DB, v: d.Vault, deps: d, now: d.Now, log: d.Log, hash: make(chan struct{}, d.Hashes)}
	var err error
	if s.trust, err = newCertTrust(d.Roots); err != nil {
		return nil, err
	}
	if err := s.relyingParty(d.PublicURL, d.SiteName); err != nil {
		return nil, fmt.Errorf("public URL %q: %w", d.PublicURL, err)
	}
	s.words = siteWords(hostOf(d.PublicURL), d.SiteName, d.Words)
	s.blank = phc(d.Cost, make([]byte, argonSalt), make([]byte, argonKey))
	return s, nil
}

// record audits a change to an owner's factors and, where a template is named, tells a person about it.
func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, owner, what, template string, data map[string]string) error {
	if err := s.audit(ctx, tx, now, a, owner, what); err != nil || template == "" {
		return err
	}
	return s.tell(ctx, tx, now, owner, template, data)
}

func (s *Service) audit(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, object, what string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: "factor." + what, Object: object, Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, now, e.From(s.v, a.Origin))
}

// tell sends a person a message about a factor; staff see it in the audit record only.
func (s *Service) tell(ctx context.Context, tx *db.Tx, now time.Time, owner, template string, data map[string]string) error {
	if s.deps.Tell == nil || !strings.HasPrefix(owner, "person:") {
		return nil
	}
	return s.deps.Tell(ctx, tx, now, owner, "factor."+template, data)
}
