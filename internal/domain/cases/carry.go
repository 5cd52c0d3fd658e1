package cases

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/form"
)

// SourceCarried marks an answer that was taken over from another application of the same visit.
const SourceCarried = "carried"

// Carried says what was taken over.
type Carried struct {
	Answers   int // fields filled
	Materials int // files copied
}

// CarryOver takes over into a draft what the same applicant has said and handed in for others: answers with the same term and kind, the contact, and
// uploads of a material with the same name. Only what is still empty is filled, and read-only answers stay the register's. All cases must be the
// clerk's own to write on. Errors: cases.not_yours_to_fill, cases.carry_other (another applicant), those of SaveDraft and Attach.
func (s *Service) CarryOver(ctx context.Context, a authz.Actor, to string, from []string) (Carried, error) {
	w, err := s.writable(ctx, a, to, ActSave)
	if err != nil {
		return Carried{}, err
	}
	var out Carried
	var others []*work
	c := w.c.content
	c.Form = form.Answers{}
	for k, v := range w.c.content.Form {
		c.Form[k] = v
	}
	for _, id := range from {
		o, err := s.load(ctx, a, id)
		if err != nil {
			return out, err
		}
		switch {
		case o.was.ID == w.was.ID:
			continue
		case o.was.subject != w.was.subject:
			return out, errs.New(errs.Conflict, "cases.carry_other")
		case !writes(a, o.view, o.was):
			return out, errs.New(errs.Forbidden, "cases.not_yours_to_fill")
		}
		others = append(others, o)
		out.Answers += carryAnswers(w.form, c.Form, o.form, o.c.content.Form)
		if c.Contact.Phone == "" {
			c.Contact = o.c.content.Contact
		}
	}
	if out.Answers > 0 || c.Contact != w.c.content.Contact {
		w.c.content = c
		if err := w.saveTx(ctx); err != nil {
			return Carried{}, err
		}
	}
	for _, o := range others {
		n, err := s.carryFiles(ctx, a, to, o)
		out.Materials += n
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// carried kinds hold one value whose meaning is its term. A declaration is given for one application only, and a table's rows belong to it.
var carriedKinds = []string{
	form.Text, form.Textarea, form.Number, form.Money, form.Date, form.Radio, form.Select, form.Region, form.IDNumber, form.CreditCode, form.Phone, form.BankCard, form.Email,
	form.Address,
}

func carryAnswers(to form.Definition, into form.Answers, from form.Definition, answers form.Answers) int {
	known := map[string]any{}
	for _, f := range fieldsOf(from) {
		if v := answers[f.Key]; f.Term != "" && !blank(v) && slices.Contains(carriedKinds, f.Kind) {
			known[f.Kind+"\x00"+f.Term] = v
		}
	}
	src := map[string]any{}
	if old, ok := into[form.SourceKey].(map[string]any); ok {
		for k, v := range old {
			src[k] = v
		}
	}
	n := 0
	for _, f := range fieldsOf(to) {
		v := known[f.Kind+"\x00"+f.Term]
		if f.Term == "" || f.ReadOnly || blank(v) || !blank(into[f.Key]) || !offered(f, v) {
			continue
		}
		into[f.Key], src[f.Key] = v, SourceCarried
		n++
	}
	if n > 0 {
		into[form.SourceKey] = src
	}
	return n
}

// offered reports whether a choice is one the field offers; other kinds take any value, and the form checks it.
func offered(f form.Field, v any) bool {
	return len(f.Options) == 0 || slices.ContainsFunc(f.Options, func(o form.Option) bool { return o.Value == v })
}

func blank(v any) bool { return v == nil || v == "" }

func fieldsOf(d form.Definition) (out []form.Field) {
	for _, sec := range d.Sections {
		out = append(out, sec.Fields...)
	}
	return out
}

// carryFiles copies uploads for materials of the same name that have none yet, under the checks of any upload.
func (s *Service) carryFiles(ctx context.Context, a authz.Actor, to string, o *work) (n int, err error) {
	files, err := s.findFiles(ctx, s.DB.R(), o.was.ID)
	if err != nil {
		return 0, err
	}
	w, err := s.load(ctx, a, to)
	if err != nil {
		return 0, err
	}
	have, err := s.findFiles(ctx, s.DB.R(), to)
	if err != nil {
		return 0, err
	}
	for _, m := range w.item.MaterialsFor(w.answer()) {
		if m.Source != catalog.FromApplicant || slices.ContainsFunc(have, func(f File) bool { return !f.Removed && f.Material == m.Key }) {
			continue
		}
		for _, f := range files {
			if om, ok := o.item.Material(f.Material); !ok || om.Name != m.Name || f.Removed || f.blobID == "" {
				continue
			}
			copied, err := s.carryFile(ctx, w, m, f)
			if err != nil {
				return n, err
			}
			if copied {
				n++
			}
		}
	}
	return n, nil
}

// carryFile copies one file; one that this material does not take stays where it is.
func (s *Service) carryFile(ctx context.Context, w *work, m catalog.Material, f File) (bool, error) {
	body, err := s.Blobs.Get(f.blobID)
	if err != nil {
		return false, err
	}
	defer body.Close()
	_, err = s.store(ctx, w, m, f.Source, Upload{Material: m.Key, ClientKey: "carry:" + f.ID, Name: f.Name, Size: f.Size, Body: body})
	if k := errs.KindOf(err); k == errs.Invalid || k == errs.TooLarge || k == errs.Conflict {
		return false, nil
	}
	return err == nil, err
}
