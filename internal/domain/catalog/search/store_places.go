package search

import (
	"container/list"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/db"
)

// How near the items of a head are to a person: own county or below, its city, its province or the country, elsewhere in the province, elsewhere.
const (
	elsewhere uint8 = iota
	sameProvince
	ownProvince
	ownCity
	ownCounty
)

// places remembers which heads there are in a region and at an agency: a few thousand each, read in some milliseconds. There is room for all counties;
// what was not used for the longest time goes first.
type places struct {
	mu         sync.Mutex
	generation int64
	sets       map[string]*list.Element
	order      list.List // of *place, the newest in front
	bytes      int
}

type place struct {
	name       string
	generation int64
	seq        int64 // state of the catalogue it was read at
	at         time.Time
	read       time.Time // when it was read as a whole; at, when it was brought up to date
	slots      int
	packed     []byte // see pack
}

// mostPlaceBytes is what all sets may take: a county is some five thousand bytes.
const mostPlaceBytes = 64 << 20

// placeBytes is what a set takes beside its slots.
const placeBytes = 300

// staleFor is how long nearness may lag behind while the catalog changes all the time. What is shown is always read from the items themselves.
const staleFor = time.Second

// A set that is out of date takes in what changed since, if that is not too much; now and then it is read anew, because items also leave.
const (
	mostFolded = 2000
	wholeFor   = 10 * time.Minute
)

func (p *places) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.generation++
}

// clear drops all: slots mean other heads now.
func (p *places) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sets, p.bytes = nil, 0
	p.order.Init()
}

// get gives a set, read by load when it is not there or out of date.
func (p *places) get(name string, now time.Time, load func() ([]uint8, error)) ([]uint8, error) {
	return p.follow(name, now, func(*place) ([]uint8, int64, bool, error) {
		level, err := load()
		return level, 0, true, err
	})
}

// follow is get for sets that can be brought up to date: load gets the set that is there, nil if there is none, and says of which state its answer is and
// whether it was read as a whole.
func (p *places) follow(name string, now time.Time, load func(*place) (level []uint8, seq int64, whole bool, err error)) ([]uint8, error) {
	p.mu.Lock()
	var have *place
	if e := p.sets[name]; e != nil {
		p.order.MoveToFront(e)
		have = e.Value.(*place)
	}
	generation := p.generation
	p.mu.Unlock()
	if have != nil {
		age := now.Sub(have.at)
		if have.generation == generation || age > 0 && age < staleFor {
			return unpack(have.packed, have.slots), nil
		}
	}
	level, seq, whole, err := load(have)
	if err != nil {
		if have != nil {
			return unpack(have.packed, have.slots), nil //nolint:nilerr // the database is away: the last state serves on
		}
		return nil, err
	}
	next := &place{name: name, generation: generation, seq: seq, at: now, read: now, slots: len(level), packed: pack(level)}
	if !whole {
		next.read = have.read
	}
	p.put(next)
	return level, nil
}

func (p *places) put(next *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sets == nil {
		p.sets = map[string]*list.Element{}
	}
	if e := p.sets[next.name]; e != nil {
		p.drop(e)
	}
	p.sets[next.name] = p.order.PushFront(next)
	for p.bytes += next.size(); p.bytes > mostPlaceBytes && p.order.Len() > 1; {
		p.drop(p.order.Back())
	}
}

// drop forgets a set. Callers hold mu.
func (p *places) drop(e *list.Element) {
	old := p.order.Remove(e).(*place)
	delete(p.sets, old.name)
	p.bytes -= old.size()
}

func (x *place) size() int { return placeBytes + len(x.name) + cap(x.packed) }

// pack writes the slots that have a level, each as its distance from the one before, with its level in the last three bits: one byte or two.
func pack(level []uint8) []byte {
	var b []byte
	last := -1
	for slot, l := range level {
		if l != elsewhere {
			b = binary.AppendUvarint(b, uint64(slot-last)<<3|uint64(l)) //nolint:gosec // slots count up
			last = slot
		}
	}
	return slices.Clip(b)
}

func unpack(b []byte, slots int) []uint8 {
	level := make([]uint8, slots)
	for slot := -1; len(b) > 0; {
		x, n := binary.Uvarint(b)
		if slot += int(x >> 3); slot >= slots { //nolint:gosec // as packed
			break
		}
		level[slot] = uint8(x & 7)
		b = b[n:]
	}
	return level
}

// chain are the codes of the authorities above a region, as lists of 6 and of 12 digits write them.
func chain(stem string) (city, province []string) {
	if len(stem) >= 4 {
		city = []string{stem[:4] + "00", stem[:4] + "00000000"}
	}
	if len(stem) >= 2 {
		province = []string{stem[:2] + "0000", stem[:2] + "0000000000"}
	}
	return city, append(province, "000000", "000000000000", "")
}

// levels tells for each slot how near its head is to a person's region; nil when the region is not known.
func (s *Service) levels(ctx context.Context, region string) ([]uint8, error) {
	stem := Stem(region)
	if len(stem) < 4 { // a whole province is everywhere: the mask of provinces tells enough
		return nil, nil
	}
	near := func(r placed) uint8 { return nearness(r.region, stem) }
	return s.upToDate(ctx, "near "+stem, near, func() ([]uint8, error) {
		city, prov := chain(stem)
		up := append(city, prov...)
		args := db.Args(up, stem, stem+"~")
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT head, region FROM catalog_item WHERE region >= $1 AND region < $2
			UNION ALL SELECT head, region FROM catalog_item WHERE region IN (`+db.In(3, len(up))+`)`, args...)
		if err != nil {
			return nil, err
		}
		return s.mem().place(rows, near), nil
	})
}

// upToDate gives a set of items that level tells, also of those that changed since it was read by load.
func (s *Service) upToDate(ctx context.Context, name string, level func(placed) uint8, load func() ([]uint8, error)) ([]uint8, error) {
	now := s.now()
	return s.near.follow(name, now, func(have *place) ([]uint8, int64, bool, error) {
		seq := s.follow.seq.Load()
		if have != nil && now.Sub(have.read) < wholeFor && now.After(have.at) {
			rows, err := db.All(ctx, s.db.R(), func(r *db.Rows) (placed, error) {
				var p placed
				err := r.Scan(&p.head, &p.region, &p.agency)
				return p, err
			}, `SELECT head, region, agency FROM catalog_item WHERE seq > $1 LIMIT $2`, have.seq, mostFolded+1)
			if err != nil {
				return nil, 0, false, err
			}
			if len(rows) <= mostFolded {
				next := s.mem().place(rows, level)
				for slot, l := range unpack(have.packed, min(have.slots, len(next))) {
					next[slot] = max(next[slot], l)
				}
				return next, seq, false, nil
			}
		}
		all, err := load()
		return all, seq, true, err
	})
}

// nearness is how near a region's authority is to a person whose region begins with stem.
func nearness(region, stem string) uint8 {
	own := Stem(region)
	switch {
	case len(own) < 2 || own == "000000":
		return ownProvince
	case len(own) >= len(stem) && own[:len(stem)] == stem:
		return ownCounty
	case len(own) == 4 && stem[:4] == own:
		return ownCity
	case len(own) == 2 && stem[:2] == own:
		return ownProvince
	case stem[:2] == own[:2]:
		return sameProvince
	}
	return elsewhere
}

type placed struct {
	head           int64
	region, agency string
}

func scanPlaced(r *db.Rows) (placed, error) {
	var p placed
	err := r.Scan(&p.head, &p.region)
	return p, err
}

// place turns rows into levels by slot.
func (m *memory) place(rows []placed, level func(placed) uint8) []uint8 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]uint8, len(m.heads))
	for _, r := range rows {
		if slot, ok := m.slots[r.head]; ok {
			out[slot] = max(out[slot], level(r))
		}
	}
	return out
}

// within gives the heads that stand in a region and at an agency of a filter, or nil when neither narrows enough to be read ahead.
func (s *Service) within(ctx context.Context, f Filter) ([]uint8, error) {
	stem := Stem(f.Region)
	if f.Agency == "" && len(stem) < 4 {
		return nil, nil
	}
	c := conditions{}
	c.region(f.Region)
	c.agency(f.Agency)
	meets := func(r placed) uint8 {
		if strings.HasPrefix(r.region, stem) && (f.Agency == "" || r.agency == f.Agency) {
			return 1
		}
		return elsewhere
	}
	return s.upToDate(ctx, "in "+stem+" "+f.Agency, meets, func() ([]uint8, error) {
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT DISTINCT i.head, '' FROM catalog_item i WHERE `+c.text(), c.args...)
		if err != nil {
			return nil, err
		}
		return s.mem().place(rows, func(placed) uint8 { return 1 }), nil
	})
}

// reviewed gives the heads that have a guide somebody has looked at: one step down an index for each. What changed since may be one.
func (s *Service) reviewed(ctx context.Context) ([]uint8, error) {
	any1 := func(placed) uint8 { return 1 }
	return s.upToDate(ctx, "reviewed", any1, func() ([]uint8, error) {
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT u.head, '' FROM catalog_head_use u
			WHERE EXISTS (SELECT 1 FROM catalog_item i WHERE i.head = u.head AND i.state = '1' AND i.rank = 1)`)
		if err != nil {
			return nil, err
		}
		return s.mem().place(rows, any1), nil
	})
}

func levelAt(levels []uint8, slot int32) uint8 {
	if int(slot) < len(levels) {
		return levels[slot]
	}
	return elsewhere
}
