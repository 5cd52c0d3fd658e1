package sso

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tongban/internal/base/db"
)

// Introspection is the answer about a token (RFC 7662 §2.2).
type Introspection struct {
	Active  bool     `json:"active"`
	Scope   string   `json:"scope,omitempty"`
	Client  string   `json:"client_id,omitempty"`
	Sub     string   `json:"sub,omitempty"`
	Aud     string   `json:"aud,omitempty"`
	Issuer  string   `json:"iss,omitempty"`
	Type    string   `json:"token_type,omitempty"`
	Expires int64    `json:"exp,omitempty"`
	Issued  int64    `json:"iat,omitempty"`
	ACR     string   `json:"acr,omitempty"`
	Auth    int64    `json:"auth_time,omitempty"`
	SID     string   `json:"sid,omitempty"`
	AMR     []string `json:"amr,omitempty"`
}

// Introspect tells a client about an access token of its own, or of a client it serves as an API. Anybody else's token is simply not
// active, so that nothing can be learnt by trying. A public client cannot ask.
func (s *Service) Introspect(ctx context.Context, c Call) (Introspection, error) {
	if err := Texts(c.Form); err != nil {
		return Introspection{}, err
	}
	cl, err := s.authenticate(ctx, c)
	if err != nil {
		return Introspection{}, err
	}
	if cl.Public() {
		return Introspection{}, badClient("a public client cannot introspect")
	}
	if c.Form.Get("token") == "" {
		return Introspection{}, s.failed(ctx, cl, bad("token is missing"))
	}
	if cl.jti != "" {
		if err := s.as(ctx, cl, func(context.Context, *db.Tx) error { return nil }); err != nil {
			return Introspection{}, err
		}
	}
	h, of, ok, err := s.good(ctx, c.Form.Get("token"))
	if err != nil || !ok || of.ID != cl.ID && !slices.Contains(cl.Serves, of.ID) {
		return Introspection{}, err
	}
	ok, err = s.standing(ctx, h.g)
	if err != nil || !ok {
		return Introspection{}, err
	}
	sub := h.g.sub
	if of.sector() != cl.sector() {
		sub = s.sub(cl.Client, h.g.owner)
	}
	return Introspection{
		Active: true, Scope: strings.Join(h.g.scopes, " "), Client: of.ID, Sub: sub, Aud: of.ID, Issuer: s.Issuer, Type: "Bearer", Expires: h.until.Unix(), Issued: h.at.Unix(),
		ACR: acr(h.g.level), Auth: h.g.auth.Unix(), SID: h.g.sid, AMR: h.g.amr,
	}, nil
}

// Revoke ends a token of the client that asks (RFC 7009): an access token alone, a refresh token with its whole family. A token that is unknown or another's
// is no error.
func (s *Service) Revoke(ctx context.Context, c Call) error {
	if err := Texts(c.Form); err != nil {
		return err
	}
	cl, err := s.authenticate(ctx, c)
	if err != nil {
		return err
	}
	t := c.Form.Get("token")
	if t == "" {
		return s.failed(ctx, cl, bad("token is missing"))
	}
	h, err := findToken(ctx, s.DB.R(), hashOf(t))
	if err != nil && !errors.Is(err, errNoToken) {
		return err
	}
	known := err == nil && h.g.clientID == cl.ID
	now := s.Now()
	return s.as(ctx, cl, func(ctx context.Context, tx *db.Tx) error {
		if !known {
			return nil
		}
		if h.kind == accessKind {
			_, err := useToken(ctx, tx, h.hash, now)
			return err
		}
		_, err := endByID(ctx, tx, now, h.g.id, "revoked")
		return err
	})
}
