package cases_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
)

// TestListsHoldExactlyWhatTheRuleAdmits asks random officers, 1,000 of them in the full check, for their lists and compares each with the rule the acts use, case by case: what is
// listed, its order, its number, and that nothing comes twice or is left out between two pages.
func TestListsHoldExactlyWhatTheRuleAdmits(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := rand.New(rand.NewPCG(7, 7))
		pick := func(list []string) string { return list[r.IntN(len(list))] }
		some := func(list []string, most int) []string {
			l := slices.Clone(list)
			r.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
			return l[:r.IntN(min(most, len(l)))+1]
		}
		regions := []string{"580100", "580102", "580102001", "580103", "590000"}
		var agencies, items, posts []string
		k.off.regions = map[string]string{}
		for i := range 9 {
			agencies = append(agencies, fmt.Sprintf("g%d", i))
			k.off.regions[agencies[i]] = pick(regions)
		}
		agencies = append(agencies, "hall", "city-hall")
		k.off.regions["city-hall"] = "580100"
		for i := range 6 {
			items = append(items, fmt.Sprintf("item%d", i))
		}
		k.off.posts = map[string]org.Post{}
		for i := range 40 {
			p := org.Post{Key: fmt.Sprintf("post%d", i), Agency: pick(agencies), Items: some(items, 3), Acts: some(org.Acts, 3)}
			if r.IntN(3) == 0 {
				p.Items = []string{"*"}
			}
			k.off.posts[p.Key], posts = p, append(posts, p.Key)
		}
		var all []cases.Case
		open := map[string][]string{} // posts with open work, by case
		for i := range 100 {
			c := cases.Case{
				ID: ident.New(), State: cases.States[r.IntN(len(cases.States))], Version: 1, ItemKey: pick(items), Agency: pick(agencies), Region: pick(regions), ApplicantKind: cases.ByPerson,
				CaseNo: fmt.Sprintf("N%03d", i), Created: k.now(), Updated: k.now(), Clock: cases.Clock{Phase: cases.PhaseDecision, LegalDue: k.now().Add(time.Duration(r.IntN(9)) * time.Hour)},
			}
			if !c.State.Open() {
				c.Clock = cases.Clock{Phase: cases.PhaseEnded}
			}
			var tasks []cases.Task
			for range r.IntN(4) {
				w := cases.Task{ID: ident.New(), CaseID: c.ID, Post: pick(posts), Kind: "review", At: k.now()}
				if r.IntN(2) == 0 {
					w.Closed = k.now()
				} else {
					open[c.ID] = append(open[c.ID], w.Post)
				}
				tasks = append(tasks, w)
			}
			k.ok(k.Put(ctx, c, tasks...))
			all = append(all, c)
		}
		over := []cases.State{cases.Decided, cases.Certified, cases.Delivered, cases.Concluded, cases.Archived, cases.Refused, cases.Withdrawn, cases.Terminated, cases.Lapsed, cases.Transferred, cases.Voided}
		found := 0
		officers := 250
		if os.Getenv("TONGBAN_FULL") != "" {
			officers = 1000
		}
		for i := range officers {
			id := fmt.Sprintf("o%d", i)
			mine := some(posts, 3)
			k.off.staff[id] = org.Staff{ID: id, Posts: mine}
			a := staff(id)
			want := map[string][]string{}
			for _, c := range all {
				reaches, err := k.Rule(ctx, a, c)
				k.ok(err)
				if c.State == cases.Draft || !reaches {
					continue
				}
				want[cases.TabAll] = append(want[cases.TabAll], c.CaseNo)
				if slices.Contains(over, c.State) {
					want[cases.TabDone] = append(want[cases.TabDone], c.CaseNo)
				}
				waits := !slices.Contains(over, c.State) && c.State != cases.Correction || slices.Contains([]cases.State{cases.Decided, cases.Certified, cases.Concluded}, c.State)
				if waits && slices.ContainsFunc(open[c.ID], func(p string) bool { return slices.Contains(mine, p) }) {
					want[cases.TabTodo] = append(want[cases.TabTodo], c.CaseNo)
				}
			}
			counts, err := k.Counts(ctx, a)
			k.ok(err)
			for _, tab := range []string{cases.TabAll, cases.TabDone, cases.TabTodo} {
				var got []string
				f := cases.Filter{Tab: tab, Limit: 10 + r.IntN(40)}
				for {
					p, err := k.Inbox(ctx, a, f)
					k.ok(err)
					for _, c := range p.Cases {
						got = append(got, c.CaseNo)
					}
					if f.After = p.Next; f.After == "" {
						break
					}
				}
				if tab != cases.TabTodo { // newest first
					if !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
						t.Fatalf("officer %d, %s: out of order: %v", i, tab, got)
					}
				}
				if counts[tab] != len(got) {
					t.Fatalf("officer %d, %s: counted %d, listed %d", i, tab, counts[tab], len(got))
				}
				slices.Sort(got)
				if !slices.Equal(got, want[tab]) {
					t.Fatalf("officer %d with %v, %s: listed %v, the rule says %v", i, mine, tab, got, want[tab])
				}
				found += len(got)
			}
		}
		if found < 1000 {
			t.Errorf("the officers found only %d rows: the lists were not tried", found)
		}
	})
}
