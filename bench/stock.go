package bench

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"tongban/internal/base/db"
	"tongban/internal/base/vault"
)

// Stock fills a PostgreSQL database with cases: copies of real ones that were filed and worked in the city, each with numbers and times of its own and
// its texts sealed anew, so that a copy opens like the case it was made from. A full case has all its rows in every room that keeps a case_id; a slim one
// only its head and one piece of work. Papers and archive packages are left out: the lists do not read them.
type Stock struct {
	db      *db.DB
	vault   *vault.Vault
	samples []sampleCase
	last    int // cases so far, for numbers
}

// sampleCase is a case with its rows.
type sampleCase struct {
	stage   string
	id      string
	rows    []sampleRow
	own     map[string]bool // ids of the case and of its rows
	weights [2]int
}

type sampleRow struct {
	t      *table
	values row
	sealed map[int]sealedText // by column
}

// sealedText is what a sealed column holds, and what it is bound to: table and column, and an id.
type sealedText struct {
	place, id string
	plain     []byte
}

// The stock is two years of work, the newest cases last. Of those of the last three weeks most are open.
const (
	years  = 2 * 365 * 24 * time.Hour
	recent = 21 * 24 * time.Hour
)

// weights are how often each stage stands among 100 older cases, and among 100 recent ones.
var weights = map[string][2]int{"submitted": {0, 40}, "reviewing": {0, 35}, "granted": {97, 22}, "withdrawn": {3, 3}}

// Home is how many of 1000 cases belong to the city's own agencies; the others to Agencies more.
type Home struct{ Share, Agencies int }

// NewStock files and works the samples; have is how many cases an earlier run wrote.
func (c *City) NewStock(ctx context.Context, have int) (*Stock, error) {
	w, err := c.crew(ctx)
	if err != nil {
		return nil, err
	}
	s := &Stock{db: c.DB, vault: c.Vault, last: have}
	for i, stage := range stages {
		id, err := c.live(ctx, w, stage, 1000+have+i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stage, err)
		}
		s.samples = append(s.samples, sampleCase{stage: stage, id: id, own: map[string]bool{id: true}, weights: weights[stage]})
	}
	ts, err := tables(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	for _, t := range ts {
		if err := s.read(ctx, t); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// read takes the rows of a table that belong to a sample.
func (s *Stock) read(ctx context.Context, t *table) error {
	by := slices.Index(t.columns, "case_id")
	if t.name == "cases_case" {
		by = 0
	}
	if by < 0 || strings.HasPrefix(t.name, "paper_") || strings.HasPrefix(t.name, "archive_") {
		return nil
	}
	rows, err := t.rows(ctx, s.db)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for i := range s.samples {
			if s.samples[i].id == r[by] {
				for _, k := range t.key {
					if id, ok := r[k].(string); ok && uuid.Validate(id) == nil {
						s.samples[i].own[id] = true
					}
				}
				s.samples[i].rows = append(s.samples[i].rows, sampleRow{t, r, s.open(t, r)})
			}
		}
	}
	return nil
}

// open opens the sealed columns of a row and notes what each is bound to.
func (s *Stock) open(t *table, r row) map[int]sealedText {
	out := map[int]sealedText{}
	for i, v := range r {
		sealed, ok := v.([]byte)
		if !ok || len(sealed) == 0 {
			continue
		}
		for _, key := range r {
			id, ok := key.(string)
			if !ok || id == "" {
				continue
			}
			place := t.name + "." + t.columns[i] + "."
			if plain, err := s.vault.Open(place+id, sealed); err == nil {
				out[i] = sealedText{place, id, plain}
				break
			}
		}
	}
	return out
}

// batch is how many cases are written in one transaction.
const batch = 5000

// writers is how many write at once.
const writers = 2

// Grow writes n more cases; progress is told how many are there.
func (s *Stock) Grow(ctx context.Context, n int, slim bool, h Home, progress func(done int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var done atomic.Int64
	for w := range writers {
		m := &maker{stock: s, rand: rand.New(rand.NewPCG(uint64(s.last), uint64(w))), next: s.last + w*batch} //nolint:gosec // not a secret
		wg.Go(func() {
			for at := w * batch; at < n && ctx.Err() == nil; at += writers * batch {
				size := min(batch, n-at)
				if err := m.write(ctx, at, size, n, slim, h); err != nil {
					cancel(err)
					return
				}
				progress(int(done.Add(int64(size))))
			}
		})
	}
	wg.Wait()
	s.last += n
	return context.Cause(ctx)
}

// maker makes cases for one writer.
type maker struct {
	stock *Stock
	rand  *rand.Rand
	next  int // number of the next case
}

// write writes the cases of one transaction; at is the place of the first among n.
func (m *maker) write(ctx context.Context, at, size, n int, slim bool, h Home) error {
	by := map[*table][]row{}
	for i := range size {
		m.one(by, time.Duration(float64(years)*(1-float64(at+i)/float64(n))), slim, h)
	}
	m.next += (writers - 1) * batch
	return m.stock.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for t, rows := range by {
			if err := tx.Copy(ctx, t.name, t.columns, len(rows), func(i int) ([]any, error) { return rows[i], nil }); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		return nil
	})
}

// one adds the rows of one case.
func (m *maker) one(by map[*table][]row, back time.Duration, slim bool, h Home) {
	m.next++
	now := 0
	if back < recent {
		now = 1
	}
	c := m.stock.samples[0]
	at := m.rand.IntN(100)
	for _, x := range m.stock.samples {
		if c = x; at < x.weights[now] {
			break
		}
		at -= x.weights[now]
	}
	n := renaming{m: m, own: c.own, back: back, ids: map[string]string{}}
	if m.rand.IntN(1000) >= h.Share {
		n.agency = 1 + m.rand.IntN(h.Agencies)
	}
	tasks := 0
	for _, r := range c.rows {
		if slim {
			if r.t.name == "cases_task" {
				tasks++
			}
			if r.t.name != "cases_case" && (r.t.name != "cases_task" || tasks > 1) {
				continue
			}
		}
		by[r.t] = append(by[r.t], n.row(r))
	}
}

// renaming gives the copy of a case its own numbers, times and place.
type renaming struct {
	m      *maker
	own    map[string]bool
	back   time.Duration
	ids    map[string]string
	agency int // 0: the sample's own
}

func (n *renaming) row(r sampleRow) row {
	out := slices.Clone(r.values)
	for i, v := range r.values {
		switch x := v.(type) {
		case string:
			out[i] = n.text(r.t.columns[i], x)
		case int64:
			if strings.HasSuffix(r.t.columns[i], "_ms") && x > 0 && x < 1<<52 {
				out[i] = x - n.back.Milliseconds()
			}
		}
	}
	for _, index := range r.t.unique { // what must be unique and is no id becomes so by the number of the copy
		n.unique(r, out, index)
	}
	for i, x := range r.sealed {
		out[i] = n.m.stock.vault.Seal(x.place+n.text("", x.id), x.plain)
	}
	return out
}

// unique renumbers the last text of an index that holds none of the renamed ids.
func (n *renaming) unique(r sampleRow, out row, index []int) {
	last := -1
	for _, i := range index {
		x, ok := r.values[i].(string)
		if len(x) >= 36 && n.own[x[:36]] {
			return
		}
		if ok && x != "" {
			last = i
		}
	}
	if last >= 0 {
		out[last] = renumber(r.values[last].(string), n.m.next) //nolint:forcetypeassert // looked just now
	}
}

// text renames one value: ids wherever they stand, the keys of agency and posts, and the blind indexes of the applicant.
func (n *renaming) text(column, x string) string {
	switch column {
	case "subject", "phone_blind":
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], n.m.rand.Uint64())
		return hex.EncodeToString(b[:])
	case "agency", "post":
		if n.agency > 0 && x != "" {
			return fmt.Sprintf("%s-%04d", x, n.agency)
		}
		return x
	case "region":
		if n.agency > 0 {
			return fmt.Sprintf("59%04d", n.agency%40) // forty other places
		}
		return x
	}
	if len(x) >= 36 && n.own[x[:36]] || x != "" && (column == "person_id" || column == "firm_id") {
		return n.id(x[:36]) + x[36:]
	}
	return x
}

// id gives each id of the sample one of the copy's, made as much earlier: ids are in order of time (RFC 9562, version 7).
func (n *renaming) id(old string) string {
	if v, ok := n.ids[old]; ok {
		return v
	}
	u := uuid.Must(uuid.Parse(old))
	ms := binary.BigEndian.Uint64(append([]byte{0, 0}, u[:6]...)) - uint64(n.back.Milliseconds()) //nolint:gosec // after 1970
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], ms)
	copy(u[:6], b[2:])
	binary.BigEndian.PutUint64(b[:], n.m.rand.Uint64())
	u[6] = 0x70 | b[0]&0x0f
	u[7] = b[1]
	u[8] = 0x80 | b[2]&0x3f
	copy(u[9:], b[3:])
	n.ids[old] = u.String()
	return n.ids[old]
}
