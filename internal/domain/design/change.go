package design

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

// State is where a change stands.
type State string

// The states. A refused change is a draft again, with the reason in its history.
const (
	Draft     State = "draft"
	Second    State = "second" // waits for the second person
	Legal     State = "legal"  // waits for legal review
	Approved  State = "approved"
	Scheduled State = "scheduled"
	Published State = "published"
	Dropped   State = "dropped"
)

// States lists them in the order a change passes them.
var States = []State{Draft, Second, Legal, Approved, Scheduled, Published, Dropped}

// Act is what publishing a change does.
type Act string

// The acts. All but Publish concern one published item and hold no files.
const (
	Publish Act = "publish"
	Suspend Act = "suspend" // 暂停
	Cancel  Act = "cancel"  // 取消
	Resume  Act = "resume"  // in use again
)

// Acts lists them.
var Acts = []Act{Publish, Suspend, Cancel, Resume}

// itemStates are the codes of 事项状态 the acts lead to (GB/T 39554.1).
var itemStates = map[Act]string{Resume: "1", Suspend: "2", Cancel: "3"}

// Change is one unit of work.
type Change struct {
	ID          string
	Act         Act
	Pack        string
	PackName    string
	PackVersion int64 // of the pack it was begun on; 0: the pack is new
	Title       string
	Item        string // key of the item it is about; empty when it is about none
	Agency      string // key of the agency whose item it is
	Region      string // of that agency
	State       State
	Author      string   // staff id
	Authors     []string // everybody who wrote into it, the author too
	Sender      string   // who sent it for approval last
	Second      string
	Legal       string
	Effective   time.Time // when it is to be published, or was
	Reason      string    // why an item is suspended, cancelled or taken up again
	Instead     string    // key of the item to use instead of a suspended or cancelled one
	Rev         int64     // raised by every act on the change
	Seal        string    // hash of its files when it was sent
	Created     time.Time
	Changed     time.Time
}

// Open reports whether files can be written.
func (c Change) Open() bool { return c.State == Draft && c.Act == Publish }

// Ended reports whether nothing can be done with the change any more.
func (c Change) Ended() bool { return c.State == Published || c.State == Dropped }

// Kind is what a file of a change defines.
type Kind string

// The kinds, as the folders of a pack hold them.
const (
	ItemFile    Kind = "items"
	FormFile    Kind = "forms"
	FlowFile    Kind = "flows"
	PaperFile   Kind = "papers"
	LicenceFile Kind = "licence-types"
	TableFile   Kind = "tables"
	SampleFile  Kind = "files"
	OtherFile   Kind = "" // pack.yaml, messages.yaml and the like
)

// Kinds lists the kinds that are structures.
var Kinds = []Kind{ItemFile, FormFile, FlowFile, PaperFile, LicenceFile, TableFile}

// Path is the file a key of the kind stands in.
func (k Kind) Path(key string) string { return string(k) + "/" + key + ".yaml" }

// KindOf gives kind and key of a file's path: forms/dog.yaml is form dog; files/a/b.pdf is sample a/b.pdf.
func KindOf(path string) (Kind, string) {
	dir, rest, ok := strings.Cut(path, "/")
	if !ok {
		return OtherFile, path
	}
	k := Kind(dir)
	if k == SampleFile {
		return k, rest
	}
	if !slices.Contains(Kinds, k) {
		return OtherFile, path
	}
	for _, end := range []string{".yaml", ".json"} {
		rest = strings.TrimSuffix(rest, end)
	}
	return k, rest
}

// File is one file as a change has it: its own, or the pack's that it has not touched.
type File struct {
	Path    string
	Kind    Kind
	Key     string
	Rev     int // of the change's own text; 0: the pack's
	Content []byte
	Removed bool
	New     bool   // the pack does not hold it
	Was     []byte // what the pack said when the change took it over
	By      string // who wrote it last
	At      time.Time
}

// Own reports whether the change holds the file itself.
func (f File) Own() bool { return f.Rev > 0 }

// Alters reports whether the change says something else in a file than the pack it was begun on. A definition written in another way that means the
// same alters nothing.
func (f File) Alters() bool {
	switch {
	case !f.Own():
		return false
	case f.New || f.Removed:
		return true
	case bytes.Equal(f.Was, f.Content):
		return false
	}
	var was, is any
	return !slices.Contains(Kinds, f.Kind) || !read(f.Was, &was) || !read(f.Content, &is) || !reflect.DeepEqual(was, is)
}

// Step is one line of a change's history.
type Step struct {
	N        int
	Act      string // begin, write, send, second, legal, refuse, back, schedule, unschedule, publish, failed, drop
	By       string
	At       time.Time
	From, To State
	Reason   string
}

// apart refuses somebody who had a hand in a change already.
func (c Change) apart(same func(x, y string) bool, staff string, others ...string) error {
	for _, o := range append(slices.Clone(c.Authors), others...) {
		if o != "" && (o == staff || same(o, staff)) {
			return errs.New(errs.Forbidden, "design.same_person")
		}
	}
	return nil
}

// next gives the state an act of somebody leads to; errs.Conflict when the change is elsewhere by now.
func (c Change) next(from []State, to State) (Change, error) {
	if !slices.Contains(from, c.State) {
		return c, errs.New(errs.Conflict, "design.state", errs.P{"state": stateName(c.State)})
	}
	c.State = to
	return c, nil
}

// mayEdit: item officers, each in their own reach.
func mayEdit(a authz.Actor) error {
	if a.StaffID != "" && a.May(authz.CatalogEdit) {
		return nil
	}
	return errs.New(errs.Forbidden, "base.forbidden")
}
