package cases

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

// Exchange is the channel of applications that a system of another agency sends for somebody it has identified. The case is the applicant's: they are
// told of it, see it among their own and may take it back. No program decides such a case.
const Exchange = "exchange"

// Exchanged is an application as such a system sends it, whole.
type Exchanged struct {
	Member    string // the system, as acts and the audit record write it
	Key       string // the same one files one case
	Item      string
	Applicant Applicant // of a firm: its legal representative, as the register names them
	Level     int       // identity level at which the system identifies people
	ExchangedContent
	// Keep writes beside the case, in the transaction in which it is filed; nil: nothing.
	Keep func(ctx context.Context, tx *db.Tx, caseID string) error
}

// ExchangedContent is what the applicant says and hands in. Answers left out stay as they are.
type ExchangedContent struct {
	Scenario map[string]string
	Form     form.Answers
	Contact  *Contact
	Files    []Upload
	// Replace lets Files stand in for what was handed in before for the same materials.
	Replace bool
}

// FileExchanged files a case, or gives the receipt of the one the same key has filed. What is not ready is errs.Invalid cases.not_ready, and nothing is
// left behind. Errors besides those of CreateDraft and Submit: cases.exchange_signed for what the applicant must sign, cases.exchange_firm when the
// person named is not the firm's legal representative, cases.exchange_level{need, has}.
func (s *Service) FileExchanged(ctx context.Context, in Exchanged) (Receipt, error) {
	owner := foreignActor(in.Member)
	id, err := s.byClientKey(ctx, owner, in.Key)
	if err == nil && id == "" {
		id, err = s.openExchanged(ctx, owner, in)
	}
	if err != nil {
		return Receipt{}, err
	}
	w, err := s.exchanged(ctx, in.Member, id)
	if err != nil {
		return Receipt{}, err
	}
	if w.was.CaseNo != "" {
		return w.receipt(), nil
	}
	w, err = s.fillExchanged(ctx, w, in.ExchangedContent)
	if err == nil {
		err = w.fileExchanged(ctx, in.Keep)
	}
	if err == nil {
		return w.receipt(), nil
	}
	if again, ferr := s.exchanged(ctx, in.Member, id); ferr == nil && again.was.CaseNo != "" { // the same at the same time
		return again.receipt(), nil
	}
	if errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.TooLarge || errs.KindOf(err) == errs.NotFound {
		if derr := s.dropDraft(ctx, authz.System, w.was, w.now); derr != nil && errs.KindOf(derr) != errs.NotFound {
			return Receipt{}, derr
		}
	}
	return Receipt{}, err
}

func (w *work) fileExchanged(ctx context.Context, keep func(ctx context.Context, tx *db.Tx, caseID string) error) error {
	if err := w.submit(ctx, w.was.Version); err != nil {
		return err
	}
	if keep != nil {
		w.effect(func(ctx context.Context, tx *db.Tx) error { return keep(ctx, tx, w.c.ID) })
	}
	return w.commit(ctx)
}

// openExchanged makes the draft of the application.
func (s *Service) openExchanged(ctx context.Context, owner string, in Exchanged) (string, error) {
	it, err := s.Items.Item(ctx, in.Item)
	if err != nil {
		return "", err
	}
	r := record{Case: Case{ApplicantKind: ByPerson, Channel: Exchange}, clientKey: in.Key}
	r.owner = owner
	if in.Applicant.Kind == ByFirm {
		r.ApplicantKind = ByFirm
	}
	if err := s.mayApply(ctx, it, authz.System, r, false); err != nil {
		return "", err
	}
	if err := s.Items.TakesApplications(ctx, it.Key); err != nil {
		return "", err
	}
	if need := it.LevelFor(authz.ActApply); in.Level < need {
		return "", errs.New(errs.Forbidden, "cases.exchange_level", errs.P{"need": need, "has": in.Level})
	}
	if it.Sign {
		return "", errs.New(errs.Conflict, "cases.exchange_signed", errs.P{"item": it.Name})
	}
	if r.HandledBy, err = s.handledBy(ctx, it); err != nil {
		return "", err
	}
	if err := s.legalPerson(ctx, &r, in.Applicant); err != nil {
		return "", err
	}
	return s.openFor(ctx, owner, r, it, in.Applicant)
}

// legalPerson checks that who acts for a firm is whom the register names: a basis on paper cannot be seen from afar.
func (s *Service) legalPerson(ctx context.Context, r *record, who Applicant) error {
	if r.ApplicantKind != ByFirm {
		return nil
	}
	p, err := s.People.EnsurePerson(ctx, who.Name, who.Number, who.NumberKind, who.Phone)
	if err != nil {
		return err
	}
	f, err := s.People.EnsureFirm(ctx, who.CreditCode)
	if err != nil {
		return err
	}
	if f.LegalPersonNumber == "" || f.LegalPersonNumber != p.Number {
		return errs.New(errs.Forbidden, "cases.exchange_firm", errs.P{"firm": f.Name})
	}
	return s.represent(ctx, r, p, f, who)
}

// exchanged loads a case for the system that sent it, which fills it in for the applicant.
func (s *Service) exchanged(ctx context.Context, member, id string) (*work, error) {
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return nil, err
	}
	if r.Channel != Exchange || r.owner != foreignActor(member) {
		return nil, notFound()
	}
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return nil, err
	}
	w.by, w.view = foreignActor(member), asOwner
	return w, nil
}

// fillExchanged stores answers and files, each in a step of its own as an applicant does, and gives the case as it is then.
func (s *Service) fillExchanged(ctx context.Context, w *work, in ExchangedContent) (*work, error) {
	member := w.by
	p := Patch{Scenario: w.c.content.Scenario, Form: w.form.FromAPI(in.Form, w.c.content.Form), Contact: w.c.content.Contact}
	if in.Scenario != nil {
		p.Scenario = in.Scenario
	}
	if in.Contact != nil {
		p.Contact = *in.Contact
	}
	c, err := w.take(p)
	if err != nil {
		return w, err
	}
	w.act = ActSave
	if !same(c, w.c.content) {
		w.c.content = c
		if err := w.saveTx(ctx); err != nil {
			return w, err
		}
	}
	if in.Replace {
		if err := s.clearExchanged(ctx, w, in.Files); err != nil {
			return w, err
		}
	}
	for _, u := range in.Files {
		if err := s.attachExchanged(ctx, w, u); err != nil {
			return w, err
		}
	}
	again, err := s.load(ctx, authz.System, w.c.ID)
	if err != nil {
		return w, err
	}
	again.by, again.view = member, asOwner
	return again, nil
}

// clearExchanged takes away what earlier rounds handed in for the materials of new files; what was submitted stays in the record.
func (s *Service) clearExchanged(ctx context.Context, w *work, us []Upload) error {
	fs, err := s.findFiles(ctx, s.DB.R(), w.c.ID)
	if err != nil {
		return err
	}
	for _, f := range fs {
		if f.Removed || f.Round >= w.c.Round || !slices.ContainsFunc(us, func(u Upload) bool { return u.Material == f.Material }) {
			continue
		}
		err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := s.touchFilesTx(ctx, tx, w.c.ID, w.touches(f.Source), db.Millis(w.now)); err != nil {
				return err
			}
			if err := s.removeFileTx(ctx, tx, w.c, f); err != nil {
				return err
			}
			return w.auditTx(ctx, tx, "remove_material")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// attachExchanged stores one file. What a register holds is taken from it, so such a copy is left aside.
func (s *Service) attachExchanged(ctx context.Context, w *work, u Upload) error {
	m, ok := w.item.Material(u.Material)
	if !ok || m.Source == catalog.FromPlatform {
		return errs.New(errs.NotFound, "cases.no_such_material")
	}
	if m.Source == catalog.FromLicence {
		re, err := s.reusable(ctx, w, m)
		if err != nil {
			return err
		}
		if !re.Away && len(re.Proofs) > 0 {
			return nil
		}
	}
	if u.ClientKey == "" {
		u.ClientKey = ident.New()
	}
	if _, ok, err := s.uploaded(ctx, w, u.ClientKey); err != nil || ok {
		return err
	}
	_, err := s.store(ctx, w, m, SourceUpload, u)
	return err
}

// AnswerExchanged answers a correction notice for the applicant. Errors: cases.not_now in any other state, cases.not_ready.
func (s *Service) AnswerExchanged(ctx context.Context, member, id string, in ExchangedContent) (Case, error) {
	w, err := s.exchanged(ctx, member, id)
	if err != nil {
		return Case{}, err
	}
	if _, err := next(w.was.State, ActResubmit); err != nil {
		return Case{}, err
	}
	if w, err = s.fillExchanged(ctx, w, in); err != nil {
		return Case{}, err
	}
	if err = w.begin(ActResubmit, w.was.Version, nil); err == nil {
		if err = w.resubmit(ctx); err == nil {
			err = w.commit(ctx)
		}
	}
	return s.head(ctx, w, err)
}

// OfExchange gives a case to the system that sent it, with what the applicant said; the reading is on record.
func (s *Service) OfExchange(ctx context.Context, member, id string) (Detail, error) {
	w, err := s.exchanged(ctx, member, id)
	if err != nil {
		return Detail{}, err
	}
	d, err := w.detail(ctx)
	if err != nil {
		return Detail{}, err
	}
	d.QueryCode = ""
	return d, s.Audit.Read(ctx, w.handedEntry("cases.read_case"))
}

// ExchangeScope is whose work a system sees: that on the cases it sent, and what waits or waited at posts, for items. Items nil: every item.
type ExchangeScope struct {
	Member string
	Posts  []string
	Items  []string
}

// ExchangeTask is a piece of work with the case it is about, whose applicant is masked.
type ExchangeTask struct {
	Task
	Case Case
}

// TaskFilter narrows a list of tasks.
type TaskFilter struct {
	CaseID, Staff string
	Desc          bool // newest first
	Offset, Limit int
}

// ExchangeTasks lists tasks in the order in which they began.
func (s *Service) ExchangeTasks(ctx context.Context, sc ExchangeScope, f TaskFilter) ([]ExchangeTask, error) {
	ts, err := s.scopedTasks(ctx, sc, f, "")
	if err != nil {
		return nil, err
	}
	return s.withCases(ctx, ts)
}

// ExchangeTask gives one; errs.NotFound outside the scope.
func (s *Service) ExchangeTask(ctx context.Context, sc ExchangeScope, id string) (ExchangeTask, error) {
	ts, err := s.scopedTasks(ctx, sc, TaskFilter{Limit: 1}, id)
	if err != nil {
		return ExchangeTask{}, err
	}
	if len(ts) == 0 {
		return ExchangeTask{}, notFound()
	}
	out, err := s.withCases(ctx, ts)
	if err != nil {
		return ExchangeTask{}, err
	}
	return out[0], nil
}

func (s *Service) withCases(ctx context.Context, ts []Task) ([]ExchangeTask, error) {
	out, heads := make([]ExchangeTask, 0, len(ts)), map[string]Case{}
	for _, t := range ts {
		c, ok := heads[t.CaseID]
		if !ok {
			r, err := s.find(ctx, s.DB.R(), t.CaseID)
			if err != nil {
				return nil, err
			}
			c = s.heads(ctx, []record{r}, false)[0]
			heads[t.CaseID] = c
		}
		out = append(out, ExchangeTask{t, c})
	}
	return out, nil
}

// OutcomeFilter asks how many cases were answered how, in whole days of Shanghai from From up to, not including, To.
type OutcomeFilter struct {
	From, To time.Time
	Items    []string // nil: every item
	Staff    []string // who answered; nil: anybody, the program too
}

// DayOutcomes counts the answers of one day.
type DayOutcomes struct {
	Day                          time.Time // its beginning
	Approved, Rejected, SentBack int       // granted; refused, also to accept; correction asked for
}

// Outcomes gives the days on which there were any, in order.
func (s *Service) Outcomes(ctx context.Context, f OutcomeFilter) ([]DayOutcomes, error) {
	return s.outcomes(ctx, f)
}
