package org_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

func TestAPublishedFlowGivesItsPostsTheItemAndNothingElse(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		ctx := t.Context()
		files := ladderPack()
		for i := range files {
			files[i].Data = bytes.Replace(files[i].Data, []byte(`key: county-work, name: 经办岗, acts: [accept, decide], items: ["*"]`), []byte(`key: county-work, name: 经办岗, acts: [accept, decide], items: [food-licence]`), 1)
		}
		load(t, d, h.Service, files)
		was, err := h.Post(ctx, "county-work")
		if err != nil || len(was.Items) != 1 {
			t.Fatal(was, err)
		}
		give := func(post, item string) error {
			defer h.PowersMoved()
			return d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				return h.AllowItemTx(ctx, tx, h.now, post, item, "qiao-bo")
			})
		}
		told := dbtest.Count(t, d, "event_event", "topic = 'org.staff_changed'")
		for range 2 { // publishing again gives nothing again
			if err := give(was.Key, "dog-registration"); err != nil {
				t.Fatal(err)
			}
		}
		is, err := h.Post(ctx, was.Key)
		if err != nil || !slices.Equal(is.Items, append(slices.Clone(was.Items), "dog-registration")) || !slices.Equal(is.Acts, was.Acts) || !slices.Equal(is.Roles, was.Roles) {
			t.Errorf("post: %+v, was %+v, %v", is, was, err)
		}
		holders := h.StaffOfPost(ctx, was.Key)
		if n := dbtest.Count(t, d, "event_event", "topic = 'org.staff_changed'") - told; n != len(holders) {
			t.Errorf("%d told, %d hold it", n, len(holders))
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'org.post_item' AND actor = 'staff:qiao-bo'"); n != 1 {
			t.Errorf("%d records", n)
		}
		if !h.StaffMay(ctx, holders[0].ID, was.Acts[0], "dog-registration") {
			t.Error("who holds the post may not handle the item")
		}
		if err := give("none", "x"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such post: %v", err)
		}
		if err := give(was.Key, "*"); errs.KindOf(err) != errs.Invalid {
			t.Errorf("every item: %v", err)
		}
	})
}

func TestOneTelephoneIsOnePerson(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		all := h.StaffList(t.Context(), "")
		if !h.SamePerson(t.Context(), all[0].ID, all[0].ID) {
			t.Error("somebody is not who they are")
		}
		for _, x := range all[1:] {
			if got := h.SamePerson(t.Context(), all[0].ID, x.ID); got != (x.Phone == all[0].Phone) {
				t.Errorf("%s and %s: %v", all[0].ID, x.ID, got)
			}
		}
	})
}
