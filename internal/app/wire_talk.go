package app

import (
	"context"

	"tongban/internal/domain/archive"
	"tongban/internal/domain/talk"
	"tongban/internal/domain/talk/talkweb"
)

// copies tells the case engine which cases were copied to somebody. The room of copies is made after the engine, so it is asked when the engine asks.
type copies struct{ a *App }

func (c copies) Shared(ctx context.Context, caseID, staffID string, posts []string) (bool, error) {
	return c.a.Talk.Shared(ctx, caseID, staffID, posts)
}

func (c copies) SharedWith(ctx context.Context, staffID string, posts []string) ([]string, error) {
	return c.a.Talk.SharedWith(ctx, staffID, posts)
}

func (a *App) newTalk() {
	o := a.opts
	a.Talk = talk.New(talk.Deps{DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Now: o.Now, Log: o.Log, Cases: a.Cases, Org: a.Org, Notices: a.Notify})
}

func (a *App) mountTalk() {
	a.Site.Add(talkweb.Routes(a.Talk)...)
	talkweb.AddAPI(a.API, a.Talk)
}

// saidAbout gives the archive what was said about a case.
func (a *App) saidAbout(ctx context.Context, caseID string) (archive.Talk, error) {
	r, err := a.Talk.OfCase(ctx, caseID)
	out := archive.Talk{Record: r}
	for _, m := range r.Messages {
		if m.Open != nil {
			out.Files = append(out.Files, archive.TalkFile{ID: m.ID, Name: m.FileName, MIME: m.MIME, Size: m.Size, SM3: m.SM3, Officer: m.Side == talk.Officer, Open: m.Open})
		}
	}
	out.Empty = len(r.Messages)+len(r.Urges)+len(r.Copies)+len(r.Escalations) == 0
	return out, err
}

// unreadMine counts what authorities wrote in the applicant's cases and nobody read yet.
func (a *App) unreadMine(ctx context.Context, ids []string) (map[string]int, error) {
	marks, err := a.Talk.Marks(ctx, true, ids)
	out := map[string]int{}
	for id, m := range marks {
		out[id] = m.Unread
	}
	return out, err
}
