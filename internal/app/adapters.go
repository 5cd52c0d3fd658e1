package app

import (
	"context"
	"encoding/base64"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
)

// origin seals a network address for the audit record: it is personal data.
func (a *App) origin(who authz.Actor) string {
	if who.Origin == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString(a.Vault.SealText("audit_entry.origin.", who.Origin))
}

// people lets cases ask identity.
type people struct{ s *identity.Service }

func personView(p identity.Person) cases.PersonView {
	return cases.PersonView{ID: p.ID, Name: p.Name, Number: p.Number, NumberKind: p.NumberKind, Birth: p.Birth, Phone: p.Phone, Address: p.Address}
}

func firmView(f identity.Firm) cases.FirmView {
	return cases.FirmView{ID: f.ID, CreditCode: f.CreditCode, Name: f.Name, Kind: f.Kind, Address: f.Address, LegalPersonName: f.LegalPersonName}
}

func (p people) Person(ctx context.Context, id string) (cases.PersonView, error) {
	v, err := p.s.Person(ctx, id)
	return personView(v), err
}

func (p people) Firm(ctx context.Context, id string) (cases.FirmView, error) {
	v, err := p.s.Firm(ctx, id)
	return firmView(v), err
}

func (p people) EnsurePerson(ctx context.Context, name, number, kind, phone string) (cases.PersonView, error) {
	v, err := p.s.EnsurePerson(ctx, name, number, kind, phone)
	return personView(v), err
}

func (p people) EnsureFirm(ctx context.Context, creditCode string) (cases.FirmView, error) {
	v, err := p.s.EnsureFirm(ctx, creditCode)
	return firmView(v), err
}

func (p people) Prefill(ctx context.Context, personID, firmID string) (map[string]cases.KnownView, bool, error) {
	known, reachable, err := p.s.Prefill(ctx, personID, firmID)
	out := make(map[string]cases.KnownView, len(known))
	for term, k := range known {
		out[term] = cases.KnownView(k)
	}
	return out, reachable, err
}

func (p people) Documents(ctx context.Context, personID, firmID string) ([]cases.DocumentView, bool, error) {
	docs, err := p.s.HeldDocuments(ctx, personID, firmID)
	if errs.KindOf(err) == errs.Unavailable {
		return nil, false, nil
	}
	var out []cases.DocumentView
	for _, d := range docs {
		out = append(out, cases.DocumentView{Type: d.Type, Number: d.Number, Holder: d.Holder, ValidUntil: d.ValidUntil})
	}
	return out, true, err
}

// papers lets cases issue papers.
type papers struct{ s *paper.Service }

func (p papers) IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r cases.PaperRequest) (string, error) {
	v, err := p.s.IssueTx(ctx, tx, now, paper.Request{
		Act: r.Act, ItemType: r.ItemType, Template: r.Template, Agency: r.Agency, CaseID: r.CaseID, CaseNo: r.CaseNo, Subject: r.Subject,
		PersonID: r.PersonID, FirmID: r.FirmID, Values: r.Values, By: authz.From(ctx).Name(),
	})
	return v.ID, err
}

func (p papers) Remedies(a org.Agency, itemType string) string { return paper.Remedies(a, itemType) }

// licences lets cases issue licences and reuse them as materials.
type licences struct {
	s    *licence.Service
	keys paper.Keys
}

func licenceView(l licence.Licence) cases.LicenceView {
	return cases.LicenceView{ID: l.ID, Type: l.Type, Name: l.TypeName, Number: l.Number, HolderName: l.HolderName, ValidUntil: l.ValidUntil}
}

func (l licences) IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r cases.LicenceIssue) (cases.LicenceView, error) {
	t, err := l.s.TypeTx(ctx, tx, r.TypeKey)
	if err != nil {
		return cases.LicenceView{}, err
	}
	values, codes := t.Resolve(func(from string) (string, string) { return r.Codes[from], r.Values[from] })
	v, err := l.s.IssueTx(ctx, tx, now, licence.Issue{
		TypeKey: r.TypeKey, Agency: r.Agency, CaseID: r.CaseID, ItemKey: r.ItemKey, HolderKind: r.HolderKind, HolderName: r.HolderName, HolderNumber: r.HolderNumber,
		PersonID: r.PersonID, FirmID: r.FirmID, Values: values, Codes: codes, Test: l.keys.Test(), By: authz.From(ctx).Name(),
	})
	return licenceView(v), err
}

func (l licences) Usable(ctx context.Context, holderNumber, typeKey string) ([]cases.LicenceView, error) {
	found, err := l.s.Usable(ctx, holderNumber, typeKey)
	var out []cases.LicenceView
	for _, v := range found {
		out = append(out, licenceView(v))
	}
	return out, err
}

// notices lets cases tell people.
type notices struct{ s *notify.Service }

func (n notices) SendTx(ctx context.Context, tx *db.Tx, now time.Time, m cases.Notice) error {
	return n.s.SendTx(ctx, tx, now, notify.Message{Template: m.Template, Key: m.Key, To: notify.To{Person: m.PersonID, Phone: m.Phone}, Data: m.Data, Link: m.Link})
}
