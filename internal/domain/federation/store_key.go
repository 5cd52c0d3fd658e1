package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"time"

	"tongban/internal/base/db"
)

func (s *Service) putKey(ctx context.Context, tx *db.Tx, id string, der []byte, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO federation_key (id, sealed, made_ms) VALUES ($1, $2, $3)`, id, s.d.Vault.Seal("federation_key.sealed."+id, der), now.UnixMilli())
	return err
}

func (s *Service) keys(ctx context.Context, q db.Q, n int) ([]Key, error) {
	return db.All(ctx, q, func(r *db.Rows) (Key, error) {
		var k Key
		var sealed []byte
		if err := r.Scan(&k.ID, &sealed); err != nil {
			return k, err
		}
		der, err := s.d.Vault.Open("federation_key.sealed."+k.ID, sealed)
		if err != nil {
			return k, err
		}
		any, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return k, err
		}
		var ok bool
		if k.Private, ok = any.(*ecdsa.PrivateKey); !ok {
			return k, errors.New("federation: a stored key is of another kind")
		}
		return k, nil
	}, `SELECT id, sealed FROM federation_key ORDER BY made_ms DESC, id DESC LIMIT $1`, n)
}
