package elsewhere

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

const (
	defaultPark  = 72 * time.Hour
	defaultGap   = 24 * time.Hour
	longest      = 90 * 24 * time.Hour
	secretLength = 32 // characters
)

var systemKey = regexp.MustCompile(`^[a-z][a-z0-9-]{1,40}$`)

// Systems lists the connected systems.
func (s *Service) Systems(ctx context.Context) ([]System, error) { return s.systems(ctx) }

// System gives one; errs.NotFound elsewhere.no_system.
func (s *Service) System(ctx context.Context, key string) (System, error) { return s.system(ctx, key) }

// Connected gives the key of a system by its key or its name, unless it is switched off: the items name it as their officers call it.
func (s *Service) Connected(ctx context.Context, name string) (string, bool, error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", false, nil
	}
	found, err := s.systemNamed(ctx, name)
	if err != nil || len(found) != 1 || found[0].Disabled {
		return "", false, err
	}
	return found[0].Key, true, nil
}

// Register connects a system, or changes how it is reached. A new one gets a key to sign with, which is given once; otherwise secret is empty.
func (s *Service) Register(ctx context.Context, a authz.Actor, in System) (secret string, err error) {
	in.Key, in.Name, in.URL = strings.TrimSpace(in.Key), strings.TrimSpace(in.Name), strings.TrimRight(strings.TrimSpace(in.URL), "/")
	if in.Park == 0 {
		in.Park = defaultPark
	}
	if in.Gap == 0 {
		in.Gap = defaultGap
	}
	if err := in.check(); err != nil {
		return "", err
	}
	now := s.Now()
	old, err := s.system(ctx, in.Key)
	switch {
	case err == nil:
		in.secret, in.Created = old.secret, old.Created
	case errs.KindOf(err) == errs.NotFound:
		secret = ident.Secret(secretLength)
		in.secret, in.Created = secret, now
	default:
		return "", err
	}
	in.Updated = now
	return secret, s.save(ctx, a, "register", in)
}

// Rekey gives a system a new key; the old one is no longer taken from this moment on.
func (s *Service) Rekey(ctx context.Context, a authz.Actor, key string) (string, error) {
	x, err := s.system(ctx, key)
	if err != nil {
		return "", err
	}
	x.secret, x.Updated = ident.Secret(secretLength), s.Now()
	return x.secret, s.save(ctx, a, "rekey", x)
}

func (s *Service) save(ctx context.Context, a authz.Actor, act string, x System) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putSystemTx(ctx, tx, x); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, x.Updated, s.entry(a, act, "system:"+x.Key))
	})
}

func (x System) check() error {
	var fs []errs.Field
	if !systemKey.MatchString(x.Key) {
		fs = append(fs, errs.Field{Path: "key", Key: "elsewhere.bad_key"})
	}
	if x.Name == "" || len([]rune(x.Name)) > 100 {
		fs = append(fs, errs.Field{Path: "name", Key: "elsewhere.bad_name"})
	}
	u, err := url.Parse(x.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		fs = append(fs, errs.Field{Path: "url", Key: "elsewhere.bad_url"})
	}
	for path, d := range map[string]time.Duration{"park": x.Park, "gap": x.Gap} {
		if d < time.Minute || d > longest {
			fs = append(fs, errs.Field{Path: path, Key: "elsewhere.bad_wait"})
		}
	}
	return errs.Fields("elsewhere.incomplete", fs)
}
