package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// listed is a page of keys with the state of the catalogue it was read under.
type listed struct {
	seq   int64
	keys  []string
	next  string
	count string
}

// browse lists by filters: what can be done here first, then by pinyin. A list that was read before serves on when the database is away.
func (s *Service) browse(ctx context.Context, q Query) (Page, error) {
	return s.page(ctx, q, func(v *view) (listed, error) { return s.list(ctx, v, q, "") })
}

// grep lists what bears a text in its name as it stands: for who insists on what was typed, and for filters that search does not know. It looks through
// the names (catalog_head), of which there are some ten thousand, and not through the items.
func (s *Service) grep(ctx context.Context, q Query, text string) (Page, error) {
	return s.page(ctx, q, func(v *view) (listed, error) { return s.list(ctx, v, q, text) })
}

func (s *Service) page(ctx context.Context, q Query, read func(*view) (listed, error)) (Page, error) {
	v, err := s.look(ctx)
	if err != nil {
		return Page{}, err
	}
	name := fmt.Sprintf("%+v", q)
	l, ok := s.memory.lists.get(name)
	if !ok || l.seq != v.seq {
		fresh, err := read(v)
		switch {
		case err == nil:
			l = fresh
			s.memory.lists.put(v.seq, name, l)
		case !ok || errs.KindOf(err) != errs.Unavailable:
			return Page{}, err
		}
	}
	all, err := s.heldAll(ctx, l.keys)
	if err != nil {
		return Page{}, err
	}
	p := Page{Next: l.next, Count: l.count}
	for _, h := range all {
		p.Items = append(p.Items, h.Item)
	}
	return p, nil
}

// spot is the place of a row in lists: what can be done here first, then by pinyin; items of one name stand together, by region.
type spot struct {
	rank   int
	sort   string
	head   int64
	region string
	key    string // "" for the beginning of a name
}

func (p spot) cursor() string {
	return db.Cursor(strconv.Itoa(p.rank), p.sort, strconv.FormatInt(p.head, 10), p.region, p.key)
}

// bestRank is the rank lists begin with.
const bestRank = 3

func spotOf(after string) (spot, error) {
	keys, err := db.ParseCursor(after, 5)
	if err != nil || keys == nil {
		return spot{rank: bestRank}, err
	}
	rank, err := strconv.Atoi(keys[0])
	head, err2 := strconv.ParseInt(keys[2], 10, 64)
	if err != nil || err2 != nil || rank < 0 || rank > bestRank {
		return spot{}, badCursor(after)
	}
	return spot{rank, keys[1], head, keys[3], keys[4]}, nil
}

// list reads one page of keys and counts the rest.
func (s *Service) list(ctx context.Context, v *view, q Query, text string) (listed, error) {
	from, err := spotOf(q.After)
	if err != nil {
		return listed{}, err
	}
	f, known := s.filterOf(q, text)
	l := listed{seq: v.seq, count: "0"}
	if known == 0 {
		return l, nil
	}
	limit := q.limit()
	var rows []spot
	var next spot
	count := func() (string, error) {
		n, err := countSome(ctx, s.db.R(), f, countCap)
		return capped(n), err
	}
	if f.narrow || f.halted {
		rows, err = listRows(ctx, s.db.R(), f, from, limit+1)
	} else {
		w, errW := s.wanted(ctx, q, text)
		if errW != nil {
			return l, errW
		}
		way, errW := s.search.List(ctx, &s.memory.names, pinyinKey, w)
		if errW != nil {
			return l, errW
		}
		l.seq = min(l.seq, way.Seq) // names that are not known here yet are missing: then nobody keeps it
		count = func() (string, error) { return s.countNames(ctx, way, f, s.share(q.area())) }
		rows, next, err = s.walk(ctx, way, f, s.share(q.area()), from, limit+1)
	}
	if err != nil {
		return l, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1]
	}
	if next != (spot{}) {
		l.next = next.cursor()
	}
	for _, r := range rows {
		l.keys = append(l.keys, r.key)
	}
	if known > 0 {
		l.count = capped(known)
		return l, nil
	}
	l.count, err = s.count(l.seq, q, text, count)
	return l, err
}

// narrow is how many rows may be sorted for one page. Lists of more go from name to name (walk).
const narrow = 5000

// filterOf turns a query into conditions, and says how many items meet them where the counts tell: 0 for none, -1 when they do not.
func (s *Service) filterOf(q Query, text string) (f filter, known int) {
	t, in := s.memory.tally, q.area()
	f, known = filter{halted: q.State != "" && q.State != InUse}, -1
	if f.halted {
		f.and("state = ?", q.State)
	}
	one := func(kind, key string) {
		n := t.total(kind, key, in)
		if n == 0 && !f.halted {
			known = 0
		}
	}
	if in.stem != "" {
		n := t.total(tallyRegion, "", in)
		f.narrow = n <= narrow
		f.area(in)
	}
	if q.Agency != "" {
		f.narrow = f.narrow || t.total(tallyAgency, q.Agency, area{}) <= narrow
		f.and("agency = ?", q.Agency)
		one(tallyAgency, q.Agency)
	}
	if q.Theme != "" {
		list, code, _ := strings.Cut(q.Theme, ":")
		column := map[string]string{tallyPerson: "themes_person", tallyFirm: "themes_firm"}[list]
		if column == "" {
			return f, 0
		}
		f.and(column+" & ? <> 0", search.ThemeMask(list, []string{code}))
		one(list, code)
	}
	if q.Life != "" {
		f.and("life LIKE ?", "%|"+q.Life+"|%")
		one(tallyLife, q.Life)
	}
	if q.Online != "" {
		f.and("online = ?", q.Online)
		one(tallyOnline, q.Online)
	}
	if q.Base != "" {
		f.narrow = true
		f.and("base_code = ?", q.Base)
	}
	if q.Same != "" {
		f.and("head = (SELECT same.head FROM catalog_item AS same WHERE same.key = ?)", q.Same)
	}
	if q.Audience != "" {
		f.and("audience & ? <> 0", audienceBits(q.Audience))
	}
	if q.Type != "" {
		f.and("item_type = ?", q.Type)
	}
	f.review(q.Review)
	if text != "" && (f.narrow || f.halted) { // otherwise the names are looked through in memory
		f.and("head IN (SELECT id FROM catalog_head WHERE LOWER(name) LIKE ? LIMIT 200)", "%"+strings.NewReplacer("%", "", "_", "").Replace(strings.ToLower(text))+"%")
	}
	if known != 0 && !f.halted && text == "" {
		if kind, key, ok := q.counted(); ok {
			known = t.total(kind, key, in)
		}
	}
	return f, known
}

// area is where the query looks.
func (q Query) area() area {
	if q.Near != "" && q.Region == "" {
		return serving(q.Near)
	}
	return inside(q.Region)
}

// area keeps to a part of the country.
func (f *filter) area(a area) {
	cond, args := "region >= ? AND region <= ?", []any{a.stem, a.stem + "zzzzzzzzzzzz"}
	if strings.Trim(a.stem, "0123456789") == "" { // written out, so that PostgreSQL knows how many rows it means and does not go by the region
		cond, args = "region >= '"+a.stem+"' AND region <= '"+a.stem+"zzzzzzzzzzzz'", nil
	}
	if len(a.above) > 0 {
		cond = "(" + cond + " OR region IN (" + strings.Repeat("?, ", len(a.above)-1) + "?))"
		args = db.Args(a.above, args...)
	}
	f.and(cond, args...)
}

// counted names the count that says how many items a query has, when it asks for one thing at most beside the region.
func (q Query) counted() (kind, key string, ok bool) {
	if q.Audience+q.Type+q.Base+q.Same+q.Review != "" {
		return "", "", false
	}
	list, code, _ := strings.Cut(q.Theme, ":")
	var all [][2]string
	for _, x := range [][2]string{{tallyAgency, q.Agency}, {list, code}, {tallyLife, q.Life}, {tallyOnline, q.Online}} {
		if x[1] != "" {
			all = append(all, x)
		}
	}
	switch len(all) {
	case 0:
		return tallyRegion, "", true
	case 1:
		return all[0][0], all[0][1], true
	}
	return "", "", false
}

func (f *filter) review(what string) {
	switch what {
	case "":
	case "unreviewed":
		f.and("unreviewed")
	case "findings":
		f.and("flags & ? <> 0", flagFindings)
	default:
		f.and("flags & ? <> 0", basisFlag(what))
	}
}

// audienceBits are the bits of which an item must have one; 0 for a word that is no audience.
func audienceBits(word string) int64 {
	everybody := search.AudienceMask(nil)
	switch word {
	case "person":
		return 1 << 1
	case "firm":
		return everybody &^ (1 << 1)
	}
	for _, c := range item.Codes("audience") {
		if c == word {
			return search.AudienceMask([]string{c})
		}
	}
	return 0
}
