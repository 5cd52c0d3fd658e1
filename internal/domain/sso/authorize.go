package sso

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// Next is what has to happen with an authorization request.
type Next int

// The steps.
const (
	Done       Next = iota // Answer goes to the client
	SignIn                 // somebody must sign in
	Fresh                  // whoever is signed in must do it again, or somebody else
	StepUp                 // the identity level is too low
	AskConsent             // the person decides on the consent page
)

// Step is the outcome of looking at a request.
type Step struct {
	Next   Next
	Answer Answer
	Level  int    // StepUp: the level that is needed
	Client Client // whom it is for
	Staff  bool   // only staff may sign in to it
}

// Decide looks at a request with who is in front of the screen, and answers it when nothing is missing. A request that was not parked yet
// has no ID.
func (s *Service) Decide(ctx context.Context, a authz.Actor, p Parked) (Step, error) {
	rq := p.Request
	c, ok, err := s.active(ctx, rq.ClientID)
	if err != nil {
		return Step{}, err
	}
	st := Step{Client: c, Staff: c.Audience == ForStaff}
	refused := func(code, text string) (Step, error) {
		st.Next, st.Answer = Done, s.Refuse(rq, refuse(code, text))
		return st, nil
	}
	if !ok {
		return refused(AccessDenied, "this client is not active")
	}
	var au Auth
	if a.SessionID != "" {
		if au, err = s.People.Auth(ctx, a.SessionID); err != nil {
			return st, err
		}
	}
	if !au.Open || !a.Signed() {
		if rq.asks("none") {
			return refused(LoginRequired, "nobody is signed in")
		}
		st.Next = SignIn
		return st, nil
	}
	if s.stale(p, au) {
		if rq.asks("none") {
			return refused(LoginRequired, "the sign-in is too old")
		}
		st.Next = Fresh
		return st, nil
	}
	if c.Audience == ForPeople && au.PersonID == "" || c.Audience == ForStaff && au.StaffID == "" {
		return refused(AccessDenied, "this account is not of the kind this client is for")
	}
	if rq.Hint != "" && rq.Hint != s.sub(c, owner(au.PersonID, au.StaffID)) {
		return refused(LoginRequired, "somebody else than the id_token_hint says is signed in")
	}
	if need := needed(rq, c, au); au.Level < need {
		switch {
		case rq.asks("none"):
			return refused("interaction_required", "a higher identity level must be proved")
		case p.stepped || au.PersonID == "":
			return refused(Unmet, "the identity level asked for was not reached")
		}
		st.Next, st.Level = StepUp, need
		return st, nil
	}
	agreed, err := s.agreed(ctx, au, c, p)
	if err != nil {
		return st, err
	}
	if !agreed {
		if rq.asks("none") {
			return refused("consent_required", "the person has not agreed yet")
		}
		st.Next = AskConsent
		return st, nil
	}
	st.Answer, err = s.answer(a, au, c, rq)
	return st, err
}

// needed is the level a request asks for. Staff have no phone level: a client for everybody, which asks for 1, takes them without one.
func needed(rq Request, c Client, au Auth) int {
	if au.StaffID != "" && c.MinLevel <= 1 {
		return rq.Level
	}
	return max(rq.Level, c.MinLevel)
}

// stale reports whether the sign-in is older than the request allows. A sign-in after the request was parked is fresh enough for anything.
func (s *Service) stale(p Parked, au Auth) bool {
	rq := p.Request
	if p.ID != "" && !au.At.Before(p.At) {
		return false
	}
	if rq.asks("login") || rq.asks("select_account") || rq.MaxAge == 0 {
		return true
	}
	return rq.MaxAge > 0 && s.Now().Sub(au.At) > time.Duration(rq.MaxAge)*time.Second
}

// agreed reports whether the person said yes to what is asked, now or earlier.
func (s *Service) agreed(ctx context.Context, au Auth, c Client, p Parked) (bool, error) {
	who := owner(au.PersonID, au.StaffID)
	if p.agreedBy == who {
		return true, nil
	}
	if p.Request.asks("consent") {
		return false, nil
	}
	had, err := findConsent(ctx, s.DB.R(), who, c.ID)
	if err != nil {
		return false, err
	}
	for _, need := range released(c, p.Request.Scopes) {
		if !slices.Contains(had.Scopes, need) {
			return false, nil
		}
	}
	return true, nil
}

// released lists what a consent must cover: the scopes, and "number" when the ID number goes with them.
func released(c Client, scopes []string) []string {
	out := slices.Clone(scopes)
	if c.Number && slices.Contains(scopes, "identity") {
		out = append(out, "number")
	}
	return out
}

// code is what a code holds. It goes to the browser sealed and is nowhere stored: it cannot be read or made without our key file.
type code struct {
	ID        string   `json:"i"`
	Client    string   `json:"c"`
	Redirect  string   `json:"r"`
	Challenge string   `json:"h"`
	Nonce     string   `json:"n,omitempty"`
	Scopes    []string `json:"s"`
	Person    string   `json:"p,omitempty"`
	Staff     string   `json:"t,omitempty"`
	Firm      string   `json:"f,omitempty"`
	For       string   `json:"o,omitempty"`
	Mandate   string   `json:"m,omitempty"`
	Session   string   `json:"e"`
	Level     int      `json:"l"`
	AMR       []string `json:"a,omitempty"`
	Auth      int64    `json:"w"`
	Until     int64    `json:"x"`
}

// codePlace is the place a code is sealed for.
const codePlace = "sso.code.1"

func (s *Service) answer(a authz.Actor, au Auth, c Client, rq Request) (Answer, error) {
	k := code{
		ID: ident.Secret(16), Client: c.ID, Redirect: rq.Redirect, Challenge: rq.Challenge, Nonce: rq.Nonce, Scopes: rq.Scopes, Person: au.PersonID, Staff: au.StaffID,
		Firm: a.FirmID, For: a.ForPerson, Mandate: a.MandateID, Session: au.SessionID, Level: au.Level, AMR: au.AMR, Auth: au.At.UnixMilli(), Until: s.Now().Add(s.Lives.Code).UnixMilli(),
	}
	b, err := json.Marshal(k)
	if err != nil {
		return Answer{}, err
	}
	p := url.Values{"code": {base64.RawURLEncoding.EncodeToString(s.Vault.Seal(codePlace, b))}, "iss": {s.Issuer}}
	if rq.State != "" {
		p.Set("state", rq.State)
	}
	return Answer{rq.Redirect, rq.Mode, p}, nil
}

func (s *Service) openCode(text string) (code, bool) {
	var k code
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) == 0 {
		return k, false
	}
	b, err := s.Vault.Open(codePlace, sealed)
	if err != nil {
		return k, false
	}
	return k, json.Unmarshal(b, &k) == nil && k.ID != ""
}

// sub is the pairwise name of a person or member of staff for the sector of a client (OpenID Connect Core §8.1): 32 hex digits that lead
// nowhere without our key file and differ from sector to sector.
func (s *Service) sub(c Client, owner string) string {
	return s.Vault.Blind("sso.sub", c.sector()+"\x00"+owner)
}

func (s *Service) sid(c Client, sessionID string) string {
	return s.Vault.Blind("sso.sid", c.ID+"\x00"+sessionID)
}

// Park keeps a request until somebody has signed in, proved more or decided.
func (s *Service) Park(ctx context.Context, rq Request) (Parked, error) {
	p := Parked{ID: ident.Secret(20), Request: rq, At: s.Now().Truncate(time.Millisecond)}
	return p, s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return insertParked(ctx, tx, p) })
}

// Parked gives a request that waits; errs.Gone "sso.request_gone" when it was answered or is too old.
func (s *Service) Parked(ctx context.Context, id string) (Parked, error) {
	return findParked(ctx, s.DB.R(), id, s.Now().Add(-s.Lives.Parked))
}

// Stepped notes that the person was led to prove a higher level, so that coming back without it is refused and not led there again.
func (s *Service) Stepped(ctx context.Context, p Parked) error {
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return markStepped(ctx, tx, p.ID) })
}

// Finish forgets a parked request that is being answered, once.
func (s *Service) Finish(ctx context.Context, p Parked) error {
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return dropParked(ctx, tx, p.ID) })
}
