package paper

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
	"tongban/internal/engine/seal"
)

// Keyring is a folder of signing keys: ca.pem and ca.key of the city's authority (ca.key may be missing where certificates come from
// elsewhere), and agency-KEY.pem and agency-KEY.key of each agency. Keys are read once and never stand in the database. It is safe for
// concurrent use; only one program at a time makes keys in a folder.
type Keyring struct {
	dir     string
	mu      sync.Mutex
	ca      *seal.Authority // nil without ca.key
	trust   []byte
	test    bool
	signers map[string]seal.Signer
}

const (
	caYears     = 30
	agencyYears = 10
)

var agencyKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// NewKeyring reads a folder, which may be empty or missing. It refuses key files that others than their owner may read, and pairs that do
// not belong together; the error names the file.
func NewKeyring(dir string) (*Keyring, error) {
	k := &Keyring{dir: dir, signers: map[string]seal.Signer{}}
	if err := k.readCA(); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "agency-*.pem"))
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		key := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(n), "agency-"), ".pem")
		if _, err := k.read(key); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *Keyring) path(name string) string { return filepath.Join(k.dir, name) }

func (k *Keyring) readCA() error {
	cert, err := os.ReadFile(k.path("ca.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := seal.NewTrust(cert); err != nil {
		return fmt.Errorf("%s: %w", k.path("ca.pem"), err)
	}
	k.trust, k.test = cert, isTest(cert)
	key, err := k.secret("ca.key")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if k.ca, err = seal.LoadCA(key, cert, nil); err != nil {
		return fmt.Errorf("%s: %w", k.path("ca.key"), err)
	}
	return nil
}

// isTest reports whether an authority bears the mark of engine/seal for test authorities.
func isTest(cert []byte) bool {
	for block, rest := pem.Decode(cert); block != nil; block, rest = pem.Decode(rest) {
		c, err := smx509.ParseCertificate(block.Bytes)
		if err == nil && slices.ContainsFunc(c.Subject.OrganizationalUnit, func(u string) bool { return strings.HasPrefix(u, TestMark) }) {
			return true
		}
	}
	return false
}

// secret reads a key file that only its owner may read.
func (k *Keyring) secret(name string) ([]byte, error) {
	st, err := os.Stat(k.path(name))
	if err != nil {
		return nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s may be read by others (mode %o); run: chmod 600 %s", k.path(name), st.Mode().Perm(), k.path(name))
	}
	return os.ReadFile(k.path(name))
}

// read takes an agency's pair into memory; fs.ErrNotExist when there is none.
func (k *Keyring) read(agency string) (seal.Signer, error) {
	cert, err := os.ReadFile(k.path("agency-" + agency + ".pem"))
	if err != nil {
		return nil, err
	}
	key, err := k.secret("agency-" + agency + ".key")
	if err != nil {
		return nil, err
	}
	s, err := seal.NewSoftSigner(key, cert, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.path("agency-"+agency+".pem"), err)
	}
	k.signers[agency] = s
	return s, nil
}

// EnsureCA makes the authority if the folder has none; test marks it and all it will ever sign as 测试.
func (k *Keyring) EnsureCA(name string, now time.Time, test bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.trust != nil {
		return nil
	}
	ca, err := seal.NewCA(name, now.Add(-time.Hour), now.AddDate(caYears, 0, 0), test, nil)
	if err != nil {
		return err
	}
	key, err := ca.KeyPEM()
	if err != nil {
		return err
	}
	if err := k.write("ca", key, ca.CertPEM()); err != nil {
		return err
	}
	k.ca, k.trust, k.test = ca, ca.CertPEM(), test
	return nil
}

// EnsureAgency makes an agency's signing key and certificate if the folder has none; name is the agency's full name. It returns
// errs.Unavailable "paper.no_authority" when there is no authority to certify it. To renew a pair, move its two files away.
func (k *Keyring) EnsureAgency(key, name string, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, err := k.find(key); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if k.ca == nil {
		return errs.New(errs.Unavailable, "paper.no_authority", errs.P{"agency": key})
	}
	// An hour back: clocks of verifiers differ.
	secret, cert, err := k.ca.Issue(name, name, now.Add(-time.Hour), now.AddDate(agencyYears, 0, 0))
	if err != nil {
		return err
	}
	if err := k.write("agency-"+key, secret, cert); err != nil {
		return err
	}
	_, err = k.read(key)
	return err
}

// find looks in memory and then in the folder: a pack loaded beside a running server brings new agencies.
func (k *Keyring) find(agency string) (seal.Signer, error) {
	if s := k.signers[agency]; s != nil {
		return s, nil
	}
	if !agencyKey.MatchString(agency) {
		return nil, fmt.Errorf("paper: %q is not the key of an agency", agency)
	}
	return k.read(agency)
}

// write puts the key down before the certificate: a pair counts only with its certificate.
func (k *Keyring) write(name string, key, cert []byte) error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	if err := writeFile(k.path(name+".key"), key, 0o600); err != nil {
		return err
	}
	return writeFile(k.path(name+".pem"), cert, 0o644)
}

// writeFile replaces a file whole, on the disk before it has its name.
func writeFile(path string, b []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// Signer gives an agency's key. It returns errs.Unavailable "paper.no_key" when there is none.
func (k *Keyring) Signer(agency string) (seal.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, err := k.find(agency)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.Wrap(err, errs.Unavailable, "paper.no_key", errs.P{"agency": agency})
	}
	return s, err
}

// TrustPEM is the authority's certificate, which verifiers name as trusted; nil when there is none.
func (k *Keyring) TrustPEM() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.trust
}

// TrustFrom reads only the authority's certificate of a key folder, for verifiers that have no business with the keys.
func TrustFrom(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "ca.pem")) }

// Test reports whether the keys are for tests only.
func (k *Keyring) Test() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.test
}
