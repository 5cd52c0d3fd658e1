package factor

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// Envelope is what is signed: the text exactly as it was shown, with what it is about, who was asked, when, and a number used once.
type Envelope struct {
	Site   string    // origin of the site that asked
	Owner  string    // who was asked: "person:<id>" or "staff:<id>"
	For    string    // on whose behalf: "firm:<id>" or "person:<id>"; empty = the owner's own matter
	Object string    // "<kind>:<id>"
	Title  string    // heading over the text
	Asked  time.Time // to the second
	Nonce  string
	Text   string
}

const envelopeForm = "tongban-signature-1"

var envelopeKeys = []string{"site", "owner", "for", "object", "title", "asked", "nonce", "length"}

// Bytes is the one canonical form: a first line that names it, eight lines "key: value", an empty line and the text, whose length in bytes the
// last key gives.
func (e Envelope) Bytes() []byte {
	var b strings.Builder
	b.WriteString(envelopeForm + "\n")
	behalf := e.For
	if behalf == "" {
		behalf = "-"
	}
	for i, v := range []string{e.Site, e.Owner, behalf, e.Object, e.Title, e.Asked.UTC().Format(time.RFC3339), e.Nonce, strconv.Itoa(len(e.Text))} {
		fmt.Fprintf(&b, "%s: %s\n", envelopeKeys[i], v)
	}
	b.WriteString("\n" + e.Text)
	return []byte(b.String())
}

// Digest is the SHA-256 of the canonical form; it is the challenge a passkey signs.
func (e Envelope) Digest() []byte {
	h := sha256.Sum256(e.Bytes())
	return h[:]
}

// ParseEnvelope undoes Bytes and accepts nothing else.
func ParseEnvelope(b []byte) (Envelope, error) {
	bad := errors.New("factor: not an envelope in its canonical form")
	head, text, ok := strings.Cut(string(b), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) != len(envelopeKeys)+1 || lines[0] != envelopeForm {
		return Envelope{}, bad
	}
	v := make([]string, len(envelopeKeys))
	for i, k := range envelopeKeys {
		if v[i], ok = strings.CutPrefix(lines[i+1], k+": "); !ok {
			return Envelope{}, bad
		}
	}
	asked, err := time.Parse(time.RFC3339, v[5])
	if err != nil {
		return Envelope{}, bad
	}
	e := Envelope{Site: v[0], Owner: v[1], For: strings.TrimPrefix(v[2], "-"), Object: v[3], Title: v[4], Asked: asked, Nonce: v[6], Text: text}
	named := objectForm.MatchString(e.Owner) && objectForm.MatchString(e.Object) && (e.For == "" || objectForm.MatchString(e.For))
	if !named || string(e.Bytes()) != string(b) || !utf8.Valid(b) {
		return Envelope{}, bad
	}
	return e, nil
}

const (
	textMost  = 64 << 10 // bytes
	titleMost = 100      // characters
)

var objectForm = regexp.MustCompile(`^[a-z_]{1,40}:[!-~]{1,120}$`)

// cleanText takes away what cannot be seen: other line ends, control signs, signs of format (which turn the direction of writing or have no width)
// but the joiners some scripts need, and empty lines at the beginning, which browsers do not show.
func cleanText(s string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == 0x200c || r == 0x200d:
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n")), "\n")
}

// clean checks a question and brings text and title into the form in which they are shown and signed.
func (k Ask) clean() (Ask, error) {
	k.Title = strings.Join(strings.Fields(cleanText(k.Title)), " ")
	ok := utf8.ValidString(k.Text) && utf8.ValidString(k.Title)
	k.Text = cleanText(k.Text)
	n := utf8.RuneCountInString(k.Title)
	if !ok || strings.TrimSpace(k.Text) == "" || len(k.Text) > textMost || n == 0 || n > titleMost || !objectForm.MatchString(k.Object) {
		return k, errs.New(errs.Invalid, "factor.ask_bad")
	}
	return k, nil
}
