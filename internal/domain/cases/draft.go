package cases

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// naturalPerson is the code of 自然人 in the list of audiences (L4); every other code is some kind of organisation.
const naturalPerson = "1"

// CreateDraft begins an application for oneself or the firm acted for; the same clientKey gives the same draft again. What the registers know is
// filled in with its source. Errors: cases.not_online, base.level_needed{need}, cases.out_of_scope_person and _firm, cases.only_persons, cases.only_firms, cases.client_key.
func (s *Service) CreateDraft(ctx context.Context, a authz.Actor, itemKey, clientKey string) (Detail, error) {
	if a.PersonID == "" {
		return Detail{}, errs.New(errs.Forbidden, "cases.sign_in")
	}
	r := record{Case: Case{ApplicantKind: ByPerson, PersonID: applicantOf(a), FirmID: a.FirmID, Channel: Online}}
	if a.FirmID != "" {
		r.ApplicantKind = ByFirm
	}
	if mandated(a, r) {
		r.ActingID, r.MandateID = a.PersonID, a.MandateID
	}
	return s.create(ctx, a, r, itemKey, clientKey, true)
}

// CreateDraftFor begins an application at the window for a person present, whose document the clerk has seen. Besides those of CreateDraft the
// errors are cases.no_right, cases.behalf_missing where somebody stands there for another without a basis, and what identity says about name, number
// and firm.
func (s *Service) CreateDraftFor(ctx context.Context, a authz.Actor, itemKey, clientKey string, who Applicant) (Detail, error) {
	st, err := s.seat(ctx, a)
	if err != nil {
		return Detail{}, err
	}
	it, err := s.Items.Item(ctx, itemKey)
	if err != nil {
		return Detail{}, err
	}
	if !st.may(flow.Receive, it.Key, it.Agency, it.Region) && !st.may(flow.Accept, it.Key, it.Agency, it.Region) {
		return Detail{}, noRight(flow.Receive)
	}
	p, err := s.People.EnsurePerson(ctx, who.Name, who.Number, who.NumberKind, who.Phone)
	if err != nil {
		return Detail{}, err
	}
	r := record{Case: Case{ApplicantKind: ByPerson, PersonID: p.ID, Channel: Window, ClerkID: a.StaffID}}
	r.content.Contact = Contact{Name: p.Name, Phone: first(who.Phone, p.Phone)}
	var f identity.Firm
	if who.Kind == ByFirm {
		if f, err = s.People.EnsureFirm(ctx, who.CreditCode); err != nil {
			return Detail{}, err
		}
		r.ApplicantKind, r.FirmID = ByFirm, f.ID
	}
	if err := s.represent(ctx, &r, p, f, who); err != nil {
		return Detail{}, err
	}
	return s.create(ctx, a, r, itemKey, clientKey, false)
}

func noRight(act string) error {
	return errs.New(errs.Forbidden, "cases.no_right", errs.P{"act": i18n.Key("cases.right_" + act)})
}

func (s *Service) create(ctx context.Context, a authz.Actor, r record, itemKey, clientKey string, level bool) (Detail, error) {
	if clientKey == "" || len(clientKey) > 200 {
		return Detail{}, errs.New(errs.BadRequest, "cases.client_key")
	}
	r.owner, r.clientKey = ownerOf(a), clientKey
	if id, err := s.byClientKey(ctx, r.owner, clientKey); err != nil || id != "" {
		return s.known(ctx, a, id, err)
	}
	it, err := s.Items.Item(ctx, itemKey)
	if err != nil {
		return Detail{}, err
	}
	if err := s.mayApply(ctx, it, a, r, level); err != nil {
		return Detail{}, err
	}
	if err := s.Items.TakesApplications(ctx, it.Key); err != nil {
		return Detail{}, err
	}
	if err := s.open(ctx, &r, it); err != nil {
		return Detail{}, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putTx(ctx, tx, r); err != nil {
			return err
		}
		if r.target != "" {
			if err := putTargetTx(ctx, tx, r.ID, r.target, nameOf(a), r.Created); err != nil {
				return err
			}
		}
		h := HistoryEntry{Version: r.Version, At: r.Created, By: nameOf(a), Act: "create", To: Draft}
		if err := putHistoryTx(ctx, tx, r.ID, h); err != nil {
			return err
		}
		w := &work{s: s, actor: a, now: r.Created, mandated: mandated(a, r), c: r}
		return w.auditTx(ctx, tx, "create")
	})
	if db.Unique(err) { // the same click twice: the other one was faster
		id, err := s.byClientKey(ctx, r.owner, clientKey)
		return s.known(ctx, a, id, err)
	}
	return s.known(ctx, a, r.ID, err)
}

func (s *Service) known(ctx context.Context, a authz.Actor, id string, err error) (Detail, error) {
	if err != nil {
		return Detail{}, err
	}
	return s.Case(ctx, a, id)
}

func (s *Service) mayApply(ctx context.Context, it catalog.Item, a authz.Actor, r record, level bool) error {
	kind := r.ApplicantKind
	switch {
	case mandated(a, r) && !a.Scope.Covers(authz.ActApply, it.Key):
		return s.outOfScope(ctx, a, authz.ActApply, it.Name)
	case !it.Applicable():
		return errs.New(errs.Conflict, "cases.not_online", errs.P{"item": it.Name})
	case kind == ByPerson && !slices.Contains(it.Audience, naturalPerson):
		return errs.New(errs.Conflict, "cases.only_firms", errs.P{"item": it.Name})
	case kind == ByFirm && !slices.ContainsFunc(it.Audience, func(c string) bool { return c != naturalPerson }):
		return errs.New(errs.Conflict, "cases.only_persons", errs.P{"item": it.Name})
	case level:
		return levelFor(a, it.LevelFor(authz.ActApply))
	}
	return nil
}

// open fills a new draft: versions, who applies, and what the registers know.
func (s *Service) open(ctx context.Context, r *record, it catalog.Item) error {
	now := s.Now()
	r.ID, r.State, r.Version, r.Created, r.Updated = ident.New(), Draft, 1, now, now
	r.ItemKey, r.ItemName, r.ItemVersion, r.FormVersion, r.FlowVersion = it.Key, it.Name, it.Version, it.FormVersion, it.FlowVersion
	r.Nature = it.Nature()
	r.Agency, r.AgencyName, r.Region = it.Agency, it.AgencyName, it.Region
	r.Clock.Phase = PhaseNone
	var err error
	if r.HandledBy, err = s.handledBy(ctx, it); err != nil {
		return err
	}
	if err := s.identify(ctx, r); err != nil {
		return err
	}
	def, err := s.formOf(ctx, it, it.FormVersion)
	if err != nil {
		return err
	}
	r.content.Scenario, r.content.Form = map[string]string{}, form.Answers{}
	values, reached, err := s.People.Prefill(ctx, r.PersonID, r.FirmID)
	if err != nil {
		return err
	}
	r.away = !reached
	fill(def, r.content.Form, values, false)
	return s.preselect(ctx, r, it, def)
}

// identify reads who applies from identity: name, number, age and the account's telephone.
func (s *Service) identify(ctx context.Context, r *record) error {
	p, err := s.People.Person(ctx, r.PersonID)
	if err != nil {
		return err
	}
	r.summary = summary{Name: p.Name, Number: p.Number, NumberKind: p.NumberKind, Birth: p.Birth, Phone: p.Phone}
	if r.ApplicantKind == ByFirm {
		f, err := s.People.Firm(ctx, r.FirmID)
		if err != nil {
			return err
		}
		r.summary = summary{Name: f.Name, Number: f.CreditCode, NumberKind: "credit_code", Actor: p.Name, Phone: p.Phone}
	}
	acts := p
	if r.ActingID != "" && r.ActingID != r.PersonID {
		if acts, err = s.People.Person(ctx, r.ActingID); err != nil {
			return err
		}
		r.summary.Actor = acts.Name
	}
	if r.content.Contact == (Contact{}) {
		r.content.Contact = Contact{Name: acts.Name, Phone: acts.Phone}
	}
	r.subject = s.Vault.Blind("subject", r.summary.Number)
	return nil
}

// fill puts known values into the fields that name their term, with the source beside them. With readOnly it renews the read-only ones only.
func fill(def form.Definition, a form.Answers, known map[string]identity.Known, readOnly bool) {
	src := map[string]any{}
	if old, ok := a[form.SourceKey].(map[string]any); ok {
		for k, v := range old {
			src[k] = v
		}
	}
	for _, sec := range def.Sections {
		for _, f := range sec.Fields {
			k := known[f.Term]
			if f.Term == "" || k.Value == "" || readOnly && !f.ReadOnly {
				continue
			}
			a[f.Key], src[f.Key] = k.Value, k.Source
		}
	}
	if len(src) > 0 {
		a[form.SourceKey] = src
	}
}

// fillable is the form for who fills it in: a read-only field that no register filled may be typed.
func fillable(def form.Definition, a form.Answers) form.Definition {
	src, _ := a[form.SourceKey].(map[string]any)
	out := def
	out.Sections = slices.Clone(def.Sections)
	for i := range out.Sections {
		out.Sections[i].Fields = slices.Clone(out.Sections[i].Fields)
		for j, f := range out.Sections[i].Fields {
			out.Sections[i].Fields[j].ReadOnly = f.ReadOnly && src[f.Key] != nil
		}
	}
	return out
}

// merge takes the answers a page holds over the stored ones: read-only fields stay, the mark of a source stays while its value does.
func merge(def form.Definition, stored, sent form.Answers) form.Answers {
	whole := form.Answers{}
	for _, sec := range def.Sections {
		for _, f := range sec.Fields {
			whole[f.Key] = sent[f.Key] // also nothing: the page holds all of the answers
		}
	}
	out := fillable(def, stored).FromAPI(whole, stored)
	for k, v := range out {
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

// take applies a patch to the stored content.
func (w *work) take(p Patch) (content, error) {
	c := content{Scenario: map[string]string{}, Contact: Contact{Name: strings.TrimSpace(p.Contact.Name), Phone: strings.TrimSpace(p.Contact.Phone)}}
	for _, q := range w.item.Scenario { // answers to questions the item does not ask are dropped
		if v := strings.TrimSpace(p.Scenario[q.Key]); v != "" && len(v) <= 200 {
			c.Scenario[q.Key] = v
		}
	}
	if p.Contact == (Contact{}) {
		c.Contact = w.c.content.Contact
	}
	c.Form = merge(w.form, w.c.content.Form, p.Form)
	b, err := json.Marshal(c)
	if err != nil || len(b) > maxContent || len([]rune(c.Contact.Name)) > 100 || len(c.Contact.Phone) > 40 {
		return c, errs.New(errs.TooLarge, "cases.draft_too_large", errs.P{"max": maxContent >> 10})
	}
	return c, nil
}

const maxContent = 512 << 10

// writable loads a case for who fills it in now.
func (s *Service) writable(ctx context.Context, a authz.Actor, id string, act Act) (*work, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return w, w.writing(ctx, act)
}

// writing checks that the actor fills the case in, and that it can be written on now.
func (w *work) writing(ctx context.Context, act Act) error {
	if !writes(w.actor, w.view, w.was) {
		return errs.New(errs.Forbidden, "cases.not_yours_to_fill")
	}
	if err := w.fills(ctx); err != nil {
		return err
	}
	w.act = act
	_, err := next(w.was.State, act)
	return err
}

// fills checks that who writes now may apply: within the mandate, and at the item's identity level. A clerk needs neither.
func (w *work) fills(ctx context.Context) error {
	if w.actor.PersonID == "" {
		return nil
	}
	return w.takes(ctx, authz.ActApply)
}

// SaveDraft stores answers (draft, or under correction) and gives the new version. A stale version is errs.Conflict cases.draft_moved, unless what
// is stored already equals what is sent: then an answer was lost on the way and the save is done.
func (s *Service) SaveDraft(ctx context.Context, a authz.Actor, id string, version int64, p Patch) (int64, error) {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return 0, err
	}
	c, err := w.take(p)
	if err != nil {
		return 0, err
	}
	if same(c, w.c.content) {
		return w.was.Version, nil
	}
	if version != w.was.Version {
		return 0, draftMoved(w.was.Version)
	}
	w.c.content = c
	err = w.saveTx(ctx)
	if errs.Is(err, "cases.moved") {
		return 0, s.draftMovedTo(ctx, id)
	}
	return w.c.Version, err
}

func draftMoved(version int64) error {
	return errs.New(errs.Conflict, "cases.draft_moved", errs.P{"version": version})
}

func (s *Service) draftMovedTo(ctx context.Context, id string) error {
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return err
	}
	return draftMoved(r.Version)
}

// saveTx writes a draft: no legal act, so no event; who and when all the same. A file that came meanwhile does not matter to answers.
func (w *work) saveTx(ctx context.Context) error {
	w.c.Version, w.c.Updated = w.was.Version+1, w.now
	w.c.phoneBlind = w.s.phoneBlind(w.c.content.Contact.Phone)
	return w.s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := w.s.saveDraftTx(ctx, tx, w.c, w.was.Version, moved(w.was.Version)); err != nil {
			return err
		}
		if w.c.target != "" {
			if err := putTargetTx(ctx, tx, w.c.ID, w.c.target, w.by, w.now); err != nil {
				return err
			}
		}
		again, err := lastTx(ctx, tx, w.c.ID, string(ActSave), w.by)
		if err != nil {
			return err
		}
		if !again { // a page saves itself every few seconds: that is one act to whom it is done for
			if err := w.s.actedTx(ctx, tx, w, string(ActSave)); err != nil {
				return err
			}
		}
		return putHistoryTx(ctx, tx, w.c.ID, HistoryEntry{Version: w.c.Version, At: w.now, By: w.by, Act: string(ActSave), From: w.was.State, To: w.c.State})
	})
}

func (s *Service) phoneBlind(phone string) string {
	if m, err := cnid.ParseMobile(phone); err == nil {
		return s.Vault.Blind("phone", m)
	}
	return ""
}

// same compares contents as they would be stored.
func same(a, b content) bool {
	x, err1 := canonical(a)
	y, err2 := canonical(b)
	return err1 == nil && err2 == nil && reflect.DeepEqual(x, y)
}

func canonical(c content) (any, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var v any
	return v, json.Unmarshal(b, &v)
}

// DraftDiff compares what a page holds with what another tab or device stored meanwhile.
func (s *Service) DraftDiff(ctx context.Context, a authz.Actor, id string, mine Patch) (DraftConflict, error) {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return DraftConflict{}, err
	}
	c, err := w.take(mine)
	if err != nil {
		return DraftConflict{}, err
	}
	stored := w.c.content
	out := DraftConflict{Version: w.was.Version, Stored: Patch(stored), Changes: w.diff(ctx, stored.Form, c.Form)}
	for _, q := range w.item.Scenario {
		if x, y := stored.Scenario[q.Key], c.Scenario[q.Key]; x != y {
			out.Scenario = append(out.Scenario, form.Change{Key: q.Key, Label: q.Ask, Old: optionLabel(q.Options, x), New: optionLabel(q.Options, y)})
		}
	}
	return out, nil
}

// DiscardDraft deletes a draft and everything in it; doing it again changes nothing.
func (s *Service) DiscardDraft(ctx context.Context, a authz.Actor, id string) error {
	w, err := s.load(ctx, a, id)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if w.was.State != Draft || !writes(a, w.view, w.was) {
		return errs.New(errs.Conflict, "cases.only_drafts")
	}
	if err := w.fills(ctx); err != nil {
		return err
	}
	return s.dropDraft(ctx, a, w.was, w.now)
}

func (s *Service) dropDraft(ctx context.Context, a authz.Actor, r record, now time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.deleteDraftTx(ctx, tx, r.ID); err != nil {
			return err
		}
		w := &work{s: s, actor: a, now: now, mandated: mandated(a, r), c: r}
		return w.auditTx(ctx, tx, "discard")
	})
}
