package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// Selection narrows which items are written; the zero Selection is all that are in use or suspended.
type Selection struct {
	Region     string // code of a division, with everything below it
	Agency     string
	Type       string // 事项类型
	Unreviewed bool   // only those nobody has looked at
}

type walkedItem struct {
	held *held
	seq  int64
}

func (w walkedItem) change() Change {
	return Change{Key: w.held.ID, Seq: w.seq, Version: w.held.Version, State: w.held.state.Code, PublishedMS: w.held.Published.UnixMilli(), Removed: w.held.state.Code == Cancelled}
}

// where is the selection as a condition on catalog_item i behind a key; cancelled ones are left out.
func (f Selection) where(after string) (string, []any) {
	where, args := []string{"i.key > $1", "i.state <> '3'"}, []any{after}
	add := func(cond string, v any) {
		args = append(args, v)
		where = append(where, cond+" $"+strconv.Itoa(len(args)))
	}
	if f.Region != "" {
		stem := regionStem(f.Region)
		add("i.region >=", stem)
		if end := behindStem(stem); end != "" {
			add("i.region <", end)
		}
	}
	if f.Agency != "" {
		add("i.agency =", f.Agency)
	}
	if f.Type != "" {
		add("i.item_type =", f.Type)
	}
	if f.Unreviewed {
		where = append(where, "i.unreviewed")
	}
	return strings.Join(where, " AND "), args
}

// narrow reports whether the selection can be read along an index instead of through everything.
func (f Selection) narrow() bool { return f.Agency != "" || f.Region != "" }

// mostSelected is how many keys a selection may have to be held at once, some 60 bytes each; so many are worth walking through all of the items.
const mostSelected = 500_000

// keysSQL asks for the keys of a narrow selection along the index of the agency or the region: not along the keys, which would be everything.
func (f Selection) keysSQL(after string) (string, []any) {
	where, args := f.where(after)
	where = strings.Replace(where, "i.key > $1", "i.key || '' > $1", 1)
	args = append(args, mostSelected+1)
	return `SELECT i.key FROM catalog_item i WHERE ` + where + ` ORDER BY i.key || '' LIMIT $` + strconv.Itoa(len(args)), args
}

// selectedKeys are the keys of a narrow selection in their order; false when there are too many.
func selectedKeys(ctx context.Context, q db.Q, after string, f Selection) ([]string, bool, error) {
	sql, args := f.keysSQL(after)
	keys, err := db.All(ctx, q, scanString, sql, args...)
	return keys, len(keys) <= mostSelected, err
}

const walkSQL = `SELECT i.seq, ` + itemColumns + ` FROM catalog_item i JOIN catalog_version v ON v.key = i.key AND v.version = i.version WHERE `

// walkedKeys reads items by their keys, in the order of these; what is cancelled meanwhile is left out.
func walkedKeys(ctx context.Context, q db.Q, keys []string) ([]walkedItem, error) {
	return db.All(ctx, q, scanWalked, walkSQL+`i.key IN (`+db.In(1, len(keys))+`) AND i.state <> '3' ORDER BY i.key`, db.Args(keys)...)
}

// walked reads some items behind a key through all of them.
func walked(ctx context.Context, q db.Q, after string, f Selection, n int) ([]walkedItem, error) {
	where, args := f.where(after)
	args = append(args, n)
	where = strings.NewReplacer("i.agency", "i.agency || ''", "i.region", "i.region || ''").Replace(where) // along the keys: their order is wanted
	return db.All(ctx, q, scanWalked, walkSQL+where+` ORDER BY i.key LIMIT $`+strconv.Itoa(len(args)), args...)
}

// behindStem is the first code behind those that begin with a stem: 12 behind 11; "" when there is none.
func behindStem(stem string) string {
	b := []byte(stem)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < '9' {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}

// regionStem is what the codes of a division and all below it begin with: 110000 and 110000000000 both are 11.
func regionStem(code string) string {
	for len(code) > 2 && strings.HasSuffix(code, "00") && len(code)%2 == 0 {
		code = strings.TrimSuffix(code, "00")
	}
	return code
}

func scanWalked(r *db.Rows) (walkedItem, error) {
	w := walkedItem{held: &held{}}
	h := w.held
	var key, doc string
	var ms, stateMS int64
	if err := r.Scan(&w.seq, &key, &h.Version, &h.Pack, &h.Unreviewed, &h.FormVersion, &h.FlowVersion, &ms, &h.state.Code, &h.state.Reason, &stateMS, &h.state.Instead, &doc); err != nil {
		return w, err
	}
	if err := json.Unmarshal([]byte(doc), &h.Item); err != nil {
		return w, fmt.Errorf("item %s: %w", key, err)
	}
	h.ID, h.Published, h.State = key, time.UnixMilli(ms), h.state.Code
	return w, nil
}

func changesAfter(ctx context.Context, q db.Q, seq int64, key string, n int) ([]Change, error) {
	return db.All(ctx, q, func(r *db.Rows) (Change, error) {
		var c Change
		err := r.Scan(&c.Key, &c.Seq, &c.Version, &c.State, &c.PublishedMS)
		c.Removed = c.State == Cancelled
		return c, err
	}, `SELECT key, seq, version, state, published_ms FROM catalog_item WHERE (seq, key) > ($1, $2) ORDER BY seq, key LIMIT $3`, seq, key, n)
}

// A place in the feed is the number of a change and, inside a change of many items, a key: 17 or 17:some-key. A number alone means behind the whole change.
func placeName(seq int64, key string) string { return strconv.FormatInt(seq, 10) + ":" + key }

func placeOf(after string) (seq int64, key string, err error) {
	if after == "" {
		return 0, "", nil
	}
	number, key, inside := strings.Cut(after, ":")
	seq, err = strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 0 {
		return 0, "", errs.New(errs.BadRequest, "base.cursor", errs.P{"value": after})
	}
	if !inside {
		return seq + 1, "", nil
	}
	return seq, key, nil
}
