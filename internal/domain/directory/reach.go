package directory

import (
	"context"
	"slices"

	"tongban/internal/domain/org"
)

// levelCode turns a region's level into the code of 行使层级.
var levelCode = map[string]string{"province": "2", "city": "3", "county": "4", "town": "5", "village": "6"}

// LevelOf gives the code of 行使层级 for a level of region.
func LevelOf(level string) string { return levelCode[level] }

// Reach is one region in which a base item is exercised, or should be.
type Reach struct {
	Region    org.Region
	Should    bool      // the base names the region's level
	Adopters  []Adopter // implementing items of agencies of this region
	Delegated []Handed  // offices of this region that handle part of an item of an agency above
}

// Gap reports whether the region should exercise the item and nobody there does.
func (r Reach) Gap() bool { return r.Should && len(r.Adopters) == 0 }

// Handed is a delegated office with the item it handles part of.
type Handed struct {
	Office string
	Acts   []string
	Item   Adopter
}

// Reach lists by the tree of regions who exercises a base item where: every region of a level the base names, and every other that has an adopter or
// a delegated office. within narrows it to a region and those below; empty: all. A base item of 分级管理 (7) names no level, so it has no gaps.
func (s *Service) Reach(ctx context.Context, b Base, all []Adopter, within string) []Reach {
	by, handed := map[string][]Adopter{}, map[string][]Handed{}
	for _, a := range all {
		if a.State == Cancelled {
			continue
		}
		by[a.Region] = append(by[a.Region], a)
		for _, d := range a.Delegates {
			handed[d.Region] = append(handed[d.Region], Handed{Office: d.Office, Acts: d.Acts, Item: a})
		}
	}
	today := dayOf(s.now())
	var out []Reach
	for _, r := range s.org.Regions(ctx) {
		if within != "" && !s.org.Within(ctx, r.Code, within) {
			continue
		}
		x := Reach{Region: r, Adopters: by[r.Code], Delegated: handed[r.Code]}
		x.Should = b.State == InUse && !r.Retired(today) && slices.Contains(b.UseLevels, LevelOf(r.Level))
		if x.Should || len(x.Adopters)+len(x.Delegated) > 0 {
			out = append(out, x)
		}
	}
	return out
}
