package casesweb

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
)

// Firm is a firm, or a person, whom the person signed in may act for: as legal representative, or under a mandate with its scope.
type Firm struct {
	ID, Name  string
	Person    bool   // a person, not a firm
	MandateID string // empty for a legal representative
	Scope     *authz.Scope
}

// is reports whether the actor acts for it now.
func (f Firm) is(a authz.Actor) bool {
	if f.Person {
		return f.ID == a.ForPerson
	}
	return f.ID == a.FirmID && a.ForPerson == ""
}

// as is the actor in that role; the zero Firm is the person's own name.
func (f Firm) as(a authz.Actor) authz.Actor {
	a.FirmID, a.ForPerson, a.MandateID, a.Scope = f.ID, "", f.MandateID, f.Scope
	if f.Person {
		a.FirmID, a.ForPerson = "", f.ID
	}
	return a
}

// named is how the switch is told whom to act for; every name begins with prefix.
func (f Firm) named(prefix string) []ui.KV {
	if f.Person {
		return hidden(prefix+"kind", cases.ByPerson, prefix+"id", f.ID)
	}
	return hidden(prefix+"firm", f.ID)
}

// nameView is a name the person may apply in and does not now.
type nameView struct {
	Firm Firm    // zero: the person's own name
	Next string  // where to go on afterwards
	Then string  // the address of a post that did not get through, to be sent again afterwards
	Post []ui.KV // what it held
	Now  string  // whose name it is at the moment

	Drafts, Open int // what waits there
}

// elsewhere turns "there is no such case" into "switch to the firm it belongs to" where the person signed in may do so: after a new sign-in one
// acts in one's own name, and the links in messages lead to the firm's cases all the same. Others learn nothing.
func (h handlers) elsewhere(f web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := f(w, r)
		id := r.PathValue("id")
		if id == "" || auto(r) || !errs.Is(err, "cases.not_found") {
			return err
		}
		v, ok, lerr := h.nameFor(r.Context(), authz.From(r.Context()), id)
		if lerr != nil || !ok {
			return err
		}
		status := http.StatusOK
		v.Next = r.URL.Path
		if r.Method != http.MethodGet {
			status = http.StatusConflict
			v.Then, v.Post = postedAgain(r)
			if v.Next = caseHref(id); strings.HasPrefix(r.URL.Path, "/drafts/") {
				v.Next = draftHref(id)
			}
		}
		return web.RenderStatus(w, r, status, switchPage(v))
	}
}

// postedAgain gives a page of answers to be saved after the switch: what was typed before a session ended, or before another tab switched, is not
// lost. Uploads are chosen again, and what sends or withdraws an application is pressed again.
func postedAgain(r *http.Request) (path string, kvs []ui.KV) {
	name := strings.TrimPrefix(r.URL.Path, draftHref(r.PathValue("id"))+"/")
	if name != pageQuestions && name != pageContact && !strings.HasPrefix(name, "form/") || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return "", nil
	}
	f, err := web.Form(r)
	if err != nil || len(f) == 0 {
		return "", nil
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		for _, value := range f[name] {
			kvs = append(kvs, ui.KV{Key: name, Value: value})
		}
	}
	return r.URL.Path, kvs
}

// hidden is what the switch sends along.
func (v nameView) hidden() []ui.KV {
	if v.Then != "" {
		return slices.Concat(v.Firm.named("_"), hidden("_then", v.Then), v.Post)
	}
	return append(v.Firm.named(""), hidden("next", v.Next)...)
}

// nameFor finds the name under which a person would see a case; ok is false if there is none.
func (h handlers) nameFor(ctx context.Context, a authz.Actor, id string) (v nameView, ok bool, err error) {
	if a.PersonID == "" {
		return v, false, nil
	}
	c, err := h.Cases.Head(ctx, id)
	if err != nil || c.State == cases.Draft && (c.PersonID != a.PersonID && c.MandateID == "" || c.ClerkID != "") {
		return v, false, err // a draft is its writer's alone, or belongs to whom it is made for
	}
	firm := c.ApplicantKind == cases.ByFirm
	if firm || c.PersonID != a.PersonID {
		fs, err := h.firms(ctx, a)
		i := slices.IndexFunc(fs, func(f Firm) bool {
			return !f.is(a) && (firm && !f.Person && f.ID == c.FirmID || !firm && f.Person && f.ID == c.PersonID)
		})
		if err != nil || i < 0 {
			return v, false, err
		}
		v.Firm = fs[i]
	} else if a.FirmID == "" && a.ForPerson == "" {
		return v, false, nil
	}
	v.Now, err = h.name(ctx, a)
	return v, err == nil, err
}

// firms asks whom the person may act for; none while the registry is away.
func (h handlers) firms(ctx context.Context, a authz.Actor) ([]Firm, error) {
	if h.Firms == nil || a.PersonID == "" {
		return nil, nil
	}
	fs, err := h.Firms(ctx, a)
	if errs.KindOf(err) == errs.Unavailable {
		return nil, nil
	}
	return fs, err
}

// name is whose name the person applies in now.
func (h handlers) name(ctx context.Context, a authz.Actor) (string, error) {
	who, err := h.Who(ctx, a)
	return cmp.Or(who.Principal, who.Firm, who.Person), err
}

// otherNames lists the other names a person may apply in, with what waits there.
func (h handlers) otherNames(ctx context.Context, a authz.Actor) ([]nameView, error) {
	fs, err := h.firms(ctx, a)
	if err != nil {
		return nil, err
	}
	if a.FirmID != "" || a.ForPerson != "" {
		fs = append([]Firm{{}}, fs...)
	}
	var out []nameView
	for _, f := range fs {
		if f.ID != "" && f.is(a) {
			continue
		}
		v := nameView{Firm: f, Next: "/my/cases"}
		there := f.as(a)
		ds, err := h.Cases.Drafts(ctx, there)
		if err != nil {
			return nil, err
		}
		p, err := h.Cases.ListMine(ctx, there, "", perPage)
		if err != nil {
			return nil, err
		}
		v.Drafts = len(ds)
		for _, c := range p.Cases {
			if c.State.Open() {
				v.Open++
			}
		}
		out = append(out, v)
	}
	return out, nil
}
