package paper

import (
	"context"
	"embed"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "paper", Files: files}

// nextNumber takes the next serial. The row is locked until the transaction ends, so a rollback gives the number back and two at once wait
// for each other.
func nextNumber(ctx context.Context, tx *db.Tx, agency, act string, year int) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `INSERT INTO paper_series (agency, act, year, last) VALUES ($1, $2, $3, 1)
		ON CONFLICT (agency, act, year) DO UPDATE SET last = paper_series.last + 1 RETURNING last`, agency, act, year).Scan(&n)
	return n, err
}

const paperColumns = `id, act, title, number, template_key, template_version, agency, case_id, subject, state, failure, blob_id, digest, issued_ms, ready_ms`

const selectPaper = `SELECT ` + paperColumns + ` FROM paper_paper `

func scanPaper(r *db.Rows) (Paper, error) {
	var p Paper
	var issued, ready int64
	err := r.Scan(&p.ID, &p.Act, &p.Title, &p.Number, &p.Template, &p.Version, &p.Agency, &p.CaseID, &p.Subject, &p.State, &p.Failure, &p.BlobID, &p.Digest, &issued, &ready)
	p.Issued = time.UnixMilli(issued)
	if ready > 0 {
		p.ReadyAt = time.UnixMilli(ready)
	}
	return p, err
}

func find(ctx context.Context, q db.Q, id string) (Paper, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "paper.not_found"), scanPaper, selectPaper+`WHERE id = $1`, id)
}

// OfCase gives the papers of a case, oldest first.
func (s *Service) OfCase(ctx context.Context, caseID string) ([]Paper, error) {
	return db.All(ctx, s.d.DB.R(), scanPaper, selectPaper+`WHERE case_id = $1 ORDER BY issued_ms, id`, caseID)
}

// Failed gives the papers whose file could not be made, oldest first, at most a hundred.
func (s *Service) Failed(ctx context.Context) ([]Paper, error) {
	return db.All(ctx, s.d.DB.R(), scanPaper, selectPaper+`WHERE state = 'failed' ORDER BY issued_ms LIMIT 100`)
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, p Paper, c content) error {
	sealed, err := s.sealContent(p.ID, c)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO paper_paper (`+paperColumns+`, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '', '', $11, 0, $12)`,
		p.ID, p.Act, p.Title, p.Number, p.Template, p.Version, p.Agency, p.CaseID, p.Subject, string(p.State), p.Issued.UnixMilli(), sealed)
	if db.Unique(err) {
		return errs.Wrap(err, errs.Conflict, "paper.number_taken", errs.P{"number": p.Number})
	}
	return err
}

func (s *Service) contentOf(ctx context.Context, id string) (content, error) {
	var sealed []byte
	if err := s.d.DB.R().QueryRowContext(ctx, `SELECT content FROM paper_paper WHERE id = $1`, id).Scan(&sealed); err != nil {
		return content{}, db.Classify(err)
	}
	return s.openContent(id, sealed)
}

// markReady stores the file of a paper that has none; false when another run was first.
func markReady(ctx context.Context, tx *db.Tx, id, blobID, digest string, now time.Time) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE paper_paper SET state = 'ready', failure = '', blob_id = $1, digest = $2, ready_ms = $3 WHERE id = $4 AND state <> 'ready'`,
		blobID, digest, now.UnixMilli(), id)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// setState moves a paper between making and failed; false when it was not in the state it is taken from.
func setState(ctx context.Context, tx *db.Tx, id string, from, to State, failure string) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE paper_paper SET state = $1, failure = $2 WHERE id = $3 AND state = $4`, string(to), failure, id, string(from))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func (s *Service) insertProof(ctx context.Context, tx *db.Tx, now time.Time, pr Proof) (bool, error) {
	id := ident.New()
	if pr.At.IsZero() {
		pr.At = now
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO paper_delivery (id, paper_id, how, recipient, taker, at_ms, by_actor) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (paper_id, how, recipient) DO NOTHING`, id, pr.PaperID, pr.How, pr.To, s.d.Vault.SealText("paper_delivery.taker."+id, pr.Taker), pr.At.UnixMilli(), or(pr.By, "system"))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func (s *Service) proofs(ctx context.Context, paperID string) ([]Proof, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Proof, error) {
		var id string
		var taker []byte
		var at int64
		p := Proof{PaperID: paperID}
		if err := r.Scan(&id, &p.How, &p.To, &taker, &at, &p.By); err != nil {
			return p, err
		}
		p.At = time.UnixMilli(at)
		var err error
		p.Taker, err = s.d.Vault.OpenText("paper_delivery.taker."+id, taker)
		return p, err
	}, `SELECT id, how, recipient, taker, at_ms, by_actor FROM paper_delivery WHERE paper_id = $1 ORDER BY at_ms, id`, paperID)
}

const selectTemplate = `SELECT t.doc, t.version, t.digest FROM paper_template t `

type storedTemplate struct {
	Template
	digest string
}

func scanTemplate(r *db.Rows) (storedTemplate, error) {
	var t storedTemplate
	var doc string
	var version int
	if err := r.Scan(&doc, &version, &t.digest); err != nil {
		return t, err
	}
	err := json.Unmarshal([]byte(doc), &t.Template)
	t.Version = version
	return t, err
}

func newest(ctx context.Context, q db.Q, key string) (Template, error) {
	t, err := stored(ctx, q, key)
	return t.Template, err
}

func stored(ctx context.Context, q db.Q, key string) (storedTemplate, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "paper.template_not_found", errs.P{"key": key}), scanTemplate,
		selectTemplate+`WHERE t.key = $1 ORDER BY t.version DESC LIMIT 1`, key)
}

func version(ctx context.Context, q db.Q, key string, n int) (Template, error) {
	if t, ok := builtin()[key]; ok && n == 0 {
		return t, nil
	}
	t, err := db.One(ctx, q, errs.New(errs.NotFound, "paper.template_not_found", errs.P{"key": key}), scanTemplate,
		selectTemplate+`WHERE t.key = $1 AND t.version = $2`, key, n)
	return t.Template, err
}

// newestOf gives the newest versions of the templates of an act, by key. Versions never change, so each is read and parsed once.
func (s *Service) newestOf(ctx context.Context, q db.Q, act string) ([]Template, error) {
	type place struct {
		key     string
		version int
	}
	all, err := db.All(ctx, q, func(r *db.Rows) (place, error) {
		var p place
		err := r.Scan(&p.key, &p.version)
		return p, err
	}, `SELECT key, MAX(version) FROM paper_template WHERE act = $1 GROUP BY key ORDER BY key`, act)
	if err != nil {
		return nil, err
	}
	out := make([]Template, 0, len(all))
	for _, p := range all {
		if t, ok := s.templates.Load(p); ok {
			out = append(out, t.(Template))
			continue
		}
		t, err := version(ctx, q, p.key, p.version)
		if err != nil {
			return nil, err
		}
		s.templates.Store(p, t)
		out = append(out, t)
	}
	return out, nil
}

// putTemplate stores a template as a new version unless the newest one reads the same.
func putTemplate(ctx context.Context, tx *db.Tx, now time.Time, t Template) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	sum := sm3.Sum(doc)
	digest := hex.EncodeToString(sum[:])
	old, err := stored(ctx, tx, t.Key)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if old.digest == digest {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO paper_template (key, version, act, doc, digest, loaded_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.Key, old.Version+1, t.Act, string(doc), digest, now.UnixMilli())
	return err
}
