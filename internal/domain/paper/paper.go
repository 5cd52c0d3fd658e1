package paper

import (
	"time"

	"tongban/internal/domain/org"
)

// State is where the file of a paper stands. The paper itself is issued, with number and date, the moment its act is done.
type State string

// The states.
const (
	Making State = "making"
	Ready  State = "ready"
	Failed State = "failed" // the file could not be made; Remake tries again after the cause is mended
)

// Paper is one issued paper. It holds no personal data but by reference.
type Paper struct {
	ID, Act, Title, Number string
	Template               string
	Version                int    // of the template
	Agency                 string // key
	CaseID                 string
	Subject                string // blind index of the number of whom it is about
	State                  State
	Failure                string // text key, when Failed
	BlobID                 string
	Digest                 string // hex SM3 of the signed file
	Issued, ReadyAt        time.Time
}

// Request says which paper to issue. Values are the names of the pack format that only the caller knows; number, agency, date_cn, title,
// phone, complaint_phone, remedies and verify_url are filled here unless given.
type Request struct {
	Act, ItemType    string
	Nature           string // what the matter is in law (catalog natures); empty: only the item type is known
	Variant          string // the ground of refusing to accept, or partly
	Template         string // key of the item's own template; empty: the default for act and type
	Agency           org.Agency
	CaseID, CaseNo   string
	Subject          string // vault.Blind("subject", number)
	PersonID, FirmID string
	Values           map[string]string
	By               string // authz Actor.Name() of who did the act; empty: system
}

// The ways a paper reaches a person.
const (
	OnlineOpened = "online_opened"
	HandedOut    = "handed_out"
	Message      = "message"
)

// Proof is one proof of delivery.
type Proof struct {
	PaperID string
	How     string
	To      string // "person:<id>", or the blind index of the number of who took it
	Taker   string // name of who took it at the window; sealed at rest
	At      time.Time
	By      string // authz Actor.Name()
}

// content is what a paper is rendered from; it is sealed in its row.
type content struct {
	Values      map[string]string `json:"values"`
	Agency      string            `json:"agency"`
	SealName    string            `json:"seal_name"`
	SealPurpose string            `json:"seal_purpose"`
}
