package catalog

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/table"
)

// maxFile is the largest sample or blank form a pack may bring, in bytes.
const maxFile = 2 << 20

var itemKey = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checker gathers the findings of one pack.
type checker struct {
	ctx   context.Context
	s     *Service
	sec   *section
	known packfile.Known
	codes map[string]string // agency codes by key
	seen  map[string]string // kind and key → file that defines it
	out   []packfile.Problem
}

// CheckSection finds everything that is wrong with the items, forms, flows and files of a pack, at once.
func (s *Service) CheckSection(ctx context.Context, all []packfile.File, known packfile.Known) []packfile.Problem {
	sec := parse(all)
	c := &checker{ctx: ctx, s: s, sec: sec, known: known, codes: sec.agencies, seen: map[string]string{}, out: sec.problems}
	for _, a := range s.org.Agencies(ctx) {
		if _, own := c.codes[a.Key]; !own {
			c.codes[a.Key] = a.Code
		}
	}
	for _, r := range sec.forms {
		if r.ok {
			c.unique(r.doc, r.file, "form", r.v.Key)
			c.engine(r.doc, r.v.Check())
		}
	}
	for _, r := range sec.flows {
		if r.ok {
			c.unique(r.doc, r.file, "flow", r.v.Key)
			c.flowPosts(r)
		}
	}
	for _, r := range sec.tables {
		if r.ok {
			c.unique(r.doc, r.file, "table", r.v.Key)
		}
	}
	used := map[string]bool{}
	for _, r := range sec.items {
		if r.ok {
			c.unique(r.doc, r.file, "item", r.v.Key)
			c.item(r)
			c.tables(r)
			used[r.v.Flow] = true
		}
	}
	for _, r := range sec.flows {
		if r.ok && !used[r.v.Key] {
			c.engine(r.doc, r.v.Check(Limit{}.Period())) // no item of the pack sets a promise to check it against
		}
	}
	for _, f := range sec.files {
		c.sample(f)
	}
	slices.SortStableFunc(c.out, func(a, b packfile.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Pointer, b.Pointer))
	})
	return c.out
}

func (c *checker) add(d *packfile.Doc, pointer, key string, p ...errs.P) {
	c.out = append(c.out, d.Problem(pointer, key, p...))
}

// engine takes over the findings of the engines.
func (c *checker) engine(d *packfile.Doc, ps []cond.Problem) {
	for _, p := range ps {
		c.add(d, p.Path, p.Key, p.Params)
	}
}

// unique finds keys of a wrong shape, keys two files of the pack define, and keys of another pack.
func (c *checker) unique(d *packfile.Doc, f packfile.File, kind, key string) {
	if !itemKey.MatchString(key) && kind == "item" || len(key) > 80 {
		c.add(d, "/key", "catalog.check_key", errs.P{"key": key})
		return
	}
	name := kind + " " + key
	if first, ok := c.seen[name]; ok {
		c.add(d, "/key", "catalog.check_key_twice", errs.P{"key": key, "file": first})
		return
	}
	c.seen[name] = f.Path
	if pack, err := c.s.owner(c.ctx, kind, key); err == nil && pack != "" && pack != f.Pack {
		c.add(d, "/key", "catalog.other_pack", errs.P{"key": key, "pack": pack})
	}
}

// owner names the pack that holds a key, "" when it is free. An item from a list belongs to no pack: a pack may take it over.
func (s *Service) owner(ctx context.Context, kind, key string) (string, error) {
	if kind == "item" {
		l, err := lineOfKey(ctx, s.db.R(), key)
		return l.pack, err
	}
	return definitionOwner(ctx, s.db.R(), kind, key)
}

// flowPosts finds posts nobody defines, also inside branches.
func (c *checker) flowPosts(r read[flow.Definition]) {
	for at, st := range r.v.Walk() {
		if st.Assign != nil {
			for i, rule := range st.Assign.Rules {
				if rule.Post != "" && !c.known.Has("post", rule.Post) {
					c.add(r.doc, fmt.Sprintf("%s/assign/rules/%d/post", at, i), "catalog.check_post", errs.P{"key": rule.Post})
				}
			}
		}
		if st.Post != "" && !c.known.Has("post", st.Post) {
			c.add(r.doc, at+"/post", "catalog.check_post", errs.P{"key": st.Post})
		}
		for i, post := range st.Posts {
			if !c.known.Has("post", post) {
				c.add(r.doc, fmt.Sprintf("%s/posts/%d", at, i), "catalog.check_post", errs.P{"key": post})
			}
		}
	}
}

// formOf finds the form an item names: in the pack, else in the database.
func (c *checker) formOf(key string) (form.Definition, bool) {
	for _, r := range c.sec.forms {
		if r.v.Key == key {
			return r.v, r.ok
		}
	}
	d, _, err := c.s.Form(c.ctx, key, 0)
	return d, err == nil
}

func (c *checker) flowOf(key string) (r read[flow.Definition], own, ok bool) {
	for _, r := range c.sec.flows {
		if r.v.Key == key {
			return r, true, r.ok
		}
	}
	d, _, err := c.s.Flow(c.ctx, key, 0)
	return read[flow.Definition]{v: d}, false, err == nil && !db.NoRows(err)
}

// tables checks the decision tables an item names against what the item asks, and runs the item's trials with them.
func (c *checker) tables(r read[Item]) {
	it := r.v
	d, _ := c.formOf(it.Form)
	scope := it.Scope(d.Scope())
	keys := make([]string, len(it.Materials))
	for i, m := range it.Materials {
		keys[i] = m.Key
	}
	var all []table.Definition
	for i, key := range it.Tables {
		own := slices.IndexFunc(c.sec.tables, func(t read[table.Definition]) bool { return t.v.Key == key })
		if own >= 0 {
			t := c.sec.tables[own]
			if t.ok {
				c.engine(t.doc, t.v.Check(scope, keys))
				all = append(all, t.v)
			}
			continue
		}
		stored, err := tablesOf(c.ctx, c.s.db.R(), []string{key})
		if err != nil {
			c.add(r.doc, fmt.Sprintf("/tables/%d", i), "catalog.no_table", errs.P{"key": key})
		}
		all = append(all, stored...)
	}
	c.engine(r.doc, it.Decide(all).Try(scope))
}

// sample checks a file: a kind people can open, the content of that kind, not too large.
func (c *checker) sample(f packfile.File) {
	bad := func(key string, p errs.P) {
		c.out = append(c.out, packfile.Problem{File: f.Path, Key: key, Params: p})
	}
	ext := strings.ToLower(path.Ext(f.Path))
	mime, ok := mimes[ext]
	switch {
	case !ok:
		bad("catalog.check_file_kind", errs.P{"ext": ext})
	case len(f.Data) == 0:
		bad("catalog.check_file_empty", nil)
	case len(f.Data) > maxFile:
		bad("catalog.check_file_large", errs.P{"max": "2 MB"})
	case !looksLike(mime, f.Data):
		bad("catalog.check_file_content", errs.P{"ext": ext})
	}
}

// looksLike compares a file's first bytes with what its name says.
func looksLike(mime string, data []byte) bool {
	if strings.HasPrefix(mime, "application/vnd.openxmlformats") {
		return bytes.HasPrefix(data, []byte("PK\x03\x04"))
	}
	_, is := blob.Sniff(data)
	return is == mime
}
