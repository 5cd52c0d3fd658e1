// Command department is an example of a department's own system that signs people in with Tongban. It is small enough to be read in ten
// minutes and leaves out nothing that a real one needs: the authorization code with PKCE, state, nonce and iss, a client assertion signed
// with its own key, an identity level that is asked for only where it is needed, logout here and there, and the message that somebody has
// signed out elsewhere. It keeps its sessions in memory; a real system keeps them in its database. README.md tells how to run it.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func main() {
	var c config
	flag.StringVar(&c.Issuer, "issuer", "http://localhost:8080", "address of Tongban, without a slash at its end")
	flag.StringVar(&c.Address, "address", "http://127.0.0.1:9090", "address at which people reach this system")
	flag.StringVar(&c.ClientID, "client", "department-example", "client id from the registration")
	keyFile := flag.String("key", "department-key.pem", "private key of this system; made when it is not there")
	listen := flag.String("listen", "127.0.0.1:9090", "where to listen")
	flag.Parse()
	if err := run(c, *keyFile, *listen); err != nil {
		slog.Error("department", "err", err)
		os.Exit(1)
	}
}

func run(c config, keyFile, listen string) error {
	key, err := loadKey(keyFile)
	if err != nil {
		return err
	}
	set, err := publicKeys(key)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "Register this system with\n  redirect address     %s/back\n  after signing out    %s/bye\n  back-channel logout  %s/backchannel-logout\n  public keys          %s\n", c.Address, c.Address, c.Address, set)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	app, err := newApp(ctx, c, key)
	if err != nil {
		return fmt.Errorf("ask %s who it is: %w", c.Issuer, err)
	}
	slog.Info("open " + c.Address)
	srv := &http.Server{Addr: listen, Handler: app, ReadHeaderTimeout: 10 * time.Second}
	return srv.ListenAndServe()
}

// loadKey reads the system's private key, or makes one. It never leaves this machine; Tongban is given the public part.
func loadKey(file string) (*ecdsa.PrivateKey, error) {
	b, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block", file)
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%s is not a P-256 key", file)
	}
	return key, nil
}

func makeKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// publicKeys is the JWKS to paste into the registration.
func publicKeys(key *ecdsa.PrivateKey) (string, error) {
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, Algorithm: "ES256", Use: "sig"}}})
	return string(b), err
}
