package cases

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Filed is an application that was made in another system, which the applicant reached from here by single sign-on, and that comes back as data.
type Filed struct {
	System    string // key
	MessageID string // the same one files one case
	Item      string
	Applicant Applicant
	At        time.Time // when it was sent in there
}

// File makes the case of such an application. From then on it is handled there: its acts come as Elsewhere. Errors: cases.not_jumped when the item does not
// lead to that system, cases.foreign_time, and what identity says about the applicant.
func (s *Service) File(ctx context.Context, f Filed) (Case, error) {
	it, err := s.Items.Item(ctx, f.Item)
	if err != nil {
		return Case{}, err
	}
	if key, err := s.systemOf(ctx, it); err != nil || it.Integration.Mode != "jump" || key != f.System || key == "" {
		return Case{}, orErr(err, errs.New(errs.Conflict, "cases.not_jumped", errs.P{"item": it.Name}))
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	if f.At.IsZero() || f.At.After(now.Add(foreignSkew)) {
		return Case{}, errs.New(errs.Invalid, "cases.foreign_time", errs.P{"at": dateCN(f.At)})
	}
	owner := foreignActor(f.System)
	id, err := s.byClientKey(ctx, owner, f.MessageID)
	if err == nil && id == "" {
		r := record{Case: Case{Channel: Online, HandledBy: f.System}, clientKey: f.MessageID}
		r.owner = owner
		id, err = s.openFor(ctx, owner, r, it, f.Applicant)
	}
	if err != nil {
		return Case{}, err
	}
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return Case{}, err
	}
	w.by = owner
	if w.was.CaseNo != "" {
		return s.head(ctx, w, errReplay)
	}
	at := f.At.UTC().Truncate(time.Millisecond)
	if at.After(now) || it.Integration.Clock != clockTheirs {
		at = now
	}
	if err = w.begin(ActEnter, w.was.Version, nil); err == nil {
		err = w.at(at, func() error {
			if err := w.begun(map[string]bool{"jumped": true}); err != nil {
				return err
			}
			w.paper("receipt", nil)
			w.inform("case.submitted", nil)
			return nil
		})
	}
	if err == nil {
		err = w.commit(ctx)
	}
	return s.head(ctx, w, err)
}

// systemOf is the connected system an item names; empty when there is none.
func (s *Service) systemOf(ctx context.Context, it catalog.Item) (string, error) {
	if s.Systems == nil {
		return "", nil
	}
	key, ok, err := s.Systems.Connected(ctx, it.Integration.System)
	if err != nil || !ok {
		return "", err
	}
	return key, nil
}

// filledElsewhere are the ways of integration in which nothing is filled in here: such items need neither form nor flow.
var filledElsewhere = []string{"jump", "entered"}

// formOf gives the form a case was filed with.
func (s *Service) formOf(ctx context.Context, it catalog.Item, version int) (form.Definition, error) {
	if it.Form == "" && slices.Contains(filledElsewhere, it.Integration.Mode) {
		return form.Definition{Key: "none"}, nil
	}
	def, _, err := s.Items.Form(ctx, it.Form, version)
	return def, err
}

// flowOf gives the flow a case was filed with.
func (s *Service) flowOf(ctx context.Context, it catalog.Item, version int) (flow.Definition, error) {
	if it.Flow == "" && slices.Contains(filledElsewhere, it.Integration.Mode) {
		return flow.Definition{Key: "outline", Steps: []flow.Step{
			{Key: "accept", Name: cn("cases.right_accept"), Kind: flow.Accept},
			{Key: "decide", Name: cn("cases.right_decide"), Kind: flow.Decide},
			{Key: "deliver", Name: cn("cases.right_deliver"), Kind: flow.Deliver},
		}}, nil
	}
	def, _, err := s.Items.Flow(ctx, it.Flow, version)
	return def, err
}
