package counter

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// readFor is how long a question to a reader may be answered.
const readFor = 2 * time.Minute

// ReaderQuestion is what a page carries from the platform to the local agent: one read, for one clerk, for two minutes. Ticket shows the agent that the
// platform asks, so that no other page of the browser can make it read a card.
type ReaderQuestion struct {
	Nonce   string `json:"nonce"`
	Expires int64  `json:"expires"` // Unix seconds
	Ticket  string `json:"ticket"`
}

// Ticket is HMAC-SHA256 of "read", nonce and expiry under the pairing secret, in hex.
func Ticket(secret, nonce string, expires int64) string {
	return sum(secret, "read\n"+nonce+"\n"+strconv.FormatInt(expires, 10))
}

// Proof is HMAC-SHA256 of "card", nonce and the text of the card under the pairing secret, in hex.
func Proof(secret, nonce, card string) string { return sum(secret, "card\n"+nonce+"\n"+card) }

func sum(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// Ask makes a question for the reader of a clerk's counter. errs.Unavailable counter.reader_off where readers are not set up.
func (s *Service) Ask(ctx context.Context, a authz.Actor) (ReaderQuestion, error) {
	if err := s.clerk(a); err != nil {
		return ReaderQuestion{}, err
	}
	if s.d.ReaderSecret == "" {
		return ReaderQuestion{}, errs.New(errs.Unavailable, "counter.reader_off")
	}
	q := ReaderQuestion{Nonce: ident.Secret(16), Expires: s.now().Add(readFor).Unix()}
	q.Ticket = Ticket(s.d.ReaderSecret, q.Nonce, q.Expires)
	return q, s.d.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return putReadTx(ctx, tx, s.hash("read", q.Nonce), a.StaffID, q.Expires*1000, s.now().UnixMilli())
	})
}

// redeem checks the answer of the agent and ends the question: one question, one read.
func (s *Service) redeem(ctx context.Context, a authz.Actor, in SignIn) (Card, error) {
	if s.d.ReaderSecret == "" {
		return Card{}, errs.New(errs.Unavailable, "counter.reader_off")
	}
	if !ident.Equal(in.Proof, Proof(s.d.ReaderSecret, in.Nonce, in.Card)) {
		return Card{}, errs.New(errs.Invalid, "counter.read_unproved")
	}
	err := s.d.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return useReadTx(ctx, tx, s.hash("read", in.Nonce), a.StaffID, s.now().UnixMilli())
	})
	if err != nil {
		return Card{}, err
	}
	return parseCard(in.Card)
}

// hash is how secrets that are given out are kept.
func (s *Service) hash(kind, secret string) string { return s.d.Vault.Blind("counter."+kind, secret) }
