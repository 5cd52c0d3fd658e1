package audit

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/ident"
)

// Entry is one line of the record.
type Entry struct {
	ID       string
	At       time.Time
	Actor    string // "person:<id>", "staff:<id>", "system", "visitor"
	OnBehalf string
	Act      string // Read or "<room>.<verb>"
	Object   string // "<kind>:<id>"
	Subject  string // blind index of the number of whom the data is about
	What     string // text keys of the data read, comma separated
	Reason   string
	Via      string // page, search, export, api, pdf, command
	Origin   string // sealed network address
	Agency   string
	Seq      int64
	Hash     string
}

// Read is the act of seeing personal data.
const Read = "read"

// chain is the hash of an entry after its predecessor: SM3 over every field with its length, so that no two entries share a form.
func (e Entry) chain(prev string, seq int64) string {
	var b strings.Builder
	for _, f := range []string{prev, fmt.Sprint(seq), e.ID, fmt.Sprint(e.At.UnixMilli()), e.Actor, e.OnBehalf, e.Act, e.Object, e.Subject, e.What, e.Reason, e.Via, e.Origin, e.Agency} {
		fmt.Fprintf(&b, "%d:%s", len(f), f)
	}
	h := sm3.Sum([]byte(b.String()))
	return hex.EncodeToString(h[:])
}

// Sealer seals a text for its place in the database; *vault.Vault is one.
type Sealer interface {
	SealText(aad, text string) []byte
}

// From gives the entry its id, if it has none, and the network address it came from, sealed for its row: an address is personal data. Without a
// sealer or an address it stays empty.
func (e Entry) From(s Sealer, address string) Entry {
	if e.ID == "" {
		e.ID = ident.New()
	}
	if s != nil && address != "" {
		e.Origin = base64.StdEncoding.EncodeToString(s.SealText("audit_entry.origin."+e.ID, address))
	}
	return e
}
