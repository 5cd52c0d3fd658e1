package cases

import (
	"encoding/json"
	"io"
	"time"

	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// The kinds of an applicant.
const (
	ByPerson = "person"
	ByFirm   = "firm"
)

// The channels an application comes in by.
const (
	Online = "online"
	Window = "window"
	Kiosk  = "kiosk"
	// Afterwards is a case that was handled on paper and recorded later (事后录入).
	Afterwards = "afterwards"
)

// Case is the head of a case: what lists show. Applicant is masked unless it is the reader's own. Zero times have not happened.
type Case struct {
	ID            string  `json:"id"`
	CaseNo        string  `json:"case_no"` // 办件编号; empty for a draft
	State         State   `json:"state"`
	Outcome       Outcome `json:"outcome,omitempty"`
	Version       int64   `json:"version"` // give it back with an act: somebody else's act in between is a conflict
	ItemKey       string  `json:"item"`
	ItemName      string  `json:"item_name"`
	ItemVersion   int     `json:"item_version"`
	Nature        string  `json:"nature,omitempty"` // what the item is in law: catalog natures; states and outcomes are named after it
	FormVersion   int     `json:"-"`
	FlowVersion   int     `json:"-"`
	Agency        string  `json:"agency"`
	AgencyName    string  `json:"agency_name"`
	Region        string  `json:"region"`
	Post          string  `json:"post,omitempty"` // that has it now
	Step          string  `json:"step,omitempty"` // of the flow
	StepName      string  `json:"step_name,omitempty"`
	StepKind      string  `json:"step_kind,omitempty"`
	TakenBy       string  `json:"taken_by,omitempty"` // staff id of who took the step up
	ApplicantKind string  `json:"applicant_kind"`
	Applicant     string  `json:"applicant"`
	PersonID      string  `json:"-"` // the applicant, or for a firm the acting person
	FirmID        string  `json:"-"`
	ClerkID       string  `json:"-"` // who entered it at the window
	ActingID      string  `json:"-"` // who acts for the applicant under a mandate, or stands at the counter for them; empty: the applicant
	MandateID     string  `json:"-"`
	Agent         string  `json:"agent,omitempty"` // name of who acts, masked unless it is the reader's own case
	Channel       string  `json:"channel"`
	Round         int     `json:"round"` // submissions so far
	ParentID      string  `json:"parent,omitempty"`
	Ord           int     `json:"-"`
	HandledBy     string  `json:"handled_by,omitempty"` // another system that decides it
	LicenceID     string  `json:"licence,omitempty"`

	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
	Submitted time.Time `json:"submitted,omitzero"` // first submission
	Received  time.Time `json:"received,omitzero"`
	Accepted  time.Time `json:"accepted,omitzero"` // the day acceptance takes effect
	Decided   time.Time `json:"decided,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`
	Concluded time.Time `json:"concluded,omitzero"`

	Clock    Clock `json:"clock"`
	DaysLeft int   `json:"days_left"` // working days until Clock.Due; negative when it has passed
	Overdue  bool  `json:"overdue"`

	subject string // blind index of the applicant's number
	owner   string // who writes on the draft
}

// Clock is where the legal clock stands: a function of events, limits and calendar.
type Clock struct {
	Phase       string       `json:"phase"` // none, receipt, correction, decision, certificate, delivery, ended
	LegalDue    time.Time    `json:"legal_due,omitzero"`
	PromisedDue time.Time    `json:"promised_due,omitzero"`
	StepDue     time.Time    `json:"step_due,omitzero"`
	SpecialDue  time.Time    `json:"special_due,omitzero"` // when the special procedure that stops the clock was announced to end
	LaterDue    time.Time    `json:"later_due,omitzero"`   // when what was accepted as missing must be there
	Paused      bool         `json:"paused"`
	Left        int          `json:"left,omitempty"` // while paused: what is left of the legal period
	Provisional bool         `json:"provisional"`    // a year was needed whose holidays are not known
	Skipped     []clock.Skip `json:"skipped,omitempty"`
}

// Due is the date that binds first: the promised one, or the legal one where nothing is promised. Zero when nothing runs.
func (c Clock) Due() time.Time {
	if !c.PromisedDue.IsZero() && (c.LegalDue.IsZero() || c.PromisedDue.Before(c.LegalDue)) {
		return c.PromisedDue
	}
	return c.LegalDue
}

// Detail is a case as one reader may see it.
type Detail struct {
	Case
	Own      bool // the reader is the applicant, or the clerk who enters the draft
	Item     catalog.Item
	Form     form.Definition // for who fills it in: a read-only field the register did not give may be typed
	Flow     flow.Definition
	Flowing  flow.State
	Scenario map[string]string
	Answers  form.Answers         // Own only; others read Review
	Review   []form.ReviewSection // in words, as of the last submission; masked for staff
	Contact  Contact              // masked for staff
	Number   string               // the applicant's: a firm's credit code is public, a citizen's number is masked
	Slots    []Slot
	Photos   []File // of inspections

	Corrections []CorrectionNotice // newest last
	Suspensions []Suspension       // newest last
	Extension   *Extension
	Ending      *Ending           // of a case that ended without a decision
	Owed        []Owed            // materials that were to follow the acceptance
	Offer       *Offer            // Own, while it is written on: what may be promised
	Promised    bool              // the conditions were promised instead of proved
	Checks      []FollowUp        // of promises; newest last
	Prechecks   []Precheck        // newest last
	Spots       []Spot            // answers put right on the spot; newest last
	Opinions    []Opinion         // staff only
	Consults    []Consult         // staff only; oldest first
	Panels      []Panel           // of experts; staff only
	ExpertFiles []File            // of expert reviews; staff only
	Migrations  []MigrationNote   // staff only; oldest first
	Consulted   bool              // the reader's agency was asked about the case: it sees the application, masked, and nothing said about it
	Placed      map[string]Placed // by step, who got it last and why; staff only
	Inspections []Inspection      // staff only
	Decision    *Decision
	Refusal     *Refusal
	Changes     []form.Change // answers of the last submission against the one before; masked for staff
	FileChanges []FileChange
	After       After // what happened after the decision
	Events      []Event
	History     []HistoryEntry // staff only
	Visits      int
	QueryCode   string // Own only
	May         []Act  // what this reader may do now
	Tasks       []Task // staff only: the work on it, what waits first
	Progress    Progress
	Behalf      *Behalf     // who stood at the counter, numbers masked
	BasisFiles  []File      // copies of the basis
	Signatures  []Signature // of the submissions; the words for the applicant only
	Acted       []Acted     // Own only: what others did in the applicant's name
	HandOut     *HandOut    // who fetched the result for the applicant, number masked
	TakenFiles  []File      // copies kept when it was handed out
	Away        bool        // the registers did not answer when the draft was made: more must be typed
}

// Contact is whom messages go to.
type Contact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// Applicant is a person present at the window.
type Applicant struct {
	Kind       string // ByPerson or ByFirm
	Name       string // of the person present
	Number     string
	NumberKind string // citizen, hkmt, permanent, permanent_old
	Phone      string
	CreditCode string  // of the firm
	Behalf     *Behalf // who stands there for the applicant; nil: the applicant. For a firm: on what the person present acts
}

// Patch is what a page saves: the whole of the answers, as merged by form.FromForm.
type Patch struct {
	Scenario map[string]string
	Form     form.Answers
	Contact  Contact
}

// DraftConflict shows what another tab or device stored meanwhile.
type DraftConflict struct {
	Version  int64
	Stored   Patch
	Changes  []form.Change // Old is stored, New is mine
	Scenario []form.Change
}

// Slot is one material with what was handed in for it.
type Slot struct {
	Material catalog.Material
	Required bool
	Files    []File
}

// The sources of a file.
const (
	SourceUpload    = "upload"
	SourceLicence   = "licence"   // a licence of the library or a document of a register
	SourceGenerated = "generated" // by the platform
	SourceOfficer   = "officer"   // a photograph of an inspection
	SourceWindow    = "window"    // a copy kept when the result was handed out
	SourcePhone     = "phone"     // sent from the phone of who stands at the window, and confirmed by the clerk
)

// PhotoKey is the material key of inspection photographs.
const PhotoKey = "_inspection"

// File is one thing handed in. A licence or register document has no Size and a Proof.
type File struct {
	ID       string    `json:"id"`
	Material string    `json:"material"`
	Source   string    `json:"source"`
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	MIME     string    `json:"mime"`
	Added    time.Time `json:"added"`
	Round    int       `json:"round"` // 0 while the first draft is written, then the round it answers
	Removed  bool      `json:"removed,omitempty"`
	Checked  time.Time `json:"checked,omitzero"` // the original was seen
	By       string    `json:"checked_by,omitempty"`
	Proof    *Proof    `json:"proof,omitempty"`
	blobID   string
	digest   string // hex SM3 of an upload; empty for one from before digests were kept
}

// Proof is a document that need not be uploaded.
type Proof struct {
	Ref        string `json:"ref"` // "licence:<id>" or "register:<type>"
	Name       string `json:"name"`
	Number     string `json:"number"`
	Holder     string `json:"holder"` // masked for staff
	ValidUntil string `json:"valid_until"`
}

// Reusable is what can stand in for an upload. Away means that the register did not answer: a copy may be uploaded instead.
type Reusable struct {
	Proofs []Proof
	Away   bool
}

// Upload is one file on its way in. ClientKey makes a repeat harmless; Size is what the sender announced, 0 when unknown.
type Upload struct {
	Material  string
	ClientKey string
	Name      string
	Size      int64
	Body      io.Reader
	Source    string // SourcePhone from a clerk, or empty
}

// Readiness says what is still missing before an application can be sent. Paths: form.<input name>, material.<key>, scenario.<key>, rule.<name>.
type Readiness struct {
	Findings []Finding
	Stops    []catalog.Stop
	Warns    []catalog.Warn
}

// Receipt is what a person gets for an application.
type Receipt struct {
	CaseID    string    `json:"id"`
	CaseNo    string    `json:"case_no"`
	QueryCode string    `json:"query_code"`
	ItemName  string    `json:"item_name"`
	Agency    string    `json:"agency_name"`
	State     State     `json:"state"`
	Outcome   Outcome   `json:"outcome,omitempty"`
	Nature    string    `json:"nature,omitempty"`
	Submitted time.Time `json:"submitted"`
	Clock     Clock     `json:"clock"`
	Version   int64     `json:"version"`
}

// The kinds of a defect's place.
const (
	OnField    = "field"
	OnMaterial = "material"
)

// Defect is one thing to correct, tied to a field or a material.
type Defect struct {
	Kind  string `json:"kind"`
	Key   string `json:"key"`
	Text  string `json:"text"`
	Label string `json:"label,omitempty"` // of the field or material; set on reading
	Cured bool   `json:"cured,omitempty"` // changed since; set on reading
}

// CorrectionNotice is one notice with everything it lists (行政许可法 第三十二条: once, all of it).
type CorrectionNotice struct {
	ID      string    `json:"id"`
	Round   int       `json:"round"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Defects []Defect  `json:"defects"`
}

// The grounds on which acceptance is refused.
const (
	GroundNotNeeded   = "not_needed"   // 不需要取得行政许可
	GroundWrongAgency = "wrong_agency" // 不属于本机关职权范围
	GroundNotCured    = "not_cured"    // 补正后仍不齐全或不符合法定形式
	GroundSafetyBar   = "safety_bar"   // 行政许可法 第七十八条、第七十九条
)

// Grounds lists the grounds.
var Grounds = []string{GroundNotNeeded, GroundWrongAgency, GroundNotCured, GroundSafetyBar}

// Refusal is a refusal to accept.
type Refusal struct {
	Ground         string `json:"ground"`
	Reason         string `json:"reason"`
	RightAuthority string `json:"right_authority,omitempty"` // of wrong_agency
}

// The outcomes of an opinion. Any other word is recorded and means "go on".
const (
	OpinionPass   = "pass"
	OpinionFail   = "fail"
	OpinionReturn = "return"
)

// Opinion is what an officer says about a step. Where several are open at once, Step names which; empty means the actor's first. To names the step a
// return goes back to.
type Opinion struct {
	Step    string    `json:"step"`
	Outcome string    `json:"outcome"`
	Text    string    `json:"text"`
	To      string    `json:"to,omitempty"`
	By      string    `json:"by,omitempty"`  // staff id; set by the service
	For     string    `json:"for,omitempty"` // staff:<id> in whose post By stood in; set by the service
	At      time.Time `json:"at,omitzero"`
}

// CheckResult is the answer to one line of the checklist.
type CheckResult struct {
	Pass bool   `json:"pass"`
	Note string `json:"note,omitempty"`
}

// Inspection is an inspection on the spot. Officers are staff ids, at least two (行政许可法 第三十四条). Photos are ids of files attached with
// AttachPhoto. Pass is computed: no critical line failed.
type Inspection struct {
	Step       string                 `json:"step"`
	Officers   []string               `json:"officers"`
	Results    map[string]CheckResult `json:"results"`
	Photos     []string               `json:"photos,omitempty"`
	Conclusion string                 `json:"conclusion"`
	Pass       bool                   `json:"pass"`
	At         time.Time              `json:"at,omitzero"`
}

// Decision is a decision. A refusal needs reason and basis, a partial grant a reason.
type Decision struct {
	Outcome    Outcome   `json:"outcome"`
	Reason     string    `json:"reason,omitempty"`
	Basis      string    `json:"basis,omitempty"`
	Conditions string    `json:"conditions,omitempty"`
	By         string    `json:"by,omitempty"`
	For        string    `json:"for,omitempty"` // staff:<id> in whose post By stood in; set by the service
	At         time.Time `json:"at,omitzero"`
}

// The ways of delivery.
const (
	DeliverOnline = "online" // the holder opened it
	DeliverWindow = "window" // handed out
	// DeliverElsewhere is delivery by the system that handled the case.
	DeliverElsewhere = "elsewhere"
)

// Delivery says how the result reached the applicant. At the window To is the name of who takes it, and Behalf on what, where that is not the
// applicant in person.
type Delivery struct {
	How    string  `json:"how"`
	To     string  `json:"to,omitempty"`
	Behalf *Behalf `json:"behalf,omitempty"`
}

// FileChange is a file that came or went with the last submission.
type FileChange struct {
	Material, Label, Name string
	Added                 bool
}

// Event is one legal event. At is when it takes effect (deemed acceptance is dated back), Recorded when it was written down.
type Event struct {
	Seq      int             `json:"seq"`
	Kind     string          `json:"kind"`
	At       time.Time       `json:"at"`
	Recorded time.Time       `json:"recorded"`
	By       string          `json:"by"`
	Data     json.RawMessage `json:"data,omitempty"`
	OnBehalf string          `json:"on_behalf,omitempty"` // staff:<id> in whose post By stood in
	request  string
	version  int64
}

// HistoryEntry is one change of a case: who and when.
type HistoryEntry struct {
	OnBehalf string // staff:<id> in whose post By stood in
	Version  int64
	At       time.Time
	By       string
	Act      string
	From, To State
}

// The tabs of an inbox.
const (
	TabTodo  = "todo"  // waits at one of my posts
	TabDoing = "doing" // I had a hand in it and it is not over
	TabDone  = "done"  // decided or over
	TabAll   = "all"
)

// Filter narrows an inbox or the supervisor's list. Query is a case number, an ID number, a credit code or a phone number, whole.
type Filter struct {
	Post, Tab, Query string
	Agency, Item     string
	State            State
	Overdue          bool
	After            string
	Limit            int // 20 when 0, at most 100
	Channel, Region  string
	Kind             string   // of the applicant: ByPerson or ByFirm
	Days             int      // what binds first ends within so many working days, or has ended; 0: any time
	Taken            bool     // taken up by the actor
	Only             []string // ids; nil: any
}

// Page is one page of a list; Next is empty on the last.
type Page struct {
	Cases []Case `json:"cases"`
	Next  string `json:"next,omitempty"`
}

// The stages people see.
const (
	StageSubmit  = "submit"
	StageAccept  = "accept"
	StageReview  = "review"
	StageDecide  = "decide"
	StageDeliver = "deliver"
)

// Stage is one of the five plain stages; Status is done, now, next or stopped.
type Stage struct {
	Key    string    `json:"key"`
	Status string    `json:"status"`
	At     time.Time `json:"at,omitzero"`
}

// Progress is what a person is told. WaitFor is you, agency or nobody.
type Progress struct {
	CaseNo    string    `json:"case_no"`
	ItemName  string    `json:"item_name"`
	Agency    string    `json:"agency_name"`
	Applicant string    `json:"applicant"` // masked
	State     State     `json:"state"`
	Outcome   Outcome   `json:"outcome,omitempty"`
	Nature    string    `json:"nature,omitempty"`
	Stages    []Stage   `json:"stages"`
	WaitFor   string    `json:"wait_for"`
	WaitKey   string    `json:"-"` // text key: what is waited for
	StepName  string    `json:"step_name,omitempty"`
	Due       time.Time `json:"due,omitzero"`
	LegalDue  time.Time `json:"legal_due,omitzero"`
	DaysLeft  int       `json:"days_left"`
	Paused    bool      `json:"paused"`
	Overdue   bool      `json:"overdue"`
	Submitted time.Time `json:"submitted"`
}

// Visit is one trip to the hall.
type Visit struct {
	ID, Staff, Purpose string
	At                 time.Time
}
