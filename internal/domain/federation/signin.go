package federation

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
)

// life is how long a person may take at the provider.
const life = 10 * time.Minute

// Start is a sign-in that begins.
type Start struct {
	Browser string // a secret of the browser's cookie
	Next    string // where to go afterwards, a path of this site
	Step    bool   // the signed-in person proves more: the answer must be about the same person
	Level   int    // with Step: the level needed
}

// pending is what is kept of a sign-in under way.
type pending struct {
	Issuer   string    `json:"issuer"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Next     string    `json:"next"`
	Began    time.Time `json:"began"`
	Level    int       `json:"level,omitempty"`
	Person   string    `json:"person,omitempty"` // with a step up: who must come back
	Firm     string    `json:"firm,omitempty"`
	For      string    `json:"for,omitempty"`
	Mandate  string    `json:"mandate,omitempty"`
}

// nameless reports whether an account is a phone's, of whose holder nothing else is known. A provider vouches for a name and number, which are not this
// account's yet: what it says would open another account, and what was begun in this one would be lost. Proving name and number here first joins the two.
func nameless(p identity.Person) bool { return p.Number == "" && p.Phone != "" }

// Begin gives the address of the provider's sign-in page. Errors: errs.NotFound "federation.unknown", errs.Forbidden "federation.not_enough" when
// the provider cannot vouch for the level and "federation.name_first" when the account has no name and number yet, errs.Unavailable
// "federation.away".
func (s *Service) Begin(ctx context.Context, key string, b Start) (string, error) {
	p, err := s.usable(ctx, key)
	if err != nil {
		return "", err
	}
	now := s.d.Now()
	w := pending{Issuer: p.Issuer, Nonce: ident.Secret(20), Verifier: ident.Secret(32), Next: b.Next, Began: now}
	q := Request{State: ident.Secret(20), Nonce: w.Nonce, Verifier: w.Verifier, Redirect: s.Callback(key), Fresh: b.Step, Locale: string(i18n.From(ctx))}
	q.ACR = p.acrFor(lowest) // any of them will do, but a provider that is not asked may not say which it was
	if a := authz.From(ctx); b.Step {
		if a.PersonID == "" {
			return "", errs.New(errs.Unauthorized, "base.unauthorized")
		}
		if !p.reaches(b.Level) {
			return "", errs.New(errs.Forbidden, "federation.not_enough", errs.P{"provider": p.Label(i18n.From(ctx))})
		}
		who, err := s.d.Door.Person(ctx, a.PersonID)
		if err != nil {
			return "", err
		}
		if nameless(who) {
			return "", errs.New(errs.Forbidden, "federation.name_first", errs.P{"provider": p.Label(i18n.From(ctx))})
		}
		w.Person, w.Firm, w.For, w.Mandate, w.Level = a.PersonID, a.FirmID, a.ForPerson, a.MandateID, b.Level
		q.ACR = p.acrFor(b.Level)
	}
	to, err := s.d.Party.Authorize(ctx, p, q)
	if err != nil {
		return "", s.warn(key, err)
	}
	return to, s.keepState(ctx, now, q.State, key, b.Browser, w)
}

// Answer is what a provider sent back through the browser.
type Answer struct{ State, Code, Iss, Error string }

// Done is how a sign-in ended. Next is told also with an error, as far as it is known.
type Done struct {
	identity.SignedIn
	Next  string
	Step  bool // it was a step up
	Level int  // with Step: to this level
}

// Finish ends a sign-in: the state is used up, the code swapped, the answer checked, and identity opens the session. Errors: errs.Gone
// "federation.state_gone" (used, too old, or never ours), errs.Forbidden "federation.other_browser", "federation.cancelled",
// "federation.refused", "federation.answer_wrong", "federation.level_low", "federation.other_person"; errs.Unavailable "federation.away"; and
// those of identity.SignInOutside.
func (s *Service) Finish(ctx context.Context, key, browser string, a Answer, from identity.From) (Done, error) {
	w, err := s.useState(ctx, s.d.Now(), a.State, key, browser)
	if err != nil {
		return Done{}, err
	}
	out := Done{Next: w.Next, Step: w.Person != "", Level: w.Level}
	p, err := s.usable(ctx, key)
	if err != nil {
		return out, err
	}
	if p.Issuer != w.Issuer { // the provider was changed while the person was away
		return out, errGone
	}
	o, err := s.vouched(ctx, p, a, w)
	if err != nil {
		return out, s.warn(key, err)
	}
	if out.Step {
		if err := s.fits(ctx, w.Person, o); err != nil {
			return out, err
		}
	}
	out.SignedIn, err = s.d.Door.SignInOutside(ctx, o, from)
	if err == nil && out.Step && out.Token != "" {
		err = s.same(ctx, out.Token, w)
	}
	return out, err
}

// vouched turns the provider's answer into what identity takes.
func (s *Service) vouched(ctx context.Context, p Settings, a Answer, w pending) (identity.Outside, error) {
	var none identity.Outside
	switch {
	case a.Error == "access_denied":
		return none, errs.New(errs.Forbidden, "federation.cancelled")
	case a.Error == "unmet_authentication_requirements": // OpenID Connect Unmet Authentication Requirements 1.0
		return none, errs.New(errs.Forbidden, "federation.level_low")
	case a.Error != "" || a.Code == "":
		return none, errs.New(errs.Forbidden, "federation.refused")
	}
	b := Back{Code: a.Code, Iss: a.Iss, Nonce: w.Nonce, Verifier: w.Verifier, Redirect: s.Callback(p.Key)}
	if w.Person != "" {
		b.Since = w.Began
	}
	if p.Auth == AuthKey {
		var err error
		if b.Key, err = s.Key(ctx); err != nil {
			return none, err
		}
	}
	v, err := s.d.Party.Redeem(ctx, p, b)
	if err != nil {
		return none, err
	}
	o, err := s.outside(p, v)
	if err == nil && o.Level < w.Level {
		err = errs.New(errs.Forbidden, "federation.level_low")
	}
	return o, err
}

// outside reads the claims by the provider's names. Name and number that cannot be ones are not to be believed.
func (s *Service) outside(p Settings, v Vouched) (identity.Outside, error) {
	o := identity.Outside{Issuer: v.Issuer, Subject: v.Subject, AMR: v.AMR, AuthTime: v.AuthTime}
	wrong := errs.New(errs.Forbidden, "federation.answer_wrong")
	if n := v.text(p.Claims.Name); n != "" {
		var err error
		if o.Name, err = cnid.NormalName(n); err != nil {
			return o, wrong
		}
	}
	if n := v.text(p.Claims.Number); n != "" {
		id, err := cnid.ParseID(n, s.d.Now().In(china).Format(time.DateOnly))
		if err != nil {
			return o, wrong
		}
		o.Number = id.Number
	}
	if n := v.text(p.Claims.Phone); n != "" {
		if mobile, err := cnid.ParseMobile(n); err == nil { // a number from abroad is no mobile of ours, and no reason to refuse
			o.Phone = mobile
		}
	}
	o.Level = p.levelOf(v.ACR, o.Number)
	if o.AuthTime.IsZero() {
		o.AuthTime = s.d.Now().Add(-untold)
	}
	return o, nil
}

// untold is how long ago somebody proved who they are when their provider does not say: good for a session, not for an act that needs a fresh proof.
const untold = time.Hour

var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// fits refuses somebody else's number in a step up before identity is told of it, so that it opens and links nothing.
func (s *Service) fits(ctx context.Context, personID string, o identity.Outside) error {
	p, err := s.d.Door.Person(ctx, personID)
	if err == nil && p.Number != "" && o.Number != "" && p.Number != o.Number {
		err = errs.New(errs.Forbidden, "federation.other_person")
	}
	return err
}

// same sees that a step up was made by the person who began it; another one's session is ended at once.
func (s *Service) same(ctx context.Context, token string, w pending) error {
	a, err := s.d.Door.Actor(ctx, token)
	if err != nil {
		return err
	}
	if a.PersonID != w.Person {
		if err := s.d.Door.SignOut(ctx, token); err != nil {
			return err
		}
		return errs.New(errs.Forbidden, "federation.other_person")
	}
	if s.d.Resume == nil || w.Firm == "" && w.For == "" {
		return nil
	}
	return s.d.Resume(ctx, token, authz.Actor{PersonID: w.Person, FirmID: w.Firm, ForPerson: w.For, MandateID: w.Mandate})
}

// warn logs why a provider could not be used or believed; causes name no person.
func (s *Service) warn(key string, err error) error {
	if e := errs.As(err); e != nil && e.Unwrap() != nil {
		s.d.Log.Warn("sign-in with an outside provider", "provider", key, "err", err)
	}
	return err
}
