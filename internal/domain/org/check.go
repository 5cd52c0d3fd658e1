package org

import (
	"context"
	"fmt"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

func invalidPack(p packfile.Problem) error { return errs.New(errs.Invalid, p.Key, p.Params) }

// CheckSection finds everything wrong with regions.yaml and agencies.yaml at once.
func (s *Service) CheckSection(ctx context.Context, all []packfile.File, known packfile.Known) []packfile.Problem {
	sec, ps := read(all)
	if len(ps) > 0 {
		return ps
	}
	c := &checker{sec: sec, own: s.Names(all), known: known, stored: s.all(ctx), seen: map[string]bool{}}
	c.tree = c.after()
	c.regions()
	for i, a := range sec.agencies {
		c.agency(i, a)
	}
	return c.ps
}

type checker struct {
	sec    section
	own    map[string][]string
	known  packfile.Known
	stored *snapshot
	tree   tree            // what will stand after loading
	seen   map[string]bool // kind and key, to find doubles within the pack
	ps     []packfile.Problem
}

// Has implements places: in this pack, in those it requires, or stored.
func (c *checker) Has(kind, key string) bool {
	return slices.Contains(c.own[kind], key) || c.known != nil && c.known.Has(kind, key)
}

// after is the tree of regions and agencies as it will stand when the pack is loaded.
func (c *checker) after() tree {
	t := c.stored.tree()
	for _, r := range c.sec.regions {
		t.regions[r.Code], t.judged[r.Code] = r, true
	}
	for _, p := range c.sec.agencies {
		t.agencies[p.Key] = p.agency()
	}
	return t
}

// put turns findings into problems at the place of their element; pack names where the pack writes a field under another name.
func (c *checker) put(doc *packfile.Doc, at string, fs findings) {
	for _, f := range fs {
		path := f.Path
		switch path {
		case "seal_name":
			path = "seal/name"
		case "seal_purpose":
			path = "seal/purpose"
		}
		p := doc.Problem(at+"/"+path, f.Key)
		p.Params = f.Params
		c.ps = append(c.ps, p)
	}
}

// once reports a key given twice in the pack.
func (c *checker) once(doc *packfile.Doc, at, kind, key string) {
	if c.seen[kind+" "+key] {
		c.ps = append(c.ps, doc.Problem(at, "org.key_twice", errs.P{"key": key}))
	}
	c.seen[kind+" "+key] = true
}

func (c *checker) regions() {
	levels := map[string]string{}
	for _, r := range c.sec.regions {
		levels[r.Code] = r.Level
	}
	for i, r := range c.sec.regions {
		at := fmt.Sprintf("/regions/%d", i)
		c.once(c.sec.regDoc, at+"/code", "region", r.Code)
		fs := r.check(c)
		above, ok := levels[r.Parent]
		if j, stored := c.stored.region[r.Parent]; !ok && stored {
			above, ok = c.stored.regions[j].Level, true
		}
		if ok && len(fs) == 0 && slices.Index(Levels, above) >= slices.Index(Levels, r.Level) {
			fs.add("parent", "org.region_above")
		}
		c.put(c.sec.regDoc, at, append(fs, c.tree.region(r)...))
	}
}

func (c *checker) agency(i int, p packAgency) {
	at, doc := fmt.Sprintf("/agencies/%d", i), c.sec.ageDoc
	a := p.agency()
	c.once(doc, at+"/key", "agency", a.Key)
	c.once(doc, at+"/code", "code", a.Code)
	fs := a.check(c)
	if j := slices.IndexFunc(c.stored.agencies, func(o Agency) bool { return o.Code == a.Code && o.Key != a.Key }); j >= 0 {
		fs.add("code", "org.code_taken", errs.P{"name": c.stored.agencies[j].Name})
	}
	c.put(doc, at, append(fs, c.tree.agency(a)...))
	for j, w := range p.windows() {
		c.once(doc, fmt.Sprintf("%s/windows/%d/key", at, j), "window", w.Key)
		fs := w.check()
		fs.owner(c.stored.window, w.Key, w.Agency, func(k int) string { return c.stored.windows[k].Agency })
		c.put(doc, fmt.Sprintf("%s/windows/%d", at, j), fs)
	}
	for j, o := range p.posts() {
		c.once(doc, fmt.Sprintf("%s/posts/%d/key", at, j), "post", o.Key)
		fs := o.check()
		fs.owner(c.stored.post, o.Key, o.Agency, func(k int) string { return c.stored.posts[k].Agency })
		c.put(doc, fmt.Sprintf("%s/posts/%d", at, j), fs)
	}
	for j, st := range p.staff() {
		c.staff(fmt.Sprintf("%s/staff/%d", at, j), st)
	}
}

// owner finds a key that is already another agency's.
func (f *findings) owner(index map[string]int, key, agency string, of func(int) string) {
	if i, ok := index[key]; ok && of(i) != agency {
		f.add("key", "org.key_elsewhere", errs.P{"key": key, "agency": of(i)})
	}
}

func (c *checker) staff(at string, st Staff) {
	doc := c.sec.ageDoc
	c.once(doc, at+"/key", "staff", st.ID)
	c.once(doc, at+"/login", "login", st.Login)
	fs := st.check(c, c.postOf)
	fs.key(st.ID)
	if other, both := c.otherAccount(st); both != "" {
		fs.add("phone", "org.roles_apart_phone", errs.P{"login": other, "roles": both})
	}
	if i, ok := c.stored.staffName[st.Login]; ok && c.stored.staff[i].ID != st.ID {
		fs.add("login", "org.login_taken", errs.P{"login": st.Login})
	}
	c.put(doc, at, fs)
}

// postOf gives a post of this pack, else a stored one.
func (c *checker) postOf(key string) Post {
	for _, p := range c.sec.agencies {
		for _, o := range p.posts() {
			if o.Key == key {
				return o
			}
		}
	}
	if i, ok := c.stored.post[key]; ok {
		return c.stored.posts[i]
	}
	return Post{}
}

// otherAccount finds another account of the same telephone, in the pack or stored, with which this one would hold roles that nobody may hold
// together.
func (c *checker) otherAccount(st Staff) (login, both string) {
	own := c.kinds(st)
	for _, p := range c.sec.agencies {
		for _, o := range p.staff() {
			if o.Phone != st.Phone || o.ID == st.ID {
				continue
			}
			if both := clash(slices.Concat(own, c.kinds(o))); both != "" {
				return o.Login, both
			}
		}
	}
	for _, id := range c.stored.phones[st.Phone] {
		o := c.stored.staff[c.stored.staffID[id]]
		if id == st.ID || o.off || slices.Contains(c.own["staff"], id) {
			continue
		}
		roles := slices.Clone(own)
		for _, h := range c.stored.held[id] {
			if h.Until.IsZero() {
				roles = append(roles, c.stored.kindsOf(h.Post)...)
			}
		}
		if both := clash(roles); both != "" {
			return o.Login, both
		}
	}
	return "", ""
}

// kinds are the roles of an account as its pack writes it.
func (c *checker) kinds(s Staff) []authz.Role {
	out := slices.Clone(s.Roles)
	for _, p := range s.Posts {
		out = append(out, c.postOf(p).kinds()...)
	}
	return out
}
