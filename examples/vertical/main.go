// Command vertical is an example of a system of another authority: cases of one item are pushed to it from Tongban, its officers work on them here, and
// what they do appears in Tongban. README.md says how to connect it.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"tongban/examples/vertical/bureau"
)

func main() {
	platform := flag.String("platform", "http://localhost:8080", "address of Tongban")
	listen := flag.String("listen", "127.0.0.1:9300", "address to listen on")
	key := flag.String("key", "childcare", "key of this system, as registered with Tongban")
	secret := flag.String("secret-file", "vertical-secret.txt", "file with the key to sign with")
	data := flag.String("data", "vertical.db", "database file")
	flag.Parse()
	if err := run(*platform, *listen, *key, *secret, *data); err != nil {
		slog.Error("vertical", "err", err)
		os.Exit(1)
	}
}

func run(platform, listen, key, secretFile, data string) error {
	secret, err := os.ReadFile(secretFile) //nolint:gosec // named by who starts the program
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := bureau.Open(ctx, data, bureau.Config{
		Key: key, Secret: strings.TrimSpace(string(secret)), Platform: strings.TrimRight(platform, "/"), Now: time.Now, Client: &http.Client{Timeout: 10 * time.Second},
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	go send(ctx, s)
	srv := &http.Server{Addr: listen, Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	slog.Info("listening", "address", "http://"+listen)
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// send tells Tongban what was done, again and again until it is taken.
func send(ctx context.Context, s *bureau.Server) {
	for {
		if err := s.SendAll(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("not sent; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
}
