package search

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/lex"
)

// maxBodies is how many items may add words to the body of their head; the next ones say nearly the same.
const maxBodies = 3

// use is a row of catalog_head_use.
type use struct {
	head, n                                          int64
	key                                              string
	audience, person, firm, types, online, provinces int64
	top                                              int
}

// add joins what another item says.
func (u *use) add(o use) {
	u.audience |= o.audience
	u.person |= o.person
	u.firm |= o.firm
	u.types |= o.types
	u.online |= o.online
	u.provinces |= o.provinces
	u.top = max(u.top, o.top)
}

func (e Entry) use(head int64) use {
	it := e.Item
	return use{
		head: head, key: e.Key, audience: AudienceMask(it.Audience), person: ThemeMask("person", it.Themes.Person), firm: ThemeMask("firm", it.Themes.Firm),
		types: typeBit(it.ItemType), online: onlineBit(it.Online), provinces: province(e.Region), top: Rank(it),
	}
}

// gathered is what one call says of one head.
type gathered struct {
	use
	items []*item.Item // the first few
	same  bool         // one of the items bore this head before
	sole  bool         // and is the only one
}

// PutTx brings items into the index inside their own transaction and gives the head of each (HeadID). seq is the number of the change
// (catalog_change), taken in the same transaction before. It is meant for one item as well as for thousands: statements are sent per distinct head.
func (s *Service) PutTx(ctx context.Context, tx *db.Tx, seq int64, entries []Entry) ([]int64, error) {
	ids := make([]int64, len(entries))
	heads := map[int64]*gathered{}
	left := map[int64]int64{}
	for i, e := range entries {
		id := e.Head
		if id == 0 {
			id = HeadID(e.Item)
		}
		ids[i] = id
		g := heads[id]
		if g == nil {
			g = &gathered{use: e.use(id)}
			heads[id] = g
		} else {
			g.add(e.use(id))
		}
		if len(g.items) < maxBodies {
			g.items = append(g.items, e.Item)
		}
		if e.Was == id {
			g.same = true
			continue
		}
		g.n++
		if e.Was != 0 {
			left[e.Was]++
		}
	}
	if err := s.putHeads(ctx, tx, seq, heads); err != nil {
		return nil, err
	}
	if err := leave(ctx, tx, seq, left); err != nil {
		return nil, err
	}
	return ids, s.putAgencies(ctx, tx, seq, entries)
}

// RemoveTx takes items that were cancelled out of the count of their heads; heads names the head of each item, with repetitions.
func (s *Service) RemoveTx(ctx context.Context, tx *db.Tx, seq int64, heads []int64) error {
	left := map[int64]int64{}
	for _, h := range heads {
		left[h]++
	}
	return leave(ctx, tx, seq, left)
}

func (s *Service) putHeads(ctx context.Context, tx *db.Tx, seq int64, heads map[int64]*gathered) error {
	ids := make([]int64, 0, len(heads))
	for id := range heads {
		ids = append(ids, id)
	}
	slices.Sort(ids) // writers lock rows in one order
	for part := range slices.Chunk(ids, 2000) {
		known, err := usesOf(ctx, tx, part)
		if err != nil {
			return err
		}
		var fresh, grown []*gathered
		var rows, counts []use
		for _, id := range part {
			g := heads[id]
			u, ok := known[id]
			if !ok {
				fresh, rows = append(fresh, g), append(rows, g.use)
				continue
			}
			if u.n < maxBodies {
				grown = append(grown, g)
			}
			g.sole = g.same && u.n == 1
			next := joined(u, g)
			more := next
			more.n = u.n
			switch {
			case next == u:
			case more == u:
				counts = append(counts, next)
			default:
				rows = append(rows, next)
			}
		}
		if err := s.putFresh(ctx, tx, seq, fresh); err != nil {
			return err
		}
		if err := s.growBodies(ctx, tx, grown); err != nil {
			return err
		}
		if err := putUses(ctx, tx, seq, rows); err != nil {
			return err
		}
		if err := putCounts(ctx, tx, seq, counts); err != nil {
			return err
		}
	}
	return nil
}

// putCounts writes only how many items bear heads: what most of a long import changes.
func putCounts(ctx context.Context, tx *db.Tx, seq int64, rows []use) error {
	if len(rows) == 0 {
		return nil
	}
	b := []byte("WITH v(head, n) AS (VALUES ")
	for i, u := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(strconv.AppendInt(append(b, '('), u.head, 10), ','), u.n, 10), ')')
	}
	_, err := tx.ExecContext(ctx, string(b)+") UPDATE catalog_head_use SET n = v.n, seq = $1 FROM v WHERE v.head = catalog_head_use.head", seq)
	return err
}

// joined is the use of a known head after a call. The only item of a head speaks for it alone; otherwise bits only come to it.
func joined(u use, g *gathered) use {
	if u.n == 0 || g.sole {
		next := g.use
		next.n = u.n + g.n
		return next
	}
	u.n += g.n
	u.add(g.use)
	return u
}

// putFresh writes heads that were not there.
func (s *Service) putFresh(ctx context.Context, tx *db.Tx, seq int64, fresh []*gathered) error {
	texts := make([]headText, 0, len(fresh))
	for part := range slices.Chunk(fresh, 400) {
		heads := newInsert(`INSERT INTO catalog_head (id, name, aliases, words, lex, seq) VALUES `, 6)
		bodies := newInsert(`INSERT INTO catalog_head_body (head, words) VALUES `, 2)
		for _, g := range part {
			it := g.items[0]
			t := headText{head: g.head, words: wordsOf(s.words, it), body: s.bodies(g, nil)}
			heads.add(g.head, it.Name, strings.Join(aliases(it), "\n"), t.words.join(), lex.Version(), seq)
			bodies.add(g.head, strings.Join(t.body, " "))
			texts = append(texts, t)
		}
		if err := heads.exec(ctx, tx, ` ON CONFLICT (id) DO NOTHING`); err != nil {
			return err
		}
		if err := bodies.exec(ctx, tx, ` ON CONFLICT (head) DO UPDATE SET words = excluded.words`); err != nil {
			return err
		}
	}
	return putText(ctx, tx, texts)
}

// bodies joins the body words of the items of a head to those it has.
func (s *Service) bodies(g *gathered, have []string) []string {
	seen := make(map[string]bool, len(have))
	for _, w := range have {
		seen[w] = true
	}
	out := slices.Clip(have)
	for _, text := range bodyTexts(g.items) {
		out = appendTokens(out, seen, s.words, text)
	}
	return out
}

// growBodies adds to the bodies of heads that few items bear; a head with one item gets that item's body anew.
func (s *Service) growBodies(ctx context.Context, tx *db.Tx, grown []*gathered) error {
	if len(grown) == 0 {
		return nil
	}
	ids := make([]int64, len(grown))
	for i, g := range grown {
		ids[i] = g.head
	}
	have, err := bodiesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	var texts []headText
	for _, g := range grown {
		was := have[g.head]
		base := was
		if g.sole {
			base = nil
		}
		body := s.bodies(g, base)
		if slices.Equal(body, was) {
			continue
		}
		texts = append(texts, headText{head: g.head, words: wordsOf(s.words, g.items[0]), body: body})
	}
	for part := range slices.Chunk(texts, 400) {
		bodies := newInsert(`INSERT INTO catalog_head_body (head, words) VALUES `, 2)
		for _, t := range part {
			bodies.add(t.head, strings.Join(t.body, " "))
		}
		if err := bodies.exec(ctx, tx, ` ON CONFLICT (head) DO UPDATE SET words = excluded.words`); err != nil {
			return err
		}
	}
	return putText(ctx, tx, texts)
}

// putUses writes whole rows: they were read in this transaction, and writers of the catalog take turns (catalog_change).
func putUses(ctx context.Context, tx *db.Tx, seq int64, rows []use) error {
	for part := range slices.Chunk(rows, 1000) {
		in := newInsert(`INSERT INTO catalog_head_use (head, n, key, audience, person, firm, types, online, provinces, top, seq) VALUES `, 11)
		for _, u := range part {
			in.add(u.head, u.n, u.key, u.audience, u.person, u.firm, u.types, u.online, u.provinces, u.top, seq)
		}
		if err := in.exec(ctx, tx, ` ON CONFLICT (head) DO UPDATE SET n = excluded.n, key = excluded.key, audience = excluded.audience, person = excluded.person, firm = excluded.firm,
			types = excluded.types, online = excluded.online, provinces = excluded.provinces, top = excluded.top, seq = excluded.seq`); err != nil {
			return err
		}
	}
	return nil
}

// leave counts items that no longer bear a head.
func leave(ctx context.Context, tx *db.Tx, seq int64, left map[int64]int64) error {
	for head, n := range left {
		if _, err := tx.ExecContext(ctx, `UPDATE catalog_head_use SET n = CASE WHEN n > $2 THEN n - $2 ELSE 0 END, seq = $3 WHERE head = $1`, head, n, seq); err != nil {
			return err
		}
	}
	return nil
}

func usesOf(ctx context.Context, q db.Q, ids []int64) (map[int64]use, error) {
	all, err := db.All(ctx, q, scanUse, `SELECT `+useColumns+` FROM catalog_head_use WHERE head IN (`+ints(ids)+`)`)
	out := make(map[int64]use, len(all))
	for _, u := range all {
		out[u.head] = u
	}
	return out, err
}

const useColumns = `head, n, key, audience, person, firm, types, online, provinces, top`

func scanUse(r *db.Rows) (use, error) {
	var u use
	err := r.Scan(&u.head, &u.n, &u.key, &u.audience, &u.person, &u.firm, &u.types, &u.online, &u.provinces, &u.top)
	return u, err
}

func bodiesOf(ctx context.Context, q db.Q, ids []int64) (map[int64][]string, error) {
	out := make(map[int64][]string, len(ids))
	_, err := db.All(ctx, q, func(r *db.Rows) (struct{}, error) {
		var id int64
		var words string
		err := r.Scan(&id, &words)
		out[id] = strings.Fields(words)
		return struct{}{}, err
	}, `SELECT head, words FROM catalog_head_body WHERE head IN (`+ints(ids)+`)`)
	return out, err
}

// putAgencies notes the names of agencies, so that a question may name one.
func (s *Service) putAgencies(ctx context.Context, tx *db.Tx, seq int64, entries []Entry) error {
	known := s.mem().agencies()
	seen := map[string]bool{}
	in := newInsert(`INSERT INTO catalog_agency_name (key, name, short, region, seq) VALUES `, 5)
	for _, e := range entries {
		if e.Agency == "" || e.AgencyName == "" || seen[e.Agency] {
			continue
		}
		seen[e.Agency] = true
		if a := known[e.Agency]; a == nil || a.name != e.AgencyName || a.short != e.AgencyShort || a.region != e.Region {
			in.add(e.Agency, e.AgencyName, e.AgencyShort, e.Region, seq)
		}
	}
	return in.exec(ctx, tx, ` ON CONFLICT (key) DO UPDATE SET name = excluded.name, short = excluded.short, region = excluded.region, seq = excluded.seq`)
}

// insert builds a statement of many rows.
type insert struct {
	text    string
	columns int
	args    []any
}

func newInsert(text string, columns int) *insert { return &insert{text: text, columns: columns} }

func (in *insert) add(values ...any) { in.args = append(in.args, values...) }

func (in *insert) exec(ctx context.Context, tx *db.Tx, tail string) error {
	if len(in.args) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(in.text)
	for i := range in.args {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%in.columns == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		if tx.Dialect() == db.Postgres {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i + 1))
		} else {
			b.WriteByte('?') // SQLite looks every name of a parameter up in a list of all: thousands of them would take seconds
		}
	}
	b.WriteByte(')')
	_, err := tx.ExecContext(ctx, b.String()+tail, in.args...)
	return err
}

// ints writes numbers of our own making into an IN list; "NULL" when there are none.
func ints(ids []int64) string {
	if len(ids) == 0 {
		return "NULL"
	}
	b := make([]byte, 0, 20*len(ids))
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(b)
}
