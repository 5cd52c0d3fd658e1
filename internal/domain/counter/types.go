package counter

import (
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/cnid"
)

// Kinds of visitors.
const (
	Self    = "self"    // for their own matter
	Firm    = "firm"    // for a firm
	Other   = "other"   // for somebody else
	Enquiry = "enquiry" // wants to know something; stays anonymous
)

// How the identity was taken.
const (
	ByReader = "reader" // by the local agent, with proof
	ByWedge  = "wedge"  // a line of a keyboard reader: nothing proves that a device typed it
	ByHand   = "typed"
	ByNobody = "none"
)

// What somebody comes for.
const (
	ToApply   = "apply"
	ToFetch   = "fetch"
	ToCorrect = "correct"
	ToAsk     = "ask"
)

// Purposes lists what somebody may come for.
var Purposes = []string{ToApply, ToFetch, ToCorrect, ToAsk}

// Results lists how serving somebody may end.
var Results = []string{"done", "partly", "come_back", "elsewhere", "left"}

// Who is the person present and whom they stand there for. It is sealed.
type Who struct {
	Name       string `json:"name"`
	Number     string `json:"number"`
	NumberKind string `json:"number_kind"`
	Phone      string `json:"phone,omitempty"`
	ValidUntil string `json:"valid_until,omitempty"` // of the card; 长期 is empty

	CreditCode string `json:"credit_code,omitempty"`
	FirmName   string `json:"firm_name,omitempty"`

	ForName   string `json:"for_name,omitempty"`
	ForNumber string `json:"for_number,omitempty"`
	ForKind   string `json:"for_kind,omitempty"`
	Relation  string `json:"relation,omitempty"`
	Basis     string `json:"basis,omitempty"` // one of cases.Bases
	Seen      bool   `json:"seen,omitempty"`  // the original of the basis was seen
}

// Applicant is who applies, as the room cases takes it.
func (w Who) Applicant(kind string) cases.Applicant {
	a := cases.Applicant{Kind: cases.ByPerson, Name: w.Name, Number: w.Number, NumberKind: w.NumberKind, Phone: w.Phone}
	switch kind {
	case Firm:
		a.Kind, a.CreditCode = cases.ByFirm, w.CreditCode
		if w.Basis != "" {
			a.Behalf = &cases.Behalf{Relation: w.Relation, Basis: w.Basis, Seen: w.Seen}
		}
	case Other:
		a = cases.Applicant{Kind: cases.ByPerson, Name: w.ForName, Number: w.ForNumber, NumberKind: w.ForKind, Behalf: w.behalf()}
	}
	return a
}

func (w Who) behalf() *cases.Behalf {
	return &cases.Behalf{Name: w.Name, Number: w.Number, NumberKind: w.NumberKind, Phone: w.Phone, Relation: w.Relation, Basis: w.Basis, Seen: w.Seen}
}

// Visitor is somebody present on one day. Name and Number are masked; zero times have not come.
type Visitor struct {
	ID      string `json:"id"`
	Day     string `json:"day"`
	Kind    string `json:"kind"`
	Name    string `json:"name,omitempty"`
	Number  string `json:"number,omitempty"`
	ForName string `json:"for_name,omitempty"` // the firm, or the masked name of who is stood in for
	Source  string `json:"source"`
	Purpose string `json:"purpose"`
	Why     string `json:"why,omitempty"`
	Result  string `json:"result,omitempty"`
	Desk    string `json:"desk,omitempty"`

	Arrived  time.Time `json:"arrived"`
	Called   time.Time `json:"called,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	SignedBy string    `json:"signed_by"`
	ServedBy string    `json:"served_by,omitempty"`
	Cases    int       `json:"cases"`

	agency, subject, forSubject, personID string
	who                                   Who
}

// Waiting is how long they wait or waited.
func (v Visitor) Waiting(now time.Time) time.Duration {
	return until(v.Called, v.Ended, now).Sub(v.Arrived)
}

// Serving is how long they are or were served; zero before.
func (v Visitor) Serving(now time.Time) time.Duration {
	if v.Called.IsZero() {
		return 0
	}
	return until(v.Ended, now).Sub(v.Called)
}

func until(ts ...time.Time) time.Time {
	i := slices.IndexFunc(ts, func(t time.Time) bool { return !t.IsZero() })
	return ts[i]
}

// Line is a case somebody came for in one visit.
type Line struct {
	CaseID  string    `json:"case_id"`
	Purpose string    `json:"purpose"`
	At      time.Time `json:"at"`
}

// SignIn is what a clerk enters about somebody who came. Line is what a keyboard reader typed; Nonce, Card and Proof what the local agent gave.
type SignIn struct {
	Kind, Purpose, Why string
	Who                Who
	Line               string
	Nonce, Card, Proof string
}

func (in *SignIn) tidy() {
	for _, s := range []*string{
		&in.Why, &in.Line, &in.Who.Name, &in.Who.Number, &in.Who.Phone, &in.Who.CreditCode, &in.Who.ForName, &in.Who.ForNumber, &in.Who.Relation,
	} {
		*s = strings.TrimSpace(*s)
	}
	in.Who.Number, in.Who.ForNumber = strings.ToUpper(in.Who.Number), strings.ToUpper(in.Who.ForNumber)
}

const mostWhy = 200

// check finds what is missing before anybody is asked.
func (in SignIn) check() error {
	var fs []errs.Field
	miss := func(wrong bool, path, key string) {
		if wrong {
			fs = append(fs, errs.Field{Path: path, Key: key})
		}
	}
	miss(!slices.Contains([]string{Self, Firm, Other, Enquiry}, in.Kind), "kind", "counter.kind_missing")
	miss(!slices.Contains(Purposes, in.Purpose), "purpose", "counter.purpose_missing")
	miss(len([]rune(in.Why)) > mostWhy, "why", "counter.why_long")
	if in.Kind == Enquiry {
		return errs.Fields("base.invalid", fs)
	}
	miss(in.Who.Name == "", "name", "counter.name_missing")
	miss(in.Who.Number == "", "number", "counter.number_missing")
	miss(in.Kind == Firm && in.Who.CreditCode == "", "credit_code", "counter.credit_missing")
	miss(in.Kind == Other && in.Who.ForName == "", "for_name", "counter.for_name_missing")
	miss(in.Kind == Other && in.Who.ForNumber == "", "for_number", "counter.for_number_missing")
	miss(in.Kind == Other && in.Who.Relation == "", "relation", "counter.relation_missing")
	miss(in.Kind == Other && !slices.Contains(cases.Bases[cases.ByPerson], in.Who.Basis), "basis", "counter.basis_missing")
	miss(in.Kind == Firm && in.Who.Basis != "" && !slices.Contains(cases.Bases[cases.ByFirm], in.Who.Basis), "basis", "counter.basis_missing")
	return errs.Fields("base.invalid", fs)
}

// mask hides what a list or page need not show.
func (v *Visitor) mask() {
	v.Name, v.Number = cnid.MaskName(v.who.Name), cnid.MaskID(v.who.Number)
	switch v.Kind {
	case Firm:
		v.ForName = v.who.FirmName
	case Other:
		v.ForName = cnid.MaskName(v.who.ForName)
	}
	if v.who.Name == "" {
		v.Name, v.Number = "", ""
	}
}
