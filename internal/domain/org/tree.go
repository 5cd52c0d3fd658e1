package org

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

// tree is regions and agencies as they would stand after a change, to judge it by.
type tree struct {
	regions  map[string]Region
	agencies map[string]Agency
	judged   map[string]bool // regions that are judged themselves: what is wrong with their level is said there
}

func (n *snapshot) tree() tree {
	t := tree{regions: make(map[string]Region, len(n.regions)), agencies: make(map[string]Agency, len(n.agencies)), judged: map[string]bool{}}
	for _, r := range n.regions {
		t.regions[r.Code] = r
	}
	for _, a := range n.agencies {
		t.agencies[a.Key] = a
	}
	return t
}

// within reports whether a region is another or lies below it.
func (t tree) within(code, above string) bool {
	for range Levels {
		if code == above || code == "" {
			break
		}
		code = t.regions[code].Parent
	}
	return code == above
}

// ends judges a last day and a successor that both kinds may have. lasting tells whether the successor goes on after that day.
func ends(f *findings, validTo, successor string, lasting func(key string) (known, on bool)) {
	if validTo != "" {
		if _, err := time.Parse(time.DateOnly, validTo); err != nil {
			f.add("valid_to", "org.valid_to_shape")
		}
	}
	if successor == "" {
		return
	}
	if known, on := lasting(successor); !known || !on {
		f.add("successor", "org.no_successor", errs.P{"key": successor})
	}
}

// outlives reports whether something with a last day still stands on the day after another's.
func outlives(last, other string) bool { return last == "" || other != "" && last > other }

// region gives what is wrong with a region's place and end in the tree.
func (t tree) region(r Region) findings {
	var f findings
	ends(&f, r.ValidTo, r.Successor, func(code string) (bool, bool) {
		s, ok := t.regions[code]
		return ok && code != r.Code, outlives(s.ValidTo, r.ValidTo)
	})
	if above, ok := t.regions[r.Parent]; ok && r.Parent != "" && !outlives(above.ValidTo, r.ValidTo) && above.ValidTo != r.ValidTo {
		f.add("parent", "org.parent_retired", errs.P{"name": above.Name, "date": above.ValidTo})
	}
	for _, code := range slices.Sorted(maps.Keys(t.regions)) {
		below := t.regions[code]
		if below.Parent != r.Code {
			continue
		}
		if !t.judged[code] && slices.Index(Levels, below.Level) <= slices.Index(Levels, r.Level) {
			f.add("level", "org.region_below", errs.P{"name": below.Name})
		}
		if r.ValidTo != "" && outlives(below.ValidTo, r.ValidTo) {
			f.add("valid_to", "org.region_in_use", errs.P{"name": below.Name})
		}
	}
	if r.ValidTo == "" {
		return f
	}
	for _, key := range slices.Sorted(maps.Keys(t.agencies)) {
		if a := t.agencies[key]; a.Region == r.Code && outlives(a.ValidTo, r.ValidTo) {
			f.add("valid_to", "org.region_in_use", errs.P{"name": a.Name})
		}
	}
	return f
}

// agency gives what is wrong with an agency's place and end in the tree: a parent that is none, a ring of parents, a region that has ended.
func (t tree) agency(a Agency) findings {
	var f findings
	ends(&f, a.ValidTo, a.Successor, func(key string) (bool, bool) {
		s, ok := t.agencies[key]
		return ok && key != a.Key, outlives(s.ValidTo, a.ValidTo)
	})
	if r, ok := t.regions[a.Region]; ok && !outlives(r.ValidTo, a.ValidTo) && r.ValidTo != a.ValidTo {
		f.add("region", "org.region_retired", errs.P{"name": r.Name, "date": r.ValidTo})
	}
	if a.ValidTo != "" {
		for _, key := range slices.Sorted(maps.Keys(t.agencies)) {
			if below := t.agencies[key]; below.Parent == a.Key && outlives(below.ValidTo, a.ValidTo) {
				f.add("valid_to", "org.agency_in_use", errs.P{"name": below.Name})
			}
		}
	}
	if a.Parent == "" {
		return f
	}
	above, ok := t.agencies[a.Parent]
	switch {
	case !ok:
		f.add("parent", "org.no_agency", errs.P{"key": a.Parent})
	case t.ring(a.Key):
		f.add("parent", "org.agency_ring", errs.P{"name": above.Name})
	case !t.within(a.Region, above.Region):
		f.add("parent", "org.agency_parent_region", errs.P{"name": above.Name})
	case !outlives(above.ValidTo, a.ValidTo) && above.ValidTo != a.ValidTo:
		f.add("parent", "org.parent_retired", errs.P{"name": above.Name, "date": above.ValidTo})
	}
	return f
}

// ring reports whether an agency is its own superior, over any number of steps.
func (t tree) ring(key string) bool {
	seen := map[string]bool{}
	for at := t.agencies[key].Parent; at != ""; at = t.agencies[at].Parent {
		if at == key {
			return true
		}
		if seen[at] { // a ring above, which is not this one's fault
			return false
		}
		seen[at] = true
	}
	return false
}

// retired finds an agency that has ended on the day a power over it would begin.
func (n *snapshot) retired(f *findings, agency string, from time.Time) {
	i, ok := n.agency[agency]
	if !ok {
		return
	}
	if a := n.agencies[i]; a.Retired(from.In(clock.Shanghai).Format(time.DateOnly)) {
		f.add("agency", "org.agency_retired", errs.P{"name": a.Name, "date": a.ValidTo})
	}
}

// Superiors gives the agencies above an agency, the nearest first.
func (s *Service) Superiors(ctx context.Context, key string) []Agency {
	n := s.all(ctx)
	var out []Agency
	for i, ok := n.agency[key]; ok; i, ok = n.agency[n.agencies[i].Parent] {
		if a := n.agencies[i]; a.Key != key {
			if slices.ContainsFunc(out, func(o Agency) bool { return o.Key == a.Key }) {
				break
			}
			out = append(out, a)
		}
	}
	return out
}

// Subordinates gives the agencies directly below an agency, by region and key.
func (s *Service) Subordinates(ctx context.Context, key string) []Agency {
	out := filter(s.all(ctx).agencies, func(a Agency) bool { return a.Parent == key })
	slices.SortFunc(out, func(a, b Agency) int { return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Key, b.Key)) })
	return out
}

// RegionPath gives a region and those above it, from the top; empty for an unknown code.
func (s *Service) RegionPath(ctx context.Context, code string) []Region {
	n := s.all(ctx)
	var out []Region
	for range Levels {
		i, ok := n.region[code]
		if !ok {
			break
		}
		out = append(out, n.regions[i])
		code = n.regions[i].Parent
	}
	slices.Reverse(out)
	return out
}
