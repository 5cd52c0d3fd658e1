package talkweb

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/web"
	"tongban/internal/domain/talk"
)

// MessageDoc is one message.
type MessageDoc struct {
	ID     string     `json:"id"`
	Side   string     `json:"side" enum:"applicant,officer"`
	Mine   bool       `json:"mine"`
	By     string     `json:"by,omitempty" doc:"name as the reader may know it"`
	Agency string     `json:"agency,omitempty"`
	Text   string     `json:"text"`
	At     time.Time  `json:"at"`
	Read   *time.Time `json:"read,omitempty" doc:"first by the other side"`
	File   *FileDoc   `json:"file,omitempty"`
}

// FileDoc is an attachment; it is never a material of the case.
type FileDoc struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// UrgeDoc is one urge.
type UrgeDoc struct {
	ID        string     `json:"id"`
	Side      string     `json:"side" enum:"applicant,supervisor"`
	Reason    string     `json:"reason,omitempty"`
	At        time.Time  `json:"at"`
	AnswerDue time.Time  `json:"answer_due"`
	Answer    string     `json:"answer,omitempty"`
	Answered  *time.Time `json:"answered,omitempty"`
	Missed    bool       `json:"missed" doc:"no answer came in time"`
}

// CopyDoc is a case given to somebody to read.
type CopyDoc struct {
	ID     string     `json:"id"`
	Kind   string     `json:"kind" enum:"staff,post"`
	To     string     `json:"to"`
	Agency string     `json:"agency"`
	Reason string     `json:"reason,omitempty"`
	At     time.Time  `json:"at"`
	Until  time.Time  `json:"until"`
	Ended  *time.Time `json:"ended,omitempty"`
}

// ReminderDoc is a telling of a deadline.
type ReminderDoc struct {
	Rule  string    `json:"rule"`
	Clock string    `json:"clock"`
	Due   time.Time `json:"due"`
	Told  []string  `json:"told"`
	At    time.Time `json:"at"`
}

// ThreadDoc is a conversation about a case as one reader may see it.
type ThreadDoc struct {
	Messages  []MessageDoc  `json:"messages"`
	MayWrite  bool          `json:"may_write"`
	WhyNot    string        `json:"why_not,omitempty"`
	Until     *time.Time    `json:"until,omitempty" doc:"of a case that is over: until when one may write"`
	Left      int           `json:"left" doc:"messages this side may still send within the hour"`
	Urges     []UrgeDoc     `json:"urges"`
	MayUrge   bool          `json:"may_urge"`
	Copies    []CopyDoc     `json:"copies"`
	Reminders []ReminderDoc `json:"reminders,omitempty" doc:"staff only"`
}

type caseIn struct {
	ID string `path:"id" maxLength:"64"`
}

type threadOut struct{ Body ThreadDoc }

type sayIn struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"the same key with the same words is one message"`
	Body struct {
		Text string `json:"text" maxLength:"2000"`
		File *struct {
			Name    string `json:"name" maxLength:"200"`
			Content []byte `json:"content" doc:"base64; PDF, JPG or PNG, at most 10 MB"`
		} `json:"file,omitempty"`
	}
}

type messageOut struct{ Body MessageDoc }

type fileIn struct {
	ID      string `path:"id" maxLength:"64"`
	Message string `path:"message" maxLength:"64"`
}

type fileOut struct {
	Type string `header:"Content-Type"`
	Body []byte
}

type urgeIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type urgeOut struct{ Body UrgeDoc }

type answerIn struct {
	ID   string `path:"id" maxLength:"64"`
	Urge string `path:"urge" maxLength:"64"`
	Body struct {
		Text string `json:"text" maxLength:"1000"`
	}
}

type copyIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Kind   string `json:"kind" enum:"staff,post"`
		To     string `json:"to" maxLength:"100" doc:"id of the account or key of the post"`
		Reason string `json:"reason" maxLength:"500"`
		Days   int    `json:"days" minimum:"1" maximum:"3650" doc:"natural days, today is the first"`
	}
}

type copyOut struct{ Body CopyDoc }

type endCopyIn struct {
	ID   string `path:"id" maxLength:"64"`
	Copy string `path:"copy" maxLength:"64"`
}

type noticesIn struct {
	After string `query:"after" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

// NoticeDoc is something a member of staff was told.
type NoticeDoc struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	CaseID string    `json:"case_id"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	Read   bool      `json:"read"`
}

type noticesOut struct {
	Body struct {
		Notices []NoticeDoc `json:"notices"`
		Next    string      `json:"next,omitempty"`
		Unread  int         `json:"unread" doc:"at most 99"`
	}
}

type api struct{ s *talk.Service }

// AddAPI adds the room's operations to /api/v1.
func AddAPI(a *web.API, s *talk.Service) {
	h := api{s}
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"talk"}}
	}
	web.Op(a, authz.CasePapers, op(http.MethodGet, "/cases/{id}/messages", "list-messages", "The conversation about a case, its urges and copies 办件消息、催办、抄送"), h.thread)
	web.Op(a, authz.CasePapers, op(http.MethodPost, "/cases/{id}/messages", "send-message", "Write a message 发送消息"), h.say, web.Upload(uploadLimit))
	web.Op(a, authz.CasePapers, op(http.MethodGet, "/cases/{id}/messages/{message}/file", "get-message-file", "The attachment of a message 消息附件"), h.file)
	web.Op(a, authz.CasePapers, op(http.MethodPost, "/cases/{id}/urges", "urge-case", "Urge a case 催办"), h.urge)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/cases/{id}/urges/{urge}/answer", "answer-urge", "Answer an urge 答复催办"), h.answer)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/cases/{id}/copies", "copy-case", "Give a case to somebody to read 抄送"), h.copy)
	web.Op(a, authz.CaseDesk, op(http.MethodPost, "/cases/{id}/copies/{copy}/end", "end-copy", "Take a copy back 收回抄送"), h.endCopy)
	web.Op(a, authz.StaffSelf, op(http.MethodGet, "/notices", "list-notices", "What I was told at the desk 我的通知"), h.notices)
	web.Op(a, authz.StaffSelf, op(http.MethodPost, "/notices/{id}/read", "read-notice", "Mark a notice as read 标为已读"), h.readNotice)
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func messageDoc(m talk.Message) MessageDoc {
	d := MessageDoc{ID: m.ID, Side: m.Side, Mine: m.Mine, By: m.By, Agency: m.Agency, Text: m.Text, At: m.At, Read: when(m.Read)}
	if m.File != nil {
		d.File = &FileDoc{m.File.Name, m.File.MIME, m.File.Size}
	}
	return d
}

func urgeDoc(u talk.Urge) UrgeDoc {
	return UrgeDoc{ID: u.ID, Side: u.Side, Reason: u.Reason, At: u.At, AnswerDue: u.Due, Answer: u.Answer, Answered: when(u.Answered), Missed: !u.Missed.IsZero()}
}

func copyDoc(c talk.Copy) CopyDoc {
	return CopyDoc{ID: c.ID, Kind: c.Kind, To: c.To, Agency: c.Agency, Reason: c.Reason, At: c.At, Until: c.Until, Ended: when(c.Ended)}
}

func (h api) thread(ctx context.Context, in *caseIn) (*threadOut, error) {
	th, err := h.s.Thread(ctx, authz.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	d := ThreadDoc{Messages: []MessageDoc{}, MayWrite: th.MayWrite, Until: when(th.Until), Left: th.Left, Urges: []UrgeDoc{}, MayUrge: th.MayUrge, Copies: []CopyDoc{}}
	if th.Why != nil {
		d.WhyNot = i18n.Err(ctx, th.Why)
	}
	for _, m := range th.Messages {
		d.Messages = append(d.Messages, messageDoc(m))
	}
	for _, u := range th.Urges {
		d.Urges = append(d.Urges, urgeDoc(u))
	}
	for _, c := range th.Copies {
		d.Copies = append(d.Copies, copyDoc(c))
	}
	for _, e := range th.Told {
		d.Reminders = append(d.Reminders, ReminderDoc(e))
	}
	return &threadOut{d}, nil
}

func (h api) say(ctx context.Context, in *sayIn) (*messageOut, error) {
	say := talk.Say{Key: in.Key, Text: in.Body.Text}
	if say.Key == "" {
		say.Key = ident.Secret(12)
	}
	if f := in.Body.File; f != nil {
		say.File = &talk.Upload{Name: f.Name, Size: int64(len(f.Content)), Body: bytes.NewReader(f.Content)}
	}
	m, err := h.s.Say(ctx, authz.From(ctx), in.ID, say)
	return &messageOut{messageDoc(m)}, pointed(err)
}

// pointed turns the paths of findings into JSON pointers.
func pointed(err error) error {
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = nil
	for _, f := range e.Fields {
		f.Path = "/" + f.Path
		c.Fields = append(c.Fields, f)
	}
	return &c
}

func (h api) file(ctx context.Context, in *fileIn) (*fileOut, error) {
	f, body, err := h.s.Open(ctx, authz.From(ctx), in.ID, in.Message)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	return &fileOut{f.MIME, b}, err
}

func (h api) urge(ctx context.Context, in *urgeIn) (*urgeOut, error) {
	u, err := h.s.Urge(ctx, authz.From(ctx), in.ID, in.Body.Reason)
	return &urgeOut{urgeDoc(u)}, pointed(err)
}

func (h api) answer(ctx context.Context, in *answerIn) (*struct{}, error) {
	return nil, pointed(h.s.Answer(ctx, authz.From(ctx), in.ID, in.Urge, in.Body.Text))
}

func (h api) copy(ctx context.Context, in *copyIn) (*copyOut, error) {
	c, err := h.s.Copy(ctx, authz.From(ctx), in.ID, talk.NewCopy{Kind: in.Body.Kind, Key: in.Body.To, Reason: in.Body.Reason, Days: in.Body.Days})
	return &copyOut{copyDoc(c)}, pointed(err)
}

func (h api) endCopy(ctx context.Context, in *endCopyIn) (*struct{}, error) {
	return nil, h.s.EndCopy(ctx, authz.From(ctx), in.ID, in.Copy)
}

func (h api) notices(ctx context.Context, in *noticesIn) (*noticesOut, error) {
	a := authz.From(ctx)
	ns, next, err := h.s.Notices(ctx, a, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &noticesOut{}
	out.Body.Notices, out.Body.Next, out.Body.Unread = []NoticeDoc{}, next, h.s.UnreadNotices(ctx, a.StaffID)
	for _, n := range ns {
		out.Body.Notices = append(out.Body.Notices, NoticeDoc{ID: n.ID, Kind: n.Kind, CaseID: n.CaseID, Text: noticeWords(ctx, n), At: n.At, Read: n.Read})
	}
	return out, nil
}

func (h api) readNotice(ctx context.Context, in *caseIn) (*struct{}, error) {
	_, err := h.s.ReadNotice(ctx, authz.From(ctx), in.ID)
	return nil, err
}
