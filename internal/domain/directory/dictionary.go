package directory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog/item"
)

// national is the source of the codes that come with the program.
const national = "ZWFW C0109.1、GB/T 39554.1 及其交换表"

// ours are lists of this program's own words, which no standard sets.
var ours = []string{
	"online", "basis_status", "medium", "level", "sign", "result", "source", "unit", "integration", "investment", "life_event", "grade", "star", "yesno", "acceptance",
	"format", "delivery", "act", "review_kind", "clock", "audit_kind", "change_kind", "nature", "licence_act", "licence_late",
}

// seed stores the codes of the program's lists that are not stored yet. A code that was renamed or retired here stays so.
func (s *Service) seed(ctx context.Context) error {
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	var fresh []Code
	for _, list := range slices.Sorted(maps.Keys(item.Lists)) {
		source := national
		if slices.Contains(ours, list) {
			source = i18n.In(i18n.Chinese, "directory.source_own")
		}
		for i, code := range item.Codes(list) {
			if slices.ContainsFunc(n.codes[list], func(c Code) bool { return c.Code == code }) {
				continue
			}
			fresh = append(fresh, Code{
				List: list, Code: code, Name: item.CodeName(i18n.Chinese, list, code), NameEn: item.CodeName(i18n.English, list, code), Source: source, Sort: (i + 1) * 10,
			})
		}
	}
	maps := slices.DeleteFunc(Shipped(), func(m Mapping) bool { return slices.ContainsFunc(n.mappings, m.same) })
	if len(n.mappings) > 0 { // seeded once: what somebody took out stays out
		maps = nil
	}
	if len(fresh)+len(maps) == 0 {
		return nil
	}
	return s.write(ctx, s.entry(authz.System, "directory.seed", "code-lists", itoa(len(fresh)+len(maps))), func(ctx context.Context, tx *db.Tx) error {
		for _, c := range fresh {
			if err := seedCode(ctx, tx, c); err != nil {
				return err
			}
		}
		for _, m := range maps {
			if err := putMapping(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Lists gives every code list with how many codes it has today, by key.
func (s *Service) Lists(ctx context.Context) ([]List, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	today := dayOf(s.now())
	out := make([]List, 0, len(n.codes))
	for _, key := range slices.Sorted(maps.Keys(n.codes)) {
		l := List{Key: key}
		for _, c := range n.codes[key] {
			switch {
			case c.On(today):
				l.Count++
				if c.Local {
					l.Local++
				}
				l.Edition = max(l.Edition, c.From)
			case c.To != "" && c.To < today:
				l.Retired++
				l.Edition = max(l.Edition, nextDay(c.To))
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// Codes gives the codes of a list that are valid on a day (YYYY-MM-DD; empty: today), in their order. errs.NotFound if there is no such list,
// errs.Invalid for what is no day.
func (s *Service) Codes(ctx context.Context, list, on string) ([]Code, error) {
	all, err := s.Dictionary(ctx, list)
	if err != nil {
		return nil, err
	}
	if on == "" {
		on = dayOf(s.now())
	}
	if !isDate(on) {
		return nil, errs.Fields("directory.invalid", findings{{Path: "on", Key: "directory.date_wrong"}})
	}
	return slices.DeleteFunc(slices.Clone(all), func(c Code) bool { return !c.On(on) }), nil
}

// Dictionary gives every code a list ever had, with all its names; errs.NotFound if there is no such list.
func (s *Service) Dictionary(ctx context.Context, list string) ([]Code, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	all, ok := n.codes[list]
	if !ok {
		return nil, errs.New(errs.NotFound, "directory.no_list", errs.P{"list": list})
	}
	return all, nil
}

// Newest gives the last row of every code by list and code, whether it is still valid or not. It is shared: nobody changes it.
func (s *Service) Newest(ctx context.Context) (map[string]map[string]Code, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	return n.newest, nil
}

// Notes gives what was done with a list, newest first.
func (s *Service) Notes(ctx context.Context, list string) ([]Note, error) {
	return notesOf(ctx, s.db.R(), list)
}

// find gives the newest row of a code.
func find(all []Code, code string) (Code, bool) {
	var out Code
	ok := false
	for _, c := range all {
		if c.Code == code && (!ok || c.From > out.From) {
			out, ok = c, true
		}
	}
	return out, ok
}

// AddCode adds a local code to a list. A code that was ever given is not given again.
func (s *Service) AddCode(ctx context.Context, a authz.Actor, c Code) error {
	if err := s.mayKeep(ctx, a, authz.DirectoryEdit); err != nil {
		return err
	}
	all, err := s.Dictionary(ctx, c.List)
	if err != nil {
		return err
	}
	for _, p := range []*string{&c.Code, &c.Name, &c.NameEn, &c.Source, &c.From} {
		*p = strings.TrimSpace(*p)
	}
	f := c.check()
	if _, taken := find(all, c.Code); taken {
		f.add("code", "directory.list_code_taken", errs.P{"code": c.Code})
	}
	if err := errs.Fields("directory.invalid", f); err != nil {
		return err
	}
	c.Local, c.To, c.NameEn = true, "", cmp.Or(c.NameEn, c.Name)
	if c.Sort == 0 {
		c.Sort = 10*len(all) + 10
	}
	return s.note(ctx, a, c, "add", c.Source, func(ctx context.Context, tx *db.Tx) error { return putCode(ctx, tx, c) })
}

// RenameCode gives a code another name from a day on; before it, the old name stands.
func (s *Service) RenameCode(ctx context.Context, a authz.Actor, list, code, name, nameEn, from, reason string) error {
	c, f, err := s.editCode(ctx, a, list, code, reason)
	if err != nil {
		return err
	}
	if strings.TrimSpace(name) == "" {
		f.add("name", "directory.required_name")
	}
	if !isDate(from) || from <= c.From {
		f.add("valid_from", "directory.date_after", errs.P{"date": c.From})
	}
	if err := errs.Fields("directory.invalid", f); err != nil {
		return err
	}
	next := c
	next.Name, next.NameEn, next.From, next.To, next.Rev = strings.TrimSpace(name), cmp.Or(strings.TrimSpace(nameEn), c.NameEn), from, c.To, 0
	c.To = dayBefore(from)
	return s.note(ctx, a, c, "rename", reason, func(ctx context.Context, tx *db.Tx) error {
		return cmp.Or(endCode(ctx, tx, c), putCode(ctx, tx, next))
	})
}

// RetireCode ends a code after its last day. What was stored with it keeps its name.
func (s *Service) RetireCode(ctx context.Context, a authz.Actor, list, code, last, reason string) error {
	c, f, err := s.editCode(ctx, a, list, code, reason)
	if err != nil {
		return err
	}
	if !isDate(last) || last < c.From {
		f.add("valid_to", "directory.date_wrong")
	}
	if err := errs.Fields("directory.invalid", f); err != nil {
		return err
	}
	c.To = last
	return s.note(ctx, a, c, "retire", reason, func(ctx context.Context, tx *db.Tx) error { return endCode(ctx, tx, c) })
}

// editCode gives the open row of a code.
func (s *Service) editCode(ctx context.Context, a authz.Actor, list, code, reason string) (Code, findings, error) {
	var f findings
	if err := s.mayKeep(ctx, a, authz.DirectoryEdit); err != nil {
		return Code{}, nil, err
	}
	all, err := s.Dictionary(ctx, list)
	if err != nil {
		return Code{}, nil, err
	}
	c, ok := find(all, code)
	if !ok {
		return c, nil, errs.New(errs.NotFound, "directory.no_list_code", errs.P{"code": code})
	}
	if c.To != "" {
		return c, nil, errs.New(errs.Conflict, "directory.code_ended", errs.P{"code": code, "date": c.To})
	}
	f.filled("reason", reason)
	return c, f, nil
}

// note writes a change of a list with what was done.
func (s *Service) note(ctx context.Context, a authz.Actor, c Code, act, reason string, fn func(ctx context.Context, tx *db.Tx) error) error {
	return s.write(ctx, s.entry(a, "directory.code_"+act, "code-list:"+c.List, c.Code), func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return putNote(ctx, tx, ident.New(), Note{List: c.List, Code: c.Code, Act: act, Reason: strings.TrimSpace(reason), By: a.StaffID, At: s.now()})
	})
}
