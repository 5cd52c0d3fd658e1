package credit

import (
	"time"

	"tongban/internal/domain/org"
)

// The grounds of an entry.
const (
	FalsePromise = "false_promise"  // what was promised instead of proved was untrue
	UnkeptLater  = "promise_unkept" // a material that was to follow the acceptance never came
	Serious      = "serious"        // 严重失信主体, by a decision of the authority for the field
)

// Grounds lists the grounds.
var Grounds = []string{FalsePromise, UnkeptLater, Serious}

// The states of an entry.
const (
	Active   = "active"
	Repaired = "repaired"
	Expired  = "expired"
)

// The kinds of a subject.
const (
	Person = "person"
	Firm   = "firm"
)

// The sources of an entry.
const (
	ByDecision = "decision"
	ByImport   = "import"
)

// Entry is one entry of the list. From and Until are dates, YYYY-MM-DD; without Until it lasts until it is repaired.
type Entry struct {
	ID       string
	Kind     string
	Name     string // masked for officers
	Number   string // masked
	Ground   string
	Reason   string
	Basis    string
	Agency   string // key; empty for one of a list
	By       string // name of who decided, in words
	Source   string
	Ref      string // number of the decision in its list, or of the case
	CaseID   string
	PaperID  string
	Entered  time.Time
	From     string
	Until    string
	State    string
	Ended    time.Time
	Repair   *Repair // the newest
	subject  string
	personID string
}

// Decision enters somebody. Agency decides; CaseNo is the number of the case or of the decision in the agency's files.
type Decision struct {
	Kind, Name, Number string
	PersonID, FirmID   string // who is told and to whom the paper belongs; empty: nobody known here
	Phone              string
	Ground             string
	Reason, Basis      string
	From, Until        string
	Item, ItemType     string // the matter, in words, and its type (L1)
	CaseID, CaseNo     string
	Agency             org.Agency
	By                 string // authz Actor.Name()
}

// The states of an application for repair.
const (
	Asked   = "asked"
	Granted = "granted"
	Refused = "refused"
)

// Repair is an application for repair.
type Repair struct {
	ID, EntryID string
	Text        string // what the person did to make good
	At          time.Time
	State       string
	Answer      string
	Decided     time.Time
	personID    string
}

// Bar is why somebody may not promise now.
type Bar struct {
	Entry, Ground string
	By            string // who entered it, in words
	Until         string // date; empty: until repaired
}
