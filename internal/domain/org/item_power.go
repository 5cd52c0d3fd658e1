package org

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
)

// AllowItemTx gives a post an item that a published flow asks it to handle, in the caller's transaction. It adds the item and nothing else: the post's
// acts and roles stay. by is the account that published. Whoever calls has made sure that two persons and legal review looked at the flow, and
// that the item is the post's own agency's. Holders hear of it as of any change of their powers; the caller calls PowersMoved afterwards.
// errs.NotFound if there is no such post.
func (s *Service) AllowItemTx(ctx context.Context, tx *db.Tx, now time.Time, post, item, by string) error {
	if !keyShape.MatchString(item) {
		return errs.New(errs.Invalid, "org.item_shape", errs.P{"item": item})
	}
	if err := bump(ctx, tx); err != nil {
		return err
	}
	posts, err := elements(ctx, tx, postTable, func(p *Post, v int64) { p.Version = v })
	if err != nil {
		return err
	}
	i := slices.IndexFunc(posts, func(p Post) bool { return p.Key == post })
	if i < 0 {
		return errs.New(errs.NotFound, "org.no_post", errs.P{"key": post})
	}
	p := posts[i]
	if slices.Contains(p.Items, "*") || slices.Contains(p.Items, item) {
		return nil
	}
	p.Items = append(slices.Clone(p.Items), item)
	if err := put(ctx, tx, postTable, p.Key, p.Agency, p, "", p.Version); err != nil {
		return err
	}
	if err := s.tellHolders(ctx, tx, now, post); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, now, audit.Entry{Actor: "staff:" + by, Act: "org.post_item", Object: "post:" + post, What: item, Agency: p.Agency})
}

// tellHolders tells that the powers of whoever holds a post now or later have changed, each once.
func (s *Service) tellHolders(ctx context.Context, tx *db.Tx, now time.Time, post string) error {
	all, err := holdings(ctx, tx)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, h := range all {
		if h.Post != post || told[h.StaffID] || !h.meets(now, time.Time{}) {
			continue
		}
		told[h.StaffID] = true
		_, off, err := staffStamp(ctx, tx, h.StaffID)
		if err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, StaffChanged{StaffID: h.StaffID, Disabled: off}); err != nil {
			return err
		}
	}
	return nil
}

// PowersMoved makes this node look at the database at once: another room has changed powers in a transaction of its own.
func (s *Service) PowersMoved() { s.written() }

// SamePerson reports whether two accounts belong to one person, by the telephone they share.
func (s *Service) SamePerson(ctx context.Context, x, y string) bool {
	return x == y || s.all(ctx).onePerson(x, y)
}
