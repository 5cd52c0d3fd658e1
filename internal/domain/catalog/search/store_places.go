package search

import (
	"context"
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

// places remembers which heads there are in a region and at an agency: a few thousand each, read in some milliseconds.
type places struct {
	mu         sync.Mutex
	generation int64
	sets       map[string]*place
}

type place struct {
	generation int64
	at         time.Time
	level      []uint8 // by slot; slots beyond the end are elsewhere
}

const maxPlaces = 256

// staleFor is how long nearness may lag behind while the catalog changes all the time. What is shown is always read from the items themselves.
const staleFor = time.Second

func (p *places) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.generation++
}

// clear drops all: slots mean other heads now.
func (p *places) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sets = nil
}

// get gives a set, read by load when it is not there or out of date.
func (p *places) get(name string, now time.Time, load func() ([]uint8, error)) ([]uint8, error) {
	p.mu.Lock()
	have, generation := p.sets[name], p.generation
	p.mu.Unlock()
	if have != nil {
		age := now.Sub(have.at)
		if have.generation == generation || age > 0 && age < staleFor {
			return have.level, nil
		}
	}
	level, err := load()
	if err != nil {
		if have != nil {
			return have.level, nil //nolint:nilerr // the database is away: the last state serves on
		}
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sets == nil || len(p.sets) >= maxPlaces {
		p.sets = map[string]*place{}
	}
	p.sets[name] = &place{generation: generation, at: now, level: level}
	return level, nil
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
	return s.near.get("near "+stem, s.now(), func() ([]uint8, error) {
		city, prov := chain(stem)
		up := append(city, prov...)
		args := db.Args(up, stem, stem+"~")
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT head, region FROM catalog_item WHERE region >= $1 AND region < $2
			UNION ALL SELECT head, region FROM catalog_item WHERE region IN (`+db.In(3, len(up))+`)`, args...)
		if err != nil {
			return nil, err
		}
		return s.mem().place(rows, func(r string) uint8 { return nearness(r, stem) }), nil
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
	head   int64
	region string
}

func scanPlaced(r *db.Rows) (placed, error) {
	var p placed
	err := r.Scan(&p.head, &p.region)
	return p, err
}

// place turns rows into levels by slot.
func (m *memory) place(rows []placed, level func(region string) uint8) []uint8 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]uint8, len(m.heads))
	last, at := "", uint8(0)
	for _, r := range rows {
		if slot, ok := m.slots[r.head]; ok {
			if r.region != last || at == 0 {
				last, at = r.region, level(r.region)
			}
			out[slot] = max(out[slot], at)
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
	return s.near.get("in "+stem+" "+f.Agency, s.now(), func() ([]uint8, error) {
		rows, err := db.All(ctx, s.db.R(), scanPlaced, `SELECT DISTINCT i.head, '' FROM catalog_item i WHERE `+c.text(), c.args...)
		if err != nil {
			return nil, err
		}
		return s.mem().place(rows, func(string) uint8 { return 1 }), nil
	})
}

func levelAt(levels []uint8, slot int32) uint8 {
	if int(slot) < len(levels) {
		return levels[slot]
	}
	return elsewhere
}
