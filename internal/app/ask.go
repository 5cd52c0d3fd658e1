package app

import (
	"context"
	"net/url"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/cases/casesweb"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/domain/portal/portalweb"
	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// holders tells under which numbers an actor holds licences.
type holders struct{ s *identity.Service }

func (h holders) Numbers(ctx context.Context, a authz.Actor) (person, firm string, err error) {
	p, err := h.s.Person(ctx, a.PersonID)
	if err != nil || a.FirmID == "" {
		return p.Number, "", err
	}
	f, err := h.s.Firm(ctx, a.FirmID)
	return p.Number, f.CreditCode, err
}

// liveItems tells org how many items in use an agency has. The catalogue is made after org, so it is asked when org asks.
type liveItems struct{ a *App }

func (l liveItems) LiveItems(ctx context.Context, agency string) (int, error) {
	all, err := l.a.Catalog.Agencies(ctx)
	for _, g := range all {
		if g.Key == agency {
			return g.Count, err
		}
	}
	return 0, err
}

func (a *App) whoApplies(ctx context.Context, who authz.Actor) (casesweb.Who, error) {
	p, err := a.Identity.Person(ctx, who.PersonID)
	if err != nil {
		return casesweb.Who{}, err
	}
	out := casesweb.Who{Person: p.Name}
	if who.FirmID != "" {
		f, err := a.Identity.Firm(ctx, who.FirmID)
		out.Firm = f.Name
		return out, err
	}
	out.Principal, _, err = a.principal(ctx, who)
	return out, err
}

// firmsOf are the firms and people a person may act for; errs.Unavailable while the registry is away.
func (a *App) firmsOf(ctx context.Context, who authz.Actor) ([]casesweb.Firm, error) {
	fs, err := a.Identity.FirmsOf(ctx, who.PersonID)
	if err != nil {
		return nil, err
	}
	var out []casesweb.Firm
	for _, f := range fs {
		out = append(out, casesweb.Firm{ID: f.ID, Name: f.Name})
	}
	ps, err := a.Identity.Principals(ctx, who.PersonID)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		acting, ok, err := a.Mandates.MayAct(ctx, who.PersonID, p.Kind, p.ID)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		f := casesweb.Firm{ID: p.ID, Person: p.Kind == identity.KindPerson, MandateID: p.MandateID, Scope: acting.Scope}
		if f.Name, err = a.principalName(ctx, p); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (a *App) principalName(ctx context.Context, p identity.Principal) (string, error) {
	if p.Kind == identity.KindFirm {
		f, err := a.Identity.Firm(ctx, p.ID)
		return f.Name, err
	}
	is, err := a.Identity.Person(ctx, p.ID)
	return is.Name, err
}

// licenceOpened records that the result reached its holder. A case that was delivered otherwise, or that somebody else applied for on the
// holder's behalf, keeps no one from the file.
func (a *App) licenceOpened(ctx context.Context, who authz.Actor, l licence.Licence) error {
	if l.CaseID == "" {
		return nil
	}
	_, err := a.Cases.Deliver(ctx, who, l.CaseID, 0, cases.Delivery{How: cases.DeliverOnline})
	if errs.Is(err, "base.level_needed") {
		return err
	}
	switch errs.KindOf(err) {
	case errs.Conflict, errs.NotFound, errs.Forbidden:
		return nil
	}
	return err
}

func (a *App) regionOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range a.Org.Regions(ctx) {
		out = append(out, ui.Option{Value: r.Code, Label: r.Name})
	}
	return out
}

// fileURL is where a sample or blank form of an item is downloaded.
func fileURL(item, path string) string {
	return "/items/" + url.PathEscape(item) + "/files/" + url.PathEscape(strings.TrimPrefix(path, "files/"))
}

func (a *App) remedies(ctx context.Context, agency, itemType string) string {
	g, err := a.Org.Agency(ctx, agency)
	if err != nil {
		return ""
	}
	return paper.Remedies(g, itemType)
}

// record is the audit record for the auditor's page.
type record struct{ a *App }

func (r record) List(ctx context.Context, f audit.Filter, after string, limit int) ([]audit.Entry, error) {
	return audit.List(ctx, r.a.DB.R(), f, after, limit)
}

// Who names staff by unit and name; a person stays unnamed.
func (r record) Who(ctx context.Context, actor string) string {
	kind, id, _ := strings.Cut(actor, ":")
	if kind != "staff" {
		return i18n.T(ctx, "portal.audit_who_"+kind)
	}
	st, err := r.a.Org.Staff(ctx, id)
	if err != nil {
		return i18n.T(ctx, "portal.audit_who_system")
	}
	g, err := r.a.Org.Agency(ctx, st.Agency)
	if err != nil {
		return st.Name
	}
	return g.Short + " " + st.Name
}

func (r record) Verify(ctx context.Context) (int64, error) {
	if err := r.a.Audit.SequenceNow(ctx); err != nil {
		return 0, err
	}
	return audit.Verify(ctx, r.a.DB.R())
}

const shownInSpace = 10

// space gathers what my space shows.
func (a *App) space(ctx context.Context, who authz.Actor) (portalweb.Space, error) {
	p, err := a.Identity.Person(ctx, who.PersonID)
	if err != nil {
		return portalweb.Space{}, err
	}
	s := portalweb.Space{Name: p.Masked(), Level: who.Level}
	holder := p.Number
	if who.ForPerson != "" {
		if s.Firm, holder, err = a.principal(ctx, who); err != nil {
			return s, err
		}
	}
	if who.FirmID != "" {
		f, err := a.Identity.Firm(ctx, who.FirmID)
		if err != nil {
			return s, err
		}
		s.Firm, holder = f.Name, f.CreditCode
	}
	if holder != "" && who.Scope.Covers(authz.ActView, "") {
		held, err := a.Licence.Held(ctx, holder)
		if err != nil {
			return s, err
		}
		s.Licences = len(held)
	}
	s.Unread = a.Notify.Unread(ctx, who.PersonID)
	drafts, err := a.Cases.Drafts(ctx, who)
	if err != nil {
		return s, err
	}
	for _, d := range drafts {
		s.Drafts = append(s.Drafts, portalweb.Line{Href: "/drafts/" + d.ID, Title: d.ItemName, Status: i18n.T(ctx, d.State.Key()), Tone: ui.Neutral, When: minute(d.Updated)})
	}
	page, err := a.Cases.ListMine(ctx, who, "", shownInSpace)
	for _, c := range page.Cases {
		s.Cases = append(s.Cases, caseLine(ctx, c))
	}
	return s, err
}

func caseLine(ctx context.Context, c cases.Case) portalweb.Line {
	l := portalweb.Line{Href: "/my/cases/" + c.ID, Title: c.ItemName, Note: c.CaseNo, Status: i18n.T(ctx, c.StateKey()), Tone: ui.Info, When: minute(c.Submitted)}
	switch {
	case c.State == cases.Correction:
		l.Tone = ui.Warn
	case c.Outcome == cases.Grant:
		l.Tone = ui.Success
	}
	return l
}

func minute(t time.Time) string { return t.In(clock.Shanghai).Format("2006-01-02 15:04") }

// ops is what an operator looks at first.
func (a *App) ops(ctx context.Context) (portalweb.Ops, error) {
	o := portalweb.Ops{Version: a.opts.Version, Engine: string(a.DB.Dialect())}
	var err error
	if o.Waiting, err = job.Count(ctx, a.DB, "ready"); err != nil {
		return o, err
	}
	if o.Dead, err = job.Count(ctx, a.DB, "dead"); err != nil {
		return o, err
	}
	packs, err := a.Packs.List(ctx)
	for _, p := range packs {
		o.Packs = append(o.Packs, portalweb.LoadedPack{Key: p.Key, Version: p.Version, At: minute(p.At)})
	}
	return o, err
}

// paperLines are the papers of a case as the supervisor sees them.
func (a *App) paperLines(ctx context.Context, caseID string) ([]supervision.PaperLine, error) {
	ps, err := a.Paper.OfCase(ctx, caseID)
	var out []supervision.PaperLine
	for _, p := range ps {
		out = append(out, supervision.PaperLine{Title: p.Title, Number: p.Number, Date: p.Issued.In(clock.Shanghai).Format(time.DateOnly)})
	}
	return out, err
}

func (a *App) agencyName(ctx context.Context, key string) string {
	g, err := a.Org.Agency(ctx, key)
	if err != nil {
		return key
	}
	return g.Name
}

func (a *App) itemName(ctx context.Context, key string) string {
	it, err := a.Catalog.Item(ctx, key)
	if err != nil {
		return key
	}
	return it.Name
}

// shelf is what packs are checked against beyond their own files.
type shelf struct{ a *App }

func (s shelf) Form(ctx context.Context, key string) (form.Definition, error) {
	d, _, err := s.a.Catalog.Form(ctx, key, 0)
	return d, err
}

func (s shelf) Flow(ctx context.Context, key string) (flow.Definition, error) {
	d, _, err := s.a.Catalog.Flow(ctx, key, 0)
	return d, err
}

func (s shelf) LicenceType(ctx context.Context, key string) (licence.Type, error) {
	return s.a.Licence.Type(ctx, key)
}

func (s shelf) Post(ctx context.Context, key string) (org.Post, error) { return s.a.Org.Post(ctx, key) }
