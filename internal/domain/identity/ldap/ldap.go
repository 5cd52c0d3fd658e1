package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tongban/internal/base/errs"
)

// Config says how the directory is asked. Either DN or Base with Filter finds the entry of a login.
type Config struct {
	URL      string         // ldaps://host[:636], or ldap://host[:389], which StartTLS then protects
	Roots    *x509.CertPool // whom the server's certificate must lead to; nil: the system's
	BindDN   string         // the account that searches; empty: a search without an account
	Password string         // of BindDN
	Base     string         // where the search begins
	Filter   string         // e.g. (&(objectClass=person)(uid=%s)); %s is the login, escaped
	DN       string         // instead of a search: uid=%s,ou=people,dc=example; %s is the login, escaped
	Timeout  time.Duration  // of the whole question; 0 = 5 s
	// Even is the least time a wrong password or unknown login takes, so that the clock does not tell one from the other; 0 = 400 ms, negative = none.
	Even time.Duration
}

// Directory asks one server. It is safe for concurrent use; every question has a connection of its own, because a bind belongs to its connection.
type Directory struct {
	cfg  Config
	host string
	tls  bool // LDAPS; else StartTLS
}

const (
	defaultTimeout = 5 * time.Second
	defaultEven    = 400 * time.Millisecond // longer than servers take for a search and a slow hash
	maxLogin       = 100
)

// New checks the configuration; nothing is asked yet. Its errors are for operators.
func New(c Config) (*Directory, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("ldap: address: %w", err)
	}
	d := &Directory{cfg: c, tls: u.Scheme == "ldaps"}
	port := u.Port()
	switch {
	case u.Hostname() == "" || u.Scheme != "ldap" && u.Scheme != "ldaps":
		return nil, errors.New("ldap: the address must be ldaps://host or ldap://host")
	case c.DN == "" && (c.Base == "" || strings.Count(c.Filter, "%s") == 0):
		return nil, errors.New("ldap: give a DN with %s, or a base and a filter with %s")
	case c.DN != "" && strings.Count(c.DN, "%s") != 1:
		return nil, errors.New("ldap: the DN must hold %s once")
	case c.BindDN != "" && c.Password == "":
		return nil, errors.New("ldap: the searching account has no password") // the server would take it for nobody, RFC 4513 5.1.2
	case port == "" && d.tls:
		port = "636"
	case port == "":
		port = "389"
	}
	if c.DN == "" {
		if _, err := ldap.CompileFilter(strings.ReplaceAll(c.Filter, "%s", "x")); err != nil {
			return nil, fmt.Errorf("ldap: filter: %w", err)
		}
	}
	if d.cfg.Timeout == 0 {
		d.cfg.Timeout = defaultTimeout
	}
	if d.cfg.Even == 0 {
		d.cfg.Even = defaultEven
	}
	d.host = net.JoinHostPort(u.Hostname(), port)
	return d, nil
}

// Check asks whether the directory knows a login and whether the password is its own. known without ok is a wrong password, also of a login that
// the directory has locked. An empty password is never ok: a server answers a bind without one as nobody, and with success (RFC 4513 5.1.2).
// err is errs.Unavailable "identity.directory_away" when the directory cannot be asked. With a DN template a directory does not tell an unknown
// login from a wrong password: known is then false. Whatever is not ok takes as long as the rest of it; a question without a password is not delayed.
func (d *Directory) Check(ctx context.Context, login, password string) (known, ok bool, err error) {
	if password == "" {
		return d.check(ctx, login, password)
	}
	return even(ctx, d.cfg.Even, func() (known, ok bool, err error) { return d.check(ctx, login, password) })
}

// even lets no answer but a yes come before its time.
func even(ctx context.Context, least time.Duration, check func() (known, ok bool, err error)) (known, ok bool, err error) {
	clock := time.NewTimer(max(least, 0))
	defer clock.Stop()
	if known, ok, err = check(); ok {
		return known, ok, err
	}
	select {
	case <-clock.C:
	case <-ctx.Done():
	}
	return known, ok, err
}

func (d *Directory) check(ctx context.Context, login, password string) (known, ok bool, err error) {
	if login = strings.TrimSpace(login); login == "" || len(login) > maxLogin || strings.ContainsRune(login, 0) {
		return false, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	defer cancel()
	c, err := d.dial(ctx)
	if err != nil {
		return false, false, away(err)
	}
	defer func() { _ = c.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() }) // ends whatever waits on the connection
	defer stop()
	dn, err := d.find(c, login)
	if err != nil {
		return false, false, away(err)
	}
	if dn == "" {
		return false, false, nil
	}
	known = d.cfg.DN == ""
	if password == "" || strings.ContainsRune(password, 0) {
		return known, false, nil
	}
	err = c.Bind(dn, password)
	switch {
	case err == nil:
		return true, true, nil
	case refused(err):
		return known, false, nil
	}
	return known, false, away(err)
}

func (d *Directory) dial(ctx context.Context) (*ldap.Conn, error) {
	name, _, err := net.SplitHostPort(d.host)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{}
	raw, err := dialer.DialContext(ctx, "tcp", d.host)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := raw.SetDeadline(deadline); err != nil {
			_ = raw.Close()
			return nil, err
		}
	}
	conf := &tls.Config{ServerName: name, RootCAs: d.cfg.Roots, MinVersion: tls.VersionTLS12}
	if d.tls {
		t := tls.Client(raw, conf)
		if err := t.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		raw = t
	}
	c := ldap.NewConn(raw, d.tls)
	c.SetTimeout(d.cfg.Timeout)
	c.Start()
	if d.tls {
		return c, nil
	}
	if err := c.StartTLS(conf); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// find gives the name of the one entry of a login; "" if there is none, or more than one, for then nobody knows who signs in.
func (d *Directory) find(c *ldap.Conn, login string) (string, error) {
	if d.cfg.DN != "" {
		return strings.Replace(d.cfg.DN, "%s", ldap.EscapeDN(login), 1), nil
	}
	if d.cfg.BindDN != "" {
		if err := c.Bind(d.cfg.BindDN, d.cfg.Password); err != nil {
			return "", fmt.Errorf("the searching account: %w", err)
		}
	}
	const two = 2
	r, err := c.Search(ldap.NewSearchRequest(d.cfg.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, two, int(d.cfg.Timeout/time.Second)+1, false,
		strings.ReplaceAll(d.cfg.Filter, "%s", ldap.EscapeFilter(login)), []string{"1.1"}, nil)) // 1.1: no attributes, RFC 4511 4.5.1.8
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded):
		return "", nil
	case err != nil:
		return "", err
	case len(r.Entries) != 1:
		return "", nil
	}
	return r.Entries[0].DN, nil
}

// refused reports whether the server answered that it does not take this name and password, for whatever reason it has.
func refused(err error) bool {
	return ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultConstraintViolation,
		ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultInsufficientAccessRights)
}

func away(err error) error {
	return errs.Wrap(err, errs.Unavailable, "identity.directory_away")
}
