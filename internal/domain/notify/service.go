package notify

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
)

// Deps is what the room needs. Gateways are tried in order; without any, text messages stay queued until they fail.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Now      func() time.Time
	Log      *slog.Logger
	Gateways []Gateway
}

// Service writes, sends and shows messages. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	vault    *vault.Vault
	now      func() time.Time
	log      *slog.Logger
	gateways []Gateway
}

// New makes the service. Two gateways of one name are a mistake of the wiring and panic.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	names := map[string]bool{}
	for _, g := range d.Gateways {
		if names[g.Name()] {
			panic("notify: two gateways named " + g.Name())
		}
		names[g.Name()] = true
	}
	return &Service{db: d.DB, vault: d.Vault, now: d.Now, log: d.Log, gateways: d.Gateways}
}

// SendTx writes a message and the job that sends it, in the caller's transaction. The same Key is written once. A place without data is
// filled with a dash and logged, and a template that no pack brings is taken from the built-in ones; a key neither knows is errs.Internal.
func (s *Service) SendTx(ctx context.Context, tx *db.Tx, now time.Time, m Message) error {
	t, err := s.template(ctx, tx, m.Template)
	if err != nil {
		return err
	}
	if m.Key == "" {
		return errs.New(errs.Internal, "notify.no_key")
	}
	if m.Link != "" && (!strings.HasPrefix(m.Link, "/") || strings.HasPrefix(m.Link, "//")) {
		return errs.New(errs.Internal, "notify.bad_link")
	}
	b, missing := t.render(m.Data)
	if len(missing) > 0 {
		s.log.Warn("message with places left empty", "template", m.Template, "places", missing)
	}
	if m.To.Person != "" {
		r := row{channel: inApp, state: Delivered, person: m.To.Person, done: now.UnixMilli()}
		inside := b
		inside.Sign, inside.SMS, inside.Params = "", "", nil
		if _, err := s.write(ctx, tx, now, m, r, inside); err != nil {
			return err
		}
	}
	if m.To.Phone == "" || t.SMS == "" {
		return nil
	}
	return s.queue(ctx, tx, now, m, b)
}

// queue writes the text message and its job.
func (s *Service) queue(ctx context.Context, tx *db.Tx, now time.Time, m Message, b body) error {
	b.ZH, b.EN = words{}, words{}
	id, err := s.write(ctx, tx, now, m, row{channel: bySMS, state: Queued, person: m.To.Person}, b)
	if err != nil || id == "" {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: SendKind, Key: id, Args: sendArgs{ID: id}})
}

// write stores a row; the id is empty if the caller's key has one already.
func (s *Service) write(ctx context.Context, tx *db.Tx, now time.Time, m Message, r row, b body) (id string, err error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	r.id, r.key, r.template, r.link, r.created = ident.New(), m.Key, m.Template, m.Link, now.UnixMilli()
	r.body = s.vault.Seal("notify_message.body."+r.id, plain)
	if r.channel == bySMS {
		r.phone = s.vault.SealText("notify_message.phone."+r.id, m.To.Phone)
	}
	if !m.Until.IsZero() {
		r.until = m.Until.UnixMilli()
	}
	fresh, err := insert(ctx, tx, r)
	if err != nil || !fresh {
		return "", err
	}
	return r.id, nil
}

func (s *Service) open(id string, sealed []byte) (body, error) {
	var b body
	plain, err := s.vault.Open("notify_message.body."+id, sealed)
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(plain, &b)
}

// Inbox lists a person's messages, newest first. after is the ID of the last one of the page before, or empty.
func (s *Service) Inbox(ctx context.Context, person, after string, limit int) ([]Item, error) {
	rows, err := inbox(ctx, s.db.R(), person, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Item, 0, len(rows))
	for _, r := range rows {
		it, err := s.item(r)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

// Message gives one message of a person; errs.NotFound if it is another's.
func (s *Service) Message(ctx context.Context, person, id string) (Item, error) {
	r, err := oneOf(ctx, s.db.R(), person, id)
	if err != nil {
		return Item{}, err
	}
	return s.item(r)
}

func (s *Service) item(r rowRead) (Item, error) {
	b, err := s.open(r.id, r.body)
	return Item{ID: r.id, Template: r.template, Link: r.link, At: time.UnixMilli(r.created), Read: r.read, words: b}, err
}

// Unread counts a person's unread messages, at most 99; 0 when it cannot be told, because every page shows it.
func (s *Service) Unread(ctx context.Context, person string) int {
	n, err := unread(ctx, s.db.R(), person)
	if err != nil {
		s.log.Warn("unread messages not counted", "err", err)
	}
	return n
}

// MarkRead marks a message of a person as read, or all for id "".
func (s *Service) MarkRead(ctx context.Context, person, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return markRead(ctx, tx, person, id, s.now()) })
}

// MovePersonTx gives one person's messages to another, when identity finds that two accounts are one person.
func (s *Service) MovePersonTx(ctx context.Context, tx *db.Tx, from, to string) error {
	return movePerson(ctx, tx, from, to)
}

// reportAge is how old a delivery report may be; its nonce is kept for longer than that.
const reportAge = 5 * time.Minute

// Take writes what a provider says became of a message. A report that was taken before is errs.Conflict "notify.replayed"; one for a message
// that is already delivered or failed, or that we never sent, changes nothing.
func (s *Service) Take(ctx context.Context, r Report) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if r.Nonce != "" {
			fresh, err := takeNonce(ctx, tx, r.Provider, r.Nonce, s.now(), 3*reportAge)
			if err != nil {
				return err
			}
			if !fresh {
				return errs.New(errs.Conflict, "notify.replayed")
			}
		}
		return s.end(ctx, tx, r)
	})
}
