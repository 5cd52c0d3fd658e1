package cases

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// snapshot is what was submitted in one round.
type snapshot struct {
	Round   int
	Content content
	Files   []string
	At      time.Time
	By      string
}

func (s *Service) putSnapshotTx(ctx context.Context, tx *db.Tx, id string, p snapshot) error {
	body, err := s.sealJSON(snapshotPlace(id, p.Round), p.Content)
	if err != nil {
		return err
	}
	files, err := json.Marshal(append([]string{}, p.Files...))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO cases_snapshot (case_id, round, content, files, at_ms, actor) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, p.Round, body, string(files), db.Millis(p.At), p.By)
	return err
}

func snapshotPlace(id string, round int) string {
	return aad("snapshot", "content", id+":"+strconv.Itoa(round))
}

func (s *Service) snapshots(ctx context.Context, id string) ([]snapshot, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (snapshot, error) {
		var p snapshot
		var body []byte
		var files string
		var at int64
		if err := r.Scan(&p.Round, &body, &files, &at, &p.By); err != nil {
			return p, err
		}
		p.At = db.Instant(at)
		if err := json.Unmarshal([]byte(files), &p.Files); err != nil {
			return p, err
		}
		return p, s.openJSON(snapshotPlace(id, p.Round), body, &p.Content)
	}, `SELECT round, content, files, at_ms, actor FROM cases_snapshot WHERE case_id = $1 ORDER BY round`, id)
}

func (s *Service) putCorrectionTx(ctx context.Context, tx *db.Tx, id string, n CorrectionNotice) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO cases_correction (id, case_id, round, at_ms, actor) VALUES ($1, $2, $3, $4, $5)`, n.ID, id, n.Round, db.Millis(n.At), n.By); err != nil {
		return err
	}
	for i, d := range n.Defects {
		did := ident.New()
		if _, err := tx.ExecContext(ctx, `INSERT INTO cases_defect (id, correction_id, ord, kind, path, text) VALUES ($1, $2, $3, $4, $5, $6)`,
			did, n.ID, i, d.Kind, d.Key, s.Vault.SealText(aad("defect", "text", did), d.Text)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) corrections(ctx context.Context, id string) ([]CorrectionNotice, error) {
	out, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (CorrectionNotice, error) {
		var n CorrectionNotice
		var at int64
		err := r.Scan(&n.ID, &n.Round, &at, &n.By)
		n.At = db.Instant(at)
		return n, err
	}, `SELECT id, round, at_ms, actor FROM cases_correction WHERE case_id = $1 ORDER BY round`, id)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Defects, err = db.All(ctx, s.DB.R(), func(r *db.Rows) (Defect, error) {
			var d Defect
			var did string
			var text []byte
			if err := r.Scan(&did, &d.Kind, &d.Key, &text); err != nil {
				return d, err
			}
			var err error
			d.Text, err = s.Vault.OpenText(aad("defect", "text", did), text)
			return d, err
		}, `SELECT id, kind, path, text FROM cases_defect WHERE correction_id = $1 ORDER BY ord`, out[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// The kinds of a statement kept in cases_opinion.
const (
	sayOpinion    = "opinion"
	sayDecision   = "decision"
	sayRefusal    = "refusal"
	saySuspension = "suspension"
	sayResumption = "resumption"
	sayExtension  = "extension"
	sayEnding     = "ending"
	sayFollowUp   = "follow_up" // what the check of a promise found
	sayAnnounced  = "revocation_told"
	sayTaken      = "revoked"
	sayRectified  = "rectified"
	// what an applicant asked before applying, and the advice; answers put right on the spot
	sayPrecheckAsked = "pre_review_asked"
	sayPrecheck      = "pre_review"
	saySpot          = "spot"
)

func (s *Service) putOpinionTx(ctx context.Context, tx *db.Tx, id, kind, step, outcome, by string, at time.Time, body any) error {
	oid := ident.New()
	b, err := s.sealJSON(aad("opinion", "body", oid), body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO cases_opinion (id, case_id, kind, step, outcome, body, actor, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		oid, id, kind, step, outcome, b, by, db.Millis(at))
	return err
}

// said is what officers stated about a case.
type said struct {
	opinions    []Opinion
	decision    *Decision
	refusal     *Refusal
	suspensions []Suspension
	extension   *Extension
	ending      *Ending
	checks      []FollowUp
	after       After
	panels      []Panel // of experts
	migrations  []MigrationNote
	prechecks   []Precheck
	spots       []Spot
}

// sayings gives what officers stated about a case, oldest first.
func (s *Service) sayings(ctx context.Context, id string) (out said, err error) {
	_, err = db.All(ctx, s.DB.R(), func(r *db.Rows) (struct{}, error) {
		var oid, kind, by string
		var body []byte
		var at int64
		if err := r.Scan(&oid, &kind, &body, &by, &at); err != nil {
			return struct{}{}, err
		}
		place := aad("opinion", "body", oid)
		switch kind {
		case sayDecision:
			out.decision = &Decision{}
			if err := s.openJSON(place, body, out.decision); err != nil {
				return struct{}{}, err
			}
			out.decision.By, out.decision.At = by, db.Instant(at)
		case sayReveal:
		case sayRefusal:
			out.refusal = &Refusal{}
			return struct{}{}, s.openJSON(place, body, out.refusal)
		case saySuspension:
			v := Suspension{}
			err := s.openJSON(place, body, &v)
			v.By, v.At = by, db.Instant(at)
			out.suspensions = append(out.suspensions, v)
			return struct{}{}, err
		case sayResumption:
			var v Suspension
			if n := len(out.suspensions); n > 0 {
				err := s.openJSON(place, body, &v)
				out.suspensions[n-1].Ended, out.suspensions[n-1].Result = db.Instant(at), v.Result
				return struct{}{}, err
			}
		case sayExtension:
			out.extension = &Extension{}
			err := s.openJSON(place, body, out.extension)
			out.extension.By, out.extension.At = by, db.Instant(at)
			return struct{}{}, err
		case sayEnding:
			out.ending = &Ending{}
			err := s.openJSON(place, body, out.ending)
			out.ending.By, out.ending.At = by, db.Instant(at)
			return struct{}{}, err
		case sayPrecheckAsked:
			var v precheckAsked
			err := s.openJSON(place, body, &v)
			out.prechecks = append(out.prechecks, Precheck{Asked: db.Instant(at), Note: v.Note})
			return struct{}{}, err
		case sayPrecheck:
			if n := len(out.prechecks); n > 0 {
				asked := out.prechecks[n-1]
				v := Precheck{}
				err := s.openJSON(place, body, &v)
				v.Asked, v.Note, v.By, v.At = asked.Asked, asked.Note, by, db.Instant(at)
				out.prechecks[n-1] = v
				return struct{}{}, err
			}
		case saySpot:
			var v Spot
			err := s.openJSON(place, body, &v)
			v.By, v.At = by, db.Instant(at)
			out.spots = append(out.spots, v)
			return struct{}{}, err
		case sayAnnounced, sayTaken, sayRectified:
			return struct{}{}, s.readAfter(&out.after, kind, place, body, by, db.Instant(at))
		case sayFollowUp:
			var v FollowUp
			err := s.openJSON(place, body, &v)
			v.By, v.At = by, db.Instant(at)
			out.checks = append(out.checks, v)
			return struct{}{}, err
		case sayMigration:
			var v MigrationNote
			err := s.openJSON(place, body, &v)
			v.By, v.At = by, db.Instant(at)
			out.migrations = append(out.migrations, v)
			return struct{}{}, err
		case sayExperts, sayExpertise:
			var v Panel
			err := s.openJSON(place, body, &v)
			v.By, v.At = by, db.Instant(at)
			if kind == sayExpertise {
				v.Concluded = v.At
			}
			out.putPanel(v)
			return struct{}{}, err
		default:
			var o Opinion
			if err := s.openJSON(place, body, &o); err != nil {
				return struct{}{}, err
			}
			o.By, o.At = by, db.Instant(at)
			out.opinions = append(out.opinions, o)
		}
		return struct{}{}, nil
	}, `SELECT id, kind, body, actor, at_ms FROM cases_opinion WHERE case_id = $1 ORDER BY at_ms, id`, id)
	return out, err
}

// inspectionBody is the sealed part of an inspection.
type inspectionBody struct {
	Results    map[string]CheckResult `json:"results"`
	Conclusion string                 `json:"conclusion"`
}

func (s *Service) putInspectionTx(ctx context.Context, tx *db.Tx, id, by string, in Inspection) error {
	iid := ident.New()
	body, err := s.sealJSON(aad("inspection", "body", iid), inspectionBody{in.Results, in.Conclusion})
	if err != nil {
		return err
	}
	officers, _ := json.Marshal(in.Officers)
	photos, _ := json.Marshal(append([]string{}, in.Photos...))
	_, err = tx.ExecContext(ctx, `INSERT INTO cases_inspection (id, case_id, step, officers, photos, pass, body, actor, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		iid, id, in.Step, string(officers), string(photos), in.Pass, body, by, db.Millis(in.At))
	return err
}

func (s *Service) inspections(ctx context.Context, id string) ([]Inspection, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (Inspection, error) {
		var in Inspection
		var iid, officers, photos string
		var body []byte
		var at int64
		if err := r.Scan(&iid, &in.Step, &officers, &photos, &in.Pass, &body, &at); err != nil {
			return in, err
		}
		in.At = db.Instant(at)
		var b inspectionBody
		if err := s.openJSON(aad("inspection", "body", iid), body, &b); err != nil {
			return in, err
		}
		in.Results, in.Conclusion = b.Results, b.Conclusion
		if err := json.Unmarshal([]byte(officers), &in.Officers); err != nil {
			return in, err
		}
		return in, json.Unmarshal([]byte(photos), &in.Photos)
	}, `SELECT id, step, officers, photos, pass, body, at_ms FROM cases_inspection WHERE case_id = $1 ORDER BY at_ms, id`, id)
}

// putVisitTx counts a trip to the hall once per key.
func putVisitTx(ctx context.Context, tx *db.Tx, id, key string, v Visit) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_visit (id, case_id, client_key, purpose, staff, at_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, client_key) DO NOTHING`,
		v.ID, id, key, v.Purpose, v.Staff, db.Millis(v.At))
	return err
}

func visits(ctx context.Context, q db.Q, id string) ([]Visit, error) {
	return db.All(ctx, q, func(r *db.Rows) (Visit, error) {
		var v Visit
		var at int64
		err := r.Scan(&v.ID, &v.Staff, &v.Purpose, &at)
		v.At = db.Instant(at)
		return v, err
	}, `SELECT id, staff, purpose, at_ms FROM cases_visit WHERE case_id = $1 ORDER BY at_ms, id`, id)
}

// sayReveal is a reason for seeing a masked value; it may name people, so it is kept sealed.
const sayReveal = "reveal"

func (s *Service) keepReason(ctx context.Context, w *work, field, reason string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.putOpinionTx(ctx, tx, w.c.ID, sayReveal, "", "", w.by, w.now, map[string]string{"field": field, "reason": reason})
	})
}
