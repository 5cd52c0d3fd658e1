package licence

import (
	"context"
	"strings"
	"sync"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

func (k *kit) replaced(r Replace) (l Licence, err error) {
	err = k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		l, err = k.ReplaceTx(ctx, tx, k.now, r)
		return err
	})
	return l, err
}

func (k *kit) changed(id string, c Change) error {
	return k.d.Tx(k.t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.ChangeTx(ctx, tx, k.now, id, c) })
}

func TestALicenceLivesThroughChangeRenewalAndCorrection(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		ctx, k := t.Context(), newKit(t, d)
		first, file := k.made(food("c1"))
		k.now = noon.AddDate(1, 0, 0)
		moved := food("c2")
		moved.Values = map[string]string{"address": "清澜市滨河路20号"}
		second, err := k.replaced(Replace{Issue: moved, Previous: first.ID, Kind: KindChange, PaperID: "p2"})
		if err != nil {
			t.Fatal(err)
		}
		if second.Number != first.Number || second.ValidUntil != first.ValidUntil || second.Edition != 2 || !strings.Contains(second.Identifier, ".002.") ||
			second.Fields["address"] != "清澜市滨河路20号" || second.Fields["form"] != "餐饮服务经营者" {
			t.Errorf("changed: %+v", second)
		}
		if again, err := k.replaced(Replace{Issue: moved, Previous: first.ID, Kind: KindChange}); err != nil || again.ID != second.ID {
			t.Errorf("again for the same case: %v %v", again.ID, err)
		}
		if _, err := k.replaced(Replace{Issue: food("c9"), Previous: first.ID, Kind: KindChange}); err == nil {
			t.Error("two licences took one's place")
		}
		fixed := food("c2")
		fixed.Values = map[string]string{"address": "清澜市滨河路22号"}
		third, err := k.replaced(Replace{Issue: fixed, Previous: second.ID, Kind: KindRectify, Reason: "门牌号录入错误"})
		if err != nil || third.CaseID != "c2" || third.Edition != 3 || third.ValidFrom != second.ValidFrom {
			t.Fatalf("corrected: %+v %v", third, err)
		}
		k.now = noon.AddDate(4, 11, 0)
		fourth, err := k.replaced(Replace{Issue: food("c3"), Previous: third.ID, Kind: KindRenew, FromEnd: true})
		if err != nil || third.ValidUntil != "2031-03-15" || fourth.ValidUntil != "2036-03-15" || fourth.ValidFrom != "2031-02-16" {
			t.Errorf("renewed until %s from %s: %v", fourth.ValidUntil, fourth.ValidFrom, err)
		}
		v, err := k.VerifyIdentifier(ctx, first.Identifier)
		if err != nil || v.State != Superseded || v.Next != second.Identifier || v.Previous != "" || v.StateAt.IsZero() {
			t.Errorf("the old one: %+v %v", v, err)
		}
		if v, _ = k.VerifyIdentifier(ctx, second.Identifier); v.Next != third.Identifier || v.Previous != first.Identifier {
			t.Errorf("the one between: %+v", v)
		}
		if v, _ = k.VerifyIdentifier(ctx, fourth.Identifier); v.State != Valid || v.Next != "" {
			t.Errorf("the newest: %+v", v)
		}
		rep, err := k.Verify(ctx, file)
		if err != nil || rep.Status != "revoked" || rep.Checks[len(rep.Checks)-1].Params["identifier"] != second.Identifier {
			t.Errorf("the old file: %+v %v", rep, err)
		}
		if l, err := k.Last(ctx, first.ID); err != nil || l.ID != fourth.ID {
			t.Errorf("at the end stands %s: %v", l.ID, err)
		}
		cs, err := k.Changes(ctx, second.ID)
		if err != nil || len(cs) != 2 || cs[0].Kind != KindChange || cs[0].PaperID != "p2" || cs[0].Other != first.ID || cs[1].To != Superseded || cs[1].Reason != "门牌号录入错误" {
			t.Errorf("its steps: %+v %v", cs, err)
		}
		if held, err := k.InForce(ctx, firmNumber, "food-business"); err != nil || len(held) != 1 || held[0].ID != fourth.ID {
			t.Errorf("in force: %+v %v", held, err)
		}
	})
}

func TestWhatCannotTakeALicencesPlace(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		l, err := k.issue(food("c1"))
		if err != nil {
			t.Fatal(err)
		}
		other := food("c2")
		other.HolderNumber = "92580102MA0000002A"
		wrong := food("c2")
		wrong.TypeKey = "elder-card"
		for name, c := range map[string]struct {
			r    Replace
			want string
		}{
			"another holder": {Replace{Issue: other, Previous: l.ID, Kind: KindChange}, "licence.other_holder"},
			"another type":   {Replace{Issue: wrong, Previous: l.ID, Kind: KindChange}, "licence.other_type"},
		} {
			if _, err := k.replaced(c.r); !errs.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		k.now = noon.AddDate(6, 0, 0) // it has run out
		if _, err := k.replaced(Replace{Issue: food("c2"), Previous: l.ID, Kind: KindChange}); !errs.Is(err, "licence.state") {
			t.Errorf("changed after its end: %v", err)
		}
		if err := k.changed(l.ID, Change{To: Superseded, Reason: "x"}); !errs.Is(err, "licence.state") {
			t.Errorf("superseded by nothing: %v", err)
		}
	})
}

func TestTheFourKindsAreDatedAndNeverMixedUp(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		ctx, k := t.Context(), newKit(t, d)
		for i, to := range []State{Withdrawn, Revoked, Forfeited} {
			l, err := k.issue(food("c" + string(to)))
			if err != nil {
				t.Fatal(err)
			}
			if err := k.changed(l.ID, Change{To: to, Ground: "fraud", Reason: "以欺骗手段取得", Basis: "行政许可法第六十九条", CaseID: l.CaseID, PaperID: "p", By: "staff:x"}); err != nil {
				t.Fatal(err)
			}
			for _, again := range []State{Valid, Suspended, Withdrawn, Revoked, Forfeited} {
				if err := k.changed(l.ID, Change{To: again, Reason: "再来"}); !errs.Is(err, "licence.state") {
					t.Errorf("%s after %s: %v", again, to, err)
				}
			}
			v, err := k.VerifyIdentifier(ctx, l.Identifier)
			if err != nil || v.State != to || Today(v.StateAt) != "2026-03-16" {
				t.Errorf("%d: %+v %v", i, v, err)
			}
			if err := k.changed(l.ID, Change{To: Cancelled, Ground: "revoked", Reason: "依法被撤销，予以注销"}); err != nil { // 行政许可法 70(4)
				t.Errorf("struck off after %s: %v", to, err)
			}
			cs, err := k.Changes(ctx, l.ID)
			if err != nil || len(cs) != 3 || cs[1].Kind != string(to) || cs[1].Ground != "fraud" || cs[1].Basis != "行政许可法第六十九条" || cs[2].To != Cancelled {
				t.Errorf("%+v %v", cs, err)
			}
		}
	})
}

func TestFiftyAtOnceGiveOneFollower(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		l, err := k.issue(food("c1"))
		if err != nil {
			t.Fatal(err)
		}
		var won, lost sync.Map
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				id := "r" + string(rune('A'+i))
				err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					_, err := k.ReplaceTx(ctx, tx, k.now, Replace{Issue: food(id), Previous: l.ID, Kind: KindRenew})
					return err
				})
				if err == nil {
					won.Store(id, true)
				} else if errs.KindOf(err) == errs.Conflict {
					lost.Store(id, true)
				} else {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		wg.Wait()
		n := 0
		won.Range(func(any, any) bool { n++; return true })
		if n != 1 || dbtest.Count(t, d, "licence_licence", "previous = $1", l.ID) != 1 {
			t.Errorf("%d took its place", n)
		}
	})
}
