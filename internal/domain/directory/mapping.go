package directory

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Mapping says that a code of another system stands for one of ours. Takes: so it is read from there; Gives: so it is written for there. A code there
// is taken as one of ours only, and one of ours is given as one code there only; several may be taken as the same.
type Mapping struct {
	System string `json:"system"`
	List   string `json:"list"`
	There  string `json:"there"`
	Here   string `json:"here"`
	Takes  bool   `json:"takes"`
	Gives  bool   `json:"gives"`
	Note   string `json:"note,omitempty"`
}

func (m Mapping) same(o Mapping) bool {
	return m.System == o.System && m.List == o.List && m.There == o.There && m.Here == o.Here
}

// System is another system with the lists it is mapped for.
type System struct {
	Key   string
	Lists []string
	Rows  int
}

// Systems lists the systems there are tables for, by key.
func (s *Service) Systems(ctx context.Context) ([]System, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	var out []System
	for _, m := range n.mappings {
		if len(out) == 0 || out[len(out)-1].Key != m.System {
			out = append(out, System{Key: m.System})
		}
		x := &out[len(out)-1]
		x.Rows++
		if !slices.Contains(x.Lists, m.List) {
			x.Lists = append(x.Lists, m.List)
		}
	}
	return out, nil
}

// Mappings gives the rows of a system, of one list or of all.
func (s *Service) Mappings(ctx context.Context, system, list string) ([]Mapping, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	var out []Mapping
	for _, m := range n.mappings {
		if m.System == system && (list == "" || m.List == list) {
			out = append(out, m)
		}
	}
	return out, nil
}

// Take turns a code of another system into ours; false if there is no row for it.
func (s *Service) Take(ctx context.Context, system, list, there string) (string, bool) {
	ms, err := s.Mappings(ctx, system, list)
	if err != nil {
		s.log.Error("directory: mapping", "system", system, "list", list, "err", err)
	}
	for _, m := range ms {
		if m.Takes && m.There == there {
			return m.Here, true
		}
	}
	return "", false
}

// Give turns one of our codes into another system's; false if there is no row for it.
func (s *Service) Give(ctx context.Context, system, list, here string) (string, bool) {
	ms, err := s.Mappings(ctx, system, list)
	if err != nil {
		s.log.Error("directory: mapping", "system", system, "list", list, "err", err)
	}
	for _, m := range ms {
		if m.Gives && m.Here == here {
			return m.There, true
		}
	}
	return "", false
}

// Gap is a hole in a mapping table.
type Gap struct {
	List string
	Code string
	Key  string // text: directory.gap_none, _ended or _unread
}

// Gaps finds what a table of a system leaves open: codes of ours that have nothing to be given as, rows whose code of ours is not valid, codes there
// that are given but never taken.
func (s *Service) Gaps(ctx context.Context, system string) ([]Gap, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	today := dayOf(s.now())
	var out []Gap
	by := map[string][]Mapping{}
	var lists []string
	for _, m := range n.mappings {
		if m.System != system {
			continue
		}
		if by[m.List] == nil {
			lists = append(lists, m.List)
		}
		by[m.List] = append(by[m.List], m)
	}
	for _, list := range lists {
		out = append(out, gaps(list, by[list], n.codes[list], today)...)
	}
	return out, nil
}

func gaps(list string, rows []Mapping, codes []Code, today string) []Gap {
	var out []Gap
	for _, c := range codes {
		if c.On(today) && !slices.ContainsFunc(rows, func(m Mapping) bool { return m.Gives && m.Here == c.Code }) {
			out = append(out, Gap{list, c.Code, "directory.gap_none"})
		}
	}
	for _, m := range rows {
		if !slices.ContainsFunc(codes, func(c Code) bool { return c.Code == m.Here && c.On(today) }) {
			out = append(out, Gap{list, m.Here, "directory.gap_ended"})
		}
		if m.Gives && !slices.ContainsFunc(rows, func(o Mapping) bool { return o.Takes && o.There == m.There }) {
			out = append(out, Gap{list, m.There, "directory.gap_unread"})
		}
	}
	return out
}

// SaveMapping adds a row or changes its directions. errs.Invalid when a code there would be taken as two of ours, or one of ours given as two.
func (s *Service) SaveMapping(ctx context.Context, a authz.Actor, m Mapping) error {
	if err := s.mayKeep(ctx, a, authz.DirectoryEdit); err != nil {
		return err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	for _, p := range []*string{&m.System, &m.List, &m.There, &m.Here, &m.Note} {
		*p = strings.TrimSpace(*p)
	}
	var f findings
	f.filled("system", m.System, "there", m.There, "here", m.Here)
	if m.System != "" && !codeForm.MatchString(m.System) {
		f.add("system", "directory.system_shape")
	}
	if len(n.codes[m.List]) == 0 {
		f.add("list", "directory.no_list", errs.P{"list": m.List})
	} else if _, ok := find(n.codes[m.List], m.Here); !ok && m.Here != "" {
		f.add("here", "directory.no_list_code", errs.P{"code": m.Here})
	}
	if !m.Takes && !m.Gives {
		f.add("takes", "directory.map_no_way")
	}
	for _, o := range n.mappings {
		if o.System != m.System || o.List != m.List || o.same(m) {
			continue
		}
		if m.Takes && o.Takes && o.There == m.There {
			f.add("there", "directory.map_taken", errs.P{"there": m.There, "here": o.Here})
		}
		if m.Gives && o.Gives && o.Here == m.Here {
			f.add("here", "directory.map_given", errs.P{"here": m.Here, "there": o.There})
		}
	}
	if err := errs.Fields("directory.invalid", f); err != nil {
		return err
	}
	return s.mapped(ctx, a, m, "map", func(ctx context.Context, tx *db.Tx) error { return putMapping(ctx, tx, m) })
}

// DropMapping takes a row out; errs.NotFound if there is none.
func (s *Service) DropMapping(ctx context.Context, a authz.Actor, m Mapping) error {
	if err := s.mayKeep(ctx, a, authz.DirectoryEdit); err != nil {
		return err
	}
	return s.mapped(ctx, a, m, "unmap", func(ctx context.Context, tx *db.Tx) error { return dropMapping(ctx, tx, m) })
}

func (s *Service) mapped(ctx context.Context, a authz.Actor, m Mapping, act string, fn func(ctx context.Context, tx *db.Tx) error) error {
	what := m.System + " " + m.There + " " + m.Here
	return s.write(ctx, s.entry(a, "directory."+act, "code-list:"+m.List, what), func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return putNote(ctx, tx, ident.New(), Note{List: m.List, Code: m.Here, Act: act, Reason: m.System + "：" + m.There, By: a.StaffID, At: s.now()})
	})
}
