package app

import (
	"context"
	"maps"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/identity"
)

// jobs registers every worker and listener of the rooms.
func (a *App) jobs() {
	workers := map[string]job.Worker{}
	for _, room := range []map[string]job.Worker{a.Org.Workers(), a.Notify.Workers(), a.Mandates.Workers(), a.Privacy.Workers(), a.ssoWorkers(), a.Directory.Workers(), a.Catalog.Workers(), a.Design.Workers(), a.Paper.Workers(), a.Licence.Workers(), a.Cases.Workers(), a.Talk.Workers(), a.Credit.Workers(), a.Desk.Workers(), a.Elsewhere.Workers(), a.GovStack.Workers(), a.Archive.Workers(), a.Supervision.Workers(), a.Report.Workers(), a.Webhook.Workers()} {
		maps.Copy(workers, room)
	}
	for kind, w := range workers {
		a.Jobs.Handle(kind, w)
	}
	a.Jobs.Handle(event.DeliverKind, event.NewBus(a.DB, a.listeners()...).Deliver)
	for _, state := range []string{"ready", "dead"} {
		a.Metrics.Gauge("tongban_jobs_"+state, "Jobs in state "+state+".", func() float64 {
			n, err := job.Count(context.Background(), a.DB, state)
			if err != nil {
				return -1
			}
			return float64(n)
		})
	}
}

func (a *App) ssoWorkers() map[string]job.Worker {
	if a.SSO == nil {
		return nil
	}
	return a.SSO.Workers()
}

// listeners lists who hears of what happens in other rooms.
func (a *App) listeners() []event.Listener {
	out := []event.Listener{
		{Name: "notify.merged", Topic: identity.Merged{}.Topic(), Handle: a.moveMessages},
		{Name: "mandate.acted", Topic: cases.ActedEvent{}.Topic(), Handle: a.toldOfAct},
	}
	if a.SSO != nil {
		out = append(out, a.SSO.Listeners()...)
	}
	for _, room := range [][]event.Listener{a.Identity.Listeners(), a.Mandates.Listeners(), a.Privacy.Listeners(), a.Cases.Listeners(), a.Talk.Listeners(), a.Elsewhere.Listeners(), a.Archive.Listeners(), a.Rating.Listeners(), a.Supervision.Listeners(), a.Report.Listeners(), a.Webhook.Listeners()} {
		out = append(out, room...)
	}
	return out
}

// moveMessages gives a person's messages to the account theirs was merged into; notify knows nothing of identity.
func (a *App) moveMessages(ctx context.Context, tx *db.Tx, s event.Stored) error {
	e, err := event.Decode[identity.Merged](s)
	if err != nil {
		return err
	}
	return a.Notify.MovePersonTx(ctx, tx, e.From, e.Into)
}

const (
	orphanAge    = 24 * time.Hour      // how long a file may lie in the store before a row must keep it
	answerAge    = 24 * time.Hour      // how long an answer to an Idempotency-Key is kept
	doneJobAge   = 30 * 24 * time.Hour // how long a done job is kept
	sweepEvery   = time.Hour
	judgedAtOnce = 200_000 // changed items whose quality is judged in one go: half a minute of one processor

	idleEvery = 5 * time.Minute // how late the systems somebody signed in to may hear that the session went idle
)

// tick ends idle sessions and, every hour, sweeps what nobody needs any more, until ctx ends. Any node may do it.
func (a *App) tick(ctx context.Context) {
	swept := a.opts.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(idleEvery):
		}
		if err := a.Identity.Sweep(ctx); err != nil {
			a.opts.Log.Warn("sweep", "what", "sessions", "err", err)
		}
		if _, err := a.Catalog.JudgeOn(ctx, judgedAtOnce); err != nil {
			a.opts.Log.Warn("sweep", "what", "quality of items", "err", err)
		}
		if now := a.opts.Now(); now.Sub(swept) >= sweepEvery {
			swept = now
			a.sweep(ctx)
		}
	}
}

// searchEvery is how long what people searched for may wait in memory.
const searchEvery = 5 * time.Second

// words warms the search and writes what people looked for every few seconds, also at the end.
func (a *App) words(ctx context.Context) {
	if err := a.warmSearch(ctx); err != nil && ctx.Err() == nil {
		a.opts.Log.Warn("search", "err", err)
	}
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-time.After(searchEvery):
		}
		if err := a.Catalog.Words().Flush(context.WithoutCancel(ctx)); err != nil {
			a.opts.Log.Warn("search log", "err", err)
		}
	}
}

// warmSearch reads what type-ahead needs, and makes the index anew where it was written with older words.
func (a *App) warmSearch(ctx context.Context) error {
	if err := a.Catalog.Words().Ready(ctx); err != nil {
		return err
	}
	_, err := a.Catalog.Words().Reindex(ctx)
	return err
}

func (a *App) sweepSSO(ctx context.Context) error {
	if a.SSO == nil {
		return nil
	}
	return a.SSO.Sweep(ctx)
}

func (a *App) sweep(ctx context.Context) {
	now := a.opts.Now()
	_, files := a.Blobs.Sweep(ctx, a.DB, now.Add(-orphanAge))
	for what, err := range map[string]error{
		"files": files, "answers": a.Idem.Sweep(ctx, now.Add(-answerAge)), "jobs": job.Sweep(ctx, a.DB, now.Add(-doneJobAge)), "mandates": a.Mandates.Sweep(ctx), "items of new agencies": a.Catalog.Settle(ctx), "single sign-on": a.sweepSSO(ctx), "webhooks": a.Webhook.Sweep(ctx), "visitors": a.Counter.Sweep(ctx),
	} {
		if err != nil {
			a.opts.Log.Warn("sweep", "what", what, "err", err)
		}
	}
}
