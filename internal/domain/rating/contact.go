package rating

import (
	"strconv"
	"strings"
	"time"

	"tongban/internal/domain/cases"
)

// Kind is the sort of contact that may be rated.
type Kind string

// The kinds of contacts: online 一事一评, at the window 一次一评.
const (
	OnlineSubmit Kind = "online_submit"
	WindowVisit  Kind = "window_visit"
	Decision     Kind = "decision"
)

// Channel says which list of tags fits: online or at the window.
type Channel string

// The channels.
const (
	Online Channel = "online"
	Window Channel = "window"
)

// Contact is one occasion on which a person met the government in a case.
type Contact struct {
	ID, CaseID string
	Kind       Kind
	Occurrence string // tells two contacts of one kind apart, e.g. two visits
	Agency     string
	Item       string
	Channel    Channel
	At         time.Time

	served string // id of who was served; empty: the applicant
	person string // blind index of who may rate: who was served, and nobody else
}

// submitted is the contact of handing in an application: what staff entered was a visit to a window. On line it is rated by who sent it, also for
// somebody else under a mandate; at a window by who stood there.
func submitted(f cases.Fact, head cases.Case, occurrence string) (Contact, bool) {
	c := Contact{Kind: OnlineSubmit, Occurrence: occurrence, Channel: Online}
	if strings.HasPrefix(f.By, "staff:") {
		c.Kind, c.Channel = WindowVisit, Window
		if head.Channel == cases.Window {
			c.served = head.ActingID
		}
		return c, true
	}
	c.served, _ = strings.CutPrefix(f.By, "person:")
	return c, true
}

// resubmitted is a visit when staff entered it. Online it belongs to the application that was rated already.
func resubmitted(f cases.Fact, head cases.Case, round int) (Contact, bool) {
	c, _ := submitted(f, head, "resubmit"+strconv.Itoa(round))
	return c, c.Kind == WindowVisit
}

// delivered is a visit of who fetched the result when it was handed out; opening it online is no contact.
func delivered(how, taker string) (Contact, bool) {
	return Contact{Kind: WindowVisit, Occurrence: "deliver", Channel: Window, served: taker}, how == cases.DeliverWindow
}

// decided is the contact of a decision, or of a refusal to accept: it is the applicant's, whoever acted for them.
func decided(caseChannel string) (Contact, bool) {
	c := Contact{Kind: Decision, Occurrence: "decision", Channel: Online}
	if caseChannel == cases.Window {
		c.Channel = Window
	}
	return c, true
}
