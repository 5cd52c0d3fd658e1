package item

import (
	"testing"

	"tongban/internal/base/authz"
)

func TestEveryActHasItsLevel(t *testing.T) {
	for _, c := range []struct {
		it                         Item
		apply, sign, collect, view int
	}{
		{Item{}, 0, 0, 0, 0},
		{Item{Level: 2}, 2, 2, 2, 2},
		{Item{Level: 3}, 3, 3, 3, 2},
		{Item{Level: 2, Levels: Levels{Sign: 4}}, 2, 4, 2, 2},
		{Item{Level: 3, Levels: Levels{Apply: 2, Collect: 4, View: 3}}, 2, 2, 4, 3},
	} {
		for act, want := range map[string]int{authz.ActApply: c.apply, authz.ActSign: c.sign, authz.ActCollect: c.collect, authz.ActView: c.view} {
			if got := c.it.LevelFor(act); got != want {
				t.Errorf("%+v: %s takes level %d, want %d", c.it.Levels, act, got, want)
			}
		}
	}
}

func TestACommitmentIsAlwaysSigned(t *testing.T) {
	if (Item{}).Signs() || !(Item{Sign: true}).Signs() || !(Item{Commitment: &Commitment{}}).Signs() {
		t.Error("what is signed is a declaration that says so, and every commitment")
	}
}
