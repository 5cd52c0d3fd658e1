package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"tongban/internal/domain/catalog/search"
	"tongban/internal/domain/org"
)

// tally names one count: how many items in use a region, an agency, a theme, a life event or a way of applying has in a region.
type tally struct{ kind, key, region string }

// The kinds of tally.
const (
	tallyRegion = "region"
	tallyAgency = "agency"
	tallyPerson = "person"
	tallyFirm   = "firm"
	tallyLife   = "life"
	tallyOnline = "online"
)

// delta gathers how counts change in one transaction.
type delta struct {
	n    map[tally]int
	name map[tally]string
}

func newDelta() delta { return delta{map[tally]int{}, map[tally]string{}} }

// count adds a row to the counts it belongs to, or with -1 takes it out. Only items in use are counted.
func (d delta) count(l line, by int) {
	if l.state != InUse || l.sort == "" {
		return
	}
	d.n[tally{tallyRegion, "", l.region}] += by
	d.n[tally{tallyOnline, l.online, l.region}] += by
	agency := tally{tallyAgency, l.agency, l.region}
	d.n[agency] += by
	if l.agencyName != "" {
		d.name[agency] = l.agencyName
	}
	for _, c := range search.ThemesIn("person", l.person) {
		d.n[tally{tallyPerson, c, l.region}] += by
	}
	for _, c := range search.ThemesIn("firm", l.firm) {
		d.n[tally{tallyFirm, c, l.region}] += by
	}
	for _, c := range lifeCodes(l.life) {
		d.n[tally{tallyLife, c, l.region}] += by
	}
}

// changed are the counts that really move, in a fixed order so that two writers never wait for each other crosswise.
func (d delta) changed() []tally {
	out := slices.Collect(maps.Keys(d.n))
	out = slices.DeleteFunc(out, func(t tally) bool { return d.n[t] == 0 })
	slices.SortFunc(out, func(a, b tally) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.key, b.key), strings.Compare(a.region, b.region))
	})
	return out
}

// counted is a row of the tallies.
type counted struct {
	tally
	n    int
	name string
}

// tallies are all counts in memory, with the sums pages ask for. It is safe for concurrent use.
type tallies struct {
	mu     sync.RWMutex
	rows   map[[2]string]map[string]int // by kind and key, then by region
	sum    map[[2]string]int
	name   map[string]string // of agencies only a list names, by key
	groups []Group           // of agencies; nil after a change
	codes  map[string][]Group
	region []string
}

func newTallies() *tallies {
	return &tallies{rows: map[[2]string]map[string]int{}, sum: map[[2]string]int{}, name: map[string]string{}}
}

func (t *tallies) take(rows []counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range rows {
		id := [2]string{r.kind, r.key}
		in := t.rows[id]
		if in == nil {
			in = map[string]int{}
			t.rows[id] = in
		}
		t.sum[id] += r.n - in[r.region]
		if in[r.region] = r.n; r.n == 0 {
			delete(in, r.region)
		}
		if r.name != "" {
			t.name[r.key] = r.name
		}
	}
	t.forget()
}

// clear forgets all counts.
func (t *tallies) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.rows)
	clear(t.sum)
	t.forget()
}

// forget drops what was worked out from the counts.
func (t *tallies) forget() { t.groups, t.codes, t.region = nil, map[string][]Group{}, nil }

// total counts the items of a kind and key in an area.
func (t *tallies) total(kind, key string, a area) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.count(kind, key, a)
}

func (t *tallies) count(kind, key string, a area) int {
	id := [2]string{kind, key}
	if a.stem == "" {
		return t.sum[id]
	}
	n := 0
	for region, c := range t.rows[id] {
		if a.holds(region) {
			n += c
		}
	}
	return n
}

// of works something out once after each change.
func of[T any](t *tallies, have func() (T, bool), work func() T) T {
	t.mu.RLock()
	v, ok := have()
	t.mu.RUnlock()
	if ok {
		return v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return work()
}

// agencies groups the items by agency: first those that are known, then those only a list names, by region and name.
func (t *tallies) agencies(all []org.Agency) []Group {
	return of(t, func() ([]Group, bool) { return t.groups, t.groups != nil }, func() []Group {
		at := map[string]int{}
		out := make([]Group, 0, len(all))
		for _, a := range all {
			at[a.Key] = len(out)
			out = append(out, Group{Key: a.Key, Name: a.Name, Code: a.Code, Region: a.Region, Known: true})
		}
		known := len(out)
		for id, in := range t.rows {
			kind, key := id[0], id[1]
			if kind != tallyAgency || len(in) == 0 {
				continue
			}
			i, ok := at[key]
			if !ok {
				i = len(out)
				at[key] = i
				out = append(out, Group{Key: key, Name: cmp.Or(t.name[key], key), Code: key, Region: slices.Min(slices.Collect(maps.Keys(in)))})
			}
			out[i].Count += t.sum[id]
		}
		slices.SortFunc(out[known:], func(a, b Group) int {
			return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(pinyinKey(a.Name), pinyinKey(b.Name)), strings.Compare(a.Key, b.Key))
		})
		t.groups = out
		return out
	})
}

// byCode counts by the codes of a list, in its order, without those that have none.
func (t *tallies) byCode(kind string, codes []string, a area) []Group {
	name := kind + " " + a.name()
	return of(t, func() ([]Group, bool) { g, ok := t.codes[name]; return g, ok }, func() []Group {
		out := []Group{}
		for _, c := range codes {
			if n := t.count(kind, c, a); n > 0 {
				out = append(out, Group{Key: c, Count: n})
			}
		}
		if len(t.codes) < mostAreas {
			t.codes[name] = out
		}
		return out
	})
}

// mostAreas is for how many areas the groups of a list are kept.
const mostAreas = 10_000

func (t *tallies) regions() []string {
	return of(t, func() ([]string, bool) { return t.region, t.region != nil }, func() []string {
		out := []string{}
		for region := range t.rows[[2]string{tallyRegion, ""}] {
			if region != "" {
				out = append(out, region)
			}
		}
		slices.Sort(out)
		t.region = out
		return out
	})
}

// homeless are keys of agencies that a list named before the agency was known here.
func (t *tallies) homeless(find agencyIndex) map[string]string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := map[string]string{}
	for id, in := range t.rows {
		key := id[1]
		if id[0] != tallyAgency || len(in) == 0 || find.key[key] != nil {
			continue
		}
		if a := find.byCode(key); a != nil {
			out[key] = a.Key
		}
	}
	return out
}
