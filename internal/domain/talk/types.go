package talk

import (
	"io"
	"time"

	"tongban/internal/base/errs"
)

// The sides of a conversation; the supervisor only urges.
const (
	Applicant = "applicant"
	Officer   = "officer"
	Watcher   = "supervisor"
)

// The limits of texts in characters.
const (
	MaxText   = 2000 // a message
	MaxReason = 500  // of an urge or a copy
	MaxAnswer = 1000 // to an urge
)

// MaxFile bounds an attachment, in bytes.
const MaxFile = 10 << 20

// Formats are the files a message may carry.
var Formats = []string{"pdf", "jpg", "png"}

// Message is one thing said. By and Agency are names as the reader may know them.
type Message struct {
	ID       string
	Side     string
	Mine     bool
	By       string
	Agency   string
	Text     string
	At       time.Time
	Read     time.Time // first by the other side; zero: not yet
	File     *File
	author   string
	onBehalf string
	agency   string
	request  string
}

// File is what a message carries. It is never a material of the case.
type File struct {
	Name string
	Size int64
	MIME string
	blob string
	sm3  string
}

// Say is a message on its way. Key makes a repeat harmless: the same key with the same text is one message.
type Say struct {
	Key  string
	Text string
	File *Upload
}

// Upload is an attachment on its way; Size is what the sender announced, 0 when unknown.
type Upload struct {
	Name string
	Size int64
	Body io.Reader
}

// Urge is one urging. Answer and By are empty and Answered zero until somebody answers.
type Urge struct {
	ID        string
	CaseID    string
	Side      string
	Mine      bool
	Who       string // as the reader may know it
	Reason    string
	At        time.Time
	Due       time.Time // of the answer
	Answer    string
	By        string // name of who answered
	Answered  time.Time
	Missed    time.Time // when it was told that no answer came in time
	Overtaken time.Time // the case ended first
	ord       int
	author    string
	onBehalf  string
	agency    string
	region    string
	answerer  string
}

// Open reports whether an answer is owed.
func (u Urge) Open() bool { return u.Answered.IsZero() && u.Overtaken.IsZero() }

// The kinds of a copy's receiver.
const (
	ToStaff = "staff"
	ToPost  = "post"
)

// Copy is a case given to somebody to read. Reason is for staff.
type Copy struct {
	ID       string
	CaseID   string
	Kind     string // ToStaff or ToPost
	Key      string
	To       string // name
	Agency   string // name of the receiver's
	Reason   string
	By       string // name of who gave it
	At       time.Time
	Until    time.Time // the first instant at which it no longer holds
	Ended    time.Time // before its term
	toAgency string
	by       string
	byAgency string
	endedBy  string
}

// Runs reports whether the copy gives reading at an instant.
func (c Copy) Runs(at time.Time) bool { return c.Ended.IsZero() && at.Before(c.Until) }

// NewCopy is a copy to be given. Days are natural days; today is the first.
type NewCopy struct {
	Kind, Key string
	Reason    string
	Days      int
}

// Escalation is one telling of a deadline, with the names of who was told.
type Escalation struct {
	Rule  string
	Clock string
	Due   time.Time
	Told  []string
	At    time.Time
}

// The kinds of notices at the desk.
const (
	NoticeMessage  = "message"
	NoticeUrge     = "urge"
	NoticeHead     = "urge_head" // to the head of the post
	NoticeAnswered = "urge_answered"
	NoticeMissed   = "urge_missed"
	NoticeCopy     = "copy"
	NoticeCopyEnd  = "copy_ended"
	NoticeNear     = "near"
	NoticePassed   = "passed"
	NoticeConsult  = "consult" // to the officers of a post whose opinion is asked
	// NoticeConsultOpen is the same with no date by which an answer is wanted.
	NoticeConsultOpen = "consult_open"
)

// Notice is one thing a member of staff is told at their desk.
type Notice struct {
	ID     string
	Kind   string
	CaseID string
	Words  errs.P // of the text talk.notice_<kind>
	Link   string
	At     time.Time
	Read   bool
}

// Mark is what a list shows beside a case.
type Mark struct {
	Unread int       // messages of the other side
	Urged  bool      // an answer is owed
	Due    time.Time // of the answer owed first
}

// Thread is a case's conversation as one reader may see it.
type Thread struct {
	CaseID   string
	CaseNo   string
	ItemName string
	Own      bool
	Messages []Message
	MayWrite bool
	Why      error     // why not
	Until    time.Time // of a case that is over: until when one may write
	Left     int       // messages this side may still send within the hour
	Urges    []Urge
	MayUrge  bool
	WhyUrge  error
	Answers  bool // may answer urges
	Copies   []Copy
	MayCopy  bool
	Told     []Escalation // staff only
}

func notFound() error { return errs.New(errs.NotFound, "cases.not_found") }
