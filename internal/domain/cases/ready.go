package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/cnid"
)

// Finding is one thing wrong, tied to a place: form.<input name>, material.<key>, scenario.<key>, rule.<name>, contact.phone, result.
type Finding = errs.Field

// Ready says what is missing before Submit, for the check-answers page. Nothing is stored.
func (s *Service) Ready(ctx context.Context, a authz.Actor, id string) (Readiness, error) {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return Readiness{}, err
	}
	if err := w.renew(ctx); err != nil {
		return Readiness{}, err
	}
	fs, err := s.findFiles(ctx, s.DB.R(), id)
	if err != nil {
		return Readiness{}, err
	}
	if fs, err = w.takeKnown(ctx, fs); err != nil {
		return Readiness{}, err
	}
	return w.ready(ctx, fs)
}

// renew reads the read-only fields from the registers again. A register that is away changes nothing: what is there was true when it was read.
func (w *work) renew(ctx context.Context) error {
	values, reached, err := w.s.People.Prefill(ctx, w.c.PersonID, w.c.FirmID)
	if err != nil {
		return err
	}
	w.c.away = !reached
	out := map[string]any{}
	for k, v := range w.c.content.Form {
		out[k] = v
	}
	fill(w.form, out, values, true)
	w.c.content.Form = out
	return nil
}

// ready checks scenario, form, materials and rules; everything at once.
func (w *work) ready(ctx context.Context, files []File) (Readiness, error) {
	get := w.answer()
	o := w.item.Outcome(get)
	out := Readiness{Stops: o.Stops, Warns: o.Warns}
	add := func(path, key string, p errs.P) {
		out.Findings = append(out.Findings, Finding{Path: path, Key: key, Params: p})
	}
	for _, st := range o.Stops {
		add("scenario", "cases.stopped", errs.P{"title": st.Title})
	}
	for _, q := range o.Questions {
		if slices.Contains(o.Unanswered, q.Key) {
			add("scenario."+q.Key, "cases.answer_question", errs.P{"question": q.Ask})
		}
	}
	for _, f := range fillable(w.form, w.c.content.Form).Doubts(w.c.content.Form, today(w.now)) {
		out.Warns = append(out.Warns, catalog.Warn{Text: fmt.Sprintf("%v: %s", f.Params["label"], i18n.T(ctx, f.Key, f.Params))})
	}
	for _, f := range fillable(w.form, w.c.content.Form).Validate(w.c.content.Form, today(w.now)) {
		f.Path = strings.TrimSuffix("form."+f.Path, ".")
		out.Findings = append(out.Findings, f)
	}
	if w.c.content.Contact.Phone != "" {
		if _, err := cnid.ParseMobile(w.c.content.Contact.Phone); err != nil {
			add("contact.phone", errs.As(err).Key, errs.As(err).Params)
		}
	}
	for _, m := range w.item.MaterialsFor(get) {
		key, err := w.material(ctx, m, files)
		if err != nil {
			return out, err
		}
		if key != "" {
			add("material."+m.Key, key, errs.P{"material": m.Name})
		}
	}
	if f, err := w.promiseFinding(ctx); err != nil {
		return out, err
	} else if f != nil {
		out.Findings = append(out.Findings, *f)
	}
	out.Warns = append(out.Warns, w.item.NotesFor(get)...)
	for _, r := range w.item.Failed(get) {
		if w.item.Limits.OnTheSpot { // there the rules are the decision: it may be sent, but nobody is left to guess
			out.Warns = append(out.Warns, catalog.Warn{Text: r.Text})
			continue
		}
		add("rule."+r.Name, "cases.rule", errs.P{"text": r.Text})
	}
	if w.basisMissing(files) {
		add(basisFindingPlace, "cases.behalf_unproved", nil)
	}
	fs, ws, err := w.targetFindings(ctx)
	if err != nil {
		return out, err
	}
	out.Findings, out.Warns = append(out.Findings, fs...), append(out.Warns, ws...)
	name, err := w.heldAlready(ctx)
	if name != "" {
		add("result", "cases.already_held", errs.P{"licence": name})
	}
	return out, err
}

// heldAlready names the licence this application would lead to when only one can be in force and the applicant has it; otherwise it is empty.
func (w *work) heldAlready(ctx context.Context) (string, error) {
	types, ok := w.s.Licences.(LicenceTypes)
	if !ok || w.item.Result.LicenceType == "" || w.item.Replaces() {
		return "", nil
	}
	t, err := types.Type(ctx, w.item.Result.LicenceType)
	if err != nil || !t.Exclusive {
		return "", err
	}
	held, err := w.s.Licences.Usable(ctx, w.c.summary.Number, t.Key)
	if err != nil || !slices.ContainsFunc(held, func(l licence.Licence) bool { return l.CaseID != w.c.ID }) {
		return "", err
	}
	return t.Name, nil
}

// material gives the text key for what is wrong with a material, or "".
func (w *work) material(ctx context.Context, m catalog.Material, files []File) (string, error) {
	var mine []File
	for _, f := range files {
		if f.Material == m.Key && !f.Removed {
			mine = append(mine, f)
		}
	}
	switch {
	case m.Source == catalog.FromPlatform:
		return "", nil
	case len(mine) == 0 && w.promised(m.Key):
		return "", nil
	case len(mine) == 0 && m.Required == catalog.RequiredLater && !m.Deferrable():
		return "cases.material_missing", nil // the law demands it
	case len(mine) == 0 && m.Deferrable() && !slices.Contains(w.chosen.Later, m.Key):
		return "cases.material_later_choose", nil
	case len(mine) == 0 && m.Required != catalog.RequiredYes:
		return "", nil
	case len(mine) == 0 && m.Source == catalog.FromLicence:
		return "cases.licence_missing", nil
	case len(mine) == 0:
		return "cases.material_missing", nil
	}
	for _, f := range mine {
		if f.Proof == nil || f.Proof.Ref == SeenOriginal {
			continue
		}
		re, err := w.s.reusable(ctx, w, m)
		if err != nil {
			return "", err
		}
		if !re.Away && !slices.ContainsFunc(re.Proofs, func(p Proof) bool { return p.Ref == f.Proof.Ref }) {
			return "cases.licence_unusable", nil
		}
	}
	return "", nil
}

// notReady is the error of a submission that cannot go: all findings at once.
func (r Readiness) err() error {
	if len(r.Findings) == 0 {
		return nil
	}
	return errs.Fields("cases.not_ready", r.Findings)
}
