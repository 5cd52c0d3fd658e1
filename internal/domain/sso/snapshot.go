package sso

import (
	"context"
	"encoding/json"
	"time"
)

// snapshot is this node's copy of clients and keys. It is read again when sso_version has moved, which is looked at once a second: a client
// suspended or a key rotated on one node counts on all within that time.
type snapshot struct {
	version int64
	looked  time.Time
	clients map[string]Client
	keys    []key
	jwks    []byte
}

const lookEvery = time.Second

func (s *Service) snapshot(ctx context.Context) (*snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if s.held != nil && now.Sub(s.held.looked) < lookEvery && !now.Before(s.held.looked) {
		return s.held, nil
	}
	n, err := version(ctx, s.DB.R())
	if err != nil {
		return nil, err
	}
	if s.held != nil && s.held.version == n {
		fresh := *s.held
		fresh.looked = now
		s.held = &fresh
		return s.held, nil
	}
	snap, err := s.load(ctx, n, now)
	if err != nil {
		return nil, err
	}
	s.held = snap
	return snap, nil
}

// forget makes the next request read clients and keys again, after a change made here.
func (s *Service) forget() {
	s.mu.Lock()
	s.held = nil
	s.mu.Unlock()
}

func (s *Service) load(ctx context.Context, n int64, now time.Time) (*snapshot, error) {
	if err := s.ensureKeys(ctx, n); err != nil {
		return nil, err
	}
	n, err := version(ctx, s.DB.R())
	if err != nil {
		return nil, err
	}
	snap := &snapshot{version: n, looked: now, clients: map[string]Client{}}
	clients, err := listClients(ctx, s.DB.R())
	if err != nil {
		return nil, err
	}
	for _, c := range clients {
		if c.Auth == AuthKey {
			if c.keys, err = parseJWKS(c.JWKS); err != nil {
				s.Log.Error("sso: the keys of a system cannot be read", "client", c.ID, "err", err)
			}
		}
		snap.clients[c.ID] = c
	}
	rows, err := listKeys(ctx, s.DB.R())
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		k, err := s.openKey(r)
		if err != nil {
			return nil, err
		}
		snap.keys = append(snap.keys, k)
	}
	snap.jwks, err = jwksOf(snap.keys)
	return snap, err
}

func jwksOf(keys []key) ([]byte, error) {
	out := rawJWKS{Keys: []json.RawMessage{}}
	for _, k := range keys {
		if k.state != keyGone {
			out.Keys = append(out.Keys, k.jwk)
		}
	}
	return json.Marshal(out)
}

// active gives a client that may sign people in.
func (s *Service) active(ctx context.Context, id string) (Client, bool, error) {
	snap, err := s.snapshot(ctx)
	if err != nil {
		return Client{}, false, err
	}
	c, ok := snap.clients[id]
	return c, ok && c.State == Active, nil
}
