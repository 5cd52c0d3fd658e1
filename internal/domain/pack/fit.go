package pack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Shelf looks up what is in the database already, for parts that a pack leaves to others.
type Shelf interface {
	Form(ctx context.Context, key string) (form.Definition, error)
	Flow(ctx context.Context, key string) (flow.Definition, error)
	LicenceType(ctx context.Context, key string) (licence.Type, error)
	Post(ctx context.Context, key string) (org.Post, error)
}

// parts are the definitions a pack brings itself, by key. A file that cannot be read is left to its own section to report.
type parts struct {
	forms    map[string]form.Definition
	flows    map[string]flow.Definition
	licences map[string]licence.Type
	papers   map[string]paperHead
	posts    map[string]org.Post
}

type agencyFile struct {
	Agencies []struct {
		Key   string     `json:"key"`
		Posts []org.Post `json:"posts"`
	} `json:"agencies"`
}

func partsOf(files []packfile.File) parts {
	p := parts{forms: map[string]form.Definition{}, flows: map[string]flow.Definition{}, licences: map[string]licence.Type{}, papers: map[string]paperHead{}, posts: map[string]org.Post{}}
	for _, f := range files {
		switch dir, _, _ := strings.Cut(f.Path, "/"); dir {
		case "forms":
			keep(f, p.forms, func(d form.Definition) string { return d.Key })
		case "flows":
			keep(f, p.flows, func(d flow.Definition) string { return d.Key })
		case "licence-types":
			keep(f, p.licences, func(t licence.Type) string { return t.Key })
		case "papers":
			if h, ok := paperOf(f); ok {
				p.papers[h.Key] = h
			}
		case "agencies.yaml":
			for _, a := range looseAgencies(f).Agencies {
				for _, post := range a.Posts {
					post.Agency = a.Key
					p.posts[post.Key] = post
				}
			}
		}
	}
	return p
}

func keep[T any](f packfile.File, into map[string]T, key func(T) string) {
	var v T
	if _, ps := packfile.Decode(f, &v); len(ps) == 0 {
		into[key(v)] = v
	}
}

// looseAgencies reads only the posts of an agencies file; the rest of it is org's to check.
func looseAgencies(f packfile.File) agencyFile {
	var a agencyFile
	packfile.Loose(f, &a)
	return a
}

// find takes a part from the pack or, failing that, from the database.
func find[T any](own map[string]T, key string, ask func() (T, error)) (T, bool) {
	if v, ok := own[key]; ok {
		return v, true
	}
	v, err := ask()
	return v, err == nil
}

// fit checks what no room sees alone: that an item, its form, its flow's posts and its licence type go together.
func (s *Service) fit(ctx context.Context, p Pack, gives bool) []packfile.Problem {
	if s.shelf == nil {
		return nil
	}
	own := partsOf(p.Files)
	var out []packfile.Problem
	for _, f := range p.Files {
		var it catalog.Item
		if !strings.HasPrefix(f.Path, "items/") {
			continue
		}
		if d, ps := packfile.Decode(f, &it); len(ps) == 0 && it.Online == catalog.OnlineFull {
			out = append(out, s.fitLicence(ctx, own, d, it)...)
			out = append(out, s.fitPosts(ctx, own, d, it, gives)...)
			out = append(out, s.fitPapers(ctx, own, d, it)...)
		}
	}
	return out
}

// fitLicence: every field of the licence comes from something the item asks for, and the holder may apply.
func (s *Service) fitLicence(ctx context.Context, own parts, d *packfile.Doc, it catalog.Item) []packfile.Problem {
	t, ok := find(own.licences, it.Result.LicenceType, func() (licence.Type, error) { return s.shelf.LicenceType(ctx, it.Result.LicenceType) })
	if !ok {
		return nil // a licence type that does not exist is the catalog's finding
	}
	asked := map[string]bool{}
	if fm, ok := find(own.forms, it.Form, func() (form.Definition, error) { return s.shelf.Form(ctx, it.Form) }); ok {
		for _, sec := range fm.Sections {
			for _, f := range sec.Fields {
				asked["form."+f.Key] = true
			}
		}
	}
	for _, q := range it.Scenario {
		asked["scenario."+q.Key] = true
	}
	var out []packfile.Problem
	for _, from := range t.Sources() {
		if (strings.HasPrefix(from, "form.") || strings.HasPrefix(from, "scenario.")) && !asked[from] && !it.Replaces() { // what a change leaves out stays as it was
			out = append(out, d.Problem("/result/licence_type", "pack.licence_source", errs.P{"type": t.Key, "from": from, "form": it.Form}))
		}
	}
	// 服务对象: 1 is persons, everything else firms and bodies.
	if t.Holder == "person" && !slices.Contains(it.Audience, "1") || t.Holder == "firm" && !slices.ContainsFunc(it.Audience, func(a string) bool { return a != "1" }) {
		out = append(out, d.Problem("/audience", "pack.licence_holder", errs.P{"type": t.Key, "holder": t.Holder}))
	}
	// The guide says 结果有效期 of the item, the licence that of its type: people must not read one and be given another.
	if v := it.Validity; v.Years*12+v.Months != t.Validity.Years*12+t.Validity.Months || v.Days != t.Validity.Days {
		p := errs.P{"type": t.Key}
		p["item"], p["item_unit"] = lasting(v)
		p["licence"], p["licence_unit"] = lasting(catalog.Validity(t.Validity))
		out = append(out, d.Problem("/validity", "pack.licence_validity", p))
	}
	return out
}

// lasting says how long something is in force: a number and its unit, a word alone for ever.
func lasting(v catalog.Validity) (n string, unit i18n.Key) {
	months := v.Years*12 + v.Months
	switch {
	case months == 0 && v.Days == 0:
		return "", "pack.lasting_ever"
	case v.Days == 0 && months%12 == 0:
		return strconv.Itoa(months / 12), "pack.lasting_years"
	case v.Days == 0:
		return strconv.Itoa(months), "pack.lasting_months"
	case months == 0:
		return strconv.Itoa(v.Days), "pack.lasting_days"
	}
	return fmt.Sprintf("%d+%d", months, v.Days), "pack.lasting_both"
}

// paperHead is what an item must know of a paper template: for which act it is made.
type paperHead struct {
	Key string `json:"key"`
	Act string `json:"act"`
}

func paperOf(f packfile.File) (h paperHead, ok bool) {
	ok = packfile.Loose(f, &h) && h.Key != ""
	return h, ok
}

// fitPapers: the template an item names for an act is made for this act; any other would fail on the day the act is done.
func (s *Service) fitPapers(ctx context.Context, own parts, d *packfile.Doc, it catalog.Item) []packfile.Problem {
	var out []packfile.Problem
	for _, act := range slices.Sorted(maps.Keys(it.Papers)) {
		key := it.Papers[act]
		tp, ok := own.papers[key]
		if !ok { // another pack brings it; none at all is the catalogue's finding
			_, err := s.Holder(ctx, "papers/", func(f packfile.File) bool {
				h, is := paperOf(f)
				if is = is && h.Key == key; is {
					tp = h
				}
				return is
			})
			ok = err == nil && tp.Key != ""
		}
		if ok && tp.Act != act && slices.Contains(paper.Acts, act) {
			out = append(out, d.Problem("/papers/"+act, "pack.paper_act", errs.P{"paper": key, "act": i18n.Key("paper.act_" + act), "is": i18n.Key("paper.act_" + tp.Act)}))
		}
	}
	return out
}

// fitPosts: every step's post may do the step for this item, or will when gives says that it is given the item.
func (s *Service) fitPosts(ctx context.Context, own parts, d *packfile.Doc, it catalog.Item, gives bool) []packfile.Problem {
	fl, ok := find(own.flows, it.Flow, func() (flow.Definition, error) { return s.shelf.Flow(ctx, it.Flow) })
	if !ok {
		return nil
	}
	var out []packfile.Problem
	for _, st := range fl.Line().Steps {
		post, ok := find(own.posts, st.Post, func() (org.Post, error) { return s.shelf.Post(ctx, st.Post) })
		switch {
		case !ok || post.May(st.Kind, it.Key):
		case gives && post.Agency == it.Agency && !slices.Contains(post.Acts, st.Kind):
			out = append(out, d.Problem("/flow", "pack.post_no_act", errs.P{"post": st.Post, "name": post.Name, "step": st.Name, "kind": st.Kind}))
		case gives && post.Agency == it.Agency: // it is given the item with the change
		default:
			out = append(out, d.Problem("/flow", "pack.post_may_not", errs.P{"post": st.Post, "step": st.Key, "kind": st.Kind, "item": it.Key}))
		}
	}
	return out
}

// Right is a post that must be given an item; Name and Title are what people call the two.
type Right struct{ Post, Name, Item, Title string }

// Rights lists the posts that a change gives items to: those its items' flows name, of the item's own agency, that do not have the item yet.
func (s *Service) Rights(ctx context.Context, p Pack, c Change) ([]Right, error) {
	return s.rights(ctx, p, c, false)
}

// rights is Rights; anew means that the posts in p's own text are written over those that stand.
func (s *Service) rights(ctx context.Context, p Pack, c Change, anew bool) ([]Right, error) {
	if s.shelf == nil {
		return nil, nil
	}
	own := partsOf(p.Files)
	var out []Right
	for _, f := range p.Files {
		var it catalog.Item
		if !strings.HasPrefix(f.Path, "items/") {
			continue
		}
		if _, ps := packfile.Decode(f, &it); len(ps) > 0 || it.Online != catalog.OnlineFull || !c.touches(f.Path, it) {
			continue
		}
		fl, ok := find(own.flows, it.Flow, func() (flow.Definition, error) { return s.shelf.Flow(ctx, it.Flow) })
		if !ok {
			continue
		}
		for _, st := range fl.Line().Steps {
			post, err := s.shelf.Post(ctx, st.Post)
			if brought, ok := own.posts[st.Post]; ok && (anew || errs.KindOf(err) == errs.NotFound) {
				post, err = brought, nil
			}
			if errs.KindOf(err) == errs.NotFound { // a finding of its own
				continue
			}
			if err != nil {
				return nil, err
			}
			r := Right{Post: post.Key, Name: post.Name, Item: it.Key, Title: it.Name}
			if post.Agency == it.Agency && !post.May(st.Kind, it.Key) && slices.Contains(post.Acts, st.Kind) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// touches reports whether a change brings the item itself or its flow.
func (c Change) touches(file string, it catalog.Item) bool {
	return slices.ContainsFunc(c.Files, func(f packfile.File) bool {
		if f.Path == file {
			return true
		}
		var d flow.Definition
		return strings.HasPrefix(f.Path, "flows/") && packfile.Loose(f, &d) && d.Key == it.Flow
	})
}
