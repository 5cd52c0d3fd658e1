package config

import (
	"fmt"
	"net/url"
	"strings"
)

// Reader is the local agent that reads identity cards on the PCs of the counters; without an address it is off, and no page may connect to one.
type Reader struct {
	URL        string `koanf:"url"`         // its origin on the counter PC, http://127.0.0.1:PORT
	SecretFile string `koanf:"secret_file"` // pairs the agents with this platform
}

// Check says what is wrong: an agent speaks to its own PC only, so its address is the loopback one and nothing else.
func (r Reader) Check() error {
	if r.URL == "" {
		return nil
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" || !loopback(u) || u.Port() == "" || r.URL != "http://"+u.Host || strings.ContainsAny(r.URL, " ;,") {
		return fmt.Errorf("reader.url: 必须形如 http://127.0.0.1:17653 (must be a loopback origin): %s", r.URL)
	}
	if err := private(r.SecretFile); err != nil {
		return fmt.Errorf("reader.secret_file: %w", err)
	}
	return nil
}
