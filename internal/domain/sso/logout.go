package sso

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

// The kinds of this room's jobs.
const (
	LogoutKind = "sso.logout" // one logout token to one system
	KeysKind   = "sso.keys"   // rotate our keys
)

type logoutArgs struct {
	Client string `json:"client"`
	Sub    string `json:"sub"`
	SID    string `json:"sid"`
}

// Workers are the room's workers by kind, for package app to register.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{LogoutKind: s.tell, KeysKind: s.rotateDue}
}

// tellTx makes one job for each session of a person at a system that wants to hear of its end.
func tellTx(ctx context.Context, tx *db.Tx, now time.Time, snap *snapshot, gs []grant) error {
	for _, g := range gs {
		if snap.clients[g.clientID].BackChannel == "" {
			continue
		}
		// Keyed: several sign-ins of one session are told once.
		spec := job.Spec{Kind: LogoutKind, Key: g.sid + ":" + g.id, Args: logoutArgs{g.clientID, g.sub, g.sid}}
		if slices.IndexFunc(gs, func(o grant) bool { return o.sid == g.sid }) != slices.IndexFunc(gs, func(o grant) bool { return o.id == g.id }) {
			continue
		}
		if err := job.EnqueueTx(ctx, tx, now, spec); err != nil {
			return err
		}
	}
	return nil
}

// logoutClaims are the claims of a logout token (Back-Channel Logout 1.0 §2.4).
type logoutClaims struct {
	Issuer  string         `json:"iss"`
	Sub     string         `json:"sub"`
	Aud     string         `json:"aud"`
	Issued  int64          `json:"iat"`
	Expires int64          `json:"exp"`
	ID      string         `json:"jti"`
	SID     string         `json:"sid"`
	Events  map[string]any `json:"events"`
}

const (
	logoutEvent = "http://schemas.openid.net/event/backchannel-logout"
	logoutLife  = 2 * time.Minute
)

// tell is the worker of sso.logout: it signs a logout token with the algorithm the client chose and hands it over. Each try has a token of its own.
func (s *Service) tell(ctx context.Context, j job.Job) error {
	var a logoutArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	c, ok, err := s.active(ctx, a.Client)
	if err != nil || !ok || c.BackChannel == "" || s.Send == nil {
		return err
	}
	now := s.Now()
	if s.silent.is(c.ID, now) {
		return errSilent
	}
	t, err := s.sign(ctx, c.Alg, "logout+jwt", logoutClaims{
		Issuer: s.Issuer, Sub: a.Sub, Aud: c.ID, Issued: now.Unix(), Expires: now.Add(logoutLife).Unix(), ID: ident.Secret(16), SID: a.SID,
		Events: map[string]any{logoutEvent: struct{}{}},
	})
	if err != nil {
		return err
	}
	err = s.Send(ctx, c.BackChannel, t)
	if err != nil && s.Now().Sub(now) >= slow {
		s.silent.note(c.ID, s.Now())
	}
	return err
}

// silent remembers which systems hung a moment ago. What is for them waits for its next try without holding up what is for
// others: a hundred people may sign out while one system hangs, and everybody else has to hear of it within five seconds.
type silent struct {
	mu    sync.Mutex
	until map[string]time.Time
}

const (
	slow      = time.Second // a failure that took longer held others up
	silentFor = 10 * time.Second
)

var errSilent = errors.New("sso: the system did not answer a moment ago")

func (q *silent) is(client string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return now.Before(q.until[client])
}

func (q *silent) note(client string, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.until == nil {
		q.until = map[string]time.Time{}
	}
	q.until[client] = now.Add(silentFor)
}

// rotateDue is the worker of sso.keys: it rotates when the keys that sign are old enough; a rotation by hand meanwhile has made its own timer.
func (s *Service) rotateDue(ctx context.Context, _ job.Job) error {
	return s.rotate(ctx, authz.System, s.Now().Add(time.Minute-s.Lives.Key))
}

// The facts of other rooms that are heard; their fields are those of identity's events.
type (
	sessionEnded struct{ SessionID, PersonID, StaffID string }
	personDied   struct{ PersonID string }
	merged       struct{ From, Into string }
)

// Topic names the event.
func (sessionEnded) Topic() string { return "identity.session_ended" }

// Topic names the event.
func (personDied) Topic() string { return "identity.died" }

// Topic names the event.
func (merged) Topic() string { return "identity.merged" }

// Listeners end what was granted when a session ends, a person dies, or an account turns out to be somebody else's.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{
		listen(s, func(ctx context.Context, tx *db.Tx, now time.Time, e sessionEnded) ([]grant, error) {
			if e.SessionID == "" {
				return nil, nil
			}
			return endBySession(ctx, tx, now, e.SessionID, "signed_out")
		}),
		listen(s, func(ctx context.Context, tx *db.Tx, now time.Time, e personDied) ([]grant, error) {
			return endByOwner(ctx, tx, now, "person:"+e.PersonID, "", "died")
		}),
		listen(s, func(ctx context.Context, tx *db.Tx, now time.Time, e merged) ([]grant, error) {
			if err := moveConsents(ctx, tx, "person:"+e.From, "person:"+e.Into); err != nil {
				return nil, err
			}
			return endByOwner(ctx, tx, now, "person:"+e.From, "", "merged")
		}),
	}
}

func listen[E event.Event](s *Service, end func(context.Context, *db.Tx, time.Time, E) ([]grant, error)) event.Listener {
	var none E
	return event.Listener{Name: "sso." + strings.TrimPrefix(none.Topic(), "identity."), Topic: none.Topic(), Handle: func(ctx context.Context, tx *db.Tx, st event.Stored) error {
		e, err := event.Decode[E](st)
		if err != nil {
			return err
		}
		now := s.Now()
		gs, err := end(ctx, tx, now, e)
		if err != nil || len(gs) == 0 {
			return err
		}
		all, err := clientsIn(ctx, tx)
		if err != nil {
			return err
		}
		return tellTx(ctx, tx, now, &snapshot{clients: all}, gs)
	}}
}

func clientsIn(ctx context.Context, tx *db.Tx) (map[string]Client, error) {
	cs, err := listClients(ctx, tx)
	out := map[string]Client{}
	for _, c := range cs {
		out[c.ID] = c
	}
	return out, err
}

// Logout is a request to sign out that came from a system (RP-Initiated Logout 1.0), checked.
type Logout struct {
	Client   Client // zero when no system is known
	Redirect string // where to lead afterwards, with state; empty when nothing registered was asked for
	SID      string // of the hint
}

// ReadLogout reads such a request. Nothing in it is believed unless it was registered: an address that is not the client's own, to the letter, is left
// out. An *Error means that the request contradicts itself.
func (s *Service) ReadLogout(ctx context.Context, v url.Values) (Logout, error) {
	var out Logout
	if err := Texts(v); err != nil {
		return out, err
	}
	id := v.Get("client_id")
	if token := v.Get("id_token_hint"); token != "" {
		var h idHint
		ok, err := s.ours(ctx, token, &h)
		if err != nil {
			return out, err
		}
		if !ok || h.Issuer != s.Issuer || id != "" && id != h.Aud {
			return out, bad("id_token_hint is not an ID token of this client")
		}
		id, out.SID = h.Aud, h.SID
	}
	c, ok, err := s.active(ctx, id)
	if err != nil || !ok {
		return out, err
	}
	out.Client = c
	if to := v.Get("post_logout_redirect_uri"); slices.Contains(c.PostLogouts, to) {
		p := url.Values{}
		if st := v.Get("state"); st != "" && len(st) <= longParam {
			p.Set("state", st)
		}
		out.Redirect = to
		if len(p) > 0 {
			out.Redirect = Answer{Redirect: to, Params: p}.URL()
		}
	}
	return out, nil
}

// Of reports whether a logout request's hint belongs to the actor's own session; only then is nobody asked again.
func (s *Service) Of(l Logout, a authz.Actor) bool {
	return a.SessionID != "" && l.SID != "" && l.SID == s.sid(l.Client, a.SessionID)
}

// Sweep deletes what cannot be used any more and destroys the private parts of old keys.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	var gone int64
	err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if err = sweep(ctx, tx, now, s.Lives.Parked); err != nil {
			return err
		}
		if gone, err = retireKeys(ctx, tx, now); err != nil || gone == 0 {
			return err
		}
		return touch(ctx, tx)
	})
	if gone > 0 {
		s.forget()
	}
	return err
}
