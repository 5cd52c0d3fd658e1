// Command readeragent is an example of the small program on a counter's PC that reads identity cards for the pages of the platform. It listens on the
// PC itself only, answers the platform's pages only, and reads one card for each question the platform asked. README.md tells how to run it.
package main

import (
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:17653", "where to listen; only an address of this PC")
	origin := flag.String("origin", "", "origin of the platform's pages, https://zwfw.example.gov.cn")
	secretFile := flag.String("secret-file", "", "file with the pairing secret")
	command := flag.String("command", "", "program of the reader's maker that prints one line")
	simulate := flag.Bool("simulate", false, "no reader: cards of the demo city, chosen at http://LISTEN/")
	flag.Parse()
	if err := run(*listen, *origin, *secretFile, *command, *simulate); err != nil {
		slog.Error("readeragent", "err", err)
		os.Exit(1)
	}
}

func run(listen, origin, secretFile, command string, simulate bool) error {
	if host, _, err := net.SplitHostPort(listen); err != nil || !isLoopback(host) {
		return errors.New("--listen must be an address of this PC, such as 127.0.0.1:17653")
	}
	if origin == "" || strings.HasSuffix(origin, "/") {
		return errors.New("--origin is missing or ends with a slash")
	}
	secret, err := readSecret(secretFile)
	if err != nil {
		return err
	}
	a := &agent{origin: origin, secret: secret, now: time.Now, used: map[string]int64{}}
	switch {
	case simulate:
		a.device = newSimulator()
	case command != "":
		a.device = program{strings.Fields(command)}
	default:
		return errors.New("give --command or --simulate")
	}
	slog.Info("listening", "address", "http://"+listen, "for", origin, "simulated", simulate)
	srv := &http.Server{Addr: listen, Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 60 * time.Second}
	return srv.ListenAndServe()
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// readSecret reads a file that nobody else may read.
func readSecret(path string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return "", errors.New(path + " is readable by others: chmod 600")
	}
	b, err := os.ReadFile(path) //nolint:gosec // named by who starts the program
	if s := strings.TrimSpace(string(b)); err == nil && len(s) >= 16 {
		return s, nil
	}
	return "", errors.Join(err, errors.New("the pairing secret must have at least 16 characters"))
}
