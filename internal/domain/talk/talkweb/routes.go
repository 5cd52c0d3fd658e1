package talkweb

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/talk"
	"tongban/internal/engine/clock"
)

// uploadLimit bounds one message with its attachment, in bytes. It lies above what a message takes, so that a file that is too big is read to its end and
// the browser gets our words instead of a broken connection.
const uploadLimit = 4 * talk.MaxFile

type handlers struct{ s *talk.Service }

// Routes is the room's route table.
func Routes(s *talk.Service) []web.Route {
	h := handlers{s}
	return []web.Route{
		web.To("GET /my/cases/{id}/messages", authz.CaseApply, h.thread(own)),
		web.To("POST /my/cases/{id}/messages", authz.CaseApply, h.say(own), web.Upload(uploadLimit)),
		web.To("GET /my/cases/{id}/messages/{message}/file", authz.CaseApply, h.file),
		web.To("POST /my/cases/{id}/urge", authz.CaseApply, h.urge(own)),

		web.To("GET /desk/cases/{id}/messages", authz.CaseDesk, h.thread(desk)),
		web.To("POST /desk/cases/{id}/messages", authz.CaseDesk, h.say(desk), web.Upload(uploadLimit)),
		web.To("GET /desk/cases/{id}/messages/{message}/file", authz.CaseDesk, h.file),
		web.To("POST /desk/cases/{id}/urges/{urge}", authz.CaseDesk, h.answer),
		web.To("GET /desk/cases/{id}/copies/new", authz.CaseDesk, h.copyPage),
		web.To("POST /desk/cases/{id}/copies", authz.CaseDesk, h.copy),
		web.To("POST /desk/cases/{id}/copies/{copy}/end", authz.CaseDesk, h.endCopy),

		web.To("GET /supervision/cases/{id}/talk", authz.Supervise, h.thread(watch)),
		web.To("GET /supervision/cases/{id}/talk/{message}/file", authz.Supervise, h.file),
		web.To("POST /supervision/cases/{id}/urge", authz.Supervise, h.urge(watch)),

		web.To("GET /desk/notices", authz.StaffSelf, h.notices),
		web.To("POST /desk/notices", authz.StaffSelf, h.readAll),
		web.To("POST /desk/notices/{id}", authz.StaffSelf, h.readOne),

		web.To("GET /admin/heads", authz.OrgAdmin, h.heads),
		web.To("POST /admin/heads", authz.OrgAdmin, h.setHead),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func t(ctx context.Context, key string, p ...errs.P) string { return i18n.T(ctx, "talk."+key, p...) }

func minute(at time.Time) string { return at.In(clock.Shanghai).Format("2006-01-02 15:04") }

func day(at time.Time) string { return at.In(clock.Shanghai).Format(time.DateOnly) }

// place is one of the pages on which a conversation stands.
type place struct{ page, back, messages, file, urge string }

var (
	own   = place{page: "own", back: "/my/cases/{id}", messages: "/my/cases/{id}/messages", file: "/my/cases/{id}/messages/", urge: "/my/cases/{id}/urge"}
	desk  = place{page: "desk", back: "/desk/cases/{id}", messages: "/desk/cases/{id}/messages", file: "/desk/cases/{id}/messages/"}
	watch = place{page: "watch", back: "/supervision/cases/{id}", messages: "/supervision/cases/{id}/talk", file: "/supervision/cases/{id}/talk/", urge: "/supervision/cases/{id}/urge"}
)

func at(pattern, id string) string { return strings.ReplaceAll(pattern, "{id}", id) }

// problems are what is wrong with a form, and what was typed into it.
type problems struct {
	Errors map[string]string
	List   []ui.ErrorItem
	Typed  map[string]string
}

// explain puts an error of the room beside its fields, by the names the forms use; others go up.
func explain(ctx context.Context, err error, names map[string]string) (problems, bool) {
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Kind != errs.TooLarge && e.Kind != errs.TooMany && e.Kind != errs.BadRequest {
		return problems{}, false
	}
	p := problems{Errors: map[string]string{}}
	for _, f := range e.Fields {
		name, words := f.Path, i18n.T(ctx, f.Key, f.Params)
		if n, ok := names[f.Path]; ok {
			name = n
		}
		p.Errors[name] = words
		p.List = append(p.List, ui.ErrorItem{Field: name, Text: words})
	}
	if len(e.Fields) == 0 {
		p.List = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
	}
	return p, true
}

// fields of the forms on a page of a case, where other forms have a "text" and a "reason" too.
var fieldNames = map[string]string{"text": fieldText, "file": fieldFile, "reason": fieldReason, "answer": fieldAnswer}

const (
	fieldText   = "message"
	fieldFile   = "message_file"
	fieldReason = "urge_reason"
	fieldAnswer = "urge_answer"
)

func (h handlers) thread(p place) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return h.draw(w, r, p, http.StatusOK, problems{})
	}
}

// draw shows the whole conversation as a page of its own.
func (h handlers) draw(w http.ResponseWriter, r *http.Request, p place, status int, wrong problems) error {
	v, err := h.view(r, p, r.PathValue("id"))
	if err != nil {
		return err
	}
	v.problems, v.Whole = wrong, true
	return web.RenderStatus(w, r, status, threadPage(v))
}

// failed shows the page again with what went wrong and what was typed; errors that are no fault of the form go up.
func (h handlers) failed(w http.ResponseWriter, r *http.Request, p place, err error, typed map[string]string) error {
	wrong, ok := explain(r.Context(), err, fieldNames)
	if !ok {
		return err
	}
	wrong.Typed = typed
	return h.draw(w, r, p, web.StatusOf(err), wrong)
}

func (h handlers) say(p place) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		typed, err := h.read(r, id)
		if err != nil {
			_, _ = io.Copy(io.Discard, r.Body) // the browser reads our answer only after it has sent everything
			return h.failed(w, r, p, big(err), typed)
		}
		return web.SeeOther(w, r, at(p.back, id)+"?talk=sent#talk")
	}
}

// big gives net/http's own error our words.
func big(err error) error {
	var b *http.MaxBytesError
	if errors.As(err, &b) {
		return errs.Fields("talk.incomplete", []errs.Field{{Path: "file", Key: "base.too_large", Params: errs.P{"max": "10 MB"}}})
	}
	if e := errs.As(err); e != nil && e.Kind == errs.TooLarge {
		return errs.Fields("talk.incomplete", []errs.Field{{Path: "file", Key: e.Key, Params: e.Params}})
	}
	return err
}

// read takes a message from a form, with its attachment as a stream: it is never held in memory whole or written in plain.
func (h handlers) read(r *http.Request, id string) (map[string]string, error) {
	say, typed := talk.Say{Key: ident.Secret(12)}, map[string]string{}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		f, err := web.Form(r)
		if err != nil {
			return typed, err
		}
		say.Text, typed[fieldText] = f.Get(fieldText), f.Get(fieldText)
		if k := f.Get("_key"); k != "" {
			say.Key = k
		}
		_, err = h.s.Say(r.Context(), actor(r), id, say)
		return typed, err
	}
	mr := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			_, err = h.s.Say(r.Context(), actor(r), id, say)
			return typed, err
		}
		if err != nil {
			return typed, cut(err)
		}
		switch {
		case part.FormName() == fieldFile && part.FileName() != "":
			say.File = &talk.Upload{Name: part.FileName(), Body: part}
			_, err = h.s.Say(r.Context(), actor(r), id, say) // the text stands before the file in the form
			return typed, cut(err)
		case part.FormName() == fieldText:
			err = short(part, &say.Text)
			typed[fieldText] = say.Text
		case part.FormName() == "_key":
			err = short(part, &say.Key)
		}
		if err != nil {
			return typed, err
		}
	}
}

// short reads a text part.
func short(part *multipart.Part, into *string) error {
	b, err := io.ReadAll(io.LimitReader(part, 64<<10))
	if err == nil && len(b) > 0 {
		*into = string(b)
	}
	return cut(err)
}

// cut tells a body that ended in the middle from other failures.
func cut(err error) error {
	if err != nil && errs.As(err) == nil && errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.Wrap(err, errs.BadRequest, "base.upload_cut")
	}
	return err
}

func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	f, body, err := h.s.Open(r.Context(), actor(r), r.PathValue("id"), r.PathValue("message"))
	if err != nil {
		return err
	}
	defer body.Close()
	return web.File(w, f.Name, f.MIME, true, body)
}

func (h handlers) urge(p place) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.Form(r)
		if err != nil {
			return err
		}
		id, reason := r.PathValue("id"), f.Get(fieldReason)
		if _, err := h.s.Urge(r.Context(), actor(r), id, reason); err != nil {
			return h.failed(w, r, p, err, map[string]string{fieldReason: reason})
		}
		to := p.back
		if p.page == watch.page {
			to = p.messages
		}
		return web.SeeOther(w, r, at(to, id)+"?talk=urged#talk")
	}
}
