package web

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// Serve answers on a listener until ctx ends, then lets requests under way finish for up to 20 seconds.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	return serve(ctx, h, func(srv *http.Server) error { return srv.Serve(l) })
}

// ServeCertificates is Serve with TLS on an address that asks browsers for a certificate. Whose it is and what it is worth is judged by the page
// that reads it; a browser without one gets every other page as usual.
func ServeCertificates(ctx context.Context, l net.Listener, certFile, keyFile string, h http.Handler) error {
	return serve(ctx, h, func(srv *http.Server) error {
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert}
		return srv.ServeTLS(l, certFile, keyFile)
	})
}

func serve(ctx context.Context, h http.Handler, run func(*http.Server) error) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 15 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan error, 1)
	go func() { done <- run(srv) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	err := srv.Shutdown(stop)
	if e := <-done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
