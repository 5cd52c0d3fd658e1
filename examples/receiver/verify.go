package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far a message's time may be off: an old one that somebody recorded is refused.
const tolerance = 5 * time.Minute

// verify checks a message after Standard Webhooks 1.0.0: one signature that fits one secret is enough.
func verify(h http.Header, body []byte, secrets []string, now time.Time) error {
	id, at := h.Get("webhook-id"), h.Get("webhook-timestamp")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" || now.Sub(time.Unix(n, 0)).Abs() > tolerance {
		return errors.New("no id, or too old or too new")
	}
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(s), "whsec_"))
		if err != nil || len(key) == 0 {
			return errors.New("the secret cannot be read")
		}
		m := hmac.New(sha256.New, key)
		m.Write([]byte(id + "." + at + "."))
		m.Write(body)
		want := m.Sum(nil)
		for _, sig := range strings.Fields(h.Get("webhook-signature")) {
			v1, ok := strings.CutPrefix(sig, "v1,")
			if got, err := base64.StdEncoding.DecodeString(v1); ok && err == nil && hmac.Equal(got, want) {
				return nil
			}
		}
	}
	return errors.New("no signature fits")
}
