package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/domain/identity"
)

// exportFormat names the shape of the file, so that a later one can be told from it.
const exportFormat = "tongban.account/1"

// exportAccesses is how many looks the file holds at most.
const exportAccesses = 10_000

// exportedPerson is a person as the file holds them.
type exportedPerson struct {
	ID         string `json:"id"`
	Name       string `json:"name,omitempty"`
	Number     string `json:"id_number,omitempty"`
	NumberKind string `json:"id_kind,omitempty"`
	Sex        string `json:"sex,omitempty"`
	Birth      string `json:"birth,omitempty"`
	Phone      string `json:"phone,omitempty"`
	Address    string `json:"address,omitempty"`
	Level      int    `json:"level"`
	Verified   string `json:"verified_at,omitempty"`
}

type exportedAccess struct {
	At     string   `json:"at"`
	By     string   `json:"by,omitempty"`
	Agency string   `json:"agency,omitempty"`
	System string   `json:"system,omitempty"`
	What   []string `json:"what"`
	Object string   `json:"object,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Via    string   `json:"via,omitempty"`
	Own    bool     `json:"own,omitempty"`
	Basis  string   `json:"told_late_by,omitempty"`
}

type exportedComplaint struct {
	At      string `json:"at"`
	Due     string `json:"due"`
	Text    string `json:"text"`
	State   string `json:"state"`
	Finding string `json:"finding,omitempty"`
	Answer  string `json:"answer,omitempty"`
}

// Export gives everything the platform keeps of the actor's account as a JSON document (个人信息保护法 45): the person, the looks at their data, the
// complaints, and a part for each of the other rooms. The session must be fresh. Papers and cases are not in it; they have pages of their own.
func (s *Service) Export(ctx context.Context, a authz.Actor) ([]byte, error) {
	if err := s.Fresh(a); err != nil {
		return nil, err
	}
	p, err := s.d.People.Person(ctx, a.PersonID)
	if err != nil {
		return nil, err
	}
	doc := map[string]any{"format": exportFormat, "exported_at": stamp(s.d.Now()), "person": exportOf(p)}
	rows, _, err := s.Accesses(ctx, a, false, "", exportAccesses)
	if err != nil {
		return nil, err
	}
	doc["accesses"] = accessesOf(rows)
	cs, err := s.complaintsOf(ctx, s.d.DB.R(), a.PersonID)
	if err != nil {
		return nil, err
	}
	complaints := []exportedComplaint{}
	for _, c := range cs {
		complaints = append(complaints, exportedComplaint{stamp(c.At), stamp(c.Due), c.Text, c.State, c.Finding, c.Answer})
	}
	doc["complaints"] = complaints
	for _, src := range s.d.Sources {
		if doc[src.Key], err = src.Export(ctx, a); err != nil {
			return nil, fmt.Errorf("export of %s: %w", src.Key, err)
		}
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	e := audit.Entry{Object: "person:" + p.ID, What: "privacy.what_export"}
	if p.Number != "" {
		e.Subject = s.d.People.SubjectOf(p.Number)
	}
	a.Via = "export"
	return out, s.look(ctx, a, e)
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(clockZone).Format(time.RFC3339)
}

func exportOf(p identity.Person) exportedPerson {
	return exportedPerson{
		ID: p.ID, Name: p.Name, Number: p.Number, NumberKind: p.NumberKind, Sex: p.Sex, Birth: p.Birth, Phone: p.Phone, Address: p.Address, Level: p.Level,
		Verified: stamp(p.VerifiedAt),
	}
}

func accessesOf(rows []Access) []exportedAccess {
	out := []exportedAccess{}
	for _, r := range rows {
		out = append(out, exportedAccess{
			At: stamp(r.At), By: r.Who, Agency: r.Agency, System: r.System, What: textsOf(r.What), Object: r.Object, Reason: r.Reason, Via: r.Via, Own: r.Own, Basis: r.Basis,
		})
	}
	return out
}

// Remains lists what stays of the actor after the end of the account.
func (s *Service) Remains(ctx context.Context, a authz.Actor) ([]Remain, error) {
	if s.d.Remains == nil {
		return nil, nil
	}
	return s.d.Remains(ctx, a.PersonID)
}

// Erase ends the actor's account: phones, factors, sessions, mandates and consents end in one transaction, so that nothing is left half. What a law
// bids to keep stays (档案法, 行政许可法, 网络安全法 21): cases, licences and the record. The session must be fresh.
func (s *Service) Erase(ctx context.Context, a authz.Actor) error {
	if err := s.Fresh(a); err != nil {
		return err
	}
	p, err := s.d.People.Person(ctx, a.PersonID)
	if err != nil {
		return err
	}
	e := audit.Entry{Act: "privacy.erase", Object: "person:" + p.ID}
	if p.Number != "" {
		e.Subject = s.d.People.SubjectOf(p.Number)
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.d.Now()
		for _, end := range s.d.Enders {
			if err := end(ctx, tx, now, p.ID); err != nil {
				return err
			}
		}
		if err := s.record(ctx, tx, now, a, e); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ErasedEvent{PersonID: p.ID})
	})
}
