package sso

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// Tokens is the answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
type Tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token,omitempty"`
	ID      string `json:"id_token"`
	Scope   string `json:"scope"`
}

// The beginnings of our tokens, so that leaked ones are recognised by scanners.
const (
	accessMark  = "tbat_"
	refreshMark = "tbrt_"
)

// Token answers the token endpoint. Errors are *Error, or ours when the database is away.
func (s *Service) Token(ctx context.Context, c Call) (Tokens, error) {
	if err := Texts(c.Form); err != nil {
		return Tokens{}, err
	}
	cl, err := s.authenticate(ctx, c)
	if err != nil {
		return Tokens{}, err
	}
	switch c.Form.Get("grant_type") {
	case "authorization_code":
		return s.exchange(ctx, cl, c)
	case "refresh_token":
		return s.refresh(ctx, cl, c)
	case "":
		return Tokens{}, s.failed(ctx, cl, bad("grant_type is missing"))
	}
	return Tokens{}, s.failed(ctx, cl, refuse("unsupported_grant_type", "grant_type must be authorization_code or refresh_token"))
}

func (s *Service) exchange(ctx context.Context, cl caller, c Call) (Tokens, error) {
	k, ok := s.openCode(c.Form.Get("code"))
	if !ok || k.Client != cl.ID {
		return Tokens{}, s.failed(ctx, cl, badGrant("the code is not valid"))
	}
	now := s.Now()
	if why := k.fits(c, now); why != "" {
		return Tokens{}, s.failed(ctx, cl, s.suspicious(ctx, now, k, why))
	}
	au, err := s.People.Auth(ctx, k.Session)
	if err != nil {
		return Tokens{}, err
	}
	if !au.Open {
		return Tokens{}, s.failed(ctx, cl, s.suspicious(ctx, now, k, "the session has ended"))
	}
	g := s.grantOf(k, cl.Client, now)
	t, rows, err := s.mint(ctx, cl.Client, g, k.Nonce, now)
	if err != nil {
		return Tokens{}, err
	}
	first := false
	err = s.as(ctx, cl, func(ctx context.Context, tx *db.Tx) error {
		if first, err = insertGrant(ctx, tx, g); err != nil {
			return err
		}
		if !first {
			return endCode(ctx, tx, now, k.ID)
		}
		for _, r := range rows {
			if err := insertToken(ctx, tx, r); err != nil {
				return err
			}
		}
		e := audit.Entry{Actor: g.owner, OnBehalf: k.onBehalf(), Act: "sso.sign_in", Object: "client:" + cl.ID, Via: "api", Agency: cl.Agency}
		return audit.Tx(ctx, tx, now, e)
	})
	if err == nil && !first {
		err = badGrant("the code was used before")
	}
	if err != nil {
		return Tokens{}, err
	}
	if err := s.still(ctx, g); err != nil {
		return Tokens{}, err
	}
	return t, nil
}

// still looks once more, after a grant is written, whether what it rests on is there: a session that ended or a consent that was withdrawn while the
// code was on its way found no grant to end.
func (s *Service) still(ctx context.Context, g grant) error {
	au, err := s.People.Auth(ctx, g.sessionID)
	if err != nil {
		return err
	}
	had, err := findConsent(ctx, s.DB.R(), g.owner, g.clientID)
	if err != nil {
		return err
	}
	if au.Open && !had.At.IsZero() {
		return nil
	}
	err = s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := endByID(ctx, tx, s.Now(), g.id, "gone")
		return err
	})
	if err != nil {
		return err
	}
	return badGrant("the session or the consent has ended")
}

func (k code) onBehalf() string {
	switch {
	case k.Firm != "":
		return "firm:" + k.Firm
	case k.For != "":
		return "person:" + k.For
	}
	return ""
}

// fits says why a code cannot be exchanged, or nothing.
func (k code) fits(c Call, now time.Time) string {
	if now.UnixMilli() >= k.Until {
		return "the code has expired"
	}
	if c.Form.Get("redirect_uri") != k.Redirect {
		return "redirect_uri is not the one of the request"
	}
	v := c.Form.Get("code_verifier")
	sum := sha256.Sum256([]byte(v))
	if len(v) < 43 || len(v) > 128 || !ident.Equal(base64.RawURLEncoding.EncodeToString(sum[:]), k.Challenge) {
		return "code_verifier is missing or wrong"
	}
	return ""
}

// suspicious ends what a code was changed for when it comes again, even with something else wrong: it is in more than one hand (RFC 9700 §4.5).
func (s *Service) suspicious(ctx context.Context, now time.Time, k code, why string) error {
	err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return endCode(ctx, tx, now, k.ID) })
	if err != nil {
		return err
	}
	return badGrant(why)
}

// endCode ends the grant of a code that came again, which is on record: somebody else may hold the code.
func endCode(ctx context.Context, tx *db.Tx, now time.Time, codeID string) error {
	gs, err := endByCode(ctx, tx, now, codeID, "replayed")
	if err != nil {
		return err
	}
	return recordReplay(ctx, tx, now, gs)
}

func recordReplay(ctx context.Context, tx *db.Tx, now time.Time, gs []grant) error {
	for _, g := range gs {
		if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "client:" + g.clientID, OnBehalf: g.owner, Act: "sso.replay", Object: "grant:" + g.id, Via: "api"}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) grantOf(k code, c Client, now time.Time) grant {
	who := owner(k.Person, k.Staff)
	g := grant{
		id: ident.New(), codeID: k.ID, clientID: c.ID, owner: who, sessionID: k.Session, sid: s.sid(c, k.Session), sub: s.sub(c, who), firmID: k.Firm, forPerson: k.For, mandateID: k.Mandate,
		scopes: k.Scopes, level: k.Level, amr: k.AMR, auth: time.UnixMilli(k.Auth), at: now, until: now.Add(s.Lives.Access),
	}
	if c.Refresh {
		g.until = now.Add(s.Lives.Refresh)
	}
	return g
}

// idClaims are the claims of an ID token. What a person is called and whom they act for is told by the userinfo endpoint.
type idClaims struct {
	Issuer  string   `json:"iss"`
	Sub     string   `json:"sub"`
	Aud     string   `json:"aud"`
	Expires int64    `json:"exp"`
	Issued  int64    `json:"iat"`
	Auth    int64    `json:"auth_time"`
	Nonce   string   `json:"nonce,omitempty"`
	ACR     string   `json:"acr,omitempty"`
	AMR     []string `json:"amr,omitempty"`
	Hash    string   `json:"at_hash"`
	SID     string   `json:"sid"`
}

// mint makes the tokens of a grant and their rows.
func (s *Service) mint(ctx context.Context, c Client, g grant, nonce string, now time.Time) (Tokens, []token, error) {
	access := accessMark + ident.Secret(25)
	t := Tokens{Access: access, Type: "Bearer", Expires: int(s.Lives.Access.Seconds()), Scope: strings.Join(g.scopes, " ")}
	rows := []token{{hash: hashOf(access), grantID: g.id, kind: accessKind, at: now, until: now.Add(s.Lives.Access)}}
	if c.Refresh {
		t.Refresh = refreshMark + ident.Secret(25)
		rows = append(rows, token{hash: hashOf(t.Refresh), grantID: g.id, kind: refreshKind, at: now, until: g.until})
	}
	sum := sha256.Sum256([]byte(access))
	id, err := s.sign(ctx, c.Alg, "JWT", idClaims{
		Issuer: s.Issuer, Sub: g.sub, Aud: c.ID, Expires: now.Add(s.Lives.Access).Unix(), Issued: now.Unix(), Auth: g.auth.Unix(), Nonce: nonce, ACR: acr(g.level), AMR: g.amr,
		Hash: base64.RawURLEncoding.EncodeToString(sum[:16]), SID: g.sid,
	})
	t.ID = id
	return t, rows, err
}

// acr names a level; an account without one (staff whose level is not known) has none.
func acr(level int) string {
	if level < 1 {
		return ""
	}
	return acrName + strconv.Itoa(level)
}

func (s *Service) refresh(ctx context.Context, cl caller, c Call) (Tokens, error) {
	now, hash := s.Now(), hashOf(c.Form.Get("refresh_token"))
	h, err := findToken(ctx, s.DB.R(), hash)
	if err != nil && !errors.Is(err, errNoToken) {
		return Tokens{}, err
	}
	if err != nil || h.kind != refreshKind || h.g.clientID != cl.ID || h.g.ended || !now.Before(h.until) || !cl.Refresh {
		return Tokens{}, s.failed(ctx, cl, badGrant("the refresh token is not valid"))
	}
	g := h.g
	if asked := strings.Fields(c.Form.Get("scope")); len(asked) > 0 {
		if slices.ContainsFunc(asked, func(sc string) bool { return !slices.Contains(g.scopes, sc) }) || !slices.Contains(asked, "openid") {
			return Tokens{}, s.failed(ctx, cl, refuse(InvalidScope, "scope is wider than what was granted, or lacks openid"))
		}
	}
	ok, err := s.renewable(ctx, g)
	if err != nil {
		return Tokens{}, err
	}
	if !ok {
		return Tokens{}, s.failed(ctx, cl, badGrant("the session, the person or the mandate is no longer good"))
	}
	t, rows, err := s.mint(ctx, cl.Client, g, "", now)
	if err != nil {
		return Tokens{}, err
	}
	first := false
	err = s.as(ctx, cl, func(ctx context.Context, tx *db.Tx) error {
		if first, err = useToken(ctx, tx, hash, now); err != nil {
			return err
		}
		if !first {
			gs, err := endByID(ctx, tx, now, g.id, "reused")
			if err != nil {
				return err
			}
			return recordReplay(ctx, tx, now, gs)
		}
		for _, r := range rows {
			if err := insertToken(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !first {
		err = badGrant("the refresh token was used before; the whole family has ended")
	}
	if err != nil {
		return Tokens{}, err
	}
	return t, nil
}

// renewable reports whether a grant may go on: whoever signed in is still there, and their session is open. A session that nobody used for its idle time is
// not, so that a department's access ends with it, an access token's life later at most; whoever comes back signs in once for all systems.
func (s *Service) renewable(ctx context.Context, g grant) (bool, error) {
	au, err := s.People.Auth(ctx, g.sessionID)
	if err != nil || !au.Open {
		return false, err
	}
	return s.standing(ctx, g)
}

// standing reports whether whoever signed in is still there and may still act for whom they acted.
func (s *Service) standing(ctx context.Context, g grant) (bool, error) {
	if _, ok, err := s.holder(ctx, g); err != nil || !ok {
		return false, err
	}
	_, ok, err := s.acting(ctx, g)
	return ok, err
}
