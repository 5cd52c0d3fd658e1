package paper

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
)

// Deps is what the room is given.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Blobs     *blob.Store
	Keys      Keys
	Now       func() time.Time
	Log       *slog.Logger
	PublicURL string // without a slash at its end; verify_url leads below it
}

// Service is the room.
type Service struct {
	d         Deps
	templates sync.Map // parsed template versions
}

// New makes the room.
func New(d Deps) *Service {
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	return &Service{d: d}
}

// IssueTx issues a paper in the caller's transaction: it takes the next number of the series (agency, act, year in China; a transaction
// rolled back leaves no gap), keeps the values sealed, writes the audit entry, publishes paper.issued and enqueues the job that makes the
// file. It returns errs.Invalid "paper.no_template" when no template fits, and "paper.incomplete" when a value the law wants is empty.
func (s *Service) IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r Request) (Paper, error) {
	t, err := s.choose(ctx, tx, r)
	if err != nil {
		return Paper{}, err
	}
	year := Year(now)
	n, err := nextNumber(ctx, tx, r.Agency.Key, r.Act, year)
	if err != nil {
		return Paper{}, err
	}
	p := Paper{
		ID: ident.New(), Act: r.Act, Title: t.Title, Number: Number(t.Number, markOf(r), year, n), Template: t.Key, Version: t.Version,
		Agency: r.Agency.Key, CaseID: r.CaseID, Subject: r.Subject, State: Making, Issued: time.UnixMilli(now.UnixMilli()),
	}
	values, err := complete(r.Act, s.values(p, r, now))
	if err != nil {
		return Paper{}, err
	}
	c := content{Values: values, Agency: r.Agency.Name, SealName: or(r.Agency.SealName, r.Agency.Name), SealPurpose: r.Agency.SealPurpose}
	if err := s.insert(ctx, tx, p, c); err != nil {
		return Paper{}, err
	}
	return p, s.tell(ctx, tx, now, p, r)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, now time.Time, p Paper, r Request) error {
	entry := audit.Entry{Actor: or(r.By, "system"), Act: "paper.issue", Object: "paper:" + p.ID, Subject: p.Subject, Agency: p.Agency}
	if err := audit.Tx(ctx, tx, now, entry); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, IssuedEvent{p.ID, p.CaseID, p.Act}); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: p.ID, Args: makeArgs{p.ID}})
}

// markOf is the agency's 发文机关代字; without one its short name stands in the number.
func markOf(r Request) string { return or(r.Agency.NumberMark, or(r.Agency.Short, r.Agency.Name)) }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// values are the caller's values over what follows from agency and date.
func (s *Service) values(p Paper, r Request, now time.Time) map[string]string {
	out := map[string]string{
		"agency": r.Agency.Name, "title": p.Title, "date_cn": DateCN(now), "phone": r.Agency.Phone, "complaint_phone": r.Agency.ComplaintPhone,
		"remedies": Remedies(r.Agency, or(r.Nature, r.ItemType)), "verify_url": s.d.PublicURL + "/verify", "case_no": r.CaseNo,
	}
	for k, v := range r.Values {
		if v != "" || out[k] == "" {
			out[k] = v
		}
	}
	out["number"] = p.Number
	return out
}

// choose finds the template by its own key, or the default.
func (s *Service) choose(ctx context.Context, q db.Q, r Request) (Template, error) {
	missing := errs.New(errs.Invalid, "paper.no_template", errs.P{"act": r.Act, "type": r.ItemType, "template": or(r.Template, "-")})
	if r.Template != "" {
		t, err := newest(ctx, q, r.Template)
		if err == nil && t.Act != r.Act || errs.KindOf(err) == errs.NotFound {
			err = missing
		}
		if err != nil {
			return t, err
		}
		t, _ = prefer([]Template{t.forAny()}, r) // of a case of the act with a paper of its own, such as a grant in part, the item's general one would say what is not so
		return t, nil
	}
	all, err := s.newestOf(ctx, q, r.Act)
	if err != nil {
		return Template{}, err
	}
	if t, ok := prefer(all, r); ok {
		return t, nil
	}
	return Template{}, missing
}

// Paper gives one paper; errs.NotFound if there is none.
func (s *Service) Paper(ctx context.Context, id string) (Paper, error) {
	return find(ctx, s.d.DB.R(), id)
}

// PDF gives a paper's signed file. The caller has checked who is asking and records the read. It returns errs.NotFound, errs.Conflict
// "paper.still_making" and errs.Unavailable "paper.failed".
func (s *Service) PDF(ctx context.Context, id string) ([]byte, Paper, error) {
	p, err := s.Paper(ctx, id)
	if err != nil {
		return nil, p, err
	}
	switch p.State {
	case Making:
		return nil, p, errs.New(errs.Conflict, "paper.still_making", errs.P{"title": p.Title})
	case Failed:
		return nil, p, errs.New(errs.Unavailable, "paper.failed", errs.P{"title": p.Title})
	}
	b, err := s.d.Blobs.Bytes(p.BlobID)
	return b, p, err
}

// FileName is the name a paper is downloaded under; it holds no personal data.
func (p Paper) FileName() string { return p.Title + " " + p.Number + ".pdf" }

// DeliveredTx records a proof of delivery in the caller's transaction. The first of its kind for a recipient counts; first says whether
// this was it.
func (s *Service) DeliveredTx(ctx context.Context, tx *db.Tx, now time.Time, pr Proof) (first bool, err error) {
	p, err := find(ctx, tx, pr.PaperID)
	if err != nil {
		return false, err
	}
	if first, err = s.insertProof(ctx, tx, now, pr); err != nil || !first {
		return false, err
	}
	entry := audit.Entry{Actor: or(pr.By, "system"), Act: "paper.deliver", Object: "paper:" + p.ID, Subject: p.Subject, What: pr.How, Agency: p.Agency}
	if err := audit.Tx(ctx, tx, now, entry); err != nil {
		return false, err
	}
	return true, event.Publish(ctx, tx, now, DeliveredEvent{p.ID, p.CaseID, p.Act, pr.How})
}

// Delivered is DeliveredTx in a transaction of its own, at the present time.
func (s *Service) Delivered(ctx context.Context, pr Proof) (first bool, err error) {
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		first, err = s.DeliveredTx(ctx, tx, s.d.Now(), pr)
		return err
	})
	return first, err
}

// Proofs gives the proofs of delivery of a paper, oldest first.
func (s *Service) Proofs(ctx context.Context, paperID string) ([]Proof, error) {
	return s.proofs(ctx, paperID)
}

func (s *Service) sealContent(id string, c content) ([]byte, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return s.d.Vault.Seal("paper_paper.content."+id, b), nil
}

func (s *Service) openContent(id string, sealed []byte) (content, error) {
	var c content
	b, err := s.d.Vault.Open("paper_paper.content."+id, sealed)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}
