package elsewhere

import (
	"encoding/json"
	"time"
)

// System is a system of another authority.
type System struct {
	Key, Name string
	URL       string        // of its API
	Park      time.Duration // how long a message is tried before it is parked
	Gap       time.Duration // how long an event waits for the ones before it
	Disabled  bool
	Created   time.Time
	Updated   time.Time
	secret    string
}

// Secret is the key both sides sign with; only for package line.
func (s System) Secret() string { return s.secret }

// The states of a message.
const (
	Waiting = "waiting"
	Sent    = "sent"    // out: taken by the other side
	Applied = "applied" // in
	Parked  = "parked"  // with its reason, until an operator looks
	Dropped = "dropped" // by an operator
)

// The kinds of messages that go out.
const (
	OutSubmitted   = "submitted"
	OutResubmitted = "resubmitted"
	OutWithdrawn   = "withdrawn"
	OutDelivered   = "delivered" // the holder opened the result here
)

// Out is a message that goes out.
type Out struct {
	ID, System, CaseID, CaseNo, Kind string
	Round                            int
	At                               time.Time
	State                            string
	Tries                            int
	Reason, Detail                   string
	Since, SentAt, Created           time.Time
}

// In is an event of another system as it was received.
type In struct {
	ID, System, MessageID, CaseID, CaseNo, Kind string
	Seq                                         int64
	At                                          time.Time
	State                                       string
	Reason, ReasonZH, ReasonEN, Gap             string
	Received, AppliedAt                         time.Time
	body                                        []byte
}

// Message is an event as other systems write it.
type Message struct {
	MessageID string          `json:"message_id"`
	CaseID    string          `json:"case_id,omitempty"`
	CaseNo    string          `json:"case_no,omitempty"`
	Seq       int64           `json:"seq,omitempty"`
	Kind      string          `json:"kind"`
	At        time.Time       `json:"at"`
	By        string          `json:"by,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
}

// Taken answers a system that its event is kept.
type Taken struct {
	MessageID string `json:"message_id"`
	State     string `json:"state"`
	Again     bool   `json:"again,omitempty"`   // it had come before
	CaseID    string `json:"case_id,omitempty"` // of an application made there
	CaseNo    string `json:"case_no,omitempty"`
}

// Run is one comparison of both sides.
type Run struct {
	System, Day    string
	Started, Ended time.Time
	Ours, Theirs   int
	Found, Asked   int
	Reason         string
}

// The kinds of a difference.
const (
	DiffUnknownThere = "unknown_there" // they have never heard of the case
	DiffUnknownHere  = "unknown_here"  // they speak of a case we did not give them
	DiffRound        = "round"         // they have an older submission
	DiffWithdrawn    = "withdrawn"     // they do not know that it was withdrawn
	DiffMissing      = "missing"       // they did something we have not heard of
	DiffState        = "state"         // all messages are there, and the states differ
)

// Difference is one that is open or was.
type Difference struct {
	ID, System, CaseID, CaseNo, Kind string
	Ours, Theirs                     string
	Found, Seen, Closed              time.Time
}
