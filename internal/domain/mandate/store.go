package mandate

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

var (
	errNone  = errs.New(errs.NotFound, "mandate.none")
	errMoved = errs.New(errs.Conflict, "mandate.moved")
)

// lean are the columns that need no key to read: what the rule asks for.
const lean = `id, kind, for_kind, for_id, holder_id, CAST(items AS TEXT), CAST(acts AS TEXT), from_day, until_day, state, why, ground, given_by, agency, signature,
	legal_key, phone_key, asked_ms, answer_by_ms, accepted_ms, confirm_by_ms, ended_ms, checked_ms`

func scanLean(r *db.Rows) (m Mandate, err error) { return scanInto(r.Scan) }

func scanInto(scan func(...any) error, more ...any) (Mandate, error) {
	var m Mandate
	var items, acts string
	var asked, answer, accepted, confirm, ended, checked int64
	to := []any{
		&m.ID, &m.Kind, &m.ForKind, &m.ForID, &m.HolderID, &items, &acts, &m.Term.From, &m.Term.Until, &m.State, &m.Why, &m.Ground, &m.By, &m.Agency, &m.Signature,
		&m.legalKey, &m.phoneKey, &asked, &answer, &accepted, &confirm, &ended, &checked,
	}
	if err := scan(append(to, more...)...); err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(items), &m.Scope.Items); err != nil {
		return m, err
	}
	m.AskedAt, m.AnswerBy, m.AcceptedAt, m.ConfirmBy, m.EndedAt, m.checked = db.Instant(asked), db.Instant(answer), db.Instant(accepted), db.Instant(confirm), db.Instant(ended), db.Instant(checked)
	return m, json.Unmarshal([]byte(acts), &m.Scope.Acts)
}

// full are all columns; scanFull opens the sealed ones.
const full = lean + `, named, relation, basis`

func (s *Service) scanFull(r *db.Rows) (Mandate, error) {
	var named, relation, basis []byte
	m, err := scanInto(r.Scan, &named, &relation, &basis)
	if err != nil {
		return m, err
	}
	b, err := s.v.Open("mandate_mandate.named."+m.ID, named)
	if err == nil && len(b) > 0 {
		err = json.Unmarshal(b, &m.Named)
	}
	if err == nil {
		m.Relation, err = s.v.OpenText("mandate_mandate.relation."+m.ID, relation)
	}
	if err == nil {
		m.Basis, err = s.v.OpenText("mandate_mandate.basis."+m.ID, basis)
	}
	return m, err
}

func (s *Service) find(ctx context.Context, q db.Q, id string) (Mandate, error) {
	if !ident.Valid(id) { // from an address: PostgreSQL would call some of it an error
		return Mandate{}, errNone
	}
	return db.One(ctx, q, errNone, s.scanFull, `SELECT `+full+` FROM mandate_mandate WHERE id = $1`, id)
}

// standingSQL is asked at every request of a session that acts for another; its index is mandate_mandate_holder.
const standingSQL = `SELECT ` + lean + ` FROM mandate_mandate WHERE holder_id = $1 AND for_kind = $2 AND for_id = $3 AND state = 'active'`

func standingFor(ctx context.Context, q db.Q, holder, kind, id string) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, standingSQL, holder, kind, id)
}

func activeOf(ctx context.Context, q db.Q, holder string) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, `SELECT `+lean+` FROM mandate_mandate WHERE holder_id = $1 AND state = 'active' ORDER BY id`, holder)
}

// newest is the order of a list, and how much it shows: those that stand first, then the latest that ended.
const newest = ` ORDER BY CASE WHEN state = 'ended' THEN 1 ELSE 0 END, id DESC LIMIT 200`

func (s *Service) givenBy(ctx context.Context, q db.Q, kind, id string) ([]Mandate, error) {
	return db.All(ctx, q, s.scanFull, `SELECT `+full+` FROM mandate_mandate WHERE for_kind = $1 AND for_id = $2`+newest, kind, id)
}

// heldBy also finds what was asked of somebody by their phone.
func (s *Service) heldBy(ctx context.Context, q db.Q, person, phoneKey string) ([]Mandate, error) {
	return db.All(ctx, q, s.scanFull, `SELECT `+full+` FROM mandate_mandate WHERE holder_id = $1 OR (holder_id = '' AND phone_key = $2 AND phone_key <> '')`+newest, person, phoneKey)
}

// bothSides gives what stands or waits between a person and others.
func (s *Service) bothSides(ctx context.Context, q db.Q, person string) ([]Mandate, error) {
	return db.All(ctx, q, s.scanFull, `SELECT `+full+` FROM mandate_mandate WHERE state <> 'ended' AND (holder_id = $1 OR (for_kind = 'person' AND for_id = $1)) ORDER BY id`, person)
}

// keepEndBasis adds what the clerk saw when a mandate was ended at a window to what was written before.
func (s *Service) keepEndBasis(ctx context.Context, tx *db.Tx, m Mandate, basis string) error {
	if m.Basis != "" {
		basis = m.Basis + "\n" + basis
	}
	return tx.Exec1(ctx, errMoved, `UPDATE mandate_mandate SET basis = $1 WHERE id = $2 AND state <> 'ended'`, s.v.SealText("mandate_mandate.basis."+m.ID, basis), m.ID)
}

func (s *Service) recordedBy(ctx context.Context, q db.Q, by string, limit int) ([]Mandate, error) {
	return db.All(ctx, q, s.scanFull, `SELECT `+full+` FROM mandate_mandate WHERE given_by = $1 ORDER BY id DESC LIMIT $2`, by, limit)
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, m Mandate) error {
	named, err := json.Marshal(m.Named)
	if err != nil {
		return err
	}
	items, acts, err := scopeJSON(m.Scope)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO mandate_mandate (id, kind, for_kind, for_id, holder_id, phone_key, named, items, acts, from_day, until_day, until_ms, state, why,
		ground, relation, basis, given_by, agency, signature, legal_key, asked_ms, answer_by_ms, accepted_ms, confirm_by_ms, ended_ms, checked_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, 0, 0, $21)`,
		m.ID, string(m.Kind), m.ForKind, m.ForID, m.HolderID, m.phoneKey, s.v.Seal("mandate_mandate.named."+m.ID, named), items, acts, m.Term.From, m.Term.Until,
		m.Term.End().UnixMilli(), string(m.State), m.Ground, s.v.SealText("mandate_mandate.relation."+m.ID, m.Relation), s.v.SealText("mandate_mandate.basis."+m.ID, m.Basis),
		m.By, m.Agency, m.Signature, m.legalKey, m.AskedAt.UnixMilli(), db.Millis(m.AnswerBy), db.Millis(m.AcceptedAt))
	return err
}

func scopeJSON(sc authz.Scope) (items, acts string, err error) {
	i, err := json.Marshal(sc.Items)
	if err != nil {
		return "", "", err
	}
	a, err := json.Marshal(sc.Acts)
	return string(i), string(a), err
}

// setActive is the compare-and-set of accepting: of two acceptances one wins.
func setActive(ctx context.Context, tx *db.Tx, now time.Time, id, holder string) error {
	return tx.Exec1(ctx, errMoved, `UPDATE mandate_mandate SET state = 'active', holder_id = $1, phone_key = '', accepted_ms = $2 WHERE id = $3 AND state = 'asked' AND holder_id IN ('', $1)`,
		holder, now.UnixMilli(), id)
}

// setEnded is the compare-and-set of ending; was is the state the caller saw.
func setEnded(ctx context.Context, tx *db.Tx, now time.Time, id string, was State, why Why) error {
	return tx.Exec1(ctx, errMoved, `UPDATE mandate_mandate SET state = 'ended', why = $1, ended_ms = $2 WHERE id = $3 AND state = $4`, string(why), now.UnixMilli(), id, string(was))
}

func setConfirmBy(ctx context.Context, tx *db.Tx, id string, by time.Time) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE mandate_mandate SET confirm_by_ms = $1 WHERE id = $2 AND state <> 'ended' AND confirm_by_ms = 0`, by.UnixMilli(), id)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func setConfirmed(ctx context.Context, tx *db.Tx, id, legalKey string) error {
	return tx.Exec1(ctx, errMoved, `UPDATE mandate_mandate SET confirm_by_ms = 0, legal_key = $1 WHERE id = $2 AND state <> 'ended' AND confirm_by_ms > 0`, legalKey, id)
}

// alike gives the mandates, asked or active, of the same two; for somebody known by phone only, those asked of the phone.
func alike(ctx context.Context, q db.Q, m Mandate) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, `SELECT `+lean+` FROM mandate_mandate WHERE for_kind = $1 AND for_id = $2 AND state <> 'ended' AND id <> $3
		AND ((holder_id <> '' AND holder_id = $4) OR (holder_id = '' AND phone_key <> '' AND phone_key = $5))`, m.ForKind, m.ForID, m.ID, m.HolderID, m.phoneKey)
}

// helping gives the active mandates under which somebody helps people of whom they are not the guardian.
func helping(ctx context.Context, q db.Q, holder string) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, `SELECT `+lean+` FROM mandate_mandate WHERE holder_id = $1 AND state = 'active' AND kind IN ('family', 'care')`, holder)
}

// touch takes a person's place in the queue of whoever gives them mandates, until the transaction ends.
func touch(ctx context.Context, tx *db.Tx, keys ...string) error {
	for _, k := range keys {
		if k == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO mandate_lock (key, n) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET n = mandate_lock.n + 1`, k); err != nil {
			return err
		}
	}
	return nil
}

// ofPerson gives everything not ended that a person gave, is helped by, or holds.
func ofPerson(ctx context.Context, q db.Q, person string) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, `SELECT `+lean+` FROM mandate_mandate WHERE state <> 'ended' AND (holder_id = $1 OR (for_kind = 'person' AND for_id = $1)) ORDER BY id`, person)
}

func movePerson(ctx context.Context, tx *db.Tx, from, into string) error {
	for _, q := range []string{
		`UPDATE mandate_mandate SET holder_id = $2 WHERE holder_id = $1`,
		`UPDATE mandate_mandate SET for_id = $2 WHERE for_kind = 'person' AND for_id = $1`,
		`UPDATE mandate_act SET by_person = $2 WHERE by_person = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, from, into); err != nil {
			return err
		}
	}
	for _, q := range []string{`UPDATE mandate_mandate SET given_by = $2 WHERE given_by = $1`, `DELETE FROM mandate_draft WHERE owner = $1 AND CAST($2 AS TEXT) <> ''`} {
		if _, err := tx.ExecContext(ctx, q, "person:"+from, "person:"+into); err != nil {
			return err
		}
	}
	return nil
}

// unchecked gives standing agents and guardians whose ground was not looked at for a while.
func unchecked(ctx context.Context, q db.Q, before time.Time, limit int) ([]Mandate, error) {
	return db.All(ctx, q, scanLean, `SELECT `+lean+` FROM mandate_mandate WHERE state IN ('asked', 'active') AND checked_ms < $1 AND (kind = 'agent' OR (kind = 'guardian' AND ground = 'registry'))
		ORDER BY checked_ms LIMIT $2`, before.UnixMilli(), limit)
}

func setChecked(ctx context.Context, tx *db.Tx, now time.Time, ids []string) error {
	_, err := tx.ExecContext(ctx, `UPDATE mandate_mandate SET checked_ms = $1 WHERE id IN (`+db.In(2, len(ids))+`)`, db.Args(ids, now.UnixMilli())...)
	return err
}
