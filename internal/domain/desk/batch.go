package desk

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// MostLines is how many cases one run may hold: as many as one page of the inbox shows at most.
const MostLines = 100

// The outcomes of a line.
const (
	LineOpen = ""
	LineDone = "done"
	LineNot  = "no"
)

// Line is one case of a run, with what came of it.
type Line struct {
	Case    string `json:"case"`
	Version int64  `json:"version"` // the list showed
	Outcome string `json:"outcome"`
	Why     string `json:"why,omitempty"` // why not, in the words the officer was told
}

// Batch is one act over many cases.
type Batch struct {
	ID    string            `json:"id"`
	Act   string            `json:"act"`
	Input map[string]string `json:"-"`
	At    time.Time         `json:"at"`
	Lines []Line            `json:"lines"`
}

// Begin records a run before its first act. The same key of the same officer gives the run that stands, so that a repeat goes on with it instead of
// beginning another.
func (s *Service) Begin(ctx context.Context, a authz.Actor, key string, b Batch) (Batch, error) {
	me, err := owner(a)
	if err != nil {
		return b, err
	}
	if key == "" || len(key) > 100 {
		return b, errs.New(errs.BadRequest, "desk.key_missing")
	}
	if n := len(b.Lines); n == 0 || n > MostLines {
		return b, errs.New(errs.Invalid, "desk.batch_size", errs.P{"n": MostLines})
	}
	b.ID, b.At = ident.New(), s.now()
	if err := s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.putBatchTx(ctx, tx, me, key, b) }); err != nil {
		return b, err
	}
	id, err := s.batchID(ctx, me, key)
	if err != nil {
		return b, err
	}
	return s.Batch(ctx, a, id)
}

// Told records what came of one line. A line that was told stays as it is.
func (s *Service) Told(ctx context.Context, id string, ord int, l Line) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.putLineTx(ctx, tx, id, ord, l) })
}

// Batch gives a run of the officer's own; errs.NotFound desk.gone for any other.
func (s *Service) Batch(ctx context.Context, a authz.Actor, id string) (Batch, error) {
	me, err := owner(a)
	if err != nil {
		return Batch{}, err
	}
	return s.batch(ctx, me, id)
}

// NoKeys reports whether the officer switched the keyboard shortcuts off (WCAG 2.1.4).
func (s *Service) NoKeys(ctx context.Context, a authz.Actor) (bool, error) {
	me, err := owner(a)
	if err != nil {
		return false, err
	}
	return s.noKeys(ctx, me)
}

// SwitchKeys turns the keyboard shortcuts off or on.
func (s *Service) SwitchKeys(ctx context.Context, a authz.Actor, off bool) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return switchTx(ctx, tx, me, off) })
}
