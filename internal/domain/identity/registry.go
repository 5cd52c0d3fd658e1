package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/signedcall"
)

// RegistryConfig says where the registries are and how requests to them are signed.
type RegistryConfig struct {
	PopulationURL, FirmsURL string // without a slash at the end
	KeyID                   string
	Key                     []byte
	Timeout                 time.Duration // of one question; 0 = 2 s
	Now                     func() time.Time
}

// Registry asks the population registry and the firm registry. A registry that does not answer in time is errs.Unavailable
// "identity.registry_away"; what it does not hold is errs.NotFound "identity.registry_unknown".
type Registry struct {
	cfg  RegistryConfig
	http *http.Client
}

const registryTimeout = 2 * time.Second

// NewRegistry makes a client.
func NewRegistry(c RegistryConfig) *Registry {
	if c.Timeout == 0 {
		c.Timeout = registryTimeout
	}
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: c.Timeout}).DialContext, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute}
	return &Registry{cfg: c, http: &http.Client{Transport: t, Timeout: c.Timeout}}
}

// RegisteredPerson is a person as the population registry knows them.
type RegisteredPerson struct {
	Number  string `json:"id_number"`
	Kind    string `json:"id_kind"`
	Name    string `json:"name"`
	Sex     string `json:"sex"`
	Birth   string `json:"birth"`
	Address string `json:"household_address"`
	Phone   string `json:"phone"`
	Alive   bool   `json:"alive"`
}

// Match is the answer to whether name and number belong together.
type Match struct {
	Result string `json:"result"` // match, no_match, dead
	Phone  string `json:"phone"`  // match, other, unknown: whether the phone is the one the registry holds
}

// The answers of the population registry.
const (
	matches   = "match"
	matchDead = "dead"
)

// Verify asks whether name, number and phone (may be empty) belong together.
func (r *Registry) Verify(ctx context.Context, name, number, phone string) (Match, error) {
	var m Match
	err := r.ask(ctx, r.cfg.PopulationURL, "/population/verify", map[string]string{"name": name, "number": number, "phone": phone}, &m)
	return m, err
}

// PersonData asks for a person's data. The purpose and the case are told to the registry, which keeps its own record of who asked.
func (r *Registry) PersonData(ctx context.Context, number, purpose, caseID string) (RegisteredPerson, error) {
	var p RegisteredPerson
	err := r.ask(ctx, r.cfg.PopulationURL, "/population/person", map[string]string{"number": number, "purpose": purpose, "case": caseID}, &p)
	return p, err
}

// Firm asks for a firm by its credit code.
func (r *Registry) Firm(ctx context.Context, creditCode string) (Firm, error) {
	var f Firm
	err := r.ask(ctx, r.cfg.FirmsURL, "/firms/firm", map[string]string{"credit_code": creditCode}, &f)
	return f, err
}

// FirmsOf asks of which firms a person is the legal representative (for an individual business, its operator).
func (r *Registry) FirmsOf(ctx context.Context, number string) ([]Firm, error) {
	var out struct{ Firms []Firm }
	err := r.ask(ctx, r.cfg.FirmsURL, "/firms/by-legal-person", map[string]string{"number": number}, &out)
	return out.Firms, err
}

// Guardian asks whose guardian a person is: the relation, such as 母亲, or nothing if they are not.
func (r *Registry) Guardian(ctx context.Context, guardian, ward string) (string, error) {
	var out struct{ Relation string }
	err := r.ask(ctx, r.cfg.PopulationURL, "/population/guardian", map[string]string{"guardian": guardian, "ward": ward}, &out)
	return out.Relation, err
}

// Documents asks which documents issued elsewhere a person (ID number) or firm (credit code) holds.
func (r *Registry) Documents(ctx context.Context, holderNumber string) ([]Document, error) {
	var out struct{ Documents []Document }
	err := r.ask(ctx, r.cfg.PopulationURL, "/documents", map[string]string{"holder_number": holderNumber}, &out)
	return out.Documents, err
}

const maxAnswer = 4 << 20

// ask sends a signed question. Errors name the path, never the person.
func (r *Registry) ask(ctx context.Context, base, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	signedcall.Sign(req, path, r.cfg.KeyID, r.cfg.Key, body, r.cfg.Now())
	res, err := r.http.Do(req)
	if err != nil {
		return errs.Wrap(fmt.Errorf("registry %s: %w", path, err), errs.Unavailable, "identity.registry_away")
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil || res.StatusCode >= http.StatusInternalServerError:
		return errs.Wrap(fmt.Errorf("registry %s: status %d: %w", path, res.StatusCode, errors.Join(err, errAway)), errs.Unavailable, "identity.registry_away")
	case res.StatusCode == http.StatusNotFound:
		return errs.New(errs.NotFound, "identity.registry_unknown")
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("registry %s refused the request: status %d", path, res.StatusCode)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("registry %s: answer cannot be read: %w", path, err)
	}
	return nil
}

var errAway = errors.New("registry is away")

// away reports whether an error means that a registry does not answer.
func away(err error) bool { return errs.Is(err, "identity.registry_away") }
