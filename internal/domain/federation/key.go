package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// keysShown is how many of our keys are published: the newest signs, the one before it is still believed by a provider that cached it.
const keysShown = 2

// Key gives the key that signs our assertions.
func (s *Service) Key(ctx context.Context) (Key, error) {
	ks, err := s.Keys(ctx)
	if err != nil {
		return Key{}, err
	}
	return ks[0], nil
}

// Keys lists the keys to publish, the newest first; the first time it makes one, since a platform wants to know it before the first sign-in.
func (s *Service) Keys(ctx context.Context) ([]Key, error) {
	ks, err := s.keys(ctx, s.d.DB.R(), keysShown)
	if err != nil || len(ks) > 0 {
		return ks, err
	}
	if err := s.addKey(ctx, authz.System); err != nil {
		return nil, err
	}
	return s.keys(ctx, s.d.DB.R(), keysShown) // two nodes may have made one each: the newest counts for both
}

// NewKey makes a new signing key; the old one stays published beside it.
func (s *Service) NewKey(ctx context.Context, a authz.Actor) error { return s.addKey(ctx, a) }

func (s *Service) addKey(ctx context.Context, a authz.Actor) error {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return err
	}
	now := s.d.Now()
	id := fmt.Sprintf("%s-%s", now.UTC().Format(time.DateOnly), ident.Secret(5))
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putKey(ctx, tx, id, der, now); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "federation.new_key", "key:"+id, "")
	})
}
