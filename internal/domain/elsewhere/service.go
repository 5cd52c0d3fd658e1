package elsewhere

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
)

// Cases is what this room asks the case engine.
type Cases interface {
	Head(ctx context.Context, id string) (cases.Case, error)
	OfNumber(ctx context.Context, caseNo string) (string, error)
	Elsewhere(ctx context.Context, f cases.Foreign) (cases.Case, error)
	File(ctx context.Context, f cases.Filed) (cases.Case, error)
	Hand(ctx context.Context, system, id string, round int) (cases.Handed, error)
	HandledIn(ctx context.Context, system string, since time.Time, after string, limit int) ([]cases.Case, error)
}

// Line carries signed requests to other systems; package line does it by HTTP. An error means that no answer came.
type Line interface {
	Post(ctx context.Context, s System, path string, body []byte) (status int, answer []byte, err error)
}

// Deps is what the room needs.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Now   func() time.Time
	Log   *slog.Logger
	Cases Cases
	Line  Line
}

// Service is the border to other systems. It is safe for concurrent use.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d}
}

// The kinds of the room's jobs.
const (
	jobPush      = "elsewhere.push"
	jobApply     = "elsewhere.apply"
	jobDaily     = "elsewhere.daily"
	jobReconcile = "elsewhere.reconcile"
)

// tries is for jobs that end by themselves: by parking, not by giving up.
const tries = 1 << 20

type idArgs struct {
	ID string `json:"id"`
}

// Workers gives the workers of the room's jobs by kind. All of them may run any number of times.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{
		jobPush:      byID(s.push),
		jobApply:     byID(s.apply),
		jobDaily:     func(ctx context.Context, _ job.Job) error { return s.daily(ctx) },
		jobReconcile: s.reconcileJob,
	}
}

func byID(f func(ctx context.Context, id string) error) job.Worker {
	return func(ctx context.Context, j job.Job) error {
		var a idArgs
		if err := json.Unmarshal(j.Args, &a); err != nil {
			return job.Permanent(err)
		}
		return f(ctx, a.ID)
	}
}

// enqueue is for jobs outside another transaction.
func (s *Service) enqueue(ctx context.Context, spec job.Spec) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return job.EnqueueTx(ctx, tx, s.Now(), spec) })
}

// wake makes a keyed job run now, also one that had ended.
func (s *Service) wake(ctx context.Context, kind, id string) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.MoveTx(ctx, tx, now, job.Spec{Kind: kind, Key: id, Args: idArgs{id}, Tries: tries, Due: now})
	})
}

// reason is an error in words for operators, in both languages; ours or a neighbour's trouble is no reason to park anything.
func reason(err error) (key, zh, en string) {
	key = "base.internal"
	if e := errs.As(err); e != nil {
		key = e.Key
	}
	say := func(l i18n.Lang) string { return i18n.Err(i18n.With(context.Background(), l), err) }
	return key, say(i18n.Chinese), say(i18n.English)
}

func (s *Service) entry(a authz.Actor, act, object string) audit.Entry {
	e := audit.Entry{Actor: a.Name(), Act: "elsewhere." + act, Object: object, Via: a.Via, Agency: a.AgencyID}
	return e.From(s.Vault, a.Origin)
}
