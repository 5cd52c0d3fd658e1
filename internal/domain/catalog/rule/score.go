package rule

import "tongban/internal/domain/catalog/item"

// weights are the points a finding costs.
var weights = map[Level]int{Block: 15, Warn: 5, Advice: 2}

// most is how often findings of one rule count: the tenth material of the same fault tells nothing new.
const most = 3

// Score is the quality of an item, 100 when nothing was found and never below 0. An item nobody has looked at yet (未复核) reaches 80 at most.
func Score(findings []Finding, it *item.Item) int {
	n := 100
	seen := map[string]int{}
	for _, f := range findings {
		if seen[f.Rule]++; seen[f.Rule] <= most {
			n -= weights[f.Level]
		}
	}
	n = max(n, 0)
	if it != nil && it.Unreviewed {
		return min(n, 80)
	}
	return n
}

// Tally sums up the items of an agency. The zero value is ready; Add and Join are pure.
type Tally struct {
	Items   int
	Points  int            // sum of the scores
	Clean   int            // items without a finding that blocks
	ByRule  map[string]int // items with at least one finding of the rule
	ByLevel map[Level]int  // findings
}

// Add gives the tally with one more item.
func (t Tally) Add(findings []Finding, it *item.Item) Tally {
	one := Tally{Items: 1, Points: Score(findings, it), ByRule: map[string]int{}, ByLevel: map[Level]int{}}
	if !Blocks(findings) {
		one.Clean = 1
	}
	for _, f := range findings {
		one.ByRule[f.Rule] = 1
		one.ByLevel[f.Level]++
	}
	return t.Join(one)
}

// Join gives the sum of two tallies.
func (t Tally) Join(o Tally) Tally {
	sum := Tally{Items: t.Items + o.Items, Points: t.Points + o.Points, Clean: t.Clean + o.Clean, ByRule: map[string]int{}, ByLevel: map[Level]int{}}
	for _, x := range []Tally{t, o} {
		for k, n := range x.ByRule {
			sum.ByRule[k] += n
		}
		for k, n := range x.ByLevel {
			sum.ByLevel[k] += n
		}
	}
	return sum
}

// Score is the mean of the items, rounded down; 0 without items.
func (t Tally) Score() int {
	if t.Items == 0 {
		return 0
	}
	return t.Points / t.Items
}
