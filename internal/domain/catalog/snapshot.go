package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mozillazg/go-pinyin"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
)

// snapshot is the whole current catalog, ready to answer. It never changes after it was made.
type snapshot struct {
	seq      int64
	agencies []org.Agency
	stored   map[string]*Item // as the database holds them
	items    map[string]*Item // with what follows from their agencies
	entries  []*entry         // by sort key
	place    map[string]int   // key → place in entries
	ranked   []scored         // all entries as a list without a query shows them
	index    index
	groups   []Group            // agencies with their items
	themes   map[string][]Group // by list
	regions  []string           // codes that have items
}

// entry is an item with what lists and search need of it. Snapshots share it, so it never changes.
type entry struct {
	item   *Item
	stored *Item
	sort   string   // pinyin of the name, then the key
	rank   int      // without a query: what can be done here comes first
	name   string   // folded
	alias  []string // what people call it, folded
	tokens []token
}

// cache keeps the newest snapshot.
type cache struct {
	mu      sync.Mutex
	now     atomic.Pointer[snapshot]
	checked atomic.Int64 // Unix ms of the last look at the database
}

// checkEvery is how long a snapshot answers before the change number is looked at again: one row by primary key.
const checkEvery = 50 * time.Millisecond

// snap gives the catalog as it is now. When the database is away the last state serves on: the guides stay readable.
func (s *Service) snap(ctx context.Context) (*snapshot, error) {
	have, now := s.cache.now.Load(), s.now().UnixMilli()
	// A clock that stands still, as in tests, looks every time.
	if age := now - s.cache.checked.Load(); have != nil && age > 0 && age < checkEvery.Milliseconds() {
		return have, nil
	}
	if have == nil {
		s.cache.mu.Lock()
	} else if !s.cache.mu.TryLock() {
		return have, nil // somebody is looking already
	}
	defer s.cache.mu.Unlock()
	next, err := s.follow(ctx, s.cache.now.Load())
	switch {
	case err == nil:
		s.cache.now.Store(next)
	case have == nil || errs.KindOf(err) != errs.Unavailable:
		return nil, err
	default:
		s.log.Warn("catalog: the database is away, the last state serves on", "err", err)
		next = have
	}
	s.cache.checked.Store(now)
	return next, nil
}

// follow gives have if nothing changed, else a snapshot with what did.
func (s *Service) follow(ctx context.Context, have *snapshot) (*snapshot, error) {
	seq, err := changeSeq(ctx, s.db.R())
	if err != nil {
		return nil, err
	}
	agencies := s.org.Agencies(ctx)
	if have != nil && have.seq == seq && slices.Equal(have.agencies, agencies) {
		return have, nil
	}
	if have != nil && seq < have.seq {
		have = nil // an older state of the database was put back: nothing that was read still counts
	}
	next := &snapshot{seq: seq, agencies: agencies, stored: map[string]*Item{}}
	since := int64(-1)
	if have != nil {
		since = have.seq
		maps.Copy(next.stored, have.stored)
	}
	changed, err := itemsSince(ctx, s.db.R(), since)
	if err != nil {
		return nil, err
	}
	for _, it := range changed {
		next.stored[it.Key] = it
	}
	next.arrange(have)
	return next, nil
}

// arrange completes the items with their agencies and builds the order and the index. Entries of items that did not change are taken over.
func (n *snapshot) arrange(have *snapshot) {
	find := directory(n.agencies)
	sameAgencies := have != nil && slices.Equal(have.agencies, n.agencies)
	n.items, n.place = make(map[string]*Item, len(n.stored)), make(map[string]int, len(n.stored))
	for key, stored := range n.stored {
		var e *entry
		if sameAgencies {
			e = have.entry(key)
		}
		if e == nil || e.stored != stored {
			e = newEntry(stored, find)
		}
		n.items[key] = e.item
		n.entries = append(n.entries, e)
	}
	slices.SortFunc(n.entries, func(a, b *entry) int { return strings.Compare(a.sort, b.sort) })
	for i, e := range n.entries {
		n.place[e.item.Key] = i
		n.ranked = append(n.ranked, scored{i, float64(e.rank)})
	}
	slices.SortFunc(n.ranked, theFirst)
	n.index = newIndex(n.entries)
	n.count()
}

func (n *snapshot) entry(key string) *entry {
	if i, ok := n.place[key]; ok {
		return n.entries[i]
	}
	return nil
}

// count groups the items by agency and notes the regions.
func (n *snapshot) count() {
	at := map[string]int{}
	for _, a := range n.agencies {
		at[a.Key] = len(n.groups)
		n.groups = append(n.groups, Group{Key: a.Key, Name: a.Name, Code: a.Code, Region: a.Region, Known: true})
	}
	seen := map[string]bool{}
	for _, e := range n.entries {
		it := e.item
		i, ok := at[it.Agency]
		if !ok {
			i = len(n.groups)
			at[it.Agency] = i
			n.groups = append(n.groups, Group{Key: it.Agency, Name: it.AgencyText(), Code: it.Agency, Region: it.Region})
		}
		n.groups[i].Count++
		if it.Region != "" && !seen[it.Region] {
			seen[it.Region] = true
			n.regions = append(n.regions, it.Region)
		}
	}
	slices.Sort(n.regions)
	n.themes = map[string][]Group{"person": n.themesOf("person"), "firm": n.themesOf("firm")}
}

func (n *snapshot) themesOf(list string) []Group {
	count := map[string]int{}
	for _, e := range n.entries {
		codes := e.item.Themes.Person
		if list == "firm" {
			codes = e.item.Themes.Firm
		}
		for _, c := range codes {
			count[c]++
		}
	}
	var out []Group
	for _, c := range item.ThemeCodes(list) {
		if count[c] > 0 {
			out = append(out, Group{Key: c, Count: count[c]})
		}
	}
	return out
}

// agencyIndex finds agencies by key and by code.
type agencyIndex struct{ key, code map[string]*org.Agency }

func directory(all []org.Agency) agencyIndex {
	ix := agencyIndex{map[string]*org.Agency{}, map[string]*org.Agency{}}
	for i := range all {
		a := &all[i]
		ix.key[a.Key], ix.code[a.Code] = a, a
		if len(a.Code) == 18 {
			ix.code[a.Code[8:17]] = a // the organisation code inside (GB 32100), which older lists use
		}
	}
	return ix
}

// names are the words an item is found by through its agency.
func (ix agencyIndex) names(it *Item) []string {
	if a := ix.key[it.Agency]; a != nil {
		return []string{a.Name, a.Short}
	}
	return []string{it.AgencyName}
}

// complete fills in what follows from the agency. An imported item whose agency is known by its code belongs to it; otherwise the list's own words
// stand, and the agency's code serves as its key in filters.
func (ix agencyIndex) complete(it *Item) {
	if im := it.Imported; im != nil {
		it.Code, it.Region, it.AgencyName, it.Findings = im.LocalCode, im.RegionCode, im.Department, im.Findings
		if a := ix.code[strings.ToUpper(strings.ReplaceAll(im.AgencyCode, "-", ""))]; a != nil {
			it.Agency, it.AgencyName = a.Key, a.Name
		} else if it.Agency = im.AgencyCode; it.Agency == "" {
			it.Agency = im.Department
		}
		return
	}
	a := ix.key[it.Agency]
	if a == nil {
		return
	}
	it.AgencyName, it.Region = a.Name, a.Region
	code, err := cnid.ImplementCode(a.Code, it.UseLevel, it.BaseCode)
	if err != nil {
		return // pack check has said so
	}
	it.Code = code
	if v, err := cnid.VariantCode(code, it.Serial); err == nil {
		it.VariantCode = v
	}
}

func newEntry(stored *Item, find agencyIndex) *entry {
	it := *stored
	find.complete(&it)
	e := &entry{item: &it, stored: stored, name: queryText(it.Name), sort: pinyinKey(it.Name) + "\x00" + it.Key}
	switch {
	case it.Applicable():
		e.rank = 3
	case it.Online == OnlineExternal:
		e.rank = 2
	case !it.Unreviewed:
		e.rank = 1
	}
	for _, a := range append([]string{it.SearchTitle, it.Short, it.MainItem}, it.Everyday...) {
		if f := queryText(a); f != "" {
			e.alias = append(e.alias, f)
		}
	}
	e.tokens = weigh([][]string{{it.Name, it.Code, it.VariantCode}, append([]string{it.SearchTitle}, it.Everyday...), {it.Short, it.MainItem}, {it.Summary}, find.names(&it)})
	return e
}

// readings are names whose usual reading differs from that of their single characters.
var readings = strings.NewReplacer("重庆", "虫庆", "长春", "常春", "长沙", "常沙", "银行", "银航", "行业", "航业", "会计", "快计", "重新", "虫新", "长期", "常期")

var pinyinArgs = func() pinyin.Args {
	a := pinyin.NewArgs()
	a.Style = pinyin.Tone3
	a.Fallback = func(r rune, _ pinyin.Args) []string { return []string{string(r)} }
	return a
}()

// pinyinKey sorts Chinese the way a dictionary does.
func pinyinKey(name string) string {
	var b strings.Builder
	for _, p := range pinyin.LazyPinyin(readings.Replace(fold(name)), pinyinArgs) {
		b.WriteString(p)
		b.WriteByte(' ')
	}
	return b.String()
}

// theFirst orders found entries: best score, then by sort key.
func theFirst(a, b scored) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	return cmp.Compare(a.place, b.place)
}
