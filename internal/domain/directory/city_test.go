package directory_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

func TestADirectoryComesAsData(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.load(foodYAML)
		h.load(foodYAML)
		dbtest.WantCounts(t, h.d, map[string]int{"directory_version": 1})
		b := h.base("000131006000")
		if b.Version != 1 || b.Pack != "t" || b.Effective != "2026-03-02" || b.Legal.N != 20 || b.Kind != directory.Add {
			t.Errorf("loaded = %+v", b)
		}
		h.load(strings.Replace(foodYAML, "n: 20", "n: 10", 1))
		if b := h.base("000131006000"); b.Version != 2 || b.Kind != directory.Amend || b.FollowBy == "" {
			t.Errorf("changed text = %+v", b)
		}
		if !h.HasKey(t.Context(), "base", b.Code) || h.HasKey(t.Context(), "base", "000131006001") || h.HasKey(t.Context(), "item", b.Code) {
			t.Error("HasKey")
		}
		bad := "bases:\n  - {code: \"12\", name: \"\", item_type: \"01\", department: x, use_levels: [\"4\"], basis: [{law: 法, status: read}], successors: [\"000131006999\"]}\n  - {code: \"000131006000\", name: a, item_type: \"99\", department: x, use_levels: [\"4\"], basis: [{law: 法, status: nobody}], state: \"7\"}\n"
		var got []string
		for _, p := range h.CheckSection(t.Context(), []packfile.File{{Path: "base.yaml", Data: []byte(bad)}}, nothing{}) {
			got = append(got, p.Pointer+" "+p.Key)
		}
		for _, want := range []string{"/bases/0/code directory.code_shape", "/bases/0/name directory.required_name", "/bases/0/successors directory.no_base", "/bases/1/item_type directory.not_in_list", "/bases/1/basis directory.basis_no_status", "/bases/1/state directory.bad_state"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s is not found: %v", want, got)
			}
		}
		if names := h.Names([]packfile.File{{Path: "base.yaml", Data: []byte(foodYAML)}})["base"]; !slices.Equal(names, []string{"000131006000"}) {
			t.Errorf("names = %v", names)
		}
	})
}

type nothing struct{}

func (nothing) Has(string, string) bool { return false }

func adopters() []directory.Adopter {
	return []directory.Adopter{
		{Item: "food-county", Name: "食品经营许可（新办）", Agency: "county", Region: "580102", UseLevel: "4", BaseVersion: 0, Delegates: []item.Delegate{{Region: "580102001", Office: "望江街道便民中心", Acts: []string{"receive"}}}},
		{Item: "food-old", Agency: "beside", Region: "580103", State: directory.Cancelled},
	}
}

func TestWhoExercisesWhatWhere(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.load(foodYAML)
		got := map[string]string{}
		for _, r := range h.Reach(t.Context(), h.base("000131006000"), adopters(), "") {
			switch {
			case r.Gap():
				got[r.Region.Code] = "gap"
			case len(r.Adopters) > 0:
				got[r.Region.Code] = r.Adopters[0].Item
			default:
				got[r.Region.Code] = r.Delegated[0].Office
			}
		}
		// The city and the county beside are gaps; a retired region is none, nor is a level the base does not name.
		want := map[string]string{"580100": "gap", "580102": "food-county", "580103": "gap", "580102001": "望江街道便民中心"}
		if len(got) != len(want) {
			t.Errorf("reach = %v", got)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %q, want %q", k, got[k], v)
			}
		}
		if in := h.Reach(t.Context(), h.base("000131006000"), adopters(), "580102"); len(in) != 2 {
			t.Errorf("narrowed = %+v", in)
		}
	})
}

func TestAdoptersFollow(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		h.load(foodYAML)
		if p, err := h.Pending(ctx, h.base("000131006000"), adopters()); err != nil || len(p) != 0 {
			t.Fatalf("a first version asks nobody: %+v %v", p, err)
		}
		if bs, err := h.Moved(ctx); err != nil || len(bs) != 0 {
			t.Errorf("moved = %v %v", bs, err)
		}
		h.load(strings.Replace(foodYAML, "n: 20", "n: 15", 1))
		is := h.base("000131006000")
		p, err := h.Pending(ctx, is, adopters())
		if err != nil || len(p) != 1 || p[0].Item != "food-county" || p[0].Was.Legal.N != 20 || p[0].Due != is.FollowBy || p[0].Late {
			t.Fatalf("pending = %+v %v", p, err)
		}
		it := adopted()
		wants(t, "another region's office", h.Confirm(ctx, low, &item.Item{Key: "x", Agency: "beside", BaseCode: is.Code}, "580103", is.Version, "x"), "directory.not_your_item")
		wants(t, "a lawyer", h.Confirm(ctx, lawyer, it, "580102", is.Version, "x"), "base.forbidden")
		wants(t, "no reason", h.Confirm(ctx, low, it, "580102", is.Version, " "), "reason directory.required_reason")
		wants(t, "an old version", h.Confirm(ctx, low, it, "580102", is.Version-1, "x"), "directory.moved_meanwhile")
		long := adopted()
		long.Limits.Legal.N = 18
		wants(t, "an item that goes against it", h.Confirm(ctx, low, long, "580102", is.Version, "x"), "directory.confirm_against")
		if err := h.Confirm(ctx, low, it, "580102", is.Version, "承诺时限早已更短"); err != nil {
			t.Fatal(err)
		}
		wants(t, "twice", h.Confirm(ctx, qi, it, "580102", is.Version, "x"), "directory.followed_already")
		if p, _ := h.Pending(ctx, is, adopters()); len(p) != 0 {
			t.Errorf("still pending: %+v", p)
		}
		if n := dbtest.Count(t, h.d, "audit_entry", "act = 'directory.confirm'"); n != 1 {
			t.Errorf("%d audit entries", n)
		}
		h.load(strings.Replace(foodYAML, "n: 20", "n: 12", 1))
		h.day("2027-01-01")
		if p, _ := h.Pending(ctx, h.base(is.Code), adopters()); len(p) != 1 || !p[0].Late {
			t.Errorf("the next version asks again, and is late by now: %+v", p)
		}
	})
}

func TestAdopting(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		h.load(foodYAML)
		it, err := h.Adopt(ctx, "000131006000", "county")
		if err != nil || it.UseLevel != "4" || it.Agency != "county" || it.BaseVersion != 1 || it.Consult.Phone == "" {
			t.Fatalf("adopted = %+v %v", it, err)
		}
		h.load(strings.Replace(foodYAML, `use_levels: ["3", "4"]`, `use_levels: ["3"]`, 1))
		_, err = h.Adopt(ctx, "000131006000", "county")
		wants(t, "a county where the city exercises", err, "directory.adopt_level")
		_, err = h.Adopt(ctx, "000131006001", "county")
		wants(t, "an unknown code", err, "directory.no_base")
		out, cs, err := h.FollowItem(ctx, it)
		if err != nil || out.BaseVersion != 2 || out.UseLevel != "3" || len(cs) != 1 || cs[0].Element != "use_level" {
			t.Errorf("followed = %+v %+v %v", out, cs, err)
		}
	})
}

func TestFollowingACancelledItemGoesToItsSuccessor(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		h.load(foodYAML)
		it, _ := h.Adopt(ctx, "000131006000", "county")
		next := strings.Replace(strings.Replace(foodYAML, "000131006000", "000131007000", 1), "食品经营许可\n", "食品许可\n", 1)
		h.load(strings.TrimRight(foodYAML, "\n") + "\n    state: \"3\"\n    successors: [\"000131007000\"]\n" + strings.TrimPrefix(next, "bases:\n"))
		out, _, err := h.FollowItem(ctx, it)
		if err != nil || out.BaseCode != "000131007000" || out.MainItem != "食品许可" || out.BaseVersion != 1 {
			t.Errorf("followed = %+v %v", out, err)
		}
		_, err = h.Adopt(ctx, "000131006000", "county")
		if !errs.Is(err, "directory.adopt_state_3") {
			t.Errorf("adopting what is cancelled = %v", err)
		}
	})
}

// TestAHalfWrittenLoadLeavesNothing: a pack that fails after the directory's section leaves no version behind.
func TestAHalfWrittenLoadLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		err := h.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := h.LoadTx(ctx, tx, h.now, []packfile.File{{Pack: "t", Path: "base.yaml", Data: []byte(foodYAML)}}); err != nil {
				return err
			}
			return errs.New(errs.Conflict, "x")
		})
		if err == nil {
			t.Fatal("no error")
		}
		dbtest.WantCounts(t, h.d, map[string]int{"directory_version": 0, "directory_base": 0})
		if _, ok, _ := h.Base(t.Context(), "000131006000"); ok {
			t.Error("the snapshot holds what was rolled back")
		}
	})
}
