// Package idem keeps the answers to API writes that carried an Idempotency-Key, sealed, for a day: a repeat gets the same answer and nothing
// happens twice. It owns idem_answer. Only package app wires it into the API.
package idem

import (
	"context"
	"embed"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the table of kept answers.
var Schema = db.Room{Name: "idem", Files: files}

// Store keeps answers.
type Store struct {
	d   *db.DB
	v   *vault.Vault
	now func() time.Time
	// stuck holds the keys of requests that have ended but could not be written down, on a full disk for example: a repeat may run at once.
	stuck sync.Map
}

// New makes a store.
func New(d *db.DB, v *vault.Vault, now func() time.Time) *Store { return &Store{d: d, v: v, now: now} }

// Reclaim forgets requests that a killed process had under way; on SQLite only, at the start, as in job.Reclaim. What they did is done, and a
// repeat finds it so.
func (s *Store) Reclaim(ctx context.Context) error {
	if s.d.Dialect() != db.SQLite {
		return nil
	}
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM idem_answer WHERE state = 'run'`)
		return err
	})
}

// runLimit is how long a request may be under way before its key is taken to be left over from a crash.
const runLimit = time.Minute

type answer struct {
	request, state string
	kept           web.Kept
	at             time.Time
}

// Do runs fn once for the actor and key; see web.Idempotency. Server errors are not kept: the caller may try again.
func (s *Store) Do(ctx context.Context, actor, key string, request []byte, fn func() (web.Kept, error)) (web.Kept, error) {
	id := s.v.Blind("idem", actor+"\x00"+key)
	sum := sm3.Sum(request)
	req := s.v.Blind("idem.request", hex.EncodeToString(sum[:]))
	old, err := s.begin(ctx, id, req)
	if err != nil {
		return web.Kept{}, err
	}
	if old != nil {
		return *old, nil
	}
	kept, err := fn()
	if err != nil || kept.Status >= http.StatusInternalServerError {
		return kept, s.end(ctx, id, nil, err)
	}
	return kept, s.end(ctx, id, &kept, nil)
}

// begin takes the key, or gives the kept answer.
func (s *Store) begin(ctx context.Context, id, req string) (*web.Kept, error) {
	var old *web.Kept
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		old = nil
		now := s.now()
		r, err := tx.ExecContext(ctx, `INSERT INTO idem_answer (id, request, state, status, type, at_ms) VALUES ($1, $2, 'run', 0, '', $3) ON CONFLICT (id) DO NOTHING`, id, req, now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 1 {
			return err
		}
		a, err := s.find(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case a.request != req:
			return errs.New(errs.Conflict, "base.idempotency_reuse")
		case a.state == "done":
			old = &a.kept
			return nil
		case now.Sub(a.at) < runLimit && !s.isStuck(id):
			return errs.New(errs.Conflict, "base.idempotency_running")
		}
		return tx.Exec1(ctx, errs.New(errs.Conflict, "base.idempotency_running"), `UPDATE idem_answer SET at_ms = $1 WHERE id = $2 AND state = 'run' AND at_ms = $3`, now.UnixMilli(), id, a.at.UnixMilli())
	})
	return old, err
}

func (s *Store) find(ctx context.Context, q db.Q, id string) (answer, error) {
	var a answer
	var body []byte
	var at int64
	err := q.QueryRowContext(ctx, `SELECT request, state, status, type, body, at_ms FROM idem_answer WHERE id = $1`, id).Scan(&a.request, &a.state, &a.kept.Status, &a.kept.Type, &body, &at)
	if err != nil {
		return a, err
	}
	a.at = time.UnixMilli(at)
	a.kept.Body, err = s.v.Open("idem_answer.body."+id, body)
	return a, err
}

func (s *Store) end(ctx context.Context, id string, k *web.Kept, failed error) error {
	err := s.d.TxQueue(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		if k == nil {
			_, err := tx.ExecContext(ctx, `DELETE FROM idem_answer WHERE id = $1`, id)
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE idem_answer SET state = 'done', status = $1, type = $2, body = $3 WHERE id = $4`, k.Status, k.Type, s.v.Seal("idem_answer.body."+id, k.Body), id)
		return err
	})
	if err != nil {
		s.stuck.Store(id, true)
	} else {
		s.stuck.Delete(id)
	}
	if failed != nil || k == nil {
		return failed
	}
	return err
}

func (s *Store) isStuck(id string) bool { _, ok := s.stuck.Load(id); return ok }

// Sweep forgets answers older than a time.
func (s *Store) Sweep(ctx context.Context, before time.Time) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM idem_answer WHERE at_ms < $1`, before.UnixMilli())
		return err
	})
}
