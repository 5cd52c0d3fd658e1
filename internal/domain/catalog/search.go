package catalog

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// weights of the texts of an entry: name and codes, everyday names, short title, summary, agency.
var weights = []float32{16, 10, 6, 3, 2}

type token struct {
	text   string
	weight float32
}

// weigh gives the tokens of an item's texts, best texts first, each with the weight of the best text it stands in.
func weigh(levels [][]string) []token {
	var out []token
	seen := map[string]bool{}
	for level, texts := range levels {
		for _, text := range texts {
			for _, tok := range tokens(text) {
				if !seen[tok] {
					seen[tok] = true
					out = append(out, token{tok, weights[level]})
				}
			}
		}
	}
	return out
}

type posting struct {
	place  int32
	weight float32
}

// index finds entries by token.
type index map[string][]posting

func newIndex(entries []*entry) index {
	ix := index{}
	for i, e := range entries {
		for _, t := range e.tokens {
			ix[t.text] = append(ix[t.text], posting{int32(i), t.weight})
		}
	}
	return ix
}

// Query asks for a page of the catalog. Empty fields ask for everything.
type Query struct {
	Text     string
	Region   string // code; includes everything below it
	Agency   string // key, or the code of an agency known only from a list
	Theme    string // person:040 or firm:010
	Audience string // person, firm, or a code of 服务对象
	Online   string // full, guide or external
	Type     string // 事项类型, such as 01
	Review   string // for the item office: unreviewed, findings, or a status of legal bases (read, knowledge, fictional)
	Limit    int    // 20 when 0, at most 100
	After    string // Next of the page before
}

// Filtered reports whether anything but the text narrows the list.
func (q Query) Filtered() bool {
	return q.Region+q.Agency+q.Theme+q.Audience+q.Online+q.Type+q.Review != ""
}

// Page is a part of a list.
type Page struct {
	Items []Item
	Next  string // for the page after; empty at the end
	Count string // how many there are in all, "1,000+" beyond a thousand
	Loose bool   // nothing matched all of the words: these match some of them
}

const (
	defaultLimit, maxLimit = 20, 100
	countCap               = 1000
)

// Search gives what matches, best first; without a text, what can be done on line first, then by pinyin. An After that is no cursor is
// errs.BadRequest.
func (s *Service) Search(ctx context.Context, q Query) (Page, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return Page{}, err
	}
	found, loose := n.find(q)
	p := Page{Count: capped(len(found)), Loose: loose}
	from, err := n.after(found, q.After)
	if err != nil {
		return Page{}, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	to := min(from+limit, len(found))
	for _, f := range found[from:to] {
		p.Items = append(p.Items, *n.entries[f.place].item)
	}
	if to < len(found) {
		last := found[to-1]
		p.Next = db.Cursor(strconv.FormatFloat(last.score, 'g', -1, 64), n.entries[last.place].item.Key)
	}
	return p, nil
}

func capped(n int) string {
	if n >= countCap {
		return "1,000+"
	}
	return strconv.Itoa(n)
}

// after gives the place behind the cursor's item. If the item itself moved meanwhile, its score tells.
func (n *snapshot) after(found []scored, cursor string) (int, error) {
	keys, err := db.ParseCursor(cursor, 2)
	if err != nil || keys == nil {
		return 0, err
	}
	score, err := strconv.ParseFloat(keys[0], 64)
	if err != nil {
		return 0, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": cursor})
	}
	at := scored{score: score, place: len(n.entries)}
	if place, ok := n.place[keys[1]]; ok {
		at.place = place
	}
	i, exact := slices.BinarySearchFunc(found, at, theFirst)
	if exact {
		i++
	}
	return i, nil
}

// scored is an entry that was found.
type scored struct {
	place int
	score float64
}

// find gives the entries that match, in order. If none matches all terms, the words people wrap questions in are dropped, and then entries that match
// some terms do: loose.
func (n *snapshot) find(q Query) (found []scored, loose bool) {
	keep := q.filter()
	text := queryText(q.Text)
	if text == "" {
		if strings.TrimSpace(q.Text) != "" {
			return nil, false // only signs: nothing can match
		}
		if q == (Query{Limit: q.Limit, After: q.After}) {
			return n.ranked, false
		}
		for _, r := range n.ranked {
			if keep(n.entries[r.place].item) {
				found = append(found, r)
			}
		}
		return found, false
	}
	all := terms(text)
	if found = n.match(all, text, keep, true); len(found) > 0 {
		return found, false
	}
	if core := withoutChatter(text); core != "" && core != text {
		if found = n.match(terms(core), core, keep, true); len(found) > 0 {
			return found, false
		}
		all, text = terms(core), core
	}
	return n.match(all, text, keep, false), true
}

// match scores the entries that hold all terms, or with every false some. Rare terms and good places count for more.
func (n *snapshot) match(want []string, text string, keep func(*Item) bool, every bool) []scored {
	hits := make([]int, len(n.entries))
	cover, score := make([]float64, len(n.entries)), make([]float64, len(n.entries))
	best := 0.0
	for _, t := range want {
		ps := n.index[t]
		rare := math.Log(1 + float64(len(n.entries))/float64(len(ps)+1))
		for _, p := range ps {
			hits[p.place]++
			cover[p.place] += rare
			score[p.place] += rare * float64(p.weight)
			best = max(best, cover[p.place])
		}
	}
	least := 1
	if len(want) >= 4 { // one pair of characters in common with a longer question is chance
		least = 2
	}
	if every {
		least = len(want)
	}
	var out []scored
	for place, h := range hits {
		if h < least || h == 0 || !every && cover[place] < 0.4*best {
			continue
		}
		if e := n.entries[place]; keep(e.item) {
			out = append(out, scored{place, 100*cover[place] + score[place] + e.bonus(text) + 200*float64(e.rank)})
		}
	}
	slices.SortFunc(out, theFirst)
	return out
}

// bonus rewards what no single term shows: the query is the name, the code or a name people use, or stands in it whole.
func (e *entry) bonus(text string) float64 {
	for _, code := range []string{e.item.Code, e.item.VariantCode, e.item.Key} {
		if code != "" && queryText(code) == text {
			return 2e6
		}
	}
	if e.name == text {
		return 1e6
	}
	b := 0.0
	if strings.Contains(e.name, text) {
		b = 5000 * share(text, e.name)
	}
	for _, a := range e.alias {
		switch {
		case a == text:
			b = max(b, 5e5)
		case strings.Contains(a, text):
			b = max(b, 2000*share(text, a))
		case strings.Contains(text, a):
			b = max(b, 3000*share(a, text))
		}
	}
	return b
}

func share(part, whole string) float64 { return float64(len(part)) / float64(len(whole)) }

// filter compiles the query's filters.
func (q Query) filter() func(*Item) bool {
	region := regionStem(q.Region)
	list, theme, _ := strings.Cut(q.Theme, ":")
	return func(it *Item) bool {
		switch {
		case region != "" && !strings.HasPrefix(it.Region, region),
			q.Agency != "" && it.Agency != q.Agency,
			q.Online != "" && it.Online != q.Online,
			q.Type != "" && it.ItemType != q.Type,
			q.Theme != "" && !filed(it.Themes, list, theme),
			q.Audience != "" && !it.Serves(q.Audience),
			q.Review != "" && !needs(it, q.Review):
			return false
		}
		return true
	}
}

func needs(it *Item, review string) bool {
	switch review {
	case "unreviewed":
		return it.Unreviewed
	case "findings":
		return len(it.Findings) > 0
	}
	return slices.ContainsFunc(it.Basis, func(b Basis) bool { return b.Status == review })
}

// regionStem cuts a code to the digits that say something, so that 580100 stands for everything that begins with 5801 (GB/T 2260).
func regionStem(code string) string {
	code = strings.TrimSpace(code)
	for _, n := range []int{2, 4, 6, 9} {
		if len(code) > n && strings.Trim(code[n:], "0") == "" {
			return code[:n]
		}
	}
	return code
}

func filed(t item.Themes, list, code string) bool {
	switch list {
	case "person":
		return slices.Contains(t.Person, code)
	case "firm":
		return slices.Contains(t.Firm, code)
	}
	return false
}
