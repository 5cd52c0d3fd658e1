package app

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/domain/cases/deskweb"
	"tongban/internal/domain/desk"
	"tongban/internal/domain/talk"
)

// wireDesk makes the room of what officers keep beside the cases.
func (a *App) wireDesk() {
	a.Desk = desk.New(desk.Deps{DB: a.DB, Vault: a.Vault, Posts: a.Org, Now: a.opts.Now})
}

// voices tells the inbox in which cases applicants wait for a word.
type voices struct{ talk *talk.Service }

func (v voices) Urged(ctx context.Context, a authz.Actor) ([]string, error) {
	return v.talk.Urged(ctx, a)
}

func (v voices) Unread(ctx context.Context, a authz.Actor) ([]string, error) {
	return v.talk.Unread(ctx, a)
}

func (v voices) Marks(ctx context.Context, ids []string) (map[string]deskweb.Mark, error) {
	out := map[string]deskweb.Mark{}
	ms, err := v.talk.Marks(ctx, false, ids)
	for id, m := range ms {
		out[id] = deskweb.Mark{Unread: m.Unread, Urged: m.Urged, AnswerBy: m.Due}
	}
	return out, err
}
