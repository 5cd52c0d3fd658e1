package talk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Say writes a message. Doing it again with the same key and words gives the first. Errors: talk.no_right, talk.archived, talk.closed{date}, talk.text_missing,
// talk.too_long{max}, talk.client_key, talk.too_often{max}, talk.file_empty, talk.file_kind{formats}, talk.file_program, base.too_large, base.upload_cut, base.disk_full.
func (s *Service) Say(ctx context.Context, a authz.Actor, caseID string, in Say) (Message, error) {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return Message{}, err
	}
	text, err := checkSay(in)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: ident.New(), Side: sideOf(st), Text: text, At: s.now(), author: a.Name(), onBehalf: a.OnBehalf(), agency: st.Case.Agency}
	m.request = s.d.Vault.Blind("talk.request", in.Key+"\x00"+text)
	if a.StaffID != "" {
		m.agency = a.AgencyID
	}
	if a.MandateID == "" { // a legal representative is the firm itself
		m.onBehalf = ""
	}
	if had, err := s.sent(ctx, caseID, m.author, m.request); err != nil || len(had) > 0 {
		return first(s.shown(ctx, a, st, had)), err
	}
	if err := s.writable(st); err != nil {
		return Message{}, err
	}
	var ref blob.Ref
	if in.File != nil {
		if ref, err = s.store(ctx, *in.File); err != nil {
			return Message{}, err
		}
		m.File = &File{Name: fileName(in.File.Name), Size: ref.Size, MIME: ref.MIME, blob: ref.ID, sm3: ref.SM3}
	}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.sayTx(ctx, tx, a, st, m, ref) })
	if db.Unique(err) {
		had, err := s.sent(ctx, caseID, m.author, m.request)
		return first(s.shown(ctx, a, st, had)), err
	}
	if err != nil {
		return Message{}, err
	}
	return first(s.shown(ctx, a, st, []Message{m})), nil
}

func (s *Service) sayTx(ctx context.Context, tx *db.Tx, a authz.Actor, st cases.Standing, m Message, ref blob.Ref) error {
	n, err := saidSince(ctx, tx, st.Case.ID, m.Side, m.At.Add(-time.Hour))
	if err != nil {
		return err
	}
	if most := s.d.Rules.Messages.PerHour; n >= most {
		return errs.New(errs.TooMany, "talk.too_often", errs.P{"max": most})
	}
	if err := s.putMessageTx(ctx, tx, st.Case.ID, m); err != nil {
		return err
	}
	if ref.ID != "" {
		if err := s.d.Blobs.KeepTx(ctx, tx, m.At, ref, "talk:"+st.Case.ID); err != nil {
			return err
		}
	}
	if m.Side == Officer {
		err = s.tell(ctx, tx, st, "case.message", m.ID, nil)
	} else {
		err = s.notifyTx(ctx, tx, s.havers(ctx, st), note{kind: NoticeMessage, ref: m.ID, once: true}, st.Case)
	}
	if err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, m.At, MessageEvent{fact(st.Case, m.author, m.At), m.ID, m.Side}); err != nil {
		return err
	}
	return s.acted(ctx, tx, a, st, "talk.message")
}

func first(ms []Message) Message {
	if len(ms) == 0 {
		return Message{}
	}
	return ms[0]
}

func sideOf(st cases.Standing) string {
	if st.Own {
		return Applicant
	}
	return Officer
}

func other(side string) string {
	if side == Applicant {
		return Officer
	}
	return Applicant
}

func checkSay(in Say) (string, error) {
	if in.Key == "" || len(in.Key) > 200 {
		return "", errs.New(errs.BadRequest, "talk.client_key")
	}
	return words("text", in.Text, MaxText, "talk.text_missing")
}

// words checks a text; missing is the key of what is said when there is none, "" where none is needed.
func words(path, text string, most int, missing string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n"))
	switch n := len([]rune(text)); {
	case n == 0 && missing != "":
		return "", errs.Fields("talk.incomplete", []errs.Field{{Path: path, Key: missing}})
	case n > most:
		return "", errs.Fields("talk.incomplete", []errs.Field{{Path: path, Key: "talk.too_long", Params: errs.P{"max": most, "n": n}}})
	}
	return text, nil
}

// writable says why this reader may not write now; nil when they may.
func (s *Service) writable(st cases.Standing) error {
	switch until := s.until(st); {
	case st.Case.State == cases.Archived:
		return errs.New(errs.Conflict, "talk.archived")
	case !st.Writes:
		return noRight()
	case !until.IsZero() && !s.now().Before(until):
		return errs.New(errs.Conflict, "talk.closed", errs.P{"date": day(until), "days": s.d.Rules.Messages.AfterEndDays})
	}
	return nil
}

// until is when one can no longer write about a case that is over; zero while it goes on.
func (s *Service) until(st cases.Standing) time.Time {
	if st.Ended.IsZero() {
		return time.Time{}
	}
	return st.Ended.Add(time.Duration(s.d.Rules.Messages.AfterEndDays) * 24 * time.Hour)
}

func day(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

// store checks and keeps an attachment. The kind is told from the content, never from the name.
func (s *Service) store(ctx context.Context, u Upload) (blob.Ref, error) {
	if u.Size > MaxFile {
		return blob.Ref{}, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(MaxFile)})
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(u.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return blob.Ref{}, err
	}
	head = head[:n]
	p := errs.P{"formats": strings.ToUpper(strings.Join(Formats, "、"))}
	ext, mime := blob.Sniff(head)
	switch {
	case n == 0:
		return blob.Ref{}, badFile("talk.file_empty", p)
	case program(head):
		return blob.Ref{}, badFile("talk.file_program", p)
	case !slices.Contains(Formats, ext):
		return blob.Ref{}, badFile("talk.file_kind", p)
	}
	ref, err := s.d.Blobs.Put(ctx, io.MultiReader(bytes.NewReader(head), u.Body), mime, MaxFile)
	if err == nil && u.Size > 0 && ref.Size < u.Size {
		err = errs.New(errs.BadRequest, "base.upload_cut")
	}
	return ref, err
}

func badFile(key string, p errs.P) error {
	return errs.Fields("talk.incomplete", []errs.Field{{Path: "file", Key: key, Params: p}})
}

// program reports the beginnings of programs and archives, whatever the file is called.
func program(head []byte) bool {
	for _, magic := range []string{"MZ", "\x7fELF", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "#!", "PK\x03\x04", "Rar!", "7z\xbc\xaf", "\x1f\x8b"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// fileName keeps what a person will know their file by: no folders, no invisible characters, at most 100 characters.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(strings.ToValidUTF8(s, ""), `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
			return -1
		}
		return r
	}, s)
	if rs := []rune(s); len(rs) > 100 {
		s = string(rs[:60]) + "…" + string(rs[len(rs)-30:])
	}
	if s == "" || s == "." || s == "/" {
		return "附件"
	}
	return s
}

// Open gives an attachment to who may read the case; the caller closes it. The reading is on record before the first byte leaves.
func (s *Service) Open(ctx context.Context, a authz.Actor, caseID, messageID string) (File, io.ReadCloser, error) {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return File{}, nil, err
	}
	m, err := s.message(ctx, caseID, messageID)
	if err != nil {
		return File{}, nil, err
	}
	if m.File == nil {
		return File{}, nil, notFound()
	}
	if err := s.looked(ctx, a, st, "talk.attachment"); err != nil {
		return File{}, nil, err
	}
	r, err := s.d.Blobs.Get(m.File.blob)
	return *m.File, r, err
}
