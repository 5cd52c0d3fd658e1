package mandate

import (
	"time"

	"tongban/internal/base/authz"
)

// Kind is what sort of mandate it is.
type Kind string

// The kinds.
const (
	Agent    Kind = "agent"    // 经办人 of a firm
	Family   Kind = "family"   // given by a person to someone of their family
	Care     Kind = "care"     // given by a person to whoever looks after their affairs: elders, the ill, people with disabilities
	Guardian Kind = "guardian" // of a minor, proved by the population registry or by papers at a counter
)

// Whom a mandate is for.
const (
	ForFirm   = "firm"
	ForPerson = "person"
)

// State is what is written down; whether a mandate stands now is [Now].
type State string

// The states.
const (
	Asked  State = "asked"
	Active State = "active"
	Ended  State = "ended"
)

// Why is why a mandate does not cover; the empty one means that it does. Its words are the text mandate.why_<why>.
type Why string

// The reasons. Those from Refused on can be the end of a mandate.
const (
	Covers      Why = ""
	NotAccepted Why = "not_accepted"
	NotYet      Why = "not_yet"
	OutOfScope  Why = "out_of_scope"
	Refused     Why = "refused"
	Unanswered  Why = "unanswered" // nobody accepted in time
	Revoked     Why = "revoked"    // by whom it was given
	Released    Why = "released"   // by whom it was held
	Expired     Why = "expired"
	OfAge       Why = "of_age"
	Died        Why = "died"
	Unconfirmed Why = "unconfirmed"  // the new legal representative did not confirm
	FirmEnded   Why = "firm_ended"   // the firm registry holds the firm no more
	NotGuardian Why = "not_guardian" // the population registry no longer says so
	Merged      Why = "merged"       // two accounts turned out to be one person
	AtCounter   Why = "at_counter"   // taken back at a window
)

// Grounds: on what a mandate rests.
const (
	BySelf     = "self"      // given on this platform by the one acted for
	BySigned   = "signed"    // the same, with a signature over the declaration
	ByRegistry = "registry"  // the population registry's answer
	ByPresence = "present"   // the person stood at the counter
	ByNotary   = "notarised" // a notarised paper was shown at the counter
)

// Term is the days a mandate runs, both YYYY-MM-DD in Asia/Shanghai; it begins at 0:00 of From and ends at 24:00 of Until.
type Term struct{ From, Until string }

// Mandate is one person's right to act for a firm or another person.
type Mandate struct {
	ID        string
	Kind      Kind
	ForKind   string
	ForID     string // identity's firm or person id
	HolderID  string // identity's person id; empty while only a phone is known
	Scope     authz.Scope
	Term      Term
	State     State
	Why       Why
	Ground    string
	Relation  string // as the population registry calls it: 母亲
	Basis     string // what the clerk wrote down
	By        string // who gave or recorded it: "person:<id>" or "staff:<id>"
	Agency    string // of the clerk
	Signature string // id of the signature over the declaration, or empty
	Named     Named  // the holder as the giver named them

	AskedAt, AcceptedAt, EndedAt time.Time
	AnswerBy                     time.Time // asked: lapses then
	ConfirmBy                    time.Time // an agent to be confirmed by the new legal representative; zero if not

	legalKey string // blind index of the legal representative who appointed or confirmed
	phoneKey string // blind index of the phone of an invited person
	checked  time.Time
}

// Named is the holder as the giver named them. It is kept sealed.
type Named struct {
	Name   string `json:"name"`
	Number string `json:"number,omitempty"`
	Phone  string `json:"phone,omitempty"`
}
