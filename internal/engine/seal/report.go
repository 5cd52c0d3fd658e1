package seal

import (
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// The statuses of a report.
const (
	Valid   = "valid"   // signed by an authority that is trusted, unchanged, in force
	Revoked = "revoked" // genuine, but no longer in force by the register
	Expired = "expired" // genuine, but its last day is over
	Forged  = "forged"  // carries a signature, and something about it is not as the signer left it
	Unknown = "unknown" // not signed, or signed by somebody nobody vouches for
)

// Check is one finding. Detail is for logs and machines, in English; pages translate Key with Params.
type Check struct {
	Name   string            `json:"name"`
	OK     bool              `json:"ok"`
	Detail string            `json:"detail"`
	Key    string            `json:"-"`
	Params map[string]string `json:"-"`
}

// Report is the judgement of one file. The fields about the licence are filled only after the signature and its chain have been proven.
type Report struct {
	Status     string     `json:"status"`
	Test       bool       `json:"test"`
	Checks     []Check    `json:"checks"`
	LicenceID  string     `json:"licence_id,omitempty"`
	Kind       string     `json:"kind,omitempty"`
	ValidUntil string     `json:"valid_until,omitempty"`
	Signer     string     `json:"signer,omitempty"` // name of the seal
	Agency     string     `json:"agency,omitempty"`
	SignedAt   *time.Time `json:"signed_at,omitempty"`
}

// StateLookup asks the register for the state of a licence file by its identifier and the SM3 of its bytes. found false means the register
// does not know it. The state "valid" means in force; every other one is reported as revoked. licenceID is empty for papers.
type StateLookup func(licenceID string, sm3 [32]byte) (state string, found bool, err error)

// StateValid is the register's word for a licence in force.
const StateValid = "valid"

// Digest gives the SM3 of a file, by which the register knows it.
func Digest(file []byte) [32]byte { return sm3.Sum(file) }

// add records a finding and gives it back as ok, so that checks read as conditions. kv are pairs for the text.
func (r *Report) add(name string, ok bool, outcome, detail string, kv ...string) bool {
	c := Check{Name: name, OK: ok, Detail: detail, Key: "seal.check." + name + "." + outcome}
	for i := 0; i+1 < len(kv); i += 2 {
		if c.Params == nil {
			c.Params = map[string]string{}
		}
		c.Params[kv[i]] = kv[i+1]
	}
	r.Checks = append(r.Checks, c)
	return ok
}

func (r Report) as(status string) Report {
	r.Status = status
	return r
}
