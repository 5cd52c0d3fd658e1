package org_test

import (
	"context"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/org"
)

// TestAccountsOfBeforeKeepTheirPowers: roles and posts that stood in the account become holdings, and the same pack changes nothing.
func TestAccountsOfBeforeKeepTheirPowers(t *testing.T) {
	dbtest.Each(t, rooms[:3], func(t *testing.T, d *db.DB) {
		first, err := fs.ReadFile(org.Schema.Files, "migrations/0001_org.sql")
		if err != nil {
			t.Fatal(err)
		}
		old := db.Room{Name: "org", Files: fstest.MapFS{"migrations/0001_org.sql": {Data: first}}}
		if err := d.Migrate(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		insert := func(q string, args ...any) {
			t.Helper()
			if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.ExecContext(ctx, q, args...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []string{"market-window", "market-window-2"} {
			insert(`INSERT INTO org_post (id, owner, doc, pack_sum, version) VALUES ($1, 'market', $2, '', 1)`, p,
				`{"key":"`+p+`","agency":"market","name":"岗","acts":["accept"],"items":["*"]}`)
		}
		staff := func(id, roles, posts string, disabled bool) {
			insert(`INSERT INTO org_staff (id, login, agency, name, phone, roles, posts, disabled, pack_sum, version) VALUES ($1, $2, 'market', $3, NULL, $4, $5, $6, '', 1)`,
				id, id, []byte{}, roles, posts, disabled)
		}
		staff("one", `["clerk", "officer"]`, `["market-window-2"]`, false)
		staff("two", `["item_office"]`, `[]`, false)
		staff("gone", `["security"]`, `[]`, true)
		if err := d.Migrate(t.Context(), org.Schema); err != nil {
			t.Fatal(err)
		}
		s := service(d)
		for id, want := range map[string]struct {
			roles []authz.Role
			posts []string
			off   bool
		}{
			"one":  {roles("clerk", "officer"), []string{"market-window-2"}, false},
			"two":  {roles("item_office"), nil, false},
			"gone": {roles("security"), nil, true},
		} {
			st, err := s.Staff(t.Context(), id)
			slices.Sort(st.Roles)
			if err != nil || !slices.Equal(st.Roles, want.roles) || !slices.Equal(st.Posts, want.posts) || st.Disabled != want.off {
				t.Errorf("%s: %+v, %v", id, st, err)
			}
		}
		if !s.StaffMay(t.Context(), "one", "accept", "x") || len(s.StaffOfPost(t.Context(), "market-window")) != 0 || len(s.Posts(t.Context(), "")) != 2 {
			t.Error("posts were mixed up")
		}
	})
}
