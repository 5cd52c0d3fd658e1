package sso_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/sso"
	"tongban/internal/domain/sso/backchannel"
)

// TestNothingOutlivesACodeOnItsWay: the session ends, or the consent is withdrawn, after the code was made and while it is changed for tokens.
func TestNothingOutlivesACodeOnItsWay(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		code := w.code(w.mary, query())
		if err := w.s.Withdraw(t.Context(), w.mary, "shop"); err != nil {
			t.Fatal(err)
		}
		_, err := w.s.Token(t.Context(), exchange(code))
		wantCode(t, err, sso.InvalidGrant)
		w.agree(w.mary, query())
		code = w.code(w.mary, query())
		w.p.set(func() { w.p.endAfter = 1 }) // open when the code is looked at, over when the grant is written
		_, err = w.s.Token(t.Context(), exchange(code))
		wantCode(t, err, sso.InvalidGrant)
		if n := dbtest.Count(t, w.d, "sso_grant", "ended_ms = 0"); n != 0 {
			t.Errorf("%d grants without a session or consent", n)
		}
	})
}

func TestTheNumberNeedsAConsentThatNamesIt(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		c := shop()
		c.Number, c.NumberBasis = false, ""
		w.ensure(c, secret)
		v := query("scope", "openid identity")
		w.agree(w.mary, v)
		got := w.signIn(w.mary, v)
		w.ensure(shop(), secret) // two officers allow the number afterwards
		info, err := w.s.UserInfo(t.Context(), got.Access, "")
		if err != nil || info["id_number"] != nil || info["birthdate"] == nil {
			t.Errorf("userinfo without a consent to the number = %v, %v", info, err)
		}
		w.agree(w.mary, v)
		if info, err = w.s.UserInfo(t.Context(), got.Access, ""); err != nil || info["id_number"] != number {
			t.Errorf("userinfo with it = %v, %v", info, err)
		}
	})
}

func TestNoRefreshWithoutAnOpenSession(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		got := w.signIn(w.mary, query())
		set := func(open bool) {
			w.p.set(func() { a := w.p.sessions["s-mary"]; a.Open = open; w.p.sessions["s-mary"] = a })
		}
		refresh := func() error {
			_, err := w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", got.Refresh))
			return err
		}
		set(false)
		wantCode(t, refresh(), sso.InvalidGrant)
		if !w.activeToken(got.Access) {
			t.Error("an idle session took the access token with it before its ten minutes")
		}
		set(true) // a locked session that was opened again
		if err := refresh(); err != nil {
			t.Errorf("refresh of an open session = %v", err)
		}
	})
}

func TestAnEndedAccountKeepsNoConsentAndNoToken(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.ensure(shop(), secret)
		w.agree(w.mary, query())
		w.agree(w.clerk, query())
		got, other := w.signIn(w.mary, query()), w.signIn(w.clerk, query())
		end := func(fail error) error {
			return w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if err := w.s.EndAccountTx(ctx, tx, w.clock(), "mary"); err != nil {
					return err
				}
				return fail
			})
		}
		if err := end(context.Canceled); !errors.Is(err, context.Canceled) || !w.activeToken(got.Access) {
			t.Fatalf("an erasure that failed ended something: %v", err)
		}
		for range 2 { // again does nothing
			if err := end(nil); err != nil {
				t.Fatal(err)
			}
			w.drain()
		}
		if w.activeToken(got.Access) || len(w.sent) != 1 || dbtest.Count(t, w.d, "sso_consent", "owner = 'person:mary'") != 0 {
			t.Errorf("after the end of the account: %d told, %d consents", len(w.sent), dbtest.Count(t, w.d, "sso_consent", "owner = 'person:mary'"))
		}
		_, err := w.s.Token(t.Context(), call("grant_type", "refresh_token", "refresh_token", got.Refresh))
		wantCode(t, err, sso.InvalidGrant)
		if !w.activeToken(other.Access) || dbtest.Count(t, w.d, "sso_consent", "") != 1 {
			t.Error("somebody else's sign-in ended too")
		}
	})
}

type ended struct{ SessionID, PersonID, StaffID string }

func (ended) Topic() string { return "identity.session_ended" }

// TestSystemsHearWithinFiveSeconds: with the bus and the runner as they run in production, systems of which several hang, and other people who
// signed out at the same moment.
func TestSystemsHearWithinFiveSeconds(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		wall := time.Now //nolint:forbidigo // the figure is one of the wall clock
		stop := make(chan struct{})
		heard := make(chan time.Time, 64)
		good := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			heard <- wall()
		}))
		hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-stop
		}))
		t.Cleanup(good.Close)
		t.Cleanup(hung.Close)
		t.Cleanup(func() { close(stop) })
		was := w.s.Now
		w.s.Now = wall
		t.Cleanup(func() { w.s.Now = was })
		w.s.Send = backchannel.New().Send
		for _, id := range []string{"hung1", "hung2", "shop"} {
			c := shop()
			c.ID, c.BackChannel = id, hung.URL
			if id == "shop" {
				c.BackChannel = good.URL
			}
			w.ensure(c, secret)
		}
		const crowd = 12
		for i := range crowd {
			p := string(rune('a' + i))
			a := authz.Actor{PersonID: p, SessionID: "s-" + p, Roles: []authz.Role{authz.Person}, Level: 2}
			w.p.set(func() {
				w.p.persons[p] = sso.Person{Name: "某人", Alive: true}
				w.p.sessions["s-"+p] = sso.Auth{SessionID: "s-" + p, PersonID: p, Level: 2, At: wall(), Open: true}
			})
			for _, id := range []string{"hung1", "hung2", "shop"} {
				v := query("client_id", id)
				w.agree(a, v)
				c := exchange(w.code(a, v))
				c.User = id
				if _, err := w.s.Token(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
		}
		run := job.NewRunner(w.d, wall, w.s.Log)
		run.Handle(event.DeliverKind, event.NewBus(w.d, w.s.Listeners()...).Deliver)
		for kind, worker := range w.s.Workers() {
			run.Handle(kind, worker)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { run.Run(ctx); close(done) }()
		defer func() { cancel(); <-done }()
		began := wall()
		if err := w.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			for i := range crowd {
				p := string(rune('a' + i))
				if err := event.Publish(ctx, tx, began, ended{SessionID: "s-" + p, PersonID: p}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		limit := time.After(5 * time.Second)
		for n := range crowd {
			select {
			case at := <-heard:
				t.Logf("told after %s", at.Sub(began).Round(time.Millisecond))
			case <-limit:
				t.Fatalf("%d of %d sign-outs were told within five seconds", n, crowd)
			}
		}
	})
}
