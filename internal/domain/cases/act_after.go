package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// Lives is what cases ask of licences that are in force: those an application acts on, and those that are taken back. Licences that cannot tell have
// no life after their issue.
type Lives interface {
	Get(ctx context.Context, id string) (licence.Licence, error)
	Last(ctx context.Context, id string) (licence.Licence, error)
	InForce(ctx context.Context, holderNumber, typeKey string) ([]licence.Licence, error)
	TypeVersion(ctx context.Context, key string, version int) (licence.Type, error)
	ReplaceTx(ctx context.Context, tx *db.Tx, now time.Time, r licence.Replace) (licence.Licence, error)
	ChangeTx(ctx context.Context, tx *db.Tx, now time.Time, id string, c licence.Change) error
}

func (s *Service) lives() (Lives, error) {
	if l, ok := s.Licences.(Lives); ok {
		return l, nil
	}
	return nil, errs.New(errs.Unavailable, "cases.no_licence_room")
}

// Target is a licence an application can act on, as its holder sees it.
type Target struct {
	ID         string `json:"id"`
	TypeName   string `json:"type_name"`
	Number     string `json:"number"` // masked
	Agency     string `json:"agency_name"`
	ValidUntil string `json:"valid_until,omitempty"`
	State      string `json:"state"`
	Chosen     bool   `json:"chosen"`
	AskBy      string `json:"ask_by,omitempty"` // of a renewal: the last day on which it is asked for in time
	Late       bool   `json:"late,omitempty"`
}

// Targets is what a draft can act on.
type Targets struct {
	Act  string   `json:"act"` // change, renew or cancel; empty: the item acts on no licence
	Open []Target `json:"licences"`
}

// Targets lists the licences of the applicant that a draft can act on.
func (s *Service) Targets(ctx context.Context, a authz.Actor, id string) (Targets, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Targets{}, err
	}
	if w.item.OnLicence == nil {
		return Targets{}, nil
	}
	if !writes(a, w.view, w.was) {
		return Targets{}, errs.New(errs.Forbidden, "cases.not_yours_to_fill")
	}
	return w.targets(ctx)
}

func (w *work) targets(ctx context.Context) (Targets, error) {
	o := w.item.OnLicence
	out := Targets{Act: o.Act}
	rooms, err := w.s.lives()
	if err != nil {
		return out, err
	}
	held, err := rooms.InForce(ctx, w.c.summary.Number, o.Type)
	if err != nil {
		return out, err
	}
	for _, l := range held {
		out.Open = append(out.Open, w.shownTarget(l, w.licence.target))
	}
	return out, nil
}

func (w *work) shownTarget(l licence.Licence, chosen string) Target {
	t := Target{
		ID: l.ID, TypeName: l.TypeName, Number: cnid.MaskID(l.Number), Agency: l.AgencyName, ValidUntil: l.ValidUntil, State: string(l.On(today(w.now))), Chosen: l.ID == chosen,
	}
	if w.item.On(catalog.LicenceRenew) && l.ValidUntil != "" {
		t.AskBy = askBy(l.ValidUntil, w.item.OnLicence.AskBefore(), w.cal)
		t.Late = today(w.now) > t.AskBy
	}
	return t
}

// askBy is the last day on which a renewal is asked for in time: so many days before the last day of the licence (行政许可法 第五十条).
func askBy(until string, p clock.Period, cal clock.Calendar) string {
	day, err := time.ParseInLocation(time.DateOnly, until, clock.Shanghai)
	if err != nil {
		return until
	}
	switch p.Unit {
	case clock.Month:
		first := time.Date(day.Year(), day.Month()-time.Month(p.N), 1, 0, 0, 0, 0, clock.Shanghai)
		return first.AddDate(0, 0, min(day.Day(), first.AddDate(0, 1, -1).Day())-1).Format(time.DateOnly)
	case clock.Workday:
		for n := p.N; n > 0; {
			if cal.Day(day.Format(time.DateOnly)).Working {
				n--
			}
			day = day.AddDate(0, 0, -1)
		}
		return day.Format(time.DateOnly)
	}
	return day.AddDate(0, 0, -p.N).Format(time.DateOnly)
}

// After is what happened to a case after its decision.
type After struct {
	Announced []Announcement  `json:"announced,omitempty"`
	Taken     []Revocation    `json:"taken,omitempty"`
	Rectified []Rectification `json:"rectified,omitempty"`
	Licence   *Held           `json:"licence,omitempty"` // the licence that stands for what was granted, as it is now
	ActsOn    *Target         `json:"acts_on,omitempty"` // the licence the application is about
}

// Held is a licence and its state. Since is when it came to a state that is not in force.
type Held struct {
	ID         string    `json:"id"`
	TypeName   string    `json:"type_name"`
	State      string    `json:"state"`
	Since      time.Time `json:"since,omitzero"`
	ValidUntil string    `json:"valid_until,omitempty"`
}

// shownAfter adds the licence to what was stated after the decision.
func (w *work) shownAfter(ctx context.Context, a After) (After, error) {
	if w.licence.acts.ID != "" {
		t := w.shownTarget(w.licence.acts, w.licence.target)
		t.Late = t.AskBy != "" && today(firstOf(w.c.Submitted, w.now)) > t.AskBy
		a.ActsOn = &t
	}
	l, err := w.lastLicence(ctx)
	if err != nil && errs.KindOf(err) != errs.NotFound || l.ID == "" {
		if errs.KindOf(err) == errs.NotFound {
			err = nil
		}
		return a, err
	}
	a.Licence = &Held{ID: l.ID, TypeName: l.TypeName, State: string(l.On(today(w.now))), ValidUntil: l.ValidUntil}
	if l.State != licence.Valid {
		a.Licence.Since = l.StateAt
	}
	return a, nil
}

// ChooseLicence says which licence a draft acts on, and fills in what that licence and its own application say, where nothing is filled in yet. Errors:
// errs.Conflict cases.acts_on_none, errs.NotFound cases.no_such_licence for one that is not the applicant's or not in force.
func (s *Service) ChooseLicence(ctx context.Context, a authz.Actor, id, licenceID string) error {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return err
	}
	if w.item.OnLicence == nil || w.c.Round > 0 {
		return errs.New(errs.Conflict, "cases.acts_on_none", errs.P{"item": w.item.Name})
	}
	l, err := s.heldInForce(ctx, w.c, w.item, licenceID)
	if err != nil {
		return err
	}
	if w.c.content.Form, err = s.prefilled(ctx, w.c, w.form, l, true); err != nil {
		return err
	}
	w.c.target = l.ID
	return w.saveTx(ctx)
}

// heldInForce gives the licence of that id when it is in force and the applicant's, of the type the item acts on.
func (s *Service) heldInForce(ctx context.Context, r record, it catalog.Item, id string) (licence.Licence, error) {
	rooms, err := s.lives()
	if err != nil {
		return licence.Licence{}, err
	}
	held, err := rooms.InForce(ctx, r.summary.Number, it.OnLicence.Type)
	for _, l := range held {
		if l.ID == id {
			return l, nil
		}
	}
	return licence.Licence{}, orErr(err, errs.New(errs.NotFound, "cases.no_such_licence"))
}

// preselect chooses the licence of a new draft where there is only one to choose.
func (s *Service) preselect(ctx context.Context, r *record, it catalog.Item, def form.Definition) error {
	rooms, err := s.lives()
	if it.OnLicence == nil || err != nil { // without a library the draft says later that there is none
		return nil //nolint:nilerr // see above
	}
	held, err := rooms.InForce(ctx, r.summary.Number, it.OnLicence.Type)
	if err != nil || len(held) != 1 {
		return err
	}
	r.target = held[0].ID
	r.content.Form, err = s.prefilled(ctx, *r, def, held[0], false)
	return err
}

// prefilled gives the answers with what is known of a licence: the answers its own application was granted on, field by field of the same key, and what
// the licence itself says. What a register filled stays; again is true when another licence was chosen before, whose values then make way.
func (s *Service) prefilled(ctx context.Context, r record, def form.Definition, l licence.Licence, again bool) (form.Answers, error) {
	out := form.Answers{}
	for k, v := range r.content.Form {
		out[k] = v
	}
	src := map[string]any{}
	if old, ok := out[form.SourceKey].(map[string]any); ok {
		for k, v := range old {
			src[k] = v
		}
	}
	known, err := s.grantedAnswers(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, sec := range def.Sections {
		for _, f := range sec.Fields {
			v, ok := known[f.Key]
			mine := src[f.Key] == fromLicence
			if !ok || !(empty(out[f.Key]) || again && mine) || f.Kind == form.Declaration || !among(f, v) {
				continue
			}
			out[f.Key], src[f.Key] = v, fromLicence
		}
	}
	if len(src) > 0 {
		out[form.SourceKey] = src
	}
	return out, nil
}

// fromLicence is the source of a value that was taken over.
const fromLicence = "cases.source_held"

// among reports whether a value can be an answer to a field: where there are options, one of theirs.
func among(f form.Field, v any) bool {
	text, ok := v.(string)
	return !ok || len(f.Options) == 0 || slices.ContainsFunc(f.Options, func(o form.Option) bool { return o.Value == text })
}

// cutForm gives the key of the form's field that a licence's field comes from.
func cutForm(from string) (string, bool) { return strings.CutPrefix(from, "form.") }

func empty(v any) bool { return v == nil || v == "" }

// grantedAnswers gives what was answered in the application a licence was granted on, and in those before it; of a licence from elsewhere what its
// fields say, by the keys of the form they came from.
func (s *Service) grantedAnswers(ctx context.Context, l licence.Licence) (form.Answers, error) {
	out := form.Answers{}
	rooms, err := s.lives()
	if err != nil {
		return nil, err
	}
	t, err := rooms.TypeVersion(ctx, l.Type, l.TypeVersion)
	if err != nil {
		return nil, err
	}
	for _, f := range t.Fields {
		if key, ok := cutForm(f.From); ok && l.Fields[f.Key] != "" {
			out[key] = l.Fields[f.Key]
		}
	}
	for n := 0; n < 10 && l.CaseID != ""; n++ {
		r, err := s.find(ctx, s.DB.R(), l.CaseID)
		if errs.KindOf(err) == errs.NotFound {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for k, v := range r.content.Form {
			if k != form.SourceKey {
				if _, newer := out[k]; !newer || n == 0 {
					out[k] = v
				}
			}
		}
		if l.Previous == "" {
			return out, nil
		}
		if l, err = rooms.Get(ctx, l.Previous); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// targetFindings checks the licence an application acts on: one is chosen, still the applicant's and in force, no other application for the same is under
// way, and a renewal is asked for in time.
func (w *work) targetFindings(ctx context.Context) (fs []Finding, ws []catalog.Warn, err error) {
	o := w.item.OnLicence
	if o == nil || w.c.Round > 0 { // what was sent was sent in time
		return nil, nil, nil
	}
	if w.licence.target == "" {
		return []Finding{{Path: "licence", Key: "cases.choose_licence"}}, nil, nil
	}
	l, err := w.s.heldInForce(ctx, w.c, w.item, w.licence.target)
	if errs.KindOf(err) == errs.NotFound {
		return []Finding{{Path: "licence", Key: "cases.licence_ended"}}, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	no, err := underWay(ctx, w.s.DB.R(), l.ID, w.c.ItemKey, w.c.ID)
	if err != nil || no != "" {
		return []Finding{{Path: "licence", Key: "cases.licence_under_way", Params: errs.P{"case_no": no}}}, nil, err
	}
	t := w.shownTarget(l, l.ID)
	p := errs.P{"date": t.AskBy, "until": l.ValidUntil}
	switch {
	case t.Late && o.Late == catalog.LateRefuse:
		return []Finding{{Path: "licence", Key: "cases.renewal_too_late", Params: p}}, nil, nil
	case t.Late:
		return nil, []catalog.Warn{{Text: i18n.T(ctx, "cases.renewal_late", p)}}, nil
	}
	return nil, nil, nil
}

// replaces puts another licence in the place of the one the case acts on, in the transaction of the decision.
func (w *work) replacesTx(ctx context.Context, tx *db.Tx) (licence.Licence, error) {
	rooms, err := w.s.lives()
	if err != nil {
		return licence.Licence{}, err
	}
	if w.licence.acts.ID == "" {
		return licence.Licence{}, errs.New(errs.Conflict, "cases.choose_licence")
	}
	kind := licence.KindChange
	if w.item.On(catalog.LicenceRenew) {
		kind = licence.KindRenew
	}
	r := licence.Replace{Issue: w.licenceIssue(ctx), Previous: w.licence.acts.ID, Kind: kind, FromEnd: !w.item.OnLicence.FromDecision, Basis: w.basis()}
	if w.licence.silence {
		r.Kind, r.FromEnd, r.At, r.Basis = licence.KindDeemed, true, w.c.Decided, w.item.OnLicence.Deemed
	}
	return rooms.ReplaceTx(ctx, tx, w.now, r)
}

// onLicence is what an application has to do with a licence that is held.
type onLicence struct {
	target  string            // id, as chosen
	acts    licence.Licence   // as it is now: where another application took its place meanwhile, that one
	silence bool              // it is renewed because nobody decided
	issued  map[string]string // papers of this act, by their act
}

// askTarget asks for the licence the case acts on.
func (w *work) askTarget(ctx context.Context) error {
	rooms, err := w.s.lives()
	if w.item.OnLicence == nil || err != nil {
		return nil //nolint:nilerr // without a library nothing can be chosen, and the draft says so
	}
	if w.licence.target, err = targetOf(ctx, w.s.DB.R(), w.c.ID); err != nil || w.licence.target == "" {
		return err
	}
	w.licence.acts, err = rooms.Last(ctx, w.licence.target)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// cancelsLicence strikes the licence off with the grant (行政许可法 第七十条).
func (w *work) cancelsLicence() {
	by := w.by
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		rooms, err := w.s.lives()
		if err != nil {
			return err
		}
		if w.licence.acts.ID == "" {
			return errs.New(errs.Conflict, "cases.choose_licence")
		}
		return rooms.ChangeTx(ctx, tx, w.now, w.licence.acts.ID, licence.Change{
			To: licence.Cancelled, Ground: groundAsked, Reason: cn("cases.revoke_asked"), Basis: w.basis(), By: by, CaseID: w.c.ID, PaperID: w.licence.issued["grant"],
		})
	})
}

// groundAsked is the ground of a cancellation for which the holder applied.
const groundAsked = "asked"

// renewalTimer rings when the licence to be renewed has run out.
func (w *work) renewalTimer() {
	l := w.licence.acts
	if !w.item.On(catalog.LicenceRenew) || w.item.OnLicence.Deemed == "" || l.ValidUntil == "" {
		return
	}
	due := endOf(l.ValidUntil)
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, w.now, job.Spec{
			Kind: jobRenewal, Key: w.c.ID + ":" + l.ValidUntil, Args: timerArgs{Case: w.c.ID, Which: "renewal", Due: db.Millis(due)}, Due: due.Add(time.Second), Tries: 50,
		})
	})
}

// endOf is the last second of a day in China.
func endOf(day string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
	if err != nil {
		return time.Time{}
	}
	return d.AddDate(0, 0, 1).Add(-time.Second).UTC()
}
