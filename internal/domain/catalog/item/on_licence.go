package item

import (
	"slices"

	"tongban/internal/engine/clock"
)

// What an item may do to a licence its applicant holds (行政许可法 49, 50, 70).
const (
	LicenceChange = "change" // 变更
	LicenceRenew  = "renew"  // 延续
	LicenceCancel = "cancel" // 依申请注销
)

// LicenceActs lists them.
var LicenceActs = []string{LicenceChange, LicenceRenew, LicenceCancel}

// What becomes of a renewal that is asked for too late.
const (
	LateRefuse = "refuse" // it cannot be sent; the applicant is told what to do instead
	LateWarn   = "warn"   // it can; silence then renews nothing
)

// OnLicence says that an item acts on a licence in force. Its grant changes, renews or cancels that licence.
type OnLicence struct {
	Type   string `json:"type"`             // key of the licence type
	Act    string `json:"act"`              // one of LicenceActs
	Before Limit  `json:"before,omitzero"`  // of a renewal: how long before the end it is asked for at the latest; left out: 30 days (行政许可法 50)
	Late   string `json:"late,omitempty"`   // left out: warn
	Deemed string `json:"deemed,omitempty"` // the law by which silence until the end renews (视为准予延续); empty: no law does
	// FromDecision: the new term begins with the decision, not with the end of the old one.
	FromDecision bool `json:"from_decision,omitempty"`
}

// askBefore is how long before the end of a licence its renewal is asked for where no other law says (行政许可法 50).
var askBefore = clock.Period{N: 30, Unit: clock.NaturalDay}

// AskBefore is how long before the end a renewal has to be asked for.
func (o *OnLicence) AskBefore() clock.Period {
	if p := o.Before.Period(); p.N > 0 {
		return p
	}
	return askBefore
}

// On reports whether the item does this to a licence.
func (it *Item) On(act string) bool { return it.OnLicence != nil && it.OnLicence.Act == act }

// Replaces reports whether a grant puts another licence in the place of one that is held.
func (it *Item) Replaces() bool { return it.On(LicenceChange) || it.On(LicenceRenew) }

// whole reports whether the parts fit together.
func (o *OnLicence) whole(result Result) bool {
	renewal := o.Act == LicenceRenew
	switch {
	case o.Type == "" || !slices.Contains(LicenceActs, o.Act):
		return false
	case !renewal && (o.Before.N != 0 || o.Late != "" || o.Deemed != "" || o.FromDecision):
		return false
	case o.Act == LicenceCancel:
		return result.LicenceType == ""
	}
	return result.LicenceType == o.Type && (!renewal || o.Late == "" || o.Late == LateRefuse || o.Late == LateWarn)
}

// LicenceWhole reports whether what the item says of a licence it acts on is complete and fits its result.
func (it *Item) LicenceWhole() bool { return it.OnLicence == nil || it.OnLicence.whole(it.Result) }

// onLicence is a part of what an item does to a licence, which is there as long as its type or act is.
func onLicence(at func(o *OnLicence) access) access {
	return access{
		get: func(it *Item) []string {
			if it.OnLicence == nil {
				return nil
			}
			return at(it.OnLicence).get(it)
		},
		set: func(it *Item, vs []string) error {
			o := OnLicence{}
			if it.OnLicence != nil {
				o = *it.OnLicence
			}
			err := at(&o).set(it, vs)
			it.OnLicence = &o
			if o.Type == "" && o.Act == "" {
				it.OnLicence = nil
			}
			return err
		},
	}
}
