package licence

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/seal"
)

// MaxVerify is the largest file taken for verification.
const MaxVerify = 10 << 20

// VerifyFile judges a file with the trust that is named and nothing else; d nil is offline: the state in the register is then not checked.
// It returns an error only for trust that cannot be read. With a register it adds the check "issued_file": whether these are the very bytes
// the register knows. A file whose signature is genuine and whose bytes differ stays valid, as an older issue of the same licence would be.
func VerifyFile(ctx context.Context, file []byte, trust [][]byte, at time.Time, d *db.DB) (seal.Report, error) {
	t, err := seal.NewTrust(trust...)
	if err != nil {
		return seal.Report{}, err
	}
	if d == nil {
		return seal.Verify(file, t, at, nil), nil
	}
	same, asked, by := false, false, ""
	r := seal.Verify(file, t, at, func(id string, digest [32]byte) (string, bool, error) {
		if id == "" {
			return "", false, nil
		}
		v, err := lookup(ctx, d.R(), id)
		if errs.KindOf(err) == errs.NotFound {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if v.state == Superseded {
			if by, err = follower(ctx, d.R(), v.id); err != nil {
				return "", false, err
			}
		}
		same, asked = v.digest == hex.EncodeToString(digest[:]), true
		return word(v.state), true, nil
	})
	if asked {
		r.Checks = append(r.Checks, issuedFile(same))
	}
	if by != "" {
		r.Checks = append(r.Checks, seal.Check{Name: "replaced", Detail: "another licence took its place: " + by, Key: "licence.check.replaced", Params: map[string]string{"identifier": by}})
	}
	return r, nil
}

// word is the register's state as engine/seal reads it: that the last day is over is judged from the file.
func word(s State) string {
	if s == Expired {
		return seal.StateValid
	}
	return string(s)
}

func issuedFile(same bool) seal.Check {
	if same {
		return seal.Check{Name: "issued_file", OK: true, Detail: "these are the bytes the register knows", Key: "licence.check.issued_file.ok"}
	}
	return seal.Check{Name: "issued_file", Detail: "genuine signature, but not the file the register has now: an older issue of this licence", Key: "licence.check.issued_file.differs"}
}

// ExitCode is what `tongban verify` ends with: 0 for a valid file, 1 for any other. (2 is for what cannot be read.)
func ExitCode(r seal.Report) int {
	if r.Status == seal.Valid {
		return 0
	}
	return 1
}

// Verify judges a file against the platform's own authority and register; the holder sees that it was done. An empty file is
// errs.BadRequest "licence.no_file".
func (s *Service) Verify(ctx context.Context, file []byte) (seal.Report, error) {
	if len(file) == 0 {
		return seal.Report{}, errs.New(errs.BadRequest, "licence.no_file")
	}
	var trust [][]byte
	if ca := s.d.Keys.TrustPEM(); len(ca) > 0 {
		trust = append(trust, ca)
	}
	r, err := VerifyFile(ctx, file, trust, s.d.Now(), s.d.DB)
	if err == nil && r.LicenceID != "" {
		s.remember(ctx, r.LicenceID, UseFile, r.Status)
	}
	return r, err
}

// VerifyIdentifier says what anyone may know of a licence; the holder sees that it was asked. It returns the errors of cnid for an
// identifier that cannot be one, and errs.NotFound "licence.unknown_identifier".
func (s *Service) VerifyIdentifier(ctx context.Context, identifier string) (PublicView, error) {
	identifier = strings.ToUpper(strings.Join(strings.Fields(identifier), ""))
	if err := cnid.CheckLicenceID(identifier); err != nil {
		return PublicView{}, err
	}
	l, err := s.byIdentifier(ctx, identifier)
	if err != nil {
		return PublicView{}, err
	}
	v := l.public(Today(s.d.Now()))
	if v.Next, v.Previous, err = neighbours(ctx, s.d.DB.R(), l); err != nil {
		return PublicView{}, err
	}
	s.remember(ctx, identifier, UseNumber, string(v.State))
	return v, nil
}

// remember writes the history. A register that cannot be written must not keep anyone from an answer.
func (s *Service) remember(ctx context.Context, identifier, how, result string) {
	err := s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err := lookup(ctx, tx, identifier)
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return insertUse(ctx, tx, Use{LicenceID: v.id, How: how, Detail: result, By: authz.From(ctx).Name(), At: s.d.Now()})
	})
	if err != nil {
		s.d.Log.Warn("verification not recorded", "err", err)
	}
}

// StateOf gives the state of a licence by its identifier, and whether digest is that of the file the register has; errs.NotFound
// "licence.unknown_identifier".
func (s *Service) StateOf(ctx context.Context, identifier string, digest [32]byte) (state State, same bool, err error) {
	v, err := lookup(ctx, s.d.DB.R(), identifier)
	return v.state, v.digest == hex.EncodeToString(digest[:]), err
}
