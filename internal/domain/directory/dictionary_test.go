package directory_test

import (
	"slices"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
)

func codesOn(t *testing.T, h *hall, list, day string) []string {
	t.Helper()
	cs, err := h.Codes(t.Context(), list, day)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range cs {
		out = append(out, c.Code+c.Name)
	}
	return out
}

// TestCodeListsAreSeededOnce: every list of the program, with names; a second start changes nothing.
func TestCodeListsAreSeededOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ls, err := h.Lists(t.Context())
		if err != nil || len(ls) != len(item.Lists) {
			t.Fatalf("%d lists, %v", len(ls), err)
		}
		for _, l := range ls {
			if l.Count != len(item.Codes(l.Key)) || !i18n.Has("directory.list_"+l.Key) {
				t.Errorf("%s: %d codes, or no name", l.Key, l.Count)
			}
			for _, c := range codesOn(t, h, l.Key, "") {
				if c == "" {
					t.Errorf("%s has a code without a name", l.Key)
				}
			}
		}
		before := dbtest.Count(t, h.d, "directory_code", "1 = 1")
		if err := h.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := dbtest.Count(t, h.d, "directory_code", "1 = 1"); n != before {
			t.Errorf("%d codes after a second start, %d before", n, before)
		}
	})
}

// TestCodesComeAndGoByDays: added, renamed and retired; what was valid on a day stays what it was.
func TestCodesComeAndGoByDays(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		wants(t, "a county", h.AddCode(ctx, low, directory.Code{List: "area", Code: "5", Name: "圈内通办", Source: "x"}), "directory.not_keeper")
		wants(t, "a code there was", h.AddCode(ctx, qi, directory.Code{List: "area", Code: "4", Name: "x", Source: "x"}), "code directory.list_code_taken")
		wants(t, "no source", h.AddCode(ctx, qi, directory.Code{List: "area", Code: "5", Name: "x"}), "source directory.required_source")
		wants(t, "no such list", h.AddCode(ctx, qi, directory.Code{List: "areas", Code: "5", Name: "x", Source: "x"}), "directory.no_list")
		if err := h.AddCode(ctx, qi, directory.Code{List: "area", Code: "5", Name: "圈内通办", Source: "清澜政办〔2026〕3号", From: "2026-04-01"}); err != nil {
			t.Fatal(err)
		}
		if err := h.RenameCode(ctx, qi, "area", "5", "都市圈通办", "", "2026-06-01", "更名"); err != nil {
			t.Fatal(err)
		}
		if err := h.RetireCode(ctx, qi, "area", "5", "2026-12-31", "并入跨市通办"); err != nil {
			t.Fatal(err)
		}
		wants(t, "retiring twice", h.RetireCode(ctx, qi, "area", "5", "2027-12-31", "x"), "directory.code_ended")
		wants(t, "the code again", h.AddCode(ctx, qi, directory.Code{List: "area", Code: "5", Name: "x", Source: "x", From: "2027-01-01"}), "code directory.list_code_taken")
		for day, want := range map[string]string{"2026-03-31": "", "2026-04-01": "5圈内通办", "2026-05-31": "5圈内通办", "2026-06-01": "5都市圈通办", "2026-12-31": "5都市圈通办", "2027-01-01": ""} {
			got := codesOn(t, h, "area", day)
			has := len(got) == 5 && got[4] == want
			if want == "" && len(got) != 4 || want != "" && !has {
				t.Errorf("%s: %v, want %q", day, got, want)
			}
		}
		all, _ := h.Dictionary(ctx, "area")
		var days []string
		for _, e := range directory.Editions(all) {
			days = append(days, e.From)
		}
		if !slices.Equal(days, []string{"2027-01-01", "2026-06-01", "2026-04-01", ""}) {
			t.Errorf("editions = %v", days)
		}
		notes, err := h.Notes(ctx, "area")
		if err != nil || len(notes) != 3 || notes[0].Act != "retire" || notes[2].Act != "add" {
			t.Errorf("notes = %+v %v", notes, err)
		}
		if n := dbtest.Count(t, h.d, "audit_entry", "object = 'code-list:area'"); n != 3 {
			t.Errorf("%d audit entries", n)
		}
		if err := h.Ready(ctx); err != nil || len(codesOn(t, h, "area", "2027-01-01")) != 4 {
			t.Errorf("a start brought a retired code back: %v", err)
		}
	})
}

// TestCodesAreTranslatedAtTheBorder in both directions, and holes are found.
func TestCodesAreTranslatedAtTheBorder(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		for _, m := range directory.Shipped() {
			if got, ok := h.Take(ctx, m.System, m.List, m.There); m.Takes && (!ok || got != m.Here) {
				t.Errorf("%s %s %s = %s", m.System, m.List, m.There, got)
			}
			if got, ok := h.Give(ctx, m.System, m.List, m.Here); m.Gives && (!ok || got != m.There) {
				t.Errorf("%s %s gives %s as %s", m.System, m.List, m.Here, got)
			}
			if !slices.Contains(item.Lists[m.List], m.Here) {
				t.Errorf("%s %s: %s is no code", m.System, m.List, m.Here)
			}
		}
		if got, ok := h.Give(ctx, directory.SystemOlder, "channel", "4"); !ok || got != "3" {
			t.Errorf("courier is written as %q for the older tables", got)
		}
		if _, ok := h.Give(ctx, directory.SystemOlder, "channel", "3"); ok {
			t.Error("the older tables have no code for mobile, but one is given")
		}
		if got, _ := h.Give(ctx, directory.SystemVendor, "unit", "workday"); got != "1" {
			t.Errorf("of two codes that mean the same, %q is written", got)
		}
		gaps, err := h.Gaps(ctx, directory.SystemOlder)
		if err != nil || !slices.Contains(gaps, directory.Gap{List: "channel", Code: "3", Key: "directory.gap_none"}) {
			t.Errorf("gaps = %+v %v", gaps, err)
		}
		row := directory.Mapping{System: directory.SystemOlder, List: "channel", There: "9", Here: "3", Takes: true, Gives: true}
		if err := h.SaveMapping(ctx, qi, row); err != nil {
			t.Fatal(err)
		}
		twice := row
		twice.Here = "9"
		wants(t, "one code read as two", h.SaveMapping(ctx, qi, twice), "there directory.map_taken")
		twice = row
		twice.There = "8"
		wants(t, "one of ours written as two", h.SaveMapping(ctx, qi, twice), "here directory.map_given")
		wants(t, "neither way", h.SaveMapping(ctx, qi, directory.Mapping{System: "x", List: "channel", There: "8", Here: "1"}), "takes directory.map_no_way")
		wants(t, "a code that is none", h.SaveMapping(ctx, qi, directory.Mapping{System: "x", List: "channel", There: "8", Here: "77", Takes: true}), "here directory.no_list_code")
		wants(t, "a county", h.SaveMapping(ctx, low, row), "directory.not_keeper")
		if err := h.RetireCode(ctx, qi, "channel", "3", "2026-03-01", "x"); err != nil {
			t.Fatal(err)
		}
		gaps, _ = h.Gaps(ctx, directory.SystemOlder)
		if !slices.Contains(gaps, directory.Gap{List: "channel", Code: "3", Key: "directory.gap_ended"}) {
			t.Errorf("a row to a retired code is no gap: %+v", gaps)
		}
		if err := h.DropMapping(ctx, qi, row); err != nil {
			t.Fatal(err)
		}
		wants(t, "dropping twice", h.DropMapping(ctx, qi, row), "directory.no_mapping")
		if err := h.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if _, ok := h.Take(ctx, directory.SystemOlder, "channel", "9"); ok {
			t.Error("a start brought a dropped row back")
		}
	})
}
