package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"tongban/internal/fake/registry"
)

// Files of the demo's authority for people's certificates, beside the keys of the agencies.
const (
	peopleCA     = "ca.pem"
	certSerials  = 128 // bits
	certTestName = "清澜市个人证书测试根"
)

// ensurePeopleCerts makes a test authority and a certificate for the demo's first account, so that signing in and signing with a certificate can be
// tried: dir/ca.pem, dir/PHONE.pem and dir/PHONE.key. What is there stays.
func ensurePeopleCerts(dir string, data registry.Data, now time.Time) error {
	if _, err := os.Stat(filepath.Join(dir, peopleCA)); err == nil || len(data.Accounts) == 0 {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	caKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	serial, err3 := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), certSerials))
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"CN"}, CommonName: certTestName}, NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return err
	}
	acc := data.Accounts[0]
	holder := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Country: []string{"CN"}, CommonName: nameOf(data, acc.Person), SerialNumber: acc.Person}, NotBefore: now.AddDate(0, 0, -1),
		NotAfter: now.AddDate(2, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, holder, ca, key.Public(), caKey)
	if err != nil {
		return err
	}
	pk, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(filepath.Join(dir, acc.Phone+".key"), "PRIVATE KEY", pk), writePEM(filepath.Join(dir, acc.Phone+".pem"), "CERTIFICATE", der), writePEM(filepath.Join(dir, peopleCA), "CERTIFICATE", caDER),
	)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func nameOf(data registry.Data, number string) string {
	for _, p := range data.People {
		if p.Number == number {
			return p.Name
		}
	}
	return ""
}
